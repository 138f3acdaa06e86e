#include "proxy/residency/journal.hpp"

#include <format>

#include "common/overloaded.hpp"

namespace proxy::residency {

using common::Error;
using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;
namespace sup = supervisor;
using std::chrono::duration_cast;
using std::chrono::nanoseconds;

namespace {

// --- values ---

std::int64_t ms(milliseconds d) { return d.count(); }
milliseconds ms(const Json& json) { return milliseconds(json.get<std::int64_t>()); }

Json error_json(const Error& error) {
  Json json{{"kind", static_cast<int>(error.kind())}, {"code", common::to_string(error.kind())}, {"message", error.message()}};
  if (error.retry_after()) json["retry_after_ms"] = error.retry_after()->count();
  return json;
}
Error error_from(const Json& json) {
  Error error(static_cast<ErrorKind>(json.at("kind").get<int>()), json.at("message").get<std::string>());
  if (json.contains("retry_after_ms")) error = std::move(error).retry_after(ms(json["retry_after_ms"]));
  return error;
}
Json optional_error_json(const std::optional<Error>& error) { return error ? error_json(*error) : Json(nullptr); }
std::optional<Error> optional_error_from(const Json& json) { return json.is_null() ? std::nullopt : std::optional(error_from(json)); }

Json settings_json(const Settings& s) {
  Json terms = Json::object();
  for (const auto& [model, t] : s.terms) {
    terms[model] = {{"idle_ttl", ms(t.idle_ttl)},
                    {"max_requests", t.max_requests},
                    {"pinned", t.pinned},
                    {"file_bytes", t.file_bytes},
                    {"purpose", t.purpose ? Json(common::to_string(*t.purpose)) : Json(nullptr)},
                    {"needed_bytes", t.needed_bytes},
                    {"need", t.need},
                    {"load_time", ms(t.load_time)},
                    {"tier", static_cast<int>(t.tier)},
                    {"most_bytes", t.most_bytes ? Json(*t.most_bytes) : Json(nullptr)},
                    {"evicts_after_idle", ms(t.evicts_after_idle)},
                    {"hours", t.hours},
                    {"opens_in", ms(t.opens_in)}};
  }
  return {{"queue_timeout", ms(s.queue_timeout)},
          {"max_queue", s.max_queue},
          {"max_queue_per_key", s.max_queue_per_key},
          {"max_wait", ms(s.max_wait)},
          {"min_residency", s.min_residency ? Json(ms(*s.min_residency)) : Json(nullptr)},
          {"linger", s.linger ? Json(ms(*s.linger)) : Json(nullptr)},
          {"default_model", s.default_model},
          {"return_to_default_after", ms(s.return_to_default_after)},
          {"pinned_bytes", s.pinned_bytes},
          {"memory_bytes", s.memory_bytes},
          {"memory", s.memory},
          {"leave_time", ms(s.leave_time)},
          {"first_come", s.first_come},
          {"terms", std::move(terms)}};
}
Settings settings_from(const Json& json) {
  Settings s{.queue_timeout = ms(json.at("queue_timeout")),
             .max_queue = json.at("max_queue"),
             .max_queue_per_key = json.at("max_queue_per_key"),
             .max_wait = ms(json.at("max_wait")),
             .default_model = json.at("default_model"),
             .return_to_default_after = ms(json.at("return_to_default_after")),
             .pinned_bytes = json.at("pinned_bytes"),
             .memory_bytes = json.at("memory_bytes"),
             .memory = json.at("memory"),
             .leave_time = ms(json.at("leave_time")),
             .first_come = json.at("first_come")};
  if (!json.at("min_residency").is_null()) s.min_residency = ms(json["min_residency"]);
  if (!json.at("linger").is_null()) s.linger = ms(json["linger"]);
  for (const auto& [model, t] : json.at("terms").items()) {
    s.terms[model] = {.idle_ttl = ms(t.at("idle_ttl")),
                      .max_requests = t.at("max_requests"),
                      .pinned = t.at("pinned"),
                      .file_bytes = t.at("file_bytes"),
                      .purpose = t.at("purpose").is_null() ? std::nullopt : common::purpose_called(t["purpose"].get<std::string>()),
                      .needed_bytes = t.at("needed_bytes"),
                      .need = t.at("need"),
                      .load_time = ms(t.at("load_time")),
                      .tier = static_cast<registry::Tier>(t.at("tier").get<int>()),
                      .evicts_after_idle = ms(t.at("evicts_after_idle")),
                      .hours = t.at("hours"),
                      .opens_in = ms(t.at("opens_in"))};
    if (!t.at("most_bytes").is_null()) s.terms[model].most_bytes = t["most_bytes"].get<std::uint64_t>();
  }
  return s;
}

struct TimeoutField {
  const char* name;
  milliseconds sup::Timeouts::* at;
};
constexpr TimeoutField kTimeouts[] = {{"hello", &sup::Timeouts::hello},
                                      {"load_stall", &sup::Timeouts::load_stall},
                                      {"drain", &sup::Timeouts::drain},
                                      {"drain_in_haste", &sup::Timeouts::drain_in_haste},
                                      {"save", &sup::Timeouts::save},
                                      {"work_stall", &sup::Timeouts::work_stall},
                                      {"abort", &sup::Timeouts::abort},
                                      {"hang_up", &sup::Timeouts::hang_up},
                                      {"stop", &sup::Timeouts::stop},
                                      {"stop_per_gib", &sup::Timeouts::stop_per_gib},
                                      {"reap", &sup::Timeouts::reap},
                                      {"backoff_first", &sup::Timeouts::backoff_first},
                                      {"backoff_most", &sup::Timeouts::backoff_most},
                                      {"crash_window", &sup::Timeouts::crash_window}};

Json timeouts_json(const sup::Timeouts& timeouts) {
  Json json{{"crashes_allowed", timeouts.crashes_allowed}};
  for (const TimeoutField& field : kTimeouts) json[field.name] = ms(timeouts.*field.at);
  return json;
}
sup::Timeouts timeouts_from(const Json& json) {
  sup::Timeouts timeouts;
  timeouts.crashes_allowed = json.at("crashes_allowed");
  for (const TimeoutField& field : kTimeouts) timeouts.*field.at = ms(json.at(field.name));
  return timeouts;
}

// --- what workers do ---

Json worker_json(const sup::Input& what) {
  return std::visit(
      common::Overloaded{
          [](sup::Wish wish) { return Json{{"type", "wish"}, {"wish", static_cast<int>(wish)}}; },
          [](const sup::Serves& i) { return Json{{"type", "serves"}, {"requests", i.requests}}; },
          [](const sup::Spawned& i) { return Json{{"type", "spawned"}, {"pid", i.pid}}; },
          [](const sup::NotSpawned& i) { return Json{{"type", "not_spawned"}, {"why", error_json(i.why)}}; },
          [](const sup::Said& i) { return Json{{"type", "said"}, {"message", common::encode(i.message)}}; },
          [](const sup::HungUp&) { return Json{{"type", "hung_up"}}; },
          [](const sup::Probed& i) { return Json{{"type", "probed"}, {"failure", optional_error_json(i.failure)}}; },
          [](const sup::Holds& i) { return Json{{"type", "holds"}, {"own", i.own_bytes}, {"available", i.available_bytes}}; },
          [](const sup::Exited& i) {
            return Json{{"type", "exited"},
                        {"code", i.status.code},
                        {"signal", i.status.signal},
                        {"out_of_memory", i.status.out_of_memory},
                        {"last_words", i.last_words}};
          },
          [](const sup::Looked& i) { return Json{{"type", "looked"}, {"survivors", i.survivors}, {"available", i.available_bytes}}; },
          [](const sup::Tick&) { return Json{{"type", "tick"}}; },
      },
      what);
}

sup::Input worker_from(const Json& json) {
  const std::string type = json.at("type");
  if (type == "wish") return static_cast<sup::Wish>(json.at("wish").get<int>());
  if (type == "serves") return sup::Serves{json.at("requests")};
  if (type == "spawned") return sup::Spawned{json.at("pid")};
  if (type == "not_spawned") return sup::NotSpawned{error_from(json.at("why"))};
  if (type == "hung_up") return sup::HungUp{};
  if (type == "probed") return sup::Probed{optional_error_from(json.at("failure"))};
  if (type == "holds") return sup::Holds{json.at("own"), json.at("available")};
  if (type == "exited")
    return sup::Exited{.status = {.code = json.at("code"), .signal = json.at("signal"), .out_of_memory = json.at("out_of_memory")},
                       .last_words = json.at("last_words")};
  if (type == "looked") return sup::Looked{json.at("survivors"), json.at("available")};
  if (type == "tick") return sup::Tick{};
  if (type != "said") throw std::invalid_argument("no such thing as " + type);
  auto message = common::decode_from_worker(json.at("message").get<std::string>());
  if (!message) throw std::invalid_argument(message.error().message());
  return sup::Said{std::move(*message)};
}

Rung rung_of(const Json& json) {
  auto rung = rung_from(json.get<std::string>());
  if (!rung) throw std::invalid_argument("no rung is called " + json.get<std::string>());
  return *rung;
}

}  // namespace

Json to_json(const Event& event) {
  return std::visit(
      common::Overloaded{
          [](const Arrives& e) {
            return Json{{"type", "arrives"},      {"waiter", e.waiter}, {"model", e.model},
                        {"priority", e.priority}, {"key", e.key},       {"operator_load", e.operator_load}};
          },
          [](const Leaves& e) { return Json{{"type", "leaves"}, {"waiter", e.waiter}}; },
          [](const Released& e) { return Json{{"type", "released"}, {"waiter", e.waiter}}; },
          [](const Unload& e) { return Json{{"type", "unload"}, {"model", e.model}}; },
          [](const Retire& e) { return Json{{"type", "retire"}, {"model", e.model}}; },
          [](const Remove& e) { return Json{{"type", "remove"}, {"model", e.model}}; },
          [](const Tick&) { return Json{{"type", "tick"}}; },
          [](const ShutDown&) { return Json{{"type", "shut_down"}}; },
          [](const Reconfigure& e) {
            return Json{{"type", "reconfigure"}, {"settings", settings_json(e.settings)}, {"timeouts", timeouts_json(e.timeouts)}};
          },
          [](const Pin& e) { return Json{{"type", "pin"}, {"model", e.model}}; },
          [](const Unpin& e) { return Json{{"type", "unpin"}, {"model", e.model}}; },
          [](const FileChanged& e) { return Json{{"type", "file_changed"}, {"model", e.model}}; },
          [](const Strained& e) {
            return Json{{"type", "strained"}, {"rung", to_string(e.rung)}, {"why", e.why}, {"retry_after", ms(e.retry_after)}};
          },
          [](const Lend& e) { return Json{{"type", "lend"}, {"bytes", e.bytes}, {"left", ms(e.left)}}; },
          [](const Hurry&) { return Json{{"type", "hurry"}}; },
          [](const WorkerEvent& e) { return Json{{"type", "worker"}, {"model", e.model}, {"run", e.run}, {"what", worker_json(e.what)}}; },
      },
      event);
}

Result<Event> event_from_json(const Json& json) {
  try {
    const std::string type = json.at("type");
    if (type == "arrives")
      return Arrives{.waiter = json.at("waiter"),
                     .model = json.at("model"),
                     .priority = json.at("priority"),
                     .key = json.at("key"),
                     .operator_load = json.at("operator_load")};
    if (type == "leaves") return Leaves{json.at("waiter")};
    if (type == "released") return Released{json.at("waiter")};
    if (type == "unload") return Unload{json.at("model")};
    if (type == "retire") return Retire{json.at("model")};
    if (type == "remove") return Remove{json.at("model")};
    if (type == "tick") return Tick{};
    if (type == "shut_down") return ShutDown{};
    if (type == "reconfigure") return Reconfigure{settings_from(json.at("settings")), timeouts_from(json.at("timeouts"))};
    if (type == "pin") return Pin{json.at("model")};
    if (type == "unpin") return Unpin{json.at("model")};
    if (type == "file_changed") return FileChanged{json.at("model")};
    if (type == "strained") return Strained{rung_of(json.at("rung")), json.at("why"), ms(json.at("retry_after"))};
    if (type == "lend") return Lend{json.at("bytes"), ms(json.at("left"))};
    if (type == "hurry") return Hurry{};
    if (type == "worker") return WorkerEvent{.model = json.at("model"), .run = json.at("run"), .what = worker_from(json.at("what"))};
    return fail(ErrorKind::bad_request, "no event is called " + type);
  } catch (const std::exception& broken) {
    return fail(ErrorKind::bad_request, std::string("not an event of a journal: ") + broken.what());
  }
}

Json to_json(const Effect& effect) {
  return std::visit(
      common::Overloaded{
          [](const Grant& e) { return Json{{"type", "grant"}, {"waiter", e.waiter}, {"model", e.model}}; },
          [](const Confirm& e) { return Json{{"type", "confirm"}, {"waiter", e.waiter}}; },
          [](const Reject& e) { return Json{{"type", "reject"}, {"waiter", e.waiter}, {"why", error_json(e.why)}}; },
          [](const LeasesEnd& e) { return Json{{"type", "leases_end"}, {"model", e.model}, {"why", error_json(e.why)}}; },
          [](const LeaseEnds& e) { return Json{{"type", "lease_ends"}, {"waiter", e.waiter}, {"why", error_json(e.why)}}; },
          [](const ShrinkCaches& e) {
            return Json{{"type", "shrink_caches"},
                        {"model", e.model},
                        {"run", e.run},
                        {"keep_bytes", e.keep_bytes ? Json(*e.keep_bytes) : Json(nullptr)}};
          },
          [](const DropSaved&) { return Json{{"type", "drop_saved"}}; },
          [](const PressureChanged& e) {
            return Json{{"type", "pressure"}, {"from", to_string(e.from)}, {"to", to_string(e.to)}, {"why", e.why}};
          },
          [](const WorkerOrder& e) {
            return Json{{"type", "order"}, {"model", e.model}, {"run", e.run}, {"order", sup::to_string(e.order)}};
          },
          [](const WorkerMoved& e) {
            return Json{{"type", "worker"},
                        {"model", e.model},
                        {"from", sup::to_string(e.moved.from)},
                        {"to", sup::to_string(e.moved.to)},
                        {"on", sup::to_string(e.moved.on)},
                        {"pinned", e.pinned}};
          },
          [](const WorkerGone& e) {
            return Json{
                {"type", "gone"}, {"model", e.model}, {"run", e.run}, {"cause", optional_error_json(e.cause)}, {"pinned", e.pinned}};
          },
          [](const PhaseChanged& e) {
            return Json{
                {"type", "phase"}, {"model", e.model}, {"phase", to_string(e.phase)}, {"why", to_string(e.why)}, {"pinned", e.pinned}};
          },
          [](const PinRefused& e) { return Json{{"type", "pin_refused"}, {"model", e.model}, {"why", error_json(e.why)}}; },
      },
      effect);
}

std::string summary(const Conductor& conductor) {
  const auto of_place = [](const Core& core) {
    std::string text = std::format("{} {} leases {} queue", to_string(core.phase()), core.active(), core.leases());
    for (const Core::Waiter& waiter : core.queue()) text += std::format(" {}", waiter.id);
    return text;
  };
  std::string text = of_place(conductor.core());
  for (const auto& [model, place] : conductor.pinned()) text += std::format("; pinned {}", of_place(place.core));
  for (const auto& [model, machine] : conductor.machines()) text += std::format("; {} {}", model, sup::to_string(machine.state()));
  if (conductor.rung() != Rung::none) text += std::format("; memory {}", to_string(conductor.rung()));
  if (conductor.lent_bytes() > 0) text += std::format("; lent {}", conductor.lent_bytes());
  return text;
}

void Journal::open(Sink sink, const Reconfigure& initial, TimePoint now) {
  sink_ = std::move(sink);
  began_ = now;
  if (sink_)
    sink_(common::dump_json(Json{{"at", 0}, {"event", to_json(Event(initial))}, {"effects", Json::array()}, {"state", ""}}) + "\n");
}

void Journal::record(const Event& event, const std::vector<Effect>& effects, const Conductor& after, TimePoint now) {
  if (!sink_) return;
  Json list = Json::array();
  for (const Effect& effect : effects) list.push_back(to_json(effect));
  Json line{{"at", duration_cast<nanoseconds>(now - began_).count()},
            {"event", to_json(event)},
            {"effects", std::move(list)},
            {"state", summary(after)}};
  sink_(common::dump_json(line) + "\n");
}

Result<Replayed> replay(std::istream& journal) {
  std::optional<Conductor> conductor;
  // Any beginning will do: only differences of times decide anything.
  const TimePoint began{std::chrono::hours(1)};
  Replayed result;
  std::string text;
  for (std::size_t number = 1; std::getline(journal, text); ++number) {
    auto line = common::parse_json(text);
    if (!line || !line->is_object() || !line->contains("event") || !line->contains("at"))
      return fail(ErrorKind::bad_request, std::format("line {} is not one of a journal", number));
    auto event = event_from_json((*line)["event"]);
    if (!event) return fail(ErrorKind::bad_request, std::format("line {}: {}", number, event.error().message()));
    if (!conductor) {
      auto* initial = std::get_if<Reconfigure>(&*event);
      if (!initial) return fail(ErrorKind::bad_request, "the first line has to say what the daemon was configured with");
      conductor.emplace(*initial);
      continue;
    }
    ++result.events;
    Json effects = Json::array();
    for (const Effect& effect : conductor->on(*event, began + nanoseconds((*line)["at"].get<std::int64_t>())))
      effects.push_back(to_json(effect));
    if (effects == (*line)["effects"] && Json(summary(*conductor)) == (*line)["state"]) continue;
    result.difference = std::format("line {}: {} came to {} and {}, the journal has {} and {}", number, common::dump_json((*line)["event"]),
                                    common::dump_json(effects), summary(*conductor), common::dump_json((*line)["effects"]),
                                    common::dump_json((*line)["state"]));
    return result;
  }
  return result;
}

}  // namespace proxy::residency
