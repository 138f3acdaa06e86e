#include "worker/serve/engine_thread.hpp"

#ifdef __linux__
#include <malloc.h>
#endif

#include <algorithm>
#include <exception>
#include <new>
#include <thread>
#include <utility>

#include "common/log.hpp"
#include "worker/serve/session_key.hpp"

namespace worker::serve {

using common::WorkerExit;

namespace {

// From one slot to another, in tokens.
std::size_t worth_copying(const Served& served) {
  std::uint64_t weights = 0, caches = 0;
  bool on_processor = true;
  for (const common::DeviceMemory& device : served.facts.memory) {
    weights += device.weights_bytes;
    caches += device.kv_bytes;
    on_processor = on_processor && (device.device == "CPU" || device.weights_bytes == 0);
  }
  if (caches == 0 && !served.shares_cells) return PlacementRules().worth_copying;  // libllama does not say
  const double active = served.facts.parameters > 0
                            ? static_cast<double>(served.facts.active_parameters) / static_cast<double>(served.facts.parameters)
                            : 1;
  return tokens_worth_copying({.cache_bytes = served.shares_cells ? 0 : caches / std::max<std::uint64_t>(served.facts.slots, 1),
                               .weights_bytes = static_cast<std::uint64_t>(static_cast<double>(weights) * active),
                               .on_processor = on_processor});
}

}  // namespace

EngineThread::EngineThread(LoaderConfig config, EngineObserver& observer) : config_(config), observer_(observer) {}

void EngineThread::start() {
  auto body = [this] {
    try {
      run();
    } catch (const std::bad_alloc&) {
      observer_.failed(WorkerExit::out_of_memory, "out of memory");
    } catch (const std::exception& e) {
      observer_.failed(WorkerExit::internal, e.what());
    }
  };
  std::thread(body).detach();
}

void EngineThread::load(common::Load load, std::shared_ptr<std::atomic<bool>> cancelled) {
  send(LoadCommand{.load = std::move(load), .cancelled = std::move(cancelled)});
}

void EngineThread::submit(std::shared_ptr<Job> job) { send(std::move(job)); }
void EngineThread::submit(std::shared_ptr<EmbeddingJob> job) { send(std::move(job)); }

void EngineThread::shrink_caches(std::optional<std::uint64_t> keep_bytes) { send(ShrinkCommand{keep_bytes}); }
void EngineThread::save(common::SaveSessions order) {
  send(SaveCommand{.order = order, .arrived = std::chrono::steady_clock::now()});
}

void EngineThread::note_calls(std::uint64_t repaired, std::uint64_t malformed) {
  totals_.calls_repaired += repaired;
  totals_.calls_malformed += malformed;
}

void EngineThread::send(Command command) {
  std::lock_guard lock(mutex_);
  commands_.push_back(std::move(command));
  arrival_.notify_one();
}

void EngineThread::wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  arrival_.notify_one();
}

std::vector<EngineThread::Command> EngineThread::take(bool may_wait) {
  std::unique_lock lock(mutex_);
  if (may_wait) arrival_.wait(lock, [this] { return woken_ || !commands_.empty(); });
  woken_ = false;
  return std::exchange(commands_, {});
}

void EngineThread::run() {
  bool busy = false;
  while (true) {
    for (Command& command : take(!busy)) obey(std::move(command));
    const bool was_busy = std::exchange(busy, turn());
    if (was_busy && !busy) observer_.idle();
  }
}

bool EngineThread::turn() { return scheduler_ ? scheduler_->turn() : embedder_ && embedder_->turn(); }

void EngineThread::obey(Command command) {
  if (auto* load = std::get_if<LoadCommand>(&command)) return load_now(*load);
  if (auto* shrink = std::get_if<ShrinkCommand>(&command)) return shrink_now(*shrink);
  if (auto* save = std::get_if<SaveCommand>(&command)) return save_now(*save);
  if (auto* job = std::get_if<std::shared_ptr<Job>>(&command); job && scheduler_) scheduler_->submit(std::move(*job));
  if (auto* job = std::get_if<std::shared_ptr<EmbeddingJob>>(&command); job && embedder_) embedder_->submit(std::move(*job));
}

void EngineThread::shrink_now(const ShrinkCommand& command) {
  if (scheduler_) scheduler_->limit_saved(command.keep_bytes);
#ifdef __GLIBC__
  ::malloc_trim(0);  // what was freed is wanted by others, not by the next allocation
#endif
  observer_.shrunk();
}

void EngineThread::save_now(const SaveCommand& command) {
  common::Saved saved;
  const auto deadline = command.arrived + std::chrono::milliseconds(command.order.milliseconds);
  try {
    if (scheduler_) {
      saved = scheduler_->save_sessions({.limits = {.bytes = command.order.budget_bytes},
                                         .left = [deadline] { return deadline - std::chrono::steady_clock::now(); }});
    }
  } catch (const std::exception& e) {  // no memory for it, say: whoever leaves does so without, and not by crashing
    common::log::warn("conversations are not saved: {}", e.what());
  }
  observer_.saved(saved);
}

void EngineThread::load_now(const LoadCommand& command) {
  auto report = [this](common::Loading progress) { observer_.loading(std::move(progress)); };
  auto loaded = load_model(command.load, config_, report, *command.cancelled);
  if (!loaded) {
    if (loaded.error().kind() == common::ErrorKind::cancelled) return observer_.load_cancelled();
    return observer_.failed(exit_code_of(loaded.error().kind()), loaded.error().message());
  }
  loaded_ = std::make_unique<LoadedModel>(std::move(*loaded));
  const Served& served = *loaded_->served;
  const int slots = static_cast<int>(served.facts.slots);
  switch (served.facts.purpose) {
    case Purpose::generation: {
      SchedulerConfig config{.slots = slots, .prompt_tokens_per_turn = config_.batch_tokens, .worth_copying = worth_copying(served)};
      if (command.load.prompt_cache_mib) config.saved_bytes = static_cast<std::size_t>(*command.load.prompt_cache_mib) << 20;
      const std::string key = command.load.sessions_folder.empty() ? "" : session_key(served, *loaded_->context);
      if (!key.empty()) sessions_ = std::make_unique<SavedSessions>(command.load.sessions_folder, key, served.facts.model);
      auto restored = [this](const common::Restored& what) { observer_.restored(what); };
      scheduler_ = std::make_unique<Scheduler>(*served.model, *loaded_->context, served.projector.get(), config, totals_,
                                               ScheduledSessions{.files = sessions_.get(), .restored = restored});
      break;
    }
    case Purpose::embedding:
    case Purpose::reranking: embedder_ = std::make_unique<Embedder>(*loaded_->context, slots, totals_); break;
    case Purpose::counting: break;
  }
  served.hashes->start([this] { return totals_.slots_busy > 0; });
  observer_.ready(loaded_->served);
}

}  // namespace worker::serve
