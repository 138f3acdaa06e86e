#include "common/worker_protocol.hpp"
#include "common/overloaded.hpp"

#include <format>
#include <limits>
#include <optional>

namespace common {
namespace {

// Reads fields of one message. A missing or mistyped field is remembered, so that a decoder is a list of fields and one check.
class Fields {
 public:
  explicit Fields(const Json& message) : message_(message) {}

  std::string text(const char* name) {
    const Json* value = find(name);
    if (value && value->is_string()) return value->get<std::string>();
    miss(name, "a string");
    return {};
  }
  std::uint64_t count(const char* name) {
    const Json* value = find(name);
    if (value && value->is_number_unsigned()) return value->get<std::uint64_t>();
    miss(name, "a whole number");
    return 0;
  }
  std::optional<std::uint64_t> count_or_null(const char* name) {
    const Json* value = find(name);
    if (value && value->is_number_unsigned()) return value->get<std::uint64_t>();
    if (!value || !value->is_null()) miss(name, "a whole number or null");
    return std::nullopt;
  }
  bool truth(const char* name) {
    const Json* value = find(name);
    if (value && value->is_boolean()) return value->get<bool>();
    miss(name, "true or false");
    return false;
  }
  double number(const char* name) {
    const Json* value = find(name);
    if (value && value->is_number()) return value->get<double>();
    miss(name, "a number");
    return 0;
  }
  const Json& list(const char* name) {
    static const Json empty = Json::array();
    const Json* value = find(name);
    if (value && value->is_array()) return *value;
    miss(name, "a list");
    return empty;
  }

  Purpose purpose(const char* name) {
    if (auto known = purpose_called(text(name))) return *known;
    miss(name, "a purpose that is known here");
    return Purpose::generation;
  }

  Json object_or_null(const char* name) {
    const Json* value = find(name);
    if (value && (value->is_object() || value->is_null())) return *value;
    miss(name, "an object or null");
    return nullptr;
  }

  const std::optional<std::string>& problem() const { return problem_; }

  template <class Variant, class Message>
  Result<Variant> done(Message message) const {
    if (problem_) return fail(ErrorKind::io, *problem_);
    return Variant(std::move(message));
  }

 private:
  const Json* find(const char* name) const {
    auto at = message_.find(name);
    return at == message_.end() ? nullptr : &*at;
  }
  void miss(const char* name, const char* wanted) {
    if (!problem_) problem_ = std::format("control message: \"{}\" must be {}", name, wanted);
  }

  const Json& message_;
  std::optional<std::string> problem_;
};

int small(std::uint64_t value) { return static_cast<int>(std::min<std::uint64_t>(value, std::numeric_limits<int>::max())); }

Json memory_json(const std::vector<DeviceMemory>& memory) {
  Json list = Json::array();
  for (const DeviceMemory& d : memory) {
    list.push_back({{"device", d.device},
                    {"weights_bytes", d.weights_bytes},
                    {"mapped_bytes", d.mapped_bytes},
                    {"kv_bytes", d.kv_bytes},
                    {"compute_bytes", d.compute_bytes}});
  }
  return list;
}

std::vector<DeviceMemory> memory_from(const Json& list, std::optional<std::string>& problem) {
  std::vector<DeviceMemory> memory;
  for (const Json& entry : list) {
    Fields d(entry);
    memory.push_back({.device = d.text("device"),
                      .weights_bytes = d.count("weights_bytes"),
                      .mapped_bytes = d.count("mapped_bytes"),
                      .kv_bytes = d.count("kv_bytes"),
                      .compute_bytes = d.count("compute_bytes")});
    if (d.problem()) problem = d.problem();
  }
  return memory;
}

Json free_json(const std::vector<DeviceFree>& devices) {
  Json list = Json::array();
  for (const DeviceFree& d : devices) list.push_back({{"device", d.device}, {"free_bytes", d.free_bytes}});
  return list;
}

std::vector<DeviceFree> free_from(const Json& list, std::optional<std::string>& problem) {
  std::vector<DeviceFree> devices;
  for (const Json& entry : list) {
    Fields d(entry);
    devices.push_back({.device = d.text("device"), .free_bytes = d.count("free_bytes")});
    if (d.problem()) problem = d.problem();
  }
  return devices;
}

Json adapters_json(const std::vector<AdapterFile>& adapters) {
  Json list = Json::array();
  for (const AdapterFile& adapter : adapters) list.push_back({{"path", adapter.path}, {"scale", adapter.scale}});
  return list;
}

Result<Json> parse_message(std::string_view line) {
  auto message = parse_json(line);
  if (!message) return fail(ErrorKind::io, "control message: " + message.error().message());
  if (!message->is_object() || !message->contains("type") || !(*message)["type"].is_string()) {
    return fail(ErrorKind::io, "control message: an object with a \"type\" is expected");
  }
  return message;
}

}  // namespace

std::string_view to_string(Purpose purpose) {
  switch (purpose) {
    case Purpose::generation: return "generation";
    case Purpose::embedding: return "embedding";
    case Purpose::reranking: return "reranking";
    case Purpose::counting: return "counting";
  }
  return "unknown";
}

std::optional<Purpose> purpose_called(std::string_view name) {
  for (Purpose known : {Purpose::generation, Purpose::embedding, Purpose::reranking, Purpose::counting}) {
    if (name == to_string(known)) return known;
  }
  return std::nullopt;
}

std::string encode(const FromWorker& message) {
  return dump_json(
      std::visit(Overloaded{
                     [](const Hello& m) {
                       return Json{{"type", "hello"}, {"protocol", m.protocol}, {"pid", m.pid}, {"build", m.build}, {"engine", m.engine}};
                     },
                     [](const Loading& m) { return Json{{"type", "loading"}, {"stage", m.stage}, {"fraction", m.fraction}}; },
                     [](const Ready& m) {
                       return Json{{"type", "ready"},
                                   {"model", m.model},
                                   {"purpose", to_string(m.purpose)},
                                   {"digest", m.digest},
                                   {"architecture", m.architecture},
                                   {"quantization", m.quantization},
                                   {"parameters", m.parameters},
                                   {"active_parameters", m.active_parameters},
                                   {"context_tokens", m.context_tokens},
                                   {"slots", m.slots},
                                   {"memory", memory_json(m.memory)},
                                   {"devices_before", free_json(m.devices_before)},
                                   {"device_wait_seconds", m.device_wait.seconds},
                                   {"device_missing_bytes", m.device_wait.missing_bytes}};
                     },
                     [](const Beat& m) {
                       return Json{{"type", "beat"},
                                   {"slots_busy", m.slots_busy},
                                   {"tokens_total", m.tokens_total},
                                   {"prompt_tokens_total", m.prompt_tokens_total},
                                   {"cached_tokens_total", m.cached_tokens_total},
                                   {"calls_repaired_total", m.calls_repaired_total},
                                   {"calls_malformed_total", m.calls_malformed_total},
                                   {"prompt_cache_bytes", m.prompt_cache_bytes},
                                   {"work_total", m.work_total}};
                     },
                     [](const LoadCancelled&) { return Json{{"type", "load_cancelled"}}; },
                     [](const Saved& m) { return Json{{"type", "saved"}, {"sessions", m.sessions}, {"bytes", m.bytes}}; },
                     [](const Restored& m) {
                       return Json{{"type", "restored"}, {"tokens", m.tokens}, {"bytes", m.bytes}, {"seconds", m.seconds}};
                     },
                     [](const Fatal& m) { return Json{{"type", "fatal"}, {"code", m.code}, {"message", m.message}}; },
                 },
                 message));
}

std::string encode(const ToWorker& message) {
  return dump_json(std::visit(Overloaded{
                                  [](const Load& m) {
                                    return Json{{"type", "load"},
                                                {"model", m.model},
                                                {"path", m.path},
                                                {"context_tokens", m.context_tokens},
                                                {"parallel", m.parallel},
                                                {"kv_unified", m.kv_unified},
                                                {"cache_type_k", m.cache_type_k},
                                                {"cache_type_v", m.cache_type_v},
                                                {"sampling", m.sampling},
                                                {"enforced", m.enforced},
                                                {"adapters", adapters_json(m.adapters)},
                                                {"projector", m.projector},
                                                {"prompt_cache_mib", m.prompt_cache_mib ? Json(*m.prompt_cache_mib) : Json(nullptr)},
                                                {"vocabulary_only", m.vocabulary_only},
                                                {"tool_format", m.tool_format},
                                                {"read_mode", m.read_mode},
                                                {"sessions_folder", m.sessions_folder},
                                                {"release", free_json(m.release.wanted)},
                                                {"release_milliseconds", m.release.milliseconds}};
                                  },
                                  [](const CancelLoad&) { return Json{{"type", "cancel_load"}}; },
                                  [](const SaveSessions& m) {
                                    return Json{{"type", "save_sessions"},
                                                {"budget_bytes", m.budget_bytes},
                                                {"milliseconds", m.milliseconds}};
                                  },
                                  [](const RestoreSessions&) { return Json{{"type", "restore_sessions"}}; },
                                  [](const ShrinkCaches& m) {
                                    return Json{{"type", "shrink_caches"},
                                                {"keep_bytes", m.keep_bytes ? Json(*m.keep_bytes) : Json(nullptr)}};
                                  },
                                  [](const Exit&) { return Json{{"type", "exit"}}; },
                              },
                              message));
}

std::string encode(const Estimate& estimate) {
  return dump_json({{"type", "estimate"},
                    {"context_tokens", estimate.context_tokens},
                    {"slots", estimate.slots},
                    {"memory", memory_json(estimate.memory)},
                    {"process_bytes", estimate.process_bytes}});
}

Result<FromWorker> decode_from_worker(std::string_view line) {
  auto message = parse_message(line);
  if (!message) return fail(message.error());
  const std::string type = (*message)["type"];
  Fields f(*message);
  if (type == "hello") {
    Hello m{.protocol = small(f.count("protocol")),
            .pid = static_cast<std::int64_t>(f.count("pid")),
            .build = f.text("build"),
            .engine = f.text("engine")};
    return f.done<FromWorker>(std::move(m));
  }
  if (type == "loading") return f.done<FromWorker>(Loading{.stage = f.text("stage"), .fraction = f.number("fraction")});
  if (type == "ready") {
    Ready m{.model = f.text("model"),
            .purpose = f.purpose("purpose"),
            .digest = f.text("digest"),
            .architecture = f.text("architecture"),
            .quantization = f.text("quantization"),
            .parameters = f.count("parameters"),
            .active_parameters = f.count("active_parameters"),
            .context_tokens = f.count("context_tokens"),
            .slots = f.count("slots"),
            .device_wait = {.seconds = f.number("device_wait_seconds"), .missing_bytes = f.count("device_missing_bytes")}};
    std::optional<std::string> problem;
    m.memory = memory_from(f.list("memory"), problem);
    m.devices_before = free_from(f.list("devices_before"), problem);
    if (problem) return fail(ErrorKind::io, *problem);
    return f.done<FromWorker>(std::move(m));
  }
  if (type == "beat") {
    return f.done<FromWorker>(Beat{.slots_busy = f.count("slots_busy"),
                                   .tokens_total = f.count("tokens_total"),
                                   .prompt_tokens_total = f.count("prompt_tokens_total"),
                                   .cached_tokens_total = f.count("cached_tokens_total"),
                                   .calls_repaired_total = f.count("calls_repaired_total"),
                                   .calls_malformed_total = f.count("calls_malformed_total"),
                                   .prompt_cache_bytes = f.count("prompt_cache_bytes"),
                                   .work_total = f.count("work_total")});
  }
  if (type == "load_cancelled") return LoadCancelled{};
  if (type == "saved") return f.done<FromWorker>(Saved{.sessions = f.count("sessions"), .bytes = f.count("bytes")});
  if (type == "restored")
    return f.done<FromWorker>(Restored{.tokens = f.count("tokens"), .bytes = f.count("bytes"), .seconds = f.number("seconds")});
  if (type == "fatal") return f.done<FromWorker>(Fatal{.code = small(f.count("code")), .message = f.text("message")});
  return fail(ErrorKind::io, std::format("control message: unknown type \"{}\"", type));
}

Result<ToWorker> decode_to_worker(std::string_view line) {
  auto message = parse_message(line);
  if (!message) return fail(message.error());
  const std::string type = (*message)["type"];
  Fields f(*message);
  if (type == "load") {
    Load m{.model = f.text("model"),
           .path = f.text("path"),
           .context_tokens = f.count("context_tokens"),
           .parallel = f.count("parallel"),
           .kv_unified = f.truth("kv_unified"),
           .cache_type_k = f.text("cache_type_k"),
           .cache_type_v = f.text("cache_type_v"),
           .sampling = f.object_or_null("sampling"),
           .enforced = f.object_or_null("enforced"),
           .projector = f.text("projector"),
           .prompt_cache_mib = f.count_or_null("prompt_cache_mib"),
           .vocabulary_only = f.truth("vocabulary_only"),
           .tool_format = f.text("tool_format"),
           .read_mode = f.text("read_mode"),
           .sessions_folder = f.text("sessions_folder"),
           .release = {.milliseconds = f.count("release_milliseconds")}};
    std::optional<std::string> problem;
    m.release.wanted = free_from(f.list("release"), problem);
    if (problem) return fail(ErrorKind::io, *problem);
    for (const Json& entry : f.list("adapters")) {
      Fields adapter(entry);
      m.adapters.push_back({.path = adapter.text("path"), .scale = adapter.number("scale")});
      if (adapter.problem()) return fail(ErrorKind::io, *adapter.problem());
    }
    return f.done<ToWorker>(std::move(m));
  }
  if (type == "cancel_load") return CancelLoad{};
  if (type == "save_sessions")
    return f.done<ToWorker>(SaveSessions{.budget_bytes = f.count("budget_bytes"), .milliseconds = f.count("milliseconds")});
  if (type == "restore_sessions") return RestoreSessions{};
  if (type == "shrink_caches") return f.done<ToWorker>(ShrinkCaches{.keep_bytes = f.count_or_null("keep_bytes")});
  if (type == "exit") return Exit{};
  return fail(ErrorKind::io, std::format("control message: unknown type \"{}\"", type));
}

Result<Estimate> decode_estimate(std::string_view line) {
  auto message = parse_message(line);
  if (!message) return fail(message.error());
  if ((*message)["type"] != "estimate") return fail(ErrorKind::io, "control message: an estimate is expected");
  Fields f(*message);
  Estimate estimate{.context_tokens = f.count("context_tokens"), .slots = f.count("slots"), .process_bytes = f.count("process_bytes")};
  std::optional<std::string> problem;
  estimate.memory = memory_from(f.list("memory"), problem);
  if (f.problem() || problem) return fail(ErrorKind::io, f.problem() ? *f.problem() : *problem);
  return estimate;
}

}  // namespace common
