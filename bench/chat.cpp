#include "bench/chat.hpp"

#include <array>

#include "common/http_client.hpp"
#include "common/openai_error.hpp"

namespace bench {

namespace asio = boost::asio;
using common::ErrorKind;
using common::fail;
using common::HttpClient;
using common::Json;
using common::Result;

namespace {

constexpr std::size_t kPiece = 16 * 1024;

// Whatever the model made: what it says, what it thinks, what it calls.
bool has_text(const Json& event) {
  if (!event.contains("choices") || event["choices"].empty()) return false;
  const Json& delta = event["choices"][0]["delta"];
  for (const char* field : {"content", "reasoning_content"}) {
    if (delta.contains(field) && delta[field].is_string() && !delta[field].get_ref<const std::string&>().empty()) return true;
  }
  return delta.contains("tool_calls");
}

// Follows the events of one answer as they come in.
class Follower {
 public:
  explicit Follower(common::TimePoint sent) { times_.sent = sent; }

  void take(std::string_view bytes) {
    const auto now = std::chrono::steady_clock::now();
    text_ += bytes;
    std::size_t start = 0;
    for (std::size_t end; (end = text_.find('\n', start)) != std::string::npos; start = end + 1) {
      std::string_view line(text_.data() + start, end - start);
      if (line.starts_with("data: ")) take_event(line.substr(6), now);
    }
    text_.erase(0, start);
  }

  Result<ChatTimes> result() const {
    if (error_) return fail(*error_);
    if (!done_) return fail(ErrorKind::io, "the stream ended without [DONE]");
    if (pieces_ == 0) return fail(ErrorKind::io, "the answer held no text");
    ChatTimes times = times_;
    if (times.completion_tokens == 0) times.completion_tokens = pieces_;
    return times;
  }

 private:
  void take_event(std::string_view data, common::TimePoint now) {
    if (data == "[DONE]") {
      done_ = true;
      return;
    }
    auto event = common::parse_json(data);
    if (!event || !event->is_object()) {
      error_ = common::Error(ErrorKind::io, "an event of the stream is not JSON");
    } else if (event->contains("error")) {
      error_ = common::from_openai_error(data, ErrorKind::io);
    } else {
      count(*event, now);
    }
  }

  void count(const Json& event, common::TimePoint now) {
    if (has_text(event)) {
      if (pieces_++ == 0) times_.first_token = now;
      times_.last_token = now;
    }
    if (event.contains("usage") && event["usage"].is_object()) {
      times_.prompt_tokens = event["usage"].value("prompt_tokens", std::uint64_t{0});
      times_.completion_tokens = event["usage"].value("completion_tokens", std::uint64_t{0});
    }
  }

  std::string text_;
  ChatTimes times_;
  std::uint64_t pieces_ = 0;
  bool done_ = false;
  std::optional<common::Error> error_;
};

}  // namespace

asio::awaitable<Result<ChatTimes>> timed_chat(std::string port, Json body) {
  body["stream"] = true;
  body["stream_options"] = {{"include_usage", true}};
  common::HttpRequest request{.method = "POST",
                              .target = "/v1/chat/completions",
                              .fields = {{"Content-Type", "application/json"}},
                              .body = common::dump_json(body)};
  const auto sent_at = std::chrono::steady_clock::now();
  auto client = co_await HttpClient::connect_tcp("127.0.0.1", port);
  if (!client) co_return fail(client.error());
  auto sent = co_await client->send(std::move(request));
  if (!sent) co_return fail(sent.error());
  auto head = co_await client->read_head();
  if (!head) co_return fail(head.error());
  Follower follower(sent_at);
  std::string refusal;
  std::array<char, kPiece> space;
  while (true) {
    std::span<char> window(space);
    auto read = co_await client->read_some(window);
    if (!read) co_return fail(read.error());
    if (*read == 0) break;
    std::string_view bytes(space.data(), *read);
    if (head->status == 200) follower.take(bytes);
    else refusal += bytes;
  }
  if (head->status != 200) co_return fail(common::from_openai_error(refusal, ErrorKind::io));
  co_return follower.result();
}

}  // namespace bench
