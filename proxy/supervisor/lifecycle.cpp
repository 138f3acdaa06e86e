#include "proxy/supervisor/lifecycle.hpp"

#include <algorithm>

namespace proxy::supervisor {
namespace {

struct Rule {
  State from;
  Event on;
  State to;
  Action act;
};

using enum State;
using enum Event;
using enum Action;

constexpr Rule kRules[] = {
    {stopped, wanted, starting, spawn},
    {starting, said_hello, loading, send_load},
    {starting, abandoned, stopping, send_exit},
    {starting, exited, reaping, collect},
    {starting, timed_out, stopping, kill},
    {starting, unreachable, stopping, kill},
    {loading, progressed, loading, none},
    {loading, became_ready, probing, probe},
    {loading, abandoned, stopping, send_exit},
    {loading, exited, reaping, collect},
    {loading, timed_out, stopping, kill},
    {loading, unreachable, stopping, kill},
    {probing, probed_well, ready, announce_ready},
    {probing, probed_badly, stopping, send_exit},
    {probing, abandoned, stopping, send_exit},
    {probing, exited, reaping, collect},
    {probing, timed_out, stopping, kill},
    {probing, unreachable, stopping, kill},
    {ready, evicted, draining, none},  // the owner, who asked for it, reports when the last lease is back
    {ready, stalled, aborting, abort},
    {ready, exited, reaping, collect},
    {ready, unreachable, stopping, kill},
    {draining, kept, ready, none},
    {draining, drained, saving, send_save},
    // Its leases end with an error now, and it is told to stop: what a request was cut off from is not worth keeping.
    {draining, timed_out, stopping, end_leases},
    {draining, stalled, aborting, abort},
    {draining, exited, reaping, collect},
    {draining, unreachable, stopping, kill},
    {saving, saved, stopping, send_exit},
    {saving, timed_out, stopping, send_exit},
    {saving, exited, reaping, collect},
    {saving, unreachable, stopping, kill},
    {aborting, exited, reaping, collect},
    {aborting, timed_out, stopping, kill},
    {aborting, unreachable, stopping, kill},
    {stopping, exited, reaping, collect},
    {stopping, timed_out, stopping, kill},
    {stopping, unreachable, stopping, kill},
    {stopping, outlived_kill, unkillable, announce_stuck},
    {reaping, timed_out, unkillable, announce_stuck},
    {reaping, reaped_stopped, stopped, announce_gone},
    {reaping, reaped_failed, backoff, announce_gone},
    {reaping, reaped_for_good, quarantined, announce_gone},
    {unkillable, exited, reaping, collect},
    {unkillable, reaped_stopped, stopped, announce_gone},
    {unkillable, reaped_failed, backoff, announce_gone},
    {unkillable, reaped_for_good, quarantined, announce_gone},
    {backoff, timed_out, stopped, none},
    {backoff, file_changed, stopped, none},
    {backoff, reset, stopped, none},
    {quarantined, file_changed, stopped, none},
    {quarantined, reset, stopped, none},
};

}  // namespace

std::optional<Transition> transition(State from, Event on) {
  for (const Rule& rule : kRules) {
    if (rule.from == from && rule.on == on) return Transition{rule.to, rule.act};
  }
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> time_limit(State state, const Timeouts& timeouts, std::uint64_t resident_bytes, int failures) {
  const auto gib = static_cast<long>(resident_bytes >> 30);
  switch (state) {
    case starting: return timeouts.hello;
    case loading:
    case probing: return timeouts.load_stall;
    case draining: return timeouts.drain;
    case saving: return timeouts.save;
    case aborting: return timeouts.abort;
    case stopping: return timeouts.stop + gib * timeouts.stop_per_gib;
    case reaping: return timeouts.reap + gib * timeouts.stop_per_gib;
    case backoff: return std::min(timeouts.backoff_most, timeouts.backoff_first * (1L << std::clamp(failures - 1, 0, 16)));
    case stopped:
    case ready:
    case unkillable:
    case quarantined: return std::nullopt;
  }
  return std::nullopt;
}

std::string_view to_string(State state) {
  switch (state) {
    case stopped: return "stopped";
    case starting: return "starting";
    case loading: return "loading";
    case probing: return "probing";
    case ready: return "ready";
    case draining: return "draining";
    case saving: return "saving";
    case aborting: return "aborting";
    case stopping: return "stopping";
    case reaping: return "reaping";
    case unkillable: return "unkillable";
    case backoff: return "backoff";
    case quarantined: return "quarantined";
  }
  return "unknown";
}

std::string_view to_string(Event event) {
  switch (event) {
    case wanted: return "wanted";
    case said_hello: return "said_hello";
    case progressed: return "progressed";
    case became_ready: return "became_ready";
    case probed_well: return "probed_well";
    case probed_badly: return "probed_badly";
    case evicted: return "evicted";
    case kept: return "kept";
    case drained: return "drained";
    case saved: return "saved";
    case stalled: return "stalled";
    case abandoned: return "abandoned";
    case unreachable: return "unreachable";
    case exited: return "exited";
    case reaped_stopped: return "reaped_stopped";
    case reaped_failed: return "reaped_failed";
    case reaped_for_good: return "reaped_for_good";
    case timed_out: return "timed_out";
    case outlived_kill: return "outlived_kill";
    case file_changed: return "file_changed";
    case reset: return "reset";
  }
  return "unknown";
}

}  // namespace proxy::supervisor
