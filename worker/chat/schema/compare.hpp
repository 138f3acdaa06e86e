// Whether a value fits a case, and whether two cases exclude each other. Both are asked before anything is generated, so both may answer
// that they do not know: because a format is said narrower than it is, or because a schema refers back to the one being read.
#pragma once

#include "common/json.hpp"
#include "worker/chat/schema/cases.hpp"

namespace worker::chat::schema {

class Expander;

enum class Fit { no, yes, unknown };

// Equal as JSON Schema means it: 1 and 1.0 are, and the order of members does not matter.
bool same_value(const common::Json& a, const common::Json& b);

// Leaves `allowed` out of account.
Fit fits(const common::Json& value, const Case& one, Expander& expander);
Fit fits(const common::Json& value, const Conjunction& schemas, Expander& expander);

// Certainly no value is in both.
bool disjoint(const Case& a, const Case& b, Expander& expander);

}  // namespace worker::chat::schema
