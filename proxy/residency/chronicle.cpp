#include "proxy/residency/chronicle.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <variant>

#include "common/log.hpp"
#include "common/overloaded.hpp"
#include "proxy/residency/journal.hpp"

namespace proxy::residency {

using common::Error;
using common::ErrorKind;

namespace {

constexpr std::size_t kKeptEvents = 2'000;

std::string wall_time() { return std::format("{:%FT%TZ}", std::chrono::floor<milliseconds>(std::chrono::system_clock::now())); }

}  // namespace

Chronicle::Chronicle(boost::asio::any_io_executor executor, common::Clock& clock, const Conductor& conductor, const PressureLadder& ladder)
    : clock_(clock), conductor_(conductor), ladder_(ladder), events_(executor, kKeptEvents) {}

void Chronicle::on(const Event& event, TimePoint now) {
  auto* worker = std::get_if<WorkerEvent>(&event);
  auto* said = worker ? std::get_if<supervisor::Said>(&worker->what) : nullptr;
  if (!said) return;
  if (auto* beat = std::get_if<common::Beat>(&said->message)) speeds_.on(worker->model, worker->run, *beat, now);
  if (auto* restored = std::get_if<common::Restored>(&said->message)) swaps_.restored(worker->model, restored->seconds);
  auto* loading = std::get_if<common::Loading>(&said->message);
  if (loading && worker->model == conductor_.core().active()) recorder_.progressed(loading->stage, now);
}

void Chronicle::on(const Effect& effect) {
  add_event(effect);
  follow_swap(effect);
  std::visit(common::Overloaded{
                 [&](const Grant&) { ++counters_.grants; },
                 [&](const Reject&) { ++counters_.rejections; },
                 [&](const PressureChanged& e) { pressure_changed(e); },
                 [&](const PinRefused& e) { common::log::warn("{}", e.why.message()); },
                 [&](const WorkerMoved& e) { worker_moved(e); },
                 [&](const WorkerGone& e) { worker_gone(e); },
                 [](const auto&) {},
             },
             effect);
}

void Chronicle::leases_ended(std::size_t count, const Error& why) {
  if (why.kind() == ErrorKind::memory_pressure) counters_.cut_for_memory += count;
}

void Chronicle::first_byte(const ModelId& model) {
  if (!ready_since_ || model != conductor_.core().active()) return;
  const double seconds = std::chrono::duration<double>(clock_.now() - *ready_since_).count();
  events_.add("first_token", {{"model", model}, {"seconds_after_ready", seconds}});
  swaps_.first_token(seconds);
  ready_since_.reset();
}

void Chronicle::add_event(const Effect& effect) {
  const bool worth_telling = std::holds_alternative<WorkerMoved>(effect) || std::holds_alternative<WorkerGone>(effect) ||
                             std::holds_alternative<PhaseChanged>(effect) || std::holds_alternative<PinRefused>(effect) ||
                             std::holds_alternative<PressureChanged>(effect) || std::holds_alternative<ShrinkCaches>(effect);
  if (!worth_telling) return;
  common::Json data = to_json(effect);
  std::string type = data["type"];
  data.erase("type");
  if (std::holds_alternative<PressureChanged>(effect)) {
    data["available_bytes"] = ladder_.reading().available_bytes;
    data["stall_percent"] = ladder_.reading().stall ? common::Json(*ladder_.reading().stall * 100) : common::Json(nullptr);
  }
  events_.add(std::move(type), std::move(data));
}

void Chronicle::follow_swap(const Effect& effect) {
  std::optional<TimePoint> asked;
  if (auto* phase = std::get_if<PhaseChanged>(&effect); phase && phase->phase == Phase::loading) asked = asked_for(phase->model);
  auto swap = recorder_.on(effect, clock_.now(), asked);
  if (!swap) return;
  ready_since_ = clock_.now();
  if ((*swap)["from"].is_string()) {
    const common::Saved& saved = conductor_.machine((*swap)["from"].get<std::string>()).saved();
    (*swap)["saved"] = {{"sessions", saved.sessions}, {"bytes", saved.bytes}};
  }
  const common::Ready& ready = conductor_.machine((*swap)["to"].get<std::string>()).ready_info();
  if (!ready.devices_before.empty()) {
    common::Json& seconds = (*swap)["seconds"];
    const double waited = std::min(ready.device_wait.seconds, seconds["read"].get<double>());
    seconds["device_release"] = waited;
    for (const char* part : {"load", "read"}) seconds[part] = seconds[part].get<double>() - waited;
    (*swap)["devices_released"] = {{"verified", ready.device_wait.missing_bytes == 0}, {"missing_bytes", ready.device_wait.missing_bytes}};
  }
  swaps_.add(*swap, wall_time());
  events_.add("swap", std::move(*swap));
}

// Since when the one who has waited longest does; nothing: nobody asks for it.
std::optional<TimePoint> Chronicle::asked_for(const ModelId& model) const {
  const auto& queue = conductor_.core().queue();
  const auto first = std::ranges::find(queue, model, &Core::Waiter::model);
  return first == queue.end() ? std::nullopt : std::optional(first->arrived);
}

void Chronicle::pressure_changed(const PressureChanged& effect) {
  ++counters_.pressure_steps[effect.to];
  if (effect.to > effect.from) common::log::warn("memory is short: {} ({})", to_string(effect.to), effect.why);
  else common::log::info("memory has come back: {} ({})", effect.to == Rung::none ? "all is as usual" : to_string(effect.to), effect.why);
}

void Chronicle::worker_moved(const WorkerMoved& effect) {
  const auto& [from, to, on] = effect.moved;
  common::log::debug("{}: {} on {} is {}", effect.model, supervisor::to_string(from), supervisor::to_string(on), supervisor::to_string(to));
  if (to == supervisor::State::draining) ++counters_.evictions;
  if (from == supervisor::State::saving && on == supervisor::Event::saved) sessions_saved(effect.model);
  if (from == supervisor::State::saving && on == supervisor::Event::timed_out)
    common::log::warn("{}: did not say in time that its conversations are saved", effect.model);
  if (from == supervisor::State::probing && to == supervisor::State::ready) {
    ++counters_.loads;
    common::log::info("{}: ready after {} ms", effect.model,
                      std::chrono::duration_cast<std::chrono::milliseconds>(conductor_.machine(effect.model).load_time()).count());
  }
  if (to == supervisor::State::unkillable) common::log::error("{}", conductor_.machine(effect.model).last_failure()->message());
}

void Chronicle::sessions_saved(const ModelId& model) {
  const common::Saved& saved = conductor_.machine(model).saved();
  if (saved.sessions == 0) return;
  counters_.sessions_saved += saved.sessions;
  counters_.session_bytes_saved += saved.bytes;
  common::log::info("{}: saved {} conversations, {:.1f} MiB", model, saved.sessions, static_cast<double>(saved.bytes) / (1 << 20));
  events_.add("saved", {{"model", model}, {"sessions", saved.sessions}, {"bytes", saved.bytes}});
}

void Chronicle::worker_gone(const WorkerGone& effect) {
  if (effect.cause) {
    ++(effect.cause->kind() == ErrorKind::worker_crashed ? counters_.crashes : counters_.load_failures);
    ++counters_.failures[{effect.model, effect.cause->kind()}];
    common::log::error("{}: {}", effect.model, effect.cause->message());
  } else {
    common::log::info("{}: worker stopped", effect.model);
  }
  const std::uint64_t missing = conductor_.machine(effect.model).memory_missing();
  recorder_.released(effect.model, missing);
  if (missing > 0)
    common::log::warn("{}: {} MiB of its memory were not seen to come back; something else may have taken them", effect.model,
                      missing >> 20);
}

}  // namespace proxy::residency
