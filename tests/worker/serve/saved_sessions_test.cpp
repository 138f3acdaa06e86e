#include "worker/serve/saved_sessions.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "tests/support/temp_folder.hpp"

namespace worker::serve {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class SavedSessionsTest : public testing::Test {
 protected:
  // `text`: a token for each letter. Its state is `size` times its first letter.
  struct Conversation {
    std::string text;
    std::size_t size = 1000;
    std::string owner = {};
  };
  SavedSessions open(const std::string& key = "sha256:key") { return SavedSessions(path, key, "model"); }
  common::Saved save(SavedSessions& sessions, const std::vector<Conversation>& conversations, SaveTerms terms) {
    std::vector<std::vector<engine::Token>> tokens;
    for (const Conversation& each : conversations) tokens.push_back(tokens_of(each.text));
    std::vector<Unsaved> unsaved;
    for (std::size_t i = 0; i < conversations.size(); ++i) {
      const Conversation& each = conversations[i];
      unsaved.push_back({.tokens = tokens[i], .owner = each.owner, .state_bytes = each.size, .state = [this, &each] {
                           ++states_made;
                           return std::vector<std::uint8_t>(each.size, static_cast<std::uint8_t>(each.text[0]));
                         }});
    }
    if (!terms.left) terms.left = [] { return 1h; };
    terms.disk_reserve = disk_reserve;
    return sessions.save(unsaved, terms);
  }
  common::Saved save(SavedSessions& sessions, const std::vector<Conversation>& conversations, std::uint64_t budget = 1 << 20) {
    return save(sessions, conversations, {.limits = {.bytes = budget}, .left = {}});
  }
  static std::vector<engine::Token> tokens_of(const std::string& text) { return {text.begin(), text.end()}; }
  // What is found for a prompt, by its text; empty: nothing.
  static std::string found(const SavedSessions& sessions, const std::string& prompt, const std::string& owner = "", bool whole = false) {
    const SavedSession* session = sessions.find(tokens_of(prompt), owner, whole);
    return session ? std::string(session->tokens.begin(), session->tokens.end()) : "";
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(path)) all.push_back(entry.path());
    return all;
  }

  tests::TempFolder folder;
  const fs::path path = folder.path() / "sessions";
  std::uint64_t disk_reserve = 0;
  int states_made = 0;
};

TEST_F(SavedSessionsTest, TheNextOneFindsWhatWasSaved) {
  SavedSessions first = open();
  EXPECT_EQ(first.count(), 0u);
  const common::Saved saved = save(first, {{"hello world"}, {"another"}});
  EXPECT_EQ(saved.sessions, 2u);
  EXPECT_GT(saved.bytes, 2000u);
  SavedSessions second = open();
  EXPECT_EQ(second.count(), 2u);
  EXPECT_EQ(found(second, "hello you"), "hello world");
  EXPECT_EQ(found(second, "xyz"), "");
  auto state = second.read(*second.find(tokens_of("hello world, again"), "", true));
  ASSERT_TRUE(state) << state.error().message();
  EXPECT_EQ(state->size, 1000u);
  EXPECT_EQ(state->view()[999], 'h');
}

TEST_F(SavedSessionsTest, AStateThatCannotBeCutIsOfUseOnlyToAPromptThatContinuesIt) {
  SavedSessions sessions = open();
  save(sessions, {{"hello world"}});
  EXPECT_EQ(found(sessions, "hello", "", true), "");
  EXPECT_EQ(found(sessions, "hello world", "", true), "") << "one token is always evaluated";
  EXPECT_EQ(found(sessions, "hello world!", "", true), "hello world");
}

TEST_F(SavedSessionsTest, UnderAnotherKeyNothingIsFoundAndNothingHarmed) {
  SavedSessions first = open();
  save(first, {{"hello world"}});
  SavedSessions other = open("sha256:other");
  EXPECT_EQ(other.count(), 0u);
  save(other, {{"hello world", 500}});
  EXPECT_EQ(open().count(), 1u);
  EXPECT_EQ(open("sha256:other").count(), 1u);
}

TEST_F(SavedSessionsTest, BelongToWhoMadeThem) {
  SavedSessions sessions = open();
  save(sessions, {{"secret of a", 1000, "a"}, {"secret of b", 1000, "b"}, {"secret of nobody"}});
  SavedSessions next = open();
  EXPECT_EQ(found(next, "secret of b", "a"), "secret of a");
  EXPECT_EQ(found(next, "secret of b", "b"), "secret of b");
  EXPECT_EQ(found(next, "secret of b", ""), "secret of nobody");
  EXPECT_EQ(found(next, "secret of b", "c"), "");
  EXPECT_EQ(save(next, {{"secret of a", 1000, "b"}}).sessions, 1u) << "the same words of somebody else are another conversation";
  EXPECT_EQ(save(next, {{"whose name is too long", 1000, std::string(common::kLongestOwner + 1, 'n')}}).sessions, 0u);
}

TEST_F(SavedSessionsTest, WhatIsThereIsNotWrittenAgainAndWhatGoesOnReplacesIt) {
  SavedSessions sessions = open();
  save(sessions, {{"hello"}});
  EXPECT_EQ(save(sessions, {{"hello"}}).sessions, 0u);
  EXPECT_EQ(save(sessions, {{"hell"}}).sessions, 0u) << "it is the beginning of one";
  EXPECT_EQ(states_made, 1);
  EXPECT_EQ(save(sessions, {{"hello world"}}).sessions, 1u);
  EXPECT_EQ(sessions.count(), 1u);
  EXPECT_EQ(files().size(), 1u);
  EXPECT_EQ(found(open(), "hello"), "hello world");
}

TEST_F(SavedSessionsTest, TheLeastRecentlyUsedLeavesForWhatComes) {
  SavedSessions sessions = open();
  save(sessions, {{"a most recent"}, {"b before"}, {"c longest ago"}});
  const std::uint64_t one = fs::file_size(files()[0]);
  SavedSessions next = open();
  save(next, {{"d is new too"}}, 3 * one + 50);
  EXPECT_EQ(found(next, "c longest"), "");
  SavedSessions third = open();
  EXPECT_EQ(third.count(), 3u);
  EXPECT_TRUE(third.read(*third.find(tokens_of("b before"), "", false))) << "which is a use";
  save(third, {{"e is the newest"}}, 3 * one + 50);
  EXPECT_EQ(found(open(), "a most"), "");
  EXPECT_EQ(found(open(), "b before"), "b before");
}

TEST_F(SavedSessionsTest, WithinABudgetTheMostRecentOnesAreSaved) {
  SavedSessions sessions = open();
  const auto saved = save(sessions, {{"a", 2000}, {"b", 5000}, {"c", 2000}, {"d", 2000}}, 5000);
  EXPECT_EQ(saved.sessions, 2u) << "the second alone is larger than the budget";
  SavedSessions next = open();
  EXPECT_EQ(found(next, "a"), "a");
  EXPECT_EQ(found(next, "c"), "c");
  EXPECT_EQ(found(next, "d"), "");
  EXPECT_EQ(save(next, {{"e", 100}}, 0).sessions, 0u) << "no budget, no saving";
}

TEST_F(SavedSessionsTest, WhatDoesNotFitBesideWhatWasJustSavedIsNotTheLastOne) {
  SavedSessions sessions = open();
  EXPECT_EQ(save(sessions, {{"a", 2000}, {"b", 4000}, {"c", 2000}}, 5000).sessions, 2u);
  EXPECT_EQ(found(open(), "b"), "");
  EXPECT_EQ(found(open(), "c"), "c");
}

TEST_F(SavedSessionsTest, NobodyLeavesForWhatIsNotWrittenInTheEnd) {
  SavedSessions sessions = open();
  save(sessions, {{"a", 4000}, {"b", 4000}});
  int asked = 0;
  auto left = [&asked] { return ++asked < 5 ? std::chrono::nanoseconds(1h) : 0ns; };
  EXPECT_EQ(save(sessions, {{"c", 8000}}, {.limits = {.bytes = 10'000}, .left = left}).sessions, 0u);
  EXPECT_GE(asked, 5) << "it was being written";
  EXPECT_EQ(files().size(), 2u);
  disk_reserve = std::uint64_t(1) << 60;
  EXPECT_EQ(save(sessions, {{"c", 8000}}, 10'000).sessions, 0u) << "the disk is nearly full";
  EXPECT_EQ(files().size(), 2u);
  disk_reserve = 0;
  EXPECT_EQ(save(sessions, {{"c", 8000}}, 10'000).sessions, 1u);
  EXPECT_EQ(files().size(), 1u);
  EXPECT_EQ(found(open(), "c"), "c");
}

TEST_F(SavedSessionsTest, WhatTakesThePlaceOfAFileOfItsNameDoesNotLeaveForItself) {
  SavedSessions one = open(), another = open();  // which does not see what the first one saves
  save(one, {{"hello world", 3000}});
  EXPECT_EQ(save(another, {{"hello world", 3000}}, 4000).sessions, 1u);
  EXPECT_EQ(found(open(), "hello"), "hello world");
}

TEST_F(SavedSessionsTest, AStateOfNoBytesIsNone) {
  SavedSessions sessions = open();
  EXPECT_EQ(save(sessions, {{"a", 0}, {"b", 10}}).sessions, 1u);
  EXPECT_EQ(found(sessions, "a"), "");
}

TEST_F(SavedSessionsTest, OneThatWouldTakeAllTheTimeIsGivenUpEarlyForTheOthers) {
  SavedSessions sessions = open();
  auto left = 30ms;  // a piece of 4 MiB each: not enough for what is before, between and after 25 of them
  const SaveTerms terms{.limits = {.bytes = 1 << 30}, .left = [&left] { return left -= 1ms; }};
  EXPECT_EQ(save(sessions, {{"a", 100 << 20}, {"b", 1000}}, terms).sessions, 1u);
  EXPECT_EQ(found(open(), "b"), "b");
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(SavedSessionsTest, AFileThatOthersMayReadIsLeftAlone) {
  SavedSessions first = open();
  save(first, {{"hello world"}});
  fs::permissions(files()[0], fs::perms::others_read, fs::perm_options::add);
  EXPECT_FALSE(first.read(*first.find(tokens_of("hello"), "", false)));
  EXPECT_EQ(open().count(), 0u);
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(SavedSessionsTest, AReadingThatIsGivenUpSaysNothingAgainstTheFile) {
  SavedSessions sessions = open();
  save(sessions, {{"hello world"}});
  const SavedSession* session = sessions.find(tokens_of("hello"), "", false);
  auto read = sessions.read(*session, [](std::uint64_t) { return false; });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind(), common::ErrorKind::timeout);
  EXPECT_EQ(sessions.find(tokens_of("hello"), "", false), session);
  EXPECT_TRUE(sessions.read(*session));
}

TEST_F(SavedSessionsTest, StopsInTimeAndLeavesNoHalfFile) {
  SavedSessions sessions = open();
  auto left = 40ms;
  SaveTerms terms{.limits = {.bytes = 1 << 30}, .left = [&left] { return left -= 1ms; }};
  const std::size_t large = 100 << 20;
  const auto saved = save(sessions, {{"a", 8 << 20}, {"b", large}, {"c", 8 << 20}, {"d", large}}, terms);
  EXPECT_EQ(saved.sessions, 2u) << "by the first it knows that the large ones would take too long";
  EXPECT_EQ(files().size(), 2u);
  EXPECT_EQ(found(open(), "c"), "c");
  left = 6ms;
  EXPECT_EQ(save(sessions, {{"e", large}}, terms).sessions, 0u) << "it finds out while it writes";
  EXPECT_EQ(files().size(), 2u);
  left = 0ms;
  states_made = 0;
  EXPECT_EQ(save(sessions, {{"f", 10}}, terms).sessions, 0u);
  EXPECT_EQ(states_made, 0);
}

TEST_F(SavedSessionsTest, WhatWasDamagedIsRemovedAtTheLookOrWhenItIsWanted) {
  SavedSessions first = open();
  save(first, {{"its head is hurt"}});
  const fs::path head_hurt = files()[0];
  save(first, {{"the state is hurt"}});
  const fs::path state_hurt = files()[files()[0] == head_hurt ? 1 : 0];
  auto hurt = [](const fs::path& file, std::streamoff at) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(at, at < 0 ? std::ios::end : std::ios::beg);
    bytes.put('!');
  };
  hurt(head_hurt, 50);
  hurt(state_hurt, -100);
  SavedSessions next = open();
  EXPECT_EQ(next.count(), 1u);
  EXPECT_FALSE(fs::exists(head_hurt));
  const SavedSession* session = next.find(tokens_of("the state is hurt"), "", false);
  ASSERT_TRUE(session);
  EXPECT_FALSE(next.read(*session));
  EXPECT_EQ(next.count(), 0u) << "it is not tried again";
  EXPECT_FALSE(fs::exists(state_hurt));
}

TEST_F(SavedSessionsTest, AFileThatHoldsAnotherConversationThanBeforeIsNotUsed) {
  SavedSessions first = open();
  save(first, {{"hello world"}});
  SavedSessions other = open("sha256:other");
  const fs::path mine = files()[0];
  save(other, {{"hello world"}});
  const fs::path theirs = files()[files()[0] == mine ? 1 : 0];
  SavedSessions reader = open();
  const SavedSession* session = reader.find(tokens_of("hello world"), "", false);
  ASSERT_TRUE(session);
  fs::rename(theirs, mine);  // whole, and of another model
  EXPECT_FALSE(reader.read(*session));
  EXPECT_EQ(reader.count(), 0u);
}

TEST_F(SavedSessionsTest, WhatSomebodyDroppedIsGoneAndCanBeSavedAgain) {
  SavedSessions sessions = open();
  save(sessions, {{"hello world"}, {"another"}});
  fs::remove_all(path);
  EXPECT_EQ(sessions.read(*sessions.find(tokens_of("hello"), "", false)).error().kind(), common::ErrorKind::not_found);
  EXPECT_EQ(found(sessions, "hello"), "");
  EXPECT_EQ(save(sessions, {{"another"}}).sessions, 1u);
  EXPECT_EQ(files().size(), 1u);
}

}  // namespace
}  // namespace worker::serve
