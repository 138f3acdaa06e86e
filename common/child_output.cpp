#include "common/child_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancel_at.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <format>

namespace common {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kLongestOutput = 64 << 10;

// Up to its end or until nobody has patience any more; false then.
asio::awaitable<bool> read_all(asio::posix::stream_descriptor& pipe, std::string& output, std::chrono::steady_clock::time_point deadline) {
  char space[4096];
  while (output.size() < kLongestOutput) {
    auto buffer = asio::buffer(space);
    auto token = asio::cancel_at(deadline, asio::as_tuple(asio::use_awaitable));
    auto [ec, read] = co_await pipe.async_read_some(buffer, token);
    if (ec == asio::error::operation_aborted) co_return false;
    if (ec) co_return true;
    output.append(space, read);
  }
  co_return true;
}

}  // namespace

asio::awaitable<Result<ChildOutput>> run_for_output(SpawnRequest request, std::chrono::milliseconds patience) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) co_return fail(ErrorKind::io, std::format("no pipe can be made for {}", request.program.string()));
  Descriptor writing(ends[1]);
  auto executor = co_await asio::this_coro::executor;
  asio::posix::stream_descriptor reading(executor, ends[0]);
  request.error_output = writing.get();
  const std::string program = request.program.string();
  auto child = ChildProcess::spawn(executor, std::move(request));
  writing.reset();
  if (!child) co_return fail(child.error());
  ChildOutput output;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const bool ended = co_await read_all(reading, output.text, deadline);
  if (!ended) child->signal_group(SIGKILL);
  output.status = co_await child->wait();
  if (!ended) co_return fail(ErrorKind::timeout, std::format("{} took longer than {} ms", program, patience.count()));
  co_return output;
}

}  // namespace common
