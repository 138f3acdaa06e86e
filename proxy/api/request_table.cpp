#include "proxy/api/request_table.hpp"

#include <algorithm>
#include <utility>

namespace proxy::api {

using common::Error;
using common::ErrorKind;

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::queued: return "queued";
    case Stage::running: return "running";
  }
  return "unknown";
}

RequestTable::Entry::Entry(RequestTable& table, boost::asio::any_io_executor executor, RequestInfo info)
    : table_(table), info_(std::move(info)), cancelled_(executor) {
  info_.stage_since = info_.arrived;
  table_.entries_[++table_.last_] = this;
  if (info_.at_peer && table_.peers_closed_) cancel(*table_.peers_closed_);
}

RequestTable::Entry::~Entry() {
  std::erase_if(table_.entries_, [this](const auto& known) { return known.second == this; });
}

void RequestTable::Entry::enter(Stage stage, common::TimePoint now) {
  info_.stage = stage;
  info_.stage_since = now;
}

std::vector<RequestInfo> RequestTable::list() const {
  std::vector<RequestInfo> list;
  for (const auto& [number, entry] : entries_) list.push_back(entry->info_);
  return list;
}

void RequestTable::Entry::cancel(Error why) {
  if (cancelled_.is_set()) return;
  why_ = std::move(why);
  cancelled_.set(true);
  if (auto callback = std::exchange(on_cancel_, nullptr)) callback();
}

bool RequestTable::cancel(const std::string& id, Error why) {
  auto known = std::ranges::find_if(entries_, [&](const auto& each) { return each.second->info_.id == id; });
  if (known == entries_.end()) return false;
  known->second->cancel(std::move(why));
  return true;
}

bool RequestTable::any_at_peers() const {
  return std::ranges::any_of(entries_, [](const auto& each) { return each.second->info_.at_peer; });
}

void RequestTable::cancel_those_at_peers(const Error& why) {
  peers_closed_ = why;
  // None of them is gone before its coroutine has run on, which is not now.
  for (auto& [number, entry] : entries_) {
    if (entry->info_.at_peer) entry->cancel(why);
  }
}

Error cancelled_by_operator() { return Error(ErrorKind::cancelled_by_operator, "the request was cancelled by an operator"); }

}  // namespace proxy::api
