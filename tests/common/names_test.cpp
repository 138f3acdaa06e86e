#include "common/names.hpp"

#include <gmock/gmock.h>

namespace common {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kKnown{"default", "coding", "quickest", "sparrow-q8_0", "sparrow-q4_k_m"};

TEST(NearestNames, FindsSlipsOfTheFinger) {
  EXPECT_THAT(nearest_names("codnig", kKnown), ElementsAre("coding"));
  EXPECT_THAT(nearest_names("Defualt", kKnown), ElementsAre("default"));
}

TEST(NearestNames, FindsPartsOfNames) { EXPECT_THAT(nearest_names("sparrow", kKnown), ElementsAre("sparrow-q4_k_m", "sparrow-q8_0")); }

TEST(NearestNames, OffersNothingFarFetched) {
  EXPECT_THAT(nearest_names("gpt-4o", kKnown), IsEmpty());
  EXPECT_THAT(nearest_names("", kKnown), IsEmpty());
  EXPECT_THAT(nearest_names(std::string(100'000, 'x'), kKnown), IsEmpty());
}

TEST(DidYouMean, ReadsLikeASentence) {
  EXPECT_EQ(did_you_mean({}), "");
  EXPECT_EQ(did_you_mean({"a"}), "did you mean a?");
  EXPECT_EQ(did_you_mean({"a", "b", "c"}), "did you mean a, b or c?");
}

}  // namespace
}  // namespace common
