// The one thread that computes: it loads the model and then runs the scheduler. Others send it messages and never wait for it.
//
// It makes one model resident per process life: a load that succeeded is final, one that was cancelled or refused leaves it ready for
// another. The thread is never joined; the process ends under it (serve/quit.hpp).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "common/worker_protocol.hpp"
#include "worker/serve/embedder.hpp"
#include "worker/serve/job.hpp"
#include "worker/serve/loader.hpp"
#include "worker/serve/scheduler.hpp"

namespace worker::serve {

// What the engine tells the rest of the process. Called on the engine thread; implementations pass it on and return.
class EngineObserver {
 public:
  virtual ~EngineObserver() = default;
  virtual void loading(common::Loading progress) = 0;
  virtual void ready(std::shared_ptr<const Served> served) = 0;
  virtual void load_cancelled() = 0;
  virtual void saved(common::Saved saved) = 0;
  virtual void restored(common::Restored restored) = 0;  // before anything is computed from it
  virtual void failed(common::WorkerExit code, std::string message) = 0;  // the process must end
  virtual void idle() = 0;    // nothing to do: slots are free, or wait for a reader or a picture
  virtual void shrunk() = 0;  // the answer to shrink_caches()
};

class EngineThread {
 public:
  EngineThread(LoaderConfig config, EngineObserver& observer);

  // Starts the thread. The object must live as long as the process.
  void start();

  // From any thread.
  void load(common::Load load, std::shared_ptr<std::atomic<bool>> cancelled);
  void submit(std::shared_ptr<Job> job);
  void submit(std::shared_ptr<EmbeddingJob> job);
  void shrink_caches(std::optional<std::uint64_t> keep_bytes);
  void save(common::SaveSessions order);  // answered by saved(), whatever is loaded
  void wake();
  const Totals& totals() const { return totals_; }
  void note_calls(std::uint64_t repaired, std::uint64_t malformed);

 private:
  struct LoadCommand {
    common::Load load;
    std::shared_ptr<std::atomic<bool>> cancelled;
  };
  struct ShrinkCommand {
    std::optional<std::uint64_t> keep_bytes;
  };
  struct SaveCommand {
    common::SaveSessions order;
    std::chrono::steady_clock::time_point arrived;
  };
  using Command = std::variant<LoadCommand, ShrinkCommand, SaveCommand, std::shared_ptr<Job>, std::shared_ptr<EmbeddingJob>>;

  void send(Command command);
  std::vector<Command> take(bool may_wait);
  void run();
  void obey(Command command);
  void load_now(const LoadCommand& command);
  void shrink_now(const ShrinkCommand& command);
  void save_now(const SaveCommand& command);
  bool turn();

  LoaderConfig config_;
  EngineObserver& observer_;
  Totals totals_;

  std::mutex mutex_;
  std::condition_variable arrival_;
  std::vector<Command> commands_;
  bool woken_ = false;

  // Engine thread only. One of the two works, whichever the model is for; neither where there is only a vocabulary.
  std::unique_ptr<LoadedModel> loaded_;
  std::unique_ptr<SavedSessions> sessions_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Embedder> embedder_;
};

}  // namespace worker::serve
