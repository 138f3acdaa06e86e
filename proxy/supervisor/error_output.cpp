#include "proxy/supervisor/error_output.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>
#include <utility>

namespace proxy::supervisor {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kKeptLines = 40;
constexpr std::size_t kLongestLine = 4096;
constexpr double kLoggedPerSecond = 20;
constexpr double kLoggedAtOnce = 100;
constexpr auto kTellEvery = std::chrono::seconds(10);  // that is a line of ours, and a flood must not push the others out

}  // namespace

ErrorOutput::ErrorOutput(asio::any_io_executor executor, int fd, std::string worker)
    : pipe_(executor, fd), worker_(std::move(worker)), log_rate_(kLoggedPerSecond, kLoggedAtOnce), closed_(executor) {}

std::shared_ptr<ErrorOutput> ErrorOutput::drain(asio::any_io_executor executor, int fd, std::string worker) {
  std::shared_ptr<ErrorOutput> output(new ErrorOutput(executor, fd, std::move(worker)));
  asio::co_spawn(executor, read(output), asio::detached);  // ends by itself when the pipe's last writer is gone
  return output;
}

common::Result<ErrorOutput::Pipe> ErrorOutput::make_pipe(asio::any_io_executor executor, std::string worker) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return common::fail(common::ErrorKind::io, std::format("making the worker's error output: {}", strerror(errno)));
  common::Descriptor write_end(ends[1]);
  return Pipe{.write_end = std::move(write_end), .output = drain(executor, ends[0], std::move(worker))};
}

asio::awaitable<void> ErrorOutput::read(std::shared_ptr<ErrorOutput> output) {
  std::string pending;
  char space[4096];
  while (true) {
    auto buffer = asio::buffer(space);
    auto [ec, read] = co_await output->pipe_.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
    if (ec) break;
    pending.append(space, read);
    std::size_t start = 0;
    for (std::size_t end; (end = pending.find('\n', start)) != std::string::npos; start = end + 1)
      output->keep(pending.substr(start, end - start));
    pending.erase(0, start);
    if (pending.size() > kLongestLine) output->keep(std::exchange(pending, {}));
  }
  if (!pending.empty()) output->keep(std::move(pending));
  output->tell_left_out();
  output->closed_.set(true);
}

void ErrorOutput::keep(std::string line) {
  if (line.size() > kLongestLine) line.resize(kLongestLine);
  log(line);
  lines_.push_back(std::move(line));
  if (lines_.size() > kKeptLines) lines_.pop_front();
}

void ErrorOutput::log(const std::string& line) {
  const auto now = std::chrono::steady_clock::now();
  const bool shown = log_rate_.take(now);
  if (!shown) ++left_out_;
  else if (left_out_ > 0 && now >= next_telling_) {
    tell_left_out();
    next_telling_ = now + kTellEvery;
  }
  common::log::from_worker(kind_, worker_, line, shown);
}

void ErrorOutput::tell_left_out() {
  if (left_out_ > 0) common::log::warn("worker {}: {} lines of its error output are left out on stderr", worker_, left_out_);
  left_out_ = 0;
}

}  // namespace proxy::supervisor
