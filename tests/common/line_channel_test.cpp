#include "common/line_channel.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include "tests/support/loop_runner.hpp"

namespace common {
namespace {

namespace asio = boost::asio;

class LineChannelTest : public testing::Test {
 protected:
  LineChannelTest() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair");
    channel.emplace(runner.loop().get_executor(), ends[0]);
    peer = ends[1];
  }
  ~LineChannelTest() override { ::close(peer); }

  // Begins to read, and sends while the reading waits.
  asio::awaitable<Result<std::string>> read_and_send() {
    asio::post(runner.loop(), [this] { channel->send_line("anybody there?"); });
    co_return co_await channel->read_line();
  }

  tests::LoopRunner runner;
  std::optional<LineChannel> channel;
  int peer = -1;
};

TEST_F(LineChannelTest, BringsLinesOver) {
  ASSERT_EQ(::write(peer, "one\ntwo\n", 8), 8);
  EXPECT_EQ(runner.run(channel->read_line()).value(), "one");
  EXPECT_EQ(runner.run(channel->read_line()).value(), "two");
}

TEST_F(LineChannelTest, TellsTheReaderThatTheOtherSideHasGone) {
  ::shutdown(peer, SHUT_WR);
  auto line = runner.run(channel->read_line());
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind(), ErrorKind::io);
}

TEST_F(LineChannelTest, AWriteThatFailsTellsTheWaitingReaderToo) {
  ::shutdown(peer, SHUT_RD);  // the other direction stays open: only the write can notice
  auto line = runner.run(read_and_send());
  ASSERT_FALSE(line) << "and is no exception, which would end the process as if it had failed";
  EXPECT_EQ(line.error().kind(), ErrorKind::io);
}

}  // namespace
}  // namespace common
