#include "common/line_channel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace common {

namespace asio = boost::asio;

struct LineChannel::State : std::enable_shared_from_this<State> {
  State(asio::any_io_executor executor, int descriptor) : socket(executor, asio::local::stream_protocol(), descriptor) {}

  void write_next() {
    writing = std::move(queued);
    queued.clear();
    asio::async_write(socket, asio::buffer(writing), [self = shared_from_this()](boost::system::error_code ec, std::size_t) {
      self->writing.clear();
      if (ec) return self->break_off();
      if (!self->queued.empty()) self->write_next();
    });
  }
  // The other side has gone: whoever reads is told so, as if the reading had noticed it first.
  void break_off() {
    broken = true;
    close();
  }
  void close() {
    boost::system::error_code ignored;
    socket.close(ignored);
    queued.clear();
  }

  asio::local::stream_protocol::socket socket;
  std::string read_buffer;
  std::string writing;  // handed to the kernel; not touched until the write completes
  std::string queued;
  bool broken = false;
};

LineChannel::LineChannel(asio::any_io_executor executor, int descriptor) : state_(std::make_shared<State>(executor, descriptor)) {}
LineChannel::LineChannel(LineChannel&&) noexcept = default;
LineChannel& LineChannel::operator=(LineChannel&&) noexcept = default;
LineChannel::~LineChannel() {
  if (state_) state_->close();
}

asio::awaitable<Result<std::string>> LineChannel::read_line() {
  auto state = state_;
  auto buffer = asio::dynamic_buffer(state->read_buffer, kMaxLine);
  auto [ec, length] = co_await asio::async_read_until(state->socket, buffer, '\n', asio::as_tuple(asio::use_awaitable));
  if (ec == asio::error::operation_aborted && !state->broken) throw boost::system::system_error(ec);
  if (ec) co_return fail(ErrorKind::io, "control channel closed: " + ec.message());
  std::string line = state->read_buffer.substr(0, length - 1);
  state->read_buffer.erase(0, length);
  co_return line;
}

void LineChannel::send_line(std::string line) {
  if (!state_->socket.is_open()) return;
  if (state_->queued.size() + line.size() > kMaxQueued) return state_->break_off();
  state_->queued += line;
  state_->queued += '\n';
  if (state_->writing.empty()) state_->write_next();
}

void LineChannel::close() { state_->close(); }

}  // namespace common
