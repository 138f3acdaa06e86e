// Looks twice a second how short memory is, and tells Residency. Decides nothing (pressure.hpp does).
//
// Owned by the composition root.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "common/clock.hpp"
#include "common/memory_pressure.hpp"
#include "proxy/residency/residency.hpp"

namespace proxy::residency {

class PressureWatch {
 public:
  // `pace`: of the ladder, which looking has to keep up with.
  PressureWatch(std::unique_ptr<common::MemoryPressureSource> source, Residency& residency, common::Clock& clock, double pace = 1);

  // Until cancelled.
  boost::asio::awaitable<void> run();

 private:
  void look();

  std::unique_ptr<common::MemoryPressureSource> source_;
  Residency& residency_;
  common::Clock& clock_;
  std::chrono::microseconds period_;
  StallMeter stalls_;
  bool said_no_stalls_ = false;
  bool said_nothing_ = false;
};

}  // namespace proxy::residency
