#include "proxy/residency/residency.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <format>

#include "common/log.hpp"
#include "common/one_shot.hpp"
#include "common/overloaded.hpp"
#include "registry/memory_prediction.hpp"
#include "registry/model_facts.hpp"

namespace proxy::residency {

namespace asio = boost::asio;
using common::Error;
using common::ErrorKind;
using common::fail;
using common::Result;

// Lives in acquire()'s frame. Whatever ends that frame, the core hears of it.
struct Residency::Waiting {
  Waiting(Residency& owner, WaiterId waiter) : residency(owner), id(waiter), outcome(owner.executor_) { residency.waiting_[id] = this; }
  Waiting(const Waiting&) = delete;
  ~Waiting() {
    residency.waiting_.erase(id);
    if (!outcome.is_set()) residency.feed(Leaves{id});
  }

  Residency& residency;
  WaiterId id;
  common::OneShot<Result<Lease>> outcome;
};

struct Residency::Unloading {
  Unloading(Residency& owner, const ModelId& model) : residency(owner), done(owner.executor_), at(owner.unloading_.emplace(model, this)) {}
  Unloading(const Unloading&) = delete;
  ~Unloading() { residency.unloading_.erase(at); }

  Residency& residency;
  common::OneShot<bool> done;
  std::multimap<ModelId, Unloading*>::iterator at;
};

namespace {

constexpr std::size_t kKeptEvents = 2'000;
constexpr std::chrono::minutes kLookAtClock{15};  // at least so often, because clocks are set
constexpr auto kLookForMemory = milliseconds(20);
constexpr auto kCacheWait = milliseconds(3'000);  // for workers to say that they have shrunk their caches: a long batch comes first

std::string wall_time() {
  return std::format("{:%FT%TZ}", std::chrono::floor<milliseconds>(std::chrono::system_clock::now()));
}

std::chrono::minutes local_time_of_day() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local{};
  ::localtime_r(&now, &local);
  return std::chrono::hours(local.tm_hour) + std::chrono::minutes(local.tm_min);
}

void set_tier(ModelTerms& terms, const ModelId& id, const registry::Tiers& tiers, std::uint64_t budget_bytes) {
  terms.tier = tiers.tier_of(id, terms.needed_bytes > 0 ? terms.needed_bytes : terms.file_bytes, budget_bytes);
  const registry::TierTerms& of_tier = tiers.of(terms.tier);
  const bool has_share = of_tier.memory_percent == 0 || (of_tier.memory_percent < 100 && budget_bytes > 0);
  if (has_share) terms.most_bytes = registry::share_of(of_tier, budget_bytes);
  terms.evicts_after_idle = of_tier.evicts_after_idle;
  if (of_tier.hours) terms.hours = to_string(*of_tier.hours);
}

}  // namespace

Settings settings_of(const registry::Catalog& catalog, const MemoryTerms& memory) {
  const registry::Policy& policy = catalog.policy;
  Settings settings{.queue_timeout = policy.queue_timeout,
                    .max_queue = policy.max_queue,
                    .max_queue_per_key = policy.max_queue_per_key,
                    .max_wait = policy.max_wait,
                    .min_residency = policy.min_residency,
                    .linger = policy.linger,
                    .return_to_default_after = policy.return_to_default_after,
                    .pinned_bytes = catalog.memory.pinned_bytes,
                    .memory_bytes = memory.bytes,
                    .memory = memory.sum,
                    .leave_time = memory.leave_time.value_or(milliseconds(0)),
                    .first_come = policy.first_come};
  if (auto role = catalog.roles.find("default"); role != catalog.roles.end() && catalog.models.contains(role->second))
    settings.default_model = role->second;
  for (const auto& [id, model] : catalog.models) {
    settings.terms[id] = {.idle_ttl = model.idle_ttl.value_or(policy.idle_ttl),
                          .max_requests = model.max_requests,
                          .pinned = catalog.pinned.contains(id),
                          .file_bytes = model.bytes.value_or(0)};
    if (model.command) {
      settings.terms[id].purpose = model.purpose;
      if (model.memory_bytes > 0) settings.terms[id].file_bytes = model.memory_bytes;
    }
    if (auto need = memory.needs.find(id); need != memory.needs.end()) {
      settings.terms[id].needed_bytes = need->second.bytes;
      settings.terms[id].need = need->second.sum;
      settings.terms[id].load_time = need->second.load_time.value_or(milliseconds(0));
    }
    set_tier(settings.terms[id], id, catalog.tiers, memory.bytes);
  }
  return settings;
}

std::optional<std::chrono::minutes> apply_hours(Settings& settings, const registry::Tiers& tiers, std::chrono::minutes time_of_day) {
  std::optional<std::chrono::minutes> stays;
  for (registry::Tier tier : registry::kTiers) {
    const auto& hours = tiers.of(tier).hours;
    if (!hours) continue;
    const auto change = registry::until_change(*hours, time_of_day);
    stays = stays ? std::min(*stays, change) : change;
  }
  for (auto& [id, terms] : settings.terms) {
    const auto& hours = tiers.of(terms.tier).hours;
    terms.opens_in = hours ? registry::until_begin(*hours, time_of_day) : milliseconds(0);
  }
  return stays;
}

PressureRules pressure_rules_of(const registry::Catalog& catalog, std::uint64_t physical_bytes, double pace) {
  const registry::Memory& memory = catalog.memory;
  PressureRules rules{.on = memory.pressure,
                      .available_bytes = memory.pressure_available_bytes.value_or(registry::usual_pressure_limit(physical_bytes)),
                      .stall = memory.pressure_stall_percent / 100};
  const auto paced = [pace](milliseconds usual) { return milliseconds(std::llround(static_cast<double>(usual.count()) * pace)); };
  for (milliseconds& dwell : rules.dwell) dwell = paced(dwell);
  rules.calm = paced(rules.calm);
  rules.calm_step = paced(rules.calm_step);
  rules.relapse = paced(rules.relapse);
  return rules;
}

Residency::Residency(asio::any_io_executor executor, common::Clock& clock, supervisor::Launcher& launcher, supervisor::Timeouts timeouts)
    : executor_(executor),
      clock_(clock),
      launcher_(launcher),
      timeouts_(timeouts),
      conductor_(Reconfigure{.settings = {}, .timeouts = timeouts}),
      event_log_(executor, kKeptEvents),
      tasks_(executor, "residency"),
      deadline_(tasks_, clock, [this] { tick(); }),
      spare_deadline_(tasks_, clock, [this] { mind_spare(); }),
      hours_deadline_(tasks_, clock, [this] { mind_hours(); }) {}

Residency::~Residency() = default;

asio::awaitable<Result<Lease>> Residency::acquire(Claim claim) { return wait(std::move(claim), false); }

asio::awaitable<Result<std::string>> Residency::load(registry::Model model) {
  const std::string id = model.id;
  auto waiting = wait(Claim{.model = std::move(model)}, true);
  auto outcome = co_await std::move(waiting);
  if (!outcome) co_return fail(outcome.error());
  co_return conductor_.machine(id).ready_info().digest;
}

asio::awaitable<Result<Lease>> Residency::wait(Claim claim, bool operator_load) {
  const WaiterId id = ++last_waiter_;
  models_.try_emplace(claim.model.id, claim.model);  // what is known already is as new: apply() sees to that
  Waiting waiting(*this, id);
  feed(Arrives{
      .waiter = id, .model = claim.model.id, .priority = claim.priority, .key = std::move(claim.key), .operator_load = operator_load});
  auto outcome = co_await waiting.outcome.take();
  co_return outcome;
}

asio::awaitable<Result<bool>> Residency::unload(std::string id) {
  const bool was_there = conductor_.core_of(id).active() == id;
  Unloading unloading(*this, id);
  feed(Unload{id});
  if (was_there) co_await unloading.done.take();
  co_return was_there;
}

asio::awaitable<Result<std::string>> Residency::pin(registry::Model model) {
  models_[model.id] = model;
  feed(Pin{model.id});
  if (auto refused = conductor_.pin_refusals().find(model.id); refused != conductor_.pin_refusals().end()) co_return fail(refused->second);
  const std::string id = model.id;
  auto loading = load(std::move(model));
  auto loaded = co_await std::move(loading);
  if (loaded && !conductor_.pinned().contains(id)) co_return fail(ErrorKind::model_unloaded, id + " was unpinned");
  co_return loaded;
}

asio::awaitable<bool> Residency::unpin(std::string id) {
  auto place = conductor_.pinned().find(id);
  const bool was_pinned = place != conductor_.pinned().end();
  const bool was_there = was_pinned && place->second.core.active() == id;
  Unloading unloading(*this, id);
  feed(Unpin{id});
  if (was_there) co_await unloading.done.take();
  co_return was_pinned;
}

void Residency::configure(const registry::Catalog& catalog) {
  Settings settings = settings_of(catalog, memory_);
  // What is loaded although nobody asks for it.
  const auto know = [&](const ModelId& id) {
    if (auto model = catalog.models.find(id); model != catalog.models.end()) models_[id] = model->second;
  };
  std::ranges::for_each(catalog.pinned, know);
  know(settings.default_model);
  timeouts_.drain = catalog.policy.drain_timeout;
  spare_allowed_ = catalog.policy.spare_worker;
  embedded_in_turn_ = static_cast<std::size_t>(std::ranges::count_if(
      catalog.models, [&](const auto& model) { return !model.second.command && !catalog.pinned.contains(model.first); }));
  take_step(ladder_.set_rules(pressure_rules_of(catalog, memory_.physical_bytes, pressure_pace_), clock_.now()));
  sessions_bytes_ = catalog.memory.saved_bytes;
  settings_ = std::move(settings);
  tiers_ = catalog.tiers;
  set_hours();
  feed(Reconfigure{.settings = settings_, .timeouts = timeouts_});
}

void Residency::set_hours() {
  const auto stays = apply_hours(settings_, tiers_, time_of_day_ ? time_of_day_() : local_time_of_day());
  hours_deadline_.set(stays ? std::optional(clock_.now() + std::min(*stays, kLookAtClock)) : std::nullopt);
}

// A tier opens or closes, or the clock was set.
void Residency::mind_hours() {
  set_hours();
  feed(Reconfigure{.settings = settings_, .timeouts = timeouts_});
}

registry::Tier Residency::tier_of(const std::string& model) const {
  auto terms = settings_.terms.find(model);
  return terms == settings_.terms.end() ? registry::Tier::interactive : terms->second.tier;
}

void Residency::apply(const registry::Catalog& before, const registry::Catalog& now) {
  configure(now);
  for (const auto& [id, entry] : now.models) {
    if (!before.models.contains(id) && models_.contains(id)) models_[id] = entry;  // it is back
  }
  for (const auto& [id, old] : before.models) {
    auto entry = now.models.find(id);
    if (entry != now.models.end() && entry->second == old) continue;
    if (!models_.contains(id)) {  // nobody has asked for it yet; who was resolved before this edit must not bring the old entry in
      if (entry != now.models.end()) models_.emplace(id, entry->second);
      continue;
    }
    if (entry != now.models.end() && registry::same_process(old, entry->second)) {
      models_[id] = entry->second;
      continue;
    }
    feed(FileChanged{id});
    if (entry == now.models.end()) {
      feed(Remove{id});
    } else {
      models_[id] = entry->second;
      feed(Retire{id});
    }
  }
}

asio::awaitable<void> Residency::shut_down() {
  feed(ShutDown{});
  while (auto there = conductor_.anybody()) {
    Unloading leaving(*this, *there);
    co_await leaving.done.take();
  }
  for (auto& [id, attendant] : attendants_) co_await attendant->shut_down();
  tasks_.cancel();
  co_await tasks_.join();
}

void Residency::hurry() { feed(Hurry{}); }

void Residency::feed(Event event) {
  events_.push_back(std::move(event));
  if (feeding_) return;  // the loop below, further up the stack, comes to it
  feeding_ = true;
  while (!events_.empty()) {
    const Event next = std::move(events_.front());
    events_.pop_front();
    const TimePoint now = clock_.now();
    if (auto* worker = std::get_if<WorkerEvent>(&next)) take_notes(*worker, now);
    const auto effects = conductor_.on(next, now);
    journal_.record(next, effects, conductor_, now);
    for (const Effect& effect : effects) {
      tell_watchers(effect);
      carry_out(effect);
    }
  }
  feeding_ = false;
  set_deadline();
  mind_spare();
  mind_reading();
}

// What comes next is read while the resident is still on its way out; when it may stay after all, or its successor loads, that is over.
void Residency::mind_reading() {
  const Core& core = conductor_.core();
  const bool leaves = core.phase() == Phase::draining || core.phase() == Phase::stopping;
  const bool something_comes = leaves && !core.shutting_down() && conductor_.rung() == Rung::none;
  ModelId next = reader_ && something_comes ? core.next_model() : ModelId();
  if (runs_command(next)) next.clear();
  if (next == reading_) return;
  reading_ = next;
  auto needs = memory_.needs.find(next);
  const bool past_the_cache = needs != memory_.needs.end() && needs->second.read_mode == "direct";
  if (next.empty() || past_the_cache) return reader_->stop();
  std::uint64_t mapped = 0;
  for (const auto& [model, machine] : conductor_.machines()) {
    if (machine.pid() == 0) continue;
    for (const common::DeviceMemory& device : machine.ready_info().memory) mapped += device.mapped_bytes;
  }
  reader_->begin(models_.at(next), mapped);
}

// For status pages and the ledger: nothing is decided by it.
void Residency::take_notes(const WorkerEvent& event, TimePoint now) {
  auto* said = std::get_if<supervisor::Said>(&event.what);
  if (!said) return;
  if (auto* beat = std::get_if<common::Beat>(&said->message)) speeds_.on(event.model, event.run, *beat, now);
  if (auto* restored = std::get_if<common::Restored>(&said->message)) ledger_.restored(event.model, restored->seconds);
  auto* loading = std::get_if<common::Loading>(&said->message);
  if (loading && event.model == conductor_.core().active()) recorder_.progressed(loading->stage, now);
}

// A server of somebody else's is not started ahead, and how it reads its files is its own affair.
bool Residency::runs_command(const ModelId& model) const {
  auto entry = models_.find(model);
  return entry != models_.end() && entry->second.command;
}

void Residency::mind_spare() {
  const Core& core = conductor_.core();
  const auto loads = [](const auto& entry) { return entry.second.core.phase() == Phase::loading; };
  const SpareSituation situation{.allowed = spare_allowed_ && conductor_.rung() == Rung::none,
                                 .models = embedded_in_turn_ + (runs_command(core.active()) ? 1 : 0),
                                 .phase = core.phase(),
                                 .reason = core.reason(),
                                 .since = core.since(),
                                 .pinned_one_loads = std::ranges::any_of(conductor_.pinned(), loads),
                                 .shutting_down = core.shutting_down()};
  const TimePoint now = clock_.now();
  launcher_.keep_spare(spare_wish(situation, now));
  spare_deadline_.set(spare_wish_changes(situation, now));
}

void Residency::set_deadline() {
  auto next = conductor_.next_deadline();
  if (auto end = memory_leases_.next_end()) next = next ? std::min(*next, *end) : *end;
  deadline_.set(next);
}

void Residency::tick() {
  end_memory_leases();
  feed(Tick{});
}

void Residency::carry_out(const Effect& effect) {
  std::visit(common::Overloaded{
                 [&](const Grant& e) { granted(e); },
                 [&](const Confirm& e) { resolve(e.waiter, Lease()); },
                 [&](const Reject& e) {
                   ++counters_.rejections;
                   resolve(e.waiter, fail(e.why));
                 },
                 [&](const LeasesEnd& e) { end_leases(e.model, e.why); },
                 [&](const LeaseEnds& e) { end_lease(e.waiter, e.why); },
                 [&](const ShrinkCaches& e) {
                   cache_limits_[e.model] = e.keep_bytes;
                   attendant_of(e.model).shrink_caches(e.run, e.keep_bytes);
                 },
                 [&](const DropSaved&) { drop_saved(); },
                 [&](const PressureChanged& e) { pressure_changed(e); },
                 [&](const WorkerOrder& e) {
                   if (e.order == supervisor::Order::spawn) running_[e.model] = std::make_shared<const registry::Model>(models_.at(e.model));
                   attendant_of(e.model).carry_out(e.order, e.run,
                                                   {.load = load_of(e.model), .save = save_order(), .command = command_of(e.model)});
                 },
                 [&](const PinRefused& e) { common::log::warn("{}", e.why.message()); },
                 [&](const WorkerMoved& e) { worker_moved(e); },
                 [&](const WorkerGone& e) { worker_gone(e); },
                 [&](const PhaseChanged&) {},
             },
             effect);
}

void Residency::tell_watchers(const Effect& effect) {
  const bool worth_telling = std::holds_alternative<WorkerMoved>(effect) || std::holds_alternative<WorkerGone>(effect) ||
                             std::holds_alternative<PhaseChanged>(effect) || std::holds_alternative<PinRefused>(effect) ||
                             std::holds_alternative<PressureChanged>(effect) || std::holds_alternative<ShrinkCaches>(effect);
  if (worth_telling) {
    common::Json data = to_json(effect);
    std::string type = data["type"];
    data.erase("type");
    if (std::holds_alternative<PressureChanged>(effect)) {
      data["available_bytes"] = ladder_.reading().available_bytes;
      data["stall_percent"] = ladder_.reading().stall ? common::Json(*ladder_.reading().stall * 100) : common::Json(nullptr);
    }
    event_log_.add(std::move(type), std::move(data));
  }
  std::optional<TimePoint> asked;
  if (auto* phase = std::get_if<PhaseChanged>(&effect); phase && phase->phase == Phase::loading) asked = asked_for(phase->model);
  if (auto swap = recorder_.on(effect, clock_.now(), asked)) {
    ready_since_ = clock_.now();
    if ((*swap)["from"].is_string()) {
      const common::Saved& saved = conductor_.machine((*swap)["from"].get<std::string>()).saved();
      (*swap)["saved"] = {{"sessions", saved.sessions}, {"bytes", saved.bytes}};
    }
    ledger_.add(*swap, wall_time());
    event_log_.add("swap", std::move(*swap));
  }
}

// Since when the one who has waited longest does; nothing: nobody asks for it.
std::optional<TimePoint> Residency::asked_for(const ModelId& model) const {
  const auto& queue = conductor_.core().queue();
  const auto first = std::ranges::find(queue, model, &Core::Waiter::model);
  return first == queue.end() ? std::nullopt : std::optional(first->arrived);
}

void Residency::first_byte(const std::string& model) {
  if (!ready_since_ || model != conductor_.core().active()) return;
  const double seconds = std::chrono::duration<double>(clock_.now() - *ready_since_).count();
  event_log_.add("first_token", {{"model", model}, {"seconds_after_ready", seconds}});
  ledger_.first_token(seconds);
  ready_since_.reset();
}

void Residency::keep_journal(Journal::Sink sink) { journal_.open(std::move(sink), {.settings = {}, .timeouts = timeouts_}, clock_.now()); }

void Residency::granted(const Grant& grant) {
  ++counters_.grants;
  const supervisor::Machine& machine = conductor_.machine(grant.model);
  auto state = std::make_shared<LeaseState>(grant.model, std::format("{}/{}", grant.model, machine.run()), running_.at(grant.model));
  state->release = [this, id = grant.waiter] { release(id); };
  if (state->entry->command && state->entry->command->answer_timeout.count() > 0)
    state->listens = [this, id = grant.waiter](bool waits) { listens(id, waits); };
  leases_[grant.waiter] = state;
  resolve(grant.waiter, Lease(state, attendant_of(grant.model).data_address(), machine.ready_info().digest));
  tell_serves(grant.model);
}

void Residency::worker_moved(const WorkerMoved& effect) {
  const auto& [from, to, on] = effect.moved;
  common::log::debug("{}: {} on {} is {}", effect.model, supervisor::to_string(from), supervisor::to_string(on), supervisor::to_string(to));
  if (to == supervisor::State::draining) ++counters_.evictions;
  if (from == supervisor::State::saving && on == supervisor::Event::saved) sessions_saved(effect.model);
  if (from == supervisor::State::saving && on == supervisor::Event::timed_out)
    common::log::warn("{}: did not say in time that its conversations are saved", effect.model);
  if (from == supervisor::State::probing && to == supervisor::State::ready) {
    ++counters_.loads;
    common::log::info("{}: ready after {} ms", effect.model,
                      std::chrono::duration_cast<std::chrono::milliseconds>(conductor_.machine(effect.model).load_time()).count());
  }
  if (to == supervisor::State::unkillable) common::log::error("{}", conductor_.machine(effect.model).last_failure()->message());
}

void Residency::sessions_saved(const ModelId& model) {
  const common::Saved& saved = conductor_.machine(model).saved();
  if (saved.sessions == 0) return;
  counters_.sessions_saved += saved.sessions;
  counters_.session_bytes_saved += saved.bytes;
  common::log::info("{}: saved {} conversations, {:.1f} MiB", model, saved.sessions, static_cast<double>(saved.bytes) / (1 << 20));
  event_log_.add("saved", {{"model", model}, {"sessions", saved.sessions}, {"bytes", saved.bytes}});
}

void Residency::worker_gone(const WorkerGone& effect) {
  if (effect.cause) {
    ++(effect.cause->kind() == ErrorKind::worker_crashed ? counters_.crashes : counters_.load_failures);
    ++counters_.failures[{effect.model, effect.cause->kind()}];
    common::log::error("{}: {}", effect.model, effect.cause->message());
  } else {
    common::log::info("{}: worker stopped", effect.model);
  }
  const std::uint64_t missing = conductor_.machine(effect.model).memory_missing();
  recorder_.released(effect.model, missing);
  if (missing > 0)
    common::log::warn("{}: {} MiB of its memory were not seen to come back; something else may have taken them", effect.model,
                      missing >> 20);
  attendant_of(effect.model).forget();
  cache_limits_.erase(effect.model);
  auto [first, last] = unloading_.equal_range(effect.model);
  for (auto it = first; it != last; ++it) it->second->done.set(true);
}

supervisor::Attendant& Residency::attendant_of(const ModelId& model) {
  auto& slot = attendants_[model];
  if (!slot) {
    auto report = [this, model](int run, supervisor::Input what) {
      feed(WorkerEvent{.model = model, .run = run, .what = std::move(what)});
    };
    slot = std::make_unique<supervisor::Attendant>(executor_, clock_, launcher_, model, std::move(report),
                                                   [this, model] { return held_beside(model); });
  }
  return *slot;
}

std::uint64_t Residency::held_beside(const ModelId& model) const {
  auto spare = launcher_.spare_report().worker;
  std::uint64_t bytes = spare ? spare->own_bytes : 0;
  for (const auto& [other, attendant] : attendants_) bytes += other == model ? 0 : attendant->own_bytes();
  return bytes;
}

void Residency::end_leases(const ModelId& model, const Error& why) {
  for (auto& [id, lease] : leases_) {
    if (lease->model == model) end_lease(id, why);
  }
}

void Residency::end_lease(WaiterId waiter, const Error& why) {
  auto at = leases_.find(waiter);
  if (at == leases_.end() || at->second->ended) return;
  const std::shared_ptr<LeaseState> lease = at->second;
  lease->ended = why;
  if (why.kind() == ErrorKind::memory_pressure) ++counters_.cut_for_memory;
  if (auto callback = std::exchange(lease->on_ended, nullptr)) callback();
}

// --- memory ---

void Residency::feel(const PressureReading& reading) { take_step(ladder_.on(reading, clock_.now())); }

void Residency::take_step(std::optional<PressureStep> step) {
  if (step) feed(Strained{.rung = step->to, .why = std::move(step->why), .retry_after = ladder_.soonest_recovery()});
}

void Residency::pressure_changed(const PressureChanged& effect) {
  ++counters_.pressure_steps[effect.to];
  if (effect.to > effect.from) common::log::warn("memory is short: {} ({})", to_string(effect.to), effect.why);
  else common::log::info("memory has come back: {} ({})", effect.to == Rung::none ? "all is as usual" : to_string(effect.to), effect.why);
}

void Residency::drop_saved() {
  if (drop_saved_) return drop_saved_();
  common::log::info("memory is short: no saved conversations are kept, so there is nothing to drop");
}

namespace {

// Who asks for memory and leaves before he is told what became of it does not know that he has it.
class UnlessTold {
 public:
  explicit UnlessTold(std::function<void()> undo) : undo_(std::move(undo)) {}
  UnlessTold(const UnlessTold&) = delete;
  ~UnlessTold() {
    if (undo_) undo_();
  }
  void told() { undo_ = nullptr; }

 private:
  std::function<void()> undo_;
};

}  // namespace

asio::awaitable<Result<Lent>> Residency::lend(std::uint64_t bytes, milliseconds duration, bool wait) {
  end_memory_leases();
  auto lease = memory_leases_.add(bytes, duration, conductor_.memory_bytes(), clock_.now());
  if (!lease) co_return fail(lease.error());
  note_memory_lease(*lease, "began");
  UnlessTold taken_back([this, id = lease->id] { take_back(id); });
  const auto before = held_by_models();
  tell_lent();
  Lent lent{.lease = *lease};
  const std::vector<ModelId> must_leave = leaving_for_lent();
  const TimePoint caches_by = clock_.now() + kCacheWait;
  while (wait && !(leaving_for_lent().empty() && (caches_have_shrunk() || clock_.now() >= caches_by)))
    co_await clock_.sleep_for(kLookForMemory);
  const auto after = held_by_models();
  for (const ModelId& model : must_leave) (conductor_.core_of(model).active() == model ? lent.leaving : lent.left).push_back(model);
  for (const auto& [model, held] : before) {
    auto now = after.find(model);
    lent.freed_bytes += held - std::min(held, now == after.end() ? 0 : now->second);
  }
  taken_back.told();
  co_return lent;
}

std::optional<MemoryLease> Residency::take_back(std::uint64_t lease) {
  end_memory_leases();
  auto ended = memory_leases_.end(lease);
  if (!ended) return ended;
  note_memory_lease(*ended, "ended");
  tell_lent();
  return ended;
}

void Residency::end_memory_leases() {
  const auto expired = memory_leases_.expire(clock_.now());
  for (const MemoryLease& lease : expired) note_memory_lease(lease, "expired");
  if (!expired.empty()) tell_lent();
}

void Residency::tell_lent() {
  const auto next = memory_leases_.next_end();
  const auto left = next ? std::chrono::ceil<milliseconds>(*next - clock_.now()) : milliseconds(0);
  feed(Lend{.bytes = memory_leases_.bytes(), .left = left});
}

void Residency::note_memory_lease(const MemoryLease& lease, const char* what) {
  const double gib = static_cast<double>(lease.bytes) / (1 << 30);
  const double seconds = std::chrono::duration<double>(lease.ends - clock_.now()).count();
  common::log::info("memory lease {} of {:.2f} GiB {}", lease.id, gib, what);
  event_log_.add("memory_lease", {{"id", lease.id}, {"what", what}, {"bytes", lease.bytes}, {"seconds_left", std::max(0.0, seconds)}});
}

// What workers hold of memory that is not in files, without what is on its way out of their caches.
std::map<ModelId, std::uint64_t> Residency::held_by_models() const {
  std::map<ModelId, std::uint64_t> held;
  for (const auto& [model, machine] : conductor_.machines()) {
    if (machine.pid() != 0) held[model] = machine.own_bytes();
  }
  return held;
}

// One that cannot be killed is not waited for.
std::vector<ModelId> Residency::leaving_for_lent() const {
  std::vector<ModelId> models;
  const auto look = [&](const Core& core) {
    const bool leaves = core.phase() == Phase::draining || core.phase() == Phase::stopping;
    const bool is_stuck = leaves && conductor_.machine(core.active()).state() == supervisor::State::unkillable;
    if (leaves && !is_stuck && core.reason() == Reason::memory_lent) models.push_back(core.active());
  };
  look(conductor_.core());
  for (const auto& [model, place] : conductor_.pinned()) look(place.core);
  return models;
}

bool Residency::caches_have_shrunk() const {
  return std::ranges::all_of(cache_limits_, [this](const auto& told) {
    return !told.second || conductor_.machine(told.first).beat().prompt_cache_bytes <= *told.second;
  });
}

void Residency::resolve(WaiterId waiter, Result<Lease> outcome) {
  // Nobody waits any more: the lease in `outcome` goes out of scope here and is released at once.
  if (auto at = waiting_.find(waiter); at != waiting_.end()) at->second->outcome.set(std::move(outcome));
}

void Residency::release(WaiterId waiter) {
  auto lease = leases_.extract(waiter);
  if (!lease.empty()) tell_serves(lease.mapped()->model);
  feed(Released{waiter});
}

// A server of somebody else's does not say itself whether it is busy.
void Residency::tell_serves(const ModelId& model) {
  if (!running_.at(model)->command) return;
  supervisor::Serving serving;
  for (const auto& [id, lease] : leases_) {
    if (lease->model != model) continue;
    ++serving.requests;
    if (lease->waits_since) serving.silent_since = std::min(*lease->waits_since, serving.silent_since.value_or(*lease->waits_since));
  }
  if (auto heard = heard_.find(model); heard != heard_.end() && serving.silent_since)
    serving.silent_since = std::max(*serving.silent_since, heard->second);
  attendant_of(model).serves(serving);
}

// A client that does not take what it was sent is no silence of the server's.
void Residency::listens(WaiterId waiter, bool waits) {
  auto at = leases_.find(waiter);
  if (at == leases_.end()) return;
  LeaseState& lease = *at->second;
  if (!waits) heard_[lease.model] = clock_.now();
  lease.waits_since = waits ? std::optional(clock_.now()) : std::nullopt;
  tell_serves(lease.model);
}

std::optional<supervisor::CommandServer> Residency::command_of(const ModelId& model) const {
  const registry::Model& entry = models_.at(model);
  if (!entry.command) return std::nullopt;
  supervisor::CommandServer server{.line = *entry.command,
                                   .artifact = entry.artifact,
                                   .files = {},
                                   .expected_bytes = entry.memory_bytes > 0 ? entry.memory_bytes : entry.bytes.value_or(0),
                                   .purpose = entry.purpose};
  if (!entry.artifact.empty()) server.files = registry::files_of(entry.artifact);
  return server;
}

common::Load Residency::load_of(const ModelId& model) const {
  const registry::Model& entry = models_.at(model);
  auto needs = memory_.needs.find(model);
  return {.model = entry.id,
          .path = entry.artifact.string(),
          .context_tokens = entry.context_tokens,
          .parallel = entry.parallel,
          .kv_unified = entry.kv_unified,
          .cache_type_k = entry.cache_type_k,
          .cache_type_v = entry.cache_type_v,
          .sampling = entry.sampling,
          .enforced = entry.enforced,
          .adapters = entry.adapters,
          .projector = entry.projector.string(),
          .prompt_cache_mib = entry.prompt_cache_mib,
          .tool_format = entry.tool_format,
          .read_mode = needs == memory_.needs.end() ? std::string() : needs->second.read_mode,
          .sessions_folder = sessions_bytes_ > 0 ? sessions_folder_.string() : ""};
}

// Its answer has to be here before the state's own deadline passes. While memory is short nothing is saved: that would take more of it first.
common::SaveSessions Residency::save_order() const {
  if (conductor_.rung() >= Rung::shrink_caches) return {};
  return {.budget_bytes = sessions_bytes_, .milliseconds = static_cast<std::uint64_t>(timeouts_.save.count()) * 4 / 5};
}

bool Residency::is_wanted(const std::string& model) const {
  const Core& core = conductor_.core_of(model);
  return core.leases_of(model) > 0 || std::ranges::contains(core.queue(), model, &Core::Waiter::model);
}

std::optional<std::string> Residency::unusable(const std::string& model) const {
  if (conductor_.core_of(model).active() == model) return std::nullopt;
  const auto machine = conductor_.machines().find(model);
  if (machine != conductor_.machines().end() && machine->second.state() == supervisor::State::quarantined) return "it is quarantined";
  if (conductor_.never_fits(model)) return "it does not fit into memory";
  if (conductor_.held_back(model, clock_.now())) return std::format("its tier ({}) is not loaded now", to_string(tier_of(model)));
  return std::nullopt;
}

View Residency::view() const {
  const Core& core = conductor_.core();
  View view{
      .phase = core.phase(), .reason = core.reason(), .active = core.active(), .leases = core.leases(), .queued = core.queue().size()};
  for (const auto& [id, machine] : conductor_.machines()) {
    view.workers.push_back({.model = id,
                            .state = machine.state(),
                            .load_fraction = machine.load_fraction(),
                            .pid = machine.pid(),
                            .spawns = machine.run(),
                            .load_time = machine.load_time(),
                            .ready = machine.ready_info(),
                            .beat = machine.beat(),
                            .own_bytes = machine.own_bytes(),
                            .last_failure = machine.last_failure(),
                            .tokens_per_second = speeds_.tokens_per_second(id)});
  }
  for (const auto& [id, place] : conductor_.pinned()) {
    view.pinned.push_back({.model = id,
                           .phase = place.core.phase(),
                           .reason = place.core.reason(),
                           .leases = place.core.leases(),
                           .queued = place.core.queue().size()});
  }
  view.pin_refusals = conductor_.pin_refusals();
  view.spare = launcher_.spare_report();
  view.read_ahead_bytes = reader_ ? reader_->bytes_read() : 0;
  view.pressure = {.rules = ladder_.rules(),
                   .rung = conductor_.rung(),
                   .on_rung = clock_.now() - ladder_.since(),
                   .reading = ladder_.reading(),
                   .lent_bytes = conductor_.lent_bytes()};
  return view;
}

}  // namespace proxy::residency
