#include "registry/model_folder.hpp"

namespace registry {

std::string_view to_string(Layout layout) {
  switch (layout) {
    case Layout::any: return "any";
    case Layout::plain: return "plain";
    case Layout::huggingface: return "huggingface";
    case Layout::lmstudio: return "lmstudio";
  }
  return "any";
}

}  // namespace registry
