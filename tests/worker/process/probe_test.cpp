// The daemon's probe (proxy/supervisor/probe.hpp), answered by real models.
#include <gtest/gtest.h>

#include "proxy/supervisor/probe.hpp"
#include "tests/worker/process/models.hpp"
#include "tests/worker/process/worker_process.hpp"

namespace worker {
namespace {

using common::Purpose;

class WorkerProbe : public testing::Test {
 protected:
  void expect_answer(common::Load load, Purpose purpose) {
    WorkerProcess worker(runner);
    EXPECT_EQ(worker.bring_up(std::move(load)).purpose, purpose);
    auto outcome = runner.run(proxy::supervisor::probe(common::UnixAddress{worker.data_socket()}, purpose));
    EXPECT_TRUE(outcome) << outcome.error().message();
  }
  tests::LoopRunner runner;
};

TEST_F(WorkerProbe, IsAnsweredByAModelThatGenerates) {
  expect_answer({.model = "tiny", .path = models().small(), .context_tokens = 256}, Purpose::generation);
}

TEST_F(WorkerProbe, IsAnsweredByAModelThatMakesEmbeddings) {
  expect_answer({.model = "vectors", .path = models().embeds(), .context_tokens = 256}, Purpose::embedding);
}

TEST_F(WorkerProbe, IsAnsweredByAVocabulary) {
  expect_answer({.model = "words", .path = models().small(), .vocabulary_only = true}, Purpose::counting);
}

TEST_F(WorkerProbe, OfAnotherPurposeIsRefused) {
  WorkerProcess worker(runner);
  worker.bring_up({.model = "vectors", .path = models().embeds(), .context_tokens = 256});
  auto outcome = runner.run(proxy::supervisor::probe(common::UnixAddress{worker.data_socket()}, Purpose::generation));
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message().find("generates no text"), std::string::npos) << outcome.error().message();
}

}  // namespace
}  // namespace worker
