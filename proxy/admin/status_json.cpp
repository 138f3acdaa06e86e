#include "proxy/admin/status_json.hpp"

#include "proxy/admin/memory_json.hpp"
#include "registry/memory_json.hpp"
#include "registry/model_facts.hpp"

namespace proxy::admin {

using common::Json;

namespace {

double seconds(common::Duration d) { return std::chrono::duration<double>(d).count(); }

bool has_process(const residency::WorkerView& worker) { return worker.pid != 0; }

Json memory_json(const common::Ready& ready) {
  Json list = Json::array();
  for (const auto& device : ready.memory) {
    list.push_back({{"device", device.device},
                    {"weights_bytes", device.weights_bytes},
                    {"mapped_bytes", device.mapped_bytes},
                    {"kv_bytes", device.kv_bytes},
                    {"compute_bytes", device.compute_bytes}});
  }
  return list;
}

Json worker_json(const residency::WorkerView& worker) {
  Json json{{"model", worker.model},
            {"state", supervisor::to_string(worker.state)},
            {"load_fraction", worker.load_fraction},
            {"pid", has_process(worker) ? Json(worker.pid) : Json(nullptr)},
            {"spawns", worker.spawns},
            {"last_load_seconds", seconds(worker.load_time)}};
  if (!worker.ready.digest.empty()) {
    json["digest"] = worker.ready.digest;
    json["architecture"] = worker.ready.architecture;
    json["quantization"] = worker.ready.quantization;
    json["parameters"] = worker.ready.parameters;
    json["active_parameters"] = worker.ready.active_parameters;
    json["context_tokens"] = worker.ready.context_tokens;
    json["slots"] = worker.ready.slots;
    json["memory"] = memory_json(worker.ready);
  }
  json["beat"] = {{"slots_busy", worker.beat.slots_busy},
                  {"tokens_total", worker.beat.tokens_total},
                  {"prompt_tokens_total", worker.beat.prompt_tokens_total},
                  {"cached_tokens_total", worker.beat.cached_tokens_total},
                  {"calls_repaired_total", worker.beat.calls_repaired_total},
                  {"calls_malformed_total", worker.beat.calls_malformed_total},
                  {"prompt_cache_bytes", worker.beat.prompt_cache_bytes}};
  json["last_failure"] = worker.last_failure ? Json(worker.last_failure->message()) : Json(nullptr);
  return json;
}

Json spare_json(const supervisor::SpareReport& report) {
  Json json{{"started", report.started}, {"taken", report.taken}, {"lost", report.lost}, {"worker", nullptr}};
  if (!report.worker) return json;
  json["worker"] = {{"pid", report.worker->pid},
                    {"state", report.worker->said_hello ? "waiting" : "starting"},
                    {"seconds", seconds(report.worker->age)},
                    {"own_bytes", report.worker->own_bytes}};
  return json;
}

// As the registry says, or else as its chat template shows.
Json tool_format_of(const registry::Model& model) {
  if (!model.tool_format.empty()) return model.tool_format;
  return model.facts && !model.facts->tool_format.empty() ? Json(model.facts->tool_format) : Json(nullptr);
}

}  // namespace

Json status_json(const residency::View& view) {
  Json workers = Json::array();
  for (const auto& worker : view.workers) workers.push_back(worker_json(worker));
  Json pinned = Json::array();
  for (const auto& place : view.pinned) {
    pinned.push_back({{"model", place.model},
                      {"phase", residency::to_string(place.phase)},
                      {"reason", residency::to_string(place.reason)},
                      {"leases", place.leases},
                      {"queued", place.queued}});
  }
  Json refused = Json::object();
  for (const auto& [model, why] : view.pin_refusals) refused[model] = why.message();
  return {{"phase", residency::to_string(view.phase)},
          {"reason", residency::to_string(view.reason)},
          {"active", common::json_or_null(view.active)},
          {"leases", view.leases},
          {"queued", view.queued},
          {"pinned", std::move(pinned)},
          {"pins_refused", std::move(refused)},
          {"spare", spare_json(view.spare)},
          {"pressure", pressure_json(view.pressure)},
          {"memory_lent_bytes", view.pressure.lent_bytes},
          {"workers", std::move(workers)}};
}

Json requests_json(const std::vector<api::RequestInfo>& requests, common::TimePoint now) {
  Json list = Json::array();
  for (const api::RequestInfo& request : requests) {
    list.push_back({{"id", request.id},
                    {"stage", api::to_string(request.stage)},
                    {"requested", request.requested},
                    {"model", request.model},
                    {"path", request.path},
                    {"stream", request.stream},
                    {"seconds", seconds(now - request.arrived)},
                    {"stage_seconds", seconds(now - request.stage_since)}});
  }
  return list;
}

Json running_json(const residency::View& view) {
  Json running = Json::array();
  for (const auto& worker : view.workers) {
    if (has_process(worker)) running.push_back({{"model", worker.model}, {"state", supervisor::to_string(worker.state)}});
  }
  return {{"running", std::move(running)}};
}

Json models_json(const registry::Catalog& catalog, const residency::View& view) {
  Json models = Json::array();
  for (const auto& [id, model] : catalog.models) {
    Json json{{"id", id},
              {"roles", catalog.roles_of(id)},
              {"runtime", model.command ? "command" : "embedded"},
              {"artifact", common::json_or_null(model.artifact.string())},
              {"bytes", model.bytes ? Json(*model.bytes) : Json(nullptr)},
              {"discovered", model.discovered},
              {"found_in", model.discovered ? Json(model.found_in.string()) : Json(nullptr)},
              {"quantization", model.facts ? Json(model.facts->quantization) : Json(nullptr)},
              {"architecture", model.facts ? Json(model.facts->architecture) : Json(nullptr)},
              {"facts", model.facts ? registry::json_of(*model.facts) : Json(nullptr)},
              {"tool_format", tool_format_of(model)},
              {"vision", model.facts ? Json(model.sees) : Json(nullptr)},
              {"projector", common::json_or_null(model.projector.string())},
              {"file_problem", common::json_or_null(model.facts_problem)},
              {"projector_problem", common::json_or_null(model.projector_problem)},
              {"state", supervisor::to_string(supervisor::State::stopped)},
              {"tokens_per_second", nullptr}};
    for (const auto& worker : view.workers) {
      if (worker.model != id) continue;
      json["state"] = supervisor::to_string(worker.state);
      json["worker"] = worker_json(worker);
      if (worker.tokens_per_second) json["tokens_per_second"] = *worker.tokens_per_second;
    }
    models.push_back(std::move(json));
  }
  Json left_out = Json::array();
  for (const registry::LeftOut& each : catalog.left_out) left_out.push_back({{"path", each.path.string()}, {"why", each.why}});
  return {{"models", std::move(models)}, {"left_out", std::move(left_out)}};
}

}  // namespace proxy::admin
