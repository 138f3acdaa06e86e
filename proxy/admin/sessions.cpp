#include "proxy/admin/sessions.hpp"

#include <boost/asio/post.hpp>
#include <chrono>

#include "common/offload.hpp"
#include "common/session_file.hpp"

namespace proxy::admin {

namespace asio = boost::asio;
using common::Json;

namespace {

std::int64_t unix_seconds(std::filesystem::file_time_type time) {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::file_clock::to_sys(time)).time_since_epoch().count();
}

Json list_all(const common::SessionFolder& folder) {
  Json sessions = Json::array();
  std::uint64_t bytes = 0;
  for (const common::StoredSession& stored : folder.list()) {
    bytes += stored.bytes;
    auto head = common::read_session_head(stored.file);
    if (!head) continue;  // damaged, or gone by now; whoever wants to use it finds out
    sessions.push_back({{"model", head->model},
                        {"owner", common::json_or_null(head->owner)},
                        {"tokens", head->tokens.size()},
                        {"bytes", stored.bytes},
                        {"last_used", unix_seconds(stored.last_used)}});
  }
  return {{"sessions", std::move(sessions)}, {"bytes", bytes}};
}

Json drop_some(const common::SessionFolder& folder, const std::optional<std::string>& model) {
  std::size_t dropped = 0;
  std::uint64_t bytes = 0;
  for (const common::StoredSession& stored : folder.list()) {
    if (model) {
      auto head = common::read_session_head(stored.file);
      if (!head || head->model != *model) continue;
    }
    common::remove_session(stored.file);
    ++dropped;
    bytes += stored.bytes;
  }
  return {{"dropped", dropped}, {"bytes", bytes}};
}

}  // namespace

asio::awaitable<Json> Sessions::list() {
  auto work = [folder = folder_] { return list_all(folder); };
  auto listed = co_await common::offload(pool_, std::move(work));
  co_return listed;
}

asio::awaitable<Json> Sessions::drop(std::optional<std::string> model) {
  auto work = [folder = folder_, model = std::move(model)] { return drop_some(folder, model); };
  auto dropped = co_await common::offload(pool_, std::move(work));
  co_return dropped;
}

void Sessions::allow(std::uint64_t bytes) {
  asio::post(pool_, [folder = folder_, bytes] { folder.trim({.bytes = bytes}); });
}

}  // namespace proxy::admin
