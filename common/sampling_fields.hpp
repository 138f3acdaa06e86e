// The numbers by which a caller, or the registry on a model's behalf, says how tokens are chosen: their names in a request and their
// limits. One table, because the registry checks the same fields that the worker reads.
#pragma once

#include <string_view>

namespace common {

struct NumberField {
  const char* name;
  double low;
  double high;
  bool whole = false;
};

inline constexpr double kMostTokens = 2147483647;

inline constexpr NumberField kSamplingFields[] = {
    {"temperature", 0, 2},
    {"dynatemp_range", 0, 2},
    {"dynatemp_exponent", 0, 10},
    {"top_k", 0, kMostTokens, true},
    {"top_p", 0, 1},
    {"min_p", 0, 1},
    {"typical_p", 0, 1},
    {"top_n_sigma", -1, 100},
    {"xtc_probability", 0, 1},
    {"xtc_threshold", 0, 1},
    {"repeat_last_n", -1, kMostTokens, true},
    {"repeat_penalty", 0.01, 100},
    {"frequency_penalty", -2, 2},
    {"presence_penalty", -2, 2},
    {"dry_multiplier", 0, 100},
    {"dry_base", 1, 100},
    {"dry_allowed_length", 0, kMostTokens, true},
    {"dry_penalty_last_n", -1, kMostTokens, true},
    {"mirostat", 0, 2, true},
    {"mirostat_tau", 0, 100},
    {"mirostat_eta", 0, 1},
    {"max_tokens", 1, kMostTokens, true},
    {"reasoning_budget", -1, kMostTokens, true},
};

// The field of this name. A name that is not in the table does not compile.
consteval const NumberField& sampling_field(std::string_view name) {
  for (const NumberField& field : kSamplingFields) {
    if (field.name == name) return field;
  }
  throw "no such field";
}

}  // namespace common
