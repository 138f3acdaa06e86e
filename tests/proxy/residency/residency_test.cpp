#include "proxy/residency/residency.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <format>

#include "proxy/residency/spare.hpp"
#include "registry/model_facts.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_launcher.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using common::ErrorKind;

constexpr auto kMinResidency = 1s;  // of models that load in no time
constexpr auto kMaxWait = 20s;

// One request of a test: holds its lease until told otherwise.
struct Caller {
  boost::asio::cancellation_signal leave;
  std::optional<common::Result<Lease>> outcome;
  bool left = false;

  bool has_lease() const { return outcome && outcome->has_value(); }
  void release() { outcome.reset(); }
};

class ResidencyTest : public testing::Test {
 protected:
  ~ResidencyTest() override {
    for (auto& caller : callers) caller->release();
    for (auto& process : launcher.processes) process->dies_of_signals = true;
    bool down = false;
    auto done = [&](std::exception_ptr) { down = true; };
    boost::asio::co_spawn(loop, residency.shut_down(), done);
    for (int i = 0; i < 200 && !down; ++i) {
      for (auto& process : launcher.processes) {
        if (process->was_told<common::Exit>()) process->end({});
      }
      clock.advance(1s);
    }
    EXPECT_TRUE(down);
  }

  registry::Model model(const std::string& id) { return {.id = id, .artifact = "/" + id + ".gguf"}; }

  std::shared_ptr<Caller> ask(const std::string& id) { return ask(model(id)); }
  std::shared_ptr<Caller> ask(registry::Model wanted) {
    auto caller = std::make_shared<Caller>();
    callers.push_back(caller);
    auto done = [caller](std::exception_ptr thrown, common::Result<Lease> outcome) {
      caller->left = thrown != nullptr;
      if (!thrown) caller->outcome = std::move(outcome);
    };
    boost::asio::co_spawn(loop, residency.acquire({.model = std::move(wanted)}),
                          boost::asio::bind_cancellation_slot(caller->leave.slot(), done));
    clock.settle();
    return caller;
  }
  void leave(Caller& caller) {
    caller.leave.emit(boost::asio::cancellation_type::terminal);
    clock.settle();
  }
  void come_up(std::uint64_t slots = 4) {
    launcher.last().say(common::Hello{});
    launcher.last().say(tests::ready_message(launcher.last().model, slots));
    clock.settle();
  }
  void exit_last() {
    launcher.last().end({});
    clock.settle();
  }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  tests::FakeLauncher launcher{loop};
  Residency residency{loop.get_executor(), clock, launcher, {}};
  std::vector<std::shared_ptr<Caller>> callers;
};

TEST_F(ResidencyTest, ColdRequestsShareOneSpawn) {
  auto one = ask("a"), two = ask("a");
  EXPECT_EQ(launcher.processes.size(), 1u);
  come_up();
  EXPECT_TRUE(one->has_lease());
  EXPECT_TRUE(two->has_lease());
  EXPECT_EQ((*one->outcome)->digest(), "sha256:a");
}

TEST_F(ResidencyTest, AWorkerIsToldWhatItsEntrySays) {
  registry::Model entry = model("a");
  entry.context_tokens = 4096;
  entry.parallel = 2;
  entry.kv_unified = true;
  entry.cache_type_k = "q8_0";
  entry.cache_type_v = "q4_0";
  entry.sampling = {{"top_k", 5}};
  entry.enforced = {{"max_tokens", 7}};
  entry.adapters = {{"/adapter.gguf", 0.5}};
  entry.projector = "/projector.gguf";
  entry.prompt_cache_mib = 3;
  entry.tool_format = "hermes";
  ask(entry);
  launcher.last().say(common::Hello{});
  clock.settle();
  ASSERT_FALSE(launcher.last().told.empty());
  const auto& load = std::get<common::Load>(launcher.last().told.front());
  EXPECT_EQ(load.model, "a");
  EXPECT_EQ(load.path, "/a.gguf");
  EXPECT_EQ(load.context_tokens, 4096u);
  EXPECT_EQ(load.parallel, 2u);
  EXPECT_TRUE(load.kv_unified);
  EXPECT_EQ(load.cache_type_k, "q8_0");
  EXPECT_EQ(load.cache_type_v, "q4_0");
  EXPECT_EQ(load.sampling, entry.sampling);
  EXPECT_EQ(load.enforced, entry.enforced);
  EXPECT_EQ(load.adapters, entry.adapters);
  EXPECT_EQ(load.projector, "/projector.gguf");
  EXPECT_EQ(load.prompt_cache_mib, 3u);
  EXPECT_EQ(load.tool_format, "hermes");
}

TEST_F(ResidencyTest, ACommandIsStartedInPlaceOfAWorkerAndToldHowManyRequestsItServes) {
  registry::Model entry = model("a");
  entry.command = common::CommandLine{.arguments = {"serve", "${PORT}"}};
  entry.memory_bytes = 5 << 20;
  auto one = ask(entry), two = ask(entry);
  ASSERT_EQ(launcher.commands.size(), 1u);
  EXPECT_EQ(launcher.commands.front().line, *entry.command);
  EXPECT_EQ(launcher.commands.front().artifact, "/a.gguf");
  EXPECT_EQ(launcher.commands.front().files, std::vector<std::filesystem::path>{"/a.gguf"});
  EXPECT_EQ(launcher.commands.front().expected_bytes, 5u << 20);
  come_up();
  ASSERT_TRUE(one->has_lease() && two->has_lease());
  EXPECT_EQ(launcher.last().serves, 2u);
  one->release();
  clock.settle();
  EXPECT_EQ(launcher.last().serves, 1u);
  two->release();
  clock.settle();
  EXPECT_EQ(launcher.last().serves, 0u);
}

TEST_F(ResidencyTest, AServerWhoseProgramDoesNotAnswerIsAFailedLoadWithThatCause) {
  registry::Model entry = model("a");
  entry.command = common::CommandLine{.arguments = {"serve", "${PORT}"}};
  launcher.reached = std::make_shared<common::OneShot<common::Result<void>>>(loop.get_executor());
  auto one = ask(entry);
  EXPECT_FALSE(one->outcome);
  EXPECT_TRUE(launcher.commands.empty()) << "to start it would wait for its disk";
  launcher.reached->set(common::fail(ErrorKind::timeout, "its disk hangs"));
  clock.settle();
  ASSERT_TRUE(one->outcome);
  EXPECT_EQ(one->outcome->error().kind(), ErrorKind::load_failed);
  EXPECT_NE(one->outcome->error().message().find("its disk hangs"), std::string::npos);
  EXPECT_TRUE(launcher.commands.empty());
}

TEST_F(ResidencyTest, AServerThatNobodyWantsAnyMoreWhenItsProgramAnswersIsNotStarted) {
  registry::Model entry = model("a");
  entry.command = common::CommandLine{.arguments = {"serve", "${PORT}"}};
  launcher.reached = std::make_shared<common::OneShot<common::Result<void>>>(loop.get_executor());
  auto one = ask(entry);
  leave(*one);
  EXPECT_EQ(residency.view().phase, Phase::vacant);
  launcher.reached->set(common::Result<void>());
  clock.settle();
  EXPECT_TRUE(launcher.commands.empty());
}

TEST_F(ResidencyTest, AWorkerOfOurOwnIsStartedByNoCommand) {
  auto one = ask("a");
  come_up();
  EXPECT_TRUE(one->has_lease());
  EXPECT_TRUE(launcher.commands.empty());
  EXPECT_EQ(launcher.last().serves, 0u) << "it knows that itself";
}

TEST_F(ResidencyTest, NothingIsStartedAheadForModelsThatCommandsRun) {
  registry::Catalog catalog;
  const auto configured = [&](std::initializer_list<bool> commands) {
    const registry::Catalog before = std::exchange(catalog, {});
    for (bool command : commands) {
      registry::Model entry = model(std::format("m{}", catalog.models.size()));
      if (command) entry.command = common::CommandLine{.arguments = {"serve", "${PORT}"}};
      catalog.models[entry.id] = entry;
    }
    residency.apply(before, catalog);
    auto caller = ask(catalog.models.begin()->second);
    come_up();
    caller->release();
    clock.advance(kFirstMoments);
    const supervisor::SpareWish wish = launcher.wish;
    auto unloading = residency.unload(catalog.models.begin()->first);
    boost::asio::co_spawn(loop, std::move(unloading), [](std::exception_ptr, const auto&) {});
    clock.settle();
    exit_last();
    return wish;
  };
  EXPECT_EQ(configured({true, true}), supervisor::SpareWish::none);
  EXPECT_EQ(configured({false, true}), supervisor::SpareWish::none) << "the only one that could be loaded into it is there";
  EXPECT_EQ(configured({true, false}), supervisor::SpareWish::have);
  EXPECT_EQ(configured({false, false}), supervisor::SpareWish::have);
}

TEST_F(ResidencyTest, AWorkerIsToldWhereConversationsAreKeptAndWhatThatMayTake) {
  auto make_room_for = [this](const std::string& next, Caller& caller) {
    ask(next);
    clock.advance(kMinResidency);
    caller.release();
    clock.settle();
  };
  auto first = [this]<class Message>(std::type_identity<Message>) {
    for (const auto& message : launcher.last().told) {
      if (auto* found = std::get_if<Message>(&message)) return *found;
    }
    return Message{};
  };
  residency.keep_sessions("/sessions");
  registry::Catalog catalog;
  catalog.memory.saved_bytes = 1000;
  residency.configure(catalog);
  auto one = ask("a");
  come_up();
  EXPECT_EQ(first(std::type_identity<common::Load>()).sessions_folder, "/sessions");
  make_room_for("b", *one);
  const auto order = first(std::type_identity<common::SaveSessions>());
  EXPECT_EQ(order.budget_bytes, 1000u);
  EXPECT_EQ(order.milliseconds, 4000u) << "of the five seconds after which nobody waits for it any more";
  exit_last();
  come_up();
  catalog.memory.saved_bytes = 0;
  residency.configure(catalog);
  make_room_for("c", *callers.back());
  EXPECT_EQ(first(std::type_identity<common::SaveSessions>()).budget_bytes, 0u);
  exit_last();
  come_up();
  EXPECT_EQ(first(std::type_identity<common::Load>()).sessions_folder, "");
}

TEST_F(ResidencyTest, AWorkerIsToldWhatDevicesMustHaveFreeBeforeItLoads) {
  const auto told = [this] { return std::get<common::Load>(launcher.last().told.front()).release; };
  auto one = ask("a");
  launcher.last().say(common::Hello{});
  clock.settle();
  EXPECT_TRUE(told().wanted.empty()) << "nothing is known of any device";
  common::Ready ready = tests::ready_message("a");
  ready.memory = {{.device = "GPU0", .weights_bytes = 700, .kv_bytes = 50}};
  ready.devices_before = {{"GPU0", 1000}};
  launcher.last().say(ready);
  clock.settle();
  ask("b");
  clock.advance(kMinResidency);
  one->release();
  clock.settle();
  exit_last();
  launcher.last().say(common::Hello{});
  clock.settle();
  EXPECT_EQ(launcher.last().model, "b");
  EXPECT_EQ(told().wanted, (std::vector<common::DeviceFree>{{"GPU0", 1000}}));
  EXPECT_EQ(told().milliseconds, 5000u);
}

TEST_F(ResidencyTest, AWorkersMemoryIsNotReadForEveryPieceOfProgress) {
  auto one = ask("a");
  launcher.last().say(common::Hello{});
  clock.settle();
  launcher.last().readings = 0;
  for (int i = 0; i < 1000; ++i) {
    launcher.last().say(common::Loading{"weights", i / 1000.0});
    clock.advance(1ms);
  }
  const int while_loading = launcher.last().readings;
  EXPECT_LE(while_loading, 4);
  launcher.last().say(tests::ready_message("a"));
  clock.settle();
  EXPECT_EQ(launcher.last().readings, while_loading + 1) << "what it holds when it serves is what has to come back";
}

TEST_F(ResidencyTest, TheNextWorkerStartsOnlyWhenTheLastOneHasGone) {
  auto one = ask("a");
  come_up();
  auto two = ask("b");
  EXPECT_EQ(launcher.processes.size(), 1u);
  clock.advance(kMinResidency);
  one->release();
  clock.settle();
  EXPECT_TRUE(launcher.last().was_told<common::Exit>());
  clock.advance(5s);
  EXPECT_EQ(launcher.processes.size(), 1u) << "asked to leave is not gone";
  exit_last();
  ASSERT_EQ(launcher.processes.size(), 2u);
  EXPECT_EQ(launcher.alive(), 1u);
  come_up();
  EXPECT_TRUE(two->has_lease());
}

TEST_F(ResidencyTest, AWaiterThatIsCancelledLeavesTheQueueAndTheOthersAreServed) {
  auto one = ask("a"), two = ask("a");
  leave(*one);
  EXPECT_TRUE(one->left);
  come_up();
  EXPECT_TRUE(two->has_lease());
}

TEST_F(ResidencyTest, ALoadThatItsOnlyCallerLeftIsStopped) {
  auto one = ask("a");
  leave(*one);
  EXPECT_TRUE(launcher.last().was_told<common::Exit>());
}

TEST_F(ResidencyTest, ADrainDeadlineEndsTheLeaseWithItsReason) {
  auto one = ask("a");
  come_up();
  auto two = ask("b");
  bool told = false;
  (*one->outcome)->on_ended([&] { told = true; });
  clock.advance(kMaxWait);
  EXPECT_FALSE(told);
  clock.advance(supervisor::Timeouts{}.drain);
  EXPECT_TRUE(told);
  ASSERT_TRUE((*one->outcome)->ended());
  EXPECT_EQ((*one->outcome)->ended()->kind(), ErrorKind::model_evicted);
}

TEST_F(ResidencyTest, ACrashTellsTheLeaseHolders) {
  auto one = ask("a");
  come_up();
  launcher.last().end({.signal = SIGKILL});
  clock.settle();
  ASSERT_TRUE((*one->outcome)->ended());
  EXPECT_EQ((*one->outcome)->ended()->kind(), ErrorKind::worker_crashed);
  auto two = ask("a");
  come_up();
  EXPECT_TRUE(two->has_lease());
}

TEST_F(ResidencyTest, AModelThatBacksOffIsRefusedBeforeTheResidentIsTouched) {
  auto broken = ask("broken");
  launcher.last().end({.code = 70});
  clock.settle();
  ASSERT_TRUE(broken->outcome);
  EXPECT_EQ(broken->outcome->error().kind(), ErrorKind::load_failed);
  auto one = ask("a");
  come_up();
  auto again = ask("broken");
  ASSERT_TRUE(again->outcome);
  EXPECT_EQ(again->outcome->error().kind(), ErrorKind::backing_off);
  EXPECT_TRUE(again->outcome->error().retry_after());
  EXPECT_EQ(residency.view().phase, Phase::serving);
}

TEST_F(ResidencyTest, UnloadReturnsWhenTheWorkerHasGone) {
  auto one = ask("a");
  come_up();
  one->release();
  std::optional<common::Result<bool>> outcome;
  auto done = [&](std::exception_ptr, common::Result<bool> result) { outcome = result; };
  boost::asio::co_spawn(loop, residency.unload("a"), done);
  clock.settle();
  EXPECT_FALSE(outcome);
  exit_last();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(**outcome);
}

TEST_F(ResidencyTest, AWorkerThatTheKernelKeepsHoldsUpNeitherItsUnloadingNorTheEndOfTheDaemon) {
  auto one = ask("a");
  come_up();
  one->release();
  launcher.last().dies_of_signals = false;
  const supervisor::Timeouts timeouts;
  std::optional<common::Result<bool>> first, second;
  boost::asio::co_spawn(loop, residency.unload("a"), [&](std::exception_ptr, common::Result<bool> result) { first = result; });
  clock.advance(timeouts.stop);
  EXPECT_FALSE(first) << "it was killed just now";
  clock.advance(timeouts.reap);
  ASSERT_TRUE(first);
  ASSERT_FALSE(*first);
  EXPECT_EQ(first->error().kind(), ErrorKind::unkillable);
  boost::asio::co_spawn(loop, residency.unload("a"), [&](std::exception_ptr, common::Result<bool> result) { second = result; });
  clock.settle();
  ASSERT_TRUE(second) << "it is known already";
  EXPECT_FALSE(*second);
  bool down = false;
  boost::asio::co_spawn(loop, residency.shut_down(), [&](std::exception_ptr) { down = true; });
  clock.settle();
  EXPECT_TRUE(down);
}

TEST_F(ResidencyTest, AChangedEntryBringsTheModelBackWithTheNewOne) {
  registry::Catalog before, now;
  before.models["a"] = model("a");
  now.models["a"] = model("a");
  now.models["a"].context_tokens = 999;
  auto one = ask("a");
  come_up();
  residency.apply(before, before);
  EXPECT_EQ(residency.view().phase, Phase::serving) << "nothing changed";
  residency.apply(before, now);
  EXPECT_EQ(residency.view().phase, Phase::draining);
  one->release();
  clock.settle();
  exit_last();
  EXPECT_EQ(residency.view().phase, Phase::vacant);
}

TEST_F(ResidencyTest, WhatIsOnlySaidOrKnownOfAModelDoesNotSendItAway) {
  registry::Catalog before, now;
  before.models["a"] = model("a");
  now.models["a"] = model("a");
  now.models["a"].description = "the same weights";
  now.models["a"].max_requests = 3;
  now.models["a"].facts = std::make_shared<const registry::ModelFacts>();
  auto one = ask("a");
  come_up();
  residency.apply(before, now);
  EXPECT_EQ(residency.view().phase, Phase::serving);
  EXPECT_EQ(residency.view().leases, 1u);
}

TEST_F(ResidencyTest, TheHoursOfATierBeginAndEndByThemselves) {
  registry::Catalog catalog;
  catalog.models["big"] = model("big");
  catalog.tiers.overnight.hours = registry::parse_hours("22:00-07:00");
  catalog.tiers.overnight.models = {"big"};
  const auto noon = clock.now();
  residency.tell_time_by([&] { return std::chrono::floor<std::chrono::minutes>(12h + (clock.now() - noon)) % std::chrono::minutes(24h); });
  residency.configure(catalog);
  EXPECT_EQ(residency.tier_of("big"), registry::Tier::overnight);
  auto early = ask("big");
  ASSERT_TRUE(early->outcome);
  EXPECT_EQ(early->outcome->error().kind(), ErrorKind::tier_not_now);
  EXPECT_EQ(early->outcome->error().retry_after(), 10h);
  EXPECT_EQ(residency.unusable("big"), "its tier (overnight) is not loaded now");
  ASSERT_TRUE(residency.held_back("big"));
  EXPECT_EQ(residency.held_back("big")->retry_after(), 10h);
  EXPECT_TRUE(launcher.processes.empty());
  clock.advance(10h);
  EXPECT_FALSE(residency.held_back("big"));
  EXPECT_EQ(residency.unusable("big"), std::nullopt);
  auto at_night = ask("big");
  EXPECT_FALSE(at_night->outcome);
  come_up();
  ASSERT_TRUE(at_night->has_lease());
  at_night->release();
  clock.advance(9h);
  EXPECT_FALSE(residency.held_back("big")) << "it is still there";
  EXPECT_TRUE(ask("big")->has_lease());
}

TEST_F(ResidencyTest, AQueueTimeoutEndsTheWait) {
  registry::Catalog catalog;
  catalog.policy.queue_timeout = 10s;
  residency.configure(catalog);
  auto one = ask("a");
  come_up();
  auto two = ask("b");
  clock.advance(10s);
  ASSERT_TRUE(two->outcome);
  EXPECT_EQ(two->outcome->error().kind(), ErrorKind::queue_timeout);
}

TEST_F(ResidencyTest, AServerIsSilentWhileSomebodyWaitsAndNoPieceOfAnyAnswerComes) {
  registry::Model entry = model("a");
  entry.command = common::CommandLine{.arguments = {"serve"}, .answer_timeout = 60s};
  auto one = ask(entry), two = ask(entry);
  come_up();
  Lease &first = **one->outcome, &second = **two->outcome;
  const auto silent_for = [&] {
    const auto since = launcher.last().silent_since;
    return since ? std::optional(clock.now() - *since) : std::nullopt;
  };
  EXPECT_FALSE(silent_for()) << "nobody has asked yet";
  first.listens(true);
  clock.advance(10s);
  second.listens(true);
  EXPECT_EQ(silent_for(), 10s) << "the one who has waited longest counts";
  second.listens(false);
  EXPECT_EQ(silent_for(), 0s) << "a piece of any answer is a sign of life";
  clock.advance(5s);
  EXPECT_EQ(silent_for(), 5s) << "the first still waits, the other has a piece in hand";
  first.listens(false);
  clock.advance(5s);
  EXPECT_FALSE(silent_for()) << "clients that do not read are not the server's fault";
  second.listens(true);
  two->release();
  clock.settle();
  EXPECT_FALSE(silent_for());
}

TEST_F(ResidencyTest, WithoutALimitNobodyLooksWhetherAServerIsSilent) {
  registry::Model entry = model("a");
  entry.command = common::CommandLine{.arguments = {"serve"}};
  auto one = ask(entry);
  come_up();
  (*one->outcome)->listens(true);
  EXPECT_FALSE(launcher.last().silent_since);
}

// Who asked before an edit may be answered by a server that was started after it, and is asked in its words.
TEST_F(ResidencyTest, ALeaseKnowsWhatItsWorkerWasStartedWith) {
  registry::Catalog before;
  before.models["a"] = model("a");
  before.models["a"].command = common::CommandLine{.arguments = {"serve"}, .served_model_name = "old"};
  before.models["b"] = model("b");
  residency.configure(before);
  auto running = ask("b");
  come_up();
  auto waiting = ask(before.models["a"]);
  registry::Catalog now = before;
  now.models["a"].command->served_model_name = "new";
  residency.apply(before, now);
  running->release();
  clock.advance(kMinResidency);
  exit_last();
  ASSERT_EQ(launcher.last().model, "a");
  come_up();
  ASSERT_TRUE(waiting->outcome && waiting->outcome->has_value());
  EXPECT_EQ((*waiting->outcome)->model().command->served_model_name, "new");
  EXPECT_EQ(launcher.commands.back().line.served_model_name, "new");
}

// A request that is tried once more was resolved before the edit.
TEST_F(ResidencyTest, WhoAsksWithAnEntryOfYesterdayDoesNotBringItBack) {
  registry::Catalog before;
  before.models["a"] = model("a");
  before.models["a"].command = common::CommandLine{.arguments = {"serve"}, .served_model_name = "old"};
  residency.configure(before);
  auto first = ask(before.models["a"]);
  come_up();
  registry::Catalog now = before;
  now.models["a"].command->served_model_name = "new";
  residency.apply(before, now);
  exit_last();
  auto again = ask(before.models["a"]);
  come_up();
  ASSERT_TRUE(again->outcome && again->outcome->has_value());
  EXPECT_EQ((*again->outcome)->model().command->served_model_name, "new");
  EXPECT_EQ(launcher.commands.back().line.served_model_name, "new");
}

}  // namespace
}  // namespace proxy::residency
