#include "proxy/residency/attendants.hpp"

namespace proxy::residency {

supervisor::Attendant& Attendants::of(const ModelId& model) {
  auto& slot = attendants_[model];
  if (!slot) {
    auto report = [this, model](int run, supervisor::Input&& what) { report_(model, run, std::move(what)); };
    slot = std::make_unique<supervisor::Attendant>(executor_, clock_, launcher_, model, std::move(report),
                                                   [this, model] { return held_beside(model); });
  }
  return *slot;
}

boost::asio::awaitable<void> Attendants::shut_down() {
  for (auto& [id, attendant] : attendants_) co_await attendant->shut_down();
}

// What the other workers hold, and the one that was started ahead.
std::uint64_t Attendants::held_beside(const ModelId& model) const {
  auto spare = launcher_.spare_report().worker;
  std::uint64_t bytes = spare ? spare->own_bytes : 0;
  for (const auto& [other, attendant] : attendants_) bytes += other == model ? 0 : attendant->own_bytes();
  return bytes;
}

}  // namespace proxy::residency
