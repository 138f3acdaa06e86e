// Follows a daemon's events and keeps the swaps among them. The daemon remembers only its latest events, so they are read as they come.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/trial.hpp"
#include "common/result.hpp"

namespace bench {

// Server-sent events in, swaps out. Pure.
class SwapReader {
 public:
  // `epoch` is 1 January 1970 on the steady clock: events have the time of day.
  explicit SwapReader(common::TimePoint epoch) : epoch_(epoch) {}

  void take(std::string_view bytes);
  const std::vector<Swap>& swaps() const { return swaps_; }

 private:
  void take_line(std::string_view line);
  void take_swap(std::string_view data);

  common::TimePoint epoch_;
  std::string text_;  // of a line that has not ended
  bool in_swap_ = false;
  std::vector<Swap> swaps_;
};

class SwapWatch {
 public:
  explicit SwapWatch(std::string port);

  // Until the daemon goes or the caller cancels it.
  boost::asio::awaitable<void> follow();
  // Why there is nothing more to follow; nothing while there is.
  const std::optional<common::Error>& failure() const { return failure_; }
  const std::vector<Swap>& swaps() const { return reader_.swaps(); }

 private:
  boost::asio::awaitable<common::Result<void>> read_events();

  std::string port_;
  SwapReader reader_;
  std::optional<common::Error> failure_;
};

}  // namespace bench
