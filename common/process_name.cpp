#include "common/process_name.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "common/child_process.hpp"

namespace common {

namespace {

constexpr std::size_t kLongest = 15;

}  // namespace

void name_process(std::string_view name) {
  std::size_t length = std::min(name.size(), kLongest);
  while (length > 0 && length < name.size() && (static_cast<unsigned char>(name[length]) & 0xc0) == 0x80) --length;
  // Not prctl(PR_SET_NAME), which names the thread that calls it.
  const Descriptor file(::open("/proc/self/comm", O_WRONLY | O_CLOEXEC));
  if (file) [[maybe_unused]] auto written = ::write(file.get(), name.data(), length);
}

}  // namespace common
