#include "proxy/residency/swap_record.hpp"

#include <gtest/gtest.h>

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using supervisor::State;

class SwapRecordTest : public testing::Test {
 protected:
  // The worker of `model` was in `from` for this long.
  std::optional<common::Json> moves(const ModelId& model, State from, State to, milliseconds after) {
    now += after;
    return recorder.on(WorkerMoved{model, {.from = from, .to = to, .on = supervisor::Event::timed_out}}, now);
  }
  void leaves(const ModelId& model) {
    moves(model, State::ready, State::draining, 100s);
    moves(model, State::draining, State::saving, 3s);
    moves(model, State::saving, State::stopping, 1s);
    moves(model, State::stopping, State::reaping, 500ms);
    moves(model, State::reaping, State::stopped, 250ms);
  }
  std::optional<common::Json> comes(const ModelId& model) {
    moves(model, State::stopped, State::starting, 0ms);
    moves(model, State::starting, State::loading, 125ms);
    moves(model, State::loading, State::probing, 8s);
    return moves(model, State::probing, State::ready, 2s);
  }

  TimePoint now{1h};
  SwapRecorder recorder;
};

TEST_F(SwapRecordTest, EveryPartHasItsTimeAndTheyMakeUpTheTotal) {
  leaves("a");
  recorder.on(PhaseChanged{"b", Phase::loading, Reason::requested}, now);
  auto swap = comes("b");
  ASSERT_TRUE(swap);
  EXPECT_EQ((*swap)["from"], "a");
  EXPECT_EQ((*swap)["to"], "b");
  EXPECT_EQ((*swap)["reason"], "requested");
  const auto seconds = (*swap)["seconds"];
  EXPECT_DOUBLE_EQ(seconds["drain"], 3);
  EXPECT_DOUBLE_EQ(seconds["save"], 1);
  EXPECT_DOUBLE_EQ(seconds["exit"], 0.5);
  EXPECT_DOUBLE_EQ(seconds["release"], 0.25);
  EXPECT_DOUBLE_EQ(seconds["spawn"], 0.125);
  EXPECT_DOUBLE_EQ(seconds["load"], 8);
  EXPECT_DOUBLE_EQ(seconds["probe"], 2);
  EXPECT_DOUBLE_EQ(seconds["total"], 14.875);
}

TEST_F(SwapRecordTest, WhatWasDecidedBeforeAndWhatALoadIsMadeOfIsToldToo) {
  const TimePoint asked = now + 95s;
  leaves("a");  // its drain begins 100 s from the start
  moves("b", State::stopped, State::starting, 0ms);
  recorder.on(PhaseChanged{"b", Phase::loading, Reason::requested}, now, asked);
  moves("b", State::starting, State::loading, 125ms);
  recorder.progressed("weights", now + 1s);
  recorder.progressed("context", now + 6s);
  recorder.progressed("warmup", now + 7s);
  moves("b", State::loading, State::probing, 8s);
  const auto seconds = (*moves("b", State::probing, State::ready, 2s))["seconds"];
  EXPECT_DOUBLE_EQ(seconds["decide"], 5);
  EXPECT_DOUBLE_EQ(seconds["read"], 6);
  EXPECT_DOUBLE_EQ(seconds["init"], 2);
  EXPECT_DOUBLE_EQ(seconds["load"], 8);
  EXPECT_DOUBLE_EQ(seconds["total"], 14.875) << "what came before the drain is no part of the swap";
}

TEST_F(SwapRecordTest, SomebodyWhoAsksDuringTheDrainDidNotWaitForADecision) {
  leaves("a");
  moves("b", State::stopped, State::starting, 0ms);
  recorder.on(PhaseChanged{"b", Phase::loading, Reason::requested}, now, now - 1s);
  moves("b", State::starting, State::loading, 0ms);
  moves("b", State::loading, State::probing, 0ms);
  EXPECT_DOUBLE_EQ((*moves("b", State::probing, State::ready, 0ms))["seconds"]["decide"], 0);
}

TEST_F(SwapRecordTest, WhetherTheMemoryCameBackIsTold) {
  leaves("a");
  recorder.released("a", 0);
  EXPECT_EQ((*comes("b"))["released"], (common::Json{{"verified", true}, {"missing_bytes", 0}}));
  leaves("b");
  recorder.released("b", 300 << 20);
  EXPECT_EQ((*comes("c"))["released"], (common::Json{{"verified", false}, {"missing_bytes", 300 << 20}}));
  moves("c", State::ready, State::reaping, 1s);
  recorder.released("other", 1);
  EXPECT_TRUE((*comes("c"))["released"].is_null()) << "that was another's";
}

TEST_F(SwapRecordTest, AFirstLoadComesFromNowhere) {
  auto swap = comes("a");
  ASSERT_TRUE(swap);
  EXPECT_TRUE((*swap)["from"].is_null());
  EXPECT_DOUBLE_EQ((*swap)["seconds"]["total"], 10.125);
}

TEST_F(SwapRecordTest, AnUnloadIsNoSwapAndDoesNotCountTowardsTheNextOne) {
  leaves("a");
  recorder.on(PhaseChanged{"", Phase::vacant, Reason::operator_unload}, now);
  now += 24h;
  auto swap = comes("b");
  EXPECT_TRUE((*swap)["from"].is_null());
  EXPECT_DOUBLE_EQ((*swap)["seconds"]["total"], 10.125);
}

TEST_F(SwapRecordTest, ADrainThatWasTakenBackIsForgotten) {
  moves("a", State::ready, State::draining, 1s);
  moves("a", State::draining, State::ready, 5s);
  now += 1h;
  leaves("a");
  auto swap = comes("b");
  EXPECT_DOUBLE_EQ((*swap)["seconds"]["drain"], 3);
}

}  // namespace
}  // namespace proxy::residency
