#include "common/own_work.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <format>

#include "common/io_failure.hpp"
#include "common/own_thread.hpp"

namespace common {

namespace asio = boost::asio;

Result<void> WorkEnd::begin(std::function<void()> work) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::io, std::format("there is no pipe to wait with: {}", std::strerror(errno)));
  told_ = Descriptor(ends[0]);
  tells_ = Descriptor(ends[1]);
  return run_on_own_thread(std::move(work));
}

void WorkEnd::reach() {
  reached_ = true;
  tells_ = Descriptor();
}

asio::awaitable<Result<void>> WorkEnd::wait() const {
  if (reached_) co_return Result<void>();
  auto executor = co_await asio::this_coro::executor;
  // Each who waits has a descriptor of his own.
  const int own = ::fcntl(told_.get(), F_DUPFD_CLOEXEC, 0);
  if (own < 0) co_return fail(ErrorKind::io, std::format("there is no descriptor to wait with: {}", std::strerror(errno)));
  asio::posix::stream_descriptor told(executor, own);
  auto [ec] = co_await told.async_wait(asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
  if (ec) co_return io_failure("waiting for a thread", ec);
  if (!reached_) co_return fail(ErrorKind::io, "a thread's pipe was closed before its end");  // which also orders what was written before
  co_return Result<void>();
}

}  // namespace common
