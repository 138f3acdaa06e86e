#include "proxy/cli/tier_lines.hpp"

#include <gmock/gmock.h>

namespace {

using common::Json;
using proxy::cli::tier_lines;
using testing::ElementsAre;
using testing::IsEmpty;

class TierLinesTest : public testing::Test {
 protected:
  Json tier{{"name", "interactive"}, {"from", "need"},   {"memory_percent", 100},       {"most_bytes", 4 << 20}, {"fits", true},
            {"hours", nullptr},      {"open_now", true}, {"opens_in_seconds", nullptr}, {"why_not", nullptr}};
};

TEST_F(TierLinesTest, SaysWhichTierAndWhatItsModelsMayNeed) {
  EXPECT_THAT(tier_lines(tier),
              ElementsAre("of the tier interactive (by what it needs), whose models may need as much as models may take"));
  tier["from"] = "registry";
  tier["memory_percent"] = 62.5;
  EXPECT_THAT(tier_lines(tier),
              ElementsAre("of the tier interactive (as the registry says), whose models may need 62.5 % of what models may take, 4.0 MiB"));
}

TEST_F(TierLinesTest, SaysWhenItDoesNotFitIntoItsShare) {
  tier["fits"] = tier["open_now"] = false;
  EXPECT_THAT(tier_lines(tier), ElementsAre("it needs more than models of any tier may"));
  tier["from"] = "registry";
  tier["name"] = "aspirational";
  tier["memory_percent"] = 0;
  tier["most_bytes"] = 0;
  EXPECT_THAT(tier_lines(tier),
              ElementsAre("of the tier aspirational (as the registry says), whose models may need 0 % of what models may take, 0.0 MiB: it "
                          "needs more"));
}

TEST_F(TierLinesTest, SaysWhetherItIsLoadedNowAndIfNotFromWhen) {
  tier["hours"] = "22:00-07:00";
  EXPECT_EQ(tier_lines(tier).at(1), "it is loaded at 22:00-07:00, and may be now");
  tier["open_now"] = nullptr;
  EXPECT_EQ(tier_lines(tier).at(1), "it is loaded at 22:00-07:00");
  tier["open_now"] = false;
  tier["why_not"] = "it is day";
  tier["opens_in_seconds"] = 9 * 3600 + 1800;
  EXPECT_EQ(tier_lines(tier).at(1), "not now: it is day; in 9 h 30 min it may be");
  tier["opens_in_seconds"] = 61;
  EXPECT_EQ(tier_lines(tier).at(1), "not now: it is day; in 2 min it may be");
  tier["opens_in_seconds"] = 59;
  EXPECT_EQ(tier_lines(tier).at(1), "not now: it is day; in 59 s it may be");
}

TEST_F(TierLinesTest, ADaemonThatSaysNothingOfTiersIsNoReasonToFail) {
  EXPECT_THAT(tier_lines(Json(nullptr)), IsEmpty());
  EXPECT_THAT(tier_lines(Json::object()), IsEmpty());
}

}  // namespace
