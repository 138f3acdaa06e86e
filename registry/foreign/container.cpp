#include "registry/foreign/container.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

namespace registry::foreign {
namespace {

const std::vector<std::string_view> kPrograms{"docker", "podman", "nerdctl", "docker-compose", "podman-compose"};
// They run the command that follows them and its options.
const std::vector<std::string_view> kWrappers{"sudo", "doas", "env", "exec", "nice", "ionice", "nohup", "setsid", "systemd-run", "time"};

}  // namespace

std::string container_program(const Words& command) {
  bool is_wrapped = false, may_be_value = false;
  for (const std::string& word : command) {
    const std::string name = std::filesystem::path(word).filename().string();
    if (std::ranges::contains(kPrograms, name)) return name;
    const bool belongs_to_wrapper = is_wrapped && (may_be_value || word.starts_with('-') || word.contains('='));
    if (!belongs_to_wrapper && !std::ranges::contains(kWrappers, name)) return {};
    may_be_value = word.starts_with('-');
    is_wrapped = true;
  }
  return {};
}

}  // namespace registry::foreign
