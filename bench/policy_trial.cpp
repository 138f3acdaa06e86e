#include "bench/policy_trial.hpp"

#include <boost/asio/this_coro.hpp>
#include <format>
#include <fstream>
#include <ranges>
#include <stdexcept>

#include "bench/chat.hpp"
#include "bench/crowd.hpp"
#include "bench/daemon.hpp"
#include "bench/turn_journal.hpp"

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

// What the daemon has written down since the crowd came, who is the first to ask after the `known` that warmed it up.
void add_turns(Trial& trial, const fs::path& journal, std::size_t known) {
  std::ifstream in(journal);
  auto turns = read_turns(in, common::TimePoint());
  if (!turns) throw std::runtime_error("the daemon's journal: " + turns.error().message());
  if (turns->taken.size() <= known) throw std::runtime_error("the daemon's journal tells of nobody who asked");
  const common::Duration shift = trial.began - turns->taken[known].asked;
  for (const Turn& turn : turns->taken | std::views::drop(known)) {
    trial.turns.push_back({.asked = turn.asked + shift, .granted = turn.granted + shift});
  }
  for (const Swap& swap : turns->swaps) {
    if (swap.ready + shift >= trial.began) trial.swaps.push_back({.began = swap.began + shift, .ready = swap.ready + shift});
  }
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
  const fs::path journal = folder.path() / "journal";
  DaemonOptions options{.perch = trial.perch, .registry = registry, .worker = trial.worker, .journal = journal};
  auto started = co_await Daemon::start(executor, std::move(options));
  if (!started) throw std::runtime_error("starting the daemon: " + started.error().message());
  Daemon daemon = std::move(*started);
  co_await warm_up(daemon.port(), trial.models);
  CrowdOptions crowd{.port = daemon.port(), .pattern = trial.pattern, .clients = kClients, .tokens = trial.tokens, .length = trial.length};
  for (const ModelFile& model : trial.models) crowd.models.push_back(model.id);
  auto asking = run_crowd(std::move(crowd));
  Trial seen = co_await std::move(asking);
  co_await daemon.stop();
  add_turns(seen, journal, trial.models.size());
  co_return seen;
}

}  // namespace bench
