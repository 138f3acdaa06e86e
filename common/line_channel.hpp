// Lines over a Unix stream socket, both ways: the transport under the control protocol.
//
// Owned by one loop thread. Reading is a coroutine; sending queues and returns. A peer that stops reading is cut off once kMaxQueued bytes
// wait for it, so that it can never hold the sender's memory or time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "common/result.hpp"

namespace common {

class LineChannel {
 public:
  static constexpr std::size_t kMaxLine = 1 << 20;
  static constexpr std::size_t kMaxQueued = 4 << 20;

  // Takes ownership of `descriptor`, a connected Unix stream socket.
  LineChannel(boost::asio::any_io_executor executor, int descriptor);
  LineChannel(LineChannel&&) noexcept;
  LineChannel& operator=(LineChannel&&) noexcept;
  ~LineChannel();  // closes

  // The next line without its break. ErrorKind::io once the peer has closed or sent a line longer than kMaxLine.
  boost::asio::awaitable<Result<std::string>> read_line();
  void send_line(std::string line);
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the pending write, which may outlive this object by one loop turn
};

}  // namespace common
