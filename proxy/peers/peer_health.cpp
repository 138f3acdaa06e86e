#include "proxy/peers/peer_health.hpp"

#include <algorithm>

namespace proxy::peers {

std::chrono::milliseconds PeerHealth::pause() const { return std::min(kMost, kFirst * (1L << std::clamp(failures_ - 1, 0, 16))); }

std::optional<std::chrono::milliseconds> PeerHealth::admit(common::TimePoint now) {
  if (is_well()) return std::nullopt;
  if (now < closed_until_) return std::chrono::ceil<std::chrono::milliseconds>(closed_until_ - now);
  closed_until_ = now + pause();
  return std::nullopt;
}

void PeerHealth::answered(common::TimePoint now) {
  failures_ = 0;
  why_.clear();
  heard_ = now;
}

void PeerHealth::failed(std::string why, common::TimePoint now) {
  ++failures_;
  why_ = std::move(why);
  closed_until_ = now + pause();
}

bool PeerHealth::begin_look(std::chrono::milliseconds every, common::TimePoint now) {
  if (!is_well()) return !admit(now);
  if (heard_ && now < *heard_ + every) return false;
  heard_ = now;
  return true;
}

}  // namespace proxy::peers
