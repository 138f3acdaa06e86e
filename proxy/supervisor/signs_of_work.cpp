#include "proxy/supervisor/signs_of_work.hpp"

#include <algorithm>

namespace proxy::supervisor {

bool SignsOfWork::look(const common::ProcessWork& so_far, common::TimePoint now) {
  const bool is_first = !since_;
  if (is_first) {
    since_ = now;
    then_ = so_far;
    return false;
  }
  // A process that has ended takes its figures with it.
  then_ = {.computed = std::min(then_.computed, so_far.computed),
           .moved_bytes = std::min(then_.moved_bytes, so_far.moved_bytes),
           .resident_bytes = std::min(then_.resident_bytes, so_far.resident_bytes)};
  const std::chrono::duration<double> wanted = rules_.computing * std::chrono::duration<double>(now - *since_);
  const auto computed = so_far.computed - then_.computed;
  const bool works = (computed >= rules_.least && computed >= wanted) || so_far.moved_bytes - then_.moved_bytes >= rules_.moved_bytes ||
                     so_far.resident_bytes - then_.resident_bytes >= rules_.grown_bytes;
  if (!works) return false;
  since_ = now;
  then_ = so_far;
  return true;
}

}  // namespace proxy::supervisor
