#include "proxy/metrics/metrics.hpp"

#include <format>
#include <initializer_list>
#include <utility>

namespace proxy::metrics {
namespace {

using Labels = std::initializer_list<std::pair<const char*, std::string>>;

std::string escaped(std::string_view value) {
  std::string out;
  for (char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out;
}

// One metric family at a time: its help and type once, then its series.
class Text {
 public:
  void family(std::string name, const char* type, const char* help) {
    name_ = std::move(name);
    out_ += std::format("# HELP {} {}\n# TYPE {} {}\n", name_, help, name_, type);
  }
  template <class Number>
  void series(Labels labels, Number value) {
    out_ += name_;
    const char* before = "{";
    for (const auto& [key, text] : labels) out_ += std::format("{}{}=\"{}\"", std::exchange(before, ","), key, escaped(text));
    if (labels.size() > 0) out_ += '}';
    out_ += std::format(" {}\n", value);
  }
  template <class Number>
  void single(std::string name, const char* type, const char* help, Number value) {
    family(std::move(name), type, help);
    series({}, value);
  }
  // One series of a family of histograms: its classes, its sum and its count.
  template <class Bounds, class Counts>
  void histogram(const char* label, const std::string& value, const Bounds& bounds, const Counts& within, std::uint64_t count, double sum) {
    const std::string family = name_;
    name_ = family + "_bucket";
    for (std::size_t i = 0; i < bounds.size(); ++i) series({{label, value}, {"le", std::format("{}", bounds[i])}}, within[i]);
    series({{label, value}, {"le", "+Inf"}}, count);
    name_ = family + "_sum";
    series({{label, value}}, sum);
    name_ = family + "_count";
    series({{label, value}}, count);
    name_ = family;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string name_;
  std::string out_;
};

void render_http(Text& text, const Sources& s) {
  text.family("perch_http_answers_total", "counter", "HTTP answers by status; 0 is a connection lost before one was begun.");
  for (const auto& [status, count] : s.http.answers) text.series({{"status", std::to_string(status)}}, count);
  text.single("perch_http_sent_bytes_total", "counter", "Bytes of answers sent to clients.", s.http.bytes);
  text.single("perch_http_connections", "gauge", "Open client connections.", s.connections);
  text.single("perch_http_connections_admitted_total", "counter", "Client connections so far.", s.connections_admitted);
  text.single("perch_http_connections_displaced_total", "counter", "Connections closed while it was their client's turn, to make room.",
              s.connections_displaced);
  text.single("perch_http_connections_refused_total", "counter", "Connections closed at once because all others were busy.",
              s.connections_refused);
}

void render_inference(Text& text, const Sources& s) {
  text.family("perch_inference_requests_total", "counter", "Inference requests by model and how they ended.");
  for (const auto& [key, count] : s.gateway.calls)
    text.series({{"model", key.first}, {"outcome", std::string(api::to_string(key.second))}}, count);
  text.single("perch_inference_retries_total", "counter", "Requests tried once more because their worker died before the first byte.",
              s.gateway.retries);
}

void render_residency(Text& text, const Sources& s) {
  std::size_t queued = s.view.queued, leases = s.view.leases;
  for (const auto& place : s.view.pinned) queued += place.queued, leases += place.leases;
  text.single("perch_queue_length", "gauge", "Requests waiting for a model.", queued);
  text.single("perch_leases", "gauge", "Requests running on a model.", leases);
  text.single("perch_grants_total", "counter", "Leases granted.", s.residency.grants);
  text.single("perch_rejections_total", "counter", "Requests refused a lease.", s.residency.rejections);
  text.single("perch_loads_total", "counter", "Model loads that ended ready.", s.residency.loads);
  text.single("perch_load_failures_total", "counter", "Model loads that failed.", s.residency.load_failures);
  text.single("perch_worker_crashes_total", "counter", "Ready workers that ended unexpectedly.", s.residency.crashes);
  text.family("perch_worker_failures_total", "counter", "Worker runs that ended otherwise than asked, by model and kind.");
  for (const auto& [key, count] : s.residency.failures)
    text.series({{"model", key.first}, {"kind", std::string(common::to_string(key.second))}}, count);
  text.single("perch_evictions_total", "counter", "Models drained to make room or unloaded.", s.residency.evictions);
  text.single("perch_sessions_saved_total", "counter", "Conversations that leaving workers wrote to the disk.", s.residency.sessions_saved);
  text.single("perch_session_saved_bytes_total", "counter", "Bytes of those.", s.residency.session_bytes_saved);
}

void render_swaps(Text& text, const residency::SwapLedger& swaps) {
  text.single("perch_swaps_total", "counter", "Models that became resident, from the beginning of the drain before them to ready.",
              swaps.total());
  text.family("perch_swap_part_seconds", "histogram",
              "How long each part of a swap took. The load is read and init; total goes from the drain to ready.");
  for (const auto& [name, part] : swaps.parts())
    text.histogram("part", name, residency::SwapLedger::kBounds, part.within, part.count, part.seconds);
}

void render_spare(Text& text, const supervisor::SpareReport& spare) {
  text.single("perch_spare_workers", "gauge", "Workers that are started and have no model yet.", spare.worker ? 1 : 0);
  text.single("perch_spare_worker_memory_bytes", "gauge", "Memory of its own of the worker that has no model yet.",
              spare.worker ? spare.worker->own_bytes : 0);
  text.single("perch_spare_workers_started_total", "counter", "Workers started before it was known for which model.", spare.started);
  text.single("perch_spare_workers_taken_total", "counter", "Loads that found their worker started already.", spare.taken);
  text.single("perch_spare_workers_lost_total", "counter", "Workers started ahead that ended by themselves or did not come up.",
              spare.lost);
}

void render_memory(Text& text, const Sources& s) {
  const residency::PressureView& pressure = s.view.pressure;
  text.single("perch_memory_pressure_rung", "gauge", "What is done because memory is short: 0 nothing, 6 everything (docs/memory.md).",
              static_cast<int>(pressure.rung));
  text.family("perch_memory_pressure_steps_total", "counter", "Steps up and down that ladder, by the rung that was reached.");
  for (const auto& [rung, count] : s.residency.pressure_steps) text.series({{"rung", std::string(residency::to_string(rung))}}, count);
  text.single("perch_memory_cut_answers_total", "counter", "Answers that ended early because memory was short.",
              s.residency.cut_for_memory);
  text.single("perch_memory_available_bytes", "gauge", "Memory for new processes, as read last; 0: not known.",
              pressure.reading.available_bytes);
  if (pressure.reading.stall)
    text.single("perch_memory_stall_ratio", "gauge", "Share of the latest two seconds in which somebody waited for memory.",
                *pressure.reading.stall);
  text.single("perch_memory_lent_bytes", "gauge", "Memory that models leave to others for a while.", pressure.lent_bytes);
}

void render_workers(Text& text, const Sources& s) {
  text.family("perch_worker_state", "gauge", "1 for the state that a model's worker is in.");
  for (const auto& w : s.view.workers) text.series({{"model", w.model}, {"state", std::string(supervisor::to_string(w.state))}}, 1);
  text.family("perch_worker_spawns_total", "counter", "Worker processes started for a model.");
  for (const auto& w : s.view.workers) text.series({{"model", w.model}}, w.spawns);
  text.family("perch_worker_last_load_seconds", "gauge", "How long the latest load of a model took, spawn to ready.");
  for (const auto& w : s.view.workers) text.series({{"model", w.model}}, std::chrono::duration<double>(w.load_time).count());
  auto counter = [&](const char* name, const char* help, std::uint64_t common::Beat::* total) {
    text.family(name, "counter", help);
    for (const auto& w : s.view.workers) text.series({{"model", w.model}}, w.beat.*total);
  };
  counter("perch_worker_tokens_total", "Tokens generated by the running worker.", &common::Beat::tokens_total);
  counter("perch_worker_prompt_tokens_total", "Prompt tokens evaluated by the running worker.", &common::Beat::prompt_tokens_total);
  counter("perch_worker_cached_tokens_total", "Prompt tokens that the running worker did not need to evaluate.",
          &common::Beat::cached_tokens_total);
  counter("perch_worker_calls_repaired_total", "Tool calls that were written badly, with no doubt about what was meant.",
          &common::Beat::calls_repaired_total);
  counter("perch_worker_calls_malformed_total", "Tool calls that could not be understood.", &common::Beat::calls_malformed_total);
  text.family("perch_worker_prompt_cache_bytes", "gauge", "Prompts that the running worker keeps in main memory.");
  for (const auto& w : s.view.workers) text.series({{"model", w.model}}, w.beat.prompt_cache_bytes);
  text.family("perch_worker_memory_bytes", "gauge", "Memory of the running worker as the engine reports it.");
  for (const auto& w : s.view.workers) {
    if (w.pid == 0) continue;
    for (const auto& d : w.ready.memory) {
      text.series({{"model", w.model}, {"device", d.device}, {"kind", "weights"}}, d.weights_bytes);
      text.series({{"model", w.model}, {"device", d.device}, {"kind", "kv"}}, d.kv_bytes);
      text.series({{"model", w.model}, {"device", d.device}, {"kind", "compute"}}, d.compute_bytes);
    }
  }
}

}  // namespace

std::string render(const Sources& s) {
  Text text;
  text.family("perch_build_info", "gauge", "The version of this daemon.");
  text.series({{"version", PERCH_VERSION}}, 1);
  text.single("perch_registry_generation", "gauge", "The registry generation in force.", s.registry_generation);
  text.family("perch_registry_info", "gauge", "The digest of the registry's text in force.");
  text.series({{"digest", s.registry_digest}}, 1);
  text.single("perch_log_dropped_total", "counter", "Log lines dropped because the log could not keep up.", s.log_dropped);
  render_http(text, s);
  render_inference(text, s);
  render_residency(text, s);
  render_memory(text, s);
  render_workers(text, s);
  render_spare(text, s.view.spare);
  render_swaps(text, s.swaps);
  text.single("perch_read_ahead_bytes_total", "counter", "Bytes of model files that were read ahead of their load.",
              s.view.read_ahead_bytes);
  return text.take();
}

}  // namespace proxy::metrics
