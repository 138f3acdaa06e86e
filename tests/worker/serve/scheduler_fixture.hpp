// A scheduler with a real (tiny) model.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/loop_runner.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"
#include "worker/engine/backend.hpp"
#include "worker/serve/scheduler.hpp"

namespace worker::serve {

class SchedulerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { engine::start_backend(false); }
  SchedulerTest() {
    support::write_tiny_model(path);
    auto loaded = engine::Model::load(path, [](double) { return true; });
    if (!loaded) throw std::runtime_error(loaded.error().message());
    model = std::move(*loaded);
  }
  void start(SchedulerConfig config) { start(config, {.context_tokens = 1024}); }
  void start_with_shared_cells(std::uint64_t cells, SchedulerConfig config) {
    start(config, {.context_tokens = cells, .shared_cells = true});
  }
  void start(SchedulerConfig config, engine::ContextConfig wanted) {
    wanted.slots = static_cast<std::uint64_t>(config.slots);
    wanted.threads = 1;
    auto made = engine::Context::create(model, wanted);
    if (!made) throw std::runtime_error(made.error().message());
    scheduler.reset();
    context = std::move(*made);
    ScheduledSessions scheduled{.files = sessions.get(), .restored = [this](const common::Restored& what) { restored.push_back(what); }};
    scheduler = std::make_unique<Scheduler>(model, context, encoder, config, totals, std::move(scheduled));
  }
  JobRequest greedy(const std::string& prompt, std::uint64_t max_tokens) {
    return {.prompt = model.vocabulary().tokenize(prompt, false, false), .sampling = {.temperature = 0}, .max_tokens = max_tokens};
  }
  std::shared_ptr<Job> submit(const std::string& prompt, std::uint64_t max_tokens) { return submit(greedy(prompt, max_tokens)); }
  std::shared_ptr<Job> submit(JobRequest request) {
    auto job = std::make_shared<Job>(std::move(request), std::make_shared<Mailbox>(runner.loop().get_executor()), [] {});
    scheduler->submit(job);
    return job;
  }
  void work() {
    while (scheduler->turn()) {
    }
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
      records.insert(records.end(), part.records.begin(), part.records.end());
      if (!part.finish) continue;
      finish = *part.finish;
      return text;
    }
  }
  std::string ask(const std::string& prompt, std::uint64_t max_tokens) { return all_of(submit(prompt, max_tokens)); }
  engine::GrammarGuard guard(const std::string& text, std::vector<engine::GrammarTrigger> triggers = {}) {
    return engine::GrammarGuard::create(model.vocabulary(), {.text = text, .triggers = std::move(triggers)}).value();
  }

  tests::TempFolder folder;
  const std::string path = (folder.path() / "model.gguf").string();
  engine::PictureEncoder* encoder = nullptr;
  std::unique_ptr<SavedSessions> sessions;  // null: none are kept
  std::vector<common::Restored> restored;
  tests::LoopRunner runner;
  Totals totals;
  engine::Model model;
  engine::Context context;
  std::unique_ptr<Scheduler> scheduler;
  Finish finish;                     // of the answer that all_of() saw last
  std::vector<TokenRecord> records;  // of all answers it saw
};

}  // namespace worker::serve
