#include "proxy/residency/foresight.hpp"

#include <algorithm>

#include "proxy/residency/spare.hpp"

namespace proxy::residency {

// What comes next is read while the resident is still on its way out; when it may stay after all, or its successor loads, that is over.
ModelId next_to_read(const Conductor& conductor) {
  const Core& core = conductor.core();
  const bool leaves = core.phase() == Phase::draining || core.phase() == Phase::stopping;
  const bool something_comes = leaves && !core.shutting_down() && conductor.rung() == Rung::none;
  return something_comes ? core.next_model() : ModelId();
}

Foresight::Foresight(common::TaskGroup& tasks, common::Clock& clock, supervisor::Launcher& launcher, const Conductor& conductor,
                     const Entries& entries)
    : clock_(clock),
      launcher_(launcher),
      conductor_(conductor),
      entries_(entries),
      spare_deadline_(tasks, clock, [this] { mind_spare(); }) {}

void Foresight::configure(const registry::Catalog& catalog) {
  spare_allowed_ = catalog.policy.spare_worker;
  embedded_in_turn_ = static_cast<std::size_t>(std::ranges::count_if(
      catalog.models, [&](const auto& model) { return !model.second.command && !catalog.pinned.contains(model.first); }));
}

void Foresight::look(const MemoryTerms& memory) {
  mind_spare();
  mind_reading(memory);
}

// A server of somebody else's is not started ahead, and how it reads its files is its own affair.
void Foresight::mind_spare() {
  const Core& core = conductor_.core();
  const auto loads = [](const auto& entry) { return entry.second.core.phase() == Phase::loading; };
  const SpareSituation situation{.allowed = spare_allowed_ && conductor_.rung() == Rung::none,
                                 .models = embedded_in_turn_ + (entries_.runs_command(core.active()) ? 1 : 0),
                                 .phase = core.phase(),
                                 .reason = core.reason(),
                                 .since = core.since(),
                                 .pinned_one_loads = std::ranges::any_of(conductor_.pinned(), loads),
                                 .shutting_down = core.shutting_down()};
  const TimePoint now = clock_.now();
  launcher_.keep_spare(spare_wish(situation, now));
  spare_deadline_.set(spare_wish_changes(situation, now));
}

void Foresight::mind_reading(const MemoryTerms& memory) {
  ModelId next = reader_ ? next_to_read(conductor_) : ModelId();
  if (entries_.runs_command(next)) next.clear();
  if (next == reading_) return;
  reading_ = next;
  const bool past_the_cache = read_mode_of(memory, next) == "direct";
  if (next.empty() || past_the_cache) return reader_->stop();
  std::uint64_t mapped = 0;
  for (const auto& [model, machine] : conductor_.machines()) {
    if (machine.pid() == 0) continue;
    for (const common::DeviceMemory& device : machine.ready_info().memory) mapped += device.mapped_bytes;
  }
  reader_->begin(entries_.at(next), mapped);
}

}  // namespace proxy::residency
