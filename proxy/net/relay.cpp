#include "proxy/net/relay.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

#include "common/json.hpp"
#include "common/openai_error.hpp"
#include "common/whole_number.hpp"
#include "proxy/net/model_name.hpp"

namespace proxy::net {

namespace asio = boost::asio;
using common::Error;
using common::ErrorKind;
using common::Json;
using common::Result;

namespace {

constexpr std::size_t kPiece = 16 * 1024;
constexpr std::size_t kLongestHeldEvent = 1 << 20;  // an event larger than this is passed on in pieces
constexpr std::size_t kErrorBody = 64 * 1024;

std::optional<std::uint64_t> content_length(const common::HttpResponseHead& head) {
  return common::whole_number<std::uint64_t>(head.field("Content-Length"));
}

constexpr std::size_t kKeptTail = 64;  // more than the end of a stream takes

// How much of `held` may go out: everything, or in an event stream everything up to the end of the last whole event. `looked`: as there.
std::size_t sendable(std::string_view held, bool event_stream, std::size_t looked) {
  return !event_stream || held.size() > kLongestHeldEvent ? held.size() : whole_events(held, looked);
}

// Of the last of whole events, what its last line carries; empty: nothing.
std::string_view last_data(std::string_view events) {
  while (events.ends_with('\n') || events.ends_with('\r')) events.remove_suffix(1);
  std::string_view line = events.substr(events.rfind('\n') + 1);
  if (!line.starts_with("data:")) return {};
  line.remove_prefix(line.starts_with("data: ") ? 6 : 5);
  return line;
}

const char* unfinished(StreamEnd end) {
  return end == StreamEnd::done ? "the stream ended without [DONE]" : "the stream ended without an event that says \"stop\": true";
}

asio::awaitable<Relayed> relay_body(common::HttpClient& upstream, Exchange& exchange, bool event_stream, RelayOptions options) {
  // The head of a stream promises nothing that a second worker could not keep; that of a body of known length does.
  Relayed relayed{.forwarded = !event_stream, .event_stream = event_stream};
  std::string held;
  std::size_t looked = 0;  // bytes of it in which no event ends
  std::string tail;  // of what was read
  bool stopped = false;  // by what the last event says that went out
  std::optional<Error> told;  // by the server, in the last event that went out: it ends after that
  std::optional<ModelName> naming;
  if (options.model) naming.emplace(*options.model, event_stream);
  const auto is_whole = [&] { return options.stream_end == StreamEnd::done ? ends_with_done(tail) : stopped && held.empty(); };
  std::array<char, kPiece> space;
  while (true) {
    std::span<char> window(space);
    if (options.listening) options.listening(true);
    auto read = co_await upstream.read_some(window);
    if (read && options.listening) options.listening(false);
    // A stream says itself when it is whole: what becomes of its connection then is of no interest. An answer that ended as HTTP and not as
    // what it is is incomplete all the same, and a clean end would hide it.
    if (!read && event_stream && is_whole()) read = 0;
    if (read && *read == 0 && event_stream && !is_whole()) read = common::fail(ErrorKind::io, unfinished(options.stream_end));
    if (read && *read == 0 && naming && naming->in_object()) read = common::fail(ErrorKind::io, "the answer ended inside a JSON object");
    if (!read) {
      relayed.end = RelayEnd::upstream_lost;
      relayed.own_words = relayed.told = told.has_value();
      relayed.error = told ? std::move(*told) : read.error();
      co_return relayed;
    }
    const std::string_view piece_read(space.data(), *read);
    if (naming) held += naming->pass(piece_read);
    else held += piece_read;
    tail += piece_read;
    if (tail.size() > kKeptTail) tail.erase(0, tail.size() - kKeptTail);
    const std::size_t ready = *read == 0 ? held.size() : sendable(held, event_stream, looked);
    std::string_view piece = std::string_view(held).substr(0, ready);
    auto written = co_await exchange.write(piece);
    if (written && *read == 0) written = co_await exchange.finish();
    if (!written) {
      relayed.end = RelayEnd::client_lost;
      relayed.error = written.error();
      co_return relayed;
    }
    if (event_stream && ready > 0) told = error_told_in(piece);
    if (options.stream_end == StreamEnd::stop && ready > 0) stopped = says_stop(piece);
    relayed.forwarded = relayed.forwarded || ready > 0;
    if (options.first_piece && ready > 0) std::exchange(options.first_piece, nullptr)();
    if (*read == 0) co_return relayed;
    held.erase(0, ready);
    looked = held.size();
  }
}

Error no_stream() { return Error(ErrorKind::internal, "a stream was asked for, and the server answered with none"); }

// No answer to a question: such a message has no body (RFC 9112, 6.3), and 101 ends HTTP.
bool answers_nothing(unsigned status) { return status < 200 || status == 204 || status == 304; }

Error no_answer(unsigned status) {
  return Error(ErrorKind::internal, std::format("the server answered with status {}, which is none to what it was asked", status));
}

// The client has had 200 and comments already, so the worker's refusal becomes an error of the stream.
asio::awaitable<Relayed> relay_late_refusal(common::HttpClient& upstream, unsigned status) {
  std::string body;
  std::array<char, kPiece> space;
  std::span<char> window(space);
  while (body.size() < kErrorBody) {
    auto read = co_await upstream.read_some(window);
    if (!read || *read == 0) break;
    body.append(space.data(), *read);
  }
  co_return Relayed{.end = RelayEnd::upstream_lost,
                    .forwarded = true,
                    .event_stream = true,
                    .error = common::refusal_of(body, status),
                    .own_words = true};
}

}  // namespace

// At a blank line. Line breaks may be of either kind (WHATWG HTML, 9.2.5). Everything that workers say goes through here, so a byte is
// looked at once.
std::size_t whole_events(std::string_view held, std::size_t looked) {
  for (std::size_t end = held.size(); end > looked; --end) {
    if (held[end - 1] != '\n') continue;
    std::string_view before = held.substr(0, end - 1);
    if (before.ends_with('\r')) before.remove_suffix(1);
    if (before.ends_with('\n')) return end;
  }
  return 0;
}

bool ends_with_done(std::string_view tail) {
  if (!tail.ends_with("\n\n") && !tail.ends_with("\r\n\r\n")) return false;
  while (tail.ends_with('\n') || tail.ends_with('\r')) tail.remove_suffix(1);
  const auto line = tail.substr(tail.rfind('\n') + 1);  // the whole of it, where there is no break before
  return line == "data: [DONE]" || line == "data:[DONE]";
}

// Everything that workers say goes through here, too: only what looks like an error is read.
std::optional<Error> error_told_in(std::string_view events) {
  const std::string_view data = last_data(events);
  if (!data.starts_with(R"({"error")")) return std::nullopt;
  return common::refusal_of(data, 500);
}

bool says_stop(std::string_view events) {
  const std::string_view data = last_data(events);
  if (!data.contains("\"stop\"")) return false;
  const auto json = common::parse_json(data);
  return json && json->is_object() && json->value("stop", Json()) == true;
}

StreamEnd stream_end_of(std::string_view path) { return path == "/infill" ? StreamEnd::stop : StreamEnd::done; }

asio::awaitable<Relayed> relay(common::HttpClient& upstream, Exchange& exchange, RelayOptions options) {
  if (options.listening) options.listening(true);
  auto head = co_await upstream.read_head();
  if (!head) co_return Relayed{.end = RelayEnd::upstream_lost, .event_stream = exchange.begun(), .error = head.error()};
  if (options.listening) options.listening(false);
  const bool event_stream = head->field("Content-Type").starts_with("text/event-stream");
  if (options.judge) {
    if (auto why = options.judge(*head))
      co_return Relayed{.end = RelayEnd::upstream_lost, .forwarded = true, .event_stream = exchange.begun(), .error = std::move(*why)};
  }
  if (answers_nothing(head->status))
    co_return Relayed{.end = RelayEnd::upstream_lost, .forwarded = true, .event_stream = exchange.begun(), .error = no_answer(head->status)};
  if (exchange.begun()) {
    if (head->status != 200) co_return co_await relay_late_refusal(upstream, head->status);
    if (!event_stream) co_return Relayed{.end = RelayEnd::upstream_lost, .forwarded = true, .event_stream = true, .error = no_stream()};
    co_return co_await relay_body(upstream, exchange, event_stream, std::move(options));
  }
  Fields fields;
  for (const char* name : {"Content-Type", "Cache-Control", "Retry-After"}) {
    if (auto value = head->field(name); !value.empty()) fields.emplace_back(name, value);
  }
  auto length = options.model ? std::nullopt : content_length(*head);  // another name has another length
  auto begun = co_await exchange.begin(head->status, std::move(fields), length);
  if (!begun) co_return Relayed{.end = RelayEnd::client_lost, .event_stream = event_stream, .error = begun.error()};
  co_return co_await relay_body(upstream, exchange, event_stream, std::move(options));
}

}  // namespace proxy::net
