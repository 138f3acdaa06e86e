#include "proxy/admin/sessions.hpp"

#include <boost/asio/post.hpp>
#include <chrono>

#include "common/offload.hpp"

namespace proxy::admin {

namespace asio = boost::asio;
using common::Json;

namespace {

std::int64_t unix_seconds(std::filesystem::file_time_type time) {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::file_clock::to_sys(time)).time_since_epoch().count();
}

Json list_all(const common::SessionFolder& folder, SessionHeads& heads) {
  std::vector<common::StoredSession> there = folder.list();
  std::uint64_t bytes = 0;
  for (const common::StoredSession& stored : there) bytes += stored.bytes;
  Json sessions = Json::array();
  for (const auto& [stored, summary] : heads.look_at(std::move(there))) {
    sessions.push_back({{"model", summary.model},
                        {"owner", common::json_or_null(summary.owner)},
                        {"tokens", summary.tokens},
                        {"bytes", stored.bytes},
                        {"last_used", unix_seconds(stored.last_used)}});
  }
  return {{"sessions", std::move(sessions)}, {"bytes", bytes}};
}

std::vector<common::StoredSession> of_model(const std::string& model, std::vector<common::StoredSession> there, SessionHeads& heads) {
  std::vector<common::StoredSession> of_it;
  for (ListedSession& listed : heads.look_at(std::move(there))) {
    if (listed.summary.model == model) of_it.push_back(std::move(listed.stored));
  }
  return of_it;
}

Json drop_some(const common::SessionFolder& folder, SessionHeads& heads, const std::optional<std::string>& model) {
  std::vector<common::StoredSession> leaving = folder.list();
  if (model) leaving = of_model(*model, std::move(leaving), heads);
  std::uint64_t bytes = 0;
  for (const common::StoredSession& stored : leaving) {
    common::remove_session(stored.file);
    bytes += stored.bytes;
  }
  return {{"dropped", leaving.size()}, {"bytes", bytes}};
}

}  // namespace

asio::awaitable<Json> Sessions::list() {
  auto work = [folder = folder_, heads = heads_] { return list_all(folder, *heads); };
  auto listing = common::offload(reader_, std::move(work));
  auto listed = co_await std::move(listing);
  co_return listed;
}

asio::awaitable<Json> Sessions::drop(std::optional<std::string> model) {
  auto work = [folder = folder_, heads = heads_, model = std::move(model)] { return drop_some(folder, *heads, model); };
  auto dropping = common::offload(reader_, std::move(work));
  auto dropped = co_await std::move(dropping);
  co_return dropped;
}

void Sessions::allow(std::uint64_t bytes) {
  asio::post(pool_, [folder = folder_, bytes] { folder.trim({.bytes = bytes}); });
}

}  // namespace proxy::admin
