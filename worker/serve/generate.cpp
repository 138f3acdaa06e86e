// HttpServer's generating endpoints: a request becomes a job, and the job's progress an answer.
#include <format>
#include <utility>

#include "common/offload.hpp"
#include "common/openai_error.hpp"
#include "worker/serve/answer.hpp"
#include "worker/serve/client_watch.hpp"
#include "worker/serve/http_server.hpp"

namespace worker::serve {

namespace asio = boost::asio;
using common::Error;
using common::ErrorKind;

namespace {

std::string events(const std::vector<common::Json>& chunks) {
  std::string all;
  for (const common::Json& chunk : chunks) all += event(chunk);
  return all;
}

// Whatever way its coroutine ends, the engine stops working for it.
struct Abandon {
  std::shared_ptr<Job> job;
  ~Abandon() { job->cancel(); }
};

}  // namespace

asio::awaitable<bool> HttpServer::generate(Exchange& exchange, Surface surface, std::string body) {
  std::shared_ptr<const Served> served = served_;
  if (!served) {
    Error error(ErrorKind::model_not_loaded, "the model is not loaded yet");
    co_return co_await exchange.refuse(std::move(error));
  }
  auto work = [surface, served, body = std::move(body)] { return prepare(surface, *served, body); };
  auto prepared = co_await common::offload(helper_, std::move(work));
  if (prepared && engine_.totals().waiting >= kMaxWaiting) {
    prepared = common::fail(ErrorKind::queue_full, std::format("{} requests are waiting for a slot already", kMaxWaiting));
  }
  if (!prepared) {
    Error error = prepared.error();
    co_return co_await exchange.refuse(std::move(error));
  }
  auto job = std::make_shared<Job>(std::move(prepared->job), loop_.get_executor(), [this] { engine_.wake(); });
  Abandon abandon{job};
  ClientWatch watch(exchange.socket(), [job] { job->cancel(); });
  engine_.submit(job);
  if (prepared->stream) co_return co_await stream(exchange, job, std::move(*prepared), served->facts.model);
  co_return co_await reply_whole(exchange, job, std::move(*prepared), served->facts.model);
}

asio::awaitable<bool> HttpServer::reply_whole(Exchange& exchange, std::shared_ptr<Job> job, Prepared prepared, std::string model) {
  std::string text;
  while (true) {
    auto progress = co_await job->next();
    if (progress.cancelled) co_return false;
    text += progress.text;
    if (!progress.finish) continue;
    if (progress.finish->reason == FinishReason::failed) co_return co_await exchange.refuse(std::move(progress.finish->error));
    auto answer = make_answer(prepared, std::move(model));
    common::Json whole = answer->whole(text, *progress.finish);
    co_return co_await exchange.reply(200, std::move(whole));
  }
}

asio::awaitable<bool> HttpServer::stream(Exchange& exchange, std::shared_ptr<Job> job, Prepared prepared, std::string model) {
  auto answer = make_answer(prepared, std::move(model));
  bool begun = false;
  while (true) {
    auto progress = co_await job->next();
    if (progress.cancelled) co_return false;
    bool failed = progress.finish && progress.finish->reason == FinishReason::failed;
    if (failed && !begun) co_return co_await exchange.refuse(std::move(progress.finish->error));
    std::string out;
    if (!begun) {
      bool sent = co_await exchange.begin_stream();
      if (!sent) co_return false;
      begun = true;
      out = events(answer->first());
    }
    out += events(answer->more(progress.text));
    if (failed) {
      out += event(common::openai_error(progress.finish->error));
    } else if (progress.finish) {
      out += events(answer->last(*progress.finish));
      out += "data: [DONE]\n\n";
    }
    bool sent = co_await exchange.send_events(std::move(out));
    if (!sent) co_return false;
    if (failed) {
      exchange.close();  // no last chunk: the answer is not complete and must not look it
      co_return false;
    }
    if (progress.finish) co_return co_await exchange.end_stream();
  }
}

}  // namespace worker::serve
