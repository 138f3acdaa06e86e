#include "proxy/residency/lending.hpp"

#include <algorithm>
#include <chrono>

#include "common/log.hpp"

namespace proxy::residency {

using common::fail;
using common::Result;

namespace {

constexpr auto kLookForMemory = milliseconds(20);
constexpr auto kCacheWait = milliseconds(3'000);  // for workers to say that they have shrunk their caches: a long batch comes first

// Who asks for memory and leaves before he is told what became of it does not know that he has it.
class UnlessTold {
 public:
  explicit UnlessTold(std::function<void()> undo) : undo_(std::move(undo)) {}
  UnlessTold(const UnlessTold&) = delete;
  ~UnlessTold() {
    if (undo_) undo_();
  }
  void told() { undo_ = nullptr; }

 private:
  std::function<void()> undo_;
};

}  // namespace

boost::asio::awaitable<Result<Lent>> Lending::lend(std::uint64_t bytes, milliseconds duration, bool wait) {
  expire();
  auto lease = leases_.add(bytes, duration, conductor_.memory_bytes(), clock_.now());
  if (!lease) co_return fail(lease.error());
  note_lease(*lease, "began");
  UnlessTold taken_back([this, id = lease->id] { take_back(id); });
  const auto before = held_by_models();
  tell();
  Lent lent{.lease = *lease};
  const std::vector<ModelId> must_leave = leaving();
  const TimePoint caches_by = clock_.now() + kCacheWait;
  while (wait && !(leaving().empty() && (caches_have_shrunk() || clock_.now() >= caches_by))) co_await clock_.sleep_for(kLookForMemory);
  const auto after = held_by_models();
  for (const ModelId& model : must_leave) (conductor_.core_of(model).active() == model ? lent.leaving : lent.left).push_back(model);
  for (const auto& [model, held] : before) {
    auto now = after.find(model);
    lent.freed_bytes += held - std::min(held, now == after.end() ? 0 : now->second);
  }
  taken_back.told();
  co_return lent;
}

std::optional<MemoryLease> Lending::take_back(std::uint64_t lease) {
  expire();
  auto ended = leases_.end(lease);
  if (!ended) return ended;
  note_lease(*ended, "ended");
  tell();
  return ended;
}

void Lending::expire() {
  const auto expired = leases_.expire(clock_.now());
  for (const MemoryLease& lease : expired) note_lease(lease, "expired");
  if (!expired.empty()) tell();
}

void Lending::tell() {
  const auto next = leases_.next_end();
  const auto left = next ? std::chrono::ceil<milliseconds>(*next - clock_.now()) : milliseconds(0);
  feed_(Lend{.bytes = leases_.bytes(), .left = left});
}

void Lending::note_lease(const MemoryLease& lease, const char* what) {
  const double gib = static_cast<double>(lease.bytes) / (1 << 30);
  const double seconds = std::chrono::duration<double>(lease.ends - clock_.now()).count();
  common::log::info("memory lease {} of {:.2f} GiB {}", lease.id, gib, what);
  events_.add("memory_lease", {{"id", lease.id}, {"what", what}, {"bytes", lease.bytes}, {"seconds_left", std::max(0.0, seconds)}});
}

// What workers hold of memory that is not in files, without what is on its way out of their caches.
std::map<ModelId, std::uint64_t> Lending::held_by_models() const {
  std::map<ModelId, std::uint64_t> held;
  for (const auto& [model, machine] : conductor_.machines()) {
    if (machine.pid() != 0) held[model] = machine.own_bytes();
  }
  return held;
}

// Who has to for what is lent. One that cannot be killed is not waited for.
std::vector<ModelId> Lending::leaving() const {
  std::vector<ModelId> models;
  const auto look = [&](const Core& core) {
    const bool leaves = core.phase() == Phase::draining || core.phase() == Phase::stopping;
    if (leaves && !conductor_.why_stuck(core.active()) && core.reason() == Reason::memory_lent) models.push_back(core.active());
  };
  look(conductor_.core());
  for (const auto& [model, place] : conductor_.pinned()) look(place.core);
  return models;
}

bool Lending::caches_have_shrunk() const {
  return std::ranges::all_of(cache_limits_, [this](const auto& told) {
    return !told.second || conductor_.machine(told.first).beat().prompt_cache_bytes <= *told.second;
  });
}

}  // namespace proxy::residency
