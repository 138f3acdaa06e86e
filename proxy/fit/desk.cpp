#include "proxy/fit/desk.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <format>
#include <memory>

#include "common/log.hpp"
#include "common/offload.hpp"
#include "common/own_work.hpp"
#include "common/state_files.hpp"
#include "proxy/fit/kept_file.hpp"
#include "registry/memory_json.hpp"
#include "registry/simulated_load.hpp"

namespace proxy::fit {

namespace asio = boost::asio;
using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

namespace {

constexpr auto kLookEvery = 2s;
constexpr auto kPatience = 20s;               // with a simulated load, which reads a vocabulary, and with the trial of a device
constexpr std::size_t kMostEstimates = 1000;  // kept in memory; questions come from outside
constexpr std::uint64_t kNearly = 4;  // within so small a part of the budget: a processor's own layout of weights may take an eighth more
constexpr std::uint64_t kFarTooLarge = 2;  // times the budget
constexpr std::uint64_t kWorthATrial = 256 << 20;  // bytes of a file
constexpr std::uint64_t kRounding = 256;   // libllama rounds contexts up by less than this

RunKey key_of(const registry::Model& model, const registry::RunShape& settled) { return {.identity = model.identity, .shape = settled}; }

// What a worker holds now, but for prompts that it would give up. What a device holds is not seen from here: there its own word counts.
std::uint64_t held_by(const residency::WorkerView& worker) {
  std::uint64_t bytes = worker.own_bytes - std::min(worker.own_bytes, worker.beat.prompt_cache_bytes);
  for (const common::DeviceMemory& device : worker.ready.memory) {
    bytes += device.mapped_bytes;
    if (device.device != "CPU") bytes += device.weights_bytes - device.mapped_bytes + device.kv_bytes + device.compute_bytes;
  }
  return bytes;
}

// Whether a worker runs what the registry says now: an edit may have come since it was started.
bool runs_as(const residency::WorkerView& worker, const registry::RunShape& settled) {
  const std::uint64_t context = worker.ready.context_tokens;
  return worker.state == supervisor::State::ready && worker.own_bytes > 0 && worker.ready.slots == settled.parallel &&
         context >= settled.context_tokens && context < settled.context_tokens + kRounding;
}

std::string said_by_registry(const registry::Model& model) {
  return std::format("{} MiB, as the registry says", model.memory_bytes >> 20);
}

struct Busy {
  explicit Busy(bool& is_busy) : flag(is_busy) { flag = true; }
  Busy(const Busy&) = delete;
  ~Busy() { flag = false; }
  bool& flag;
};

// A trial would be in nobody's way.
bool is_quiet(const residency::View& view) {
  return (view.phase == residency::Phase::vacant || view.phase == residency::Phase::serving) && view.leases == 0 && view.queued == 0;
}

std::int64_t today() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Desk::Desk(DeskConfig config, registry::Store& store, residency::Residency& residency, asio::thread_pool& pool, common::Clock& clock)
    : config_(std::move(config)),
      store_(store),
      residency_(residency),
      clock_(clock),
      pool_(pool),
      writer_(pool.get_executor()),
      limit_bytes_(common::memory_limit_bytes(config_.memory)) {
  peaks_ = read_kept<Peaks>(config_.state_file);
  trials_ = read_kept<ReadTrials>(config_.trials_file);
  rates_ = read_kept<Rates>(config_.rates_file);
}

// --- what is known ---

Json Desk::load_seconds(const Known& known) {
  return known.measured && known.measured->load_seconds > 0 ? Json(known.measured->load_seconds) : Json(nullptr);
}

Desk::Known Desk::known(const registry::Model& model, registry::RunShape shape) const {
  Known known{.shape = registry::settled(std::move(shape), *model.facts)};
  const RunKey key = key_of(model, known.shape);
  known.need = registry::predict(*model.facts, known.shape, model.beside_bytes);
  if (auto estimate = estimates_.find(key.text()); estimate != estimates_.end())
    known.need = registry::confirmed(*model.facts, known.shape, std::move(known.need), estimate->second);
  known.measured = peaks_.find(key);
  return known;
}

registry::MemoryBudget Desk::budget(const std::string& model) const {
  return {.physical_bytes = limit_bytes_,
          .reserve_bytes = registry::reserve_of(limit_bytes_, store_.current()->memory.reserve_bytes),
          .pinned_bytes = residency_.pinned_beside(model),
          .lent_bytes = residency_.memory_leases().bytes()};
}

registry::MemoryBudget Desk::budget() const { return budget(std::string()); }

// What all models together may take when nothing is lent: that is what tiers have shares of.
std::uint64_t Desk::shared_bytes() const {
  return registry::MemoryBudget{.physical_bytes = limit_bytes_,
                                .reserve_bytes = registry::reserve_of(limit_bytes_, store_.current()->memory.reserve_bytes)}
      .left();
}

std::uint64_t Desk::tier_bytes(const std::string& model) const { return store_.current()->tiers.most_for(model, shared_bytes()); }

// Of a server of somebody else's, of which nothing is known but what the registry says.
bool Desk::fits_as_said(const registry::Model& model) const {
  return model.memory_bytes <= std::min(budget(model.id).left(), tier_bytes(model.id));
}

Verdict Desk::verdict(const registry::Model& model, const Known& known) const {
  return judge({.facts = *model.facts,
                .shape = known.shape,
                .beside_bytes = model.beside_bytes,
                .need = known.need,
                .measured_bytes = known.measured ? std::optional(known.measured->peak_bytes) : std::nullopt,
                .budget = budget(model.id),
                .tier_bytes = tier_bytes(model.id)});
}

residency::MemoryTerms Desk::terms(const registry::Catalog& catalog) const {
  const registry::MemoryBudget all{.physical_bytes = limit_bytes_,
                                   .reserve_bytes = registry::reserve_of(limit_bytes_, catalog.memory.reserve_bytes)};
  residency::MemoryTerms terms{.bytes = all.left(),
                               .sum = sum_of(all),
                               .physical_bytes = limit_bytes_,
                               .needs = {},
                               .leave_time = rates_.expected_leave()};
  for (const auto& [id, model] : catalog.models) {
    if (model.command && model.memory_bytes > 0) terms.needs[id] = {.bytes = model.memory_bytes, .sum = said_by_registry(model)};
    if (!model.facts) continue;
    const Known what = known(model, registry::shape_of(model));
    const auto measured = what.measured ? std::optional(what.measured->peak_bytes) : std::nullopt;
    terms.needs[id] = {.bytes = needed_bytes(what.need, measured),
                       .sum = sum_of(what.need, measured),
                       .load_time = expected_load(model, what),
                       .read_mode = std::string(to_string(read_mode(model)))};
  }
  return terms;
}

// Measured for this very model and shape, or reckoned from its bytes and its device's rate.
std::optional<std::chrono::milliseconds> Desk::expected_load(const registry::Model& model, const Known& known) const {
  if (known.measured && known.measured->load_seconds > 0)
    return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(known.measured->load_seconds));
  return rates_.expected_load(model.identity, model.bytes.value_or(0));
}

Json Desk::summary(const registry::Model& model) const {
  if (model.command && model.memory_bytes > 0) {
    return {{"predicted_bytes", model.memory_bytes},
            {"source", "registry"},
            {"measured_bytes", nullptr},
            {"load_seconds", nullptr},
            {"read_mode", nullptr},
            {"fits", fits_as_said(model)}};
  }
  if (!model.facts) return nullptr;
  const Known what = known(model, registry::shape_of(model));
  const Verdict answer = verdict(model, what);
  return {{"predicted_bytes", what.need.total()},
          {"source", to_string(what.need.source)},
          {"measured_bytes", what.measured ? Json(what.measured->peak_bytes) : Json(nullptr)},
          {"load_seconds", load_seconds(what)},
          {"read_mode", to_string(read_mode(model))},
          {"fits", answer.fits}};
}

asio::awaitable<Result<Json>> Desk::answer(registry::Model model, registry::RunShape shape) {
  if (model.command) {
    co_return fail(ErrorKind::bad_request,
                   std::format("{} is run by a command line, so nothing is reckoned: all that is known is memory_mib in the registry. {}",
                               model.id,
                               model.memory_bytes == 0 ? "It has none"
                               : fits_as_said(model)   ? said_by_registry(model) + ", which fits"
                                                       : said_by_registry(model) + ", which does not fit"));
  }
  if (!model.facts)
    co_return fail(ErrorKind::bad_model_file,
                   model.facts_problem.empty() ? model.artifact.string() + " cannot be read" : model.facts_problem);
  auto simulation = simulate(model, shape);
  const std::string problem = co_await std::move(simulation);
  Json json = answer_json(model, known(model, std::move(shape)));
  json["simulation_problem"] = common::json_or_null(problem);
  co_return json;
}

Json Desk::answer_json(const registry::Model& model, const Known& what) const {
  const Verdict said = verdict(model, what);
  const registry::MemoryBudget room = budget(model.id);
  const residency::View view = residency_.view();
  const bool is_there = view.active == model.id || std::ranges::contains(view.pinned, model.id, &residency::PinnedView::model);
  Json leaves = Json::array();
  if (!is_there && !view.active.empty()) leaves.push_back(view.active);
  return {{"model", model.id},
          {"shape", json_of(what.shape)},
          {"fits", said.fits},
          {"needed_bytes", said.needed_bytes},
          {"need", json_of(what.need)},
          {"measured_bytes", what.measured ? Json(what.measured->peak_bytes) : Json(nullptr)},
          {"budget",
           {{"physical_bytes", room.physical_bytes},
            {"reserve_bytes", room.reserve_bytes},
            {"pinned_bytes", room.pinned_bytes},
            {"lent_bytes", room.lent_bytes},
            {"left_bytes", room.left()}}},
          {"tier", tier_json(model, said)},
          {"largest_context_tokens", said.largest_context},
          {"prefix",
           {{"bytes", said.prefix_bytes}, {"prompt_cache_bytes", what.need.prompt_cache_bytes}, {"stays_warm", said.prefix_stays_warm}}},
          {"active", is_there},
          {"leaves", std::move(leaves)},
          {"load_seconds", load_seconds(what)}};
}

// The tier that it belongs to when it is run so. Who may be loaded now is known of models as the registry has them only.
Json Desk::tier_json(const registry::Model& model, const Verdict& said) const {
  const auto catalog = store_.current();
  const std::uint64_t all = shared_bytes();
  const registry::Tier tier = catalog->tiers.tier_of(model.id, said.needed_bytes, all);
  const registry::TierTerms& terms = catalog->tiers.of(tier);
  Json json{{"name", to_string(tier)},
            {"from", catalog->tiers.named_for(model.id) ? "registry" : "need"},
            {"memory_percent", terms.memory_percent},
            {"most_bytes", registry::share_of(terms, all)},
            {"fits", said.fits_tier},
            {"hours", terms.hours ? Json(to_string(*terms.hours)) : Json(nullptr)},
            {"open_now", nullptr},
            {"opens_in_seconds", nullptr},
            {"why_not", nullptr}};
  if (!said.fits_tier) json["open_now"] = false;
  if (!said.fits_tier || tier != residency_.tier_of(model.id)) return json;
  const std::optional<common::Error> why = residency_.held_back(model.id);
  json["open_now"] = !why;
  if (!why) return json;
  json["why_not"] = why->message();
  if (const auto wait = why->retry_after()) json["opens_in_seconds"] = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  return json;
}

// --- finding out ---

// Empty when libllama's figures are there now; otherwise why not. One at a time: it is a process of its own.
asio::awaitable<std::string> Desk::simulate(registry::Model model, registry::RunShape shape) {
  shape = registry::settled(std::move(shape), *model.facts);
  const std::string key = key_of(model, shape).text();
  if (estimates_.contains(key)) co_return "";
  if (auto failed = failed_estimates_.find(key); failed != failed_estimates_.end()) co_return failed->second;
  const std::uint64_t predicted = registry::predict(*model.facts, shape, model.beside_bytes).total();
  // libllama keeps tables of all cells, in a simulation too; what is far too large needs no second opinion.
  if (predicted / kFarTooLarge > budget(model.id).left()) co_return "it is far too large for that";
  if (simulating_) co_return "another simulated load is running";
  const Busy busy(simulating_);
  auto simulation = registry::simulate_load(config_.worker, model.artifact, shape, kPatience);
  auto estimate = co_await std::move(simulation);
  if (estimates_.size() + failed_estimates_.size() >= kMostEstimates) estimates_.clear(), failed_estimates_.clear();
  if (estimate) estimates_[key] = std::move(*estimate);
  else failed_estimates_[key] = estimate.error().message();
  co_return estimate ? "" : estimate.error().message();
}

// A model that the prediction alone would have refused, or nearly.
const registry::Model* Desk::doubtful() const {
  for (const auto& [id, model] : store_.current()->models) {
    if (!model.facts) continue;
    const Known what = known(model, registry::shape_of(model));
    const std::string key = key_of(model, what.shape).text();
    if (what.need.source == registry::NeedSource::simulated || failed_estimates_.contains(key)) continue;
    const std::uint64_t left = budget(id).left();
    if (what.need.total() > left - left / kNearly && what.need.total() / kFarTooLarge <= left) return &model;
  }
  return nullptr;
}

bool Desk::learn(const residency::View& view) {
  bool news = false;
  const auto catalog = store_.current();
  for (const residency::WorkerView& worker : view.workers) {
    auto model = catalog->models.find(worker.model);
    if (model == catalog->models.end() || !model->second.facts) continue;
    const registry::RunShape shape = registry::settled(registry::shape_of(model->second), *model->second.facts);
    if (!runs_as(worker, shape)) continue;
    news |= peaks_.note(
        key_of(model->second, shape),
        {.peak_bytes = held_by(worker), .load_seconds = std::chrono::duration<double>(worker.load_time).count(), .when = today()});
  }
  return news;
}

// From the swaps since the last look; the ledger keeps more of them than there can be in between.
bool Desk::learn_rates() {
  const residency::SwapLedger& ledger = residency_.swaps();
  const auto catalog = store_.current();
  bool news = false;
  for (const Json& swap : ledger.latest()) {
    if (swap["number"].get<std::uint64_t>() <= swaps_seen_) continue;
    const Json& seconds = swap["seconds"];
    const auto sum = [&seconds](std::initializer_list<const char*> parts) {
      double all = 0;
      for (const char* part : parts) all += seconds.value(part, 0.0);
      return std::chrono::duration<double>(all);
    };
    auto model = catalog->models.find(swap["to"].get<std::string>());
    // How long a server of somebody else's takes says nothing of the device.
    if (model != catalog->models.end() && !model->second.command)
      rates_.learn(model->second.identity, model->second.bytes.value_or(0), sum({"spawn", "load", "probe"}));
    if (!swap["from"].is_null()) rates_.learn_leave(sum({"save", "exit", "release", "device_release"}));
    news = true;
  }
  swaps_seen_ = ledger.total();
  return news;
}

ReadMode Desk::read_mode(const registry::Model& model) const {
  const std::uint64_t reserve = registry::reserve_of(limit_bytes_, store_.current()->memory.reserve_bytes);
  return choose_read_mode(trials_.find(device_of(model.identity)), model.bytes.value_or(0), limit_bytes_ - std::min(limit_bytes_, reserve));
}

// The largest model of a device that was never tried: so much of a small one would be read again that its next load would notice.
const registry::Model* Desk::untried() const {
  const registry::Model* largest = nullptr;
  const std::string active = residency_.view().active;
  for (const auto& [id, model] : store_.current()->models) {
    const std::string device = device_of(model.identity);
    if (id == active) continue;    // it is mapped, so it does not leave the page cache
    if (!model.facts) continue;    // nor is a disk tried that does not answer
    if (device.empty() || tried_.contains(device) || trials_.find(device)) continue;
    if (model.bytes.value_or(0) >= kWorthATrial && (!largest || model.bytes > largest->bytes)) largest = &model;
  }
  return largest;
}

asio::awaitable<void> Desk::try_device(registry::Model model) {
  const std::string device = device_of(model.identity);
  tried_.insert(device);
  // A disk that hangs keeps the thread, and nobody waits for it for long.
  const common::OwnWork<std::optional<common::ReadRates>> trial([file = model.artifact] { return common::measure_reading(file); });
  auto trying = trial.outcome();
  auto giving_up = clock_.sleep_for(kPatience);
  auto first = co_await (std::move(trying) || std::move(giving_up));
  const auto rates = first.index() == 0 ? std::get<0>(std::move(first)) : fail(ErrorKind::timeout, "it does not answer");
  if (!rates || !*rates) {
    common::log::warn("device {} cannot be tried with {}: {}", device, model.artifact.string(),
                      rates ? "it is too small, or does not leave the page cache" : rates.error().message());
    co_return;
  }
  const auto mib = [](const std::optional<double>& rate) { return rate ? *rate / (1 << 20) : 0; };
  common::log::info("device {}: {:.0f} MiB/s mapped, {:.0f} buffered, {:.0f} direct", device, mib((*rates)->mapped),
                    mib((*rates)->buffered), mib((*rates)->direct));
  trials_.note(device, **rates);
  keep(config_.trials_file, trials_.to_text());
}

asio::awaitable<void> Desk::watch() {
  while (true) {
    const residency::View view = residency_.view();
    bool news = learn(view);
    if (news) keep(config_.state_file, peaks_.to_text());
    if (learn_rates()) {
      keep(config_.rates_file, rates_.to_text());
      news = true;
    }
    const std::uint64_t before = std::exchange(limit_bytes_, common::memory_limit_bytes(config_.memory));
    news |= limit_bytes_ != before;
    if (const registry::Model* model = simulating_ || view.pressure.rung != residency::Rung::none ? nullptr : doubtful()) {
      registry::Model copy = *model;
      auto simulation = simulate(copy, registry::shape_of(copy));
      const std::string problem = co_await std::move(simulation);
      if (!problem.empty()) common::log::warn("{}: {}", copy.id, problem);
      news = true;
    }
    if (const registry::Model* model = is_quiet(residency_.view()) ? untried() : nullptr) {
      auto trying = try_device(*model);
      co_await std::move(trying);
      news = true;
    }
    if (news) tell_residency();
    co_await clock_.sleep_for(kLookEvery);
  }
}

void Desk::tell_residency() {
  const auto catalog = store_.current();
  residency_.know_memory(terms(*catalog));
  residency_.configure(*catalog);
}

void Desk::keep(const std::filesystem::path& file, std::string text) {
  if (file.empty()) return;
  asio::post(writer_, [file, text = std::move(text)] {
    auto written = common::replace_file(file, text);
    if (!written) common::log::warn("what was measured is not kept: {}", written.error().message());
  });
}

}  // namespace proxy::fit
