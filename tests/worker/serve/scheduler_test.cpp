// The scheduler with a real (tiny) model, turn by turn on the test's own thread.
#include <gmock/gmock.h>

#include <limits>
#include <set>
#include <utility>

#include "tests/worker/serve/scheduler_fixture.hpp"

namespace worker::serve {
namespace {

TEST_F(SchedulerTest, ReadsAPromptInChunksAndSaysTheSame) {
  std::string prompt(700, 'x');
  for (std::size_t i = 0; i < prompt.size(); ++i) prompt[i] = static_cast<char>('a' + i * 7 % 26);
  auto whole = alone(prompt, 20);
  EXPECT_EQ(whole.size(), 20u);
  EXPECT_EQ(alone(prompt, 20, {.slots = 1, .prompt_tokens_per_turn = 13}), whole);
}

TEST_F(SchedulerTest, RequestsSideBySideSayWhatEachSaysAlone) {
  std::vector<std::string> prompts{"one", "something longer than one", "x"};
  std::vector<std::string> wanted;
  for (const auto& prompt : prompts) wanted.push_back(alone(prompt, 25));
  start({.slots = 2, .prompt_tokens_per_turn = 6, .prompt_tokens_beside_answers = 3});
  std::vector<std::shared_ptr<Job>> jobs;
  for (const auto& prompt : prompts) jobs.push_back(submit(prompt, 25));
  work();
  for (std::size_t i = 0; i < jobs.size(); ++i) EXPECT_EQ(progress(jobs[i]).text, wanted[i]);
}

TEST_F(SchedulerTest, CountsWhatItDoes) {
  start({.slots = 1});
  auto job = submit("hello", 10);
  work();
  finish = *progress(job).finish;
  EXPECT_EQ(finish.reason, FinishReason::length);
  EXPECT_EQ(finish.prompt_tokens, 5u);
  EXPECT_EQ(finish.completion_tokens, 10u);
  EXPECT_EQ(totals.prompt_tokens, 5u);
  EXPECT_EQ(totals.tokens, 10u);
  EXPECT_EQ(totals.slots_busy, 0u);
}

TEST_F(SchedulerTest, LetsGoOfACancelledRequestBeforeTheNextToken) {
  start({.slots = 1});
  auto leaves = submit("one", 500);
  auto waits = submit("two", 3);
  for (int turn = 0; turn < 5; ++turn) scheduler->turn();
  auto tokens = totals.tokens.load();
  leaves->cancel();
  scheduler->turn();
  EXPECT_EQ(totals.tokens, tokens + 1) << "the slot went to the next request at once";
  work();
  EXPECT_TRUE(progress(waits).finish);
}

TEST_F(SchedulerTest, LeavesOutASlotWhoseReaderLagsAndGoesOnLater) {
  start({.slots = 2});
  auto lags = submit("one", 300);
  work();
  EXPECT_TRUE(lags->full());
  EXPECT_LT(totals.tokens, 300u);
  EXPECT_EQ(totals.slots_busy, 0u);
  auto other = submit("two", 10);
  work();
  EXPECT_TRUE(progress(other).finish);
  std::string resumed = all_of(lags);
  EXPECT_EQ(resumed, alone("one", 300));
}

TEST_F(SchedulerTest, SharesATurnAmongTheSlotsThatRead) {
  start({.slots = 2, .prompt_tokens_per_turn = 10});
  auto one = submit(std::string(100, 'a'), 1);
  auto two = submit("abc", 1);
  scheduler->turn();
  EXPECT_EQ(totals.prompt_tokens, 8u) << "five for the long prompt, three for the short one";
  EXPECT_TRUE(progress(two).finish);
  one->cancel();
}

TEST_F(SchedulerTest, GoesOnWithAConversationWhereItStopped) {
  std::string question = "a question of some length, and then another one";
  start({.slots = 1});
  std::string answer = ask(question, 20);
  std::string next = question + answer + " more";
  std::string again = ask(next, 20);
  EXPECT_GE(finish.cached_tokens, question.size() + answer.size() - 1);
  EXPECT_EQ(finish.prompt_tokens, next.size());
  EXPECT_EQ(again, alone(next, 20));
}

TEST_F(SchedulerTest, AnswersARepeatedPromptFromAllButItsLastToken) {
  start({.slots = 1});
  std::string first = ask("the same words", 10);
  EXPECT_EQ(ask("the same words", 10), first);
  EXPECT_EQ(finish.cached_tokens, 13u);
}

TEST_F(SchedulerTest, SharesASystemPromptAmongConversationsWithoutLosingAny) {
  std::string system(200, 's');
  start({.slots = 3});
  std::string one = system + "one", two = system + "two";
  std::string said_one = ask(one, 100);
  std::string said_two = ask(two, 100);
  EXPECT_GE(finish.cached_tokens, 200u) << "copied from the first conversation's slot";
  ask(one + said_one + "x", 5);
  EXPECT_GE(finish.cached_tokens, one.size() + 99) << "which still holds all of it";
  ask(two + said_two + "x", 5);
  EXPECT_GE(finish.cached_tokens, two.size() + 99);
  EXPECT_EQ(said_two, alone(two, 100));
}

TEST_F(SchedulerTest, ReadsASystemPromptOnceForAllWhoComeWithIt) {
  const std::string system(600, 's');
  const std::vector<std::string> prompts{system + "one", system + "two", system + "three"};
  std::vector<std::string> wanted;
  for (const auto& prompt : prompts) wanted.push_back(alone(prompt, 25));
  const auto before = totals.prompt_tokens.load();
  start({.slots = 3, .prompt_tokens_per_turn = 100});
  std::vector<std::shared_ptr<Job>> jobs;
  for (const auto& prompt : prompts) jobs.push_back(submit(prompt, 25));
  work();
  EXPECT_EQ(totals.prompt_tokens - before, 600u + 3 + 3 + 5);
  for (std::size_t i = 0; i < jobs.size(); ++i) EXPECT_EQ(progress(jobs[i]).text, wanted[i]);
}

TEST_F(SchedulerTest, KeepsASlotForWhoWaitsForABeginning) {
  const std::string system(600, 's');
  start({.slots = 2, .prompt_tokens_per_turn = 100});
  auto reads = submit(system + "one", 1);
  scheduler->turn();
  auto waits = submit(system + "two", 1), other = submit("something else", 100);
  scheduler->turn();
  EXPECT_EQ(totals.slots_busy, 1u);
  EXPECT_EQ(totals.waiting, 2u);
  while (!waits->take().finish) scheduler->turn();
  EXPECT_FALSE(other->take().finish) << "it came later";
}

TEST_F(SchedulerTest, WaitsForNobodyWhoIsJudged) {
  const std::string system(600, 's');
  start({.slots = 2, .prompt_tokens_per_turn = 100});
  JobRequest judged = greedy(system + "one", 1);
  judged.logprobs = 1;
  judged.prompt_logprobs = true;
  judged.cache_prompt = false;
  submit(std::move(judged));
  scheduler->turn();
  submit(system + "two", 1);
  scheduler->turn();
  EXPECT_EQ(totals.slots_busy, 2u);
  work();
}

TEST_F(SchedulerTest, ReadsByItselfWhenWhoReadItsBeginningLeaves) {
  const std::string system(600, 's');
  start({.slots = 2, .prompt_tokens_per_turn = 100});
  auto leaves = submit(system + "one", 1);
  auto stays = submit(system + "two", 25);
  for (int turn = 0; turn < 3; ++turn) scheduler->turn();
  EXPECT_EQ(totals.waiting, 1u);
  leaves->cancel();
  const std::string said = all_of(stays);
  EXPECT_EQ(finish.cached_tokens, 300u) << "what had been read by then";
  EXPECT_EQ(said, alone(system + "two", 25));
}

TEST_F(SchedulerTest, BringsBackFromMemoryWhatASlotHadToGiveUp) {
  std::string first(150, 'f'), second(150, 'g');
  start({.slots = 1});
  std::string said = ask(first, 10);
  ask(second, 10);
  EXPECT_EQ(finish.cached_tokens, 0u);
  EXPECT_EQ(totals.saved_states, 1u);
  std::string more = ask(first + said + "!", 10);
  EXPECT_GE(finish.cached_tokens, 159u);
  EXPECT_EQ(more, alone(first + said + "!", 10));
}

TEST_F(SchedulerTest, KeepsNothingInMemoryBeyondItsBudget) {
  start({.slots = 1, .saved_bytes = 0});
  ask(std::string(150, 'f'), 10);
  ask(std::string(150, 'g'), 10);
  EXPECT_EQ(totals.saved_states, 0u);
}

TEST_F(SchedulerTest, GivesUpWhatItKeepsInMemoryWhenToldAndSaysTheSameWithoutIt) {
  std::string first(150, 'f'), second(150, 'g');
  start({.slots = 1});
  std::string said = ask(first, 10);
  ask(second, 10);
  EXPECT_GT(totals.saved_bytes, 0u);
  scheduler->limit_saved(0);
  EXPECT_EQ(totals.saved_states, 0u);
  EXPECT_EQ(totals.saved_bytes, 0u);
  std::string more = ask(first + said + "!", 10);
  EXPECT_EQ(finish.cached_tokens, 0u);
  EXPECT_EQ(totals.saved_states, 0u) << "and keeps nothing from then on";
  scheduler->limit_saved(std::nullopt);
  ask(second, 10);
  EXPECT_EQ(totals.saved_states, 1u) << "until it may again";
  EXPECT_EQ(more, alone(first + said + "!", 10));
}

TEST_F(SchedulerTest, NeverKeepsMoreThanItWasConfiguredTo) {
  start({.slots = 1, .saved_bytes = 0});
  scheduler->limit_saved(1ull << 40);
  ask(std::string(150, 'f'), 10);
  ask(std::string(150, 'g'), 10);
  EXPECT_EQ(totals.saved_states, 0u);
}

TEST_F(SchedulerTest, ReusesNothingForARequestThatSaysSo) {
  start({.slots = 1});
  ask("the same words", 10);
  JobRequest request = greedy("the same words", 10);
  request.cache_prompt = false;
  all_of(submit(std::move(request)));
  EXPECT_EQ(finish.cached_tokens, 0u);
}

TEST_F(SchedulerTest, KeepsInMemoryWhatARequestThatReusesNothingPushesOut) {
  std::string first(150, 'f');
  start({.slots = 1});
  std::string said = ask(first, 10);
  JobRequest request = greedy(std::string(150, 'g'), 10);
  request.cache_prompt = false;
  all_of(submit(std::move(request)));
  EXPECT_EQ(totals.saved_states, 1u);
  ask(first + said + "!", 10);
  EXPECT_GE(finish.cached_tokens, 159u);
}

TEST_F(SchedulerTest, SaysTheSameForASeedAloneAndInABatch) {
  auto seeded = [this] {
    JobRequest request = greedy("tell me", 30);
    request.sampling = {.seed = 7};
    return request;
  };
  start({.slots = 1});
  std::string wanted = all_of(submit(seeded()));
  start({.slots = 3});
  submit("something else", 60);
  auto job = submit(seeded());
  submit("and more", 60);
  EXPECT_EQ(all_of(job), wanted);
}

TEST_F(SchedulerTest, HoldsAnAnswerToItsGrammar) {
  start({.slots = 1});
  JobRequest request = greedy("say", 50);
  request.grammar = guard("root ::= \"yes\" | \"no\"");
  EXPECT_THAT(all_of(submit(std::move(request))), testing::AnyOf("yes", "no"));
  EXPECT_EQ(finish.reason, FinishReason::stop);
}

TEST_F(SchedulerTest, EndsAnAnswerThatItsGrammarCompletesThoughItsEndIsForbidden) {
  std::vector<engine::LogitBias> never;
  for (engine::Token token = 0; token < model.vocabulary().size(); ++token) {
    if (model.vocabulary().ends_generation(token)) never.push_back({token, -std::numeric_limits<float>::infinity()});
  }
  ASSERT_FALSE(never.empty());
  const engine::SamplingParams ways[] = {
      {.temperature = 0, .ignore_eos = true},
      {.temperature = 1, .ignore_eos = true, .seed = 1},
      {.temperature = 1, .mirostat = 2, .ignore_eos = true, .seed = 1},
      {.temperature = 0, .logit_bias = never},
  };
  for (const engine::SamplingParams& way : ways) {
    start({.slots = 1});
    JobRequest request = greedy("say", 50);
    request.sampling = way;
    request.grammar = guard("root ::= \"yes\" | \"no\"");
    const std::string text = all_of(submit(std::move(request)));
    EXPECT_THAT(text, testing::AnyOf("yes", "no"));
    EXPECT_EQ(finish.reason, FinishReason::stop);
    EXPECT_EQ(finish.completion_tokens, text.size()) << "there is no token for the end";
  }
}

TEST_F(SchedulerTest, HoldsAnAnswerToItsGrammarFromATriggerOn) {
  std::string free = alone("say", 30);
  std::string trigger = free.substr(10, 2);
  std::size_t begins = free.find(trigger);
  start({.slots = 1});
  JobRequest request = greedy("say", 50);
  request.grammar = guard("root ::= \"" + trigger + "\" \"<done>\"", {{.text = trigger}});
  EXPECT_EQ(all_of(submit(std::move(request))), free.substr(0, begins) + trigger + "<done>");
}

TEST_F(SchedulerTest, EndsAThoughtThatTakesTooLong) {
  start({.slots = 1});
  JobRequest request = greedy("say", 40);
  request.thinking = {.begin = "<think>", .end = "</think>", .begun = true, .limit = 8};
  request.thinking.ending = model.vocabulary().tokenize("</think>", false, true);
  std::string text = all_of(submit(std::move(request)));
  EXPECT_EQ(text.find("</think>"), 8u);
  EXPECT_GT(text.size(), 20u) << "the answer goes on";
  EXPECT_EQ(finish.reason, FinishReason::length);
}

TEST_F(SchedulerTest, TellsHowLikelyEachTokenWas) {
  start({.slots = 1});
  JobRequest request = greedy("say", 12);
  request.logprobs = 3;
  std::string text = all_of(submit(std::move(request)));
  ASSERT_EQ(records.size(), 12u);
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(model.vocabulary().piece(records[i].token), text.substr(i, 1));
    const engine::Logprobs& probs = records[i].probs.value();
    ASSERT_EQ(probs.top.size(), 3u);
    EXPECT_EQ(probs.top[0].token, records[i].token) << "the likeliest, at temperature 0";
    EXPECT_EQ(probs.top[0].logprob, probs.chosen);
    EXPECT_LT(probs.chosen, 0);
    EXPECT_GE(probs.top[0].logprob, probs.top[1].logprob);
  }
}

TEST_F(SchedulerTest, JudgesAPromptAsItWouldHaveJudgedItsOwnAnswer) {
  start({.slots = 2});
  JobRequest first = greedy("say", 60);
  first.logprobs = 0;
  const std::string said = all_of(submit(std::move(first)));
  const std::vector<TokenRecord> own = std::exchange(records, {});
  auto beside = submit("somebody else", 200);  // whose tokens want logits too
  scheduler->turn();
  JobRequest again = greedy("say" + said, 1);
  again.logprobs = 2;
  again.prompt_logprobs = true;
  again.cache_prompt = false;
  all_of(submit(std::move(again)));
  ASSERT_EQ(records.size(), 3 + own.size() + 1);
  EXPECT_FALSE(records[0].probs) << "nothing comes before it";
  for (std::size_t i = 0; i < own.size(); ++i) {
    EXPECT_EQ(records[3 + i].token, own[i].token);
    EXPECT_NEAR(records[3 + i].probs.value().chosen, own[i].probs.value().chosen, 1e-3);
    EXPECT_EQ(records[3 + i].probs->top.at(0).token, own[i].token);
  }
  EXPECT_EQ(finish.cached_tokens, 0u);
  EXPECT_EQ(all_of(beside).size(), 200u);
}

TEST_F(SchedulerTest, BiasAndPenaltiesChangeWhatIsSaid) {
  std::string plain = alone("say", 20);
  auto with = [&](auto change) {
    start({.slots = 1});
    JobRequest request = greedy("say", 20);
    change(request.sampling);
    return all_of(submit(std::move(request)));
  };
  engine::Token first = model.vocabulary().tokenize(plain.substr(0, 1), false, false).back();
  EXPECT_NE(with([&](auto& s) { s.logit_bias = {{first, -100}}; })[0], plain[0]);
  EXPECT_EQ(with([&](auto& s) { s.logit_bias = {{first, 100}}; }), std::string(20, plain[0]));
  std::string varied = with([](auto& s) { s.presence_penalty = 2, s.frequency_penalty = 2, s.repeat_penalty = 2; });
  EXPECT_GT(std::set<char>(varied.begin(), varied.end()).size(), std::set<char>(plain.begin(), plain.end()).size());
}

}  // namespace
}  // namespace worker::serve
