// The tools a request offers, as a parser of calls needs them: their names, and of which type their parameters are.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"

namespace worker::chat {

class Tools {
 public:
  Tools() = default;
  explicit Tools(common::Json definitions);  // OpenAI's array; null: not known, so that any name may be one

  bool offers(std::string_view name) const;
  // The name as the request has it: without "functions." and the like before it, unless a tool is called so.
  std::string resolve(std::string_view name) const;
  // The JSON for a parameter that was written without quotes: text where the schema says string, else what it parses as, else text.
  std::string typed(std::string_view tool, std::string_view parameter, std::string_view text) const;

  // The name of the tool's only parameter, for an argument that was written without one; empty: it has none, or several.
  std::string only_parameter(std::string_view tool) const;

 private:
  const common::Json* find(std::string_view name) const;

  common::Json definitions_;
};

// Whether this can be the name of a tool at all.
bool plausible_name(std::string_view name);

}  // namespace worker::chat
