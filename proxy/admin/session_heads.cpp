#include "proxy/admin/session_heads.hpp"

#include <utility>

#include "registry/file_identity.hpp"

namespace proxy::admin {

std::vector<ListedSession> SessionHeads::look_at(std::vector<common::StoredSession> there) {
  const std::map<std::filesystem::path, Known> before = std::exchange(known_, {});
  std::vector<ListedSession> listed;
  for (common::StoredSession& stored : there) {
    std::string identity = registry::file_identity(stored.file);  // before it is read, so that a later file is never taken for this one
    const auto known = before.find(stored.file);
    SessionSummary summary;
    if (known != before.end() && known->second.identity == identity) {
      summary = known->second.summary;
    } else {
      auto head = read_(stored.file);
      if (!head) continue;
      summary = {.model = std::move(head->model), .owner = std::move(head->owner), .tokens = head->tokens.size()};
    }
    known_[stored.file] = {.identity = std::move(identity), .summary = summary};
    listed.push_back({.stored = std::move(stored), .summary = std::move(summary)});
  }
  return listed;
}

}  // namespace proxy::admin
