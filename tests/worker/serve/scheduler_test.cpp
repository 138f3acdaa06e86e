// The scheduler with a real (tiny) model, turn by turn on the test's own thread.
#include "worker/serve/scheduler.hpp"

#include <gmock/gmock.h>

#include "tests/support/loop_runner.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"
#include "worker/engine/backend.hpp"

namespace worker::serve {
namespace {

class SchedulerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { engine::start_backend(false); }
  SchedulerTest() {
    auto path = (folder.path() / "model.gguf").string();
    support::write_tiny_model(path);
    auto loaded = engine::Model::load(path, [](double) { return true; });
    if (!loaded) throw std::runtime_error(loaded.error().message());
    model = std::move(*loaded);
  }
  void start(SchedulerConfig config) {
    auto made = engine::Context::create(model, {.context_tokens = 1024, .slots = static_cast<std::uint64_t>(config.slots), .threads = 1});
    if (!made) throw std::runtime_error(made.error().message());
    scheduler.reset();
    context = std::move(*made);
    scheduler = std::make_unique<Scheduler>(model, context, config, totals);
  }
  std::shared_ptr<Job> submit(const std::string& prompt, std::uint64_t max_tokens) {
    JobRequest request{
        .prompt = model.vocabulary().tokenize(prompt, false, false), .sampling = {.temperature = 0}, .max_tokens = max_tokens};
    auto job = std::make_shared<Job>(std::move(request), runner.loop().get_executor(), [] {});
    scheduler->submit(job);
    return job;
  }
  void work() {
    while (scheduler->runnable()) scheduler->turn();
  }
  Job::Progress progress(const std::shared_ptr<Job>& job) { return runner.run(job->next()); }
  std::string alone(const std::string& prompt, std::uint64_t max_tokens, SchedulerConfig config = {.slots = 1}) {
    start(config);
    return all_of(submit(prompt, max_tokens));
  }
  // Works and reads in turns until the answer is complete.
  std::string all_of(const std::shared_ptr<Job>& job) {
    std::string text;
    while (true) {
      work();
      auto part = progress(job);
      text += part.text;
      if (part.finish) return text;
    }
  }

  tests::TempFolder folder;
  tests::LoopRunner runner;
  Totals totals;
  engine::Model model;
  engine::Context context;
  std::unique_ptr<Scheduler> scheduler;
};

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
  auto finish = *progress(job).finish;
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

}  // namespace
}  // namespace worker::serve
