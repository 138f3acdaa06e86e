#include "proxy/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace proxy::cli {
namespace {

constexpr std::size_t kUsualWidth = 80;  // of a terminal that does not say

}  // namespace

std::optional<std::size_t> terminal_width() {
  if (!isatty(STDOUT_FILENO)) return std::nullopt;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return size.ws_col;
}

bool may_be_bold() {
  const char* refused = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && !(refused && *refused);
}

bool errors_go_to_a_terminal() { return isatty(STDERR_FILENO); }

}  // namespace proxy::cli
