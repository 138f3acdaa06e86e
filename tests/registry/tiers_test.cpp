#include "registry/tiers.hpp"

#include <gmock/gmock.h>

#include "registry/registry_file.hpp"
#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Tiers, WithoutAWordInTheRegistryEverythingThatFitsIsInteractive) {
  const Tiers tiers;
  EXPECT_EQ(tiers.tier_of("m", 1000, 1000), Tier::interactive);
  EXPECT_EQ(tiers.tier_of("m", 1001, 1000), Tier::aspirational);
  EXPECT_EQ(tiers.tier_of("m", 0, 1000), Tier::interactive) << "nobody knows what it needs";
  EXPECT_EQ(tiers.tier_of("m", 1000, 0), Tier::interactive) << "nor what there is";
}

TEST(Tiers, AModelBelongsToTheFirstWhoseShareSufficesOrToTheOneThatNamesIt) {
  Tiers tiers;
  tiers.interactive.memory_percent = 50;
  tiers.overnight.memory_percent = 80;
  tiers.overnight.models = {"small"};
  EXPECT_EQ(tiers.tier_of("m", 500, 1000), Tier::interactive);
  EXPECT_EQ(tiers.tier_of("m", 501, 1000), Tier::overnight);
  EXPECT_EQ(tiers.tier_of("m", 800, 1000), Tier::overnight);
  EXPECT_EQ(tiers.tier_of("m", 801, 1000), Tier::aspirational) << "it would fit, and no tier may have so much";
  EXPECT_EQ(tiers.tier_of("small", 1, 1000), Tier::overnight);
  EXPECT_EQ(tiers.named_for("small"), Tier::overnight);
  EXPECT_EQ(tiers.named_for("m"), std::nullopt);
}

TEST(Tiers, AModelMayNeedTheShareOfTheTierThatNamesItOrElseTheLargestOfAll) {
  Tiers tiers;
  EXPECT_EQ(tiers.most_for("m", 1000), 1000u);
  tiers.interactive.memory_percent = 50;
  tiers.overnight.memory_percent = 80;
  tiers.interactive.models = {"day"};
  tiers.aspirational.models = {"dream"};
  EXPECT_EQ(tiers.most_for("m", 1000), 800u);
  EXPECT_EQ(tiers.most_for("day", 1000), 500u);
  EXPECT_EQ(tiers.most_for("dream", 1000), 0u);
}

TEST(Tiers, HoursAreTimesOfTheDayThatMayGoOverMidnight) {
  const auto night = parse_hours("22:00-07:30");
  ASSERT_TRUE(night);
  EXPECT_EQ(to_string(*night), "22:00-07:30");
  EXPECT_EQ(until_begin(*night, 21h), 60min);
  EXPECT_EQ(until_begin(*night, 22h), 0min);
  EXPECT_EQ(until_begin(*night, 23h + 59min), 0min);
  EXPECT_EQ(until_begin(*night, 0min), 0min);
  EXPECT_EQ(until_begin(*night, 7h + 29min), 0min);
  EXPECT_EQ(until_begin(*night, 7h + 30min), 14h + 30min);
  EXPECT_EQ(until_change(*night, 7h + 29min), 1min);
  EXPECT_EQ(until_change(*night, 7h + 30min), 14h + 30min);
  EXPECT_EQ(until_change(*night, 22h), 9h + 30min);
  const auto day = parse_hours("09:00-17:00");
  EXPECT_EQ(until_begin(*day, 8h), 60min);
  EXPECT_EQ(until_begin(*day, 16h + 59min), 0min);
  EXPECT_EQ(until_begin(*day, 17h), 16h);
}

TEST(Tiers, EveryMinuteIsEitherInTheHoursOrHowLongItIsUntilThenIsTrue) {
  for (const char* text : {"22:00-07:30", "09:00-17:00", "00:00-00:01", "23:59-00:00", "12:00-11:59"}) {
    const Hours hours = *parse_hours(text);
    for (std::chrono::minutes now = 0min; now < 24h; ++now) {
      const auto wait = until_begin(hours, now);
      EXPECT_EQ(until_begin(hours, (now + wait) % (24h)), 0min) << text << ' ' << now.count();
      if (wait > 0min) {
        EXPECT_GT(until_begin(hours, (now + wait - 1min) % (24h)), 0min) << text << ' ' << now.count();
      }
      const auto change = until_change(hours, now);
      EXPECT_NE(until_begin(hours, (now + change) % (24h)) == 0min, wait == 0min) << text << ' ' << now.count();
    }
  }
}

TEST(Tiers, WhatAreNoHoursIsSeen) {
  for (const char* text :
       {"", "22:00", "22:00-", "24:00-07:00", "22:60-07:00", "2:00-07:00", "22.00-07.00", "22:00-22:00", "22:00-07:00 ", "-1:00-07:00"})
    EXPECT_FALSE(parse_hours(text)) << text;
}

std::string problem(std::string_view text) {
  auto catalog = read_catalog(text, "/base", "/home/me");
  return catalog ? "" : catalog.error().message();
}

TEST(Tiers, AreReadFromTheRegistry) {
  auto catalog = read_catalog(R"({"tiers":{"interactive":{"memory_percent":62.5},
      "overnight":{"hours":"22:00-07:00","evicts_after_idle":0.5,"models":["a","b"]},"aspirational":{"models":["c"]}}})",
                              "/b", "/h");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->tiers.interactive, (TierTerms{.memory_percent = 62.5}));
  EXPECT_EQ(catalog->tiers.overnight, (TierTerms{.hours = Hours{.from = 22h, .to = 7h}, .evicts_after_idle = 500ms, .models = {"a", "b"}}));
  EXPECT_EQ(catalog->tiers.aspirational, (TierTerms{.memory_percent = 0, .models = {"c"}}));
  EXPECT_EQ(read_catalog("{}", "/b", "/h")->tiers.overnight.evicts_after_idle, 300s);
  EXPECT_FALSE(catalog->same_content(*read_catalog("{}", "/b", "/h")));
}

TEST(Tiers, WhatIsWrongWithThemIsNamedWithItsPlace) {
  EXPECT_THAT(problem(R"({"tiers":{"overnigt":{}}})"), HasSubstr("/tiers/overnigt: unknown key, did you mean overnight?"));
  EXPECT_THAT(problem(R"({"tiers":{"overnight":{"hour":"x"}}})"), HasSubstr("/tiers/overnight/hour: unknown key, did you mean hours?"));
  EXPECT_THAT(problem(R"({"tiers":{"overnight":{"hours":"night"}}})"), HasSubstr("/tiers/overnight/hours: two different times"));
  EXPECT_THAT(problem(R"({"tiers":{"overnight":{"memory_percent":101}}})"),
              HasSubstr("/tiers/overnight/memory_percent: a number from 0 to 100"));
  EXPECT_THAT(problem(R"({"tiers":{"interactive":{"models":["a"]},"aspirational":{"models":["b","a"]}}})"),
              HasSubstr("/tiers/aspirational/models: a is named in the tier interactive already"));
  EXPECT_THAT(problem(R"({"tiers":[]})"), HasSubstr("/tiers: an object is expected"));
}

TEST(Tiers, AModelThatATierNamesAndThatIsNotThereIsAWarning) {
  tests::TempFolder folder;
  const auto file = folder.write("registry.json", R"({"models":{"r":"m"},"tiers":{"overnight":{"models":["r"]}}})");
  FactsReader facts;
  auto catalog = load_catalog(file, facts);
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_THAT(catalog->warnings, ElementsAre("/tiers/overnight/models: there is no model r (ids are expected, not roles)"));
}

}  // namespace
}  // namespace registry
