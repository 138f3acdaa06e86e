// What the engine has done since the start, and is doing now. Written by the engine thread (but for what says otherwise), read by anyone.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace worker::serve {

// One slot as a visitor sees it.
struct SlotView {
  int id = 0;
  bool busy = false;
  std::uint64_t held = 0;       // tokens in the context
  std::uint64_t prompt = 0;     // of the request that runs
  std::uint64_t generated = 0;  // for it so far
};

class SlotViews {
 public:
  void write(std::vector<SlotView> views) {
    std::lock_guard lock(mutex_);
    views_ = std::move(views);
  }
  std::vector<SlotView> read() const {
    std::lock_guard lock(mutex_);
    return views_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<SlotView> views_;
};

struct Totals {
  std::atomic<std::uint64_t> slots_busy{0};     // have work that does not wait for a slow reader
  std::atomic<std::uint64_t> waiting{0};        // requests without a slot
  std::atomic<std::uint64_t> tokens{0};         // generated
  std::atomic<std::uint64_t> prompt_tokens{0};  // evaluated
  std::atomic<std::uint64_t> cached_tokens{0};  // prompt tokens that did not need to be
  std::atomic<std::uint64_t> parked{0};         // times that a request had to give up its slot for a while
  std::atomic<std::uint64_t> saved_states{0};   // in main memory now
  std::atomic<std::uint64_t> saved_bytes{0};
  std::atomic<std::uint64_t> sessions{0};          // on the disk, that a prompt may be restored from
  std::atomic<std::uint64_t> sessions_restored{0};
  std::atomic<std::uint64_t> sessions_refused{0};  // that were not what they should be when they were wanted
  SlotViews slots;
  // Counted where answers are taken apart, on the event loop.
  std::atomic<std::uint64_t> calls_repaired{0};
  std::atomic<std::uint64_t> calls_malformed{0};
};

}  // namespace worker::serve
