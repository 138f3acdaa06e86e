#include "proxy/residency/leases.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace proxy::residency {

Lease Leases::grant(const Grant& grant, std::string run, std::shared_ptr<const registry::Model> entry, common::ServerAddress data_address,
                    std::string digest) {
  auto state = std::make_shared<LeaseState>(grant.model, std::move(run), std::move(entry));
  state->release = [this, id = grant.waiter] { release(id); };
  if (state->entry->command && state->entry->command->answer_timeout.count() > 0)
    state->listens = [this, id = grant.waiter](bool waits) { listens(id, waits); };
  leases_[grant.waiter] = state;
  return Lease(std::move(state), std::move(data_address), std::move(digest));
}

std::size_t Leases::end(WaiterId waiter, const common::Error& why) {
  auto at = leases_.find(waiter);
  if (at == leases_.end() || at->second->ended) return 0;
  const std::shared_ptr<LeaseState> lease = at->second;
  lease->ended = why;
  if (auto callback = std::exchange(lease->on_ended, nullptr)) callback();
  return 1;
}

std::size_t Leases::end_all(const ModelId& model, const common::Error& why) {
  std::vector<WaiterId> of_model;  // first, because whoever is told may give leases back at once
  for (const auto& [id, lease] : leases_) {
    if (lease->model == model) of_model.push_back(id);
  }
  std::size_t ended = 0;
  for (const WaiterId id : of_model) ended += end(id, why);
  return ended;
}

supervisor::Serving Leases::serving(const ModelId& model) const {
  supervisor::Serving serving;
  for (const auto& [id, lease] : leases_) {
    if (lease->model != model) continue;
    ++serving.requests;
    if (lease->waits_since) serving.silent_since = std::min(*lease->waits_since, serving.silent_since.value_or(*lease->waits_since));
  }
  if (auto heard = heard_.find(model); heard != heard_.end() && serving.silent_since)
    serving.silent_since = std::max(*serving.silent_since, heard->second);
  return serving;
}

// A client that does not take what it was sent is no silence of the server's.
void Leases::listens(WaiterId waiter, bool waits) {
  auto at = leases_.find(waiter);
  if (at == leases_.end()) return;
  LeaseState& lease = *at->second;
  if (!waits) heard_[lease.model] = clock_.now();
  lease.waits_since = waits ? std::optional(clock_.now()) : std::nullopt;
  hooks_.serving_changed(lease.model);
}

void Leases::release(WaiterId waiter) {
  auto lease = leases_.extract(waiter);
  if (!lease.empty()) hooks_.serving_changed(lease.mapped()->model);
  hooks_.came_back(waiter);
}

}  // namespace proxy::residency
