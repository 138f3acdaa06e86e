#include "proxy/fit/peaks.hpp"

#include <gtest/gtest.h>

namespace proxy::fit {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

const RunKey kOne{.identity = "1 2 3", .shape = {.context_tokens = 4096, .parallel = 4, .cache_type_k = "f16", .cache_type_v = "f16"}};

TEST(Peaks, KeepTheMostThatWasHeld) {
  Peaks peaks;
  EXPECT_EQ(peaks.find(kOne), nullptr);
  EXPECT_TRUE(peaks.note(kOne, {.peak_bytes = 100 * kMiB, .load_seconds = 2, .when = 10}));
  EXPECT_FALSE(peaks.note(kOne, {.peak_bytes = 100 * kMiB + 1000, .load_seconds = 2.1, .when = 11})) << "noise is no news";
  EXPECT_FALSE(peaks.note(kOne, {.peak_bytes = 50 * kMiB, .load_seconds = 2, .when = 12}));
  EXPECT_TRUE(peaks.note(kOne, {.peak_bytes = 120 * kMiB, .load_seconds = 2, .when = 13}));
  EXPECT_EQ(peaks.find(kOne)->peak_bytes, 120 * kMiB);
  EXPECT_TRUE(peaks.note(kOne, {.peak_bytes = 90 * kMiB, .load_seconds = 5, .when = 14})) << "a slower load is";
  EXPECT_EQ(peaks.find(kOne)->peak_bytes, 120 * kMiB);
  EXPECT_EQ(peaks.find(kOne)->load_seconds, 5);
}

TEST(Peaks, AreOfOneFileAndOneShape) {
  Peaks peaks;
  peaks.note(kOne, {.peak_bytes = kMiB});
  RunKey other = kOne;
  other.identity = "1 2 4";
  EXPECT_EQ(peaks.find(other), nullptr);
  for (auto change : {+[](registry::RunShape& s) { s.context_tokens = 8192; }, +[](registry::RunShape& s) { s.parallel = 1; },
                      +[](registry::RunShape& s) { s.kv_unified = true; }, +[](registry::RunShape& s) { s.cache_type_k = "q8_0"; },
                      +[](registry::RunShape& s) { s.cache_type_v = "q8_0"; }}) {
    other = kOne;
    change(other.shape);
    EXPECT_EQ(peaks.find(other), nullptr) << other.text();
  }
  other.identity.clear();
  EXPECT_FALSE(peaks.note(other, {.peak_bytes = kMiB})) << "a file that is not there has no identity";
}

TEST(Peaks, SurviveAFileAndADamagedOneIsForgotten) {
  Peaks peaks;
  peaks.note(kOne, {.peak_bytes = 7 * kMiB, .load_seconds = 1.5, .when = 99});
  const std::string text = peaks.to_text();
  Peaks again = Peaks::from_text(text);
  ASSERT_NE(again.find(kOne), nullptr);
  EXPECT_EQ(*again.find(kOne), *peaks.find(kOne));
  for (const std::string& damaged :
       {std::string(), text.substr(0, text.size() / 2), std::string("[]"), std::string(R"({"version":2,"runs":{}})"),
        std::string(R"({"version":1,"runs":[1]})"), std::string(R"({"version":1,"runs":{"k":{"peak_bytes":-1}}})"),
        std::string(R"({"version":1,"runs":{"k":{"peak_bytes":1,"load_seconds":1e300,"when":1}}})")})
    EXPECT_EQ(Peaks::from_text(damaged).size(), 0u) << damaged;
}

TEST(Peaks, TheOldestGoWhenThereAreTooMany) {
  Peaks peaks;
  for (std::size_t i = 0; i <= Peaks::kMost; ++i)
    peaks.note({.identity = std::to_string(i), .shape = kOne.shape}, {.peak_bytes = kMiB, .when = static_cast<std::int64_t>(i)});
  EXPECT_EQ(peaks.size(), Peaks::kMost);
  EXPECT_EQ(peaks.find({.identity = "0", .shape = kOne.shape}), nullptr);
  EXPECT_NE(peaks.find({.identity = "1", .shape = kOne.shape}), nullptr);
}

}  // namespace
}  // namespace proxy::fit
