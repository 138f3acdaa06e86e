// What happens to models, told to whoever watches: lines of the log, counters, events, the account of each swap, how fast models generate.
//
// Owned by Residency, used on the loop thread. Nothing is decided by it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/clock.hpp"
#include "common/error.hpp"
#include "proxy/residency/conductor.hpp"
#include "proxy/residency/event_log.hpp"
#include "proxy/residency/pressure.hpp"
#include "proxy/residency/speed.hpp"
#include "proxy/residency/swap_ledger.hpp"
#include "proxy/residency/swap_record.hpp"

namespace proxy::residency {

struct Counters {
  std::uint64_t grants = 0;
  std::uint64_t rejections = 0;
  std::uint64_t loads = 0;  // that ended ready
  std::uint64_t load_failures = 0;
  std::uint64_t crashes = 0;                     // of ready workers
  std::uint64_t evictions = 0;                   // drains begun
  std::uint64_t cut_for_memory = 0;              // answers that ended because memory was short
  std::map<Rung, std::uint64_t> pressure_steps;  // by the rung that was reached
  std::uint64_t sessions_saved = 0;              // conversations that leaving workers wrote down
  std::uint64_t session_bytes_saved = 0;
  std::map<std::pair<std::string, common::ErrorKind>, std::uint64_t> failures;  // of workers, by model and kind
};

class Chronicle {
 public:
  // All outlive it.
  Chronicle(boost::asio::any_io_executor executor, common::Clock& clock, const Conductor& conductor, const PressureLadder& ladder);
  Chronicle(const Chronicle&) = delete;
  Chronicle& operator=(const Chronicle&) = delete;

  // Of every event, before the Conductor has it.
  void on(const Event& event, TimePoint now);
  // Of every effect of the Conductor, in order, before it is carried out.
  void on(const Effect& effect);
  // So many running answers have ended for this reason.
  void leases_ended(std::size_t count, const common::Error& why);
  // The first piece of an answer has left for the client: ends the account of the swap that it waited for, if there was one.
  void first_byte(const ModelId& model);

  EventLog& events() { return events_; }
  const SwapLedger& swaps() const { return swaps_; }
  const Counters& counters() const { return counters_; }
  const SpeedMeter& speeds() const { return speeds_; }

 private:
  void add_event(const Effect& effect);
  void follow_swap(const Effect& effect);
  void pressure_changed(const PressureChanged& effect);
  void worker_moved(const WorkerMoved& effect);
  void worker_gone(const WorkerGone& effect);
  void sessions_saved(const ModelId& model);
  std::optional<TimePoint> asked_for(const ModelId& model) const;

  common::Clock& clock_;
  const Conductor& conductor_;
  const PressureLadder& ladder_;
  EventLog events_;
  SwapRecorder recorder_;
  SwapLedger swaps_;
  SpeedMeter speeds_;
  Counters counters_;
  std::optional<TimePoint> ready_since_;  // of the active model, until its first answer
};

}  // namespace proxy::residency
