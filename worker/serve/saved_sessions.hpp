// Conversations of this model in files (common/session_file.hpp): what slots and main memory held when a worker left, for the worker that
// comes after it. The part of the prefix cache that outlives the process.
//
// A file is of use under the same key only, which names all that the bytes of a state depend on, and to the owner who made it. Heads are
// read once, when the model has been loaded; a state when a prompt wants it, all of its file checked then, and again compared with the head
// that was read before. Anything else than the very same conversation is none. Used by the engine thread alone.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/session_file.hpp"
#include "common/session_folder.hpp"
#include "common/worker_protocol.hpp"
#include "worker/serve/prefix_cache.hpp"

namespace worker::serve {

// What is in one file.
struct SavedSession {
  std::filesystem::path file;
  std::string owner;
  std::vector<engine::Token> tokens;
  std::uint64_t state_bytes = 0;
};

// What is not in any yet.
struct Unsaved {
  Tokens tokens;
  std::string_view owner;
  std::uint64_t state_bytes = 0;
  std::function<std::vector<std::uint8_t>()> state;  // called at most once; empty: it cannot be had
};

struct SaveTerms {
  common::SessionLimits limits;                    // for all files of the folder
  std::function<std::chrono::nanoseconds()> left;  // until it has to be over
  std::uint64_t disk_reserve = std::uint64_t(1) << 30;  // bytes of the disk that are left free
};

class SavedSessions {
 public:
  // Reads the heads of what is there, and removes what is damaged.
  SavedSessions(std::filesystem::path folder, std::string key, std::string model);

  // The one of this owner that shares most with the prompt, the smallest of several; null if none shares anything. `whole`: only one that
  // the prompt continues to its end.
  const SavedSession* find(Tokens prompt, std::string_view owner, bool whole) const;
  // Its state. Fails, and forgets it, unless the file still holds exactly that conversation, undamaged. ErrorKind::timeout: `goes_on` gave
  // it up, which says nothing against it.
  common::Result<common::SessionState> read(const SavedSession& session, const common::GoesOn& goes_on = {});
  // It is not found again. By value: it may be the name in what is forgotten.
  void forget(std::filesystem::path file);
  // Writes what is not there yet, in the given order (most valuable first), as far as limits and time allow. Others leave for it once
  // it is there, the least recently used first.
  common::Saved save(std::span<const Unsaved> conversations, const SaveTerms& terms);

  std::size_t count() const { return known_.size(); }
  std::uint64_t bytes() const;

 private:
  const SavedSession* holding(const Unsaved& conversation) const;
  bool supersedes(const Unsaved& by, const std::filesystem::path& file) const;

  class Saving;

  common::SessionFolder folder_;
  std::string key_, model_;
  std::list<SavedSession> known_;
};

}  // namespace worker::serve
