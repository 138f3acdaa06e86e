// Connections over real sockets, with limits of milliseconds.
#include "proxy/net/connection.hpp"

#include <gmock/gmock.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/openai_error.hpp"
#include "proxy/net/listener.hpp"

namespace proxy::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using common::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    context.hosts = {"localhost"};
    context.handler = [this](Exchange& exchange) { return handle(exchange); };
  }

  asio::awaitable<void> handle(Exchange& exchange) {
    ++handled;
    auto body = co_await exchange.read_body(1000);
    Answer answer{.status = body ? 200u : common::http_status(body.error().kind()), .body = body ? *body : ""};
    co_await exchange.reply(std::move(answer));
  }

  // Sends the pieces, with a pause before each but the first; returns what came back until the connection's end.
  std::string exchange(std::vector<std::string> pieces, std::chrono::milliseconds pause = 0ms) {
    Listener listener(loop.get_executor(), {"127.0.0.1", 0}, context, clock);
    std::string received;
    asio::co_spawn(loop, listener.run(), asio::detached);
    asio::co_spawn(loop, client(listener, std::move(pieces), pause, received), asio::detached);
    loop.restart();
    loop.run();
    return received;
  }

  asio::awaitable<void> client(Listener& listener, std::vector<std::string> pieces, std::chrono::milliseconds pause,
                               std::string& received) {
    auto socket = std::make_shared<tcp::socket>(loop);
    const tcp::endpoint there(asio::ip::address_v4::loopback(), listener.port());
    co_await socket->async_connect(there, asio::use_awaitable);
    asio::co_spawn(loop, send(socket, std::move(pieces), pause), asio::detached);
    auto buffer = asio::dynamic_buffer(received);
    co_await asio::async_read(*socket, buffer, asio::as_tuple(asio::use_awaitable));
    socket->close();
    listener.close();
    co_await listener.join();
  }

  asio::awaitable<void> send(std::shared_ptr<tcp::socket> socket, std::vector<std::string> pieces, std::chrono::milliseconds pause) {
    asio::steady_timer timer(loop);
    for (const std::string& piece : pieces) {
      auto buffer = asio::buffer(piece);
      auto [ec, written] = co_await asio::async_write(*socket, buffer, asio::as_tuple(asio::use_awaitable));
      if (ec) co_return;
      timer.expires_after(pause);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  static std::string post(std::size_t length) {
    return "POST /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
  }

  asio::io_context loop{1};
  common::SteadyClock clock;
  ConnectionContext context;
  int handled = 0;
};

TEST_F(ConnectionTest, ServesARequestThatComesByteByByte) {
  std::vector<std::string> bytes;
  for (char c : post(2) + "hi") bytes.emplace_back(1, c);
  const std::string answer = exchange(std::move(bytes));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\nhi"));
}

TEST_F(ConnectionTest, AnEmptyLineBeforeARequestIsSkipped) { EXPECT_THAT(exchange({"\r\n\r\n" + post(0)}), StartsWith("HTTP/1.1 200 ")); }

TEST_F(ConnectionTest, AHeadThatIsDribbledIsGivenUpAtItsDeadline) {
  context.limits.header_timeout = 50ms;
  EXPECT_THAT(exchange(std::vector<std::string>(1000, "x"), 5ms), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(handled, 0);
}

TEST_F(ConnectionTest, ABodyThatStopsIsGivenUp) {
  context.limits.body_timeout = 50ms;
  EXPECT_THAT(exchange({post(2) + "h"}), StartsWith("HTTP/1.1 408 "));
}

TEST_F(ConnectionTest, ABodyThatIsDribbledIsGivenUpAlthoughEachPieceComesInTime) {
  context.limits.body_timeout = 50ms;
  std::vector<std::string> pieces(1000, "x");
  pieces.front() = post(1000);
  EXPECT_THAT(exchange(std::move(pieces), 5ms), StartsWith("HTTP/1.1 408 "));
}

TEST_F(ConnectionTest, ABodyThatIsFastEnoughOnAverageMayTakeLonger) {
  context.limits.body_timeout = 50ms;
  context.limits.body_bytes_per_second = 1;
  std::vector<std::string> pieces(21, "x");
  pieces.front() = post(20);
  EXPECT_THAT(exchange(std::move(pieces), 5ms), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ConnectionTest, ATargetThatIsTooLongIsToldApartFromAHeadThatIs) {
  EXPECT_THAT(exchange({"GET /" + std::string(20'000, 'x')}), StartsWith("HTTP/1.1 414 "));
  EXPECT_THAT(exchange({"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x')}), StartsWith("HTTP/1.1 431 "));
}

TEST_F(ConnectionTest, AfterAFramingErrorTheConnectionEndsAndSaysSo) {
  const std::string answer = exchange({"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n" + post(0)});
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(handled, 0);
}

TEST_F(ConnectionTest, OnAReservedConnectionOneRequestIsAnswered) {
  context.handler = [this](Exchange& exchange) {
    exchange.use_reserve();
    return handle(exchange);
  };
  ConnectionContext full{.handler = context.handler, .hosts = context.hosts, .connections{{.connections = 0, .reserved = 1}}};
  Listener listener(loop.get_executor(), {"127.0.0.1", 0}, full, clock);
  std::string received;
  asio::co_spawn(loop, listener.run(), asio::detached);
  asio::co_spawn(loop,
                 client(listener, {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"}, 0ms, received),
                 asio::detached);
  loop.run();
  EXPECT_THAT(received, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(handled, 1);
}

// When each head came there was room for it.
TEST_F(ConnectionTest, BodiesThatComeTogetherDoNotFillTheReserve) {
  ConnectionContext small{.hosts = context.hosts, .connections{{.connections = 1, .reserved = 1}}};
  Listener listener(loop.get_executor(), {"127.0.0.1", 0}, small, clock);
  std::vector<ErrorKind> refused;
  small.handler = [&](Exchange& exchange) -> asio::awaitable<void> {
    EXPECT_TRUE(exchange.admitted());
    auto body = co_await exchange.read_body(1000);
    if (!body) refused.push_back(body.error().kind());
    co_await clock.sleep_for(100ms);
    if (++handled == 2) listener.close();
    Answer answer{.status = body ? 200u : 503u};
    co_await exchange.reply(std::move(answer));
  };
  const tcp::endpoint there(asio::ip::address_v4::loopback(), listener.port());
  tcp::socket first(loop), second(loop);
  for (tcp::socket* socket : {&first, &second}) {
    socket->connect(there);
    asio::write(*socket, asio::buffer(post(2) + "h"));
  }
  asio::steady_timer timer(loop, 50ms);
  timer.async_wait([&](auto) {
    for (tcp::socket* socket : {&first, &second}) asio::write(*socket, asio::buffer("i", 1));
  });
  asio::co_spawn(loop, listener.run(), asio::detached);
  loop.run();
  EXPECT_EQ(handled, 2);
  EXPECT_THAT(refused, ElementsAre(ErrorKind::too_many_connections));
}

// A rush takes all places; the newcomer behind it has its answer, and so has who came with the rush and speaks within the grace.
TEST_F(ConnectionTest, InARushNobodyIsDisplacedBeforeItsGraceIsOver) {
  ConnectionContext small{.handler = context.handler,
                          .hosts = context.hosts,
                          .limits{.idle_timeout = 1s},
                          .connections{{.connections = 2, .reserved = 0, .grace = 60s}}};
  Listener listener(loop.get_executor(), {"127.0.0.1", 0}, small, clock);
  const tcp::endpoint there(asio::ip::address_v4::loopback(), listener.port());
  tcp::socket silent(loop), late(loop);
  silent.connect(there);
  late.connect(there);
  std::string received;
  asio::co_spawn(loop, listener.run(), asio::detached);
  asio::co_spawn(loop, client(listener, {post(0)}, 0ms, received), asio::detached);
  asio::steady_timer timer(loop, 100ms);
  timer.async_wait([&](auto) {
    EXPECT_EQ(small.connections.displaced(), 0u);
    EXPECT_EQ(handled, 0) << "the newcomer waits, as there is no place";
    asio::write(late, asio::buffer(post(0)));
  });
  loop.run();
  EXPECT_THAT(received, StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(handled, 2);
  EXPECT_EQ(small.connections.displaced(), 0u) << "the one that was answered made room";
  std::string answer;
  boost::system::error_code end;
  asio::read(late, asio::dynamic_buffer(answer), end);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
}

// Somebody's grace has always just begun.
TEST_F(ConnectionTest, WhereEverybodyTakesQuickTurnsANewcomerStillGetsAPlace) {
  ConnectionContext small{
      .handler = context.handler, .hosts = context.hosts, .connections{{.connections = 1, .reserved = 0, .grace = 30ms}}};
  auto place = small.connections.admit();
  asio::steady_timer timer(loop);
  bool displaced = false;
  std::function<void()> take_turn = [&] {
    place->wait(clock.now(), [&] { displaced = true; });
    timer.expires_after(2ms);
    timer.async_wait([&](auto) {
      if (!displaced) take_turn();
    });
  };
  take_turn();
  Listener listener(loop.get_executor(), {"127.0.0.1", 0}, small, clock);
  std::string received;
  asio::co_spawn(loop, listener.run(), asio::detached);
  asio::co_spawn(loop, client(listener, {post(0)}, 0ms, received), asio::detached);
  loop.run_for(10s);
  EXPECT_TRUE(displaced);
  EXPECT_THAT(received, StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace proxy::net
