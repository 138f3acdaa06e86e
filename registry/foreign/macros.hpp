// The macros of a llama-swap configuration: ${name} in a text stands for what was written under that name. A macro may use those that were
// declared before it; one of a model stands in the place of a global one of the same name.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/foreign/yaml.hpp"

namespace registry::foreign {

struct Macro {
  std::string name;
  std::string text;
  common::Json value;  // as it was written: a number stays one where it is all that stands there
};

class Macros {
 public:
  // A later one of the same name takes the earlier one's place.
  void set(Macro macro);
  std::string expand(std::string text) const;
  // With the types of macros that are all of a value.
  common::Json expand_values(common::Json value) const;

 private:
  std::vector<Macro> all_;
};

// The names that stand in ${...}.
std::vector<std::string> macros_in(std::string_view text);

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
// Whether what a variable of this name holds is nobody's business.
bool looks_secret(std::string_view name);
// Replaces each ${env.NAME}. Unset variables and secret ones are refused with their names.
common::Result<std::string> expand_environment(std::string text, const Environment& environment);

}  // namespace registry::foreign
