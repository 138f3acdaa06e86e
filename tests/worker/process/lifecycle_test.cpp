// The worker process as the daemon sees it: the control protocol, and every way to end.
#include <gmock/gmock.h>

#include <csignal>
#include <fstream>

#include "common/huge_pages.hpp"
#include "common/proc_file.hpp"
#include "common/sanitizer.hpp"
#include "tests/worker/process/models.hpp"
#include "tests/worker/process/worker_process.hpp"

namespace worker {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::HasSubstr;

class WorkerLifecycle : public testing::Test {
 protected:
  // The contract gives a worker one second; the rest is for a machine that is busy with other things.
  void expect_end(WorkerProcess& worker, int code) {
    auto begin = Clock::now();
    auto status = worker.wait_for_exit();
    EXPECT_EQ(status.signal, 0);
    EXPECT_EQ(status.code, code);
    EXPECT_LT(Clock::now() - begin, 5s);
  }
  common::Fatal fatal_of(const std::string& path) {
    WorkerProcess worker(runner);
    worker.next_of<common::Hello>();
    worker.send(common::Load{.model = "m", .path = path});
    auto fatal = worker.next_of<common::Fatal>();
    EXPECT_EQ(worker.wait_for_exit().code, fatal.code);
    return fatal;
  }
  // Reads until the worker streams an answer that will not end soon.
  common::HttpClient start_endless_stream(WorkerProcess& worker) {
    auto client = worker.connect();
    common::HttpRequest request{
        .method = "POST", .target = "/v1/completions", .body = R"({"prompt": "a", "stream": true, "max_tokens": 3000})"};
    EXPECT_TRUE(runner.run(client.send(request)));
    EXPECT_EQ(runner.run(client.read_head())->status, 200u);
    return client;
  }

  tests::LoopRunner runner;
};

TEST_F(WorkerLifecycle, SaysHelloLoadsAndIsReady) {
  WorkerProcess worker(runner);
  auto hello = worker.next_of<common::Hello>();
  EXPECT_EQ(hello.protocol, common::kWorkerProtocolVersion);
  EXPECT_EQ(hello.pid, worker.pid());
  EXPECT_THAT(hello.engine, HasSubstr("libllama"));

  worker.send(common::Load{.model = "tiny", .path = models().small(), .context_tokens = 512, .parallel = 2});
  std::vector<std::string> stages;
  double fraction = 0;
  auto message = worker.next();
  for (; std::holds_alternative<common::Loading>(message); message = worker.next()) {
    auto& loading = std::get<common::Loading>(message);
    EXPECT_GE(loading.fraction, fraction);
    fraction = loading.fraction;
    if (stages.empty() || stages.back() != loading.stage) stages.push_back(loading.stage);
  }
  EXPECT_THAT(stages, testing::ElementsAre("open", "weights", "context", "warmup"));
  EXPECT_LE(fraction, 1);
  ASSERT_TRUE(std::holds_alternative<common::Ready>(message));
  auto ready = std::get<common::Ready>(message);
  EXPECT_EQ(ready.model, "tiny");
  EXPECT_THAT(ready.digest, testing::MatchesRegex("sha256:[0-9a-f]+"));
  EXPECT_EQ(ready.architecture, "llama");
  EXPECT_THAT(ready.quantization, HasSubstr("F32"));
  EXPECT_EQ(ready.parameters, 128192u);
  EXPECT_EQ(ready.context_tokens, 512u);
  EXPECT_EQ(ready.slots, 2u);
  ASSERT_EQ(ready.memory.size(), 1u);
  EXPECT_EQ(ready.memory[0].device, "CPU");
  EXPECT_GE(ready.memory[0].weights_bytes, 128192u * 4);
  EXPECT_EQ(ready.memory[0].kv_bytes, 2u * 512 * 2 * 2 * 64 * 2);  // slots x tokens x (K and V) x layers x width x half floats
  EXPECT_GT(ready.memory[0].compute_bytes, 0u);

  worker.send(common::Exit{});
  expect_end(worker, 0);
}

TEST_F(WorkerLifecycle, TakesAtMostEightThousandTokensOfContextByItself) {
  WorkerProcess worker(runner);
  auto ready = worker.bring_up({.model = "tiny", .path = models().small()});
  EXPECT_EQ(ready.context_tokens, 4096u) << "what the model was trained on is less than the cap";
  EXPECT_EQ(ready.slots, 4u);
}

TEST_F(WorkerLifecycle, OneCacheForAllSlotsAndQuantizedOnesTakeLess) {
  auto kv_bytes = [this](common::Load load) {
    load.model = "tiny", load.path = models().small(), load.context_tokens = 512, load.parallel = 2;
    WorkerProcess worker(runner);
    auto ready = worker.bring_up(load);
    EXPECT_EQ(ready.context_tokens, 512u);
    EXPECT_EQ(ready.slots, 2u);
    EXPECT_EQ(worker.json("GET", "/props")["kv_unified"], load.kv_unified);
    auto answer = worker.json("POST", "/v1/completions", R"({"prompt": "a", "max_tokens": 3})");
    EXPECT_EQ(answer["usage"]["completion_tokens"], 3);
    return ready.memory[0].kv_bytes;
  };
  const std::uint64_t f16 = 2u * 512 * 2 * 2 * 64 * 2;
  EXPECT_EQ(kv_bytes({.kv_unified = true}), f16 / 2);
  EXPECT_EQ(kv_bytes({.cache_type_k = "f32"}), f16 * 3 / 2);
  EXPECT_EQ(kv_bytes({.cache_type_k = "q8_0", .cache_type_v = "q8_0"}), f16 * 34 / 64) << "34 bytes for 32 numbers";
}

TEST_F(WorkerLifecycle, RefusesACacheThatCannotBe) {
  WorkerProcess worker(runner);
  worker.next_of<common::Hello>();
  worker.send(common::Load{.model = "m", .path = models().small(), .cache_type_k = "q9"});
  EXPECT_THAT(worker.next_of<common::Fatal>().message, HasSubstr("no cache type \"q9\""));
  EXPECT_EQ(worker.wait_for_exit().code, 70);
}

TEST_F(WorkerLifecycle, AsksForHugePagesHoweverItIsStarted) {
  WorkerProcess worker(runner);
  worker.bring_up({.model = "tiny", .path = models().small()});
  const std::string process = "/proc/" + std::to_string(worker.pid());
  EXPECT_THAT(common::read_proc_file(process + "/environ"), HasSubstr(common::huge_pages_entry()));
  if (common::kShadowMemory) GTEST_SKIP() << "a sanitizer's malloc does not read glibc's settings";
  EXPECT_THAT(common::read_proc_file(process + "/smaps"), HasSubstr(" hg")) << "a flag of mappings for which huge pages were asked";
}

TEST_F(WorkerLifecycle, CancelsALoadAndTakesAnother) {
  WorkerProcess worker(runner);
  worker.next_of<common::Hello>();
  worker.send(common::Load{.model = "slow", .path = models().slow()});
  worker.next_of<common::Loading>();
  worker.send(common::CancelLoad{});
  worker.next_of<common::LoadCancelled>();
  EXPECT_EQ(worker.json("GET", "/health")["status"], "loading");
  worker.send(common::Load{.model = "small", .path = models().small()});
  EXPECT_EQ(worker.next_of<common::Ready>().model, "small");
}

TEST_F(WorkerLifecycle, IgnoresASecondLoadAndAnswersWhatItDoesNotKeep) {
  WorkerProcess worker(runner);
  worker.bring_up({.model = "tiny", .path = models().small()});
  worker.send(common::Load{.model = "other", .path = models().small()});
  worker.send(common::CancelLoad{});
  worker.send_line("{\"type\": \"nonsense\"}");
  worker.send_line("no JSON");
  worker.send(common::SaveSessions{});
  auto answer = worker.next();  // nothing came of the others
  ASSERT_TRUE(std::holds_alternative<common::Saved>(answer));
  EXPECT_EQ(std::get<common::Saved>(answer).sessions, 0u);
  worker.send(common::RestoreSessions{});
  worker.next_of<common::Saved>();
  EXPECT_EQ(worker.json("GET", "/props")["model"], "tiny");
}

TEST_F(WorkerLifecycle, ShrinksItsPromptCacheWhenToldAndSaysWhatIsLeft) {
  WorkerProcess worker(runner);
  worker.bring_up({.model = "tiny", .path = models().small(), .context_tokens = 512, .parallel = 1});
  for (const char letter : {'a', 'b'}) {
    const common::Json body{{"prompt", std::string(200, letter)}, {"max_tokens", 3}};
    EXPECT_EQ(worker.json("POST", "/v1/completions", common::dump_json(body))["usage"]["completion_tokens"], 3);
  }
  common::Beat beat;
  while (beat.prompt_cache_bytes == 0) beat = worker.next_of<common::Beat>();  // what the second took the slot from
  worker.send(common::ShrinkCaches{.keep_bytes = 0});
  beat = worker.next_of<common::Beat>();
  EXPECT_EQ(beat.prompt_cache_bytes, 0u);
  EXPECT_EQ(beat.slots_busy, 0u);
  const common::Json again{{"prompt", std::string(200, 'a')}, {"max_tokens", 3}};
  auto answer = worker.json("POST", "/v1/completions", common::dump_json(again));
  EXPECT_EQ(answer["usage"]["completion_tokens"], 3);
  EXPECT_EQ(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
}

TEST_F(WorkerLifecycle, IgnoresAnOrderToShrinkBeforeThereIsAModel) {
  WorkerProcess worker(runner);
  worker.next_of<common::Hello>();
  worker.send(common::ShrinkCaches{.keep_bytes = 0});
  worker.send(common::CancelLoad{});
  auto answer = worker.next();
  EXPECT_TRUE(std::holds_alternative<common::LoadCancelled>(answer));
}

TEST_F(WorkerLifecycle, AnswersACancelWithoutALoad) {
  WorkerProcess worker(runner);
  worker.next_of<common::Hello>();
  worker.send(common::CancelLoad{});
  worker.next_of<common::LoadCancelled>();
}

TEST_F(WorkerLifecycle, EndsWithItsDaemonWhenIdle) {
  WorkerProcess worker(runner);
  worker.next_of<common::Hello>();
  worker.hang_up();
  expect_end(worker, 0);
}

TEST_F(WorkerLifecycle, EndsWithItsDaemonInTheMiddleOfALoad) {
  WorkerProcess worker(runner);
  worker.next_of<common::Hello>();
  worker.send(common::Load{.model = "slow", .path = models().slow()});
  worker.next_of<common::Loading>();
  worker.hang_up();
  expect_end(worker, 0);
}

TEST_F(WorkerLifecycle, EndsWithItsDaemonWhenReady) {
  WorkerProcess worker(runner);
  worker.bring_up({.model = "tiny", .path = models().small()});
  worker.hang_up();
  expect_end(worker, 0);
}

TEST_F(WorkerLifecycle, EndsWithItsDaemonInTheMiddleOfAnAnswer) {
  WorkerProcess worker(runner);
  worker.bring_up({.model = "slow", .path = models().slow()});
  auto client = start_endless_stream(worker);
  worker.hang_up();
  expect_end(worker, 0);
  // What the client got must not look complete.
  char space[4096];
  while (true) {
    auto read = runner.run(client.read_some(space));
    if (!read) break;
    ASSERT_GT(*read, 0u) << "the stream ended properly";
  }
}

TEST_F(WorkerLifecycle, EndsAtOnceWhenAskedToInTheMiddleOfAnAnswer) {
  WorkerProcess worker(runner);
  worker.bring_up({.model = "slow", .path = models().slow()});
  auto client = start_endless_stream(worker);
  worker.send(common::Exit{});
  expect_end(worker, 0);
}

TEST_F(WorkerLifecycle, EndsOnSigtermAndNotOnSigint) {
  WorkerProcess worker(runner);
  worker.bring_up({.model = "tiny", .path = models().small()});
  worker.signal(SIGINT);
  EXPECT_EQ(worker.json("GET", "/health")["status"], "ok");
  worker.signal(SIGTERM);
  expect_end(worker, 0);
}

TEST_F(WorkerLifecycle, SaysWhatIsWrongWithAModelFile) {
  auto missing = fatal_of((models().folder() / "nowhere.gguf").string());
  EXPECT_EQ(missing.code, 65);
  EXPECT_THAT(missing.message, HasSubstr("No such file"));

  auto garbage = models().folder() / "garbage.gguf";
  std::ofstream(garbage) << "this is no model";
  EXPECT_EQ(fatal_of(garbage.string()).code, 65);
  EXPECT_EQ(fatal_of(models().folder().string()).code, 65);

  auto truncated = models().folder() / "truncated.gguf";
  std::filesystem::copy_file(models().small(), truncated);
  std::filesystem::resize_file(truncated, std::filesystem::file_size(truncated) - 1000);
  auto cut = fatal_of(truncated.string());
  EXPECT_EQ(cut.code, 65);
  EXPECT_THAT(cut.message, HasSubstr("truncated.gguf"));
}

TEST_F(WorkerLifecycle, SaysThatAContextDoesNotFit) {
  WorkerProcess worker(runner);
  worker.next_of<common::Hello>();
  worker.send(common::Load{.model = "m", .path = models().small(), .context_tokens = 50'000'000, .parallel = 64});
  auto fatal = worker.next_of<common::Fatal>();
  EXPECT_EQ(fatal.code, 69) << fatal.message;
  EXPECT_EQ(worker.wait_for_exit().code, 69);
}

TEST_F(WorkerLifecycle, RefusesToStartWithoutADaemonOrAModel) {
  auto run = [this](std::vector<std::string> arguments) {
    auto child = common::ChildProcess::spawn(runner.loop().get_executor(), {.program = PERCH_WORKER, .arguments = std::move(arguments)});
    return runner.run(child->wait()).code;
  };
  EXPECT_EQ(run({}), 64);
  EXPECT_EQ(run({"--model", "x.gguf"}), 64);
  EXPECT_EQ(run({"--nonsense"}), 64);
  EXPECT_EQ(run({"--help"}), 0);
}

}  // namespace
}  // namespace worker
