#include "proxy/residency/event_log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace proxy::residency {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

EventLog::EventLog(asio::any_io_executor executor, std::size_t kept)
    : kept_(kept), added_(executor, asio::steady_timer::time_point::max()) {}

void EventLog::add(std::string type, common::Json data) {
  data["time"] = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  events_.push_back({.id = ++last_id_, .type = std::move(type), .data = std::move(data)});
  if (events_.size() > kept_) events_.pop_front();
  added_.cancel();
}

std::vector<LoggedEvent> EventLog::after(std::uint64_t id) const {
  if (id >= last_id_) return {};
  const std::uint64_t missing = last_id_ - id;
  const auto count = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(missing, events_.size()));
  return {events_.end() - count, events_.end()};
}

asio::awaitable<void> EventLog::wait(std::uint64_t id, common::Clock& clock, common::TimePoint until) {
  if (id < last_id_) co_return;
  auto added = added_.async_wait(asio::as_tuple(asio::use_awaitable));
  auto late = clock.sleep_until(until);
  co_await (std::move(added) || std::move(late));
}

}  // namespace proxy::residency
