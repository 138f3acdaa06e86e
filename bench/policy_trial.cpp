#include "bench/policy_trial.hpp"

#include <boost/asio/this_coro.hpp>
#include <format>
#include <fstream>
#include <stdexcept>

#include "bench/chat.hpp"
#include "bench/crowd.hpp"
#include "bench/daemon.hpp"
#include "bench/swap_watch.hpp"
#include "common/task_group.hpp"

namespace bench {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::Json;

namespace {

constexpr std::size_t kClients = 8;
constexpr std::size_t kContextTokens = 256;  // of a slot: questions and answers are short
constexpr double kQueueTimeout = 120;        // seconds; who waits longer fails, and the bench with him

double seconds(std::chrono::milliseconds d) { return std::chrono::duration<double>(d).count(); }

void write_registry(const fs::path& file, const PolicyTrial& trial, const PolicyNumbers& numbers) {
  std::ofstream out(file);
  out << registry_of(trial.models, numbers).dump(2) << '\n';
  out.close();
  if (!out) throw std::runtime_error(std::format("{} cannot be written", file.string()));
}

// Once each, so that the files are in the page cache and every load has been measured. The first model stays resident.
asio::awaitable<void> warm_up(const std::string& port, const std::vector<ModelFile>& models) {
  for (auto model = models.rbegin(); model != models.rend(); ++model) {
    Json body{{"model", model->id}, {"max_tokens", 8}, {"messages", Json::array({Json{{"role", "user"}, {"content", "Count to 60."}}})}};
    auto times = co_await timed_chat(port, std::move(body));
    if (!times) throw std::runtime_error(std::format("loading {}: {}", model->id, times.error().message()));
  }
}

asio::awaitable<Trial> ask_and_watch(CrowdOptions options) {
  auto executor = co_await asio::this_coro::executor;
  SwapWatch watch(options.port);
  common::TaskGroup group(executor, "swaps");
  group.spawn(watch.follow());
  std::exception_ptr failure;
  Trial trial;
  try {
    auto running = run_crowd(std::move(options));
    trial = co_await std::move(running);
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  const auto watch_failure = watch.failure();
  group.cancel();
  co_await group.join();
  if (failure) std::rethrow_exception(failure);
  if (watch_failure) throw std::runtime_error("following the daemon's events: " + watch_failure->message());
  trial.swaps = watch.swaps();
  std::erase_if(trial.swaps, [&](const Swap& swap) { return swap.ready < trial.began; });
  co_return trial;
}

}  // namespace

Json registry_of(const std::vector<ModelFile>& models, const PolicyNumbers& numbers) {
  Json catalog = Json::object();
  for (const ModelFile& model : models) {
    // A slot for everybody: who waits, waits for a model.
    catalog[model.id] = {{"artifact", model.artifact.string()}, {"context_tokens", kContextTokens}, {"parallel", kClients}};
  }
  Json policy{{"first_come", numbers.first_come}, {"max_wait", seconds(numbers.max_wait)}, {"queue_timeout", kQueueTimeout}};
  if (numbers.min_residency) policy["min_residency"] = seconds(*numbers.min_residency);
  return {{"catalog", std::move(catalog)}, {"policy", std::move(policy)}};
}

asio::awaitable<Trial> try_policy(PolicyTrial trial, PolicyNumbers numbers) {
  auto executor = co_await asio::this_coro::executor;
  Folder folder;
  const fs::path registry = folder.path() / "registry.json";
  write_registry(registry, trial, numbers);
  DaemonOptions options{.perch = trial.perch, .registry = registry, .worker = trial.worker};
  auto started = co_await Daemon::start(executor, std::move(options));
  if (!started) throw std::runtime_error("starting the daemon: " + started.error().message());
  Daemon daemon = std::move(*started);
  co_await warm_up(daemon.port(), trial.models);
  CrowdOptions crowd{.port = daemon.port(), .pattern = trial.pattern, .clients = kClients, .tokens = trial.tokens, .length = trial.length};
  for (const ModelFile& model : trial.models) crowd.models.push_back(model.id);
  auto asking = ask_and_watch(std::move(crowd));
  Trial seen = co_await std::move(asking);
  co_await daemon.stop();
  co_return seen;
}

}  // namespace bench
