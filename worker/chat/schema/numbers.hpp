// Ranges of numbers as Languages of their JSON text.
//
// Plain decimals without an exponent. A whole number has at most 18 digits; a number that may have a fraction has at most 15 in all, of
// which 6 or as many as its bounds need stand after the point: so few that different texts are different doubles, and a text that obeys
// an exclusive bound still obeys it once it was read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "common/json.hpp"
#include "worker/chat/schema/language.hpp"

namespace worker::chat::schema {

struct Bound {
  common::Json value;
  bool exclusive = false;
  std::string pointer;  // of the keyword
};

struct NumberFacts {
  std::optional<Bound> low, high;
  bool whole = false;
  std::size_t multiple = 1;  // of which it must be a multiple; asking for one makes it whole
  std::string multiple_pointer;

  bool free() const { return !low && !high && multiple == 1; }
};

// Below zero, zero, above: as numbers, whatever their types.
int compare_numbers(const common::Json& a, const common::Json& b);
bool admits(const NumberFacts& facts, const common::Json& number);
// Nothing lies in both. May say no when it is not sure.
bool disjoint(const NumberFacts& a, const NumberFacts& b);

// Why a bound cannot be had, if it cannot.
std::optional<std::string> bound_problem(const common::Json& value);
std::optional<Language> number_language(const NumberFacts& facts, WorkLeft& work);

}  // namespace worker::chat::schema
