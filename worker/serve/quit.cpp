#include "worker/serve/quit.hpp"

#include <unistd.h>

#include "common/log.hpp"

namespace worker::serve {

void quit(common::WorkerExit code) {
  common::log::stop();
  quit_now(code);
}

void quit_now(common::WorkerExit code) { _exit(static_cast<int>(code)); }

}  // namespace worker::serve
