// What a tier allows its models is looked at where a request arrives, and nobody leaves for what is refused.
#include <gmock/gmock.h>

#include "proxy/residency/conductor.hpp"
#include "proxy/residency/journal.hpp"
#include "proxy/residency/settings.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using common::ErrorKind;
using registry::Tier;
using testing::HasSubstr;

constexpr std::uint64_t kMiB = 1 << 20;

class TierTest : public testing::Test {
 protected:
  TierTest() {
    for (const char* id : {"day", "small", "night", "dream", "huge"}) catalog.models[id] = {.id = id, .artifact = "/x"};
    catalog.tiers.interactive.memory_percent = 50;
    catalog.tiers.overnight = {
        .memory_percent = 90, .hours = registry::parse_hours("22:00-07:00"), .evicts_after_idle = 60s, .models = {"small"}};
    catalog.tiers.aspirational.models = {"dream"};
    memory = {.bytes = 1000 * kMiB, .sum = "what there is"};
    for (const auto& [id, need] :
         std::map<std::string, std::uint64_t>{{"day", 400}, {"small", 10}, {"night", 800}, {"dream", 20}, {"huge", 950}})
      memory.needs[id] = {.bytes = need * kMiB, .sum = "weights and more"};
    configure(12h);
  }
  // At an hour of the day.
  void configure(std::chrono::minutes time_of_day) {
    settings = settings_of(catalog, memory);
    stays = apply_hours(settings, catalog.tiers, time_of_day);
    note(conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now));
  }
  // Null: it was not refused.
  const common::Error* ask(const ModelId& model, bool operator_load = false) {
    refusal.reset();
    note(conductor.on(Arrives{.waiter = ++waiters, .model = model, .operator_load = operator_load}, now));
    return refusal ? &*refusal : nullptr;
  }
  void note(const std::vector<Effect>& effects) {
    for (const Effect& effect : effects) {
      if (auto* reject = std::get_if<Reject>(&effect)) refusal = reject->why;
      if (auto* grant = std::get_if<Grant>(&effect)) granted = grant->waiter;
    }
  }
  void say(const ModelId& model, supervisor::Input input) {
    note(conductor.on(WorkerEvent{.model = model, .run = conductor.machine(model).run(), .what = std::move(input)}, now));
  }
  // A worker of the model says what workers say until it has been proved.
  void comes_up(const ModelId& model) {
    say(model, supervisor::Spawned{.pid = 1});
    say(model, supervisor::Said{common::Hello{}});
    say(model, supervisor::Said{common::Ready{.model = model, .slots = 4}});
    say(model, supervisor::Probed{});
  }

  TimePoint now = TimePoint() + 1000s;
  registry::Catalog catalog;
  MemoryTerms memory;
  Settings settings;
  std::optional<std::chrono::minutes> stays;
  Conductor conductor;
  std::optional<common::Error> refusal;
  WaiterId waiters = 0, granted = 0;
};

TEST_F(TierTest, AModelIsInTheTierWhoseShareSufficesForIt) {
  EXPECT_EQ(settings.terms["day"].tier, Tier::interactive);
  EXPECT_EQ(settings.terms["night"].tier, Tier::overnight);
  EXPECT_EQ(settings.terms["small"].tier, Tier::overnight) << "because it is named there";
  EXPECT_EQ(settings.terms["huge"].tier, Tier::aspirational) << "no tier may have so much";
  EXPECT_EQ(stays, 10h);
}

TEST_F(TierTest, WhatIsAspirationalIsNeverLoadedAndNobodyLeavesForIt) {
  ASSERT_EQ(ask("day"), nullptr);
  for (const char* model : {"dream", "huge"}) {
    for (bool is_operator : {false, true}) {
      const common::Error* why = ask(model, is_operator);
      ASSERT_NE(why, nullptr) << model;
      EXPECT_EQ(why->kind(), ErrorKind::insufficient_memory);
      EXPECT_THAT(why->message(), HasSubstr(std::string(model) + " is of the tier aspirational: it needs"));
      EXPECT_THAT(why->message(), HasSubstr("(weights and more), and models of that tier may need 0.0 MiB of the 1000.0 MiB"));
      EXPECT_THAT(why->message(), HasSubstr("tiers.aspirational.memory_percent"));
    }
  }
  EXPECT_EQ(conductor.core().active(), "day");
  EXPECT_EQ(conductor.core().phase(), Phase::loading);
}

TEST_F(TierTest, ANamedModelMustKeepWithinItsTiersShare) {
  catalog.tiers.interactive.models = {"night"};
  configure(12h);
  const common::Error* why = ask("night");
  ASSERT_NE(why, nullptr);
  EXPECT_EQ(why->kind(), ErrorKind::insufficient_memory);
  EXPECT_THAT(why->message(), HasSubstr("it needs 800.0 MiB (weights and more), and models of that tier may need 500.0 MiB"));
}

TEST_F(TierTest, WhatFitsNowhereIsToldTheWholeSum) {
  memory.needs["huge"].bytes = 2000 * kMiB;
  configure(12h);
  ASSERT_NE(ask("huge"), nullptr);
  EXPECT_THAT(refusal->message(),
              HasSubstr("huge cannot be loaded: it needs 2000.0 MiB (weights and more), and models may take 1000.0 MiB"));
}

TEST_F(TierTest, OutsideItsHoursARequestIsToldWhenTheyBegin) {
  now += 10s;
  const common::Error* why = ask("night");
  ASSERT_NE(why, nullptr);
  EXPECT_EQ(why->kind(), ErrorKind::tier_not_now);
  EXPECT_THAT(why->message(),
              HasSubstr("night is of the tier overnight, whose models are loaded at 22:00-07:00 only (tiers.overnight.hours"));
  EXPECT_EQ(why->retry_after(), 10h - 10s);
  EXPECT_EQ(conductor.core().phase(), Phase::vacant);
  EXPECT_EQ(ask("night", true), nullptr) << "an operator may";
}

TEST_F(TierTest, AtItsHoursItIsLoadedAndWhoIsThereWhenTheyEndStaysAndServes) {
  configure(22h);
  ASSERT_EQ(ask("night"), nullptr);
  comes_up("night");
  EXPECT_EQ(granted, 1u);
  configure(8h);
  EXPECT_EQ(conductor.core().active(), "night");
  EXPECT_EQ(ask("night"), nullptr);
}

TEST_F(TierTest, WhoWaitsAlreadyWhenTheHoursEndGetsItsModel) {
  configure(22h);
  ASSERT_EQ(ask("day"), nullptr);
  comes_up("day");
  note(conductor.on(Released{granted}, now));
  now += 60s;
  ASSERT_EQ(ask("night"), nullptr);
  configure(8h);
  EXPECT_FALSE(refusal);
  EXPECT_EQ(conductor.core().active(), "day");
  EXPECT_EQ(conductor.core().queue().size(), 1u);
  EXPECT_NE(conductor.core().phase(), Phase::serving) << "day leaves for it";
}

TEST_F(TierTest, ItDisturbsNobodyWhoIsAtWork) {
  configure(22h);
  ASSERT_EQ(ask("day"), nullptr);
  ASSERT_NE(ask("small"), nullptr) << "day is on its way in";
  comes_up("day");
  const common::Error* why = ask("small");
  ASSERT_NE(why, nullptr);
  EXPECT_EQ(why->kind(), ErrorKind::tier_not_now);
  EXPECT_THAT(
      why->message(),
      HasSubstr("only when nobody has wanted that for 60 s (tiers.overnight.evicts_after_idle in the registry), and day is at work"));
  EXPECT_EQ(why->retry_after(), 60s);
  note(conductor.on(Released{granted}, now));
  now += 20s;
  why = ask("small");
  ASSERT_NE(why, nullptr);
  EXPECT_THAT(why->message(), HasSubstr("day is not idle for so long yet"));
  EXPECT_EQ(why->retry_after(), 40s);
  now += 40s;
  EXPECT_EQ(ask("small"), nullptr);
  EXPECT_EQ(ask("small"), nullptr) << "nor do those of the same model disturb each other";
  EXPECT_EQ(conductor.core().phase(), Phase::stopping) << "and day, which is idle, leaves at once";
}

TEST_F(TierTest, TheDefaultModelDoesNotReturnOutsideItsHours) {
  catalog.roles["default"] = "night";
  catalog.policy.return_to_default_after = 10s;
  configure(12h);
  ASSERT_EQ(ask("day"), nullptr);
  comes_up("day");
  note(conductor.on(Released{granted}, now));
  now += 1h;
  note(conductor.on(Tick{}, now));
  EXPECT_EQ(conductor.core().active(), "day");
  EXPECT_EQ(conductor.core().phase(), Phase::serving);
  configure(22h);
  note(conductor.on(Tick{}, now));
  EXPECT_NE(conductor.core().phase(), Phase::serving);
}

TEST_F(TierTest, WithoutHoursTheClockIsNobodysBusiness) {
  catalog.tiers = {};
  configure(3h);
  EXPECT_EQ(stays, std::nullopt);
  EXPECT_EQ(settings.terms["night"].tier, Tier::interactive);
  EXPECT_EQ(settings.terms["night"].most_bytes, std::nullopt);
  EXPECT_EQ(ask("night"), nullptr);
}

}  // namespace
}  // namespace proxy::residency
