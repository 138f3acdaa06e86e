#include "common/tcp_listeners.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <format>
#include <sstream>
#include <string>

#include "common/child_process.hpp"
#include "common/proc_file.hpp"
#include "common/process_table.hpp"

namespace common {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kListening = "0A";  // TCP_LISTEN (include/net/tcp_states.h)
constexpr std::string_view kSocketLink = "socket:[";

// As the kernel prints an address of version 4: the number that its bytes are in memory.
std::string printed(in_addr_t address) { return std::format("{:08X}", address); }

// Whether a socket bound there takes what comes to 127.0.0.1: itself, any address, and of version 6 the same two.
bool takes_loopback(std::string_view address) {
  const std::string loopback = printed(htonl(INADDR_LOOPBACK)), any = printed(htonl(INADDR_ANY));
  const std::string mapped = std::format("{:016X}{}", 0, printed(htonl(0xFFFF)));  // ::ffff:0:0/96
  return address == loopback || address == any || address == std::string(32, '0') || address == mapped + loopback;
}

std::optional<SocketInode> inode_in(std::string_view link) {
  if (!link.starts_with(kSocketLink)) return std::nullopt;
  SocketInode inode = 0;
  auto [end, ec] = std::from_chars(link.data() + kSocketLink.size(), link.data() + link.size(), inode);
  return ec == std::errc() ? std::optional(inode) : std::nullopt;
}

}  // namespace

Result<std::uint16_t> free_loopback_port() {
  Descriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  if (!probe || ::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return fail(ErrorKind::io, std::format("looking for a free port: {}", strerror(errno)));
  return ntohs(address.sin_port);
}

std::vector<SocketInode> parse_listeners(std::string_view table, std::uint16_t port) {
  std::vector<SocketInode> found;
  std::istringstream lines{std::string(table)};
  const std::string wanted = std::format("{:04X}", port);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues, timer, retransmits, user, timeout;
    SocketInode inode = 0;
    if (!(fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode)) continue;
    const auto colon = local.rfind(':');
    if (state != kListening || colon == std::string::npos || local.substr(colon + 1) != wanted) continue;
    if (takes_loopback(std::string_view(local).substr(0, colon))) found.push_back(inode);
  }
  return found;
}

std::vector<SocketInode> listeners_at(std::uint16_t port) {
  std::vector<SocketInode> found = parse_listeners(read_proc_file("/proc/net/tcp"), port);
  for (SocketInode socket : parse_listeners(read_proc_file("/proc/net/tcp6"), port)) found.push_back(socket);
  return found;
}

std::set<SocketInode> sockets_of(pid_t pid) {
  std::set<SocketInode> found;
  std::error_code ec;
  for (fs::directory_iterator it(std::format("/proc/{}/fd", pid), ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code closed;
    if (auto socket = inode_in(fs::read_symlink(it->path(), closed).string())) found.insert(*socket);
  }
  return found;
}

std::optional<pid_t> holder_of(SocketInode socket) {
  for (const ProcessEntry& process : all_processes()) {
    if (sockets_of(process.pid).contains(socket)) return process.pid;
  }
  return std::nullopt;
}

}  // namespace common
