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
    {starting, timed_out, stopping, send_kill},
    {loading, progressed, loading, none},
    {loading, became_ready, ready, announce_ready},
    {loading, abandoned, stopping, send_exit},
    {loading, evicted, stopping, send_exit},
    {loading, exited, reaping, collect},
    {loading, timed_out, stopping, send_kill},
    {ready, evicted, draining, none},  // the owner, who asked for it, reports when the last lease is back
    {ready, exited, reaping, collect},
    {draining, drained, stopping, send_exit},
    // Its leases end with an error now; the worker is told to stop once they are gone, or at once: it holds nothing of value.
    {draining, timed_out, stopping, end_leases},
    {draining, exited, reaping, collect},
    {stopping, exited, reaping, collect},
    {stopping, timed_out, stopping, send_kill},
    {reaping, timed_out, reaping, send_kill},
    {reaping, reaped_stopped, stopped, announce_gone},
    {reaping, reaped_failed, backoff, announce_gone},
    {reaping, reaped_bad_file, quarantined, announce_gone},
    {backoff, timed_out, stopped, none},
    {backoff, file_changed, stopped, none},
    {quarantined, file_changed, stopped, none},
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
    case loading: return timeouts.load_stall;
    case draining: return timeouts.drain;
    case stopping: return timeouts.stop + gib * timeouts.stop_per_gib;
    case reaping: return timeouts.reap + gib * timeouts.stop_per_gib;
    case backoff: return std::min(timeouts.backoff_most, timeouts.backoff_first * (1L << std::clamp(failures - 1, 0, 16)));
    case stopped:
    case ready:
    case quarantined: return std::nullopt;
  }
  return std::nullopt;
}

std::string_view to_string(State state) {
  switch (state) {
    case stopped: return "stopped";
    case starting: return "starting";
    case loading: return "loading";
    case ready: return "ready";
    case draining: return "draining";
    case stopping: return "stopping";
    case reaping: return "reaping";
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
    case evicted: return "evicted";
    case drained: return "drained";
    case abandoned: return "abandoned";
    case exited: return "exited";
    case reaped_stopped: return "reaped_stopped";
    case reaped_failed: return "reaped_failed";
    case reaped_bad_file: return "reaped_bad_file";
    case timed_out: return "timed_out";
    case file_changed: return "file_changed";
  }
  return "unknown";
}

}  // namespace proxy::supervisor
