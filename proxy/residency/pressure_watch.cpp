#include "proxy/residency/pressure_watch.hpp"

#include "common/log.hpp"

namespace proxy::residency {

namespace {

constexpr double kPeriodUs = 500'000;

}  // namespace

PressureWatch::PressureWatch(std::unique_ptr<common::MemoryPressureSource> source, Residency& residency, common::Clock& clock, double pace)
    : source_(std::move(source)),
      residency_(residency),
      clock_(clock),
      period_(static_cast<std::int64_t>(kPeriodUs * pace)),
      stalls_(std::chrono::milliseconds(static_cast<std::int64_t>(2'000 * pace))) {}

boost::asio::awaitable<void> PressureWatch::run() {
  while (true) {
    look();
    co_await clock_.sleep_for(period_);
  }
}

void PressureWatch::look() {
  const common::MemoryPressure now = source_->read();
  PressureReading reading{.available_bytes = now.available_bytes};
  if (now.stalled) reading.stall = stalls_.on(*now.stalled, clock_.now());
  if (!now.stalled && !std::exchange(said_no_stalls_, true))
    common::log::info("the kernel does not say how long processes wait for memory (no PSI): only what is available counts");
  if (!now.stalled && now.available_bytes == 0 && !std::exchange(said_nothing_, true))
    common::log::warn("nothing can be found out about how short memory is: nothing is done about it");
  residency_.feel(reading);
}

}  // namespace proxy::residency
