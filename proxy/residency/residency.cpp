#include "proxy/residency/residency.hpp"

#include <format>

#include "common/log.hpp"
#include "common/one_shot.hpp"
#include "common/overloaded.hpp"

namespace proxy::residency {

namespace asio = boost::asio;
using common::Error;
using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

constexpr std::chrono::milliseconds kUnmeasuredLoad{5'000};  // a guess for Retry-After until a load has been measured

}  // namespace

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

Residency::Residency(asio::any_io_executor executor, common::Clock& clock, supervisor::Launcher& launcher, supervisor::Timeouts timeouts)
    : executor_(executor),
      clock_(clock),
      launcher_(launcher),
      timeouts_(timeouts),
      core_(Limits{}),
      tasks_(executor, "residency"),
      deadline_(tasks_, clock, [this] { feed(Tick{}); }) {}

Residency::~Residency() = default;

asio::awaitable<Result<Lease>> Residency::acquire(registry::Model model) {
  // Before anything is evicted for it.
  if (auto refusal = supervisor_of(model.id).refusal()) {
    ++counters_.rejections;
    co_return fail(*refusal);
  }
  const WaiterId id = ++last_waiter_;
  models_[model.id] = model;
  Waiting waiting(*this, id);
  feed(Arrives{id, model.id});
  auto outcome = co_await waiting.outcome.take();
  co_return outcome;
}

asio::awaitable<Result<bool>> Residency::unload(std::string id) {
  const bool was_there = core_.active() == id;
  Unloading unloading(*this, id);
  feed(Unload{id});
  if (was_there) co_await unloading.done.take();
  co_return was_there;
}

void Residency::configure(const registry::Policy& policy) {
  core_.set_limits({.queue_timeout = policy.queue_timeout, .max_queue = policy.max_queue});
  timeouts_.drain = policy.drain_timeout;
  for (auto& [id, supervisor] : supervisors_) supervisor->set_drain_timeout(policy.drain_timeout);
}

void Residency::apply(const registry::Catalog& before, const registry::Catalog& now) {
  configure(now.policy);
  for (auto& [id, supervisor] : supervisors_) {
    auto entry = now.models.find(id);
    auto old = before.models.find(id);
    const bool same = entry != now.models.end() && old != before.models.end() && entry->second == old->second;
    if (same) continue;
    if (entry != now.models.end()) models_[id] = entry->second;
    supervisor->file_changed();
    feed(Retire{id});
  }
}

asio::awaitable<void> Residency::shut_down() {
  feed(ShutDown{});
  while (core_.phase() != Phase::vacant) {
    Unloading leaving(*this, core_.active());
    co_await leaving.done.take();
  }
  for (auto& [id, supervisor] : supervisors_) co_await supervisor->shut_down();
  tasks_.cancel();
  co_await tasks_.join();
}

void Residency::hurry() {
  hurried_ = true;
  if (core_.phase() == Phase::draining) feed(DrainExpired{core_.active()});
  for (auto& [id, supervisor] : supervisors_) supervisor->kill_now();
}

void Residency::feed(const Input& input) {
  inputs_.push_back(input);
  if (feeding_) return;  // the loop below, further up the stack, comes to it
  feeding_ = true;
  while (!inputs_.empty()) {
    Input next = std::move(inputs_.front());
    inputs_.pop_front();
    for (const Action& action : core_.on(next, clock_.now())) carry_out(action);
  }
  feeding_ = false;
  deadline_.set(core_.next_deadline());
}

void Residency::carry_out(const Action& action) {
  std::visit(common::Overloaded{
                 [&](const Grant& a) {
                   ++counters_.grants;
                   auto state = std::make_shared<LeaseState>(a.model);
                   state->release = [this, id = a.waiter] { release(id); };
                   leases_[a.waiter] = state;
                   auto& worker = supervisor_of(a.model);
                   resolve(a.waiter, Lease(state, worker.data_socket(), worker.ready_info().digest));
                 },
                 [&](const Reject& a) {
                   ++counters_.rejections;
                   Error why = a.why;
                   if (why.kind() == ErrorKind::queue_full) why = std::move(why).retry_after(expected_wait(core_.active()));
                   if (why.kind() == ErrorKind::shutting_down) why = std::move(why).retry_after(std::chrono::seconds(5));
                   resolve(a.waiter, fail(std::move(why)));
                 },
                 [&](const Start& a) {
                   auto& worker = supervisor_of(a.model);
                   if (auto refusal = worker.refusal()) return inputs_.push_back(Refused{a.model, *refusal});
                   worker.start(load_of(a.model));
                 },
                 [&](const Drain& a) {
                   ++counters_.evictions;
                   supervisor_of(a.model).evict();
                 },
                 [&](const Stop& a) { supervisor_of(a.model).drained(); },
                 [&](const Abandon& a) { supervisor_of(a.model).abandon(); },
                 [&](const EndLeases& a) {
                   const std::string reason = hurried_ ? "the daemon was told to stop at once"
                                                       : std::format("{} has to leave and the drain deadline of {:.1f} s has passed",
                                                                     a.model, static_cast<double>(timeouts_.drain.count()) / 1000);
                   end_leases(a.model, Error(ErrorKind::model_evicted, "the answer was cut off: " + reason));
                 },
             },
             action);
}

void Residency::on_notice(const ModelId& model, const supervisor::Notice& notice) {
  std::visit(common::Overloaded{
                 [&](const supervisor::WorkerReady&) {
                   ++counters_.loads;
                   feed(Ready{model, supervisor_of(model).ready_info().slots});
                 },
                 [&](const supervisor::DrainExpired&) { feed(DrainExpired{model}); },
                 [&](const supervisor::WorkerGone& gone) {
                   if (gone.cause) ++(gone.cause->kind() == ErrorKind::worker_crashed ? counters_.crashes : counters_.load_failures);
                   if (gone.cause) end_leases(model, *gone.cause);
                   feed(Gone{model, gone.cause});
                   auto [first, last] = unloading_.equal_range(model);
                   for (auto it = first; it != last; ++it) it->second->done.set(true);
                 },
             },
             notice);
}

supervisor::Supervisor& Residency::supervisor_of(const ModelId& model) {
  auto& slot = supervisors_[model];
  if (!slot) {
    slot = std::make_unique<supervisor::Supervisor>(executor_, clock_, launcher_, timeouts_,
                                                    [this, model](supervisor::Notice notice) { on_notice(model, notice); });
  }
  return *slot;
}

void Residency::end_leases(const ModelId& model, const Error& why) {
  for (auto& [id, lease] : leases_) {
    if (lease->model != model || lease->ended) continue;
    lease->ended = why;
    if (auto callback = std::exchange(lease->on_ended, nullptr)) callback();
  }
}

void Residency::resolve(WaiterId waiter, Result<Lease> outcome) {
  // Nobody waits any more: the lease in `outcome` goes out of scope here and is released at once.
  if (auto at = waiting_.find(waiter); at != waiting_.end()) at->second->outcome.set(std::move(outcome));
}

void Residency::release(WaiterId waiter) {
  leases_.erase(waiter);
  feed(Released{waiter});
}

common::Load Residency::load_of(const ModelId& model) const {
  const registry::Model& entry = models_.at(model);
  return {.model = entry.id,
          .path = entry.artifact.string(),
          .context_tokens = entry.context_tokens,
          .parallel = entry.parallel,
          .sampling = entry.sampling,
          .enforced = entry.enforced,
          .adapters = entry.adapters,
          .projector = entry.projector.string(),
          .prompt_cache_mib = entry.prompt_cache_mib,
          .tool_format = entry.tool_format};
}

View Residency::view() const {
  View view{.phase = core_.phase(), .active = core_.active(), .leases = core_.leases(), .queued = core_.queued()};
  for (const auto& [id, s] : supervisors_) {
    view.workers.push_back({.model = id,
                            .state = s->state(),
                            .load_fraction = s->load_fraction(),
                            .pid = s->pid(),
                            .spawns = s->spawns(),
                            .load_time = s->load_time(),
                            .ready = s->ready_info(),
                            .beat = s->beat(),
                            .last_failure = s->last_failure()});
  }
  return view;
}

std::chrono::milliseconds Residency::expected_wait(const std::string& model) const {
  auto known = supervisors_.find(model);
  auto measured = known == supervisors_.end() ? common::Duration{} : known->second->load_time();
  auto load = measured > common::Duration{} ? std::chrono::duration_cast<std::chrono::milliseconds>(measured) : kUnmeasuredLoad;
  return std::max(std::chrono::milliseconds(1'000), load);
}

}  // namespace proxy::residency
