// Notices that a client has left while its answer is being made, and says so once. Lives in the frame of the coroutine that serves it.
//
// Reading is suspended then, so the socket becomes readable either by end-of-file or by a pipelined request. Bytes of the latter would hide
// an end-of-file behind them; a connection with such bytes is looked at from time to time instead.
#pragma once

#include <functional>
#include <memory>

#include "worker/serve/exchange.hpp"

namespace worker::serve {

class ClientWatch {
 public:
  // `left` runs on the event loop, never after the watch is gone.
  ClientWatch(Socket& socket, std::function<void()> left);
  ~ClientWatch();
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace worker::serve
