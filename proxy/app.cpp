#include "proxy/app.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <format>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "common/connection_budget.hpp"
#include "common/descriptor_limit.hpp"
#include "common/log.hpp"
#include "common/memory_pressure.hpp"
#include "common/names.hpp"
#include "proxy/admin/admin.hpp"
#include "proxy/api/errors.hpp"
#include "proxy/api/gateway.hpp"
#include "proxy/fit/desk.hpp"
#include "proxy/metrics/metrics.hpp"
#include "proxy/net/listener.hpp"
#include "proxy/peers/peers.hpp"
#include "proxy/residency/pressure_watch.hpp"
#include "proxy/supervisor/spare_launcher.hpp"
#include "registry/active_choice.hpp"
#include "registry/history.hpp"
#include "registry/memory_prediction.hpp"
#include "registry/plan.hpp"
#include "registry/registry_file.hpp"
#include "registry/store.hpp"

namespace proxy {
namespace {

namespace asio = boost::asio;
namespace log = common::log;

constexpr int kPoolThreads = 2;
constexpr std::size_t kFewestConnections = 16;
constexpr auto kLastWords = std::chrono::seconds(1);    // for what nobody waits for, after everything else
constexpr auto kLastAnswers = std::chrono::seconds(2);  // for answers under way once every request has its outcome

registry::Catalog initial_catalog(const AppConfig& config, registry::FactsReader& facts) {
  auto catalog = registry::load_catalog(config.registry, facts);
  if (!catalog) throw std::runtime_error(catalog.error().message());
  return std::move(*catalog);
}

common::ListenAddress listen_address(const AppConfig& config, const registry::Catalog& catalog) {
  auto address = common::parse_listen_address(config.listen.value_or(catalog.server.listen));
  if (!address) throw std::runtime_error(address.error().message());
  if (!address->loopback() && !config.insecure) {
    throw std::runtime_error(
        std::format("refusing to listen on {}: anybody who reaches it could use and unload models, and this version has no keys. "
                    "Listen on 127.0.0.1, or say --insecure if the network in front of it is trusted",
                    address->host));
  }
  return *address;
}

net::HostList host_list(const common::ListenAddress& address, const registry::Catalog& catalog) {
  net::HostList hosts{"localhost", "127.0.0.1", "[::1]"};
  hosts.push_back(common::bracketed(address.host));
  for (const std::string& host : catalog.server.allowed_hosts) hosts.push_back(common::lower(common::bracketed(host)));
  return hosts;
}

// As many connections as there are descriptors for.
net::ConnectionTable::Limits connection_limits() {
  net::ConnectionTable::Limits limits;
  const std::size_t wanted = common::descriptors_for(limits.connections + limits.reserved);
  const std::size_t possible = common::connections_with(common::raise_descriptor_limit(wanted));
  limits.connections = std::min(limits.connections, std::max(possible, limits.reserved + kFewestConnections) - limits.reserved);
  return limits;
}

// What an operator needs to find out and to do something when every connection is taken. Streams of events and of the log are not part of
// it: they last.
bool works_under_overload(std::string_view path) {
  const bool lasts = path == "/admin/v1/events" || path == "/admin/v1/logs/stream";
  return path == "/health" || path == "/metrics" || path == "/running" || path == "/logs" || (path.starts_with("/admin/") && !lasts);
}

fit::DeskConfig desk_config(const AppConfig& config) {
  return {.worker = config.worker.program,
          .state_file = config.state.empty() ? config.state : config.state / "memory.json",
          .rates_file = config.state.empty() ? config.state : config.state / "rates.json",
          .trials_file = config.state.empty() ? config.state : config.state / "devices.json",
          .memory = config.worker.memory};
}

std::unique_ptr<common::MemoryPressureSource> pressure_source(const AppConfig& config) {
  if (config.memory_folder.empty()) return common::make_memory_pressure_source(config.worker.memory);
  return common::make_memory_pressure_source({.meminfo = config.memory_folder / "meminfo", .vmstat = {}, .cgroups = {}},
                                             config.memory_folder / "pressure");
}

// Empty: nothing outlives a run.
std::filesystem::path sessions_folder(const AppConfig& config) { return config.state.empty() ? config.state : config.state / "sessions"; }

std::filesystem::path history_folder(const AppConfig& config) {
  return config.state.empty() ? config.state : registry::history_folder(config.state, config.registry);
}

class App {
 public:
  explicit App(AppConfig config)
      : config_(std::move(config)),
        store_(config_.registry, initial_catalog(config_, *facts_), facts_, pool_, clock_, {.history = history_folder(config_)}),
        launcher_(loop_.get_executor(), config_.worker),
        spares_(loop_.get_executor(), clock_, launcher_, {.hello = config_.timeouts.hello}),
        residency_(loop_.get_executor(), clock_, spares_, config_.timeouts),
        peers_([this] { return store_.current(); }, pool_, clock_),
        gateway_([this] { return store_.current(); }, residency_, peers_, clock_),
        fit_(desk_config(config_), store_, residency_, pool_, clock_),
        pressure_(pressure_source(config_), residency_, clock_, config_.pressure_pace),
        sessions_(sessions_folder(config_), pool_),
        choice_(store_, registry::choice_file(config_.state, config_.registry), pool_),
        admin_(loop_.get_executor(), store_, choice_, residency_, fit_, sessions_, peers_, gateway_.requests(), log::book(), clock_),
        address_(listen_address(config_, *store_.current())),
        connections_{.handler = [this](net::Exchange& exchange) { return handle(exchange); },
                     .hosts = host_list(address_, *store_.current()),
                     .connections{connection_limits()}},
        listener_(loop_.get_executor(), address_, connections_, clock_),
        background_(loop_.get_executor(), "daemon") {
    gateway_.add_routes(router_);
    admin_.add_routes(router_);
    router_.add("GET", "/metrics", [this](net::Exchange& exchange, std::string) { return show_metrics(exchange); });
    heed_hangup();
    if (!config_.journal.empty()) open_journal();
    residency_.read_ahead_with(read_ahead_);
    residency_.keep_sessions(sessions_.folder());
    sessions_.allow(store_.current()->memory.saved_bytes);
    residency_.on_drop_saved([this] { background_.spawn(drop_saved()); });
    residency_.know_memory(fit_.terms(*store_.current()));
    residency_.set_pressure_pace(config_.pressure_pace);
    residency_.configure(*store_.current());
    store_.on_change([this](const registry::Catalog& before, const registry::Catalog& now) {
      connections_.hosts = host_list(address_, now);
      if (now.memory.saved_bytes != before.memory.saved_bytes) sessions_.allow(now.memory.saved_bytes);
      residency_.know_memory(fit_.terms(now));
      residency_.apply(before, now);
      tell_change(before, now);
    });
  }

  int run() {
    std::exception_ptr failure;
    asio::co_spawn(loop_, main(), [&](std::exception_ptr thrown) {
      failure = thrown;
      loop_.stop();
    });
    loop_.run();
    // Everybody has been waited for. What may go on is the error output of a process that the kernel keeps, which may never end.
    loop_.restart();
    loop_.run_for(kLastWords);
    pool_.join();
    if (failure) std::rethrow_exception(failure);
    return 0;
  }

 private:
  // Written on a pool thread, in order; a disk that is slow delays nobody.
  void open_journal() {
    auto file = std::make_shared<std::ofstream>(config_.journal);
    if (!*file) throw std::runtime_error("--journal: cannot write " + config_.journal.string());
    residency_.keep_journal(
        [this, file](std::string line) { asio::post(journal_writer_, [file, line = std::move(line)] { *file << line << std::flush; }); });
  }

  void tell_change(const registry::Catalog& before, const registry::Catalog& now) {
    common::Json event = registry::plan_json(registry::plan_of(before, now));
    event["generation"] = now.generation;
    event["digest"] = now.digest;
    residency_.events().add("registry", std::move(event));
    const auto problem = now.problem_with_choice();
    if (problem == before.problem_with_choice()) return;
    if (problem) log::warn("active: {}", *problem);
    else log::info("active: {}, which was chosen, is there again", now.chosen.value_or(""));
    residency_.events().add("active", {{"model", common::json_or_null(now.chosen)}, {"problem", common::json_or_null(problem)}});
  }

  asio::awaitable<void> drop_saved() {
    auto dropping = sessions_.drop(std::nullopt);
    const common::Json dropped = co_await std::move(dropping);
    log::warn("memory is short: {} saved conversations were dropped ({} bytes)", dropped["dropped"].dump(), dropped["bytes"].dump());
  }

  asio::awaitable<void> main() {
    launcher_.keep_house(background_);
    background_.spawn(listener_.run());
    background_.spawn(store_.watch());
    background_.spawn(fit_.watch());
    background_.spawn(pressure_.run());
    background_.spawn(peers_.watch());
    announce();
    co_await wait_for_stop_signal();
    co_await shut_down(clock_.now() + store_.current()->policy.drain_timeout);
  }

  void announce() {
    log::info("listening on {}:{} (registry {}, generation {}, {})", address_.host, listener_.port(), config_.registry.string(),
              store_.current()->generation, store_.current()->digest);
    if (store_.current()->resolve("default")) {
      log::info(
          "try it: curl http://{}:{}/v1/chat/completions -H 'Content-Type: application/json' "
          "-d '{{\"model\":\"default\",\"messages\":[{{\"role\":\"user\",\"content\":\"Who are you?\"}}]}}'",
          common::bracketed(address_.host), listener_.port());
    }
    if (config_.port_file.empty()) return;
    const auto partial = config_.port_file.string() + ".partial";
    std::ofstream(partial) << listener_.port() << '\n';
    std::filesystem::rename(partial, config_.port_file);
  }

  // A terminal that closes ends the daemon as orderly as anything else, unless it was started to survive that (nohup).
  void heed_hangup() {
    struct sigaction now{};
    if (sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) signals_.add(SIGHUP);
  }

  asio::awaitable<void> wait_for_stop_signal() {
    const int signal = co_await signals_.async_wait(asio::use_awaitable);
    log::info("signal {}: finishing running requests (up to {} s), a second signal ends them", signal,
              std::chrono::duration_cast<std::chrono::seconds>(store_.current()->policy.drain_timeout).count());
  }

  // `drained`: when nobody is waited for any longer.
  asio::awaitable<void> shut_down(common::TimePoint drained) {
    connections_.closing = true;
    listener_.close();
    background_.spawn(hurry_on_second_signal());
    co_await admin_.shut_down();
    co_await residency_.shut_down();
    co_await finish_at_peers(drained);
    co_await spares_.shut_down();
    background_.cancel();
    // Every request has its outcome by now; what is left are last bytes and idle connections.
    common::TaskGroup patience(loop_.get_executor(), "shutdown");
    patience.spawn(cut_connections_later());
    co_await listener_.join();
    patience.cancel();
    co_await patience.join();
    co_await background_.join();
    log::info("stopped");
  }

  std::uint64_t kept_free() const {
    return registry::reserve_of(common::memory_limit_bytes(config_.worker.memory), store_.current()->memory.reserve_bytes);
  }

  asio::awaitable<void> hurry_on_second_signal() {
    co_await signals_.async_wait(asio::use_awaitable);
    log::warn("second signal: ending what still runs");
    hurried_ = true;
    residency_.hurry();
  }

  // Residency knows nothing of what peers answer.
  asio::awaitable<void> finish_at_peers(common::TimePoint drained) {
    api::RequestTable& requests = gateway_.requests();
    while (requests.any_at_peers() && !hurried_ && clock_.now() < drained) co_await clock_.sleep_for(std::chrono::milliseconds(10));
    const std::string why = hurried_ ? "was told to stop at once" : "is shutting down";
    requests.cancel_those_at_peers(common::Error(common::ErrorKind::shutting_down, "a peer's answer is not waited for: the daemon " + why));
  }

  asio::awaitable<void> cut_connections_later() {
    const auto cut_at = clock_.now() + kLastAnswers;
    while (connections_.busy > 0 && clock_.now() < cut_at) co_await clock_.sleep_for(std::chrono::milliseconds(10));
    listener_.cancel_connections();
  }

  asio::awaitable<void> handle(net::Exchange& exchange) {
    const auto began = clock_.now();
    auto match = router_.find(exchange.head().method, exchange.head().path);
    if (works_under_overload(exchange.head().path)) exchange.use_reserve();
    if (auto admitted = exchange.admitted(); !admitted) {
      co_await api::reject(exchange, admitted.error());
    } else if (match) {
      auto handling = (*match->handler)(exchange, std::move(match->name));
      co_await std::move(handling);
    } else {
      if (match.error().kind() == common::ErrorKind::method_not_allowed) exchange.set_field("Allow", router_.allowed(exchange.head().path));
      co_await api::reject(exchange, match.error());
    }
    ++http_.answers[exchange.status()];
    http_.bytes += exchange.bytes_sent();
    const bool noisy = exchange.head().path == "/health" || exchange.head().path == "/metrics";
    spdlog::log(noisy ? spdlog::level::debug : spdlog::level::info, "{} {} {} {} {}B {}ms", exchange.id(), exchange.head().method,
                exchange.head().path.substr(0, 200), exchange.status(), exchange.bytes_sent(),
                std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - began).count());
  }

  asio::awaitable<void> show_metrics(net::Exchange& exchange) {
    net::Answer answer{.content_type = "text/plain; version=0.0.4",
                       .body = metrics::render({.http = http_,
                                                .gateway = gateway_.counters(),
                                                .residency = residency_.counters(),
                                                .view = residency_.view(),
                                                .swaps = residency_.swaps(),
                                                .registry_generation = store_.current()->generation,
                                                .registry_digest = store_.current()->digest,
                                                .connections = connections_.connections.open(),
                                                .connections_admitted = connections_.connections.admitted(),
                                                .connections_displaced = connections_.connections.displaced(),
                                                .connections_refused = connections_.connections.refused(),
                                                .log_dropped = log::dropped()})};
    co_await exchange.reply(std::move(answer));
  }

  AppConfig config_;
  asio::io_context loop_{1};
  // One for the whole life: between two of them the second signal of somebody in a hurry would find nobody and kill the process.
  asio::signal_set signals_{loop_, SIGINT, SIGTERM};
  asio::thread_pool pool_{kPoolThreads};
  asio::strand<asio::thread_pool::executor_type> journal_writer_{pool_.get_executor()};
  common::SteadyClock clock_;
  std::shared_ptr<registry::FactsReader> facts_ = std::make_shared<registry::FactsReader>();
  registry::Store store_;
  supervisor::ProcessLauncher launcher_;
  supervisor::SpareLauncher spares_;
  residency::ThreadReadAhead read_ahead_{config_.worker.memory, [this] { return kept_free(); }};
  residency::Residency residency_;
  peers::Peers peers_;
  api::Gateway gateway_;
  fit::Desk fit_;
  residency::PressureWatch pressure_;
  admin::Sessions sessions_;
  registry::ActiveChoice choice_;
  admin::Admin admin_;
  net::Router router_;
  metrics::HttpCounters http_;
  common::ListenAddress address_;
  net::ConnectionContext connections_;
  net::Listener listener_;
  common::TaskGroup background_;
  bool hurried_ = false;  // a second signal has come
};

}  // namespace

int run_daemon(AppConfig config) {
  std::signal(SIGPIPE, SIG_IGN);
  App app(std::move(config));
  return app.run();
}

}  // namespace proxy
