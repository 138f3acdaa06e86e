#include "worker/serve/prefix_cache.hpp"

#include <gmock/gmock.h>

#include <random>
#include <string>

namespace worker::serve {
namespace {

using From = Placement::From;

std::vector<engine::Token> tokens(std::string_view text) { return {text.begin(), text.end()}; }

TEST(DistinctTokens, CountsABeginningOnceHoweverManyShareIt) {
  auto distinct = [](std::initializer_list<std::string_view> texts) {
    std::vector<std::vector<engine::Token>> all;
    for (std::string_view text : texts) all.push_back(tokens(text));
    return distinct_tokens(std::vector<Tokens>(all.begin(), all.end()));
  };
  EXPECT_EQ(distinct({}), 0u);
  EXPECT_EQ(distinct({"abc"}), 3u);
  EXPECT_EQ(distinct({"abc", "abc", ""}), 3u);
  EXPECT_EQ(distinct({"abc", "xbc"}), 6u);
  EXPECT_EQ(distinct({"system one", "system two", "system three"}), 10u + 3 + 4);
}

// Slots as "free or busy, what they hold", used in the order they stand in.
class PlacementTest : public testing::Test {
 protected:
  void slot(bool free, const std::string& text) {
    texts.push_back(tokens(text));
    kept.push_back({.sequence = static_cast<int>(kept.size()), .free = free, .last_used = text.empty() ? 0 : ++used});
  }
  Placement place_prompt(const std::string& text, std::size_t saved = 0, PlacementRules rules = {}) {
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i].tokens = texts[i];
    auto prompt = tokens(text);
    return place(prompt, kept, saved, rules);
  }

  std::vector<std::vector<engine::Token>> texts;
  std::vector<Kept> kept;
  std::uint64_t used = 0;
  const std::string system = std::string(100, 's');
};

TEST_F(PlacementTest, StartsANewConversationInTheSlotThatWasUsedLongestAgo) {
  slot(true, "old");
  slot(true, "newer");
  auto placement = place_prompt("hello");
  EXPECT_EQ(placement.sequence, 0);
  EXPECT_EQ(placement.from, From::nothing);
  EXPECT_EQ(placement.reused, 0u);
}

TEST_F(PlacementTest, GoesOnWithAConversationWhereItIs) {
  slot(true, "");
  slot(true, system + "one");
  auto placement = place_prompt(system + "one and more");
  EXPECT_EQ(placement.sequence, 1);
  EXPECT_EQ(placement.from, From::itself);
  EXPECT_EQ(placement.reused, 103u);
  EXPECT_FALSE(placement.save_before);
}

TEST_F(PlacementTest, EvaluatesOneTokenAtLeast) {
  slot(true, "the whole prompt and more");
  EXPECT_EQ(place_prompt("the whole prompt").reused, 15u);
}

TEST_F(PlacementTest, EvaluatesOneTokenAtLeastOfASavedPromptToo) {
  slot(true, "");
  auto placement = place_prompt(system, system.size());
  EXPECT_EQ(placement.from, From::saved);
  EXPECT_EQ(placement.reused, system.size() - 1);
}

TEST_F(PlacementTest, CopiesTheBeginningThatALongConversationShares) {
  slot(true, "");
  slot(true, system + std::string(300, 'x'));
  auto placement = place_prompt(system + "another");
  EXPECT_EQ(placement.sequence, 0);
  EXPECT_EQ(placement.from, From::another_slot);
  EXPECT_EQ(placement.source, 1);
  EXPECT_EQ(placement.reused, 100u);
}

TEST_F(PlacementTest, CopiesFromABusySlotToo) {
  slot(false, system + "busy");
  slot(true, "");
  auto placement = place_prompt(system + "another");
  EXPECT_EQ(placement.sequence, 1);
  EXPECT_EQ(placement.from, From::another_slot);
  EXPECT_EQ(placement.source, 0);
}

TEST_F(PlacementTest, RestoresASavedStateThatSharesMore) {
  slot(true, "");
  slot(true, system + std::string(300, 'x'));
  auto placement = place_prompt(system + "another", 105);
  EXPECT_EQ(placement.from, From::saved);
  EXPECT_EQ(placement.reused, 105u);
}

TEST_F(PlacementTest, CopiesNothingThatIsNotWorthIt) {
  slot(true, "");
  slot(false, "short and busy");
  EXPECT_EQ(place_prompt("short and other").from, From::nothing);
}

TEST_F(PlacementTest, CopiesLittleWhereCopyingCostsLittle) {
  slot(true, "");
  slot(false, "short and busy");
  auto placement = place_prompt("short and other", 0, {.worth_copying = 10});
  EXPECT_EQ(placement.from, From::another_slot);
  EXPECT_EQ(placement.reused, 10u);
  EXPECT_EQ(place_prompt("short and other", 0, {.worth_copying = 11}).from, From::nothing);
}

TEST_F(PlacementTest, MovesNoConversationForALittle) {
  slot(true, "a conversation");
  slot(false, "a conversation that");
  EXPECT_EQ(place_prompt("a conversation that goes on", 0, {.worth_copying = 4}).from, From::itself);
}

TEST_F(PlacementTest, SavesWhatWouldBeLostAndNobodyElseHolds) {
  slot(true, std::string(200, 'a'));
  slot(true, std::string(200, 'b'));
  EXPECT_TRUE(place_prompt("hello").save_before);
  texts[1] = tokens(std::string(250, 'a'));
  EXPECT_FALSE(place_prompt("hello").save_before) << "the other slot continues it";
}

TEST_F(PlacementTest, GoesOnWithAConversationOfTheSameOwnerOnlyAndKeepsTheOthers) {
  slot(true, system + "hers");
  slot(true, "");
  kept[0].owner = "alice";
  auto placement = place_prompt(system + "his", 0, {.owner = "bob"});
  EXPECT_EQ(placement.sequence, 1);
  EXPECT_EQ(placement.from, From::another_slot) << "the beginning they share is had without evaluating it";
  EXPECT_EQ(place_prompt(system + "hers", 0, {.owner = "alice"}).sequence, 0);
  kept[1].free = false;
  placement = place_prompt(system + "his", 0, {.owner = "bob"});
  EXPECT_EQ(placement.sequence, 0);
  EXPECT_EQ(placement.from, From::itself);
  EXPECT_EQ(placement.reused, 101u);
  EXPECT_TRUE(placement.save_before);
}

TEST_F(PlacementTest, UsesOnlyWholeSequencesOfAModelThatCannotCut) {
  slot(true, system + "one");
  PlacementRules rules{.whole_only = true};
  EXPECT_EQ(place_prompt(system + "two", 0, rules).reused, 0u);
  EXPECT_EQ(place_prompt(system + "one", 0, rules).reused, 0u) << "one token must be evaluated, and none can be cut off";
  EXPECT_EQ(place_prompt(system + "one two", 0, rules).reused, 103u);
}

TEST_F(PlacementTest, SavesWhatAPromptThatReusesNothingPushesOut) {
  slot(true, system + "hers");
  auto placement = place_prompt(system + "hers and more", system.size(), {.reuses = false});
  EXPECT_EQ(placement.sequence, 0);
  EXPECT_EQ(placement.from, From::nothing);
  EXPECT_EQ(placement.reused, 0u);
  EXPECT_TRUE(placement.save_before);
  slot(true, "");
  placement = place_prompt(system + "hers and more", system.size(), {.reuses = false});
  EXPECT_EQ(placement.sequence, 1) << "the slot that was used longest ago, not the one that holds the beginning";
  EXPECT_EQ(placement.from, From::nothing);
}

// Whatever the slots hold, a placement can be carried out: its slot is free, and its source holds what is to be reused.
TEST(PlacementProperty, IsAlwaysPossible) {
  std::mt19937 random(1);
  auto pick = [&random](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  auto text = [&] {
    std::vector<engine::Token> made(static_cast<std::size_t>(pick(120)));
    for (auto& token : made) token = pick(20) == 0 ? 1 : 0;  // long common prefixes are common
    return made;
  };
  for (int round = 0; round < 200000; ++round) {
    std::vector<std::vector<engine::Token>> texts;
    std::vector<Kept> kept;
    int slots = 1 + pick(4);
    for (int i = 0; i < slots; ++i) texts.push_back(text());
    for (int i = 0; i < slots; ++i) {
      kept.push_back({.sequence = i,
                      .free = i == 0 || pick(2) == 0,
                      .tokens = texts[static_cast<std::size_t>(i)],
                      .last_used = static_cast<std::uint64_t>(pick(5))});
    }
    auto prompt = text();
    prompt.push_back(0);
    PlacementRules rules{.whole_only = pick(3) == 0, .reuses = pick(5) > 0, .worth_copying = static_cast<std::size_t>(1 + pick(40))};
    auto saved = static_cast<std::size_t>(pick(static_cast<int>(prompt.size())));
    Placement placement = place(prompt, kept, saved, rules);
    const Kept& target = kept[static_cast<std::size_t>(placement.sequence)];
    ASSERT_TRUE(target.free);
    ASSERT_LT(placement.reused, prompt.size());
    ASSERT_EQ(placement.reused > 0, placement.from != From::nothing);
    ASSERT_TRUE(rules.reuses || placement.reused == 0);
    ASSERT_TRUE(placement.from != From::saved || placement.reused <= saved);
    if (placement.from == From::itself || placement.from == From::another_slot) {
      const Kept& source = placement.from == From::itself ? target : kept[static_cast<std::size_t>(placement.source)];
      ASSERT_LE(placement.reused, common_prefix(prompt, source.tokens));
      ASSERT_TRUE(!rules.whole_only || placement.reused == source.tokens.size());
    }
  }
}

TEST(WorthCopying, IsMoreTheLargerTheCacheIsBesideTheWeights) {
  constexpr std::uint64_t kMiB = 1 << 20, kGiB = 1 << 30;
  const auto tokens = [](std::uint64_t cache, std::uint64_t weights, bool on_processor = true) {
    return tokens_worth_copying({.cache_bytes = cache, .weights_bytes = weights, .on_processor = on_processor});
  };
  EXPECT_EQ(tokens(0, kGiB), 4u) << "cells are shared";
  EXPECT_EQ(tokens(kMiB, kGiB), 4u);
  EXPECT_EQ(tokens(kGiB, 2 * kGiB), 8u);
  EXPECT_EQ(tokens(kGiB, 2 * kGiB, false), 64u) << "where prompts are evaluated faster";
  EXPECT_EQ(tokens(4 * kGiB, kGiB), 64u);
  EXPECT_EQ(tokens(kMiB, 0), PlacementRules().worth_copying) << "nothing is known";
}

class WorthWaitingTest : public testing::Test {
 protected:
  bool waits(const std::string& text, const std::string& read, std::size_t evaluated = 0, std::size_t held = 0) {
    auto prompt = tokens(text), reads = tokens(read);
    return worth_waiting(prompt, held, {.text = reads, .evaluated = evaluated}, 512, rules);
  }
  PlacementRules rules;
  const std::string system = std::string(2000, 's');
};

TEST_F(WorthWaitingTest, ForABeginningThatSomebodyReadsAnyway) {
  EXPECT_TRUE(waits(system + "one", system + "two"));
  EXPECT_TRUE(waits(system + "one", system + "two", 1500)) << "the rest of it as well";
  EXPECT_TRUE(waits(system, system)) << "the same words, all but the last";
  EXPECT_FALSE(waits(system + "one", system + "two", 2000)) << "it is there";
}

TEST_F(WorthWaitingTest, NotForWhatIsHadOtherwise) {
  EXPECT_FALSE(waits(system + "one", system + "two", 0, 2000));
  EXPECT_FALSE(waits(system + "one", system + "two", 0, 1900)) << "the rest of it is sooner read than all of it";
  EXPECT_TRUE(waits(system + "one", system + "two", 1950, 1900));
  EXPECT_FALSE(waits(system + "one", system + "two", 1950, 1980));
}

TEST_F(WorthWaitingTest, NotForMoreThanItSaves) {
  const std::string little = system.substr(0, 40);
  EXPECT_FALSE(waits(little + "one", little + std::string(5000, 'x'))) << "a batch of 512 comes before it then";
  EXPECT_TRUE(waits(little + "one", little + "two")) << "43 tokens come before";
  EXPECT_FALSE(waits(system + std::string(100, 'y'), system + std::string(5000, 'x'), 1900, 1900)) << "a batch of 512, for 100";
}

TEST_F(WorthWaitingTest, NotWhereNothingIsReused) {
  rules.reuses = false;
  EXPECT_FALSE(waits(system + "one", system + "two"));
  rules = {.whole_only = true};
  EXPECT_FALSE(waits(system + "one", system + "two"));
}

SavedState state(const std::string& text, std::size_t bytes) { return {.tokens = tokens(text), .bytes = std::vector<std::uint8_t>(bytes)}; }

TEST(SavedStates, FindsTheOneThatSharesMost) {
  SavedStates saved(1000);
  saved.put(state("abcd", 10));
  saved.put(state("abxy", 10));
  auto prompt = tokens("abcq");
  ASSERT_TRUE(saved.find(prompt, false));
  EXPECT_EQ(saved.find(prompt, false)->tokens, tokens("abcd"));
  EXPECT_FALSE(saved.find(prompt, true)) << "no state is a beginning of the prompt";
  EXPECT_TRUE(saved.find(tokens("abcde"), true));
  EXPECT_FALSE(saved.find(tokens("zzz"), false));
}

TEST(SavedStates, SaysWhatIsSharedWithoutUsingIt) {
  SavedStates saved(20);
  saved.put(state("abcd", 10));
  saved.put(state("xyz", 10));
  EXPECT_EQ(saved.shared_with(tokens("abcq"), false), 3u);
  EXPECT_EQ(saved.shared_with(tokens("abcq"), true), 0u);
  saved.put(state("new", 10));
  EXPECT_EQ(saved.shared_with(tokens("abcq"), false), 0u) << "the one that was used longest ago has gone";
}

TEST(SavedStates, ReplacesWhatANewStateContinues) {
  SavedStates saved(1000);
  saved.put(state("ab", 10));
  saved.put(state("abc", 15));
  EXPECT_EQ(saved.count(), 1u);
  EXPECT_EQ(saved.bytes(), 15u);
  EXPECT_TRUE(saved.holds(tokens("ab")));
  EXPECT_FALSE(saved.holds(tokens("abcd")));
}

TEST(SavedStates, DropsTheLeastRecentlyUsedBeyondItsBudget) {
  SavedStates saved(30);
  saved.put(state("a", 10));
  saved.put(state("b", 10));
  saved.put(state("c", 10));
  EXPECT_TRUE(saved.find(tokens("a"), false));
  saved.put(state("d", 10));
  EXPECT_FALSE(saved.holds(tokens("b")));
  EXPECT_TRUE(saved.holds(tokens("a")));
  saved.put(state("too large", 31));
  EXPECT_EQ(saved.count(), 3u);
}

TEST(SavedStates, AnotherBudgetDropsWhatIsBeyondItAndHoldsFromThenOn) {
  SavedStates saved(30);
  saved.put(state("a", 10));
  saved.put(state("b", 10));
  saved.put(state("c", 10));
  EXPECT_TRUE(saved.find(tokens("a"), false));
  saved.limit(15);
  EXPECT_EQ(saved.bytes(), 10u);
  EXPECT_TRUE(saved.holds(tokens("a"))) << "the one used last stays";
  EXPECT_FALSE(saved.would_take(16));
  saved.limit(0);
  EXPECT_EQ(saved.count(), 0u);
  saved.put(state("d", 10));
  EXPECT_EQ(saved.count(), 0u);
  saved.limit(30);
  saved.put(state("d", 10));
  EXPECT_EQ(saved.bytes(), 10u);
}

}  // namespace
}  // namespace worker::serve
