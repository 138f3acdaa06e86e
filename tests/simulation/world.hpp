// A simulated machine with clients, operators and worker processes around the real Conductor (residency core and supervisors): everything
// that can happen happens, in an order that Choices decide, and after every event the contract is checked.
//
// What is checked, by the line of the contract in docs/architecture.md:
//   1  at most one worker process is there, counting what it leaves behind
//   3  every request has exactly one outcome, and it comes: also when nobody does anything any more but time passes
//   4  a lease is given once, on a worker that is ready for just that model
//   5  whoever holds a lease on a worker that has gone, or is cut off, is told
//   6  a running request is cut off only when its drain deadline has passed, its worker died or did nothing, or somebody is in a hurry
//   7  a registry edit that does not concern a model does nothing to its worker
//   8  nothing is spawned before the memory of the one before is back, or was waited for as long as the limits say
//   9  a load that fails brings the model back that made room for it, and its waiters get the cause
//   while memory is short (any rung, at any moment) nothing is started, from the fourth rung on nothing is granted and only the lowest
//   priority is cut off, on the fifth the resident is cut off after the short drain and not before; what is lent is not loaded into
//   and no deadline is left in the past: the daemon would spin.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/residency/conductor.hpp"
#include "proxy/residency/journal.hpp"
#include "tests/simulation/choices.hpp"

namespace simulation {

// What went wrong first; nothing: the schedule held. `journal` gets a record that residency::replay() can run again.
std::optional<std::string> run_schedule(Choices& choices, int steps, proxy::residency::Journal::Sink journal = {});

struct Failure {
  std::string what;
  std::vector<std::uint32_t> choices;  // made as few as possible
};

// The same for one seed; a failure is made smaller before it is reported.
std::optional<Failure> try_seed(std::uint64_t seed, int steps);

}  // namespace simulation
