#include "worker/serve/job.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace worker::serve {

namespace asio = boost::asio;

Job::Job(JobRequest request, asio::any_io_executor executor, std::function<void()> wake_engine)
    : request_(std::move(request)),
      executor_(executor),
      wake_engine_(std::move(wake_engine)),
      arrival_(executor, asio::steady_timer::time_point::max()) {}

bool Job::full() const {
  std::lock_guard lock(mutex_);
  return pieces_ >= kMaxPieces || text_.size() >= kMaxBytes;
}

void Job::push(std::string_view text) {
  if (text.empty()) return;
  std::lock_guard lock(mutex_);
  text_ += text;
  ++pieces_;
  wake_reader();
}

void Job::finish(Finish finish) {
  std::lock_guard lock(mutex_);
  finish_ = std::move(finish);
  wake_reader();
}

void Job::wake_reader() {
  if (!std::exchange(reader_waits_, false)) return;
  asio::post(executor_, [self = shared_from_this()] { self->arrival_.cancel(); });
}

asio::awaitable<Job::Progress> Job::next() {
  auto self = shared_from_this();
  while (true) {
    bool was_full = full();
    {
      std::lock_guard lock(mutex_);
      if (cancelled() || finish_ || !text_.empty()) {
        Progress progress{.text = std::exchange(text_, {}), .finish = std::exchange(finish_, {}), .cancelled = cancelled()};
        pieces_ = 0;
        if (was_full) wake_engine_();
        co_return progress;
      }
      reader_waits_ = true;
    }
    co_await arrival_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void Job::cancel() {
  if (cancelled_.exchange(true, std::memory_order_relaxed)) return;
  arrival_.cancel();
  wake_engine_();
}

}  // namespace worker::serve
