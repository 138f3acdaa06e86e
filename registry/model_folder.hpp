// A folder in which models are looked for, and what was found there and is none.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace registry {

// How a folder is laid out.
enum class Layout {
  any,          // all of the below, each part as it looks
  plain,        // files in it
  huggingface,  // the cache of the Hugging Face Hub: models--org--name/snapshots/REVISION/...
  lmstudio,     // publisher/repository/...
};
inline constexpr std::array kLayouts{Layout::any, Layout::plain, Layout::huggingface, Layout::lmstudio};
std::string_view to_string(Layout layout);

struct ModelFolder {
  std::filesystem::path path;  // absolute
  Layout layout = Layout::any;

  bool operator==(const ModelFolder&) const = default;
};

// What looks like a model, or like a part of one, and cannot be used.
struct LeftOut {
  std::filesystem::path path;
  std::string why;

  bool operator==(const LeftOut&) const = default;
};

}  // namespace registry
