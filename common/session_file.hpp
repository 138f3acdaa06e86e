// One saved conversation in a file: the tokens that were evaluated, and the engine's state after them (docs/sessions.md). The worker writes
// and restores them, the daemon lists and drops them.
//
//   bytes  what (numbers are little-endian)
//   8      "PERCHKV1"
//   8      D, the length of the description
//   8      N, the number of tokens
//   8      S, the length of the state
//   D      the description, JSON: "key", "model", "owner"
//   4 N    the tokens
//   8      XXH64 of all that so far
//   S      the state
//   8      XXH64 of everything before it
//
// No length is believed that the file's size does not bear out, and what is handed out has been checked and is not in the file any more:
// nobody can change it afterwards. A file that is not the user's own, that others may read or write, or that is a link is none of ours.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace common {

inline constexpr std::size_t kLongestOwner = 256;  // bytes; what belongs to a longer name is not saved

struct SessionHead {
  std::string key;    // of all that the bytes of the state depend on: it is of no use under any other
  std::string model;  // the id it was made under, for people to read
  std::string owner;  // whose it is; empty: nobody's in particular
  std::vector<std::int32_t> tokens;
  std::uint64_t state_bytes = 0;
};

// Room that is not cleared before it is filled.
struct SessionState {
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t size = 0;
  std::span<const std::uint8_t> view() const { return {bytes.get(), size}; }
};

struct Session {
  SessionHead head;
  SessionState state;
};

// How large the file will be.
std::uint64_t session_file_bytes(const SessionHead& head);

// Asked before every piece that is written of a file, or read of a state, with the bytes done so far; false gives it up with
// ErrorKind::timeout.
using GoesOn = std::function<bool(std::uint64_t done)>;

// ErrorKind: not_found, io (it cannot be read, or is none of ours), bad_request (it is no such file, or a damaged one), timeout or
// insufficient_memory. All block.
Result<SessionHead> read_session_head(const std::filesystem::path& file);  // what comes before the state, with its own checksum
Result<Session> read_session(const std::filesystem::path& file, const GoesOn& goes_on = {});  // empty: it is read to its end
// Under another name first (with the process's id, kUnfinished appended), so that there is never half a file. Not forced to the disk
// (docs/decisions/0004). Whatever fails leaves nothing behind. `last_used` becomes the file's modification time.
Result<void> write_session(const std::filesystem::path& file, const SessionHead& head, std::span<const std::uint8_t> state,
                           std::filesystem::file_time_type last_used, const GoesOn& goes_on);

inline constexpr const char* kUnfinished = ".partial";

}  // namespace common
