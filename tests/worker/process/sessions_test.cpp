// Conversations that outlive their worker, seen from the daemon: one process saves and ends, the next one goes on, byte for byte as if
// there had been only one. With models of every kind of memory: full attention, sliding windows, a recurrent state, and both in one layer.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <format>
#include <fstream>

#include "common/session_file.hpp"
#include "tests/worker/process/models.hpp"
#include "tests/worker/process/worker_process.hpp"

namespace worker {
namespace {

namespace fs = std::filesystem;
using common::Json;

constexpr std::uint64_t kBudget = std::uint64_t(1) << 30;

class WorkerSessions : public testing::Test {
 protected:
  struct Answer {
    std::string text;
    std::uint64_t cached = 0;
  };

  common::Load load(const std::string& path) const {
    return {.model = "m", .path = path, .context_tokens = 1024, .parallel = 2, .sessions_folder = folder.string()};
  }
  Answer ask(WorkerProcess& worker, const Json& prompt, int max_tokens, const std::string& owner = "") {
    auto client = worker.connect();
    common::HttpRequest request{
        .method = "POST",
        .target = "/v1/completions",
        .body = common::dump_json(Json{{"prompt", prompt}, {"max_tokens", max_tokens}, {"temperature", 0}, {"ignore_eos", true}})};
    if (!owner.empty()) request.fields.emplace_back("X-Perch-Owner", owner);
    auto response = runner.run(client.exchange(std::move(request)));
    EXPECT_TRUE(response);
    auto body = common::parse_json(response->body).value();
    if (response->head.status != 200) return {.text = response->body};
    return {.text = body["choices"][0]["text"], .cached = body["usage"]["prompt_tokens_details"]["cached_tokens"]};
  }
  common::Saved save(WorkerProcess& worker, std::uint64_t budget = kBudget) {
    worker.send(common::SaveSessions{.budget_bytes = budget, .milliseconds = 60'000});
    return worker.next_of<common::Saved>();
  }
  void leave(WorkerProcess& worker) {
    worker.send(common::Exit{});
    EXPECT_EQ(worker.wait_for_exit().code, 0);
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(folder)) all.push_back(entry.path());
    return all;
  }
  // Two turns of a conversation: the tokens of the second one go on from the end of the first one's, as a recurrent state needs it.
  void expect_the_same_with_and_without_interruption(common::Load order) {
    std::vector<int> first, second;
    for (int i = 0; i < 150; ++i) first.push_back(50 + i * 7 % 200);
    second = first;
    for (int i = 0; i < 20; ++i) second.push_back(60 + i * 11 % 200);
    std::string wanted;
    std::uint64_t cached = 0;
    {
      WorkerProcess worker(runner);
      worker.bring_up(order);
      ask(worker, first, 1);
      Answer answer = ask(worker, second, 40);
      wanted = answer.text;
      cached = answer.cached;
      EXPECT_EQ(cached, 150u);
      leave(worker);
    }
    fs::remove_all(folder);
    {
      WorkerProcess worker(runner);
      worker.bring_up(order);
      ask(worker, first, 1);
      const common::Saved saved = save(worker);
      EXPECT_EQ(saved.sessions, 1u);
      EXPECT_EQ(saved.bytes, fs::file_size(files().at(0)));
      leave(worker);
    }
    WorkerProcess worker(runner);
    worker.bring_up(order);
    const Answer answer = ask(worker, second, 40);
    EXPECT_EQ(answer.text, wanted);
    EXPECT_EQ(answer.cached, cached);
    EXPECT_EQ(worker.json("GET", "/props")["sessions_restored_total"], 1);
    leave(worker);
  }
  std::string random_model(const std::string& arguments) {
    const fs::path path = scratch.path() / "random.gguf";
    const std::string make = std::format("{} {} --vocab-from {}/sparrow-q8_0.gguf --type f16 {} > /dev/null", PERCH_RANDOM_MODEL,
                                         path.string(), PERCH_DEMO_FOLDER, arguments);
    EXPECT_EQ(std::system(make.c_str()), 0);
    return path.string();
  }

  tests::LoopRunner runner;
  tests::TempFolder scratch;
  const fs::path folder = scratch.path() / "sessions";
};

TEST_F(WorkerSessions, GoOnInADemoModel) {
  expect_the_same_with_and_without_interruption(load(std::string(PERCH_DEMO_FOLDER) + "/sparrow-q8_0.gguf"));
}

TEST_F(WorkerSessions, GoOnInAMixtureOfExperts) {
  expect_the_same_with_and_without_interruption(load(std::string(PERCH_DEMO_FOLDER) + "/wren-q8_0.gguf"));
}

TEST_F(WorkerSessions, GoOnInAModelWithSlidingWindows) {
  expect_the_same_with_and_without_interruption(load(random_model("--architecture gemma3 --layers 6")));
}

TEST_F(WorkerSessions, GoOnInAModelWithHalfOfItsLayersWindowed) {
  expect_the_same_with_and_without_interruption(load(random_model("--architecture gemma2 --layers 4")));
}

TEST_F(WorkerSessions, GoOnInARecurrentModel) {
  expect_the_same_with_and_without_interruption(load(random_model("--architecture mamba2 --layers 4")));
}

TEST_F(WorkerSessions, GoOnInAHybridModel) {
  expect_the_same_with_and_without_interruption(load(random_model("--architecture falcon-h1 --layers 4")));
}

TEST_F(WorkerSessions, GoOnInQuantizedCachesAndInOneForAll) {
  common::Load order = load(models().small());
  order.cache_type_k = "q8_0", order.cache_type_v = "q8_0";
  order.kv_unified = true;
  expect_the_same_with_and_without_interruption(order);
}

TEST_F(WorkerSessions, AreOfNoUseUnderOtherSettings) {
  const std::string prompt(200, 'p');
  {
    WorkerProcess worker(runner);
    worker.bring_up(load(models().small()));
    ask(worker, prompt, 5);
    EXPECT_EQ(save(worker).sessions, 1u);
    leave(worker);
  }
  auto found = [&](common::Load order) {
    WorkerProcess worker(runner);
    worker.bring_up(order);
    const std::uint64_t cached = ask(worker, prompt, 5).cached;
    leave(worker);
    return cached > 0;
  };
  const common::Load same = load(models().small());
  EXPECT_TRUE(found(same));
  common::Load other = same;
  other.cache_type_k = "q8_0";
  EXPECT_FALSE(found(other));
  other = same;
  other.context_tokens = 512;
  EXPECT_FALSE(found(other));
  other = same;
  other.parallel = 1;
  EXPECT_FALSE(found(other));
  other = same;
  other.kv_unified = true;
  EXPECT_FALSE(found(other));
  other = same;
  other.adapters = {{.path = models().adapter(), .scale = 0.5}};
  EXPECT_FALSE(found(other));
  // The same shape, words and size, and thereby the same digest; other weights.
  other = same;
  other.path = (scratch.path() / "twin.gguf").string();
  support::write_tiny_model(other.path, {.seed = 2});
  EXPECT_FALSE(found(other));
  other = same;
  other.sessions_folder = "";
  EXPECT_FALSE(found(other));
  other = same;
  other.model = "another name for it";
  EXPECT_TRUE(found(other)) << "the same weights in the same way";
}

TEST_F(WorkerSessions, BelongToTheKeyThatMadeThem) {
  const std::string prompt(200, 'p');
  {
    WorkerProcess worker(runner);
    worker.bring_up(load(models().small()));
    ask(worker, prompt, 5, "key-1");
    EXPECT_EQ(save(worker).sessions, 1u);
    leave(worker);
  }
  for (const char* owner : {"", "key-2", "key-1"}) {
    WorkerProcess worker(runner);
    worker.bring_up(load(models().small()));
    EXPECT_EQ(ask(worker, prompt, 5, owner).cached > 0, std::string(owner) == "key-1") << owner;
    leave(worker);
  }
}

TEST_F(WorkerSessions, KeepToTheirBudgetAndAreNotWrittenWithoutOne) {
  WorkerProcess worker(runner);
  worker.bring_up(load(models().small()));
  ask(worker, std::string(200, 'a'), 5);
  ask(worker, std::string(200, 'b'), 5);
  EXPECT_EQ(save(worker, 0).sessions, 0u);
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_EQ(save(worker, 150'000).sessions, 1u) << "each takes some 100 KB";
  const auto written = files();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_LE(fs::file_size(written[0]), 150'000u);
  leave(worker);
}

TEST_F(WorkerSessions, OfAWorkerThatIsKilledWhileItSavesAreWholeOrNotThere) {
  const std::string prompt(600, 'k');
  for (int attempt = 0; attempt < 3; ++attempt) {
    WorkerProcess worker(runner);
    worker.bring_up(load(models().slow()));
    const Answer answer = ask(worker, prompt + std::to_string(attempt), 2);
    EXPECT_TRUE(attempt != 2 || answer.cached > 0) << "the one before had said that it was saved";
    worker.send(common::SaveSessions{.budget_bytes = kBudget, .milliseconds = 60'000});
    if (attempt == 1) worker.next_of<common::Saved>();
    worker.signal(SIGKILL);
    worker.wait_for_exit();
    for (const fs::path& file : fs::exists(folder) ? files() : std::vector<fs::path>()) {
      EXPECT_TRUE(file.extension() != ".session" || common::read_session(file)) << attempt;
    }
  }
}

TEST_F(WorkerSessions, AreNotKeptByAWorkerThatOnlyEmbeds) {
  WorkerProcess worker(runner);
  worker.bring_up(load(models().embeds()));
  worker.json("POST", "/v1/embeddings", R"({"input": "some text"})");
  EXPECT_EQ(save(worker).sessions, 0u);
  leave(worker);
}

TEST_F(WorkerSessions, AreNotAskedForBeforeAModelIsThere) {
  WorkerProcess worker(runner);
  worker.next_of<common::Hello>();
  EXPECT_EQ(save(worker).sessions, 0u);
}

}  // namespace
}  // namespace worker
