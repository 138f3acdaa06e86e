#include "proxy/peers/peer_health.hpp"

#include <algorithm>
#include <utility>

namespace proxy::peers {

std::chrono::milliseconds PeerHealth::pause() const { return std::min(kMost, kFirst * (1L << std::clamp(failures_ - 1, 0, 16))); }

std::optional<std::chrono::milliseconds> PeerHealth::admit(common::TimePoint now) {
  if (is_well()) return std::nullopt;
  if (now < closed_until_) return std::chrono::ceil<std::chrono::milliseconds>(closed_until_ - now);
  closed_until_ = now + pause();
  tries_ = true;
  return std::nullopt;
}

void PeerHealth::answered(common::TimePoint now) {
  failures_ = 0;
  tries_ = false;
  why_.clear();
  heard_ = now;
}

void PeerHealth::failed(std::string why, common::TimePoint now) {
  why_ = std::move(why);
  if (!is_well() && !std::exchange(tries_, false)) return;
  ++failures_;
  closed_until_ = now + pause();
}

bool PeerHealth::begin_look(std::chrono::milliseconds every, common::TimePoint now) {
  if (!is_well()) return !admit(now);
  if (heard_ && now < *heard_ + every) return false;
  heard_ = now;
  return true;
}

}  // namespace proxy::peers
