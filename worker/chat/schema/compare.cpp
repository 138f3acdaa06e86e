#include "worker/chat/schema/compare.hpp"

#include <algorithm>

#include "worker/chat/schema/expand.hpp"

namespace worker::chat::schema {
namespace {

using common::Json;

constexpr int kLookInto = 4;  // members of members: discriminators are not deeper

Fit both(Fit a, Fit b) {
  if (a == Fit::no || b == Fit::no) return Fit::no;
  return a == Fit::yes && b == Fit::yes ? Fit::yes : Fit::unknown;
}
Fit sure(bool holds) { return holds ? Fit::yes : Fit::no; }

unsigned kind_of(const Json& value) {
  if (value.is_null()) return kNull;
  if (value.is_boolean()) return kBoolean;
  if (value.is_number()) return kNumber;
  if (value.is_string()) return kString;
  return value.is_array() ? kArray : kObject;
}

Fit fits_string(const std::string& text, const StringFacts& facts) {
  std::size_t length = characters(text).size();
  if (length < facts.min || (facts.max && length > *facts.max)) return Fit::no;
  for (const SharedLanguage& pattern : facts.patterns)
    if (!pattern->contains(text)) return Fit::no;
  for (const SharedLanguage& format : facts.formats)
    if (!format->contains(text)) return Fit::unknown;
  return Fit::yes;
}

bool all_different(const Json& items) {
  for (std::size_t a = 0; a < items.size(); ++a)
    for (std::size_t b = a + 1; b < items.size(); ++b)
      if (same_value(items[a], items[b])) return false;
  return true;
}

Fit fits_array(const Json& items, const ArrayFacts& facts, Expander& expander) {
  if (items.size() < facts.min || (facts.max && items.size() > *facts.max)) return Fit::no;
  if (!facts.unique_pointer.empty() && !all_different(items)) return Fit::no;
  Fit fit = Fit::yes;
  for (std::size_t i = 0; i < items.size() && fit != Fit::no; ++i) fit = both(fit, fits(items[i], item_schemas(facts, i), expander));
  return fit;
}

Fit fits_object(const Json& members, const ObjectFacts& facts, Expander& expander) {
  if (members.size() < facts.min || (facts.max && members.size() > *facts.max)) return Fit::no;
  for (const std::string& name : facts.required)
    if (!members.contains(name)) return Fit::no;
  for (const std::string& name : facts.forbidden)
    if (members.contains(name)) return Fit::no;
  Fit fit = Fit::yes;
  for (const auto& [name, value] : members.items()) {
    if (!facts.names.empty()) fit = both(fit, fits(Json(name), facts.names, expander));
    if (fit != Fit::no) fit = both(fit, fits(value, member_schemas(facts, name), expander));
  }
  return fit;
}

bool disjoint(const Conjunction& a, const Conjunction& b, Expander& expander, int depth);

bool disjoint_strings(const StringFacts& a, const StringFacts& b, Expander& expander) {
  if ((a.max && *a.max < b.min) || (b.max && *b.max < a.min)) return true;
  Language left = Language::all();
  for (const StringFacts* facts : {&a, &b}) {
    for (const SharedLanguage& pattern : facts->patterns) {
      auto next = left.intersect(*pattern, expander.work());
      if (!next) return false;
      left = *std::move(next);
    }
  }
  return left.empty();
}

bool disjoint_arrays(const ArrayFacts& a, const ArrayFacts& b, Expander& expander, int depth) {
  if ((a.max && *a.max < b.min) || (b.max && *b.max < a.min)) return true;
  std::size_t certain = std::min<std::size_t>(std::max(a.min, b.min), 8);  // items that a value of both would have
  for (std::size_t i = 0; i < certain; ++i)
    if (disjoint(item_schemas(a, i), item_schemas(b, i), expander, depth)) return true;
  return false;
}

bool disjoint_objects(const ObjectFacts& a, const ObjectFacts& b, Expander& expander, int depth) {
  if ((a.max && *a.max < b.min) || (b.max && *b.max < a.min)) return true;
  auto contradicts = [&](const ObjectFacts& one, const ObjectFacts& other) {
    return std::ranges::any_of(one.required, [&](const std::string& name) {
      return std::ranges::contains(other.forbidden, name) ||
             disjoint(member_schemas(one, name), member_schemas(other, name), expander, depth);
    });
  };
  return contradicts(a, b) || contradicts(b, a);
}

bool disjoint_values(const Case& listed, const Case& other, Expander& expander) {
  return std::ranges::all_of(*listed.allowed, [&](const Json& value) {
    if (fits(value, listed, expander) == Fit::no) return true;
    if (other.allowed && std::ranges::none_of(*other.allowed, [&](const Json& allowed) { return same_value(value, allowed); })) return true;
    return fits(value, other, expander) == Fit::no;
  });
}

bool disjoint(const Case& a, const Case& b, Expander& expander, int depth) {
  if (a.allowed) return disjoint_values(a, b, expander);
  if (b.allowed) return disjoint_values(b, a, expander);
  unsigned common_kinds = a.kinds & b.kinds;
  if (common_kinds & (kNull | kBoolean)) return false;
  if ((common_kinds & kNumber) && !disjoint(a.number, b.number)) return false;
  if ((common_kinds & kString) && !disjoint_strings(a.string, b.string, expander)) return false;
  if ((common_kinds & kArray) && !disjoint_arrays(a.array, b.array, expander, depth)) return false;
  if ((common_kinds & kObject) && !disjoint_objects(a.object, b.object, expander, depth)) return false;
  return true;
}

bool disjoint(const Conjunction& a, const Conjunction& b, Expander& expander, int depth) {
  if (is_never(a) || is_never(b)) return true;
  if (depth >= kLookInto || a.empty() || b.empty()) return false;
  const std::vector<Case>* left = expander.cases(a);
  const std::vector<Case>* right = expander.cases(b);
  if (!left || !right) return false;
  return std::ranges::all_of(*left, [&](const Case& one) {
    return std::ranges::all_of(*right, [&](const Case& other) { return disjoint(one, other, expander, depth + 1); });
  });
}

}  // namespace

bool same_value(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (kind_of(a) != kind_of(b)) return false;
  if (a.is_array()) return std::ranges::equal(a, b, same_value);
  if (!a.is_object()) return a == b;
  if (a.size() != b.size()) return false;
  for (const auto& [name, value] : a.items()) {
    auto other = b.find(name);
    if (other == b.end() || !same_value(value, *other)) return false;
  }
  return true;
}

Fit fits(const Json& value, const Case& one, Expander& expander) {
  if (!(one.kinds & kind_of(value))) return Fit::no;
  switch (kind_of(value)) {
    case kNumber: return sure(admits(one.number, value));
    case kString: return fits_string(value.get_ref<const std::string&>(), one.string);
    case kArray: return fits_array(value, one.array, expander);
    case kObject: return fits_object(value, one.object, expander);
    default: return Fit::yes;
  }
}

Fit fits(const Json& value, const Conjunction& schemas, Expander& expander) {
  const std::vector<Case>* cases = expander.cases(schemas);
  if (!cases) return Fit::unknown;
  Fit best = Fit::no;
  for (const Case& one : *cases) {
    if (one.allowed && std::ranges::none_of(*one.allowed, [&](const Json& allowed) { return same_value(value, allowed); })) continue;
    Fit fit = fits(value, one, expander);
    if (fit == Fit::yes) return Fit::yes;
    if (fit == Fit::unknown) best = Fit::unknown;
  }
  return best;
}

bool disjoint(const Case& a, const Case& b, Expander& expander) { return disjoint(a, b, expander, 0); }

}  // namespace worker::chat::schema
