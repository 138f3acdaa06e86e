// The single-resident policy at work: requests come for a lease, operators load and unload, and one Conductor decides.
//
// Owned by the composition root, used on the loop thread. It brings what happens to the Conductor as events, one after the other, and has
// its effects carried out by the parts that it is put together from:
//
//   attendants.hpp, worker_messages.hpp   workers are started, told and stopped
//   leases.hpp                            requests use ready workers
//   lending.hpp                           memory is given up for a while
//   foresight.hpp                         the next model is prepared for
//   entries.hpp, timed_settings.hpp       what the registry says of models, and of the hours of tiers
//   chronicle.hpp, journal.hpp            what happened is told and written down
//
// What should happen stands in core.hpp, pressure.hpp and supervisor/machine.hpp.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/clock.hpp"
#include "common/deadline.hpp"
#include "common/one_shot.hpp"
#include "common/task_group.hpp"
#include "proxy/residency/attendants.hpp"
#include "proxy/residency/chronicle.hpp"
#include "proxy/residency/conductor.hpp"
#include "proxy/residency/device_ledger.hpp"
#include "proxy/residency/entries.hpp"
#include "proxy/residency/foresight.hpp"
#include "proxy/residency/journal.hpp"
#include "proxy/residency/leases.hpp"
#include "proxy/residency/lending.hpp"
#include "proxy/residency/pressure.hpp"
#include "proxy/residency/settings.hpp"
#include "proxy/residency/timed_settings.hpp"
#include "proxy/residency/view.hpp"
#include "registry/catalog.hpp"

namespace proxy::residency {

// What a request asks for.
struct Claim {
  registry::Model model;
  int priority = 0;  // of the role it was asked for by
  std::string key;   // of the caller; empty: none
};

class Residency {
 public:
  Residency(boost::asio::any_io_executor executor, common::Clock& clock, supervisor::Launcher& launcher, supervisor::Timeouts timeouts);
  ~Residency();

  // Somebody's place in the queue, from the moment of asking on. Whoever destroys it before it is settled leaves the queue.
  class Ticket {
   public:
    Ticket(Residency& residency, Claim claim, bool operator_load = false);
    Ticket(const Ticket&) = delete;
    ~Ticket();

    // Whether it is known what becomes of it: often at once.
    bool is_settled() const { return outcome_.is_set(); }
    // Waits for that; the model is loaded if it must be.
    boost::asio::awaitable<common::Result<Lease>> outcome() { return outcome_.take(); }

   private:
    friend class Residency;

    Residency& residency_;
    WaiterId id_;
    common::OneShot<common::Result<Lease>> outcome_;
  };
  Ticket ask(Claim claim) { return Ticket(*this, std::move(claim)); }
  // Asks and waits. Cancelling the wait leaves the queue.
  boost::asio::awaitable<common::Result<Lease>> acquire(Claim claim);
  // For an operator: returns once the model is ready, with the digest of its weights. Holds nothing afterwards.
  boost::asio::awaitable<common::Result<std::string>> load(registry::Model model);
  // Returns once the model has gone, with whether it was there. ErrorKind::unkillable: the kernel keeps its process, for nobody knows how
  // long.
  boost::asio::awaitable<common::Result<bool>> unload(std::string id);
  // For an operator: gives the model a place of its own beside the others; returns once it is ready there, with the digest of its weights.
  boost::asio::awaitable<common::Result<std::string>> pin(registry::Model model);
  // Takes that place back; returns once the model has left it, or cannot because the kernel keeps its process, with whether it had one.
  boost::asio::awaitable<bool> unpin(std::string id);
  // Gives up memory for a while. With `wait`: returns once those who had to leave for it have left and caches have shrunk.
  boost::asio::awaitable<common::Result<Lent>> lend(std::uint64_t bytes, milliseconds duration, bool wait);
  // Takes it back before its time. Nothing: there is no such lease.
  std::optional<MemoryLease> take_back(std::uint64_t lease) { return lending_.take_back(lease); }
  const MemoryLeases& memory_leases() const { return lending_.leases(); }
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
  registry::Tier tier_of(const std::string& model) const { return settings_.tier_of(model); }
  // Why a request may not have it loaded now, by the terms of that tier; nothing: it may, or it is here. ErrorKind::tier_not_now, with how
  // long that stays so.
  std::optional<common::Error> held_back(const std::string& model) const { return conductor_.held_back(model, clock_.now()); }
  // What minute of the day it is here; otherwise than by the machine's clock (tests), from the next configure() on.
  void tell_time_by(std::function<std::chrono::minutes()> time_of_day) { settings_.tell_time_by(std::move(time_of_day)); }
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
  // Refuses the queue, drains within the drain timeout, stops everything. What is unkillable is left behind.
  boost::asio::awaitable<void> shut_down();
  // Second request to stop: no more patience.
  void hurry();

  // Reads the next model's file while the resident is on its way out. It outlives this object.
  void read_ahead_with(ReadAhead& reader) { foresight_.read_ahead_with(reader); }
  // Writes every decision down from now on. Call it before anything is asked for.
  void keep_journal(Journal::Sink sink);
  // The first piece of an answer has left for the client: ends the account of the swap that it waited for, if there was one.
  void first_byte(const std::string& model) { chronicle_.first_byte(model); }

  View view() const;
  std::uint64_t pinned_beside(const std::string& model) const { return conductor_.pinned_beside(model); }
  EventLog& events() { return chronicle_.events(); }
  const SwapLedger& swaps() const { return chronicle_.swaps(); }
  const Counters& counters() const { return chronicle_.counters(); }

 private:
  struct Unloading;

  void feed(Event event);
  void set_deadline();
  void tick();
  void reconfigure();
  void take_step(std::optional<PressureStep> step);
  void carry_out(const Effect& effect);
  void granted(const Grant& grant);
  void resolve(WaiterId waiter, common::Result<Lease> outcome);
  void tell_serves(const ModelId& model);
  void drop_saved();
  void order(const WorkerOrder& effect);
  void worker_moved(const WorkerMoved& effect);
  void worker_gone(const ModelId& model);
  void settle_unloading(const ModelId& model, const common::Result<bool>& outcome);

  boost::asio::any_io_executor executor_;
  common::Clock& clock_;
  supervisor::Launcher& launcher_;
  supervisor::Timeouts timeouts_;

  MemoryTerms memory_;
  DeviceLedger devices_;
  std::filesystem::path sessions_folder_;
  std::uint64_t sessions_bytes_ = 0;  // that all saved conversations may have
  std::function<void()> drop_saved_;
  PressureLadder ladder_;
  double pressure_pace_ = 1;

  Entries entries_;
  Conductor conductor_;
  Journal journal_;
  Chronicle chronicle_;
  std::deque<Event> events_;  // in order; carrying out an effect may bring the next one
  bool feeding_ = false;
  WaiterId last_waiter_ = 0;
  std::map<WaiterId, Ticket*> waiting_;
  std::multimap<ModelId, Unloading*> unloading_;
  Lending lending_;
  Leases leases_;
  Attendants attendants_;

  common::TaskGroup tasks_;
  common::Deadline deadline_;
  TimedSettings settings_;  // as the conductor has them
  Foresight foresight_;
};

}  // namespace proxy::residency
