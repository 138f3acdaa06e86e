// Which handler answers which path. Exact paths, and one `{}` segment that matches a percent-decoded name.
#pragma once

#include <string>
#include <vector>

#include "proxy/net/connection.hpp"

namespace proxy::net {

class Router {
 public:
  // `name`: what `{}` matched, empty without one.
  using RouteHandler = std::function<boost::asio::awaitable<void>(Exchange&, std::string name)>;

  void add(std::string method, std::string pattern, RouteHandler handler);

  struct Match {
    const RouteHandler* handler = nullptr;
    std::string name;
  };
  // not_found, or method_not_allowed when the path exists with other methods.
  common::Result<Match> find(std::string_view method, std::string_view path) const;
  // The methods of a path, as an Allow field lists them.
  std::string allowed(std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::string before;  // of the pattern, up to `{}`
    std::string after;
    bool named = false;
    RouteHandler handler;
  };
  // What `{}` matched, empty without one; nothing: it is another path.
  static std::optional<std::string> match(const Route& route, std::string_view path);

  std::vector<Route> routes_;
};

// "%2F" is "/"; nothing when an escape is broken.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace proxy::net
