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

common::Result<Router::Match> Router::find(std::string_view method, std::string_view path) const {
  std::string allowed;
  for (const Route& route : routes_) {
    std::string name;
    if (route.named) {
      if (path.size() <= route.before.size() + route.after.size() || !path.starts_with(route.before) || !path.ends_with(route.after))
        continue;
      auto decoded = percent_decode(path.substr(route.before.size(), path.size() - route.before.size() - route.after.size()));
      if (!decoded) continue;
      name = std::move(*decoded);
    } else if (path != route.before) {
      continue;
    }
    const bool fits = route.method == method || (route.method == "GET" && method == "HEAD");
    if (fits) return Match{&route.handler, std::move(name)};
    allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  if (allowed.empty()) return fail(ErrorKind::not_found, std::format("there is nothing at {}", path.substr(0, 200)));
  return fail(ErrorKind::method_not_allowed, std::format("{} answers to {}, not {}", path.substr(0, 200), allowed, method));
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
