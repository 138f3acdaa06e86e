// The folder of saved conversations (session_file.hpp), shared by all models and all daemons of one user: what is in it, and what has to
// leave for what is to come. Whoever saves keeps to the limits; whoever finds a file gone is none the worse for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "common/result.hpp"

namespace common {

// One file.
struct StoredSession {
  std::filesystem::path file;
  std::uint64_t bytes = 0;
  std::filesystem::file_time_type last_used;
  bool superseded = false;  // another one holds all that it does and more
  bool stays = false;       // was saved a moment ago, and is worth more than what comes now
};

struct SessionLimits {
  std::uint64_t bytes = 0;
  std::size_t files = 1'000;  // each is looked at when a model is loaded
};

// Which of them have to leave, first to last, so that one more of `bytes` stays within the limits: what is superseded, then the least
// recently used. Nothing: there is no room for it, whoever leaves.
std::optional<std::vector<std::size_t>> leaving_for(std::uint64_t bytes, std::span<const StoredSession> there, const SessionLimits& limits);
// ... so that they stay within the limits themselves.
std::vector<std::size_t> leaving(std::span<const StoredSession> there, const SessionLimits& limits);

class SessionFolder {
 public:
  explicit SessionFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file_named(const std::string& name) const { return path_ / (name + kSuffix); }

  // All of these block.
  // Makes it, for this user alone. ErrorKind::io.
  Result<void> prepare() const;
  // What there is, most recently used first. Half-written files that nobody has touched for a while, whose process was killed, are removed.
  std::vector<StoredSession> list() const;
  // Makes it keep to the limits.
  void trim(const SessionLimits& limits) const;
  // Free bytes of the disk under it; 0 when that cannot be told.
  std::uint64_t free_bytes() const;

 private:
  static constexpr const char* kSuffix = ".session";

  std::filesystem::path path_;
};

// Now it was used.
void mark_used(const std::filesystem::path& file);
// Best effort.
void remove_session(const std::filesystem::path& file);

}  // namespace common
