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
