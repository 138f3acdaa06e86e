// What libllama says that a load would take, and what the registry predicts from the file alone.
#include <gmock/gmock.h>

#include <cstdio>
#include <filesystem>
#include <format>
#include <memory>

#include "common/worker_protocol.hpp"
#include "registry/memory_prediction.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"

namespace {

struct Ran {
  std::string output;
  int status = 0;
};

Ran run_worker(const std::string& arguments) {
  Ran ran;
  std::FILE* pipe = popen(std::format("{} {} 2>/dev/null", PERCH_WORKER, arguments).c_str(), "r");
  char space[4096];
  while (std::fgets(space, sizeof space, pipe)) ran.output += space;
  ran.status = WEXITSTATUS(pclose(pipe));
  return ran;
}

common::Estimate estimate(const std::string& path, const registry::RunShape& shape) {
  const Ran ran = run_worker(std::format("--estimate --model {} --context {} --parallel {}{} --cache-type-k {} --cache-type-v {}", path,
                                         shape.context_tokens, shape.parallel, shape.kv_unified ? " --kv-unified" : "", shape.cache_type_k,
                                         shape.cache_type_v));
  auto said = common::decode_estimate(ran.output);
  if (!said) throw std::runtime_error(said.error().message() + ": " + ran.output);
  return *said;
}

class EstimateTest : public testing::Test {
 protected:
  // Caches to the byte, the rest about.
  void compare(const std::string& path, registry::RunShape shape) {
    auto facts = registry::inspect(path);
    ASSERT_TRUE(facts) << facts.error().message();
    shape = registry::settled(shape, *facts);
    const registry::DeviceNeed predicted = registry::predict(*facts, shape).devices.at(0);
    const common::Estimate said = estimate(path, shape);
    ASSERT_EQ(said.memory.size(), 1u);
    const auto about = [](std::uint64_t bytes) { return testing::AllOf(testing::Gt(bytes * 9 / 10), testing::Lt(bytes * 12 / 10)); };
    // A processor may want them in a layout of its own.
    EXPECT_THAT(predicted.weights_bytes,
                testing::AllOf(testing::Gt(said.memory[0].weights_bytes * 4 / 5), testing::Lt(said.memory[0].weights_bytes * 6 / 5)))
        << path;
    EXPECT_EQ(predicted.full_kv_bytes + predicted.window_kv_bytes + predicted.state_bytes, said.memory[0].kv_bytes) << path;
    EXPECT_THAT(predicted.compute_bytes - registry::uncounted_bytes(*facts, shape), about(said.memory[0].compute_bytes)) << path;
    EXPECT_GT(said.process_bytes, 1u << 20);
  }

  tests::TempFolder folder;
};

TEST_F(EstimateTest, LibllamaAndThePredictionAgree) {
  for (const char* name : {"sparrow-q8_0", "sparrow-q4_k_m", "wren-q8_0"}) {
    const std::string path = std::format("{}/{}.gguf", PERCH_DEMO_FOLDER, name);
    compare(path, {});
    compare(path, {.context_tokens = 1000, .parallel = 3});
    compare(path, {.context_tokens = 2048, .parallel = 4, .kv_unified = true});
    compare(path, {.context_tokens = 2048, .parallel = 2, .cache_type_k = "q8_0", .cache_type_v = "q4_0"});
  }
}

TEST_F(EstimateTest, ReadsNoWeights) {
  const std::string path = (folder.path() / "tiny.gguf").string();
  support::write_tiny_model(path, {.width = 512, .layers = 8, .hidden = 2048});
  const common::Estimate said = estimate(path, {.context_tokens = 1u << 18, .parallel = 4, .cache_type_k = "f16", .cache_type_v = "f16"});
  EXPECT_GT(said.memory[0].weights_bytes, 100u << 20);
  EXPECT_GE(said.memory[0].kv_bytes, 16ull << 30);
  EXPECT_LT(said.process_bytes, 1ull << 30);
}

TEST_F(EstimateTest, SaysWhatIsWrongWithItsExitCode) {
  const auto not_a_model = folder.write("bad.gguf", "GGUF and no more");
  EXPECT_EQ(run_worker(std::format("--estimate --model {}", not_a_model.string())).status,
            static_cast<int>(common::WorkerExit::bad_model_file));
  EXPECT_EQ(run_worker("--estimate").status, static_cast<int>(common::WorkerExit::usage));
  EXPECT_EQ(run_worker("--model x.gguf").status, static_cast<int>(common::WorkerExit::usage));
}

}  // namespace
