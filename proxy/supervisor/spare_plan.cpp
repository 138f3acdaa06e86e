#include "proxy/supervisor/spare_plan.hpp"

#include <algorithm>

namespace proxy::supervisor {

SparePlan::Step SparePlan::next(SpareWish wish, const std::optional<SpareFacts>& spare, common::TimePoint now) const {
  if (!spare) return wish == SpareWish::have && now >= not_before_ ? Step::start : Step::nothing;
  if (wish == SpareWish::none) return Step::end;
  return spare->said_hello || now < spare->started + times_.hello ? Step::nothing : Step::give_up;
}

std::optional<common::TimePoint> SparePlan::deadline(SpareWish wish, const std::optional<SpareFacts>& spare) const {
  if (spare) return spare->said_hello ? std::nullopt : std::optional(spare->started + times_.hello);
  return wish == SpareWish::have ? std::optional(not_before_) : std::nullopt;
}

bool SparePlan::may_be_taken(const SpareFacts& spare, common::TimePoint now) const {
  return spare.said_hello || now < spare.started + times_.promising;
}

void SparePlan::failed(common::TimePoint now, const std::optional<SpareFacts>& spare) {
  if (spare && spare->said_hello && now >= spare->started + times_.again_most) failures_ = 0;
  not_before_ = now + std::min(times_.again_most, times_.again_first * (1L << std::min(failures_, 16)));
  ++failures_;
}

}  // namespace proxy::supervisor
