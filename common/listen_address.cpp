#include "common/listen_address.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <format>

#include "common/whole_number.hpp"

namespace common {

bool ListenAddress::loopback() const { return boost::asio::ip::make_address(host).is_loopback(); }

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto bad = [text] {
    return fail(ErrorKind::bad_request,
                std::format("\"{}\" is no listen address: ADDRESS:PORT is expected, as in 127.0.0.1:11434 or [::1]:11434", text));
  };
  const auto parts = split_address(text);
  if (!parts) return bad();
  const bool is_name = parts->host == "localhost" && !text.starts_with('[');  // brackets hold numbers
  const std::string host(is_name ? "127.0.0.1" : parts->host);
  const auto port = whole_number<std::uint16_t>(parts->port);
  boost::system::error_code ec;
  boost::asio::ip::make_address(host, ec);
  if (!port || ec) return bad();
  return ListenAddress{.host = host, .port = *port};
}

std::optional<HostAndPort> split_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return HostAndPort{.host = host, .port = text.substr(colon + 1)};
}

std::string bracketed(std::string_view host) { return host.contains(':') ? std::format("[{}]", host) : std::string(host); }

}  // namespace common
