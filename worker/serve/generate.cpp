// HttpServer's generating endpoints: a request becomes a job, and the job's progress an answer.
#include <algorithm>
#include <format>
#include <iterator>
#include <optional>
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

using Jobs = std::vector<std::shared_ptr<Job>>;

void cancel_all(const Jobs& jobs) {
  for (const auto& job : jobs) job->cancel();
}

// Whatever way its coroutine ends, the engine stops working for it.
struct Abandon {
  Jobs jobs;
  ~Abandon() { cancel_all(jobs); }
};

}  // namespace

asio::awaitable<bool> HttpServer::generate(Exchange& exchange, Surface surface, HttpCall call) {
  std::shared_ptr<const Served> served = served_;
  if (!served) {
    Error error(ErrorKind::model_not_loaded, "the model is not loaded yet");
    co_return co_await exchange.refuse(std::move(error));
  }
  auto work = [surface, served, body = std::move(call.body)] { return prepare(surface, *served, body); };
  auto prepared = co_await common::offload(helper_, std::move(work));
  if (prepared && engine_.totals().waiting >= kMaxWaiting) {
    prepared = common::fail(ErrorKind::queue_full, std::format("{} requests are waiting for a slot already", kMaxWaiting));
  }
  if (!prepared) {
    Error error = prepared.error();
    co_return co_await exchange.refuse(std::move(error));
  }
  Generation generation{.served = served,
                        .mailbox = std::make_shared<Mailbox>(loop_.get_executor()),
                        .reply = make_reply(*prepared, served->facts.model, served->model->vocabulary())};
  for (JobRequest& request : prepared->jobs) {
    request.owner = call.owner;
    generation.jobs.push_back(std::make_shared<Job>(std::move(request), generation.mailbox, [this] { engine_.wake(); }));
  }
  Abandon abandon{generation.jobs};
  ClientWatch watch(exchange.socket(), [jobs = generation.jobs] { cancel_all(jobs); });
  for (const auto& job : generation.jobs) engine_.submit(job);
  if (prepared->stream) co_return co_await stream(exchange, generation);
  co_return co_await reply_whole(exchange, generation);
}

void HttpServer::note_calls(const Reply& reply) { engine_.note_calls(reply.counts().repaired, reply.counts().malformed); }

asio::awaitable<bool> HttpServer::reply_whole(Exchange& exchange, Generation& generation) {
  const std::size_t count = generation.jobs.size();
  std::vector<Made> made(count);
  std::vector<Finish> finishes(count);
  for (std::size_t done = 0; done < count;) {
    bool any = false;
    for (std::size_t i = 0; i < count; ++i) {
      auto progress = generation.jobs[i]->take();
      any = any || progress.any();
      if (progress.cancelled) co_return false;
      made[i].text += progress.text;
      std::ranges::move(progress.records, std::back_inserter(made[i].records));
      if (!progress.finish) continue;
      if (progress.finish->reason == FinishReason::failed) co_return co_await exchange.refuse(std::move(progress.finish->error));
      finishes[i] = std::move(*progress.finish);
      ++done;
    }
    if (!any) co_await generation.mailbox->wait();
  }
  common::Json whole = generation.reply->whole(std::move(made), finishes);
  note_calls(*generation.reply);
  co_return co_await exchange.reply(200, std::move(whole));
}

asio::awaitable<bool> HttpServer::stream(Exchange& exchange, Generation& generation) {
  const std::size_t count = generation.jobs.size();
  std::vector<Finish> finishes;
  bool begun = false;
  while (finishes.size() < count) {
    std::string out;
    std::optional<Error> failure;
    for (std::size_t i = 0; i < count && !failure; ++i) {
      auto progress = generation.jobs[i]->take();
      if (progress.cancelled) co_return false;
      out += generation.reply->more(i, {.text = std::move(progress.text), .records = std::move(progress.records)});
      if (!progress.finish) continue;
      if (progress.finish->reason == FinishReason::failed) {
        failure = std::move(progress.finish->error);
      } else {
        out += generation.reply->last(i, *progress.finish);
        finishes.push_back(std::move(*progress.finish));
      }
    }
    if (failure && !begun) co_return co_await exchange.refuse(std::move(*failure));
    if (out.empty() && !failure) {
      co_await generation.mailbox->wait();
      continue;
    }
    if (!begun) {
      bool sent = co_await exchange.begin_stream();
      if (!sent) co_return false;
      begun = true;
      out.insert(0, generation.reply->first());
    }
    if (failure) out += event(common::openai_error(*failure));
    if (finishes.size() == count) {
      out += generation.reply->end(finishes);
      note_calls(*generation.reply);
    }
    bool sent = co_await exchange.send_events(std::move(out));
    if (!sent) co_return false;
    if (failure) {
      exchange.close();  // no last chunk: the answer is not complete and must not look it
      co_return false;
    }
  }
  co_return co_await exchange.end_stream();
}

}  // namespace worker::serve
