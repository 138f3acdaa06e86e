// Whether a peer is asked at the moment: one that did not answer is left alone for 1, 2, 4 … 60 s, and then tried with one request. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/clock.hpp"

namespace proxy::peers {

class PeerHealth {
 public:
  static constexpr std::chrono::milliseconds kFirst{1'000}, kMost{60'000};

  // Nothing: it may be asked now, and unless it is well nobody else may before it has answered or this try has been given time to fail.
  // Otherwise how long it is left alone yet.
  std::optional<std::chrono::milliseconds> admit(common::TimePoint now);
  void answered(common::TimePoint now);
  // One of the tries that were admitted has failed. Of several that fail together the first one counts.
  void failed(std::string why, common::TimePoint now);

  bool is_well() const { return failures_ == 0; }
  int failures() const { return failures_; }  // in a row
  const std::string& last_failure() const { return why_; }
  // Whether it is time to look after it: one that is well was not heard of for `every`, one that is not was left alone for long enough. If
  // so, it is being done, and not due again for as long.
  bool begin_look(std::chrono::milliseconds every, common::TimePoint now);

 private:
  std::chrono::milliseconds pause() const;

  int failures_ = 0;
  bool tries_ = false;  // somebody was admitted although it was not well
  std::string why_;
  std::optional<common::TimePoint> heard_;  // of it, latest
  common::TimePoint closed_until_;          // while it is not well
};

}  // namespace proxy::peers
