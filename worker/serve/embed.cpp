// HttpServer's embedding endpoints: a request becomes a job of the embedder, and its vectors an answer.
#include <utility>

#include "common/offload.hpp"
#include "worker/serve/client_watch.hpp"
#include "worker/serve/http_server.hpp"

namespace worker::serve {

namespace asio = boost::asio;
using common::Error;
using common::ErrorKind;

asio::awaitable<bool> HttpServer::embed(Exchange& exchange, EmbeddingSurface surface, std::string body) {
  std::shared_ptr<const Served> served = served_;
  if (!served) {
    Error error(ErrorKind::model_not_loaded, "the model is not loaded yet");
    co_return co_await exchange.refuse(std::move(error));
  }
  auto work = [surface, served, body = std::move(body)] { return parse_embedding_request(surface, *served, body); };
  auto request = co_await common::offload(helper_, std::move(work));
  if (request && engine_.totals().waiting >= kMaxWaiting) {
    request = common::fail(ErrorKind::queue_full, "too many requests are waiting already");
  }
  if (!request) {
    Error error = request.error();
    co_return co_await exchange.refuse(std::move(error));
  }
  auto job = std::make_shared<EmbeddingJob>();
  job->texts = request->texts;
  job->mailbox = std::make_shared<Mailbox>(loop_.get_executor());
  ClientWatch watch(exchange.socket(), [job, this] {
    job->cancelled = true;
    job->mailbox->knock();
    engine_.wake();
  });
  engine_.submit(job);
  while (!job->done && !job->cancelled) co_await job->mailbox->wait();
  if (!job->done) co_return false;
  if (job->error) {
    Error error = *job->error;
    co_return co_await exchange.refuse(std::move(error));
  }
  common::Json answer = embedding_answer(*request, *served, std::move(job->vectors));
  co_return co_await exchange.reply(200, std::move(answer));
}

}  // namespace worker::serve
