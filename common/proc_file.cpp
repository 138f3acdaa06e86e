#include "common/proc_file.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace common {

std::string read_proc_file(const std::string& path) {
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char space[4096];
  for (ssize_t n; (n = ::read(fd, space, sizeof(space))) > 0;) text.append(space, static_cast<std::size_t>(n));
  ::close(fd);
  return text;
}

}  // namespace common
