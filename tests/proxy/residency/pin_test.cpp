// Pinned models: a place of their own beside the resident one.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>

#include "proxy/residency/residency.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_launcher.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using common::ErrorKind;

constexpr std::uint64_t kMiB = 1 << 20;

class PinTest : public testing::Test {
 protected:
  PinTest() {
    for (const char* id : {"large", "other", "embed", "rerank"})
      catalog.models[id] = {.id = id, .artifact = "/models", .bytes = 100 * kMiB};
    catalog.memory.pinned_bytes = 512 * kMiB;
    residency.configure(catalog);
  }
  ~PinTest() override {
    leases.clear();
    bool down = false;
    boost::asio::co_spawn(loop, residency.shut_down(), [&](std::exception_ptr) { down = true; });
    for (int i = 0; i < 200 && !down; ++i) {
      for (auto& process : launcher.processes) process->end({});
      clock.advance(1s);
    }
    EXPECT_TRUE(down);
  }

  // A request: its outcome is kept under `name` once it has one.
  void ask(const std::string& name, const std::string& id) {
    boost::asio::co_spawn(loop, residency.acquire({.model = catalog.models.at(id)}),
                          [this, name](std::exception_ptr, common::Result<Lease> outcome) { leases[name] = std::move(outcome); });
    clock.settle();
  }
  bool served(const std::string& name) { return leases.contains(name) && leases[name].has_value(); }
  void pin(const std::string& id) {
    boost::asio::co_spawn(loop, residency.pin(catalog.models.at(id)),
                          [this](std::exception_ptr, common::Result<std::string> outcome) { pinned = std::move(outcome); });
    clock.settle();
  }
  void unpin(const std::string& id) {
    boost::asio::co_spawn(loop, residency.unpin(id), [this](std::exception_ptr, bool was) { unpinned = was; });
    clock.settle();
  }
  // The worker of `id` that was started last says that it is ready.
  void come_up(const std::string& id, common::Purpose purpose = common::Purpose::embedding, std::uint64_t bytes = 100 * kMiB) {
    auto& process = worker(id);
    common::Ready ready = tests::ready_message(id);
    ready.purpose = purpose;
    ready.memory = {{.device = "CPU", .weights_bytes = bytes}};
    process.own_bytes = bytes;
    launcher.available -= bytes;
    process.say(common::Hello{});
    process.say(std::move(ready));
    clock.settle();
  }
  void ends(const std::string& id, common::ExitStatus status = {}) {
    launcher.available += worker(id).own_bytes;
    worker(id).end(status);
    clock.settle();
  }
  tests::FakeProcess& worker(const std::string& id) {
    auto found = std::ranges::find(launcher.processes.rbegin(), launcher.processes.rend(), id, [](const auto& p) { return p->model; });
    if (found == launcher.processes.rend()) throw std::runtime_error("no worker was ever started for " + id);
    return **found;
  }
  std::size_t started(const std::string& id) {
    return static_cast<std::size_t>(std::ranges::count(launcher.processes, id, [](const auto& p) { return p->model; }));
  }
  // A server of somebody else's, and what the registry says of it.
  registry::Model server(common::Purpose purpose, std::uint64_t bytes) {
    return {.id = "theirs",
            .command = common::CommandLine{.arguments = {"serve", "${PORT}"}},
            .memory_bytes = bytes,
            .purpose = purpose};
  }
  void publish_server(common::Purpose purpose, std::uint64_t bytes) {
    const registry::Catalog before = catalog;
    catalog.models["theirs"] = server(purpose, bytes);
    catalog.pinned = {"theirs"};
    residency.apply(before, catalog);
    clock.settle();
  }
  std::string refusal() {
    const auto view = residency.view();
    auto refused = view.pin_refusals.find("theirs");
    return refused == view.pin_refusals.end() ? "" : refused->second.message();
  }
  void publish(std::set<std::string> ids) {
    const registry::Catalog before = catalog;
    catalog.pinned = std::move(ids);
    residency.apply(before, catalog);
    clock.settle();
  }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  tests::FakeLauncher launcher{loop};
  registry::Catalog catalog;
  Residency residency{loop.get_executor(), clock, launcher, {}};
  std::map<std::string, common::Result<Lease>> leases;
  std::optional<common::Result<std::string>> pinned;
  std::optional<bool> unpinned;
};

TEST_F(PinTest, StaysBesideTheResidentAndBothServe) {
  publish({"embed"});
  come_up("embed");
  ask("chat", "large");
  come_up("large", common::Purpose::generation, 20'000 * kMiB);
  ask("vector", "embed");
  EXPECT_TRUE(served("chat"));
  EXPECT_TRUE(served("vector"));
  EXPECT_EQ(launcher.alive(), 2u);
  EXPECT_EQ(residency.view().active, "large");
  ASSERT_EQ(residency.view().pinned.size(), 1u);
  EXPECT_EQ(residency.view().pinned[0].leases, 1u);
}

TEST_F(PinTest, OthersTakeTurnsWithoutIt) {
  publish({"embed"});
  come_up("embed");
  ask("chat", "large");
  come_up("large", common::Purpose::generation);
  leases.clear();
  ask("second", "other");
  clock.advance(1s);
  EXPECT_TRUE(worker("large").was_told<common::Exit>());
  ends("large");
  come_up("other", common::Purpose::generation);
  EXPECT_TRUE(served("second"));
  EXPECT_FALSE(worker("embed").was_told<common::Exit>());
  EXPECT_EQ(launcher.alive(), 2u);
}

TEST_F(PinTest, TheResidentIsPinnedWhereItIs) {
  ask("vector", "embed");
  come_up("embed");
  ask("chat", "large");
  EXPECT_FALSE(served("chat")) << "one at a time";
  pin("embed");
  ASSERT_TRUE(pinned && pinned->has_value());
  EXPECT_EQ(**pinned, "sha256:embed");
  EXPECT_FALSE(leases["vector"]->ended()) << "its request goes on";
  come_up("large", common::Purpose::generation);
  EXPECT_TRUE(served("chat")) << "the place is free for the others";
  EXPECT_EQ(started("embed"), 1u) << "nothing was loaded anew";
}

TEST_F(PinTest, WhatIsTooLargeIsRefusedBeforeAnythingIsStarted) {
  catalog.models["embed"].bytes = 600 * kMiB;
  residency.configure(catalog);
  pin("embed");
  ASSERT_TRUE(pinned && !pinned->has_value());
  EXPECT_EQ(pinned->error().kind(), ErrorKind::insufficient_memory);
  EXPECT_NE(pinned->error().message().find("600.0 MiB"), std::string::npos) << pinned->error().message();
  EXPECT_NE(pinned->error().message().find("512 MiB"), std::string::npos) << pinned->error().message();
  EXPECT_TRUE(launcher.processes.empty());
}

TEST_F(PinTest, ALargerBudgetPinsWhatWasRefused) {
  catalog.models["embed"].bytes = 600 * kMiB;
  publish({"embed"});
  EXPECT_TRUE(residency.view().pin_refusals.contains("embed"));
  catalog.memory.pinned_bytes = 1024 * kMiB;
  residency.configure(catalog);
  come_up("embed", common::Purpose::embedding, 700 * kMiB);
  EXPECT_TRUE(residency.view().pin_refusals.empty());
  EXPECT_EQ(residency.view().pinned.size(), 1u);
}

TEST_F(PinTest, WhatHoldsMoreThanItsFileSaysHasToLeaveAndTakesTurns) {
  publish({"rerank"});
  come_up("rerank", common::Purpose::reranking, 300 * kMiB);
  pin("embed");
  ask("vector", "embed");
  come_up("embed", common::Purpose::embedding, 300 * kMiB);  // 600 of 512
  ASSERT_TRUE(pinned && !pinned->has_value());
  EXPECT_EQ(pinned->error().kind(), ErrorKind::insufficient_memory);
  EXPECT_TRUE(worker("embed").was_told<common::Exit>());
  ends("embed");
  EXPECT_FALSE(leases.contains("vector")) << "it waits on, among the others";
  come_up("embed", common::Purpose::embedding, 300 * kMiB);
  EXPECT_TRUE(served("vector"));
  EXPECT_EQ(residency.view().active, "embed");
  EXPECT_TRUE(residency.view().pin_refusals.contains("embed"));
  EXPECT_EQ(residency.view().pinned.size(), 1u);
}

TEST_F(PinTest, AModelThatGeneratesIsNotPinned) {
  publish({"large"});
  ask("chat", "large");
  come_up("large", common::Purpose::generation);
  EXPECT_TRUE(residency.view().pin_refusals.contains("large"));
  ends("large");
  come_up("large", common::Purpose::generation);
  EXPECT_TRUE(served("chat"));
  EXPECT_EQ(residency.view().active, "large");
  pin("large");
  ASSERT_TRUE(pinned && !pinned->has_value());
  EXPECT_EQ(pinned->error().kind(), ErrorKind::bad_request);
  EXPECT_FALSE(leases["chat"]->ended()) << "the resident is not disturbed by the question";
}

TEST_F(PinTest, UnpinnedItLeavesAndTakesTurns) {
  pin("embed");
  come_up("embed");
  ASSERT_TRUE(pinned && pinned->has_value());
  ask("running", "embed");
  unpin("embed");
  EXPECT_FALSE(worker("embed").was_told<common::Exit>()) << "its requests are finished first";
  ask("next", "embed");
  EXPECT_FALSE(served("next"));
  leases.erase("running");
  clock.settle();
  EXPECT_FALSE(unpinned);
  ends("embed");
  EXPECT_EQ(unpinned, true);
  come_up("embed");
  EXPECT_TRUE(served("next"));
  EXPECT_EQ(residency.view().active, "embed");
  EXPECT_TRUE(residency.view().pinned.empty());
  unpinned.reset();
  unpin("embed");
  EXPECT_EQ(unpinned, false);
}

TEST_F(PinTest, PinnedAgainWhileItLeavesItComesBack) {
  pin("embed");
  come_up("embed");
  unpin("embed");
  pinned.reset();
  pin("embed");
  ends("embed");
  come_up("embed");
  EXPECT_TRUE(pinned && pinned->has_value());
  EXPECT_EQ(residency.view().pinned.size(), 1u);
}

TEST_F(PinTest, ComesBackAfterACrashAndAChangeButNotAfterAnUnload) {
  publish({"embed"});
  come_up("embed");
  ends("embed", {.signal = SIGSEGV});
  EXPECT_EQ(started("embed"), 2u) << "nobody had to ask for it";
  come_up("embed");
  const registry::Catalog before = catalog;
  catalog.models["embed"].context_tokens = 512;
  residency.apply(before, catalog);
  clock.settle();
  ends("embed");
  EXPECT_EQ(started("embed"), 3u);
  come_up("embed");
  boost::asio::co_spawn(loop, residency.unload("embed"), [](std::exception_ptr, common::Result<bool>) {});
  clock.settle();
  ends("embed");
  EXPECT_EQ(started("embed"), 3u);
  ask("vector", "embed");
  come_up("embed");
  EXPECT_TRUE(served("vector"));
  EXPECT_EQ(residency.view().active, "") << "in its own place";
}

TEST_F(PinTest, ALoadThatFailsIsNotTriedInALoop) {
  publish({"embed"});
  ends("embed", {.code = 69});
  EXPECT_EQ(started("embed"), 1u);
  clock.advance(60s);
  EXPECT_EQ(started("embed"), 1u);
  ask("vector", "embed");
  come_up("embed");
  EXPECT_TRUE(served("vector"));
}

TEST_F(PinTest, IsNotIdle) {
  catalog.policy.idle_ttl = 10s;
  residency.configure(catalog);
  publish({"embed"});
  come_up("embed");
  clock.advance(60s);
  EXPECT_FALSE(worker("embed").was_told<common::Exit>());
}

TEST_F(PinTest, TheRegistryPinsAndUnpins) {
  publish({"embed", "rerank"});
  come_up("embed");
  come_up("rerank", common::Purpose::reranking);
  publish({"rerank"});
  EXPECT_TRUE(worker("embed").was_told<common::Exit>());
  ends("embed");
  EXPECT_EQ(residency.view().pinned.size(), 1u);
  EXPECT_EQ(started("embed"), 1u);
}

TEST_F(PinTest, WhatAnOperatorDidStandsUntilTheRegistrySaysOtherwise) {
  publish({"embed"});
  come_up("embed");
  unpin("embed");
  ends("embed");
  publish({"embed"});  // the same as before
  EXPECT_EQ(started("embed"), 1u);
  publish({});
  publish({"embed"});
  EXPECT_EQ(started("embed"), 2u);
}

TEST_F(PinTest, ADefaultModelThatIsPinnedDoesNotHaveToReturn) {
  catalog.roles["default"] = "embed";
  catalog.policy.return_to_default_after = 5s;
  publish({"embed"});
  come_up("embed");
  ask("chat", "large");
  come_up("large", common::Purpose::generation);
  leases.clear();
  clock.advance(60s);
  EXPECT_FALSE(worker("large").was_told<common::Exit>());
  EXPECT_EQ(started("embed"), 1u);
}

// Memory that a pinned model takes while another one leaves is not memory that the other keeps.
TEST_F(PinTest, ComingWhileAnotherModelLeavesItIsNotMistakenForItsMemory) {
  ask("chat", "large");
  come_up("large", common::Purpose::generation, 4'000 * kMiB);
  leases.clear();
  ask("second", "other");
  clock.advance(1s);
  ASSERT_TRUE(worker("large").was_told<common::Exit>());
  pin("embed");
  come_up("embed", common::Purpose::embedding, 500 * kMiB);
  ends("large");
  EXPECT_EQ(started("other"), 1u) << "the memory is back, at once";
}

TEST_F(PinTest, AnotherModelInItsPlaceOfTheListFindsItsRoom) {
  catalog.models["embed"].bytes = catalog.models["rerank"].bytes = 400 * kMiB;
  publish({"embed"});
  come_up("embed", common::Purpose::embedding, 400 * kMiB);
  publish({"rerank"});
  EXPECT_TRUE(worker("embed").was_told<common::Exit>());
  ends("embed");
  come_up("rerank", common::Purpose::reranking, 400 * kMiB);
  ASSERT_EQ(residency.view().pinned.size(), 1u);
  EXPECT_EQ(residency.view().pinned[0].model, "rerank");
  EXPECT_TRUE(residency.view().pin_refusals.empty());
}

TEST_F(PinTest, FilesThatTogetherAreTooLargeAreNotLoadedTogether) {
  catalog.models["embed"].bytes = catalog.models["rerank"].bytes = 400 * kMiB;
  publish({"embed", "rerank"});
  EXPECT_EQ(launcher.processes.size(), 1u);
  EXPECT_EQ(residency.view().pin_refusals.size(), 1u);
}

TEST_F(PinTest, ASmallerBudgetSendsAway) {
  publish({"embed"});
  come_up("embed", common::Purpose::embedding, 300 * kMiB);
  catalog.memory.pinned_bytes = 200 * kMiB;
  residency.configure(catalog);
  clock.settle();
  EXPECT_TRUE(worker("embed").was_told<common::Exit>());
  ends("embed");
  EXPECT_EQ(started("embed"), 1u);
  EXPECT_TRUE(residency.view().pinned.empty());
  EXPECT_TRUE(residency.view().pin_refusals.contains("embed"));
}

TEST_F(PinTest, AFileThatBecameTooLargeIsNotLoaded) {
  publish({"embed"});
  come_up("embed");
  const registry::Catalog before = catalog;
  catalog.models["embed"].bytes = 20'000 * kMiB;
  residency.apply(before, catalog);
  clock.settle();
  ends("embed");
  EXPECT_EQ(started("embed"), 1u);
  EXPECT_TRUE(residency.view().pin_refusals.contains("embed"));
}

TEST_F(PinTest, AMendedFileIsLoaded) {
  publish({"embed"});
  ends("embed", {.code = 65});
  const registry::Catalog before = catalog;
  catalog.models["embed"].identity = "another";
  residency.apply(before, catalog);
  clock.settle();
  EXPECT_EQ(started("embed"), 2u);
}

TEST_F(PinTest, AnotherFileOfAModelThatWasRefusedIsTriedAtOnceAndOnlyOnce) {
  publish({"embed"});
  come_up("embed", common::Purpose::generation);
  ends("embed");
  ASSERT_EQ(started("embed"), 1u) << "it generates, so it is not pinned";
  const registry::Catalog before = catalog;
  catalog.models["embed"].identity = "another";
  catalog.models["embed"].artifact = "/others";
  residency.apply(before, catalog);
  clock.settle();
  ASSERT_EQ(started("embed"), 2u) << "what the old file was for says nothing of this one";
  worker("embed").say(common::Hello{});
  clock.settle();
  ASSERT_TRUE(worker("embed").was_told<common::Load>());
  come_up("embed");
  EXPECT_EQ(started("embed"), 2u);
}

TEST_F(PinTest, WhatGeneratesIsRefusedAlsoWhileItLeaves) {
  ask("chat", "large");
  come_up("large", common::Purpose::generation);
  leases.clear();
  ask("second", "other");
  clock.advance(1s);
  ASSERT_TRUE(worker("large").was_told<common::Exit>());
  pin("large");
  ASSERT_TRUE(pinned && !pinned->has_value());
  EXPECT_EQ(started("other"), 0u) << "the place is not free";
}

TEST_F(PinTest, AnUnloadStandsAlthoughTheWorkerThenCrashesOrItsEntryChanges) {
  publish({"embed"});
  come_up("embed");
  ask("running", "embed");
  boost::asio::co_spawn(loop, residency.unload("embed"), [](std::exception_ptr, common::Result<bool>) {});
  clock.settle();
  ends("embed", {.signal = SIGSEGV});
  EXPECT_EQ(started("embed"), 1u);
}

TEST_F(PinTest, WhatIsPinnedWhileItLoadsGoesOnLoading) {
  catalog.roles["default"] = "embed";
  catalog.policy.return_to_default_after = 5s;
  residency.configure(catalog);
  ask("chat", "large");
  come_up("large", common::Purpose::generation);
  leases.clear();
  clock.advance(6s);
  ends("large");  // the default model returns, although nobody has asked for it so far
  ASSERT_EQ(started("embed"), 1u);
  pin("embed");
  come_up("embed");
  EXPECT_TRUE(pinned && pinned->has_value());
  EXPECT_EQ(started("embed"), 1u);
}

TEST_F(PinTest, UnpinnedWhileItLoadsItIsNotSaidToBePinned) {
  pin("embed");
  unpin("embed");
  ASSERT_TRUE(pinned && !pinned->has_value());
  EXPECT_EQ(pinned->error().kind(), ErrorKind::model_unloaded);
  ends("embed");
  EXPECT_EQ(started("embed"), 1u);
}

TEST_F(PinTest, AnOperatorsPinEndsWithItsModelsEntry) {
  pin("embed");
  come_up("embed");
  const registry::Catalog before = catalog;
  catalog.models.erase("embed");
  residency.apply(before, catalog);
  clock.settle();
  ends("embed");
  EXPECT_TRUE(residency.view().pinned.empty());
}

TEST_F(PinTest, AModelThatLeavesTheRegistryLeavesItsPlace) {
  publish({"embed"});
  come_up("embed");
  const registry::Catalog before = catalog;
  catalog.pinned.clear();
  catalog.models.erase("embed");
  residency.apply(before, catalog);
  clock.settle();
  EXPECT_TRUE(worker("embed").was_told<common::Exit>());
  ends("embed");
  EXPECT_TRUE(residency.view().pinned.empty());
  EXPECT_EQ(launcher.alive(), 0u);
}

TEST_F(PinTest, AServerThatTheRegistrySaysEmbedsStaysBesideTheResident) {
  publish_server(common::Purpose::embedding, 100 * kMiB);
  ASSERT_EQ(launcher.commands.size(), 1u);
  EXPECT_EQ(launcher.commands[0].purpose, common::Purpose::embedding);
  come_up("theirs");
  ask("chat", "large");
  come_up("large", common::Purpose::generation, 20'000 * kMiB);
  ask("vector", "theirs");
  EXPECT_TRUE(served("chat"));
  EXPECT_TRUE(served("vector"));
  EXPECT_EQ(residency.view().active, "large");
  ASSERT_EQ(residency.view().pinned.size(), 1u);
  EXPECT_EQ(residency.view().pinned[0].model, "theirs");
}

TEST_F(PinTest, AServerIsNotPinnedBeforeTheRegistrySaysWhatItIsForAndWhatItHolds) {
  publish_server(common::Purpose::generation, 100 * kMiB);
  EXPECT_NE(refusal().find("it generates text"), std::string::npos) << refusal();
  EXPECT_NE(refusal().find("\"purpose\""), std::string::npos) << refusal();
  publish_server(common::Purpose::reranking, 0);
  EXPECT_NE(refusal().find("\"memory_mib\""), std::string::npos) << refusal();
  publish_server(common::Purpose::reranking, 600 * kMiB);
  EXPECT_NE(refusal().find("it takes 600.0 MiB"), std::string::npos) << refusal();
  EXPECT_TRUE(launcher.processes.empty()) << "nothing was started for any of these";
  publish_server(common::Purpose::reranking, 300 * kMiB);
  EXPECT_EQ(refusal(), "");
  EXPECT_EQ(started("theirs"), 1u);
}

TEST_F(PinTest, TheSizeOfAnArtifactIsWhatAServerHoldsWhereTheRegistryDoesNotSay) {
  const registry::Catalog before = catalog;
  catalog.models["theirs"] = server(common::Purpose::embedding, 0);
  catalog.models["theirs"].bytes = 100 * kMiB;
  catalog.pinned = {"theirs"};
  residency.apply(before, catalog);
  clock.settle();
  EXPECT_EQ(started("theirs"), 1u);
}

TEST_F(PinTest, AServerThatHoldsMoreThanTheRegistrySaidHasToLeave) {
  publish_server(common::Purpose::embedding, 100 * kMiB);
  come_up("theirs", common::Purpose::embedding, 600 * kMiB);
  EXPECT_TRUE(worker("theirs").was_told<common::Exit>());
  ends("theirs");
  EXPECT_EQ(started("theirs"), 1u);
  EXPECT_NE(refusal().find("it takes 600.0 MiB"), std::string::npos) << refusal();
}

TEST_F(PinTest, AServerThatGeneratedUntilAnEditIsPinnedOnceItHasLeft) {
  publish_server(common::Purpose::generation, 100 * kMiB);
  ask("chat", "theirs");
  come_up("theirs", common::Purpose::generation);
  publish_server(common::Purpose::embedding, 100 * kMiB);
  EXPECT_TRUE(residency.view().pinned.empty()) << "it still generates, and has a request";
  leases.clear();
  clock.settle();
  ends("theirs");
  EXPECT_EQ(started("theirs"), 2u);
  ASSERT_EQ(residency.view().pinned.size(), 1u);
  EXPECT_EQ(refusal(), "");
  come_up("theirs");
  publish_server(common::Purpose::generation, 100 * kMiB);
  EXPECT_TRUE(worker("theirs").was_told<common::Exit>()) << "what generates has no place of its own";
  ends("theirs");
  EXPECT_TRUE(residency.view().pinned.empty());
}

}  // namespace
}  // namespace proxy::residency
