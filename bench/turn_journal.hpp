// What a daemon's journal (proxy/residency/journal.hpp) says of turns: who waited for one and how long, and which swaps there were. As the
// policy saw it, to the nanosecond: what a request's way through sockets takes, and its prompt in the worker, is not in it. Pure.
#pragma once

#include <istream>
#include <vector>

#include "bench/trial.hpp"
#include "common/result.hpp"

namespace bench {

struct Turns {
  std::vector<Turn> taken;  // in order of asking; who was never granted is left out
  std::vector<Swap> swaps;  // in order
};

// The journal's first line is at `opened`. ErrorKind::bad_request: a line is not one of a journal.
common::Result<Turns> read_turns(std::istream& journal, common::TimePoint opened);

}  // namespace bench
