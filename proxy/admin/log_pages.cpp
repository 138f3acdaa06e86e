#include "proxy/admin/log_pages.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>
#include <limits>

#include "proxy/admin/replies.hpp"
#include "proxy/api/errors.hpp"

namespace proxy::admin {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using api::reject;
using common::Json;
using common::LogFilter;
using common::LogPiece;
using common::LogPosition;
using common::Result;

namespace {

constexpr std::size_t kPiece = 64 << 10;                 // of lines, that a reader holds while they are being sent
constexpr std::size_t kAnswer = 256 << 10;               // of lines, in one answer
constexpr auto kHeartbeat = std::chrono::seconds(10);    // of an event stream with nothing to tell
constexpr auto kSettle = std::chrono::milliseconds(20);  // who logs one line often logs more
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

bool has_reached(LogPosition position, LogPosition end) { return position.daemon >= end.daemon && position.workers >= end.workers; }

// llama-swap's names for what the daemon says and what the servers behind it say.
std::string source_of(const std::string& log) { return log == "proxy" ? "daemon" : log == "upstream" ? "worker" : log; }

}  // namespace

LogPages::LogPages(asio::any_io_executor executor, common::LogBook& book, const registry::Store& store, common::Clock& clock)
    : book_(book), store_(store), clock_(clock), added_(executor, asio::steady_timer::time_point::max()) {
  book_.wake_with([this, executor] { asio::post(executor, [this] { added_.cancel(); }); });
}

LogPages::~LogPages() { book_.wake_with(nullptr); }

void LogPages::add_routes(net::Router& router) {
  router.add("GET", "/logs", [this](net::Exchange& exchange, std::string) { return show_text(exchange); });
  router.add("GET", "/logs/stream", [this](net::Exchange& exchange, std::string) { return stream_text(exchange, ""); });
  router.add("GET", "/logs/stream/{}",
             [this](net::Exchange& exchange, std::string source) { return stream_text(exchange, std::move(source)); });
  router.add("GET", "/admin/v1/logs", [this](net::Exchange& exchange, std::string) { return show_lines(exchange); });
  router.add("GET", "/admin/v1/logs/stream", [this](net::Exchange& exchange, std::string) { return stream_lines(exchange); });
}

void LogPages::close() {
  closing_ = true;
  added_.cancel();
}

// One that left the registry is still known by what it has said.
Result<std::string> LogPages::name_model(const std::string& name) const {
  auto resolved = store_.current()->resolve(name);
  if (resolved) return resolved->model.id;
  const LogFilter filter{.daemon = false, .model = name};
  if (!name.empty() && !book_.after(book_.before_last(filter, 1), filter, 1).lines.empty()) return name;
  return common::fail(resolved.error());
}

LogPosition LogPages::begin_of(const LogQuestion& question) const {
  return question.after ? *question.after : book_.before_last(question.filter, question.lines);
}

asio::awaitable<void> LogPages::show_text(net::Exchange& exchange) {
  const LogFilter all;
  Reading reading{.filter = all, .position = book_.before_last(all, kAll)};
  co_await send(exchange, std::move(reading));
}

asio::awaitable<void> LogPages::stream_text(net::Exchange& exchange, std::string source) {
  Result<LogFilter> filter = LogFilter{};
  if (!source.empty()) filter = read_log_source(source_of(source), [this](const std::string& name) { return name_model(name); });
  if (!filter) co_return co_await reject(exchange, filter.error());
  const bool has_history = !exchange.head().query_value("no-history");
  Reading reading{.filter = *filter, .position = has_history ? book_.before_last(*filter, kAll) : book_.end(), .follow = true};
  co_await send(exchange, std::move(reading));
}

asio::awaitable<void> LogPages::show_lines(net::Exchange& exchange) {
  auto question = read_log_question(exchange.head().query, [this](const std::string& name) { return name_model(name); });
  if (!question) co_return co_await reject(exchange, question.error());
  const LogPiece piece = book_.after(begin_of(*question), question->filter, kAnswer);
  Json lines = Json::array();
  for (const common::LogLine& line : piece.lines) lines.push_back(line_json(line));
  Json json{{"lines", std::move(lines)},
            {"skipped", piece.skipped},
            {"next", to_string(piece.next)},
            {"more", !has_reached(piece.next, book_.end())}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> LogPages::stream_lines(net::Exchange& exchange) {
  auto question = read_log_question(exchange.head().query, [this](const std::string& name) { return name_model(name); });
  if (!question) co_return co_await reject(exchange, question.error());
  // A browser that lost its connection says where it was (WHATWG HTML, 9.2).
  if (auto seen = common::log_position_from(exchange.head().field("Last-Event-ID"))) question->after = seen;
  Reading reading{.filter = question->filter, .position = begin_of(*question), .form = Form::events, .follow = true};
  co_await send(exchange, std::move(reading));
}

asio::awaitable<void> LogPages::send(net::Exchange& exchange, Reading reading) {
  const bool events = reading.form == Form::events;
  net::Fields fields{{"Content-Type", events ? "text/event-stream" : "text/plain; charset=utf-8"},
                     {"Cache-Control", "no-cache"},
                     {"X-Content-Type-Options", "nosniff"}};
  auto begun = co_await exchange.begin(200, std::move(fields));
  if (!begun) co_return;
  if (exchange.head().method == "HEAD") {
    co_await exchange.finish();
    co_return;
  }
  auto writing = write(exchange, std::move(reading));
  auto watching = exchange.client_gone();
  co_await (std::move(writing) || std::move(watching));
}

asio::awaitable<Result<void>> LogPages::write(net::Exchange& exchange, Reading reading) {
  const LogPosition end = book_.end();
  auto said = clock_.now();
  while (true) {
    const bool last = closing_;  // asked before the look at what there is
    LogPiece piece = book_.after(reading.position, reading.filter, kPiece);
    reading.position = piece.next;
    std::string text = reading.form == Form::text ? text_of(piece) : events_of(piece);
    piece = {};
    if (text.empty() && reading.form == Form::events && clock_.now() - said >= kHeartbeat) text = ": nothing new\n\n";
    if (!text.empty()) {
      auto written = co_await exchange.write(text);
      if (!written) co_return written;
      said = clock_.now();
    }
    const bool at_end = has_reached(reading.position, reading.follow ? book_.end() : end);
    if (at_end && (last || !reading.follow)) co_return co_await exchange.finish();
    if (at_end || text.empty()) co_await wait(reading.position);
  }
}

asio::awaitable<void> LogPages::wait(LogPosition position) {
  if (!closing_ && book_.watch(position)) {
    auto added = added_.async_wait(asio::as_tuple(asio::use_awaitable));
    auto late = clock_.sleep_for(kHeartbeat);
    co_await (std::move(added) || std::move(late));
  }
  if (!closing_) co_await clock_.sleep_for(kSettle);
}

}  // namespace proxy::admin
