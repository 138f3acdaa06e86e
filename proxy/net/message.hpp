// An HTTP request's head as the rest of the daemon sees it, and a whole answer. Plain values; Beast stays behind exchange.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace proxy::net {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct RequestHead {
  std::string method;
  std::string target;  // in origin form: path and query
  std::string path;    // without the query, percent-decoding not applied
  std::string query;   // without '?'
  Fields fields;       // in order, names as sent
  unsigned version = 11;

  std::string_view field(std::string_view name) const;  // the first of that name (any case), or empty
  std::size_t count(std::string_view name) const;
  // The value of `name=value` in the query, or nothing.
  std::optional<std::string_view> query_value(std::string_view name) const;
};

struct Answer {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  Fields fields;
};

}  // namespace proxy::net
