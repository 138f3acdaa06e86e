#include "worker/serve/job.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace worker::serve {

namespace asio = boost::asio;

Mailbox::Mailbox(asio::any_io_executor executor) : executor_(executor), arrival_(executor, asio::steady_timer::time_point::max()) {}

void Mailbox::knock() {
  std::lock_guard lock(mutex_);
  knocked_ = true;
  if (!std::exchange(waiting_, false)) return;
  asio::post(executor_, [self = shared_from_this()] { self->arrival_.cancel(); });
}

asio::awaitable<void> Mailbox::wait() {
  auto self = shared_from_this();
  while (true) {
    {
      std::lock_guard lock(mutex_);
      if (std::exchange(knocked_, false)) co_return;
      waiting_ = true;
    }
    co_await arrival_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

Job::Job(JobRequest request, std::shared_ptr<Mailbox> mailbox, std::function<void()> wake_engine)
    : request_(std::move(request)), mailbox_(std::move(mailbox)), wake_engine_(std::move(wake_engine)) {}

bool Job::full() const {
  std::lock_guard lock(mutex_);
  return full_locked();
}

void Job::push(std::string_view text, std::vector<TokenRecord> records) {
  if (text.empty() && records.empty()) return;
  {
    std::lock_guard lock(mutex_);
    text_ += text;
    std::ranges::move(records, std::back_inserter(records_));
    ++pieces_;
  }
  mailbox_->knock();
}

void Job::finish(Finish finish) {
  {
    std::lock_guard lock(mutex_);
    finish_ = std::move(finish);
  }
  mailbox_->knock();
}

Job::Progress Job::take() {
  std::lock_guard lock(mutex_);
  if (full_locked()) wake_engine_();
  pieces_ = 0;
  return {.text = std::exchange(text_, {}),
          .records = std::exchange(records_, {}),
          .finish = std::exchange(finish_, {}),
          .cancelled = cancelled()};
}

asio::awaitable<Job::Progress> Job::next() {
  while (true) {
    Progress progress = take();
    if (progress.any()) co_return progress;
    co_await mailbox_->wait();
  }
}

void Job::cancel() {
  if (cancelled_.exchange(true, std::memory_order_relaxed)) return;
  mailbox_->knock();
  wake_engine_();
}

}  // namespace worker::serve
