#include "worker/serve/quit.hpp"

#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include "common/log.hpp"

namespace worker::serve {

void quit(common::WorkerExit code) {
  auto flushed = std::make_shared<std::promise<void>>();
  std::thread([flushed] {
    common::log::stop();
    flushed->set_value();
  }).detach();
  flushed->get_future().wait_for(std::chrono::milliseconds(200));
  quit_now(code);
}

void quit_now(common::WorkerExit code) { _exit(static_cast<int>(code)); }

}  // namespace worker::serve
