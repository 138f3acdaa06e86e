// Keeps one model's worker in the state that is wanted. Pure: what happened goes in, what to do about it comes out.
//
// lifecycle.hpp has the states and the rules between them; a Machine holds the facts that belong to the current run (why it ends, what it
// said, what it holds) and to the runs before it (failures in a row, crashes). Owned by residency's Conductor, one for each model id. It
// never decides *that* a model should be loaded.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/child_process.hpp"
#include "common/worker_protocol.hpp"
#include "proxy/supervisor/lifecycle.hpp"

namespace proxy::supervisor {

// --- what happens ---

// What the owner wants.
enum class Wish { start, evict, keep, drained, abandon, file_changed, reset, kill_now, hasten };  // hasten: a drain has less time
struct Serves {  // how many requests run on it now: what the watchdog may expect work for
  std::size_t requests = 0;
};

// What became of the process.
struct Spawned {
  pid_t pid = 0;
};
struct NotSpawned {
  common::Error why;
};
struct Said {
  common::FromWorker message;
};
struct HungUp {};  // its control channel is closed or speaks gibberish
struct Probed {
  std::optional<common::Error> failure;
};
struct Holds {                        // a reading while it lives, the last one just before it is told to exit
  std::uint64_t own_bytes = 0;        // that should come back when it has gone
  std::uint64_t available_bytes = 0;  // of the machine
};
struct Exited {
  common::ExitStatus status;
  std::string last_words;  // the last line of its error output
};
struct Looked {  // a reading while it is reaped
  bool survivors = false;
  std::uint64_t available_bytes = 0;
};
struct Tick {};  // deadline() may have passed

using Input = std::variant<Wish, Serves, Spawned, NotSpawned, Said, HungUp, Probed, Holds, Exited, Looked, Tick>;

// --- what to do ---

enum class Order { spawn, send_load, send_save, send_exit, probe, abort, kill, kill_survivors, collect };

// What the owner is told. `Gone` comes once for every run, whatever ended it.
struct BecameReady {};
struct DrainExpired {};  // the remaining leases must end now
struct Lost {            // a worker that served does so no more: what runs on it must end now. Gone follows when nothing of it is left.
  common::Error cause;
};
struct Stuck {  // it cannot be ended; nothing may be loaded until it is Gone
  common::Error why;
};
struct Gone {
  std::optional<common::Error> cause;  // nothing: it stopped because it was asked to
};
// For whoever keeps a record.
struct Moved {
  State from;
  State to;
  Event on;
};

using Output = std::variant<Order, BecameReady, DrainExpired, Lost, Stuck, Gone, Moved>;

class Machine {
 public:
  Machine(std::string model, const Timeouts& timeouts) : model_(std::move(model)), timeouts_(timeouts) {}

  // Appends to `out`.
  void on(const Input& input, common::TimePoint now, std::vector<Output>& out);
  std::optional<common::TimePoint> deadline() const;
  void set_timeouts(const Timeouts& timeouts) { timeouts_ = timeouts; }

  State state() const { return state_; }
  // Why a start would be refused now: backing off, quarantined or unkillable.
  std::optional<common::Error> refusal(common::TimePoint now) const;

  // Which run this is: 1 for the first worker ever spawned. What belongs to an earlier run must not be fed.
  int run() const { return run_; }
  pid_t pid() const { return pid_; }                          // 0: no process
  const common::Ready& ready_info() const { return ready_; }  // of the latest run that became ready
  // Whether that run is the present one, and its process there.
  bool has_become_ready() const { return pid_ && ready_run_ == run_; }
  const common::Beat& beat() const { return beat_; }          // of this run
  const common::Saved& saved() const { return saved_; }       // by the latest run, before it left
  double load_fraction() const { return load_fraction_; }     // of this run
  common::Duration load_time() const { return load_time_; }   // measured, of the latest load; zero before the first
  common::Duration device_wait() const;                       // of that load, and no part of its time
  const std::optional<common::Error>& last_failure() const { return last_failure_; }
  std::uint64_t resident_bytes() const;  // as the latest run that became ready says
  // Of this run once it was ready, at its latest sign of life.
  std::uint64_t own_bytes() const { return was_ready_ ? holds_.own_bytes : 0; }
  bool hastened() const { return hastened_; }  // its drain, of this run, has or had less than the usual time
  bool memory_verified() const { return memory_verified_; }  // of the latest run that ended: its memory was seen to be back
  std::uint64_t memory_missing() const { return memory_missing_; }  // likewise: what was not, 0 when it was

 private:
  void wish(Wish wish);
  void said(const common::FromWorker& message);
  void looked(const Looked& reading);
  void tick();
  void dispatch(Event event);
  void act(Action action);
  void begin_run();
  void end_run();
  void kill_for(std::string why);
  void watch_work();
  Event outcome();
  bool crashes_in_a_row();
  std::uint64_t missing_of(std::uint64_t available) const;
  std::optional<common::Error> cause_of_end() const;
  std::string describe_end() const;

  std::string model_;
  Timeouts timeouts_;
  State state_ = State::stopped;
  std::optional<common::TimePoint> deadline_;
  std::optional<common::TimePoint> work_due_;  // it must show work before this
  std::optional<common::TimePoint> end_due_;   // it hung up, and must have ended before this

  // About the current run, until it is gone.
  pid_t pid_ = 0;
  common::TimePoint started_;
  double load_fraction_ = 0;
  common::Beat beat_;
  common::Saved saved_;
  std::size_t requests_ = 0;
  Holds holds_;
  bool was_ready_ = false;
  bool asked_to_stop_ = false;
  bool hastened_ = false;
  bool survivors_gone_ = false;
  bool killed_ = false;
  std::optional<State> overran_;  // the state whose deadline it missed first
  std::optional<common::Fatal> fatal_;
  std::optional<common::Error> probe_failure_;
  std::optional<common::Error> spawn_failure_;
  std::optional<Exited> exit_;

  // About the runs so far.
  int run_ = 0, ready_run_ = 0;
  common::Ready ready_;
  common::Duration load_time_{};
  std::optional<common::Error> last_failure_;
  int failures_ = 0;                       // loads in a row
  std::deque<common::TimePoint> crashes_;  // of ready workers, the recent ones
  bool memory_verified_ = true;
  std::uint64_t memory_missing_ = 0;

  // Of the input in hand.
  common::TimePoint now_;
  std::vector<Output>* out_ = nullptr;
};

std::string_view to_string(Order order);

}  // namespace proxy::supervisor
