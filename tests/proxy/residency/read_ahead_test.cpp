#include "proxy/residency/read_ahead.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "proxy/residency/residency.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_launcher.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;

TEST(RoomToReadAhead, IsWhatIsLeftWithoutTheReserveAndWithoutWhatOthersWorkWith) {
  EXPECT_EQ(room_to_read_ahead(100, 20, 30), 50u);
  EXPECT_EQ(room_to_read_ahead(100, 20, 90), 0u);
  EXPECT_EQ(room_to_read_ahead(100, 200, 0), 0u);
  EXPECT_EQ(room_to_read_ahead(0, 0, 0), 0u) << "what cannot be told is nothing";
}

class RememberingReader final : public ReadAhead {
 public:
  void begin(const registry::Model& model, std::uint64_t mapped_bytes) override {
    reading = model.id;
    mapped = mapped_bytes;
    ++begun;
  }
  void stop() override { reading.clear(); }
  std::uint64_t bytes_read() const override { return 0; }

  std::string reading;
  std::uint64_t mapped = 0;
  int begun = 0;
};

class ReadAheadTest : public testing::Test {
 protected:
  ReadAheadTest() { residency.read_ahead_with(reader); }
  ~ReadAheadTest() override {
    for (auto& process : launcher.processes) process->dies_of_signals = true;
    leases.clear();
    bool down = false;
    boost::asio::co_spawn(loop, residency.shut_down(), [&](std::exception_ptr) { down = true; });
    for (int i = 0; i < 200 && !down; ++i) {
      for (auto& process : launcher.processes) {
        if (process->was_told<common::Exit>()) process->end({});
      }
      clock.advance(1s);
    }
    EXPECT_TRUE(down);
  }
  void ask(const std::string& id) { ask(registry::Model{.id = id, .artifact = "/" + id + ".gguf"}); }
  void ask(registry::Model model) {
    auto done = [this](std::exception_ptr, common::Result<Lease> lease) {
      if (lease) leases.push_back(std::move(*lease));
    };
    boost::asio::co_spawn(loop, residency.acquire({.model = std::move(model)}), done);
    clock.settle();
  }
  void come_up() {
    common::Ready ready = tests::ready_message(launcher.last().model);
    ready.memory = {{.device = "CPU", .weights_bytes = 900, .mapped_bytes = 700}};
    launcher.last().say(common::Hello{});
    launcher.last().say(ready);
    clock.settle();
  }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  tests::FakeLauncher launcher{loop};
  RememberingReader reader;
  Residency residency{loop.get_executor(), clock, launcher, {}};
  std::vector<Lease> leases;
};

TEST_F(ReadAheadTest, TheFilesOfAServerOfSomebodyElsesAreLeftToIt) {
  ask("a");
  come_up();
  ask({.id = "theirs", .artifact = "/theirs.gguf", .command = common::CommandLine{.arguments = {"serve", "${PORT}"}}});
  clock.advance(30s);
  leases.clear();
  clock.settle();
  ASSERT_TRUE(launcher.last().was_told<common::Exit>());
  EXPECT_EQ(reader.begun, 0);
}

TEST_F(ReadAheadTest, TheNextModelIsReadFromTheDrainUntilItsLoad) {
  ask("a");
  come_up();
  ask("b");
  EXPECT_EQ(reader.reading, "") << "it is not decided yet that anybody leaves";
  clock.advance(20s);
  EXPECT_EQ(reader.reading, "b");
  EXPECT_EQ(reader.mapped, 700u) << "what the resident works with is not to be pushed out";
  leases.clear();
  clock.settle();
  launcher.last().end({});
  clock.settle();
  EXPECT_EQ(launcher.last().model, "b");
  EXPECT_EQ(reader.reading, "") << "its own worker reads it now";
  EXPECT_EQ(reader.begun, 1);
  come_up();
}

TEST_F(ReadAheadTest, ASwapThatIsCalledOffIsNotReadForAnyMore) {
  ask("a");
  come_up();
  auto leaving = std::make_unique<boost::asio::cancellation_signal>();
  boost::asio::co_spawn(loop, residency.acquire({.model = {.id = "b", .artifact = "/b.gguf"}}),
                        boost::asio::bind_cancellation_slot(leaving->slot(), [](std::exception_ptr, common::Result<Lease>) {}));
  clock.advance(20s);
  EXPECT_EQ(reader.reading, "b");
  leaving->emit(boost::asio::cancellation_type::terminal);
  clock.settle();
  EXPECT_EQ(reader.reading, "");
}

TEST_F(ReadAheadTest, WhatIsReadPastThePageCacheIsNotReadIntoIt) {
  MemoryTerms terms;
  terms.needs["b"] = {.read_mode = "direct"};
  residency.know_memory(std::move(terms));
  ask("a");
  come_up();
  ask("b");
  clock.advance(20s);
  EXPECT_EQ(reader.begun, 0);
}

}  // namespace
}  // namespace proxy::residency
