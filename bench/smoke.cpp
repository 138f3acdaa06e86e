#include "bench/smoke.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <format>
#include <stdexcept>
#include <thread>

#include "bench/chat.hpp"
#include "bench/daemon.hpp"
#include "bench/envelope.hpp"
#include "bench/table.hpp"
#include "common/task_group.hpp"

namespace bench {

namespace asio = boost::asio;
using common::Json;
using common::Result;

namespace {

constexpr int kTokens = 128;   // asked for in a decode round
constexpr int kFewTokens = 8;  // asked for where only the first one counts: a thought's opening mark is not text yet

double seconds(common::Duration d) { return std::chrono::duration<double>(d).count(); }
double milliseconds(common::Duration d) { return seconds(d) * 1000; }

template <class T>
T require(Result<T> result, const std::string& attempt) {
  if (!result) throw std::runtime_error(std::format("{}: {}", attempt, result.error().message()));
  return std::move(*result);
}

struct Model {
  std::string role, id;
  double megabytes = 0;
};

class Smoke {
 public:
  Smoke(const SmokeOptions& options, Daemon& daemon) : options_(options), daemon_(daemon) {}

  asio::awaitable<void> measure() {
    co_await find_models();
    co_await load_both();
    co_await measure_first_token();
    co_await measure_decode(1);
    co_await measure_decode(4);
    co_await measure_switches();
  }

  void report() const {
    print_table(std::format("smoke: {} ({:.1f} MB) and {} ({:.1f} MB), {} processors, through perch {}", first_.id, first_.megabytes,
                            second_.id, second_.megabytes, std::thread::hardware_concurrency(), PERCH_VERSION),
                rows_);
    if (!options_.json.empty()) write_envelope(options_.json, envelope_);
  }

 private:
  int rounds(int whole) const { return options_.short_form ? 2 : whole; }

  asio::awaitable<void> find_models() {
    auto answer = co_await daemon_.get("/admin/v1/models");
    const Json models = require(std::move(answer), "listing the models");
    for (const Json& model : models["models"]) {
      for (auto [role, found] : {std::pair{options_.first, &first_}, std::pair{options_.second, &second_}}) {
        const Json& roles = model["roles"];
        if (model["id"] != role && std::ranges::find(roles, Json(role)) == roles.end()) continue;
        *found = {role, model["id"], model["bytes"].is_number() ? model["bytes"].get<double>() / 1e6 : 0};
      }
    }
    if (first_.id.empty() || second_.id.empty() || first_.id == second_.id) {
      throw std::runtime_error(
          std::format("{}: the roles {} and {} must name two models", options_.registry.string(), options_.first, options_.second));
    }
    envelope_.model = first_.id;
  }

  // Once each, so that the files are in the page cache and every later load is a warm one. The first model stays resident.
  asio::awaitable<void> load_both() {
    for (const Model* model : {&second_, &first_}) co_await chat(*model, kFewTokens);
  }

  asio::awaitable<void> measure_first_token() {
    std::vector<double> samples;
    std::uint64_t prompt_tokens = 0;
    for (int i = 0; i < rounds(20); ++i) {
      ChatTimes times = co_await chat(first_, kFewTokens);
      samples.push_back(milliseconds(times.first_token - times.sent));
      prompt_tokens = times.prompt_tokens;
    }
    const std::string prompt = prompt_tokens > 0 ? std::format(", prompt of {} tokens", prompt_tokens) : "";
    add("ttft_warm", "time to first token", "time_to_first_token", std::move(samples), "ms", "resident, 1 stream" + prompt, first_);
  }

  asio::awaitable<void> measure_decode(int streams) {
    std::vector<double> samples;
    for (int i = 0; i < rounds(7); ++i) {
      double rate = co_await decode_round(streams);
      samples.push_back(rate);
    }
    add(std::format("decode_{}_stream{}", streams, streams == 1 ? "" : "s"),
        streams == 1 ? "decode" : std::format("decode, {} streams together", streams), "decode_rate", std::move(samples), "tok/s",
        std::format("resident, up to {} tokens each", kTokens), first_);
  }

  // Tokens of all streams together over the time in which any of them came: first tokens are prompt work and do not count.
  asio::awaitable<double> decode_round(int streams) {
    auto executor = co_await asio::this_coro::executor;
    std::vector<ChatTimes> all(streams);
    std::exception_ptr failure;
    common::TaskGroup group(executor, "decode");
    for (ChatTimes& times : all) group.spawn(decode_stream(times, failure));
    co_await group.join();
    if (failure) std::rethrow_exception(failure);
    common::TimePoint first = all[0].first_token, last = all[0].last_token;
    std::uint64_t tokens = 0;
    for (const ChatTimes& times : all) {
      first = std::min(first, times.first_token);
      last = std::max(last, times.last_token);
      tokens += times.completion_tokens - 1;
    }
    if (tokens == 0 || last <= first) throw std::runtime_error("the answers are too short to measure a rate");
    co_return static_cast<double>(tokens) / seconds(last - first);
  }

  asio::awaitable<void> decode_stream(ChatTimes& times, std::exception_ptr& failure) {
    try {
      ChatTimes measured = co_await chat(first_, kTokens);
      times = measured;
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
  }

  asio::awaitable<void> measure_switches() {
    std::vector<double> there, back;
    for (int i = 0; i < rounds(7); ++i) {
      ChatTimes going = co_await chat(second_, kFewTokens);
      there.push_back(milliseconds(going.first_token - going.sent));
      ChatTimes returning = co_await chat(first_, kFewTokens);
      back.push_back(milliseconds(returning.first_token - returning.sent));
    }
    const std::string regime = "request to first token, the other model resident and idle, files in the page cache";
    add("switch_to_" + second_.id, "switch " + first_.id + " to " + second_.id, "switch_time", std::move(there), "ms", regime, second_);
    add("switch_to_" + first_.id, "switch " + second_.id + " to " + first_.id, "switch_time", std::move(back), "ms", regime, first_);
  }

  asio::awaitable<ChatTimes> chat(const Model& model, int tokens) {
    // Counting is the longest answer that the demo models know. From another number each time, so that little of an earlier prompt can be
    // used again.
    const int from = ++asked_ % 20;
    std::string question = std::format("Count from {} to {}.", from, from + 60);
    Json body{{"model", model.role},
              {"max_tokens", tokens},
              {"temperature", 0},
              {"messages", Json::array({Json{{"role", "user"}, {"content", std::move(question)}}})}};
    auto times = co_await timed_chat(daemon_.port(), std::move(body));
    co_return require(std::move(times), "asking " + model.id);
  }

  void add(std::string name, std::string what, std::string metric, std::vector<double> samples, std::string unit, std::string regime,
           const Model& model) {
    const Summary summary = summarize(std::move(samples));
    envelope_.results.push_back({.name = std::move(name),
                                 .metric = metric + "_median",
                                 .value = summary.median,
                                 .unit = unit,
                                 .tags = {{"model", model.id},
                                          {"regime", regime},
                                          {"samples", std::to_string(summary.samples)},
                                          {"least", std::format("{:.3f}", summary.least)},
                                          {"most", std::format("{:.3f}", summary.most)}}});
    rows_.push_back({std::move(what), summary, std::move(unit), std::move(regime)});
  }

  const SmokeOptions& options_;
  Daemon& daemon_;
  Model first_, second_;
  int asked_ = 0;
  std::vector<Row> rows_;
  Envelope envelope_{.suite = Suite::throughput};
};

asio::awaitable<void> run(const SmokeOptions& options) {
  auto executor = co_await asio::this_coro::executor;
  DaemonOptions daemon_options{.perch = options.perch, .registry = options.registry, .worker = options.worker};
  auto started = co_await Daemon::start(executor, std::move(daemon_options));
  Daemon daemon = require(std::move(started), "starting the daemon");
  Smoke smoke(options, daemon);
  co_await smoke.measure();
  smoke.report();
  co_await daemon.stop();
}

}  // namespace

int run_smoke(const SmokeOptions& options) {
  asio::io_context loop(1);
  std::exception_ptr failure;
  asio::co_spawn(loop, run(options), [&](std::exception_ptr thrown) { failure = thrown; });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return 0;
}

}  // namespace bench
