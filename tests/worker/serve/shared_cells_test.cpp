// One cache for all slots: what begins alike is kept once, and who finds no room loses time and nothing else.
#include <gmock/gmock.h>

#include <random>

#include "tests/worker/serve/scheduler_fixture.hpp"

namespace worker::serve {
namespace {

// What was said, token by token, each with the two likeliest at its place.
using Said = std::vector<TokenRecord>;

// A text that is read again is computed in other batches than it was made in, which moves logits by a thousandth: where two tokens are as
// likely as each other the rest may differ.
testing::AssertionResult same(const Said& said, const Said& wanted) {
  for (std::size_t i = 0; i < said.size() && i < wanted.size(); ++i) {
    if (said[i].token == wanted[i].token) continue;
    const auto& likeliest = wanted[i].probs->top;
    if (likeliest[0].logprob - likeliest[1].logprob < 0.02f) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "token " << i << " of " << wanted.size() << " is another";
  }
  if (said.size() == wanted.size()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << said.size() << " tokens instead of " << wanted.size();
}

class SharedCellsTest : public SchedulerTest {
 protected:
  JobRequest shown(const std::string& prompt, std::uint64_t max_tokens) {
    JobRequest request = greedy(prompt, max_tokens);
    request.logprobs = 2;
    return request;
  }
  // Reads them all as they come, so that nobody waits for a slow reader.
  std::vector<Said> all_of_these(const std::vector<std::shared_ptr<Job>>& jobs) {
    std::vector<Said> said(jobs.size());
    finishes.assign(jobs.size(), {});
    for (std::size_t done = 0; done < jobs.size();) {
      scheduler->turn();
      for (std::size_t i = 0; i < jobs.size(); ++i) {
        auto part = jobs[i]->take();
        std::ranges::move(part.records, std::back_inserter(said[i]));
        if (!part.finish) continue;
        finishes[i] = *part.finish;
        ++done;
      }
    }
    return said;
  }
  Said shown_alone(const std::string& prompt, std::uint64_t max_tokens) {
    start({.slots = 1});
    return all_of_these({submit(shown(prompt, max_tokens))}).front();
  }

  std::vector<Finish> finishes;
};

TEST_F(SharedCellsTest, KeepACommonBeginningOnce) {
  const std::string system(600, 's');
  std::vector<std::string> prompts{system + "one", system + "two", system + "three"};
  std::vector<Said> wanted;
  for (const auto& prompt : prompts) wanted.push_back(shown_alone(prompt, 60));
  start_with_shared_cells(1024, {.slots = 3});
  ask(system + "!", 1);
  auto said = all_of_these({submit(shown(prompts[0], 60)), submit(shown(prompts[1], 60)), submit(shown(prompts[2], 60))});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(same(said[i], wanted[i]));
    EXPECT_GE(finishes[i].cached_tokens, 600u);
  }
  EXPECT_EQ(totals.parked, 0u) << "three times 660 tokens are 1,980, but 780 different ones";
  for (const auto& prompt : prompts) {
    ask(prompt + "x", 1);
    EXPECT_GE(finish.cached_tokens, prompt.size()) << "what the others began alike with did not change";
  }
}

TEST_F(SharedCellsTest, NobodyOvertakesWhoWaitsForABeginning) {
  const std::string system(300, 's');
  start_with_shared_cells(1024, {.slots = 3, .prompt_tokens_per_turn = 100});
  auto reads = submit(system + "one", 1);
  scheduler->turn();
  auto waits = submit(system + "two", 1), other = submit(std::string(600, 'o'), 1);
  scheduler->turn();
  EXPECT_EQ(totals.slots_busy, 1u) << "it would take the room";
  all_of_these({reads, waits, other});
  EXPECT_GE(finishes[1].cached_tokens, 300u);
}

TEST_F(SharedCellsTest, ParkWhoBeganLastWhenAnswersOutgrowThem) {
  const std::string one(40, 'o'), two(40, 't');
  const std::vector<Said> wanted{shown_alone(one, 180), shown_alone(two, 180)};
  start_with_shared_cells(256, {.slots = 2});
  const auto said = all_of_these({submit(shown(one, 180)), submit(shown(two, 180))});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(same(said[i], wanted[i]));
  EXPECT_GE(totals.parked, 1u);
  for (const Finish& each : finishes) {
    EXPECT_EQ(each.prompt_tokens, 40u);
    EXPECT_EQ(each.completion_tokens, 180u);
    EXPECT_EQ(each.cached_tokens, 0u) << "what it read again was not cached for its sender";
  }
}

TEST_F(SharedCellsTest, ParkedTextIsReadAgainWhereItCannotBeSaved) {
  const std::string one(40, 'o'), two(40, 't');
  const std::vector<Said> wanted{shown_alone(one, 180), shown_alone(two, 180)};
  totals.prompt_tokens = 0;
  start_with_shared_cells(256, {.slots = 2, .saved_bytes = 0});
  const auto said = all_of_these({submit(shown(one, 180)), submit(shown(two, 180))});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(same(said[i], wanted[i]));
  EXPECT_GE(totals.parked, 1u);
  EXPECT_GT(totals.prompt_tokens, 80u + 40);
}

TEST_F(SharedCellsTest, APromptWaitsUntilItHasRoom) {
  start_with_shared_cells(256, {.slots = 2});
  auto first = submit(std::string(150, 'a'), 50);
  auto second = submit(std::string(150, 'b'), 5);
  auto third = submit("c", 1);
  for (int turn = 0; turn < 5; ++turn) scheduler->turn();
  EXPECT_EQ(totals.waiting, 2u) << "in the order of arrival, although the third would have room";
  all_of_these({first, second, third});
  EXPECT_EQ(totals.parked, 0u);
}

TEST_F(SharedCellsTest, FreeSlotsGiveUpWhatTheyHold) {
  start_with_shared_cells(256, {.slots = 2});
  const std::string first(150, 'f');
  const std::string said = ask(first, 10);
  ask(std::string(150, 'g'), 10);
  EXPECT_EQ(totals.parked, 0u);
  EXPECT_EQ(totals.saved_states, 1u);
  EXPECT_EQ(ask(first + said + "!", 10), alone(first + said + "!", 10));
}

TEST_F(SharedCellsTest, ACancelledRequestIsNotResumed) {
  start_with_shared_cells(256, {.slots = 2});
  auto stays = submit(std::string(40, 'o'), 180);
  auto leaves = submit(std::string(40, 't'), 180);
  while (totals.parked == 0) {
    scheduler->turn();
    stays->take();
    leaves->take();
  }
  leaves->cancel();
  all_of_these({stays});
  EXPECT_EQ(finishes[0].completion_tokens, 180u);
  EXPECT_FALSE(scheduler->turn());
  EXPECT_EQ(totals.waiting, 0u);
  EXPECT_EQ(totals.slots_busy, 0u);
}

TEST_F(SharedCellsTest, ASlowReaderMakesRoomForOthers) {
  start_with_shared_cells(256, {.slots = 2});
  auto lags = submit(std::string(100, 'o'), 150);
  work();
  ASSERT_TRUE(lags->full());
  const auto quick = all_of_these({submit(shown(std::string(100, 't'), 100))});
  EXPECT_EQ(totals.parked, 1u);
  const auto rest = all_of_these({lags});
  EXPECT_EQ(finishes[0].completion_tokens, 150u);
  EXPECT_TRUE(same(quick[0], shown_alone(std::string(100, 't'), 100)));
}

TEST_F(SharedCellsTest, RequestsOfAllSizesSayWhatEachSaysAlone) {
  std::mt19937 random(11);
  auto upto = [&random](unsigned most) { return 1 + random() % most; };
  std::vector<std::pair<std::string, std::uint64_t>> asked;
  std::vector<Said> wanted;
  for (int i = 0; i < 60; ++i) {
    std::string prompt(upto(3) * 30, static_cast<char>('a' + upto(3)));
    for (unsigned rest = upto(60); rest > 0; --rest) prompt += static_cast<char>('a' + upto(20));
    asked.emplace_back(prompt, upto(100));
    wanted.push_back(shown_alone(prompt, asked.back().second));
  }
  for (std::size_t saved : {std::size_t(0), std::size_t(1) << 20}) {
    totals.parked = 0;
    start_with_shared_cells(256, {.slots = 4, .prompt_tokens_per_turn = 50, .saved_bytes = saved});
    std::vector<std::shared_ptr<Job>> jobs;
    for (const auto& [prompt, max_tokens] : asked) jobs.push_back(submit(shown(prompt, max_tokens)));
    const auto said = all_of_these(jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i) EXPECT_TRUE(same(said[i], wanted[i])) << "request " << i;
    EXPECT_GT(totals.parked, 0u);
  }
}

TEST_F(SharedCellsTest, AJudgedPromptIsToldOnceHoweverOftenItIsRead) {
  start_with_shared_cells(256, {.slots = 2, .prompt_tokens_beside_answers = 4, .saved_bytes = 0});
  auto grows = submit(std::string(120, 'o'), 130);
  for (int turn = 0; turn < 30; ++turn) {
    scheduler->turn();
    grows->take();
  }
  JobRequest request = greedy(std::string(90, 't'), 60);
  request.logprobs = 0;
  request.prompt_logprobs = true;
  request.cache_prompt = false;
  auto judged = submit(std::move(request));
  std::vector<TokenRecord> seen;
  for (bool over = false; !over;) {
    scheduler->turn();
    grows->take();
    auto part = judged->take();
    std::ranges::move(part.records, std::back_inserter(seen));
    over = part.finish.has_value();
  }
  EXPECT_GE(totals.parked, 1u) << "while it was read";
  EXPECT_EQ(seen.size(), 90u + 60);
}

}  // namespace
}  // namespace worker::serve
