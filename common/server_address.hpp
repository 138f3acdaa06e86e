// Where an HTTP server listens that requests are carried to.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace common {

struct UnixAddress {
  std::string path;

  bool operator==(const UnixAddress&) const = default;
};
struct TcpAddress {
  std::string host;  // a name or a number
  std::uint16_t port = 0;

  bool operator==(const TcpAddress&) const = default;
};
using ServerAddress = std::variant<UnixAddress, TcpAddress>;

}  // namespace common
