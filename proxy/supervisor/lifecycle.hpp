// The life of one worker process as a table: what each state means and what leaves it. Pure; supervisor.cpp carries the actions out.
//
//   stopped      no process. Leaves when the model is wanted.
//   starting     spawned, has not said hello.
//   loading      told to load; every sign of progress re-arms the stall deadline, there is no fixed total.
//   ready        serves.
//   draining     no new leases; running ones may finish until the drain deadline, then they are ended with an error.
//   stopping     asked to exit; past its deadline the whole group is killed, again and again if it must be.
//   reaping      the process has ended; waiting until nobody of its group is left.
//   backoff      it failed to come up; not tried again before the deadline, then one attempt (half-open).
//   quarantined  the file itself is bad; tried again only when it changes.
//
// Every state but stopped, ready and quarantined has exactly one deadline. Whatever is not in the table is ignored in that state, on
// purpose.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/clock.hpp"

namespace proxy::supervisor {

enum class State { stopped, starting, loading, ready, draining, stopping, reaping, backoff, quarantined };

enum class Event {
  wanted,  // somebody needs the model
  said_hello,
  progressed,  // a loading message
  became_ready,
  evicted,          // it should leave; running requests may finish
  drained,          // no lease is left
  abandoned,        // nobody wants it any more while it starts
  exited,           // the process has ended
  reaped_stopped,   // the group is gone after a stop that was asked for, or after a crash of a ready worker
  reaped_failed,    // the group is gone and it never became ready
  reaped_bad_file,  // the group is gone and the file is to blame
  timed_out,        // the state's deadline passed
  file_changed,
};

enum class Action { none, spawn, send_load, announce_ready, end_leases, send_exit, send_kill, collect, announce_gone };

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
  std::chrono::milliseconds stop{10'000};
  std::chrono::milliseconds stop_per_gib{200};
  std::chrono::milliseconds reap{5'000};
  std::chrono::milliseconds backoff_first{1'000};
  std::chrono::milliseconds backoff_most{60'000};
};

// How long `state` may last. `resident_bytes`: what the worker holds; `failures`: loads that failed in a row.
std::optional<std::chrono::milliseconds> time_limit(State state, const Timeouts& timeouts, std::uint64_t resident_bytes, int failures);

std::string_view to_string(State state);
std::string_view to_string(Event event);

}  // namespace proxy::supervisor
