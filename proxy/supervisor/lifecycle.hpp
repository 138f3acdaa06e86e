// The life of one worker process as a table: what each state means and what leaves it. Pure; machine.hpp keeps the facts that belong to it.
//
//   stopped      no process. Leaves when the model is wanted.
//   starting     spawned, has not said hello.
//   loading      told to load; every sign of progress re-arms the stall deadline, there is no fixed total.
//   probing      it says that it is ready; one real answer has to prove it.
//   ready        serves. Has a deadline only while it works: a worker that shows no work for too long is aborted.
//   draining     no new leases; running ones may finish until the drain deadline, then they are ended with an error.
//   saving       nothing runs on it; it writes down what should outlive it.
//   aborting     it was busy and did nothing: SIGABRT, so that it leaves a trace, and a moment to die of it.
//   stopping     asked to exit; past its deadline the whole group is killed, and has as long again to die of it.
//   reaping      the process has ended; waiting until nobody of it is left and its memory is back.
//   unkillable   killed long ago and still there (in the kernel's hands). Nothing is loaded until it has gone.
//   backoff      it failed to come up; not tried again before the deadline, then one attempt (half-open).
//   quarantined  the file itself is bad, or it crashes in a row; tried again when the file changes or an operator says so.
//
// Every state but stopped, ready, unkillable and quarantined has exactly one deadline. Whatever is not in the table is ignored in that
// state, on purpose.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/clock.hpp"

namespace proxy::supervisor {

enum class State {
  stopped,
  starting,
  loading,
  probing,
  ready,
  draining,
  saving,
  aborting,
  stopping,
  reaping,
  unkillable,
  backoff,
  quarantined
};

enum class Event {
  wanted,  // somebody needs the model
  said_hello,
  progressed,  // a loading message
  became_ready,
  probed_well,
  probed_badly,
  evicted,          // it should leave; running requests may finish
  kept,             // it may stay after all: nobody else wants the place any more
  drained,          // no lease is left
  saved,            // its sessions are written, or it has none
  stalled,          // busy, and no work was seen for too long
  abandoned,        // nobody wants it any more while it starts
  unreachable,      // nothing can be asked of it: it closed its control channel and stays, or speaks another protocol
  exited,           // the process has ended
  reaped_stopped,   // nothing is left after a stop that was asked for, or after a crash of a ready worker
  reaped_failed,    // nothing is left and it never became ready
  reaped_for_good,  // nothing is left; the file is to blame, or it crashes in a row
  timed_out,        // the state's deadline passed
  outlived_kill,    // the same, and it was killed before
  file_changed,
  reset,  // an operator wants it tried again
};

enum class Action {
  none,
  spawn,
  send_load,
  probe,
  announce_ready,
  end_leases,
  send_save,
  send_exit,
  abort,
  kill,
  collect,
  announce_stuck,
  announce_gone
};

struct Transition {
  State to;
  Action act;
};

// Nothing: the event is ignored in that state.
std::optional<Transition> transition(State from, Event on);

struct Timeouts {
  std::chrono::milliseconds hello{5'000};
  std::chrono::milliseconds load_stall{60'000};
  std::chrono::milliseconds drain{30'000};
  std::chrono::milliseconds drain_in_haste{5'000};  // when memory is short; never more than `drain`
  std::chrono::milliseconds save{5'000};
  std::chrono::milliseconds work_stall{120'000};  // busy without a token or a piece of prompt
  std::chrono::milliseconds abort{2'000};
  std::chrono::milliseconds hang_up{500};  // without a control channel, until it is killed
  std::chrono::milliseconds stop{10'000};
  std::chrono::milliseconds stop_per_gib{200};
  std::chrono::milliseconds reap{5'000};
  std::chrono::milliseconds backoff_first{1'000};
  std::chrono::milliseconds backoff_most{60'000};
  std::size_t crashes_allowed = 2;  // within the time below; one more and the model is quarantined
  std::chrono::milliseconds crash_window{60'000};
};

// How long `state` may last. `resident_bytes`: what the worker holds; `failures`: loads that failed in a row.
std::optional<std::chrono::milliseconds> time_limit(State state, const Timeouts& timeouts, std::uint64_t resident_bytes, int failures);

std::string_view to_string(State state);
std::string_view to_string(Event event);

}  // namespace proxy::supervisor
