// What a worker writes to its error output: always read, the last lines kept, and passed on to the log: to what is kept of it in full
// (common/log_book.hpp), to stderr at a bounded rate, so that a worker that floods it neither blocks on a full pipe nor fills the log.
//
// It reads for as long as anybody holds the other end of the pipe, which may be longer than the worker's owner wants to know of it: hence
// shared.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/child_process.hpp"
#include "common/log.hpp"
#include "common/one_shot.hpp"
#include "common/token_bucket.hpp"

namespace proxy::supervisor {

class ErrorOutput {
 public:
  // Starts to read `fd`, which becomes its own. `worker` stands before its lines in the log.
  static std::shared_ptr<ErrorOutput> drain(boost::asio::any_io_executor executor, int fd, std::string worker);

  // A pipe that is drained, and the end of it that a child is to write to.
  struct Pipe {
    common::Descriptor write_end;
    std::shared_ptr<ErrorOutput> output;
  };
  static common::Result<Pipe> make_pipe(boost::asio::any_io_executor executor, std::string worker);

  // What stands before its lines from now on.
  void rename(std::string worker) { worker_ = std::move(worker); }
  // Its lines do not begin with a level as ours do.
  void is_foreign() { kind_ = common::log::WorkerKind::foreign; }
  // The last 40, oldest first, each cut at 4096 bytes.
  std::vector<std::string> last_lines() const { return {lines_.begin(), lines_.end()}; }
  // Returns when nobody can write to it any more and all of it was read.
  boost::asio::awaitable<bool> closed() { return closed_.take(); }

 private:
  ErrorOutput(boost::asio::any_io_executor executor, int fd, std::string worker);
  static boost::asio::awaitable<void> read(std::shared_ptr<ErrorOutput> output);
  void keep(std::string line);
  void log(const std::string& line);
  void tell_left_out();

  boost::asio::posix::stream_descriptor pipe_;
  std::string worker_;
  common::log::WorkerKind kind_ = common::log::WorkerKind::own;
  std::deque<std::string> lines_;
  common::TokenBucket log_rate_;
  std::size_t left_out_ = 0;  // lines since that was last told
  std::chrono::steady_clock::time_point next_telling_{};
  common::OneShot<bool> closed_;
};

}  // namespace proxy::supervisor
