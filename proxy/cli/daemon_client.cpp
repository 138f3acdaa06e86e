#include "proxy/cli/daemon_client.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cctype>
#include <format>

#include "common/listen_address.hpp"
#include "common/openai_error.hpp"

namespace proxy::cli {

namespace asio = boost::asio;
using common::ErrorKind;
using common::fail;
using common::HttpClient;
using common::Json;
using common::Result;

namespace {

struct Place {
  std::string host, port;
};

Result<Place> place_of(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return fail(ErrorKind::bad_request, std::format("the address must start with http://, not \"{}\"", url));
  std::string_view authority = url.substr(kScheme.size());
  authority = authority.substr(0, authority.find('/'));
  const auto parts = common::split_address(authority);
  return parts ? Place{std::string(parts->host), std::string(parts->port)} : Place{std::string(authority), "80"};
}

// Runs one coroutine to its end, or until nobody has patience any more, on a loop of its own.
template <class T>
Result<T> run(asio::awaitable<Result<T>> task, std::optional<std::chrono::milliseconds> patience = std::nullopt) {
  Result<T> outcome = fail(ErrorKind::timeout, "no answer came in time");
  asio::io_context loop(1);
  asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown, Result<T> result) {
    if (thrown) std::rethrow_exception(thrown);
    outcome = std::move(result);
  });
  if (patience) loop.run_for(*patience);
  else loop.run();
  return outcome;
}

common::HttpRequest request_of(std::string method, std::string path, std::string body) {
  return {
      .method = std::move(method), .target = std::move(path), .fields = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

asio::awaitable<Result<common::HttpResponse>> exchange(Place place, common::HttpRequest request) {
  auto client = co_await HttpClient::connect_tcp(place.host, place.port);
  if (!client) co_return fail(client.error());
  co_return co_await client->exchange(std::move(request));
}

// Calls `on_data` for every whole `data:` line in `text`, which keeps what is left. False when told to stop.
bool take_events(std::string& text, const std::function<bool(const std::string&)>& on_data) {
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    std::string_view line(text.data() + start, end - start);
    if (line.starts_with("data: ") && !on_data(std::string(line.substr(6)))) return false;
  }
  text.erase(0, start);
  return true;
}

asio::awaitable<Result<void>> read_events(Place place, common::HttpRequest request, std::function<bool(const std::string&)> on_data) {
  auto client = co_await HttpClient::connect_tcp(place.host, place.port);
  if (!client) co_return fail(client.error());
  auto sent = co_await client->send(std::move(request));
  if (!sent) co_return fail(sent.error());
  auto head = co_await client->read_head();
  if (!head) co_return fail(head.error());
  std::string text;
  std::array<char, 4096> space;
  while (true) {
    std::span<char> window(space);
    auto read = co_await client->read_some(window);
    if (!read) co_return fail(read.error());
    if (*read == 0) break;
    text.append(space.data(), *read);
    if (head->status == 200 && !take_events(text, on_data)) co_return Result<void>();
  }
  if (head->status != 200) co_return fail(common::from_openai_error(text, ErrorKind::internal));
  co_return Result<void>();
}

}  // namespace

Result<Json> DaemonClient::call(std::string method, std::string path, std::string body) const {
  auto place = place_of(url_);
  if (!place) return fail(place.error());
  auto response = run(exchange(*place, request_of(std::move(method), std::move(path), std::move(body))), patience_);
  if (!response) return fail(response.error());
  if (response->head.status != 200) return fail(common::from_openai_error(response->body, ErrorKind::internal));
  return common::parse_json(response->body);
}

Result<void> DaemonClient::stream(std::string path, std::string body, std::function<bool(const std::string&)> on_data) const {
  auto place = place_of(url_);
  if (!place) return fail(place.error());
  return run(read_events(*place, request_of("POST", std::move(path), std::move(body)), std::move(on_data)));
}

Result<void> DaemonClient::follow(std::string path, std::function<bool(const std::string&)> on_data) const {
  auto place = place_of(url_);
  if (!place) return fail(place.error());
  return run(read_events(*place, request_of("GET", std::move(path), {}), std::move(on_data)));
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '~') out += c;
    else out += std::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace proxy::cli
