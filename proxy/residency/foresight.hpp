// What is done for the next model while another one is still there: a worker started ahead (spare.hpp), its file read (read_ahead.hpp).
//
// Owned by Residency, used on the loop thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/clock.hpp"
#include "common/deadline.hpp"
#include "common/task_group.hpp"
#include "proxy/residency/conductor.hpp"
#include "proxy/residency/entries.hpp"
#include "proxy/residency/read_ahead.hpp"
#include "proxy/residency/settings.hpp"
#include "proxy/supervisor/launcher.hpp"
#include "registry/catalog.hpp"

namespace proxy::residency {

// Whose file is worth reading now; empty: nobody's. Pure.
ModelId next_to_read(const Conductor& conductor);

class Foresight {
 public:
  // All outlive it; destroy it only after the group is joined.
  Foresight(common::TaskGroup& tasks, common::Clock& clock, supervisor::Launcher& launcher, const Conductor& conductor,
            const Entries& entries);
  Foresight(const Foresight&) = delete;
  Foresight& operator=(const Foresight&) = delete;

  void read_ahead_with(ReadAhead& reader) { reader_ = &reader; }
  void configure(const registry::Catalog& catalog);
  // To be called whenever something has happened.
  void look(const MemoryTerms& memory);
  std::uint64_t bytes_read() const { return reader_ ? reader_->bytes_read() : 0; }  // so far

 private:
  void mind_spare();
  void mind_reading(const MemoryTerms& memory);

  common::Clock& clock_;
  supervisor::Launcher& launcher_;
  const Conductor& conductor_;
  const Entries& entries_;
  ReadAhead* reader_ = nullptr;  // null: nothing is read ahead
  ModelId reading_;              // empty: nothing
  bool spare_allowed_ = true;
  std::size_t embedded_in_turn_ = 0;  // models that a worker which was started ahead could load
  common::Deadline spare_deadline_;
};

}  // namespace proxy::residency
