// Conversations that outlive their scheduler: what one writes to files, the next one goes on with, as if nothing had happened.
#include <gmock/gmock.h>

#include <fstream>
#include <random>

#include "tests/worker/serve/scheduler_fixture.hpp"

namespace worker::serve {
namespace {

namespace fs = std::filesystem;

class SessionsTest : public SchedulerTest {
 protected:
  // A worker that finds what was saved before.
  void start_anew(SchedulerConfig config = {.slots = 1}, engine::ContextConfig wanted = {.context_tokens = 1024},
                  const std::string& key = "sha256:key") {
    scheduler.reset();
    totals.sessions_restored = totals.sessions_refused = totals.prompt_tokens = 0;
    sessions = std::make_unique<SavedSessions>(saved, key, "tiny");
    start(config, wanted);
  }
  common::Saved save(std::uint64_t budget = std::uint64_t(1) << 30) {
    return scheduler->save_sessions(
        {.limits = {.bytes = budget}, .left = [] { return std::chrono::hours(1); }, .disk_reserve = 0});
  }
  std::string ask_as(const std::string& owner, const std::string& words) {
    JobRequest request = greedy(words, 20);
    request.owner = owner;
    return all_of(submit(std::move(request)));
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(saved)) all.push_back(entry.path());
    return all;
  }

  const fs::path saved = folder.path() / "sessions";
  const std::string prompt = "A conversation that goes on for a while, and is worth something for that very reason. ";
  const std::string other = "Something else that was talked about at length, with nothing in common but the language. ";
};

TEST_F(SessionsTest, GoOnAsIfNothingHadHappened) {
  start_anew();
  const std::string first = ask(prompt, 40);
  const std::string wanted = ask(prompt + first + "And then?", 40);
  const auto cached = finish.cached_tokens;
  ASSERT_GT(cached, prompt.size());

  start_anew();
  EXPECT_EQ(ask(prompt, 40), first);
  const common::Saved written = save();
  EXPECT_EQ(written.sessions, 1u);
  start_anew();
  EXPECT_EQ(totals.sessions, 1u);
  EXPECT_EQ(ask(prompt + first + "And then?", 40), wanted);
  EXPECT_EQ(finish.cached_tokens, cached);
  EXPECT_EQ(totals.sessions_restored, 1u);
  ASSERT_EQ(restored.size(), 1u) << "whoever wants to know is told";
  EXPECT_GE(restored[0].tokens, cached);
  EXPECT_GT(restored[0].bytes, 0u);
  EXPECT_GT(restored[0].seconds, 0);
  EXPECT_EQ(totals.prompt_tokens, finish.prompt_tokens - cached) << "nothing else was evaluated before its first token";
}

TEST_F(SessionsTest, OfSlotsAndOfMainMemoryAreSavedOnceTheMostRecentFirst) {
  start_anew({.slots = 1});
  ask(prompt, 10);
  ask(other, 10);  // which sends the first one to main memory
  EXPECT_EQ(totals.saved_states, 1u);
  ask(prompt, 10);
  ask("short", 10);  // not worth a file
  const common::Saved written = save();
  EXPECT_EQ(written.sessions, 2u);
  EXPECT_EQ(totals.saved_states, 0u);
  EXPECT_EQ(save().sessions, 0u);
  start_anew();
  ask(other, 10);
  EXPECT_EQ(finish.cached_tokens, finish.prompt_tokens - 1);
  ask(prompt, 10);
  EXPECT_EQ(finish.cached_tokens, finish.prompt_tokens - 1);
  EXPECT_EQ(totals.sessions_restored, 2u);
}

TEST_F(SessionsTest, AreNotReadWhereASlotOrMainMemoryHasAsMuch) {
  start_anew({.slots = 2});
  ask(prompt, 10);
  save();
  start_anew({.slots = 2});
  ask(prompt + "one", 10);
  ask(prompt + "two", 10);
  EXPECT_EQ(totals.sessions_restored, 1u);
}

TEST_F(SessionsTest, OfAnotherOwnerAreNotSeen) {
  start_anew();
  const std::string text = ask_as("alice", prompt);
  EXPECT_EQ(save().sessions, 1u);
  for (const char* stranger : {"", "bob", "alice2"}) {
    start_anew();
    EXPECT_EQ(ask_as(stranger, prompt), text);
    EXPECT_EQ(finish.cached_tokens, 0u) << "whoever is told that it is there learns what was said";
    EXPECT_EQ(totals.sessions_restored, 0u);
  }
  start_anew();
  EXPECT_EQ(ask_as("alice", prompt), text);
  EXPECT_GT(finish.cached_tokens, 0u);
}

TEST_F(SessionsTest, AreEachOwnersOwnThoughTheWordsAreTheSame) {
  start_anew({.slots = 2});
  ask_as("alice", prompt);
  ask_as("bob", prompt);
  EXPECT_EQ(save().sessions, 2u);
  start_anew({.slots = 2});
  ask_as("bob", prompt);
  EXPECT_EQ(totals.sessions_restored, 1u);
}

TEST_F(SessionsTest, AreLeftAloneByARequestThatWantsNoCache) {
  start_anew();
  ask(prompt, 10);
  save();
  start_anew();
  JobRequest request = greedy(prompt, 10);
  request.cache_prompt = false;
  all_of(submit(std::move(request)));
  EXPECT_EQ(finish.cached_tokens, 0u);
  EXPECT_EQ(totals.sessions_restored, 0u);
}

TEST_F(SessionsTest, AreNotReadForALittleOfTheirBeginning) {
  start_anew();
  ask(prompt + other + other + other, 10);
  save();
  start_anew();
  ask(prompt + "and not the rest", 10);
  EXPECT_EQ(totals.sessions_restored, 0u);
  start_anew();
  ask(prompt + other + other + "and not the rest", 10);
  EXPECT_EQ(totals.sessions_restored, 1u);
}

TEST_F(SessionsTest, InOneCacheForAllFindRoomOrStayAway) {
  const engine::ContextConfig shared{.context_tokens = 256, .shared_cells = true};
  start_anew({.slots = 2, .saved_bytes = 0}, shared);
  const std::string text = ask(prompt + prompt, 20);
  save();
  start_anew({.slots = 2, .saved_bytes = 0}, shared);
  ask(other, 20);  // what it leaves has to make room
  EXPECT_EQ(ask(prompt + prompt, 20), text);
  EXPECT_EQ(totals.sessions_restored, 1u);
  EXPECT_EQ(finish.cached_tokens, finish.prompt_tokens - 1);
}

TEST_F(SessionsTest, ThatTakeTooLongToReadAreEvaluatedAndStayWhereTheyAre) {
  start_anew();
  const std::string text = ask(prompt, 20);
  save();
  start_anew({.slots = 1, .longest_restore = std::chrono::nanoseconds(0)});
  EXPECT_EQ(ask(prompt, 20), text);
  EXPECT_EQ(finish.cached_tokens, 0u);
  EXPECT_EQ(totals.sessions_restored, 0u);
  EXPECT_EQ(totals.sessions_refused, 0u);
  EXPECT_EQ(totals.sessions, 1u);
  start_anew();
  EXPECT_EQ(ask(prompt, 20), text);
  EXPECT_EQ(totals.sessions_restored, 1u);
}

TEST_F(SessionsTest, ThatTheEngineRefusesAreForgotten) {
  start_anew();
  const std::string text = ask(prompt, 20);
  save();
  const std::vector<fs::path> all = files();
  ASSERT_EQ(all.size(), 1u);
  const auto whole = common::read_session(all[0]);
  ASSERT_TRUE(whole);
  for (const std::size_t kept : {std::size_t(0), whole->state.size / 2}) {  // with the right sums
    common::SessionHead head = whole->head;
    head.state_bytes = kept;
    const auto written = common::write_session(all[0], head, whole->state.view().first(kept), fs::file_time_type::clock::now(),
                                               [](std::uint64_t) { return true; });
    ASSERT_TRUE(written);
    start_anew();
    EXPECT_EQ(totals.sessions, 1u);
    EXPECT_EQ(ask(prompt, 20), text) << kept;
    EXPECT_EQ(finish.cached_tokens, 0u);
    EXPECT_EQ(totals.sessions_refused, 1u);
    EXPECT_EQ(totals.sessions, 0u);
  }
  EXPECT_EQ(save().sessions, 1u) << "in the place of what was refused";
  start_anew();
  EXPECT_EQ(ask(prompt, 20), text);
  EXPECT_EQ(totals.sessions_restored, 1u);
}

// libllama makes a copy of a sequence at the next decode only: what is put there before would be copied, or copied over.
TEST_F(SessionsTest, AreNotPutWhereACopyIsStillToBeMade) {
  start({.slots = 2});
  ask(prompt, 8);
  const std::vector<std::uint8_t> state = context.save(0);
  ASSERT_FALSE(state.empty());
  context.copy(0, 1);
  EXPECT_FALSE(context.is_settled(0));
  EXPECT_FALSE(context.is_settled(1));
  EXPECT_FALSE(context.save(0).empty());
  EXPECT_TRUE(context.save(1).empty()) << "it is not there yet";
  EXPECT_FALSE(context.restore(0, state));

  engine::Batch batch(1);
  batch.add(0, 0, 0, true);
  ASSERT_EQ(context.decode(batch), engine::Decoded::ok);
  EXPECT_TRUE(context.is_settled(0));
  EXPECT_FALSE(context.save(1).empty());
  EXPECT_TRUE(context.restore(0, state));
}

TEST_F(SessionsTest, ThatAreDamagedDoNotCostWhatTheSlotHolds) {
  const std::string longer = prompt + other + other + other;
  start_anew({.slots = 1, .saved_bytes = 0});
  const std::string text = ask(longer, 20);
  save();
  std::fstream file(files().at(0), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-100, std::ios::end);
  file << "damaged";
  file.close();
  start_anew({.slots = 1, .saved_bytes = 0});
  JobRequest request = greedy(prompt + "And then?", 20);
  request.cache_prompt = false;
  all_of(submit(std::move(request)));
  EXPECT_EQ(ask(longer, 20), text);
  EXPECT_EQ(totals.sessions_refused, 1u);
  EXPECT_GE(finish.cached_tokens, prompt.size() / 2) << "the beginning that both have";
}

TEST_F(SessionsTest, ThatAreBeingUsedAreNotSaved) {
  start_anew({.slots = 2});
  auto running = submit(prompt, 500);
  for (int i = 0; i < 20; ++i) scheduler->turn();
  EXPECT_EQ(save().sessions, 0u);
  running->cancel();
  EXPECT_EQ(save().sessions, 1u) << "of a client that has just gone";
}

// Damage of every kind, again and again, between two workers: cold then, and never another word.
TEST_F(SessionsTest, HoweverTheirFilesAreHurtTheAnswerIsTheSame) {
  const std::vector<std::string> prompts{prompt, other, "By the way: " + prompt, "In other words: " + other};
  std::vector<std::string> wanted;
  start_anew({.slots = 4});
  for (const std::string& each : prompts) wanted.push_back(ask(each, 12));
  std::mt19937 random(5);
  auto pick = [&random](std::size_t below) { return random() % below; };
  auto bytes_of = [](const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  auto put = [](const fs::path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes; };
  std::uint64_t taken_back = 0, refused = 0;
  for (int round = 0; round < 60; ++round) {
    save();
    // Another model's, whose states have the same size.
    const std::string key = round % 4 == 3 ? "sha256:other" : "sha256:key";
    for (const fs::path& file : files()) {
      const std::string bytes = bytes_of(file);
      switch (pick(9)) {
        case 0: {
          std::string hurt = bytes;
          hurt[pick(hurt.size())] ^= static_cast<char>(1 << pick(8));
          put(file, hurt);
          break;
        }
        case 1: put(file, bytes.substr(0, pick(bytes.size()))); break;
        case 2: put(file, bytes + bytes.substr(0, pick(100))); break;
        case 3: {  // the state of one with the tokens of another
          const std::vector<fs::path> all = files();
          const std::string theirs = bytes_of(all[pick(all.size())]);
          const std::size_t cut = pick(bytes.size());
          if (cut < theirs.size()) put(file, bytes.substr(0, cut) + theirs.substr(cut));
          break;
        }
        case 4: {  // whole, under another's name
          const std::vector<fs::path> all = files();
          const fs::path theirs = all[pick(all.size())];
          if (theirs != file) fs::rename(file, theirs);
          break;
        }
        default: break;
      }
    }
    start_anew({.slots = 4}, {.context_tokens = 1024}, key);
    for (std::size_t i = 0; i < prompts.size(); ++i) ASSERT_EQ(ask(prompts[i], 12), wanted[i]) << "round " << round << ", prompt " << i;
    taken_back += totals.sessions_restored;
    refused += totals.sessions_refused;
  }
  EXPECT_GT(taken_back, 30u) << "some were whole";
  EXPECT_GT(refused, 3u) << "and some were found out only when they were wanted";
}

}  // namespace
}  // namespace worker::serve
