#include "registry/foreign/listen_port.hpp"

#include <gmock/gmock.h>

namespace {

using registry::foreign::address_of;

using testing::ElementsAre;
using Words = std::vector<std::string>;

std::string freed(std::string word, const std::string& port = "8999") {
  Words command{"server", word};
  return registry::foreign::free_port(command, port) ? command[1] : "not there: " + command[1];
}

Words freed_in(Words command) {
  EXPECT_TRUE(registry::foreign::free_port(command, "8999"));
  return command;
}

TEST(ListenPortTest, ReadsAUrl) {
  const auto address = address_of("http://127.0.0.1:8999/v1");
  EXPECT_EQ(address.scheme, "http");
  EXPECT_EQ(address.host, "127.0.0.1");
  EXPECT_EQ(address.port, "8999");
  EXPECT_EQ(address.path, "/v1");
  EXPECT_EQ(address_of("http://[::1]:${PORT}").host, "[::1]");
  EXPECT_EQ(address_of("http://[::1]:${PORT}").port, "${PORT}");
  EXPECT_EQ(address_of("http://[::1]").port, "80");
  EXPECT_EQ(address_of("localhost").scheme, "");
}

TEST(ListenPortTest, KnowsThisMachine) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]", "0.0.0.0"})
    EXPECT_TRUE(registry::foreign::is_this_machine(host)) << host;
  for (const char* host : {"192.168.1.2", "localhost.lan", ""}) EXPECT_FALSE(registry::foreign::is_this_machine(host)) << host;
}

TEST(ListenPortTest, APortIsFreedWhereverAWordSaysIt) {
  EXPECT_EQ(freed("8999"), "${PORT}");
  EXPECT_EQ(freed("--port=8999"), "--port=${PORT}");
  EXPECT_EQ(freed("8999:8080"), "${PORT}:8080");
  EXPECT_EQ(freed("127.0.0.1:8999:8080"), "127.0.0.1:${PORT}:8080");
  EXPECT_EQ(freed("http://127.0.0.1:8999"), "http://127.0.0.1:${PORT}");
  EXPECT_EQ(freed("--api=http://127.0.0.1:8999/v1"), "--api=http://127.0.0.1:${PORT}/v1");
}

TEST(ListenPortTest, EverywhereWhereThePortIsMeantAndNotWhereANumberIsTheSame) {
  EXPECT_THAT(freed_in({"s", "-c", "8999", "--port", "8999"}), ElementsAre("s", "-c", "8999", "--port", "${PORT}"));
  EXPECT_THAT(freed_in({"s", "--port", "8999", "--url", "http://localhost:8999/v1"}),
              ElementsAre("s", "--port", "${PORT}", "--url", "http://localhost:${PORT}/v1"));
  EXPECT_THAT(freed_in({"s", "8999", "-c", "8999"}), ElementsAre("s", "${PORT}", "-c", "8999")) << "the first, where nothing says which";
  Words program{"8999"};
  EXPECT_FALSE(registry::foreign::free_port(program, "8999"));
}

TEST(ListenPortTest, OtherNumbersThatHoldItAreLeftAlone) {
  EXPECT_EQ(freed("18999"), "not there: 18999");
  EXPECT_EQ(freed("89991"), "not there: 89991");
  EXPECT_EQ(freed("model-8999.gguf"), "not there: model-8999.gguf");
  EXPECT_EQ(freed("89998999:8999"), "89998999:${PORT}");
}

}  // namespace
