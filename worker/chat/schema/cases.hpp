// A schema multiplied out: a value is valid if one of its cases admits it.
//
// A Case is a conjunction of plain assertions, grouped by the kind of value they speak about; $ref, allOf, anyOf and oneOf are gone. What
// it says about members and items stays a Conjunction, that is, schemas that all hold, and is multiplied out only when it is needed: so
// recursion ends, and a Conjunction is also what a grammar rule is made for.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/json.hpp"
#include "worker/chat/schema/language.hpp"
#include "worker/chat/schema/numbers.hpp"

namespace worker::chat::schema {

// A subschema and where it stands: "#/properties/a".
struct Place {
  const common::Json* schema = nullptr;
  std::string pointer;
};

using Conjunction = std::vector<Place>;
using SharedLanguage = std::shared_ptr<const Language>;

enum Kind : unsigned { kNull = 1, kBoolean = 2, kNumber = 4, kString = 8, kArray = 16, kObject = 32, kAnyKind = 63 };

struct StringFacts {
  std::size_t min = 0;
  std::optional<std::size_t> max;
  std::vector<SharedLanguage> patterns;
  std::vector<SharedLanguage> formats;  // narrower than what is valid
  std::string pointer;                  // of the pattern or format named last

  bool any_length() const { return min == 0 && !max; }
  bool free() const { return any_length() && patterns.empty() && formats.empty(); }
};

// What one schema object says about items.
struct ItemsPart {
  std::vector<Place> prefix;
  std::optional<Place> rest;
};

struct ArrayFacts {
  std::vector<std::shared_ptr<const ItemsPart>> parts;
  std::size_t min = 0;
  std::optional<std::size_t> max;
  std::string unique_pointer;  // of uniqueItems, if it is asked for

  bool free() const { return parts.empty() && min == 0 && !max && unique_pointer.empty(); }
};

// What one schema object says about members. `additional` means those that neither `properties` nor `patterns` of the same part name.
struct MembersPart {
  std::vector<std::pair<std::string, Place>> properties;
  std::vector<std::pair<SharedLanguage, Place>> patterns;
  std::optional<Place> additional;
};

struct ObjectFacts {
  std::vector<std::shared_ptr<const MembersPart>> parts;
  std::vector<std::string> required;
  std::vector<std::string> forbidden;
  Conjunction names;  // propertyNames
  std::size_t min = 0;
  std::optional<std::size_t> max;
  std::string min_pointer;

  bool free() const { return parts.empty() && required.empty() && forbidden.empty() && names.empty() && min == 0 && !max; }
};

struct Case {
  unsigned kinds = kAnyKind;
  std::optional<std::vector<common::Json>> allowed;  // enum and const
  NumberFacts number;
  StringFacts string;
  ArrayFacts array;
  ObjectFacts object;

  bool free() const {
    return kinds == kAnyKind && !allowed && number.free() && !number.whole && string.free() && array.free() && object.free();
  }
};

// The schemas that hold for the member `name`, and for the item at `index`.
Conjunction member_schemas(const ObjectFacts& facts, const std::string& name);
Conjunction item_schemas(const ArrayFacts& facts, std::size_t index);

// Says nothing: true, {}, or annotations only.
bool says_nothing(const common::Json& schema);
// Holds nowhere because one of its schemas is `false`.
bool is_never(const Conjunction& schemas);

}  // namespace worker::chat::schema
