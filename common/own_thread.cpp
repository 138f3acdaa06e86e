#include "common/own_thread.hpp"

#include <system_error>
#include <thread>

namespace common {

Result<void> run_on_own_thread(std::function<void()> work) {
  try {
    std::thread(std::move(work)).detach();
    return {};
  } catch (const std::system_error& failure) {
    return fail(ErrorKind::io, failure.what());
  }
}

}  // namespace common
