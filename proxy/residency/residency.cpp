#include "proxy/residency/residency.hpp"

#include <algorithm>
#include <format>

#include "common/log.hpp"
#include "common/one_shot.hpp"
#include "common/overloaded.hpp"
#include "proxy/residency/worker_messages.hpp"

namespace proxy::residency {

namespace asio = boost::asio;
using common::ErrorKind;
using common::fail;
using common::Result;

// Lives in the frame of whoever waits for a model to leave.
struct Residency::Unloading {
  Unloading(Residency& owner, const ModelId& model) : residency(owner), done(owner.executor_), at(owner.unloading_.emplace(model, this)) {}
  Unloading(const Unloading&) = delete;
  ~Unloading() { residency.unloading_.erase(at); }

  Residency& residency;
  common::OneShot<Result<bool>> done;  // that it has gone, or why it is not waited for
  std::multimap<ModelId, Unloading*>::iterator at;
};

Residency::Residency(asio::any_io_executor executor, common::Clock& clock, supervisor::Launcher& launcher, supervisor::Timeouts timeouts)
    : executor_(executor),
      clock_(clock),
      launcher_(launcher),
      timeouts_(timeouts),
      conductor_(Reconfigure{.settings = {}, .timeouts = timeouts}),
      chronicle_(executor, clock, conductor_, ladder_),
      lending_(clock, conductor_, chronicle_.events(), [this](Event event) { feed(std::move(event)); }),
      leases_(clock, {.serving_changed = [this](const ModelId& model) { tell_serves(model); },
                      .came_back = [this](WaiterId waiter) { feed(Released{waiter}); }}),
      attendants_(executor, clock, launcher,
                  [this](const ModelId& model, int run, supervisor::Input what) {
                    feed(WorkerEvent{.model = model, .run = run, .what = std::move(what)});
                  }),
      tasks_(executor, "residency"),
      deadline_(tasks_, clock, [this] { tick(); }),
      settings_(tasks_, clock, [this] { reconfigure(); }),
      foresight_(tasks_, clock, launcher, conductor_, entries_) {}

Residency::~Residency() = default;

// --- what is asked for ---

Residency::Ticket::Ticket(Residency& residency, Claim claim, bool operator_load)
    : residency_(residency), id_(++residency.last_waiter_), outcome_(residency.executor_) {
  residency_.entries_.want(claim.model);
  residency_.waiting_[id_] = this;
  residency_.feed(Arrives{
      .waiter = id_, .model = claim.model.id, .priority = claim.priority, .key = std::move(claim.key), .operator_load = operator_load});
}

Residency::Ticket::~Ticket() {
  residency_.waiting_.erase(id_);
  if (!outcome_.is_set()) residency_.feed(Leaves{id_});
}

asio::awaitable<Result<Lease>> Residency::acquire(Claim claim) {
  Ticket ticket = ask(std::move(claim));
  auto waiting = ticket.outcome();
  auto outcome = co_await std::move(waiting);
  co_return outcome;
}

asio::awaitable<Result<std::string>> Residency::load(registry::Model model) {
  const std::string id = model.id;
  Ticket ticket(*this, Claim{.model = std::move(model)}, true);
  auto waiting = ticket.outcome();
  auto outcome = co_await std::move(waiting);
  if (!outcome) co_return fail(outcome.error());
  co_return conductor_.machine(id).ready_info().digest;
}

asio::awaitable<Result<bool>> Residency::unload(std::string id) {
  const bool was_there = conductor_.core_of(id).active() == id;
  Unloading unloading(*this, id);
  feed(Unload{id});
  if (!was_there) co_return false;
  if (auto why = conductor_.why_stuck(id)) co_return fail(*why);
  auto gone = co_await unloading.done.take();
  co_return gone;
}

asio::awaitable<Result<std::string>> Residency::pin(registry::Model model) {
  entries_.know(model.id, model);
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
  const bool leaves = was_there && !conductor_.why_stuck(id);
  if (leaves) static_cast<void>(co_await unloading.done.take());
  co_return was_pinned;
}

asio::awaitable<Result<Lent>> Residency::lend(std::uint64_t bytes, milliseconds duration, bool wait) {
  return lending_.lend(bytes, duration, wait);
}

void Residency::configure(const registry::Catalog& catalog) {
  Settings settings = settings_of(catalog, memory_);
  // What is loaded although nobody asks for it.
  const auto know = [&](const ModelId& id) {
    if (auto model = catalog.models.find(id); model != catalog.models.end()) entries_.know(id, model->second);
  };
  std::ranges::for_each(catalog.pinned, know);
  know(settings.default_model);
  timeouts_.drain = catalog.policy.drain_timeout;
  foresight_.configure(catalog);
  take_step(ladder_.set_rules(pressure_rules_of(catalog, memory_.physical_bytes, pressure_pace_), clock_.now()));
  sessions_bytes_ = catalog.memory.saved_bytes;
  settings_.set(std::move(settings), catalog.tiers);
  reconfigure();
}

void Residency::reconfigure() { feed(Reconfigure{.settings = settings_.now(), .timeouts = timeouts_}); }

void Residency::apply(const registry::Catalog& before, const registry::Catalog& now) {
  configure(now);
  const auto has_worker = [this](const ModelId& id) {
    auto machine = conductor_.machines().find(id);
    return machine != conductor_.machines().end() && machine->second.pid() != 0;
  };
  entries_.apply(before, now, [this](Event event) { feed(std::move(event)); }, has_worker);
}

asio::awaitable<void> Residency::shut_down() {
  feed(ShutDown{});
  while (auto there = conductor_.anybody(true)) {
    Unloading leaving(*this, *there);
    static_cast<void>(co_await leaving.done.take());
  }
  // What the kernel keeps was killed, and has had the time that it gets for that. The next daemon finds it by its mark.
  if (auto left = conductor_.anybody())
    common::log::error("left behind, for the next start to look for: {}", conductor_.why_stuck(*left)->message());
  co_await attendants_.shut_down();
  tasks_.cancel();
  co_await tasks_.join();
}

void Residency::hurry() { feed(Hurry{}); }

void Residency::keep_journal(Journal::Sink sink) { journal_.open(std::move(sink), {.settings = {}, .timeouts = timeouts_}, clock_.now()); }

void Residency::feel(const PressureReading& reading) { take_step(ladder_.on(reading, clock_.now())); }

void Residency::take_step(std::optional<PressureStep> step) {
  if (step) feed(Strained{.rung = step->to, .why = std::move(step->why), .retry_after = ladder_.soonest_recovery()});
}

// --- what happens ---

void Residency::feed(Event event) {
  events_.push_back(std::move(event));
  if (feeding_) return;  // the loop below, further up the stack, comes to it
  feeding_ = true;
  while (!events_.empty()) {
    const Event next = std::move(events_.front());
    events_.pop_front();
    const TimePoint now = clock_.now();
    chronicle_.on(next, now);
    const auto effects = conductor_.on(next, now);
    journal_.record(next, effects, conductor_, now);
    for (const Effect& effect : effects) {
      chronicle_.on(effect);
      carry_out(effect);
    }
  }
  feeding_ = false;
  set_deadline();
  foresight_.look(memory_);
}

void Residency::set_deadline() {
  auto next = conductor_.next_deadline();
  if (auto end = lending_.leases().next_end()) next = next ? std::min(*next, *end) : *end;
  deadline_.set(next);
}

void Residency::tick() {
  lending_.expire();
  feed(Tick{});
}

void Residency::carry_out(const Effect& effect) {
  std::visit(common::Overloaded{
                 [&](const Grant& e) { granted(e); },
                 [&](const Confirm& e) { resolve(e.waiter, Lease()); },
                 [&](const Reject& e) { resolve(e.waiter, fail(e.why)); },
                 [&](const LeasesEnd& e) { chronicle_.leases_ended(leases_.end_all(e.model, e.why), e.why); },
                 [&](const LeaseEnds& e) { chronicle_.leases_ended(leases_.end(e.waiter, e.why), e.why); },
                 [&](const ShrinkCaches& e) {
                   lending_.note(e);
                   attendants_.of(e.model).shrink_caches(e.run, e.keep_bytes);
                 },
                 [&](const DropSaved&) { drop_saved(); },
                 [&](const WorkerOrder& e) { order(e); },
                 [&](const WorkerGone& e) { worker_gone(e.model); },
                 [](const PressureChanged&) {},
                 [](const PinRefused&) {},
                 [&](const WorkerMoved& e) { worker_moved(e); },
                 [](const PhaseChanged&) {},
             },
             effect);
}

void Residency::granted(const Grant& grant) {
  const supervisor::Machine& machine = conductor_.machine(grant.model);
  Lease lease = leases_.grant(grant, std::format("{}/{}", grant.model, machine.run()), entries_.running(grant.model),
                              attendants_.of(grant.model).data_address(), machine.ready_info().digest);
  resolve(grant.waiter, std::move(lease));
  tell_serves(grant.model);
}

void Residency::resolve(WaiterId waiter, Result<Lease> outcome) {
  // Nobody waits any more: the lease in `outcome` goes out of scope here and is released at once.
  if (auto at = waiting_.find(waiter); at != waiting_.end()) at->second->outcome_.set(std::move(outcome));
}

// A server of somebody else's does not say itself whether it is busy.
void Residency::tell_serves(const ModelId& model) {
  if (entries_.running(model)->command) attendants_.of(model).serves(leases_.serving(model));
}

void Residency::drop_saved() {
  if (drop_saved_) return drop_saved_();
  common::log::info("memory is short: no saved conversations are kept, so there is nothing to drop");
}

void Residency::order(const WorkerOrder& effect) {
  if (effect.order == supervisor::Order::spawn) entries_.starts(effect.model);
  const registry::Model& entry = entries_.at(effect.model);
  const std::string sessions_folder = sessions_bytes_ > 0 ? sessions_folder_.string() : "";
  // While memory is short nothing is saved: that would take more of it first.
  const bool saves = conductor_.rung() < Rung::shrink_caches;
  common::Load load = load_of(entry, read_mode_of(memory_, effect.model), sessions_folder);
  if (effect.order == supervisor::Order::send_load)
    load.release = {.wanted = devices_.loads(effect.model), .milliseconds = static_cast<std::uint64_t>(timeouts_.reap.count())};
  attendants_.of(effect.model)
      .carry_out(effect.order, effect.run,
                 {.load = std::move(load),
                  .save = saves ? save_order(sessions_bytes_, timeouts_.save) : common::SaveSessions{},
                  .command = command_of(entry)});
}

void Residency::worker_moved(const WorkerMoved& effect) {
  if (auto why = conductor_.why_stuck(effect.model)) settle_unloading(effect.model, fail(*why));
  const auto& [from, to, on] = effect.moved;
  if (from == supervisor::State::probing && to == supervisor::State::ready)
    devices_.came(effect.model, conductor_.machine(effect.model).ready_info());
}

void Residency::worker_gone(const ModelId& model) {
  attendants_.of(model).forget();
  devices_.left(model);
  lending_.note_gone(model);
  settle_unloading(model, true);
}

void Residency::settle_unloading(const ModelId& model, const Result<bool>& outcome) {
  auto [first, last] = unloading_.equal_range(model);
  for (auto it = first; it != last; ++it) it->second->done.set(outcome);
}

// --- what can be seen ---

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
  View view = view_of(conductor_, chronicle_.speeds(), ladder_, clock_.now());
  view.spare = launcher_.spare_report();
  view.read_ahead_bytes = foresight_.bytes_read();
  return view;
}

}  // namespace proxy::residency
