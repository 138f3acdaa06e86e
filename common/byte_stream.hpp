// A connection that is more than a socket, as HttpClient reads and writes through it: where bytes are encrypted on their way, say. It
// stands here so that who only speaks over sockets (a worker) neither links nor loads what that takes.
//
// One read and one write at a time. `done` is called with asio::error::operation_aborted when the operation was cancelled; with an error,
// or with what had come, after close(); and with asio::error::eof only where the other side has said that nothing more comes.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>

namespace common {

class ByteStream {
 public:
  using Done = boost::asio::any_completion_handler<void(boost::system::error_code, std::size_t)>;

  virtual ~ByteStream() = default;  // closes
  virtual boost::asio::any_io_executor executor() = 0;
  virtual void read_some(boost::asio::mutable_buffer into, Done done) = 0;
  virtual void write_some(boost::asio::const_buffer from, Done done) = 0;
  virtual void close() = 0;  // at once, without a farewell
};

}  // namespace common
