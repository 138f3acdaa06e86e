// The single-resident policy at work: requests come for a lease, operators load and unload, and one Conductor decides.
//
// Owned by the composition root, used on the loop thread. Owns one supervisor::Attendant for each model id that was ever wanted. It carries
// effects out and turns what happens into events; what should happen stands in core.hpp and supervisor/machine.hpp.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "common/clock.hpp"
#include "common/deadline.hpp"
#include "common/task_group.hpp"
#include "proxy/residency/conductor.hpp"
#include "proxy/residency/event_log.hpp"
#include "proxy/residency/journal.hpp"
#include "proxy/residency/lease.hpp"
#include "proxy/residency/memory_leases.hpp"
#include "proxy/residency/read_ahead.hpp"
#include "proxy/residency/spare.hpp"
#include "proxy/residency/speed.hpp"
#include "proxy/residency/swap_ledger.hpp"
#include "proxy/residency/swap_record.hpp"
#include "proxy/supervisor/attendant.hpp"
#include "registry/catalog.hpp"

namespace proxy::residency {

// What is known about one model's worker, for status pages.
struct WorkerView {
  std::string model;
  supervisor::State state = supervisor::State::stopped;
  double load_fraction = 0;
  pid_t pid = 0;
  int spawns = 0;
  common::Duration load_time{};
  common::Ready ready;  // of the latest run that became ready
  common::Beat beat;
  std::uint64_t own_bytes = 0;  // of a run that became ready, at its latest sign of life
  std::optional<common::Error> last_failure;
  std::optional<double> tokens_per_second;  // generated here while it was busy
};

// A pinned model's own place, and who is there and waits there.
struct PinnedView {
  std::string model;
  Phase phase = Phase::vacant;
  Reason reason = Reason::requested;
  std::size_t leases = 0;
  std::size_t queued = 0;
};

// What memory is short of, and what is done about it.
struct PressureView {
  PressureRules rules;
  Rung rung = Rung::none;
  common::Duration on_rung{};  // for how long
  PressureReading reading;     // the latest
  std::uint64_t lent_bytes = 0;
};

// Everything but `pinned` is about the place that models take turns in.
struct View {
  Phase phase = Phase::vacant;
  Reason reason = Reason::requested;
  std::string active;
  std::size_t leases = 0;
  std::size_t queued = 0;
  std::vector<WorkerView> workers;
  std::vector<PinnedView> pinned;
  std::map<std::string, common::Error> pin_refusals;  // of models that were to be pinned and may not
  supervisor::SpareReport spare;                      // workers that were started ahead
  std::uint64_t read_ahead_bytes = 0;                 // so far
  PressureView pressure;
};

struct Counters {
  std::uint64_t grants = 0;
  std::uint64_t rejections = 0;
  std::uint64_t loads = 0;  // that ended ready
  std::uint64_t load_failures = 0;
  std::uint64_t crashes = 0;                                                    // of ready workers
  std::uint64_t evictions = 0;                                                  // drains begun
  std::uint64_t cut_for_memory = 0;                                             // answers that ended because memory was short
  std::map<Rung, std::uint64_t> pressure_steps;                                 // by the rung that was reached
  std::uint64_t sessions_saved = 0;                                             // conversations that leaving workers wrote down
  std::uint64_t session_bytes_saved = 0;
  std::map<std::pair<std::string, common::ErrorKind>, std::uint64_t> failures;  // of workers, by model and kind
};

// What a request asks for.
struct Claim {
  registry::Model model;
  int priority = 0;  // of the role it was asked for by
  std::string key;   // of the caller; empty: none
};

// What is known of the memory that models take (proxy/fit finds out).
struct MemoryTerms {
  struct Need {
    std::uint64_t bytes = 0;
    std::string sum;                      // how that is made up
    std::optional<milliseconds> load_time;  // that is expected
    std::string read_mode;                  // common::Load::read_mode
  };
  std::uint64_t bytes = 0;  // what all of them may take; 0: not known
  std::string sum;
  std::uint64_t physical_bytes = 0;  // of the machine, or what we may have of it; 0: not known
  std::map<ModelId, Need> needs;
  std::optional<milliseconds> leave_time;  // that is expected of whoever is resident
};

// What became of memory that was asked for.
struct Lent {
  MemoryLease lease;
  std::uint64_t freed_bytes = 0;     // of processes that have ended and of caches that were dropped; mapped files are not counted
  std::vector<std::string> left;     // models that had to leave and have
  std::vector<std::string> leaving;  // ... and have not yet
};

// When the ladder takes its steps, at another pace than usual (tests).
PressureRules pressure_rules_of(const registry::Catalog& catalog, std::uint64_t physical_bytes, double pace = 1);

// The policy as the core takes it. Hours are another thing: apply_hours().
Settings settings_of(const registry::Catalog& catalog, const MemoryTerms& memory = {});
// What the hours of tiers mean at this minute of the day. Returns how long that stays so; nothing: no tier has hours.
std::optional<std::chrono::minutes> apply_hours(Settings& settings, const registry::Tiers& tiers, std::chrono::minutes time_of_day);

class Residency {
 public:
  Residency(boost::asio::any_io_executor executor, common::Clock& clock, supervisor::Launcher& launcher, supervisor::Timeouts timeouts);
  ~Residency();

  // Waits for its turn; loads the model if it must. Cancelling the wait leaves the queue.
  boost::asio::awaitable<common::Result<Lease>> acquire(Claim claim);
  // For an operator: returns once the model is ready, with the digest of its weights. Holds nothing afterwards.
  boost::asio::awaitable<common::Result<std::string>> load(registry::Model model);
  // Returns once the model has gone, with whether it was there.
  boost::asio::awaitable<common::Result<bool>> unload(std::string id);
  // For an operator: gives the model a place of its own beside the others; returns once it is ready there, with the digest of its weights.
  boost::asio::awaitable<common::Result<std::string>> pin(registry::Model model);
  // Takes that place back; returns once the model has left it, with whether it had one.
  boost::asio::awaitable<bool> unpin(std::string id);
  // Gives up memory for a while. With `wait`: returns once those who had to leave for it have left and caches have shrunk.
  boost::asio::awaitable<common::Result<Lent>> lend(std::uint64_t bytes, milliseconds duration, bool wait);
  // Takes it back before its time. Nothing: there is no such lease.
  std::optional<MemoryLease> take_back(std::uint64_t lease);
  const MemoryLeases& memory_leases() const { return memory_leases_; }
  // What models may take when nothing is lent; 0: not known.
  std::uint64_t memory_bytes() const { return conductor_.memory_bytes(); }
  // What it holds, or will, of that.
  std::uint64_t taken_by(const std::string& model) const { return conductor_.taken_by(model); }
  // Whether somebody runs on it or waits for it.
  bool is_wanted(const std::string& model) const;
  // Why nobody can have it for the time being, in a few words; nothing: it can be had, as far as is known.
  std::optional<std::string> unusable(const std::string& model) const;
  // How short memory is: to be told twice a second.
  void feel(const PressureReading& reading);
  // The tier that a model belongs to as things are.
  registry::Tier tier_of(const std::string& model) const;
  // Why a request may not have it loaded now, by the terms of that tier; nothing: it may, or it is here. ErrorKind::tier_not_now, with how
  // long that stays so.
  std::optional<common::Error> held_back(const std::string& model) const { return conductor_.held_back(model, clock_.now()); }
  // What minute of the day it is here; otherwise than by the machine's clock (tests), from the next configure() on.
  void tell_time_by(std::function<std::chrono::minutes()> time_of_day) { time_of_day_ = std::move(time_of_day); }
  // The times of the ladder are multiplied by this, from the next configure() on.
  void set_pressure_pace(double pace) { pressure_pace_ = pace; }
  // Called when saved conversations are to go because memory is short.
  void on_drop_saved(std::function<void()> drop) { drop_saved_ = std::move(drop); }
  // From the next configure() on.
  void know_memory(MemoryTerms memory) { memory_ = std::move(memory); }
  // Where conversations outlive their workers, as far as memory.saved_mib of the catalog allows. Empty, as it is before: nowhere.
  void keep_sessions(std::filesystem::path folder) { sessions_folder_ = std::move(folder); }
  // Takes the policy over.
  void configure(const registry::Catalog& catalog);
  // The registry changed: a model whose entry is another now leaves when its requests are done, one that is not there any more is refused.
  void apply(const registry::Catalog& before, const registry::Catalog& now);
  // Refuses the queue, drains within the drain timeout, stops everything.
  boost::asio::awaitable<void> shut_down();
  // Second request to stop: no more patience.
  void hurry();

  // Reads the next model's file while the resident is on its way out. It outlives this object.
  void read_ahead_with(ReadAhead& reader) { reader_ = &reader; }
  // Writes every decision down from now on. Call it before anything is asked for.
  void keep_journal(Journal::Sink sink);
  // The first piece of an answer has left for the client: ends the account of the swap that it waited for, if there was one.
  void first_byte(const std::string& model);

  View view() const;
  std::uint64_t pinned_beside(const std::string& model) const { return conductor_.pinned_beside(model); }
  EventLog& events() { return event_log_; }
  const SwapLedger& swaps() const { return ledger_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Waiting;
  struct Unloading;

  boost::asio::awaitable<common::Result<Lease>> wait(Claim claim, bool operator_load);
  void feed(Event event);
  void carry_out(const Effect& effect);
  void granted(const Grant& grant);
  void end_lease(WaiterId waiter, const common::Error& why);
  void drop_saved();
  void pressure_changed(const PressureChanged& effect);
  void take_step(std::optional<PressureStep> step);
  void tell_lent();
  void note_memory_lease(const MemoryLease& lease, const char* what);
  void end_memory_leases();
  void set_deadline();
  void tick();
  void mind_hours();
  void set_hours();
  std::map<ModelId, std::uint64_t> held_by_models() const;
  std::vector<ModelId> leaving_for_lent() const;
  bool caches_have_shrunk() const;
  void tell_watchers(const Effect& effect);
  void take_notes(const WorkerEvent& event, TimePoint now);
  void mind_spare();
  void mind_reading();
  std::optional<TimePoint> asked_for(const ModelId& model) const;
  void worker_moved(const WorkerMoved& effect);
  void worker_gone(const WorkerGone& effect);
  std::uint64_t held_beside(const ModelId& model) const;
  supervisor::Attendant& attendant_of(const ModelId& model);
  void resolve(WaiterId waiter, common::Result<Lease> outcome);
  void release(WaiterId waiter);
  void end_leases(const ModelId& model, const common::Error& why);
  common::Load load_of(const ModelId& model) const;
  std::optional<supervisor::CommandServer> command_of(const ModelId& model) const;
  bool runs_command(const ModelId& model) const;
  void tell_serves(const ModelId& model);
  void listens(WaiterId waiter, bool waits);
  common::SaveSessions save_order() const;
  void sessions_saved(const ModelId& model);

  boost::asio::any_io_executor executor_;
  common::Clock& clock_;
  supervisor::Launcher& launcher_;
  supervisor::Timeouts timeouts_;

  MemoryTerms memory_;
  Settings settings_;  // as the conductor has them
  registry::Tiers tiers_;
  std::function<std::chrono::minutes()> time_of_day_;
  ReadAhead* reader_ = nullptr;  // null: nothing is read ahead
  ModelId reading_;              // empty: nothing
  bool spare_allowed_ = true;
  std::size_t embedded_in_turn_ = 0;  // models that a worker which was started ahead could load
  PressureLadder ladder_;
  double pressure_pace_ = 1;
  std::function<void()> drop_saved_;
  MemoryLeases memory_leases_;
  std::map<ModelId, std::optional<std::uint64_t>> cache_limits_;  // as workers that run were told
  std::filesystem::path sessions_folder_;
  std::uint64_t sessions_bytes_ = 0;  // that all saved conversations may have
  Conductor conductor_;
  Journal journal_;
  SwapRecorder recorder_;
  SwapLedger ledger_;
  SpeedMeter speeds_;
  EventLog event_log_;
  std::optional<TimePoint> ready_since_;  // of the active model, until its first answer
  std::deque<Event> events_;              // in order; carrying out an effect may bring the next one
  bool feeding_ = false;
  WaiterId last_waiter_ = 0;
  std::map<WaiterId, Waiting*> waiting_;
  std::map<WaiterId, std::shared_ptr<LeaseState>> leases_;
  std::map<ModelId, TimePoint> heard_;  // when the latest piece of any answer came, of those with an answer_timeout
  std::multimap<ModelId, Unloading*> unloading_;
  std::map<ModelId, registry::Model> models_;                                  // as the registry has those that anybody wanted
  std::map<ModelId, std::shared_ptr<const registry::Model>> running_;  // as their latest workers were started
  std::map<ModelId, std::unique_ptr<supervisor::Attendant>> attendants_;
  Counters counters_;

  common::TaskGroup tasks_;
  common::Deadline deadline_;
  common::Deadline spare_deadline_;
  common::Deadline hours_deadline_;
};

}  // namespace proxy::residency
