// What can never fit is refused before anything leaves for it.
#include <gmock/gmock.h>

#include "proxy/residency/conductor.hpp"

namespace proxy::residency {
namespace {

using common::ErrorKind;
using testing::HasSubstr;

constexpr std::uint64_t kMiB = 1 << 20;

class MemoryTest : public testing::Test {
 protected:
  MemoryTest() {
    settings.memory_bytes = 1000 * kMiB;
    settings.memory = "2000.0 MiB of memory without 1000.0 MiB that are kept free";
    settings.terms["small"] = {.needed_bytes = 600 * kMiB, .need = "weights 500.0 MiB"};
    settings.terms["large"] = {.needed_bytes = 1001 * kMiB, .need = "weights 900.0 MiB"};
    settings.terms["embed"] = {.file_bytes = 500 * kMiB, .needed_bytes = 500 * kMiB};
    conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  }
  std::vector<Effect> ask(WaiterId waiter, const ModelId& model, bool operator_load = false) {
    return conductor.on(Arrives{.waiter = waiter, .model = model, .operator_load = operator_load}, now);
  }
  static const common::Error* refusal(const std::vector<Effect>& effects) {
    for (const Effect& effect : effects) {
      if (auto* reject = std::get_if<Reject>(&effect)) return &reject->why;
    }
    return nullptr;
  }

  TimePoint now{};
  Settings settings;
  Conductor conductor;
};

TEST_F(MemoryTest, WhatIsLargerThanTheBudgetIsRefusedAtOnceWithTheArithmetic) {
  EXPECT_EQ(refusal(ask(1, "small")), nullptr);
  const auto effects = ask(2, "large");
  ASSERT_EQ(effects.size(), 1u) << "nothing but the refusal: nobody drains, nothing is started";
  ASSERT_NE(refusal(effects), nullptr);
  EXPECT_EQ(refusal(effects)->kind(), ErrorKind::insufficient_memory);
  EXPECT_THAT(refusal(effects)->message(), HasSubstr("large cannot be loaded: it needs 1001.0 MiB (weights 900.0 MiB)"));
  EXPECT_THAT(refusal(effects)->message(), HasSubstr("1000.0 MiB (2000.0 MiB of memory without 1000.0 MiB that are kept free)"));
  EXPECT_EQ(conductor.core().active(), "small");
  EXPECT_TRUE(conductor.core().queue().size() == 1) << "only who waits for the small one";
  EXPECT_NE(refusal(ask(3, "large", true)), nullptr) << "an operator cannot make memory either";
}

TEST_F(MemoryTest, AModelOfWhichOnlyTheSizeIsKnownNeedsThatMuch) {
  settings.terms["unread"] = {.file_bytes = 1001 * kMiB};
  conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  const auto effects = ask(1, "unread");
  ASSERT_NE(refusal(effects), nullptr);
  EXPECT_THAT(refusal(effects)->message(), HasSubstr("it needs 1001.0 MiB (the size of its file)"));
}

TEST_F(MemoryTest, PinnedModelsTakeTheirShareOfTheBudget) {
  EXPECT_EQ(refusal(ask(1, "small")), nullptr);
  conductor.on(Leaves{1}, now);
  conductor.on(Pin{"embed"}, now);
  const auto effects = ask(2, "other");
  EXPECT_EQ(refusal(effects), nullptr) << "of what is not known nothing is held against it";
  settings.terms["third"] = {.needed_bytes = 600 * kMiB};
  conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  const auto refused = ask(3, "third");
  ASSERT_NE(refusal(refused), nullptr);
  EXPECT_THAT(refusal(refused)->message(), HasSubstr("of which pinned ones take 500.0 MiB"));
  EXPECT_EQ(conductor.pinned_beside("embed"), 0u);
  EXPECT_EQ(conductor.pinned_beside("third"), 500 * kMiB);
}

TEST_F(MemoryTest, TheModelThatIsThereIsServedWhateverThePredictionSays) {
  ask(1, "small");
  settings.terms["small"].needed_bytes = 5000 * kMiB;
  conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  EXPECT_EQ(refusal(ask(2, "small")), nullptr);
}

TEST_F(MemoryTest, WhoWaitsForAModelThatHasBecomeTooLargeIsToldAndNobodyLeavesForIt) {
  ask(1, "small");
  settings.terms["other"] = {.needed_bytes = 100 * kMiB};
  conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  EXPECT_EQ(refusal(ask(2, "other")), nullptr);
  settings.terms["other"].needed_bytes = 2000 * kMiB;
  const auto effects = conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  ASSERT_NE(refusal(effects), nullptr);
  EXPECT_EQ(refusal(effects)->kind(), ErrorKind::insufficient_memory);
  EXPECT_EQ(conductor.core().queue().size(), 1u);
}

TEST_F(MemoryTest, WhereMemoryIsNotKnownNothingIsRefused) {
  settings.memory_bytes = 0;
  conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  EXPECT_EQ(refusal(ask(1, "large")), nullptr);
}

TEST_F(MemoryTest, ADefaultThatCannotFitIsNotReturnedTo) {
  settings.default_model = "large";
  settings.return_to_default_after = milliseconds(1000);
  conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  EXPECT_EQ(conductor.core().settings().default_model, "");
  settings.memory_bytes = 2000 * kMiB;
  conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  EXPECT_EQ(conductor.core().settings().default_model, "large");
}

}  // namespace
}  // namespace proxy::residency
