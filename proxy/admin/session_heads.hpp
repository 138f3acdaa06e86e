// What the heads of saved conversations say, read once for each file as it is: a head holds every token of its conversation, and there may
// be a thousand files.
//
// Owned by Sessions; used by one thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/session_file.hpp"
#include "common/session_folder.hpp"

namespace proxy::admin {

struct SessionSummary {
  std::string model, owner;  // as in common::SessionHead
  std::size_t tokens = 0;
};

struct ListedSession {
  common::StoredSession stored;
  SessionSummary summary;
};

class SessionHeads {
 public:
  using Read = std::function<common::Result<common::SessionHead>(const std::filesystem::path&)>;

  explicit SessionHeads(Read read = &common::read_session_head) : read_(std::move(read)) {}

  // Those whose heads can be read, in their order; what is damaged, or gone by now, is left out. Of the others
  // only files that are new or another than they were are read; what is known of any but these is forgotten. Blocks.
  std::vector<ListedSession> look_at(std::vector<common::StoredSession> there);

 private:
  struct Known {
    std::string identity;  // of the file (registry/file_identity.hpp)
    SessionSummary summary;
  };

  Read read_;
  std::map<std::filesystem::path, Known> known_;
};

}  // namespace proxy::admin
