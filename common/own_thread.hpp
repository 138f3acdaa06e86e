// Work that may never come back, because it reads from a disk that hangs: on a thread of its own, which nobody waits for and which may
// outlive whoever started it. Nothing can call such a read off.
#pragma once

#include <functional>

#include "common/result.hpp"

namespace common {

// `work` owns what it uses, and lets no exception out. ErrorKind::io: there are no more threads, and it was not begun.
Result<void> run_on_own_thread(std::function<void()> work);

}  // namespace common
