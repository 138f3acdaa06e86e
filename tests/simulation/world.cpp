#include "tests/simulation/world.hpp"

#include <algorithm>
#include <format>

#include "common/overloaded.hpp"

namespace simulation {
namespace {

using namespace proxy::residency;
using namespace std::chrono_literals;
using common::Error;
using common::ErrorKind;
using proxy::supervisor::Order;
using proxy::supervisor::State;
namespace sup = proxy::supervisor;

constexpr std::uint32_t kModels = 3;
constexpr std::uint64_t kMachineBytes = 64ull << 30;
constexpr std::uint64_t kModelBytes = 20ull << 30;
constexpr std::uint64_t kPinnedBytes = 1ull << 30;  // as a worker says

ModelId name_of(std::uint32_t model) { return ModelId(1, static_cast<char>('a' + model)); }

struct Violation {
  std::string what;
};

// The operating system's side of one worker.
struct Process {
  ModelId model;
  int run = 0;
  bool alive = true;
  bool survivors = false;    // left behind after its end
  bool holds_memory = true;  // as the machine sees it; comes back some time after the end
  bool said_hello = false;
  bool told_load = false;
  bool said_ready = false;
  bool generates = false;
  std::optional<common::Purpose> said_purpose;  // by the registry when it was started
  bool probe_asked = false;
  bool told_save = false;
  bool told_exit = false;
  bool killed = false;
  bool deaf = false;      // ignores what it is told
  bool measured = false;  // the daemon has a reading of what it holds
  bool immortal = false;  // in the kernel's hands: even SIGKILL waits
  bool collecting = false;
  std::uint64_t work = 0;
};

enum class Standing { waiting, holding, done };
struct Client {
  ModelId model;
  int priority = 0;
  bool operator_load = false;
  Standing standing = Standing::waiting;
  bool told = false;  // that its lease ends
};

class World {
 public:
  World(Choices& choices, Journal::Sink journal) : choices_(choices), conductor_(initial()) {
    journal_.open(std::move(journal), initial(), now_);
  }

  void run(int steps) {
    is_strained_ = choices_.one_in(3);
    for (int i = 0; i < steps; ++i) step();
    trouble_ = false;
    settle_everything("although time passes and no trouble is made");
    lend(0);
    strain(Rung::none);
    settle_everything("although memory is back");
    check(conductor_.rung() == Rung::none && conductor_.lent_bytes() == 0, "memory is back and something is still held back");
    feed(ShutDown{});
    settle_everything("after the daemon was told to stop");
    check(!conductor_.anybody() && processes_.empty(), "3: the daemon was told to stop and a worker is left");
  }

 private:
  // What an edition of the registry says. Sometimes c is too large for the machine, and b a server of somebody else's.
  struct Edition {
    bool pins_b = false;
    bool c_fits = true;
    std::optional<common::Purpose> purpose_of_b;
    bool sizes_b = true;
  };
  static Settings settings(const Edition& edition) {
    Settings settings{.queue_timeout = 60s, .max_queue = 8, .max_queue_per_key = 3, .max_wait = 5s};
    settings.terms["c"] = {.idle_ttl = 20s, .max_requests = 3, .needed_bytes = edition.c_fits ? kModelBytes : kMachineBytes + 1};
    settings.memory_bytes = kMachineBytes;
    settings.terms["a"] = {.needed_bytes = kModelBytes};
    settings.terms["b"] = {.pinned = edition.pins_b, .file_bytes = edition.sizes_b ? 1u : 0u, .purpose = edition.purpose_of_b};
    settings.pinned_bytes = 2 * kPinnedBytes;  // of three
    settings.default_model = "a";
    settings.return_to_default_after = 30s;
    return settings;
  }
  static Reconfigure initial() { return {.settings = settings(Edition{}), .timeouts = {}}; }

  void check(bool holds, const char* what) {
    if (!holds) throw Violation{what};
  }

  // --- what can happen ---

  void step() {
    if (is_strained_ && choices_.one_in(10)) return change_memory();
    switch (choices_.pick(16)) {
      case 0:
      case 1:
      case 2: return arrive();
      case 3:
      case 4: return release();
      case 5: return leave();
      case 6: return pass_time(choices_.pick(50) * 1ms);
      case 7: return pass_time(choices_.pick(20) * 500ms);
      case 8: return wait_for_deadline();
      case 9: return trouble();
      case 10: return operate();
      default: return process_acts();
    }
  }

  void arrive() {
    Client client{.model = name_of(choices_.pick(kModels)), .operator_load = choices_.one_in(12)};
    client.priority = static_cast<int>(choices_.pick(3)) - 1;
    clients_.push_back(client);
    ++waiting_;
    feed(Arrives{.waiter = clients_.size() - 1,
                 .model = client.model,
                 .priority = client.priority,
                 .key = choices_.one_in(3) ? "k" : "",
                 .operator_load = client.operator_load});
  }
  std::optional<WaiterId> any(Standing standing) {
    const std::size_t count = standing == Standing::waiting ? waiting_ : holding_;
    if (count == 0) return std::nullopt;
    std::uint32_t nth = choices_.pick(static_cast<std::uint32_t>(count));
    for (WaiterId id = first_open_; id < clients_.size(); ++id) {
      if (clients_[id].standing == standing && nth-- == 0) return id;
    }
    return std::nullopt;
  }
  void release() {
    if (auto id = any(Standing::holding)) end_lease(*id);
  }
  void end_lease(WaiterId id) {
    clients_[id].standing = Standing::done;
    --holding_;
    feed(Released{id});
    // A good worker says within a token that it has nothing to do any more.
    const Process* p = process_of(clients_[id].model);
    const bool says = p && p->alive && p->said_ready && !p->deaf && !p->killed;
    if (says && conductor_.core_of(p->model).leases() == 0) tell(*p, sup::Said{common::Beat{.slots_busy = 0, .tokens_total = p->work}});
  }
  void leave() {
    auto id = any(Standing::waiting);
    if (!id) return;
    clients_[*id].standing = Standing::done;
    --waiting_;
    feed(Leaves{*id});
  }
  void operate() {
    const ModelId model = name_of(choices_.pick(kModels));
    switch (choices_.pick(13)) {
      case 0:
        if (made_room_ == model) made_room_.reset();
        return feed(Unload{model});
      case 1: return feed(Retire{model});
      case 2:
        if (made_room_ == model) made_room_.reset();
        return feed(Remove{model});
      case 3: return change_file(model);
      case 5:
      case 6:
        if (made_room_ == model || lent_ > 0) made_room_.reset();  // it may take the room of what was to come back
        return feed(Pin{model});
      case 7: return feed(Unpin{model});
      case 8:
        if (made_room_ == "b" || lent_ > 0) made_room_.reset();
        edition_.pins_b = !edition_.pins_b;
        return publish();
      case 9:
        if (made_room_ == "c") made_room_.reset();
        if (expect_back_ == "c") expect_back_.reset();
        edition_.c_fits = !edition_.c_fits;
        return publish();
      case 10: return edit_server();
      case 4:
        hurried_ = true;
        feed(Hurry{});
        return feed(ShutDown{});
      default: return edit_policy();
    }
  }
  // As Entries tells of it: a worker may stay whose file has only become known.
  void change_file(const ModelId& model) {
    auto machine = conductor_.machines().find(model);
    const bool may_stay = machine != conductor_.machines().end() && machine->second.pid() != 0;
    feed(FileChanged{model});
    if (!may_stay) feed(Retire{model});
  }
  void publish() { feed(Reconfigure{.settings = settings(edition_), .timeouts = {}}); }
  // The registry says something else of b, whose server is started anew for it.
  void edit_server() {
    if (made_room_ == "b" || lent_ > 0) made_room_.reset();
    constexpr std::optional<common::Purpose> kSaid[] = {std::nullopt, common::Purpose::embedding, common::Purpose::generation};
    edition_.purpose_of_b = kSaid[choices_.pick(3)];
    edition_.sizes_b = !choices_.one_in(4);
    publish();
    feed(FileChanged{"b"});
    feed(Retire{"b"});
  }
  void change_memory() {
    const int rung = static_cast<int>(conductor_.rung());
    switch (choices_.pick(8)) {
      case 0:
      case 1: return strain(Rung::none);
      case 2: return strain(static_cast<Rung>(std::max(rung - 1, 0)));
      case 3:
      case 4:
      case 5: return strain(static_cast<Rung>(std::min(rung + 1, static_cast<int>(kRungs) - 1)));  // one up, as the ladder climbs
      case 6: return lend(0);
      default: return lend((choices_.pick(5) * 12ull) << 30);
    }
  }
  // Nothing comes back that cannot, and it is not known here what still will.
  void lend(std::uint64_t bytes) {
    if (bytes > 0) expect_back_.reset(), made_room_.reset();
    lent_ = bytes;
    feed(Lend{.bytes = bytes, .left = 60s});
  }
  void strain(Rung rung) {
    const Rung from = conductor_.rung();
    if (rung != Rung::none) expect_back_.reset(), made_room_.reset();
    cuts_lowest_ = from < Rung::cancel_lowest && rung >= Rung::cancel_lowest;
    rung_ = rung;
    feed(Strained{.rung = rung, .why = "memory is short here", .retry_after = 10s});
    cuts_lowest_ = false;
  }
  void edit_policy() {
    const std::size_t before = orders_;
    const Phase phase = conductor_.core().phase();
    publish();
    check(orders_ == before && conductor_.core().phase() == phase, "7: an edit of the policy reached a worker");
  }

  void pass_time(common::Duration d) {
    const TimePoint until = now_ + d;
    while (auto due = conductor_.next_deadline()) {
      if (*due > until) break;
      now_ = std::max(now_, *due);
      feed(Tick{});
    }
    now_ = until;
  }
  void wait_for_deadline() {
    auto due = conductor_.next_deadline();
    if (!due) return;
    now_ = std::max(now_, *due);
    feed(Tick{});
  }

  // Something that workers should not do.
  void trouble() {
    if (processes_.empty()) return;
    Process& p = processes_[choices_.pick(static_cast<std::uint32_t>(processes_.size()))];
    if (!p.alive) return;
    switch (choices_.pick(8)) {
      case 0: return ends(p, {.signal = 11});
      case 1: return ends(p, {.code = 70});
      case 2: return tell(p, sup::HungUp{});
      case 3: p.deaf = true; return;
      case 4:
        if (choices_.one_in(6)) p.immortal = true;
        return;
      case 5: return tell(p, sup::Said{common::Hello{.protocol = 1 + static_cast<int>(choices_.pick(2))}});
      case 6: return tell(p, sup::Said{common::Saved{}});
      case 7: return says(p, common::Ready{.model = p.model, .slots = 1});
    }
  }

  void process_acts() {
    if (processes_.empty()) return;
    act(processes_[choices_.pick(static_cast<std::uint32_t>(processes_.size()))]);
  }

  // The next thing that this process does, in the order in which a good one does them.
  void act(Process& p) {
    if (!p.alive) return after_the_end(p);
    if (p.killed) {
      if (p.immortal && trouble_) return;
      return ends(p, {.signal = 9});
    }
    if (p.deaf) return;
    if (p.told_exit) return ends(p, {});
    if (!p.said_hello) {
      p.said_hello = true;
      return tell(p, sup::Said{common::Hello{}});
    }
    if (p.told_load && !p.said_ready) return loads(p);
    if (p.probe_asked) {
      p.probe_asked = false;
      const bool bad = trouble_ && choices_.one_in(12);
      return tell(p, sup::Probed{bad ? std::optional(Error(ErrorKind::io, "no answer")) : std::nullopt});
    }
    if (p.told_save) {
      p.told_save = false;
      return tell(p, sup::Said{common::Saved{}});
    }
    if (p.said_ready) return tell(p, sup::Said{common::Beat{.slots_busy = conductor_.core_of(p.model).leases(), .tokens_total = ++p.work}});
  }
  void loads(Process& p) {
    switch (trouble_ ? choices_.pick(14) : 0) {
      default: {
        p.said_ready = true;
        const auto found = choices_.one_in(6) ? common::Purpose::generation : common::Purpose::embedding;
        const auto purpose = p.said_purpose.value_or(found);
        p.generates = purpose == common::Purpose::generation;
        return says(p, common::Ready{.model = p.model,
                                     .purpose = purpose,
                                     .slots = 1 + choices_.pick(3),
                                     .memory = {{.device = "CPU", .weights_bytes = kPinnedBytes}}});
      }
      case 9:
      case 10: return says(p, common::Loading{"weights", 0.5});
      case 11: return ends(p, {.code = 65});
      case 12: return ends(p, {.code = 69});
      case 13: return ends(p, {.signal = 9});
    }
  }
  void says(Process& p, common::FromWorker message) {
    measure(p);
    tell(p, sup::Said{std::move(message)});
  }
  void measure(Process& p) {
    p.measured = true;
    tell(p, sup::Holds{.own_bytes = kModelBytes, .available_bytes = available_to(p)});
  }
  void ends(Process& p, common::ExitStatus status) {
    if (!p.alive) return;
    p.alive = false;
    p.survivors = trouble_ && choices_.one_in(8);
    p.holds_memory = !trouble_ || !choices_.one_in(2);
    if (!trouble_) p.holds_memory = false;
    tell(p, sup::Exited{.status = status, .last_words = "bye"});
  }
  void after_the_end(Process& p) {
    if (p.holds_memory && (!trouble_ || choices_.one_in(2))) p.holds_memory = false;
    if (!p.collecting) return;
    tell(p, sup::Looked{.survivors = p.survivors, .available_bytes = available_to(p)});
  }

  // What others of ours hold counts as available.
  static std::uint64_t available_to(const Process& p) { return kMachineBytes - (p.holds_memory ? kModelBytes : 0); }

  // Clients finish, workers do their best, time passes: everything has to come to an end.
  void settle_everything(const char* when) {
    for (int i = 0; i < 3'000; ++i) {
      if (waiting_ == 0 && holding_ == 0 && at_rest()) return;
      auto able = std::ranges::find_if(processes_, can_act);
      if (auto id = any_told_or_oldest()) {
        end_lease(*id);
      } else if (able != processes_.end()) {
        act(*able);
        pass_time(20ms);
      } else if (conductor_.next_deadline()) {
        wait_for_deadline();
      } else {
        break;
      }
    }
    throw Violation{std::format("3: {} wait and {} run for ever, {}", waiting_, holding_, when)};
  }
  bool at_rest() const {
    if (conductor_.core().shutting_down()) return !conductor_.anybody();
    const auto rests = [](const Core& core) { return core.phase() == Phase::serving || core.phase() == Phase::vacant; };
    return rests(conductor_.core()) && std::ranges::all_of(conductor_.pinned(), [&](const auto& own) { return rests(own.second.core); });
  }
  std::optional<WaiterId> any_told_or_oldest() const {
    for (WaiterId id = first_open_; id < clients_.size(); ++id) {
      if (clients_[id].standing == Standing::holding) return id;
    }
    return std::nullopt;
  }
  static bool can_act(const Process& p) {
    if (!p.alive) return p.collecting;
    if (p.killed) return true;
    if (p.deaf) return false;
    return p.told_exit || !p.said_hello || (p.told_load && !p.said_ready) || p.probe_asked || p.told_save;
  }

  // --- the daemon's side ---

  void tell(const Process& p, sup::Input what) { feed(WorkerEvent{.model = p.model, .run = p.run, .what = std::move(what)}); }

  void feed(Event event) {
    events_.push_back(std::move(event));
    if (feeding_) return;
    feeding_ = true;
    while (!events_.empty()) {
      const Event next = std::move(events_.front());
      events_.erase(events_.begin());
      decide(next);
      look_around();
    }
    feeding_ = false;
    while (first_open_ < clients_.size() && clients_[first_open_].standing == Standing::done) ++first_open_;
  }

  void decide(const Event& event) {
    const auto effects = conductor_.on(event, now_);
    journal_.record(event, effects, conductor_, now_);
    for (const Effect& effect : effects) std::visit([this](const auto& e) { carry_out(e); }, effect);
  }

  void look_around() {
    check(resident_processes() <= 1, "1: two workers at once");
    auto due = conductor_.next_deadline();
    if (due && *due <= now_ && events_.empty()) {
      decide(Tick{});
      due = conductor_.next_deadline();
      check(!due || *due > now_, "a deadline is left in the past");
    }
    std::size_t queued = conductor_.core().queue().size();
    for (const auto& [model, place] : conductor_.pinned()) queued += place.core.queue().size();
    check(queued == waiting_ || !events_.empty(), "3: the queue and the clients disagree");
    std::size_t pinned = 0;
    for (const auto& [model, place] : conductor_.pinned()) {
      if (place.core.phase() != Phase::serving) continue;
      ++pinned;
      const Process* p = process_of(model);
      check(!p || !p->generates, "1: a model that generates is resident beside the others");
    }
    check(pinned <= 2, "8: more is pinned than the budget has room for");
  }
  // That are not pinned; those that are have a place of their own.
  std::size_t resident_processes() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        processes_, [&](const Process& p) { return (p.alive || p.survivors) && !conductor_.pinned().contains(p.model); }));
  }

  void carry_out(const Grant& e) {
    Client& client = clients_.at(e.waiter);
    check(client.standing == Standing::waiting && !client.operator_load, "4: granted twice, or to somebody who had left");
    check(client.model == e.model, "4: granted a model that was not asked for");
    const Process* p = process_of(e.model);
    check(p && p->alive && p->said_ready && !p->told_exit && !p->told_save && !p->killed, "4: granted a worker that does not serve");
    check(rung_ < Rung::cancel_lowest, "granted although memory is so short that answers are cut off");
    client.standing = Standing::holding;
    --waiting_;
    ++holding_;
  }
  void carry_out(const Confirm& e) {
    Client& client = clients_.at(e.waiter);
    check(client.standing == Standing::waiting && client.operator_load, "3: confirmed what nobody waits for");
    check(conductor_.core_of(client.model).active() == client.model, "4: confirmed a model that is not there");
    client.standing = Standing::done;
    --waiting_;
  }
  void carry_out(const Reject& e) {
    Client& client = clients_.at(e.waiter);
    check(client.standing == Standing::waiting, "3: refused somebody who had an outcome");
    check(!e.why.message().empty(), "9: refused without a cause");
    if (e.why.kind() == ErrorKind::queue_full || e.why.kind() == ErrorKind::too_many_requests)
      check(e.why.retry_after().has_value(), "refused for lack of room without saying when to come back");
    client.standing = Standing::done;
    --waiting_;
  }
  void carry_out(const LeaseEnds& e) {
    check(cuts_lowest_ && e.why.kind() == ErrorKind::memory_pressure, "6: a request was cut off though its rung was not reached just now");
    Client& client = clients_.at(e.waiter);
    check(client.standing == Standing::holding, "6: cut off what does not run");
    for (WaiterId id = first_open_; id < clients_.size(); ++id) {
      const Client& other = clients_[id];
      const bool runs_below = other.standing == Standing::holding && !other.told && other.priority < client.priority;
      check(!runs_below, "6: a higher priority was cut off while a lower one runs");
    }
    client.told = true;
  }
  void carry_out(const ShrinkCaches& e) {
    const Process* p = process_of(e.model);
    check(p && p->run == e.run && p->said_ready, "caches of a worker that does not serve were shrunk");
  }
  void carry_out(const DropSaved&) { check(rung_ >= Rung::drop_saved, "saved states were dropped below their rung"); }
  void carry_out(const PressureChanged& e) { check(e.to == rung_ && !e.why.empty(), "a step that nobody took"); }
  void carry_out(const PinRefused& e) { check(!e.why.message().empty(), "9: a pin refused without a cause"); }
  void carry_out(const LeasesEnd& e) {
    if (e.why.kind() == ErrorKind::model_evicted) {
      auto began = drain_began_.find(e.model);
      check(hurried_ || (began != drain_began_.end() && now_ >= began->second + sup::Timeouts{}.drain),
            "6: a request was cut off before its time");
    }
    if (e.why.kind() == ErrorKind::memory_pressure) {
      auto began = drain_began_.find(e.model);
      check(began != drain_began_.end() && now_ >= began->second + sup::Timeouts{}.drain_in_haste,
            "6: a request was cut off before the short drain was over");
    }
    for (WaiterId id = first_open_; id < clients_.size(); ++id) {
      if (clients_[id].standing == Standing::holding && clients_[id].model == e.model) clients_[id].told = true;
    }
  }
  void carry_out(const WorkerMoved& e) {
    if (e.moved.to == State::draining) drain_began_[e.model] = now_;
    if (e.moved.to == State::ready) drain_began_.erase(e.model);
    if (e.moved.to == State::reaping) reaping_began_[e.model] = now_;
  }
  void carry_out(const PhaseChanged& e) {
    if (e.pinned) return;  // nothing makes room for it
    const Phase before = std::exchange(phase_, e.phase);
    if (e.phase == Phase::vacant) {
      const bool stays = conductor_.core().shutting_down() || !conductor_.core().queue().empty() || rung_ != Rung::none;
      check(!expect_back_ || stays, "9: a load failed and nothing came back");
      expect_back_.reset();
      made_room_.reset();  // an empty place: nobody makes room for what comes next
    }
    if (e.phase == Phase::loading) {
      if (made_room_ == e.model) made_room_.reset();  // it has its place back
      const bool back = expect_back_ && conductor_.core().queue().empty();
      if (back) check(e.model == *expect_back_, "9: a load failed and the model before it did not come back");
      expect_back_.reset();
    }
    if (e.phase == Phase::serving) resident_ = e.model, made_room_.reset();
    if (e.phase == Phase::draining || e.phase == Phase::stopping) {
      if (before == Phase::loading && e.why == Reason::make_room) {  // it was ready, and had to leave in the same moment
        made_room_.reset();
        resident_ = e.model;
      }
      if (resident_ && e.why == Reason::make_room && could_return(*resident_)) made_room_ = resident_;
      else if (e.why != Reason::not_wanted && e.why != Reason::make_room) made_room_.reset();
      resident_.reset();
    }
  }
  bool could_return(const ModelId& model) const {
    std::uint64_t taken = lent_ + most_of(model);
    for (const auto& [other, place] : conductor_.pinned()) taken += other == model ? 0 : most_of(other);
    return taken <= kMachineBytes;
  }
  std::uint64_t most_of(const ModelId& model) const {
    if (model == "b") return kPinnedBytes;
    return model == "c" && !edition_.c_fits ? kMachineBytes + 1 : kModelBytes;
  }
  void carry_out(const WorkerGone& e) {
    for (WaiterId id = first_open_; id < clients_.size(); ++id) {
      const Client& c = clients_[id];
      if (e.cause && c.standing == Standing::holding && c.model == e.model && !c.told)
        throw Violation{"5: a lease on a dead worker, not told"};
    }
    if (const Process* p = process_of(e.model)) {
      check(!p->alive && !p->survivors, "1: reported gone while something of it is left");
      check(!p->holds_memory || !p->measured || now_ >= reaping_began_[e.model] + sup::Timeouts{}.reap,
            "8: its memory was not back, and not waited for");
    }
    std::erase_if(processes_, [&](const Process& p) { return p.run == e.run && p.model == e.model; });
    if (e.pinned) return;
    if (e.cause && phase_ == Phase::loading && made_room_ && *made_room_ != e.model &&
        conductor_.machine(*made_room_).state() == State::stopped)
      expect_back_ = made_room_;
    if (made_room_ != e.model) made_room_.reset();
  }
  void carry_out(const WorkerOrder& e) {
    ++orders_;
    if (e.order == Order::spawn) return spawn(e);
    if (e.model == not_spawned_.first && e.run == not_spawned_.second) return;  // decided before that was known
    Process* p = process_of(e.model);
    if (!p || p->run != e.run) throw Violation{"an order for a worker that is not there"};
    switch (e.order) {
      case Order::spawn: break;
      case Order::send_load: p->told_load = true; break;
      case Order::probe: p->probe_asked = true; break;
      case Order::send_save:
        check_no_lease(e.model, "6: told to save under a running request");
        p->told_save = true;
        break;
      case Order::send_exit:
        measure(*p);
        p->told_exit = true;
        break;
      case Order::abort:
      case Order::kill:
        measure(*p);
        p->killed = true;
        break;
      case Order::kill_survivors:
        if (!trouble_ || choices_.one_in(2)) p->survivors = false;
        break;
      case Order::collect: p->collecting = true; break;
    }
  }
  void check_no_lease(const ModelId& model, const char* what) {
    for (WaiterId id = first_open_; id < clients_.size(); ++id) {
      const Client& c = clients_[id];
      check(c.standing != Standing::holding || c.model != model || c.told, what);
    }
  }
  void spawn(const WorkerOrder& e) {
    check(edition_.c_fits || e.model != "c", "8: what can never fit was started");
    if (e.model == "b" && conductor_.pinned().contains("b") && edition_.purpose_of_b) {
      check(*edition_.purpose_of_b != common::Purpose::generation,
            "1: a server that the registry says generates is started beside the others");
      check(edition_.sizes_b, "8: a server that nobody knows the size of is started beside the others");
    }
    check(rung_ == Rung::none, "started while memory is short");
    check(e.model == "b" || lent_ + kModelBytes <= kMachineBytes, "8: started into memory that is lent");
    check(!process_of(e.model), "1: a second worker for one model");
    check(conductor_.pinned().contains(e.model) ||
              std::ranges::all_of(processes_, [&](const Process& p) { return conductor_.pinned().contains(p.model); }),
          "1: spawned beside another worker");
    if (trouble_ && choices_.one_in(20)) {
      not_spawned_ = {e.model, e.run};
      feed(WorkerEvent{.model = e.model, .run = e.run, .what = sup::NotSpawned{Error(ErrorKind::io, "no such program")}});
      return;
    }
    processes_.push_back({.model = e.model, .run = e.run});
    if (e.model == "b") processes_.back().said_purpose = edition_.purpose_of_b;
    tell(processes_.back(), sup::Spawned{.pid = 1000 + e.run});
  }
  Process* process_of(const ModelId& model) {
    auto it = std::ranges::find(processes_, model, &Process::model);
    return it == processes_.end() ? nullptr : &*it;
  }

  Choices& choices_;
  Conductor conductor_;
  Journal journal_;
  TimePoint now_{std::chrono::hours(1)};
  bool trouble_ = true;
  bool hurried_ = false;

  std::vector<Client> clients_;
  WaiterId first_open_ = 0;  // everybody before it is done
  std::size_t waiting_ = 0;
  std::size_t holding_ = 0;
  std::vector<Process> processes_;
  std::size_t orders_ = 0;
  std::pair<ModelId, int> not_spawned_;

  std::vector<Event> events_;
  bool feeding_ = false;

  Phase phase_ = Phase::vacant;
  std::map<ModelId, TimePoint> drain_began_;
  std::map<ModelId, TimePoint> reaping_began_;
  std::optional<ModelId> resident_;
  std::optional<ModelId> made_room_;
  std::optional<ModelId> expect_back_;
  Edition edition_;
  bool is_strained_ = false;  // memory gets short, or is lent, in this schedule
  std::uint64_t lent_ = 0;
  Rung rung_ = Rung::none;
  bool cuts_lowest_ = false;  // that rung is reached in this very moment
};

std::optional<std::string> run_recorded(const std::vector<std::uint32_t>& recorded, int steps) {
  Choices choices(recorded);
  return run_schedule(choices, steps);
}

}  // namespace

std::optional<std::string> run_schedule(Choices& choices, int steps, Journal::Sink journal) {
  try {
    World(choices, std::move(journal)).run(steps);
  } catch (const Violation& violation) {
    return violation.what;
  }
  return std::nullopt;
}

std::optional<Failure> try_seed(std::uint64_t seed, int steps) {
  Choices choices(seed);
  auto what = run_schedule(choices, steps);
  if (!what) return std::nullopt;
  Failure failure{*what, choices.recorded()};
  // Leave out pieces, large ones first, as long as anything still goes wrong.
  for (std::size_t piece = failure.choices.size() / 2; piece > 0; piece /= 2) {
    for (std::size_t at = 0; at + piece <= failure.choices.size();) {
      auto fewer = failure.choices;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at), fewer.begin() + static_cast<std::ptrdiff_t>(at + piece));
      if (auto still = run_recorded(fewer, steps)) {
        failure = {*still, std::move(fewer)};
      } else {
        at += piece;
      }
    }
  }
  return failure;
}

}  // namespace simulation
