#include "common/state_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <format>
#include <system_error>

#include "common/child_process.hpp"

namespace common {

namespace fs = std::filesystem;

namespace {

std::unexpected<Error> failed(const fs::path& path, const char* what) {
  return fail(ErrorKind::io, std::format("{} cannot be {}: {}", path.string(), what, std::generic_category().message(errno)));
}

Result<void> write_all(int descriptor, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno != EINTR) return failed(path, "written");
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

fs::path state_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state) return fs::path(state) / "perch";
  const char* home = std::getenv("HOME");
  return home && *home ? fs::path(home) / ".local" / "state" / "perch" : fs::path();
}

Result<std::string> read_file(const fs::path& file, std::size_t most) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in) return failed(file, "opened");
  std::string text;
  std::array<char, 16'384> piece;
  while (true) {
    const ssize_t got = ::read(in.get(), piece.data(), piece.size());
    if (got == 0) return text;
    if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
    else if (errno != EINTR) return failed(file, "read");
    if (text.size() > most) return fail(ErrorKind::io, std::format("{} is larger than {} bytes", file.string(), most));
  }
}

Result<void> replace_file(const fs::path& file, std::string_view content) {
  std::error_code no_folder;
  fs::create_directories(file.parent_path(), no_folder);
  const fs::path partial = file.string() + ".partial";
  Descriptor descriptor(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!descriptor) return failed(partial, "made");
  if (auto written = write_all(descriptor.get(), content, partial); !written) return written;
  if (::fsync(descriptor.get()) != 0) return failed(partial, "written");
  descriptor.reset();
  if (::rename(partial.c_str(), file.c_str()) != 0) return failed(file, "replaced");
  // The name is on the disk only once its folder is.
  const Descriptor folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
  return {};
}

}  // namespace common
