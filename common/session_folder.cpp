#include "common/session_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <numeric>
#include <system_error>

#include "common/session_file.hpp"

namespace common {

namespace fs = std::filesystem;

namespace {

// Longer than any save may take.
constexpr auto kForgotten = std::chrono::minutes(2);

// As many as it takes to bring `bytes` and `files` within the limits. They may not suffice.
std::vector<std::size_t> first_to_leave(std::span<const StoredSession> there, std::uint64_t bytes, std::size_t files,
                                        const SessionLimits& limits) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < there.size(); ++i) {
    bytes += there[i].bytes;
    ++files;
    if (!there[i].stays) order.push_back(i);
  }
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (there[a].superseded != there[b].superseded) return there[a].superseded;
    return there[a].last_used < there[b].last_used;
  });
  std::size_t leave = 0;
  while (leave < order.size() && (bytes > limits.bytes || files > limits.files)) {
    bytes -= there[order[leave++]].bytes;
    --files;
  }
  order.resize(leave);
  return order;
}

}  // namespace

std::optional<std::vector<std::size_t>> leaving_for(std::uint64_t bytes, std::span<const StoredSession> there,
                                                    const SessionLimits& limits) {
  std::uint64_t stay = bytes;
  std::size_t files = 1;
  for (const StoredSession& one : there) {
    if (one.stays) stay += one.bytes, ++files;
  }
  if (stay > limits.bytes || files > limits.files) return std::nullopt;
  return first_to_leave(there, bytes, 1, limits);
}

std::vector<std::size_t> leaving(std::span<const StoredSession> there, const SessionLimits& limits) {
  return first_to_leave(there, 0, 0, limits);
}

Result<void> SessionFolder::prepare() const {
  std::error_code ec;
  fs::create_directories(path_.parent_path(), ec);
  if (::mkdir(path_.c_str(), 0700) != 0 && errno == EEXIST) {
    struct stat st{};
    const bool ours = ::lstat(path_.c_str(), &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == ::geteuid();
    if (ours && ((st.st_mode & 077) == 0 || ::chmod(path_.c_str(), 0700) == 0)) return {};
    return fail(ErrorKind::io, std::format("{} is not a folder of this user's alone: conversations are not saved there", path_.string()));
  }
  if (!fs::is_directory(path_, ec))
    return fail(ErrorKind::io, std::format("{} cannot be made: conversations are not saved", path_.string()));
  return {};
}

std::vector<StoredSession> SessionFolder::list() const {
  std::vector<StoredSession> there;
  const std::string unfinished = std::string(kSuffix) + kUnfinished;
  const auto long_ago = fs::file_time_type::clock::now() - kForgotten;
  std::error_code ec;
  for (fs::directory_iterator it(path_, ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    if (!name.ends_with(kSuffix) && !name.ends_with(unfinished)) continue;
    std::error_code gone;
    StoredSession one{.file = it->path(), .bytes = fs::file_size(it->path(), gone), .last_used = {}};
    if (!gone) one.last_used = fs::last_write_time(it->path(), gone);
    if (gone) continue;
    if (name.ends_with(kSuffix)) there.push_back(std::move(one));
    else if (one.last_used < long_ago) remove_session(one.file);
  }
  std::ranges::sort(there, std::greater(), &StoredSession::last_used);
  return there;
}

void SessionFolder::trim(const SessionLimits& limits) const {
  const std::vector<StoredSession> there = list();
  for (std::size_t i : leaving(there, limits)) remove_session(there[i].file);
}

std::uint64_t SessionFolder::free_bytes() const {
  std::error_code ec;
  const fs::space_info space = fs::space(path_, ec);
  return ec ? 0 : space.available;
}

void mark_used(const fs::path& file) {
  std::error_code gone;
  fs::last_write_time(file, fs::file_time_type::clock::now(), gone);
}

void remove_session(const fs::path& file) {
  std::error_code gone;
  fs::remove(file, gone);
}

}  // namespace common
