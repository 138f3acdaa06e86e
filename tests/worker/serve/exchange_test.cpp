// An exchange with a client at the other end of a socket pair.
#include "worker/serve/exchange.hpp"

#include <gmock/gmock.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <stdexcept>
#include <utility>

#include "tests/support/loop_runner.hpp"

namespace worker::serve {
namespace {

namespace asio = boost::asio;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ExchangeTest : public testing::Test {
 protected:
  bool carry_out(asio::awaitable<bool> answering) { return runner.run(exchange.carry_out(std::move(answering))); }

  asio::awaitable<bool> says(const char* word) {
    common::Json body{{"word", word}};
    const bool sent = co_await exchange.reply(200, std::move(body));
    co_return sent;
  }
  asio::awaitable<bool> throws(const char* what) {
    if (what) throw std::runtime_error(what);
    co_return true;
  }
  asio::awaitable<bool> throws_in_its_stream(const char* what) {
    co_await exchange.begin_stream();
    std::string first = event("one");
    co_await exchange.send_events(std::move(first));
    const bool never = co_await throws(what);
    co_return never;
  }
  asio::awaitable<bool> is_cancelled() {
    if (exchange.keep_alive()) throw boost::system::system_error(asio::error::make_error_code(asio::error::operation_aborted));
    co_return true;
  }

  // All that the client has been sent; the connection ends.
  std::string received() {
    exchange.close();
    std::string text;
    boost::system::error_code ended;
    asio::read(client, asio::dynamic_buffer(text), ended);
    return text;
  }

  tests::LoopRunner runner;
  Socket client{runner.loop()};
  Exchange exchange{[this] {
    Socket server(runner.loop());
    asio::local::connect_pair(client, server);
    return server;
  }()};
};

TEST_F(ExchangeTest, LeavesAnAnswerAsItIs) {
  EXPECT_TRUE(carry_out(says("hello")));
  EXPECT_THAT(received(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("hello")));
}

TEST_F(ExchangeTest, TellsOfAMistakeBeforeTheFirstByte) {
  EXPECT_TRUE(carry_out(throws("a secret"))) << "the connection is as good as before";
  EXPECT_THAT(received(), AllOf(StartsWith("HTTP/1.1 500"), HasSubstr("\"code\":\"internal\""), Not(HasSubstr("secret"))));
}

TEST_F(ExchangeTest, TellsOfAMistakeInAStreamAndCutsIt) {
  EXPECT_FALSE(carry_out(throws_in_its_stream("a secret")));
  EXPECT_FALSE(exchange.keep_alive());
  const std::string text = received();
  EXPECT_THAT(text, AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("data: \"one\""), HasSubstr("\"code\":\"internal\"")));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("secret")), Not(HasSubstr("\r\n0\r\n")))) << "without the last chunk";
}

TEST_F(ExchangeTest, TellsOfAMistakeAtALaterRequestOfTheConnection) {
  EXPECT_TRUE(carry_out(says("hello")));
  asio::write(client, asio::buffer(std::string_view("GET /health HTTP/1.1\r\nHost: worker\r\n\r\n")));
  auto call = runner.run(exchange.read());
  ASSERT_TRUE(call) << call.error().message();
  EXPECT_TRUE(carry_out(throws("a secret")));
  EXPECT_THAT(received(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("HTTP/1.1 500")));
}

TEST_F(ExchangeTest, LetsCancellationPass) {
  EXPECT_THROW(carry_out(is_cancelled()), boost::system::system_error);
  EXPECT_EQ(received(), "");
}

}  // namespace
}  // namespace worker::serve
