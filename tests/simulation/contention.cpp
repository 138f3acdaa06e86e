#include "tests/simulation/contention.hpp"

#include <algorithm>
#include <format>
#include <functional>
#include <map>
#include <queue>

#include "proxy/residency/conductor.hpp"
#include "tests/simulation/choices.hpp"

namespace simulation {
namespace {

using namespace proxy::residency;
using namespace std::chrono_literals;
using proxy::supervisor::Order;
namespace sup = proxy::supervisor;

struct Traffic {
  std::uint32_t models;
  std::uint32_t clients;
  milliseconds longest_answer;
  milliseconds longest_pause;
  std::map<ModelId, milliseconds> load;
  milliseconds stop;
  Settings settings;

  milliseconds swap() const {
    milliseconds slowest{0};
    for (const auto& [model, time] : load) slowest = std::max(slowest, time);
    return longest_answer + stop + slowest;
  }
};

Traffic make_traffic(Choices& choices) {
  Traffic t{.models = 2 + choices.pick(3),
            .clients = 2 + choices.pick(11),
            .longest_answer = milliseconds(10 + choices.pick(20'000)),
            .longest_pause = milliseconds(choices.pick(3) ? choices.pick(5'000) : 0),
            .load = {},
            .stop = milliseconds(1 + choices.pick(3'000)),
            .settings = {.max_queue = 1'000, .max_wait = milliseconds(500 + choices.pick(40'000))}};
  for (std::uint32_t m = 0; m < t.models; ++m) t.load[ModelId(1, static_cast<char>('a' + m))] = milliseconds(20 + choices.pick(60'000));
  if (choices.pick(2)) t.settings.min_residency = milliseconds(choices.pick(30'000));
  if (choices.pick(2)) t.settings.linger = milliseconds(choices.pick(30'000));
  return t;
}

class Contention {
 public:
  explicit Contention(std::uint64_t seed)
      : choices_(seed), traffic_(make_traffic(choices_)), conductor_(Reconfigure{traffic_.settings, {}}) {}

  Waits run(std::chrono::seconds simulated) {
    const TimePoint end = now_ + simulated;
    for (std::uint32_t client = 0; client < traffic_.clients; ++client) at(now_, [this] { ask(); });
    while (now_ < end && !waits_.past_bound) {
      auto due = conductor_.next_deadline();
      if (agenda_.empty() && !due) break;
      if (agenda_.empty() || (due && *due < agenda_.top().when)) {
        now_ = *due;
        feed(Tick{});
        continue;
      }
      now_ = agenda_.top().when;
      auto happens = agenda_.top().what;
      agenda_.pop();
      happens();
    }
    return waits_;
  }

 private:
  struct Entry {
    TimePoint when;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const Entry& other) const { return std::tie(when, order) > std::tie(other.when, other.order); }
  };
  struct Asked {
    TimePoint when;
    ModelId model;
    bool during_swap;
  };

  void at(TimePoint when, std::function<void()> what) { agenda_.push({when, ++entries_, std::move(what)}); }

  void ask() {
    const WaiterId id = ++last_;
    const ModelId model(1, static_cast<char>('a' + choices_.pick(traffic_.models)));
    const Phase phase = conductor_.core().phase();
    asked_[id] = {now_, model, phase != Phase::serving && phase != Phase::vacant};
    feed(Arrives{.waiter = id, .model = model});
    // At the very moment at which a turn ends, the swap that follows is under way, too.
    const Phase after = conductor_.core().phase();
    if (auto waits = asked_.find(id); waits != asked_.end() && (after == Phase::draining || after == Phase::stopping))
      waits->second.during_swap = true;
  }

  void feed(Event event) {
    for (const Effect& effect : conductor_.on(event, now_)) {
      if (auto* grant = std::get_if<Grant>(&effect)) granted(*grant);
      if (auto* order = std::get_if<WorkerOrder>(&effect)) heed(*order);
    }
  }

  void granted(const Grant& grant) {
    const Asked asked = asked_.at(grant.waiter);
    asked_.erase(grant.waiter);
    const auto wait = std::chrono::duration_cast<milliseconds>(now_ - asked.when);
    const auto bound = (asked.during_swap ? traffic_.swap() : 0ms) + (traffic_.models - 1) * (traffic_.settings.max_wait + traffic_.swap());
    ++waits_.served;
    waits_.worst_share = std::max(waits_.worst_share, static_cast<double>(wait.count()) / static_cast<double>(bound.count()));
    if (wait > bound && !waits_.past_bound)
      waits_.past_bound = std::format("waited {} ms for {}, the bound is {} ms", wait.count(), grant.model, bound.count());
    at(now_ + milliseconds(1 + choices_.pick(static_cast<std::uint32_t>(traffic_.longest_answer.count()))), [this, id = grant.waiter] {
      feed(Released{id});
      at(now_ + milliseconds(choices_.pick(static_cast<std::uint32_t>(traffic_.longest_pause.count()) + 1)), [this] { ask(); });
    });
  }

  void heed(const WorkerOrder& order) {
    auto tells = [this, order](milliseconds later, sup::Input what) {
      at(now_ + later, [this, order, what = std::move(what)] { feed(WorkerEvent{order.model, order.run, what}); });
    };
    switch (order.order) {
      case Order::spawn: return tells(0ms, sup::Said{common::Hello{}});
      case Order::send_load: return load(order, traffic_.load.at(order.model));
      case Order::probe: return tells(0ms, sup::Probed{});
      case Order::send_save: return tells(0ms, sup::Said{common::Saved{}});
      case Order::send_exit: return tells(traffic_.stop, sup::Exited{});
      case Order::collect: return tells(0ms, sup::Looked{.survivors = false, .available_bytes = 1});
      case Order::abort:
      case Order::kill:
      case Order::kill_survivors: waits_.past_bound = "a good worker was killed"; return;
    }
  }
  void load(const WorkerOrder& order, milliseconds left) {
    constexpr milliseconds kProgress{5'000};
    const bool last = left <= kProgress;
    at(now_ + std::min(left, kProgress), [=, this] {
      if (!last) {
        feed(WorkerEvent{order.model, order.run, sup::Said{common::Loading{"weights", 0.5}}});
        return load(order, left - kProgress);
      }
      feed(WorkerEvent{order.model, order.run, sup::Said{common::Ready{.model = order.model, .slots = traffic_.clients}}});
    });
  }

  Choices choices_;
  Traffic traffic_;
  Conductor conductor_;
  TimePoint now_{std::chrono::hours(1)};
  std::priority_queue<Entry> agenda_;
  std::uint64_t entries_ = 0;
  WaiterId last_ = 0;
  std::map<WaiterId, Asked> asked_;
  Waits waits_;
};

}  // namespace

Waits contend(std::uint64_t seed, std::chrono::seconds simulated) { return Contention(seed).run(simulated); }

}  // namespace simulation
