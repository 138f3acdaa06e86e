// What happened to models, in order, for whoever watches: /admin/v1/events, `perch swaps`, a test.
//
// A bounded list of numbered events; the oldest are forgotten first. Owned by Residency; readers copy what they have not seen yet and wait
// for more. Used on the loop thread only.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/json.hpp"

namespace proxy::residency {

struct LoggedEvent {
  std::uint64_t id = 0;  // 1 for the first, without gaps
  std::string type;      // "phase", "worker", "swap", "gone", "first_token", "registry", "role", "stopping", ...
  common::Json data;     // an object; has "time", seconds since 1970
};

class EventLog {
 public:
  EventLog(boost::asio::any_io_executor executor, std::size_t kept);

  void add(std::string type, common::Json data);
  // Those after `id` that are still known. Where older ones are gone, the first returned has a number beyond id + 1.
  std::vector<LoggedEvent> after(std::uint64_t id) const;
  std::uint64_t last_id() const { return last_id_; }
  // Returns when there is something after `id`, or at `until`.
  boost::asio::awaitable<void> wait(std::uint64_t id, common::Clock& clock, common::TimePoint until);

 private:
  std::size_t kept_;
  std::uint64_t last_id_ = 0;
  std::deque<LoggedEvent> events_;
  boost::asio::steady_timer added_;  // never expires: cancelled to wake whoever waits
};

}  // namespace proxy::residency
