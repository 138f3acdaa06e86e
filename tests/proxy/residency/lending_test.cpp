// Memory that is asked for, with workers that live in memory.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "proxy/residency/residency.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_launcher.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using common::ErrorKind;

constexpr std::uint64_t kMiB = 1 << 20;

class LendingTest : public testing::Test {
 protected:
  LendingTest() {
    for (const char* id : {"a", "b"}) catalog.models[id] = {.id = id, .artifact = std::string("/") + id};
    residency.know_memory({.bytes = 1000 * kMiB, .sum = "all", .physical_bytes = 2000 * kMiB, .needs = {{"a", {600 * kMiB, "weights"}}}});
    residency.configure(catalog);
  }
  ~LendingTest() override {
    lease.reset();
    bool down = false;
    auto done = [&](std::exception_ptr) { down = true; };
    boost::asio::co_spawn(loop, residency.shut_down(), done);
    for (int i = 0; i < 200 && !down; ++i) {
      end_who_should();
      clock.advance(1s);
    }
    EXPECT_TRUE(down);
  }
  void end_who_should() {
    for (auto& process : launcher.processes) {
      if (process->was_told<common::Exit>()) process->end({});
    }
    clock.settle();
  }
  // Its lease lasts until `lease` is reset.
  void make_resident(const std::string& id, std::uint64_t own_bytes) {
    auto done = [this](std::exception_ptr, common::Result<Lease> outcome) {
      if (outcome) lease.emplace(std::move(*outcome));
    };
    boost::asio::co_spawn(loop, residency.acquire({.model = catalog.models.at(id)}), done);
    clock.settle();
    launcher.last().own_bytes = own_bytes;
    launcher.last().say(common::Hello{});
    launcher.last().say(tests::ready_message(id));
    clock.settle();
    ASSERT_TRUE(lease);
  }
  void lend(std::uint64_t bytes, milliseconds duration, bool wait = true) {
    lent.reset();
    auto done = [this](std::exception_ptr thrown, common::Result<Lent> outcome) {
      if (!thrown) lent = std::move(outcome);
    };
    boost::asio::co_spawn(loop, residency.lend(bytes, duration, wait), done);
    clock.settle();
  }
  std::vector<std::string> lease_events() {
    std::vector<std::string> told;
    for (const LoggedEvent& event : residency.events().after(0)) {
      if (event.type == "memory_lease") told.push_back(event.data["what"]);
    }
    return told;
  }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  tests::FakeLauncher launcher{loop};
  registry::Catalog catalog;
  Residency residency{loop.get_executor(), clock, launcher, {}};
  std::optional<Lease> lease;
  std::optional<common::Result<Lent>> lent;
};

TEST_F(LendingTest, WhatIsFreeIsLentAtOnceAndNobodyLeaves) {
  make_resident("a", 500 * kMiB);
  lend(400 * kMiB, 10min);
  ASSERT_TRUE(lent && *lent);
  EXPECT_EQ((*lent)->freed_bytes, 0u);
  EXPECT_TRUE((*lent)->left.empty());
  EXPECT_EQ(residency.view().pressure.lent_bytes, 400 * kMiB);
  EXPECT_FALSE(lease->ended());
}

TEST_F(LendingTest, CachesShrinkFirstAndTheAnswerSaysHowMuchCameBack) {
  make_resident("a", 800 * kMiB);
  launcher.last().say(common::Beat{.prompt_cache_bytes = 300 * kMiB});
  clock.settle();
  lend(350 * kMiB, 10min);
  EXPECT_FALSE(lent) << "the worker has not answered";
  ASSERT_TRUE(launcher.last().was_told<common::ShrinkCaches>());
  EXPECT_EQ(std::get<common::ShrinkCaches>(launcher.last().told.back()).keep_bytes, 50 * kMiB);
  launcher.last().own_bytes = 550 * kMiB;
  launcher.last().say(common::Beat{.prompt_cache_bytes = 50 * kMiB});
  clock.advance(20ms);
  ASSERT_TRUE(lent && *lent);
  EXPECT_EQ((*lent)->freed_bytes, 250 * kMiB);
  EXPECT_TRUE((*lent)->left.empty());
}

TEST_F(LendingTest, AWorkerThatDoesNotAnswerIsNotWaitedForForEver) {
  make_resident("a", 800 * kMiB);
  launcher.last().say(common::Beat{.prompt_cache_bytes = 300 * kMiB});
  clock.settle();
  lend(400 * kMiB, 10min);
  clock.advance(2s);
  EXPECT_FALSE(lent);
  clock.advance(1s);
  EXPECT_TRUE(lent && *lent);
}

TEST_F(LendingTest, WhoDoesNotFitDrainsAndTheAnswerComesWhenItHasLeft) {
  make_resident("a", 500 * kMiB);
  lend(500 * kMiB, 10min);
  clock.advance(5s);
  EXPECT_FALSE(lent) << "a running answer is finished first";
  EXPECT_FALSE(lease->ended());
  lease.reset();
  clock.settle();
  launcher.available += 500 * kMiB;
  end_who_should();
  for (int i = 0; i < 50 && !lent; ++i) clock.advance(20ms);
  ASSERT_TRUE(lent && *lent);
  EXPECT_EQ((*lent)->left, std::vector<std::string>{"a"});
  EXPECT_TRUE((*lent)->leaving.empty());
  EXPECT_EQ((*lent)->freed_bytes, 500 * kMiB);
}

TEST_F(LendingTest, WithoutWaitingItAnswersAtOnceAndSaysWhoIsOnHisWay) {
  make_resident("a", 500 * kMiB);
  lend(500 * kMiB, 10min, false);
  ASSERT_TRUE(lent && *lent);
  EXPECT_EQ((*lent)->leaving, std::vector<std::string>{"a"});
}

TEST_F(LendingTest, ALeaseEndsByItselfOrWhenItIsTakenBackAndEachIsAnEvent) {
  lend(300 * kMiB, 10s);
  lend(200 * kMiB, 20s);
  EXPECT_EQ(residency.view().pressure.lent_bytes, 500 * kMiB);
  clock.advance(10s);
  EXPECT_EQ(residency.view().pressure.lent_bytes, 200 * kMiB) << "nobody asked: a deadline of the daemon's own";
  EXPECT_TRUE(residency.take_back((*lent)->lease.id));
  EXPECT_FALSE(residency.take_back((*lent)->lease.id));
  EXPECT_EQ(residency.view().pressure.lent_bytes, 0u);
  EXPECT_EQ(lease_events(), (std::vector<std::string>{"began", "began", "expired", "ended"}));
}

TEST_F(LendingTest, MoreThanThereIsIsRefusedAndChangesNothing) {
  make_resident("a", 500 * kMiB);
  lend(1001 * kMiB, 10min);
  ASSERT_TRUE(lent);
  ASSERT_FALSE(*lent);
  EXPECT_EQ(lent->error().kind(), ErrorKind::bad_request);
  EXPECT_EQ(residency.view().pressure.lent_bytes, 0u);
  EXPECT_EQ(residency.view().phase, Phase::serving);
}

TEST_F(LendingTest, AJournalOfPressureAndLeasesRunsAgain) {
  std::string written;
  Residency other(loop.get_executor(), clock, launcher, {});
  other.keep_journal([&](std::string line) { written += line; });
  catalog.memory.pressure_available_bytes = 100 * kMiB;
  other.know_memory({.bytes = 1000 * kMiB, .sum = "all"});
  other.configure(catalog);
  for (int i = 0; i < 30; ++i) {
    clock.advance(1s);
    other.feel({.available_bytes = 50 * kMiB, .stall = 0.5});
  }
  auto ignored = [](std::exception_ptr, common::Result<Lent>) {};
  boost::asio::co_spawn(loop, other.lend(100 * kMiB, 5s, true), ignored);
  clock.advance(6s);
  EXPECT_THAT(written, testing::HasSubstr("; memory unload_pinned"));
  EXPECT_THAT(written, testing::HasSubstr("lent 104857600"));
  std::istringstream journal(written);
  auto replayed = replay(journal);
  ASSERT_TRUE(replayed) << replayed.error().message();
  EXPECT_FALSE(replayed->difference) << *replayed->difference;
  EXPECT_GE(replayed->events, 8u);
  boost::asio::co_spawn(loop, other.shut_down(), [](std::exception_ptr) {});
  clock.settle();
}

}  // namespace
}  // namespace proxy::residency
