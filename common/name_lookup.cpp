#include "common/name_lookup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <exception>
#include <format>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "common/child_process.hpp"
#include "common/io_failure.hpp"
#include "common/own_thread.hpp"

namespace common {

namespace asio = boost::asio;
using Found = Result<asio::ip::tcp::resolver::results_type>;

namespace {

std::atomic<int> lookups = 0;

// Shared with the thread, which may outlive whoever asked: the answer, and a pipe whose writing end closes when it is there.
struct Lookup {
  std::mutex mutex;
  std::optional<Found> found;
  Descriptor told;
};

Found resolve(const std::string& host, const std::string& port) {
  asio::io_context unused(1);
  asio::ip::tcp::resolver resolver(unused);
  boost::system::error_code problem;
  auto found = resolver.resolve(host, port, problem);
  if (problem) return fail(ErrorKind::io, std::format("looking the address up: {}", problem.message()));
  return found;
}

Found resolve_safely(const std::string& host, const std::string& port) {
  try {
    return resolve(host, port);
  } catch (const std::exception& failure) {
    return fail(ErrorKind::io, std::format("looking the address up: {}", failure.what()));
  }
}

}  // namespace

asio::awaitable<Found> look_up(std::string host, std::string port) {
  if (++lookups > kMostLookups) {
    const int others = --lookups;
    co_return fail(ErrorKind::timeout, std::format("{} is not looked up: {} other lookups do not come back", host, others));
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    --lookups;
    co_return fail(ErrorKind::io, std::format("looking the address up: {}", std::strerror(errno)));
  }
  asio::posix::stream_descriptor answer(co_await asio::this_coro::executor, ends[0]);
  auto lookup = std::make_shared<Lookup>();
  lookup->told = Descriptor(ends[1]);
  auto begun = run_on_own_thread([lookup, host = std::move(host), port = std::move(port)] {
    Found found = resolve_safely(host, port);
    --lookups;
    const std::lock_guard lock(lookup->mutex);
    lookup->found = std::move(found);
    lookup->told = Descriptor();
  });
  if (!begun) {
    --lookups;
    co_return fail(ErrorKind::io, std::format("looking the address up: {}", begun.error().message()));
  }
  auto [ec] = co_await answer.async_wait(asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
  if (ec) co_return io_failure("looking the address up", ec);
  const std::lock_guard lock(lookup->mutex);
  co_return std::move(*lookup->found);
}

}  // namespace common
