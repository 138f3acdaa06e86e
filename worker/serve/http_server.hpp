// The worker's HTTP surface on its data socket. Everything here runs on one event loop; the engine is reached by messages only.
//
// It reads, checks and answers. Parsing and tokenizing, which may take long, happen on a helper thread; generating happens on the engine's.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "common/task_group.hpp"
#include "worker/serve/answer.hpp"
#include "worker/serve/embedding_request.hpp"
#include "worker/serve/engine_thread.hpp"
#include "worker/serve/exchange.hpp"
#include "worker/serve/prepare.hpp"

namespace worker::serve {

class HttpServer {
 public:
  static constexpr std::uint64_t kMaxWaiting = 256;  // requests without a slot; the daemon never sends more than there are slots

  // `listening` is a listening Unix socket, taken over. Both arguments by reference outlive the server.
  HttpServer(boost::asio::io_context& loop, EngineThread& engine, int listening);

  void start();
  void serve(std::shared_ptr<const Served> served);  // from now on, on the event loop

 private:
  // One request with its choices on the way.
  struct Generation {
    std::shared_ptr<const Served> served;
    std::shared_ptr<Mailbox> mailbox;
    std::unique_ptr<Reply> reply;
    std::vector<std::shared_ptr<Job>> jobs{};
  };

  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> converse(Socket socket);
  boost::asio::awaitable<bool> answer(Exchange& exchange, HttpCall call);  // false: the connection is finished
  boost::asio::awaitable<bool> generate(Exchange& exchange, Surface surface, HttpCall call);
  boost::asio::awaitable<bool> embed(Exchange& exchange, EmbeddingSurface surface, std::string body);
  boost::asio::awaitable<bool> reply(Exchange& exchange, common::Result<common::Json> found);
  boost::asio::awaitable<bool> reply_whole(Exchange& exchange, Generation& generation);
  boost::asio::awaitable<bool> stream(Exchange& exchange, Generation& generation);
  void note_calls(const Reply& reply);

  boost::asio::io_context& loop_;
  EngineThread& engine_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::thread_pool helper_{1};
  common::TaskGroup connections_;
  std::shared_ptr<const Served> served_;  // null until the model is loaded
};

}  // namespace worker::serve
