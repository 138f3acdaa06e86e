// The good texts of one registry file, kept in the state folder so that any of them can be looked at and brought back.
//
// Each text is a file of its own, byte for byte as it was, whose name says the rest: which generations it was in force in, when it came,
// and its digest. There is no index that could disagree. What was damaged since is recognized by its digest and never handed out.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace registry {

struct HistoryEntry {
  std::uint64_t first = 0, last = 0;  // generations; more than one when only model files changed meanwhile
  std::chrono::sys_time<std::chrono::milliseconds> time;
  std::string digest;
  std::filesystem::path file;
};

class History {
 public:
  static constexpr std::size_t kKept = 50;

  explicit History(std::filesystem::path folder, std::size_t kept = kKept) : folder_(std::move(folder)), kept_(kept) {}

  const std::filesystem::path& folder() const { return folder_; }

  // All of these block.
  std::vector<HistoryEntry> list() const;  // oldest first
  // The latest text of a generation: there are several when only their words differ. ErrorKind::not_found, with the generations that there
  // are.
  common::Result<HistoryEntry> at(std::uint64_t generation) const;
  // ErrorKind::io, also for one that was damaged.
  static common::Result<std::string> text_of(const HistoryEntry& entry);
  // Keeps a text that is in force as `generation`. The one that was kept last is only told that it still is. The oldest makes room.
  common::Result<void> keep(std::string_view text, const std::string& digest, std::uint64_t generation,
                            std::chrono::sys_time<std::chrono::milliseconds> now);

 private:
  std::filesystem::path folder_;
  std::size_t kept_;
};

// Where the history of `file` is, under the state folder: each registry has its own.
std::filesystem::path history_folder(const std::filesystem::path& state, const std::filesystem::path& file);

}  // namespace registry
