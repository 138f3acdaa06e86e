// Who listens on a TCP port of this machine: so that a server that was told to listen there can be told from one that happens to. Linux;
// read on the spot from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace common {

// A port of 127.0.0.1 on which nobody listens at this moment. Nothing keeps it free.
Result<std::uint16_t> free_loopback_port();

// A socket's number in the kernel, as /proc shows it.
using SocketInode = std::uint64_t;

// Sockets that take connections to 127.0.0.1 at that port, in the text of /proc/net/tcp or /proc/net/tcp6.
std::vector<SocketInode> parse_listeners(std::string_view table, std::uint16_t port);
// Those that there are now.
std::vector<SocketInode> listeners_at(std::uint16_t port);

// The sockets that a process has open; none when it may not be looked at.
std::set<SocketInode> sockets_of(pid_t pid);
// Somebody who has it open, as far as we may look.
std::optional<pid_t> holder_of(SocketInode socket);

}  // namespace common
