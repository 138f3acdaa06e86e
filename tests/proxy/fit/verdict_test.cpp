#include "proxy/fit/verdict.hpp"

#include <gmock/gmock.h>

namespace proxy::fit {
namespace {

using testing::HasSubstr;

class VerdictTest : public testing::Test {
 protected:
  VerdictTest() {
    facts.layers.assign(6, {.query_values = 256, .key_values = 128, .value_values = 128, .hidden = 512});
    shape = registry::settled({.context_tokens = 2048, .parallel = 2}, facts);
    need = registry::predict(facts, shape);
  }
  Verdict judge_with(std::uint64_t budget, std::optional<std::uint64_t> measured = std::nullopt) const {
    return judge({.facts = facts, .shape = shape, .need = need, .measured_bytes = measured, .budget = {.physical_bytes = budget}});
  }

  registry::ModelFacts facts{.tensor_bytes = 50 << 20, .architecture = "llama", .trained_context = 8192, .width = 256, .vocabulary = 768};
  registry::RunShape shape;
  registry::MemoryNeed need;
};

TEST_F(VerdictTest, FitsUpToTheLastByte) {
  EXPECT_TRUE(judge_with(need.total()).fits);
  EXPECT_FALSE(judge_with(need.total() - 1).fits);
  EXPECT_EQ(judge_with(need.total()).largest_context, 2048u);
  EXPECT_EQ(judge_with(1ull << 40).largest_context, 8192u);
  EXPECT_EQ(judge_with(1 << 20).largest_context, 0u);
}

TEST_F(VerdictTest, FitsNotWhenItsTierMayHaveLess) {
  const auto judge_in_tier = [this](std::uint64_t bytes) {
    return judge({.facts = facts, .shape = shape, .need = need, .budget = {.physical_bytes = 1ull << 40}, .tier_bytes = bytes});
  };
  EXPECT_TRUE(judge_in_tier(need.total()).fits);
  EXPECT_TRUE(judge_in_tier(need.total()).fits_tier);
  EXPECT_EQ(judge_in_tier(need.total()).largest_context, 2048u) << "more would need more than the tier may have";
  EXPECT_FALSE(judge_in_tier(need.total() - 1).fits);
  EXPECT_FALSE(judge_in_tier(need.total() - 1).fits_tier);
  EXPECT_EQ(judge_in_tier(need.total() - 1).budget_bytes, 1ull << 40);
  EXPECT_TRUE(judge_with(need.total() - 1).fits_tier) << "it is the machine that has less";
}

TEST_F(VerdictTest, TheLargerOfPredictionAndMeasurementCounts) {
  const std::uint64_t more = need.total() + (10 << 20);
  EXPECT_EQ(judge_with(more, need.total() / 2).needed_bytes, need.total());
  EXPECT_EQ(judge_with(more, more).needed_bytes, more);
  EXPECT_FALSE(judge_with(more - 1, more).fits);
  EXPECT_LT(judge_with(more - 1, more).largest_context, 2048u) << "what was short here is short with other contexts";
}

TEST_F(VerdictTest, APrefixStaysWarmWhenThePromptCacheHasRoomForIt) {
  EXPECT_EQ(judge_with(1ull << 40).prefix_bytes, 2048u * 6 * 512);
  EXPECT_TRUE(judge_with(1ull << 40).prefix_stays_warm);
  need.prompt_cache_bytes = 2048 * 6 * 512 - 1;
  EXPECT_FALSE(judge_with(1ull << 40).prefix_stays_warm);
}

TEST_F(VerdictTest, SaysEveryTerm) {
  const std::string sum = sum_of(need, need.total() + (1 << 20));
  for (const char* term : {"weights 50.0 MiB", "caches 12.0 MiB", "compute buffers", "the worker itself", "measured: "})
    EXPECT_THAT(sum, HasSubstr(term));
  EXPECT_THAT(sum_of(need, 1), testing::Not(HasSubstr("measured")));
}

}  // namespace
}  // namespace proxy::fit
