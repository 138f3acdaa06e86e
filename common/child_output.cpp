#include "common/child_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancel_at.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <format>

namespace common {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr std::size_t kLongestOutput = 64 << 10;
constexpr auto kLetGo = std::chrono::seconds(5);  // what the kernel gets to let go of one that was killed

// Up to its end or until nobody has patience any more; false then. What is too much is read too: it must not keep the child from ending.
asio::awaitable<bool> read_all(asio::posix::stream_descriptor& pipe, std::string& output, std::chrono::steady_clock::time_point deadline) {
  char space[4096];
  while (std::chrono::steady_clock::now() < deadline) {  // what is there already is read before any deadline is looked at
    auto buffer = asio::buffer(space);
    auto token = asio::cancel_at(deadline, asio::as_tuple(asio::use_awaitable));
    auto [ec, read] = co_await pipe.async_read_some(buffer, token);
    if (ec == asio::error::operation_aborted) co_return false;
    if (ec) co_return true;
    output.append(space, std::min(read, kLongestOutput - output.size()));
  }
  co_return false;
}

// One that has closed its output may stay all the same. False: nobody has patience any more.
asio::awaitable<bool> wait_for_end(ChildProcess& child, ExitStatus& status, std::chrono::steady_clock::time_point deadline) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, deadline);
  auto ending = child.wait();
  auto patience = timer.async_wait(asio::as_tuple(asio::use_awaitable));
  auto first = co_await (std::move(ending) || std::move(patience));
  if (first.index() == 1) co_return false;
  status = std::get<0>(first);
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
  auto child = ChildProcess::spawn(executor, request);
  writing.reset();
  if (!child) co_return fail(child.error());
  ChildOutput output;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  bool ended = co_await read_all(reading, output.text, deadline);
  if (ended) ended = co_await wait_for_end(*child, output.status, deadline);
  if (ended) co_return output;
  if (!child->reaped()) child->signal_group(SIGKILL);
  const auto give_up = std::chrono::steady_clock::now() + kLetGo;
  static_cast<void>(co_await wait_for_end(*child, output.status, give_up));
  co_return fail(ErrorKind::timeout, std::format("{} took longer than {} ms", program, patience.count()));
}

}  // namespace common
