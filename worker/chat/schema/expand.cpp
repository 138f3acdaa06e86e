#include "worker/chat/schema/expand.hpp"

#include <algorithm>
#include <format>

#include "worker/chat/schema/compare.hpp"
#include "worker/chat/schema/limits.hpp"
#include "worker/chat/schema/reference.hpp"

namespace worker::chat::schema {
namespace {

using common::Json;

// Assert something, and are read by apply_plain.
constexpr std::string_view kPlain[] = {"type",
                                       "enum",
                                       "const",
                                       "minimum",
                                       "maximum",
                                       "exclusiveMinimum",
                                       "exclusiveMaximum",
                                       "multipleOf",
                                       "minLength",
                                       "maxLength",
                                       "pattern",
                                       "format",
                                       "minItems",
                                       "maxItems",
                                       "uniqueItems",
                                       "items",
                                       "prefixItems",
                                       "properties",
                                       "patternProperties",
                                       "additionalProperties",
                                       "required",
                                       "minProperties",
                                       "maxProperties",
                                       "propertyNames"};

// Assert something that no grammar of ours can say.
constexpr std::string_view kRefused[] = {"contains",        "minContains",     "maxContains", "unevaluatedItems", "unevaluatedProperties",
                                         "$dynamicRef",     "$recursiveRef",   "extends",     "disallow",         "divisibleBy",
                                         "contentEncoding", "contentMediaType"};

bool holds(const Json& schema, std::string_view keyword) { return schema.contains(keyword); }

}  // namespace

std::string child_pointer(std::string_view pointer, std::string_view token) {
  std::string out = std::format("{}/", pointer);
  for (char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

Expander::Key Expander::key_of(const Conjunction& schemas) {
  Key key;
  for (const Place& place : schemas)
    if (!says_nothing(*place.schema)) key.push_back(place.schema);
  std::ranges::sort(key);
  key.erase(std::ranges::unique(key).begin(), key.end());
  return key;
}

const std::vector<Case>* Expander::cases(const Conjunction& schemas) {
  Key key = key_of(schemas);
  if (auto known = known_.find(key); known != known_.end()) return &known->second;
  if (in_progress_.size() > kMaxReferenceChain || !in_progress_.insert(key).second) return nullptr;
  // The chain sees what leads from a schema back to itself with no value in between; another value starts another chain.
  std::vector<const Json*> outer;
  std::swap(outer, chain_);
  Cases cases{Case{}};
  for (const Place& place : schemas) cases = apply(place, std::move(cases));
  std::swap(outer, chain_);
  in_progress_.erase(key);
  return &known_.emplace(std::move(key), std::move(cases)).first->second;
}

std::vector<Case> Expander::apply(const Place& place, Cases cases) {
  if (refusal_.refused() || cases.empty()) return {};
  const Json& schema = *place.schema;
  if (schema.is_boolean()) return schema.get<bool>() ? std::move(cases) : Cases{};
  if (!schema.is_object()) {
    refusal_.refuse(place.pointer, "a schema is an object or a boolean");
    return {};
  }
  if (std::ranges::contains(chain_, &schema)) {
    refusal_.refuse(place.pointer, "the schema refers to itself without a member or an item in between");
    return {};
  }
  if (std::ssize(chain_) >= kMaxReferenceChain) {
    refusal_.refuse(place.pointer,
                    std::format("more than {} schemas refer to one another here, with no value in between", kMaxReferenceChain));
    return {};
  }
  chain_.push_back(&schema);
  cases = apply_keywords(place, std::move(cases));
  chain_.pop_back();
  return cases;
}

std::vector<Case> Expander::apply_keywords(const Place& place, Cases cases) {
  const Json& schema = *place.schema;
  for (const auto& [keyword, value] : schema.items()) {
    if (std::ranges::contains(kRefused, keyword)) refusal_.refuse(child_pointer(place.pointer, keyword), "a grammar cannot say this");
    if (std::ranges::contains(kPlain, keyword)) apply_plain(place, keyword, cases);
  }
  // Without `if` the other two say nothing, and without them `if` says nothing.
  if (holds(schema, "if") && (holds(schema, "then") || holds(schema, "else")))
    refusal_.refuse(child_pointer(place.pointer, "if"), "a grammar cannot say this");
  std::erase_if(cases, [](const Case& one) { return one.kinds == 0 || (one.allowed && one.allowed->empty()); });
  if (holds(schema, "$ref")) cases = apply_reference(place, std::move(cases));
  if (holds(schema, "allOf")) cases = apply_all(place, std::move(cases));
  if (holds(schema, "not")) cases = apply_not(place, std::move(cases));
  for (std::string_view keyword : {"dependencies", "dependentRequired", "dependentSchemas"})
    if (holds(schema, keyword)) cases = apply_dependencies(place, keyword, std::move(cases));
  for (std::string_view keyword : {"anyOf", "oneOf"})
    if (holds(schema, keyword)) cases = apply_choice(place, keyword, std::move(cases));
  return cases;
}

std::vector<Case> Expander::apply_reference(const Place& place, Cases cases) {
  std::string pointer = child_pointer(place.pointer, "$ref");
  auto target = resolve_reference(root_, place.pointer, (*place.schema)["$ref"]);
  if (!target) {
    refusal_.refuse(pointer, target.error().message());
    return {};
  }
  return apply(*target, std::move(cases));
}

std::vector<Case> Expander::apply_all(const Place& place, Cases cases) {
  std::string pointer = child_pointer(place.pointer, "allOf");
  const Json& list = (*place.schema)["allOf"];
  if (!list.is_array()) refusal_.refuse(pointer, "must be a list of schemas");
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i)
    cases = apply({&list[i], child_pointer(pointer, std::to_string(i))}, std::move(cases));
  return cases;
}

std::vector<Case> Expander::apply_choice(const Place& place, std::string_view keyword, Cases cases) {
  std::string pointer = child_pointer(place.pointer, keyword);
  const Json& list = (*place.schema)[keyword];
  if (!list.is_array() || list.empty()) {
    refusal_.refuse(pointer, "must be a list of schemas, not empty");
    return {};
  }
  std::vector<Cases> branches;
  Cases all;
  for (std::size_t i = 0; i < list.size() && !refusal_.refused(); ++i) {
    branches.push_back(apply({&list[i], child_pointer(pointer, std::to_string(i))}, cases));
    all.insert(all.end(), branches.back().begin(), branches.back().end());
    all = capped(std::move(all), place, keyword);
  }
  if (keyword == "oneOf") check_alternatives(branches, pointer);
  return all;
}

// A union is "one of" only if nothing lies in two branches.
void Expander::check_alternatives(const std::vector<Cases>& branches, const std::string& pointer) {
  for (std::size_t a = 0; a < branches.size(); ++a) {
    for (std::size_t b = a + 1; b < branches.size() && !refusal_.refused(); ++b) {
      bool apart = std::ranges::all_of(branches[a], [&](const Case& left) {
        return std::ranges::all_of(branches[b], [&](const Case& right) { return disjoint(left, right, *this); });
      });
      if (!apart)
        refusal_.refuse(pointer, std::format("alternatives {} and {} are not certain to exclude each other; anyOf would do", a, b));
    }
  }
}

std::vector<Case> Expander::capped(Cases cases, const Place& place, std::string_view keyword) {
  if (cases.size() <= kMaxCases) return cases;
  refusal_.refuse(child_pointer(place.pointer, keyword),
                  std::format("{} alternatives once multiplied out, the limit is {}", cases.size(), kMaxCases));
  return {};
}

// Only what is again plain: a boolean, types other than integer, one required member.
std::vector<Case> Expander::apply_not(const Place& place, Cases cases) {
  const Json& negated = (*place.schema)["not"];
  std::string pointer = child_pointer(place.pointer, "not");
  if (negated == Json(false)) return cases;
  if (says_nothing(negated)) return {};
  if (negated.is_object() && negated.size() == 1 && holds(negated, "required") && negated["required"].size() == 1) {
    std::vector<std::string> absent = names(negated["required"], child_pointer(pointer, "required"));
    for (Case& one : cases) {
      one.kinds &= kObject;
      one.object.forbidden.insert(one.object.forbidden.end(), absent.begin(), absent.end());
    }
  } else if (negated.is_object() && negated.size() == 1 && holds(negated, "type")) {
    Case taken;
    Cases one_case{taken};
    apply_type({&negated, pointer}, one_case);
    if (one_case[0].number.whole) refusal_.refuse(pointer, "a number that is not an integer cannot be said");
    for (Case& one : cases) one.kinds &= ~one_case[0].kinds;
  } else {
    refusal_.refuse(pointer, "only `not` of types, of one required member or of a boolean can be said");
  }
  std::erase_if(cases, [](const Case& one) { return one.kinds == 0; });
  return cases;
}

// "If it has the member, then ..." becomes two cases: without the member, and with it and what it demands. Other kinds stay in the first.
std::vector<Case> Expander::apply_dependencies(const Place& place, std::string_view keyword, Cases cases) {
  std::string pointer = child_pointer(place.pointer, keyword);
  const Json& table = (*place.schema)[keyword];
  if (!table.is_object()) refusal_.refuse(pointer, "must be an object");
  if (refusal_.refused()) return {};
  for (const auto& [name, demand] : table.items()) {
    std::string at = child_pointer(pointer, name);
    Cases with = cases;
    for (Case& one : with) {
      one.kinds &= kObject;
      one.object.required.push_back(name);
    }
    std::erase_if(with, [](const Case& one) { return one.kinds == 0; });
    if (demand.is_array() && keyword != "dependentSchemas") {
      std::vector<std::string> more = names(demand, at);
      for (Case& one : with) one.object.required.insert(one.object.required.end(), more.begin(), more.end());
    } else if (keyword != "dependentRequired") {
      with = apply({&demand, at}, std::move(with));
    } else {
      refusal_.refuse(at, "must be a list of names");
    }
    for (Case& one : cases) one.object.forbidden.push_back(name);
    cases.insert(cases.end(), with.begin(), with.end());
    cases = capped(std::move(cases), place, keyword);
  }
  return cases;
}

}  // namespace worker::chat::schema
