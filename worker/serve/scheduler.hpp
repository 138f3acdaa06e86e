// Continuous batching: which tokens the engine evaluates next, for which request. Lives on the engine thread and never waits.
//
// A request waits in arrival order for a slot, has its prompt evaluated in chunks, then generates one token per turn until a stop string,
// the end of the answer, its limit, or its client's leaving. Every turn is one batch: the newest token of each generating slot, then prompt
// chunks, shared evenly among the slots that still read. A slot whose reader lags is left out until it has caught up. What a slot has
// evaluated stays in it when its request ends, for the next one that begins the same way (prefix_cache.hpp); who begins the way that
// another's prompt does which is just being read waits for that instead of evaluating it, too. A picture in a prompt is a batch of its own,
// after the turn's other one, once its embeddings have come from the encoder.
//
// Where the slots share one cache of cells (Context::shares_cells), a request waits until its prompt has room beside those that run.
// Answers grow, so room may run out all the same: then free slots give up what they hold, the longest unused first, and after them the
// request that began last is parked until there is room again. It loses time and nothing else.
//
// What slots and main memory hold can be written to files before the process ends, and what a worker before this one wrote is as good as
// what lies in main memory, unless reading it takes longer than evaluating (saved_sessions.hpp, restore_economy.hpp).
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/worker_defaults.hpp"
#include "worker/engine/context.hpp"
#include "worker/serve/job.hpp"
#include "worker/serve/prefix_cache.hpp"
#include "worker/serve/restore_economy.hpp"
#include "worker/serve/saved_sessions.hpp"
#include "worker/serve/slot.hpp"
#include "worker/serve/totals.hpp"

namespace worker::serve {

struct SchedulerConfig {
  int slots = 4;
  int prompt_tokens_per_turn = 512;
  int prompt_tokens_beside_answers = 128;  // while an answer is running, which a long prompt must not stall; of pictures as many again
  std::size_t saved_bytes = common::kDefaultPromptCacheMib << 20;       // main memory for what slots had to give up
  std::size_t worth_copying = PlacementRules().worth_copying;           // tokens, from one slot to another
  std::chrono::nanoseconds longest_restore = std::chrono::seconds(10);  // nobody is served while a file is read
};

// Conversations in files.
struct ScheduledSessions {
  SavedSessions* files = nullptr;  // null: none are kept
  std::function<void(const common::Restored&)> restored = [](const common::Restored&) {};  // told of each that is read back
};

class Scheduler {
 public:
  // All outlive the scheduler. The encoder may be null: no request shows a picture then.
  Scheduler(const engine::Model& model, engine::Context& context, engine::PictureEncoder* encoder, SchedulerConfig config, Totals& totals,
            ScheduledSessions sessions = {});

  void submit(std::shared_ptr<Job> job);
  // States in main memory take at most so much from now on, and never more than was configured; nothing: that.
  void limit_saved(std::optional<std::uint64_t> bytes);
  // Drops what nobody wants any more, fills free slots, and evaluates a batch. False: there was nothing to do before the next arrival or
  // the next call of a job's wake_engine().
  bool turn();
  // The process is about to end: writes what no request is using, the most recently used first. Gives up what lies in main memory.
  common::Saved save_sessions(const SaveTerms& terms);

 private:
  struct Held;
  enum class Restored { whole, no_room, unusable, given_up };

  void drop_cancelled();
  void admit();
  std::deque<std::shared_ptr<Job>>::iterator next_waiting();
  bool is_being_read(const JobRequest& request) const;
  PlacementRules rules_for(const JobRequest& request) const;
  std::vector<Kept> kept() const;
  void start(std::unique_ptr<Run> run, bool first);
  bool has_room_for(const std::vector<engine::Token>& text) const;
  bool make_room();
  Slot* longest_unused();
  void give_up(Slot& slot);
  std::size_t prepare_slot(Slot*& slot, const Run& run, bool from_disk = true);
  void encode_pictures(const Slot& slot);
  void save(const Slot& slot);
  bool restore(Slot& slot, Tokens prompt, std::size_t least, bool whole);
  const SavedSession* worth_restoring(const JobRequest& request, Tokens prompt, std::size_t otherwise, bool whole) const;
  Restored restore(Slot& slot, const SavedSession& session, const Job& job);
  Restored refuse(const SavedSession& session);
  std::vector<Held> held_conversations(std::list<SavedState>& in_memory);
  void count_saved();
  bool evaluate_tokens();
  bool evaluate_picture();
  void add_answer_tokens();
  void add_prompt_chunks();
  std::size_t prompt_budget() const;
  bool unwanted() const;
  void settle(engine::Decoded outcome);
  void advance(Slot& slot);
  void fail(Slot& slot, const std::string& reason);
  void count();

  const engine::Model& model_;
  engine::Context& context_;
  engine::PictureEncoder* encoder_;
  SchedulerConfig config_;
  Totals& totals_;
  engine::Batch batch_;
  std::deque<std::shared_ptr<Job>> waiting_;
  std::deque<std::unique_ptr<Run>> parked_;  // in the order in which they began; they come before those who wait
  std::vector<Slot> slots_;
  std::vector<Slot*> in_batch_;
  std::size_t next_reader_ = 0;  // the slot whose prompt comes first this turn
  std::size_t next_viewer_ = 0;  // ... whose picture does
  SavedStates saved_;
  SavedSessions* sessions_;
  std::function<void(const common::Restored&)> restored_;
  RestoreEconomy economy_;
  std::uint64_t uses_ = 0;  // counts requests, as a clock for what was used last
};

}  // namespace worker::serve
