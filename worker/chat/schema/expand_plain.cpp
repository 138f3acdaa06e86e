#include <algorithm>
#include <cmath>
#include <format>
#include <numeric>

#include "worker/chat/schema/compare.hpp"
#include "worker/chat/schema/expand.hpp"
#include "worker/chat/schema/formats.hpp"
#include "worker/chat/schema/limits.hpp"
#include "worker/chat/schema/regex.hpp"

namespace worker::chat::schema {
namespace {

using common::Json;

struct NamedKind {
  std::string_view name;
  Kind kind;
};
constexpr NamedKind kKinds[] = {{"null", kNull},     {"boolean", kBoolean}, {"number", kNumber}, {"integer", kNumber},
                                {"string", kString}, {"array", kArray},     {"object", kObject}};

void raise(std::size_t& min, std::size_t value) { min = std::max(min, value); }
void lower(std::optional<std::size_t>& max, std::size_t value) { max = std::min(max.value_or(value), value); }

}  // namespace

void Expander::apply_plain(const Place& place, std::string_view keyword, Cases& cases) {
  if (refusal_.refused()) return;
  if (keyword == "type") return apply_type(place, cases);
  if (keyword == "enum" || keyword == "const") return apply_values(place, keyword, cases);
  if (keyword == "pattern" || keyword == "format") return apply_text(place, keyword, cases);
  if (keyword == "required") return apply_required(place, cases);
  if (keyword.starts_with("min") && keyword != "minimum") return apply_count(place, keyword, cases);
  if (keyword.starts_with("max") && keyword != "maximum") return apply_count(place, keyword, cases);
  if (keyword == "items" || keyword == "prefixItems") {
    // Both make one part, so the first that is met does it.
    if (keyword == "prefixItems" && place.schema->contains("items")) return;
    return apply_items(place, cases);
  }
  if (keyword == "uniqueItems") {
    const Json& wanted = (*place.schema)[keyword];
    if (!wanted.is_boolean()) return refusal_.refuse(child_pointer(place.pointer, keyword), "must be a boolean");
    if (wanted.get<bool>())
      for (Case& one : cases) one.array.unique_pointer = child_pointer(place.pointer, keyword);
    return;
  }
  if (keyword == "propertyNames") {
    for (Case& one : cases) one.object.names.push_back({&(*place.schema)[keyword], child_pointer(place.pointer, keyword)});
    return;
  }
  if (keyword == "properties" || keyword == "patternProperties" || keyword == "additionalProperties") {
    for (std::string_view first : {"properties", "patternProperties", "additionalProperties"}) {
      if (!place.schema->contains(first)) continue;
      if (first == keyword) apply_members(place, cases);
      return;
    }
  }
  apply_number(place, keyword, cases);
}

void Expander::apply_type(const Place& place, Cases& cases) {
  std::string pointer = child_pointer(place.pointer, "type");
  const Json& type = (*place.schema)["type"];
  std::vector<std::string> wanted = type.is_string() ? std::vector{type.get<std::string>()} : names(type, pointer);
  unsigned kinds = 0;
  for (const std::string& name : wanted) {
    auto known = std::ranges::find(kKinds, name, &NamedKind::name);
    if (known == std::end(kKinds)) return refusal_.refuse(pointer, std::format("\"{}\" is not a type", name));
    kinds |= known->kind;
  }
  bool whole = std::ranges::contains(wanted, "integer") && !std::ranges::contains(wanted, "number");
  for (Case& one : cases) {
    one.kinds &= kinds;
    one.number.whole |= whole;
  }
}

void Expander::apply_values(const Place& place, std::string_view keyword, Cases& cases) {
  const Json& given = (*place.schema)[keyword];
  if (keyword == "enum" && (!given.is_array() || given.empty()))
    return refusal_.refuse(child_pointer(place.pointer, keyword), "must be a list of values, not empty");
  std::vector<Json> values = keyword == "enum" ? given.get<std::vector<Json>>() : std::vector<Json>{given};
  for (Case& one : cases) {
    if (!one.allowed) {
      one.allowed = values;
    } else {
      std::erase_if(*one.allowed, [&](const Json& value) {
        return std::ranges::none_of(values, [&](const Json& other) { return same_value(value, other); });
      });
    }
  }
}

void Expander::apply_number(const Place& place, std::string_view keyword, Cases& cases) {
  std::string pointer = child_pointer(place.pointer, keyword);
  const Json& schema = *place.schema;
  const Json& value = schema[keyword];
  if (keyword == "multipleOf") {
    if (!value.is_number() || value.get<double>() <= 0) return refusal_.refuse(pointer, "must be a number above 0");
    double number = value.get<double>();
    if (number != std::trunc(number)) return refusal_.refuse(pointer, "only whole numbers can be said");
    for (Case& one : cases) {
      // The product is in range before it is compared: both factors are at most the limit.
      auto factor = static_cast<std::size_t>(std::min(number, static_cast<double>(kMaxMultiple) + 1));
      std::size_t both = std::lcm(one.number.multiple, factor);
      if (both > kMaxMultiple)
        return refusal_.refuse(pointer, std::format("numbers must be multiples of {}, the limit is {}",
                                                    std::max(number, static_cast<double>(both)), kMaxMultiple));
      one.number.multiple = both;
      one.number.whole = true;
      one.number.multiple_pointer = pointer;
    }
    return;
  }
  bool is_low = keyword == "minimum" || keyword == "exclusiveMinimum";
  std::string_view plain = is_low ? "minimum" : "maximum";
  bool exclusive = keyword.starts_with("exclusive");
  if (exclusive && value.is_boolean()) {  // draft 4: says how `minimum` is meant
    if (value.get<bool>() && !schema.contains(plain)) return;
    if (!value.get<bool>()) return;
  } else if (!value.is_number()) {
    return refusal_.refuse(pointer, "must be a number");
  }
  Bound bound{value.is_boolean() ? schema[plain] : value, exclusive, pointer};
  if (!bound.value.is_number()) return refusal_.refuse(child_pointer(place.pointer, plain), "must be a number");
  if (auto problem = bound_problem(bound.value)) return refusal_.refuse(pointer, *problem);
  for (Case& one : cases) {
    std::optional<Bound>& have = is_low ? one.number.low : one.number.high;
    int order = have ? compare_numbers(bound.value, have->value) * (is_low ? 1 : -1) : 1;
    if (order > 0 || (order == 0 && bound.exclusive)) have = bound;
  }
}

void Expander::apply_count(const Place& place, std::string_view keyword, Cases& cases) {
  std::string pointer = child_pointer(place.pointer, keyword);
  const Json& value = (*place.schema)[keyword];
  double number = value.is_number() ? value.get<double>() : -1;
  if (number < 0 || number != std::trunc(number)) return refusal_.refuse(pointer, "must be a whole number, not negative");
  std::size_t limit = keyword.ends_with("Length") ? kMaxLength : kMaxRepetition;
  if (number > static_cast<double>(limit)) return refusal_.refuse(pointer, std::format("{} is above the limit of {}", number, limit));
  auto count = static_cast<std::size_t>(number);
  for (Case& one : cases) {
    if (keyword == "minLength") raise(one.string.min, count);
    if (keyword == "maxLength") lower(one.string.max, count);
    if (keyword == "minItems") raise(one.array.min, count);
    if (keyword == "maxItems") lower(one.array.max, count);
    if (keyword == "maxProperties") lower(one.object.max, count);
    if (keyword == "minProperties" && count > one.object.min) {
      one.object.min = count;
      one.object.min_pointer = pointer;
    }
  }
}

void Expander::apply_text(const Place& place, std::string_view keyword, Cases& cases) {
  std::string pointer = child_pointer(place.pointer, keyword);
  const Json& value = (*place.schema)[keyword];
  if (!value.is_string()) return refusal_.refuse(pointer, "must be a string");
  const auto& text = value.get_ref<const std::string&>();
  std::string_view pattern = text;
  if (keyword == "format") {
    auto known = format_regex(text);
    if (!known && is_known_format(text)) return refusal_.refuse(pointer, std::format("the format \"{}\" is not supported", text));
    if (!known) return;  // JSON Schema has no such format: a remark
    pattern = *known;
  }
  SharedLanguage language = regex(pattern, pointer);
  if (!language) return;
  for (Case& one : cases) {
    (keyword == "format" ? one.string.formats : one.string.patterns).push_back(language);
    one.string.pointer = pointer;
  }
}

// Tuples are `prefixItems` with `items` for the rest, or before 2020 a list of `items` with `additionalItems`.
void Expander::apply_items(const Place& place, Cases& cases) {
  const Json& schema = *place.schema;
  auto part = std::make_shared<ItemsPart>();
  auto child = [&](std::string_view keyword) { return Place{&schema[keyword], child_pointer(place.pointer, keyword)}; };
  auto add_prefix = [&](std::string_view keyword) {
    const Json& list = schema[keyword];
    std::string pointer = child_pointer(place.pointer, keyword);
    if (!list.is_array()) return refusal_.refuse(pointer, "must be a list of schemas");
    if (list.size() > kMaxRepetition)
      return refusal_.refuse(pointer, std::format("{} items, the limit is {}", list.size(), kMaxRepetition));
    for (std::size_t i = 0; i < list.size(); ++i) part->prefix.push_back({&list[i], child_pointer(pointer, std::to_string(i))});
  };
  bool old_tuple = schema.contains("items") && schema["items"].is_array();
  if (old_tuple && schema.contains("prefixItems"))
    return refusal_.refuse(child_pointer(place.pointer, "items"), "a list of items beside prefixItems");
  if (old_tuple) {
    add_prefix("items");
    if (schema.contains("additionalItems")) part->rest = child("additionalItems");
  } else {
    if (schema.contains("prefixItems")) add_prefix("prefixItems");
    if (schema.contains("items")) part->rest = child("items");
  }
  for (Case& one : cases) one.array.parts.push_back(part);
}

void Expander::apply_members(const Place& place, Cases& cases) {
  const Json& schema = *place.schema;
  auto part = std::make_shared<MembersPart>();
  for (const char* keyword : {"properties", "patternProperties"}) {
    if (!schema.contains(keyword)) continue;
    std::string pointer = child_pointer(place.pointer, keyword);
    const Json& table = schema[keyword];
    if (!table.is_object()) return refusal_.refuse(pointer, "must be an object");
    for (const auto& [name, value] : table.items()) {
      Place member{&value, child_pointer(pointer, name)};
      if (keyword == std::string_view("properties")) {
        part->properties.emplace_back(name, std::move(member));
      } else if (SharedLanguage language = regex(name, member.pointer)) {
        part->patterns.emplace_back(std::move(language), std::move(member));
      }
    }
  }
  if (schema.contains("additionalProperties"))
    part->additional = Place{&schema["additionalProperties"], child_pointer(place.pointer, "additionalProperties")};
  for (Case& one : cases) one.object.parts.push_back(part);
}

void Expander::apply_required(const Place& place, Cases& cases) {
  std::vector<std::string> required = names((*place.schema)["required"], child_pointer(place.pointer, "required"));
  for (Case& one : cases) one.object.required.insert(one.object.required.end(), required.begin(), required.end());
}

std::vector<std::string> Expander::names(const Json& list, const std::string& pointer) {
  std::vector<std::string> out;
  if (!list.is_array()) refusal_.refuse(pointer, "must be a list of strings");
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    if (!list[i].is_string()) refusal_.refuse(pointer, "must be a list of strings");
    if (list[i].is_string()) out.push_back(list[i].get<std::string>());
  }
  return out;
}

SharedLanguage Expander::regex(std::string_view pattern, const std::string& pointer) {
  if (auto known = regexes_.find(pattern); known != regexes_.end()) return known->second;
  auto language = find_regex(pattern, work_);
  if (!language) {
    refusal_.refuse(pointer, language.error().message());
    return nullptr;
  }
  return regexes_.emplace(pattern, std::make_shared<const Language>(*std::move(language))).first->second;
}

}  // namespace worker::chat::schema
