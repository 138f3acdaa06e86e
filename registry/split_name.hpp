// The names of the files of a split model, as libllama writes and wants them: "name-00002-of-00005.gguf".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace registry {

struct SplitName {
  std::string name;
  std::uint32_t number = 0;  // from 1
  std::uint32_t parts = 0;
};

// Of a file's name without its extension; nothing when it is not such a name.
std::optional<SplitName> split_name(std::string_view stem);

}  // namespace registry
