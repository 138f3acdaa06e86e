#include "common/tcp_listeners.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <format>

#include "common/child_process.hpp"

namespace common {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// As the kernel of this machine prints it.
std::string address(in_addr_t number) { return std::format("{:08X}", htonl(number)); }

std::string line(const std::string& local, const char* state, int inode) {
  return std::format("   0: {} 00000000:0000 {} 00000000:00000000 00:00000000 00000000  1000        0 {} 1 0000000000000000 100 0 0 10 0\n",
                     local, state, inode);
}

TEST(TcpListeners, OnlyWhatTakesConnectionsToLoopbackAtThatPortCounts) {
  const std::string loopback = address(INADDR_LOOPBACK), any = address(INADDR_ANY), other = address(INADDR_LOOPBACK + 1);
  const std::string table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
                            line(loopback + ":1F90", "0A", 1) + line(any + ":1F90", "0A", 2) + line(other + ":1F90", "0A", 3) +
                            line(loopback + ":1F91", "0A", 4) + line(loopback + ":1F90", "01", 5) + "half a li";
  EXPECT_THAT(parse_listeners(table, 0x1F90), ElementsAre(1, 2));
}

TEST(TcpListeners, VersionSixTakesThemToo) {
  const std::string mapped = std::string(16, '0') + address(0xFFFF) + address(INADDR_LOOPBACK);
  const std::string v6_loopback = std::string(24, '0') + address(1);
  const std::string table =
      line(std::string(32, '0') + ":0050", "0A", 1) + line(mapped + ":0050", "0A", 2) + line(v6_loopback + ":0050", "0A", 3);
  EXPECT_THAT(parse_listeners(table, 80), ElementsAre(1, 2));
}

TEST(TcpListeners, AListeningSocketIsFoundWithItsHolder) {
  const std::uint16_t port = free_loopback_port().value();
  EXPECT_THAT(listeners_at(port), IsEmpty());
  Descriptor listener(::socket(AF_INET, SOCK_STREAM, 0));
  const sockaddr_in place{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place), 0);
  EXPECT_THAT(listeners_at(port), IsEmpty()) << "bound is not listening";
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  const auto found = listeners_at(port);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(sockets_of(::getpid()), Contains(found.front()));
  EXPECT_EQ(holder_of(found.front()), ::getpid());
  listener.reset();
  EXPECT_THAT(listeners_at(port), IsEmpty());
}

}  // namespace
}  // namespace common
