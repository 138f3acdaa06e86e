#include "proxy/net/message.hpp"

#include <boost/beast/core/string.hpp>

namespace proxy::net {

std::string_view RequestHead::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (boost::beast::iequals(key, name)) return value;
  }
  return {};
}

std::size_t RequestHead::count(std::string_view name) const {
  std::size_t n = 0;
  for (const auto& [key, value] : fields) n += boost::beast::iequals(key, name);
  return n;
}

std::optional<std::string_view> RequestHead::query_value(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    auto equals = pair.find('=');
    if (pair.substr(0, equals) == name) return equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
  }
  return std::nullopt;
}

}  // namespace proxy::net
