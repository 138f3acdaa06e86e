#include "worker/serve/control.hpp"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <thread>
#include <utility>

#include "common/log.hpp"
#include "common/overloaded.hpp"
#include "common/process_name.hpp"
#include "worker/engine/backend.hpp"
#include "worker/serve/quit.hpp"

namespace worker::serve {

namespace asio = boost::asio;
using common::WorkerExit;

namespace {

constexpr auto kBeatEvery = std::chrono::seconds(1);
constexpr const char* kNameWithoutModel = "perch-worker";

// A coroutine at the root that ends with an exception is a bug or exhausted memory.
void must_not_throw(std::exception_ptr failure) {
  if (failure) quit(WorkerExit::internal);
}

}  // namespace

Control::Control(std::optional<int> descriptor, Publish publish) : publish_(std::move(publish)) {
  if (descriptor) daemon_.emplace(loop_.get_executor(), *descriptor);
}

void Control::start(EngineThread& engine) {
  engine_ = &engine;
  asio::co_spawn(loop_, beat(), must_not_throw);
  if (daemon_) {
    send(common::Hello{.pid = getpid(), .build = PERCH_VERSION, .engine = engine::describe_backend()});
    asio::co_spawn(loop_, listen(), must_not_throw);
  }
  // A terminal's Ctrl-C goes to the whole group; there the daemon decides what becomes of its workers.
  if (daemon_) std::signal(SIGINT, SIG_IGN);
  wait_for_signals();
  std::thread([this] { loop_.run(); }).detach();
}

void Control::wait_for_signals() {
  auto signals = std::make_shared<asio::signal_set>(loop_, SIGTERM);
  if (!daemon_) signals->add(SIGINT);
  signals->async_wait([signals](boost::system::error_code ec, int) {
    if (!ec) quit(WorkerExit::asked_to_stop);
  });
}

asio::awaitable<void> Control::listen() {
  while (true) {
    auto line = co_await daemon_->read_line();
    if (!line) quit_now(WorkerExit::asked_to_stop);
    auto message = common::decode_to_worker(*line);
    if (message) {
      obey(*message);
    } else {
      common::log::warn("ignored a control message: {}", message.error().message());
    }
  }
}

asio::awaitable<void> Control::beat() {
  asio::steady_timer timer(loop_);
  while (true) {
    timer.expires_after(kBeatEvery);
    co_await timer.async_wait(asio::use_awaitable);
    if (engine_->totals().slots_busy > 0) send_beat();
  }
}

void Control::obey(const common::ToWorker& message) {
  std::visit(
      common::Overloaded{[this](const common::Load& load) { start_load(load); }, [this](const common::CancelLoad&) { cancel_load(); },
                         [this](const common::SaveSessions& order) { save_sessions(order); },
                         [this](const common::RestoreSessions&) { send(common::Saved{}); },
                         [this](const common::ShrinkCaches& order) { shrink_caches(order); },
                         [](const common::Exit&) { quit(WorkerExit::asked_to_stop); }},
      message);
}

void Control::load(common::Load load) {
  asio::post(loop_, [this, load = std::move(load)]() mutable { start_load(std::move(load)); });
}

void Control::start_load(common::Load load) {
  if (phase_ != Phase::idle)
    return common::log::warn("ignored a load of {}: one is {} already", load.model, phase_ == Phase::loading ? "running" : "done");
  common::log::info("loading {} from {}", load.model, load.path);
  common::name_process("perch:" + load.model);
  phase_ = Phase::loading;
  cancelled_ = std::make_shared<std::atomic<bool>>(false);
  engine_->load(std::move(load), cancelled_);
}

void Control::cancel_load() {
  if (phase_ == Phase::loaded) return common::log::warn("ignored a cancel_load: the model is loaded");
  if (phase_ == Phase::idle) return send(common::LoadCancelled{});
  *cancelled_ = true;
}

void Control::shrink_caches(const common::ShrinkCaches& order) {
  if (phase_ != Phase::loaded) return common::log::warn("ignored a shrink_caches: no model is loaded");
  engine_->shrink_caches(order.keep_bytes);
}

void Control::save_sessions(const common::SaveSessions& order) {
  if (phase_ == Phase::loaded) return engine_->save(order);
  send(common::Saved{});
}

void Control::loading(common::Loading progress) {
  asio::post(loop_, [this, progress = std::move(progress)] { send(progress); });
}

void Control::ready(std::shared_ptr<const Served> served) {
  auto announce = [this, served] {
    phase_ = Phase::loaded;
    send(served->facts);
  };
  publish_(served, [this, announce] { asio::post(loop_, announce); });
}

void Control::load_cancelled() {
  asio::post(loop_, [this] {
    phase_ = Phase::idle;
    common::name_process(kNameWithoutModel);
    send(common::LoadCancelled{});
  });
}

void Control::saved(common::Saved saved) {
  asio::post(loop_, [this, saved] { send(saved); });
}

void Control::restored(common::Restored restored) {
  asio::post(loop_, [this, restored] { send(restored); });
}

void Control::failed(WorkerExit code, std::string message) {
  asio::post(loop_, [this, code, message = std::move(message)] {
    common::log::error("{}", message);
    send(common::Fatal{.code = static_cast<int>(code), .message = message});
    // One turn later: sending writes at once what the socket takes, and it takes this unless the daemon has long stopped reading.
    asio::post(loop_, [code] { quit(code); });
  });
}

void Control::idle() {
  asio::post(loop_, [this] { send_beat(); });
}

void Control::shrunk() { idle(); }

void Control::send_beat() {
  const Totals& totals = engine_->totals();
  send(common::Beat{.slots_busy = totals.slots_busy,
                    .tokens_total = totals.tokens,
                    .prompt_tokens_total = totals.prompt_tokens,
                    .cached_tokens_total = totals.cached_tokens,
                    .calls_repaired_total = totals.calls_repaired,
                    .calls_malformed_total = totals.calls_malformed,
                    .prompt_cache_bytes = totals.saved_bytes});
}

void Control::send(const common::FromWorker& message) {
  if (daemon_) return daemon_->send_line(common::encode(message));
  if (!std::holds_alternative<common::Beat>(message)) common::log::info("{}", common::encode(message));
}

}  // namespace worker::serve
