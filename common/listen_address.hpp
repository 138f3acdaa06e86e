// Where the daemon listens: "127.0.0.1:11434", "[::1]:8080", "0.0.0.0:80", "localhost:11434".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace common {

struct ListenAddress {
  std::string host;  // a number, without brackets
  std::uint16_t port = 0;

  bool loopback() const;
};

// ErrorKind::bad_request says what is wrong.
Result<ListenAddress> parse_listen_address(std::string_view text);

// The parts of such a text as they are written, without brackets, whatever they are. They point into it.
struct HostAndPort {
  std::string_view host, port;
};
// Nothing: there is no colon.
std::optional<HostAndPort> split_address(std::string_view text);
// A host as it stands before a port: the number of an address of version 6 in brackets.
std::string bracketed(std::string_view host);

}  // namespace common
