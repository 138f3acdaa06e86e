// A record of everything that came into a Conductor and of what it answered, one JSON object a line: enough to run it again.
//
//   {"at": nanoseconds since the first line, "event": {...}, "effects": [...], "state": "..."}
//
// The first line is the Reconfigure that the Conductor was made with. replay() feeds a fresh Conductor the same events at the same times
// and says where it first does something else: a journal from a user's machine is a test case.
#pragma once

#include <deque>
#include <functional>
#include <istream>
#include <optional>
#include <string>

#include "common/json.hpp"
#include "proxy/residency/conductor.hpp"

namespace proxy::residency {

common::Json to_json(const Event& event);
common::Json to_json(const Effect& effect);
common::Result<Event> event_from_json(const common::Json& json);

// Where the Conductor stands, in one short line: phase, active model, leases, queue, states of the workers.
std::string summary(const Conductor& conductor);

class Journal {
 public:
  using Sink = std::function<void(std::string line)>;  // the line has its line break

  // Starts a record. `sink` may be empty: then record() does nothing.
  void open(Sink sink, const Reconfigure& initial, TimePoint now);
  void record(const Event& event, const std::vector<Effect>& effects, const Conductor& after, TimePoint now);

 private:
  Sink sink_;
  TimePoint began_;
};

struct Replayed {
  std::size_t events = 0;
  std::optional<std::string> difference;  // the first, with its line number; nothing: the same from the first to the last
};
// An error when a line is not of a journal.
common::Result<Replayed> replay(std::istream& journal);

}  // namespace proxy::residency
