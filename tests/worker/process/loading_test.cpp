// What a load may ask for besides the file: adapters, a vocabulary alone, a prompt cache; and what a worker then says it holds.
#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <format>
#include <fstream>
#include <iterator>

#include "common/proc_file.hpp"
#include "tests/worker/process/models.hpp"
#include "tests/worker/process/worker_process.hpp"

namespace worker {
namespace {

using common::Json;
using testing::HasSubstr;

const char* const kSaySomething = R"({"prompt": "Once upon", "max_tokens": 48, "temperature": 0})";

class WorkerLoading : public testing::Test {
 protected:
  struct Told {
    common::Ready ready;
    std::string text;
  };
  Told say(common::Load load) {
    load.context_tokens = 512;
    WorkerProcess worker(runner);
    Told told{.ready = worker.bring_up(std::move(load))};
    told.text = worker.json("POST", "/v1/completions", kSaySomething)["choices"][0]["text"];
    return told;
  }
  common::Fatal refused(common::Load load) {
    WorkerProcess worker(runner);
    worker.next_of<common::Hello>();
    worker.send(std::move(load));
    return worker.next_of<common::Fatal>();
  }

  tests::LoopRunner runner;
};

TEST_F(WorkerLoading, AnAdapterMakesTheModelThatItsWeightsAddedWouldMake) {
  std::string base = models().small(), adapter = models().adapter();
  Told plain = say({.model = "m", .path = base});
  Told added = say({.model = "m", .path = base, .adapters = {{adapter, 1}}});
  Told merged = say({.model = "m", .path = models().adapted()});
  EXPECT_NE(added.text, plain.text);
  EXPECT_EQ(added.text, merged.text);
  EXPECT_NE(added.ready.digest, plain.ready.digest);
  EXPECT_GT(added.ready.memory[0].weights_bytes, plain.ready.memory[0].weights_bytes);
}

TEST_F(WorkerLoading, TheScaleOfAnAdapterCountsAndIsPartOfTheDigest) {
  std::string base = models().small(), adapter = models().adapter();
  Told plain = say({.model = "m", .path = base});
  Told none = say({.model = "m", .path = base, .adapters = {{adapter, 0}}});
  Told full = say({.model = "m", .path = base, .adapters = {{adapter, 1}}});
  EXPECT_EQ(none.text, plain.text);
  EXPECT_NE(none.ready.digest, plain.ready.digest);
  EXPECT_NE(none.ready.digest, full.ready.digest);
}

TEST_F(WorkerLoading, AModelIsTheSameHoweverItsFileIsReadAndSaysWhatStaysInTheFile) {
  const auto mapped = [](const common::Ready& ready) {
    std::uint64_t bytes = 0;
    for (const common::DeviceMemory& device : ready.memory) bytes += device.mapped_bytes;
    return bytes;
  };
  const std::string path = models().small();
  const Told usual = say({.model = "m", .path = path});
  EXPECT_GT(mapped(usual.ready), 0u);
  for (const char* mode : {"mapped", "buffered", "direct"}) {
    const Told read = say({.model = "m", .path = path, .read_mode = mode});
    EXPECT_EQ(read.text, usual.text) << mode;
    EXPECT_EQ(read.ready.digest, usual.ready.digest) << mode;
    EXPECT_EQ(mapped(read.ready), mode == std::string("mapped") ? mapped(usual.ready) : 0) << mode;
  }
}

TEST_F(WorkerLoading, AWorkerSaysInItsNameWhichModelItHas) {
  WorkerProcess worker(runner);
  const auto name = [&] { return common::read_proc_file(std::format("/proc/{}/comm", worker.pid())); };
  worker.next_of<common::Hello>();
  EXPECT_EQ(name(), "perch-worker\n");
  worker.send(common::Load{.model = "qwen3-30b-a3b", .path = models().small(), .context_tokens = 512});
  worker.next_of<common::Ready>();
  EXPECT_EQ(name(), "perch:qwen3-30b\n") << "as much of it as the kernel keeps";
}

TEST_F(WorkerLoading, AnAdapterThatIsNoneIsRefusedByName) {
  auto missing = refused({.model = "m", .path = models().small(), .adapters = {{"/nowhere/a.gguf", 1}}});
  EXPECT_EQ(missing.code, static_cast<int>(common::WorkerExit::bad_model_file));
  EXPECT_THAT(missing.message, HasSubstr("/nowhere/a.gguf"));
  auto other = refused({.model = "m", .path = models().small(), .adapters = {{models().embeds(), 1}}});
  EXPECT_EQ(other.code, static_cast<int>(common::WorkerExit::bad_model_file));
  EXPECT_THAT(other.message, HasSubstr("embeds.gguf"));
}

TEST_F(WorkerLoading, AVocabularyAloneCountsAndRendersAndComputesNothing) {
  const std::string messages = R"({"messages": [{"role": "user", "content": "hello there"}]})";
  WorkerProcess whole(runner), counting(runner);
  whole.bring_up({.model = "m", .path = models().slow()});
  auto ready = counting.bring_up({.model = "m", .path = models().slow(), .vocabulary_only = true});
  EXPECT_EQ(ready.slots, 0u);
  EXPECT_TRUE(ready.memory.empty());
  for (auto [path, body] : {std::pair{"/tokenize", std::string(R"({"content": "some words"})")},
                            {"/detokenize", R"({"tokens": [70, 71]})"},
                            {"/apply-template", messages},
                            {"/v1/chat/completions/input_tokens", messages}}) {
    EXPECT_EQ(counting.json("POST", path, body), whole.json("POST", path, body)) << path;
  }
  auto count = counting.json("POST", "/v1/chat/completions/input_tokens", messages);
  auto answer =
      whole.json("POST", "/v1/chat/completions", R"({"max_tokens": 1, "messages": [{"role": "user", "content": "hello there"}]})");
  EXPECT_EQ(count["input_tokens"], answer["usage"]["prompt_tokens"]);
  EXPECT_EQ(counting.json("GET", "/props")["purpose"], "counting");
  for (const char* path : {"/apply-template", "/v1/chat/completions/input_tokens"})
    EXPECT_EQ(counting.call("POST", path, R"({"model": "other", "messages": [{"role": "user", "content": "x"}]})").head.status, 503u)
        << path;
  for (const char* path : {"/v1/chat/completions", "/v1/completions", "/v1/embeddings"}) {
    auto response = counting.call("POST", path, R"({"messages": [{"role": "user", "content": "x"}], "prompt": "x", "input": "x"})");
    EXPECT_EQ(response.head.status, 400u) << path;
    EXPECT_THAT(response.body, HasSubstr("without its weights")) << path;
  }
}

TEST_F(WorkerLoading, ThePromptCacheKeepsWhatItMay) {
  auto states_after = [this](std::optional<std::uint64_t> mib) {
    WorkerProcess worker(runner);
    worker.bring_up({.model = "m", .path = models().small(), .context_tokens = 2048, .parallel = 1, .prompt_cache_mib = mib});
    for (char first : {'a', 'b', 'c'}) {
      Json body{{"prompt", std::string(200, first)}, {"max_tokens", 1}};
      worker.json("POST", "/v1/completions", body.dump());
    }
    return worker.json("GET", "/props")["saved_states"].get<int>();
  };
  EXPECT_EQ(states_after(std::nullopt), 2);
  EXPECT_EQ(states_after(0), 0);
}

TEST_F(WorkerLoading, PropsTellTheFilesAndInTimeTheHashOfEveryByte) {
  std::string path = models().small(), adapter = models().adapter();
  WorkerProcess worker(runner);
  auto ready = worker.bring_up({.model = "m", .path = path, .context_tokens = 512, .adapters = {{adapter, 1}}});
  EXPECT_EQ(ready.active_parameters, ready.parameters);
  Json files;
  for (int tries = 0; tries < 10000 && (files.empty() || files[0]["sha256"].is_null()); ++tries)
    files = worker.json("GET", "/props")["files"];
  ASSERT_EQ(files.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(files[i]["path"], i == 0 ? path : adapter);
    std::ifstream in(files[i]["path"].get<std::string>(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    unsigned char hash[32];
    EVP_Digest(bytes.data(), bytes.size(), hash, nullptr, EVP_sha256(), nullptr);
    std::string wanted;
    for (unsigned char byte : hash) wanted += std::format("{:02x}", byte);
    EXPECT_EQ(files[i]["sha256"], wanted);
  }
}

}  // namespace
}  // namespace worker
