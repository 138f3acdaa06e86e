#include "bench/swap_watch.hpp"

#include <span>

#include "common/http_client.hpp"
#include "common/json.hpp"

namespace bench {

namespace asio = boost::asio;
using common::Duration;
using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

constexpr std::size_t kPiece = 64 * 1024;

Duration duration_of(double seconds) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)); }

common::TimePoint epoch_on_steady_clock() { return std::chrono::steady_clock::now() - std::chrono::system_clock::now().time_since_epoch(); }

}  // namespace

void SwapReader::take(std::string_view bytes) {
  text_ += bytes;
  std::size_t start = 0;
  for (std::size_t end; (end = text_.find('\n', start)) != std::string::npos; start = end + 1) {
    take_line(std::string_view(text_).substr(start, end - start));
  }
  text_.erase(0, start);
}

void SwapReader::take_line(std::string_view line) {
  if (line.starts_with("event: ")) in_swap_ = line == "event: swap";
  if (in_swap_ && line.starts_with("data: ")) take_swap(line.substr(6));
}

void SwapReader::take_swap(std::string_view data) {
  auto event = common::parse_json(data);
  if (!event || !event->contains("time") || !event->contains("seconds")) return;
  const common::TimePoint ready = epoch_ + duration_of(event->value("time", 0.0));
  swaps_.push_back({.began = ready - duration_of((*event)["seconds"].value("total", 0.0)), .ready = ready});
}

SwapWatch::SwapWatch(std::string port) : port_(std::move(port)), reader_(epoch_on_steady_clock()) {}

asio::awaitable<void> SwapWatch::follow() {
  auto reading = read_events();
  auto outcome = co_await std::move(reading);
  failure_ = outcome ? common::Error(ErrorKind::io, "the daemon's events ended") : outcome.error();
}

asio::awaitable<Result<void>> SwapWatch::read_events() {
  auto client = co_await common::HttpClient::connect_tcp("127.0.0.1", port_);
  if (!client) co_return fail(client.error());
  common::HttpRequest request{.target = "/admin/v1/events?after=0"};
  auto sent = co_await client->send(std::move(request));
  if (!sent) co_return fail(sent.error());
  auto head = co_await client->read_head();
  if (!head) co_return fail(head.error());
  if (head->status != 200) co_return fail(ErrorKind::io, "the daemon does not tell its events");
  std::vector<char> space(kPiece);
  while (true) {
    std::span<char> window(space);
    auto read = co_await client->read_some(window);
    if (!read) co_return fail(read.error());
    if (*read == 0) co_return Result<void>();
    reader_.take(std::string_view(space.data(), *read));
  }
}

}  // namespace bench
