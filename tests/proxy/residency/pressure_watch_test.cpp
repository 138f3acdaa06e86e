#include "proxy/residency/pressure_watch.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_launcher.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;

// Shared with the source, which belongs to the watch.
struct Scripted : common::MemoryPressureSource {
  explicit Scripted(const common::MemoryPressure& now) : figures(now) {}
  common::MemoryPressure read() override { return figures; }
  const common::MemoryPressure& figures;
};

class PressureWatchTest : public testing::Test {
 protected:
  PressureWatchTest() {
    registry::Catalog catalog;
    catalog.memory.pressure_available_bytes = 1ull << 30;
    residency.configure(catalog);
    boost::asio::co_spawn(loop, watch.run(), boost::asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {}));
    clock.settle();
  }
  ~PressureWatchTest() override {
    stop.emit(boost::asio::cancellation_type::terminal);
    clock.settle();
    boost::asio::co_spawn(loop, residency.shut_down(), [](std::exception_ptr) {});
    clock.settle();
  }
  void pass(std::chrono::milliseconds time) {
    for (auto passed = 0ms; passed < time; passed += 100ms) clock.advance(100ms);
  }
  Rung rung() const { return residency.view().pressure.rung; }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  tests::FakeLauncher launcher{loop};
  Residency residency{loop.get_executor(), clock, launcher, {}};
  common::MemoryPressure figures{.stalled = 0us, .available_bytes = 8ull << 30};
  PressureWatch watch{std::make_unique<Scripted>(figures), residency, clock};
  boost::asio::cancellation_signal stop;
};

TEST_F(PressureWatchTest, ReactsWithinTwoSecondsToALackOfMemoryAndToStalls) {
  pass(10s);
  EXPECT_EQ(rung(), Rung::none);
  figures.available_bytes = 512ull << 20;
  pass(2s);
  EXPECT_EQ(rung(), Rung::stop_admitting);
  figures.available_bytes = 8ull << 30;
  pass(15s);
  EXPECT_EQ(rung(), Rung::none);
  for (int i = 0; i < 30; ++i) {
    *figures.stalled += 50ms;  // of each tenth of a second
    pass(100ms);
  }
  EXPECT_EQ(rung(), Rung::stop_admitting);
  EXPECT_GT(residency.view().pressure.reading.stall.value_or(0), 0.3);
}

TEST_F(PressureWatchTest, WithoutStallsOfTheKernelWhatIsAvailableCountsAlone) {
  figures.stalled.reset();
  figures.available_bytes = 512ull << 20;
  pass(2s);
  EXPECT_EQ(rung(), Rung::stop_admitting);
  EXPECT_EQ(residency.view().pressure.reading.stall, std::nullopt);
}

TEST_F(PressureWatchTest, EveryStepIsAnEventAndCounted) {
  figures.available_bytes = 512ull << 20;
  pass(4s);
  figures.available_bytes = 8ull << 30;
  pass(20s);
  std::vector<std::string> told;
  for (const LoggedEvent& event : residency.events().after(0)) {
    if (event.type == "pressure") told.push_back(event.data["to"]);
  }
  EXPECT_EQ(told, (std::vector<std::string>{"stop_admitting", "shrink_caches", "stop_admitting", "none"}));
  EXPECT_EQ(residency.counters().pressure_steps.at(Rung::stop_admitting), 2u);
  EXPECT_EQ(residency.counters().pressure_steps.at(Rung::none), 1u);
}

TEST_F(PressureWatchTest, SwitchedOffInTheRegistryItIsOverAtOnce) {
  figures.available_bytes = 512ull << 20;
  pass(8s);
  EXPECT_GE(rung(), Rung::drop_saved);
  registry::Catalog catalog;
  catalog.memory.pressure = false;
  residency.configure(catalog);
  EXPECT_EQ(rung(), Rung::none);
  pass(60s);
  EXPECT_EQ(rung(), Rung::none);
}

}  // namespace
}  // namespace proxy::residency
