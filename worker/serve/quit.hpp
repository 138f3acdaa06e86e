// How this process ends: at once, from whatever thread decides it, joining nothing. A thread may be deep in a decode or a disk read that
// cannot be interrupted; the kernel takes its memory back either way.
#pragma once

#include "common/worker_protocol.hpp"

namespace worker::serve {

// The log is given a moment to be written, but a reader that does not read cannot hold the process.
[[noreturn]] void quit(common::WorkerExit code);
// Not even that: the daemon is gone.
[[noreturn]] void quit_now(common::WorkerExit code);

}  // namespace worker::serve
