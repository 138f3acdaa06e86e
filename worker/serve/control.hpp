// The worker's side of the control protocol (common/worker_protocol.hpp), on a thread of its own so that it always answers: while the
// engine loads or decodes and while the event loop of the HTTP surface is busy.
//
// What the daemon may send in which phase; anything else is logged and ignored:
//   idle     load -> loading; cancel_load is answered at once, there is nothing left to cancel
//   loading  cancel_load -> idle, answered by `load_cancelled` once the engine has let go. A cancel that crosses `ready` loses: the model
//            stays loaded, and the daemon, which sees `ready` instead of `load_cancelled`, may send `exit`.
//   loaded   shrink_caches is answered by a beat; save_sessions by `saved` once conversations are on the disk. They are restored when a
//            prompt wants them, so restore_sessions has nothing to do and is answered `saved{0,0}`
//   idle, loading   both are answered `saved{0,0}`: there is nothing to save
//   any      exit, end-of-file or SIGTERM end the process at once
// A worker started by hand has no daemon: the same events are logged instead.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "common/line_channel.hpp"
#include "worker/serve/engine_thread.hpp"

namespace worker::serve {

class Control final : public EngineObserver {
 public:
  using Publish = std::function<void(std::shared_ptr<const Served>, std::function<void()> published)>;

  // `publish` makes a loaded model reachable and then calls `published`: only then does the daemon hear `ready`.
  Control(std::optional<int> descriptor, Publish publish);

  // Starts the thread. The object must live as long as the process.
  void start(EngineThread& engine);
  void load(common::Load load);  // from any thread: as if the daemon had sent it

  void loading(common::Loading progress) override;
  void ready(std::shared_ptr<const Served> served) override;
  void load_cancelled() override;
  void saved(common::Saved saved) override;
  void restored(common::Restored restored) override;
  void failed(common::WorkerExit code, std::string message) override;
  void idle() override;
  void shrunk() override;

 private:
  enum class Phase { idle, loading, loaded };

  boost::asio::awaitable<void> listen();
  boost::asio::awaitable<void> beat();
  void wait_for_signals();
  void obey(const common::ToWorker& message);
  void start_load(common::Load load);
  void cancel_load();
  void shrink_caches(const common::ShrinkCaches& order);
  void save_sessions(const common::SaveSessions& order);
  void send(const common::FromWorker& message);
  void send_beat();

  boost::asio::io_context loop_{1};
  std::optional<common::LineChannel> daemon_;
  Publish publish_;
  EngineThread* engine_ = nullptr;
  Phase phase_ = Phase::idle;
  std::shared_ptr<std::atomic<bool>> cancelled_;  // of the load that runs
};

}  // namespace worker::serve
