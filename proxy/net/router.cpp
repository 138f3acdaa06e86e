#include "proxy/net/router.hpp"

#include <charconv>
#include <format>

namespace proxy::net {

using common::ErrorKind;
using common::fail;

void Router::add(std::string method, std::string pattern, RouteHandler handler) {
  auto hole = pattern.find("{}");
  Route route{
      .method = std::move(method), .before = pattern.substr(0, hole), .named = hole != std::string::npos, .handler = std::move(handler)};
  if (route.named) route.after = pattern.substr(hole + 2);
  routes_.push_back(std::move(route));
}

std::optional<std::string> Router::match(const Route& route, std::string_view path) {
  if (!route.named) return path == route.before ? std::optional<std::string>("") : std::nullopt;
  if (path.size() <= route.before.size() + route.after.size() || !path.starts_with(route.before) || !path.ends_with(route.after))
    return std::nullopt;
  return percent_decode(path.substr(route.before.size(), path.size() - route.before.size() - route.after.size()));
}

common::Result<Router::Match> Router::find(std::string_view method, std::string_view path) const {
  for (const Route& route : routes_) {
    const bool fits = route.method == method || (route.method == "GET" && method == "HEAD");
    if (!fits) continue;
    if (auto name = match(route, path)) return Match{&route.handler, std::move(*name)};
  }
  const std::string methods = allowed(path);
  if (methods.empty()) return fail(ErrorKind::not_found, std::format("there is nothing at {}", path.substr(0, 200)));
  return fail(ErrorKind::method_not_allowed, std::format("{} answers to {}, not {}", path.substr(0, 200), methods, method));
}

std::string Router::allowed(std::string_view path) const {
  std::string methods;
  for (const Route& route : routes_) {
    if (!match(route, path)) continue;
    methods += (methods.empty() ? "" : ", ") + route.method + (route.method == "GET" ? ", HEAD" : "");
  }
  return methods;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    auto [end, ec] = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
    if (ec != std::errc() || end != text.data() + i + 3) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

}  // namespace proxy::net
