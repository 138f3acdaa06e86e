#include "proxy/admin/admin.hpp"

#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <format>

#include "common/log.hpp"
#include "common/whole_number.hpp"
#include "proxy/admin/fit_question.hpp"
#include "proxy/admin/memory_json.hpp"
#include "proxy/admin/memory_request.hpp"
#include "proxy/admin/refusal.hpp"
#include "proxy/admin/replies.hpp"
#include "proxy/admin/status_json.hpp"
#include "proxy/api/errors.hpp"

namespace proxy::admin {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using api::reject;
using common::Json;

namespace {

constexpr auto kHeartbeat = std::chrono::seconds(10);  // of an event stream with nothing to tell

// Where a reader of events wants to go on: the standard's header (WHATWG HTML, 9.2), or ?after= for curl. Nothing: only what is new.
common::Result<std::optional<std::uint64_t>> resume_point(const net::Exchange& exchange) {
  std::string text(exchange.head().field("Last-Event-ID"));
  if (text.empty()) text = exchange.head().query_value("after").value_or("");
  if (text.empty()) return std::nullopt;
  if (const auto id = common::whole_number<std::uint64_t>(text)) return id;
  return refuse("after", "the number of an event", text);
}

// A whole number in the query. Nothing: it is not there.
common::Result<std::optional<std::uint64_t>> read_count(const net::Exchange& exchange, const std::string& name) {
  const auto text = exchange.head().query_value(name);
  if (!text) return std::nullopt;
  if (const auto count = common::whole_number<std::uint64_t>(*text)) return count;
  return refuse(name, "a number", *text);
}

}  // namespace

Admin::Admin(asio::any_io_executor executor, registry::Store& store, registry::ActiveChoice& choice, residency::Residency& residency,
             fit::Desk& fit, Sessions& sessions, const peers::Peers& peers, api::RequestTable& requests, common::LogBook& log,
             common::Clock& clock)
    : store_(store),
      residency_(residency),
      fit_(fit),
      sessions_(sessions),
      peers_(peers),
      requests_(requests),
      clock_(clock),
      started_(clock.now()),
      background_(executor, "admin"),
      registry_(store, residency, fit, clock, background_),
      active_(store, choice, residency, peers),
      logs_(executor, log, store, clock) {}

void Admin::add_routes(net::Router& router) {
  registry_.add_routes(router);
  active_.add_routes(router);
  logs_.add_routes(router);
  router.add("GET", "/health", [this](net::Exchange& exchange, std::string) { return health(exchange); });
  router.add("GET", "/running", [this](net::Exchange& exchange, std::string) { return running(exchange); });
  router.add("GET", "/admin/v1/status", [this](net::Exchange& exchange, std::string) { return status(exchange); });
  router.add("GET", "/admin/v1/models", [this](net::Exchange& exchange, std::string) { return models(exchange); });
  router.add("GET", "/admin/v1/fit", [this](net::Exchange& exchange, std::string) { return show_fit(exchange); });
  router.add("GET", "/admin/v1/memory", [this](net::Exchange& exchange, std::string) { return show_memory(exchange); });
  router.add("POST", "/admin/v1/memory/lease", [this](net::Exchange& exchange, std::string) { return lend_memory(exchange); });
  router.add("DELETE", "/admin/v1/memory/lease/{}",
             [this](net::Exchange& exchange, std::string id) { return end_memory_lease(exchange, std::move(id)); });
  router.add("POST", "/admin/v1/models/{}/load",
             [this](net::Exchange& exchange, std::string name) { return load(exchange, std::move(name)); });
  router.add("POST", "/admin/v1/models/{}/unload",
             [this](net::Exchange& exchange, std::string name) { return unload(exchange, std::move(name)); });
  router.add("POST", "/admin/v1/models/{}/pin",
             [this](net::Exchange& exchange, std::string name) { return pin(exchange, std::move(name)); });
  router.add("POST", "/admin/v1/models/{}/unpin",
             [this](net::Exchange& exchange, std::string name) { return unpin(exchange, std::move(name)); });
  router.add("GET", "/admin/v1/peers", [this](net::Exchange& exchange, std::string) { return list_peers(exchange); });
  router.add("GET", "/admin/v1/swaps", [this](net::Exchange& exchange, std::string) { return swaps(exchange); });
  router.add("GET", "/admin/v1/requests", [this](net::Exchange& exchange, std::string) { return requests(exchange); });
  router.add("POST", "/admin/v1/requests/{}/cancel",
             [this](net::Exchange& exchange, std::string id) { return cancel(exchange, std::move(id)); });
  router.add("GET", "/admin/v1/sessions", [this](net::Exchange& exchange, std::string) { return list_sessions(exchange); });
  router.add("DELETE", "/admin/v1/sessions", [this](net::Exchange& exchange, std::string) { return drop_sessions(exchange, ""); });
  router.add("DELETE", "/admin/v1/sessions/{}",
             [this](net::Exchange& exchange, std::string name) { return drop_sessions(exchange, std::move(name)); });
  router.add("GET", "/admin/v1/events", [this](net::Exchange& exchange, std::string) { return events(exchange); });
}

asio::awaitable<void> Admin::shut_down() {
  closing_ = true;
  residency_.events().add("stopping", common::Json::object());
  logs_.close();
  background_.cancel();
  co_await background_.join();
}

asio::awaitable<void> Admin::health(net::Exchange& exchange) {
  Json json{{"status", "ok"}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::running(net::Exchange& exchange) { co_await reply(exchange, running_json(residency_.view())); }

asio::awaitable<void> Admin::status(net::Exchange& exchange) {
  Json json = status_json(residency_.view());
  json["version"] = PERCH_VERSION;
  json["pid"] = ::getpid();
  json["started"] = std::chrono::duration<double>(started_at_.time_since_epoch()).count();
  json["uptime_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - started_).count();
  json["registry"] = registry_.summary();
  json["choice"] = active_.summary();
  json["devices"] = fit_.devices();
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::models(net::Exchange& exchange) {
  auto catalog = store_.current();
  Json json = models_json(*catalog, residency_.view());
  for (Json& model : json["models"]) {
    const registry::Model& entry = catalog->models.at(model["id"]);
    model["memory"] = fit_.summary(entry);
    model["tier"] = to_string(residency_.tier_of(entry.id));
    model["tier_from"] = catalog->tiers.named_for(entry.id) ? "registry" : "need";
  }
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::show_fit(net::Exchange& exchange) {
  auto question = read_fit_question(exchange.head().query);
  if (!question) co_return co_await reject(exchange, question.error());
  auto resolved = store_.current()->resolve(question->model);
  if (!resolved) co_return co_await reject(exchange, resolved.error());
  auto answering = fit_.answer(resolved->model, shape_for(*question, resolved->model));
  auto answer = co_await std::move(answering);
  if (!answer) co_return co_await reject(exchange, answer.error());
  co_await reply(exchange, std::move(*answer));
}

asio::awaitable<void> Admin::show_memory(net::Exchange& exchange) {
  const residency::View view = residency_.view();
  Json json{{"budget", budget_json(fit_.budget())},
            {"available_bytes", fit_.available_bytes()},
            {"pressure", pressure_json(view.pressure)},
            {"models", held_json(view, [this](const std::string& model) { return residency_.taken_by(model); })},
            {"leases", memory_leases_json(residency_.memory_leases().all(), clock_.now())}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::lend_memory(net::Exchange& exchange) {
  auto body = co_await accept_body(exchange);
  if (!body) co_return;
  auto wanted = read_lease_request(*body);
  if (!wanted) co_return co_await reject(exchange, wanted.error());
  auto lending = residency_.lend(wanted->bytes, wanted->duration, waits(exchange));
  auto watching = exchange.client_gone();
  auto first = co_await (std::move(lending) || std::move(watching));
  if (first.index() == 1) co_return;
  auto lent = std::get<0>(std::move(first));
  if (!lent) co_return co_await reject(exchange, lent.error());
  co_await reply(exchange, lent_json(*lent, clock_.now()));
}

asio::awaitable<void> Admin::end_memory_lease(net::Exchange& exchange, std::string id) {
  if (!co_await accept_verb(exchange)) co_return;
  const auto number = common::whole_number<std::uint64_t>(id);
  const auto ended = number ? residency_.take_back(*number) : std::nullopt;
  if (!ended) {
    co_return co_await reject(exchange,
                              common::Error(common::ErrorKind::not_found,
                                            std::format("no memory lease {} runs; GET /admin/v1/memory lists them", id.substr(0, 100))));
  }
  Json json{{"id", ended->id}, {"outcome", "ended"}, {"bytes", ended->bytes}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::load(net::Exchange& exchange, std::string name) {
  if (!co_await accept_verb(exchange)) co_return;
  auto resolved = store_.current()->resolve(name);
  if (!resolved) co_return co_await reject(exchange, resolved.error());
  const registry::Model model = resolved->model;
  if (!waits(exchange)) {
    background_.spawn(load_in_background(model));
    Json json{{"model", model.id}, {"outcome", "loading"}};
    co_return co_await reply(exchange, std::move(json));
  }
  auto readiness = residency_.load(model);
  co_await reply_when_ready(exchange, model.id, "ready", std::move(readiness));
}

asio::awaitable<void> Admin::reply_when_ready(net::Exchange& exchange, std::string id, std::string outcome,
                                              asio::awaitable<common::Result<std::string>> readiness) {
  const auto began = clock_.now();
  auto watching = exchange.client_gone();
  auto first = co_await (std::move(readiness) || std::move(watching));
  if (first.index() == 1) co_return;
  auto digest = std::get<0>(std::move(first));
  if (!digest) co_return co_await reject(exchange, digest.error());
  Json json{
      {"model", id}, {"outcome", outcome}, {"digest", *digest}, {"seconds", std::chrono::duration<double>(clock_.now() - began).count()}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::load_in_background(registry::Model model) {
  auto digest = co_await residency_.load(model);
  if (!digest) common::log::warn("loading {} in the background: {}", model.id, digest.error().message());
}

asio::awaitable<void> Admin::unload_in_background(std::string id) {
  auto was_there = co_await residency_.unload(id);
  if (!was_there) common::log::warn("unloading {} in the background: {}", id, was_there.error().message());
}

asio::awaitable<void> Admin::unload(net::Exchange& exchange, std::string name) {
  if (!co_await accept_verb(exchange)) co_return;
  // A model that left the registry while it was resident can still be unloaded by its id.
  auto resolved = store_.current()->resolve(name);
  std::string id = resolved ? resolved->model.id : name;
  if (!resolved && residency_.view().active != name) co_return co_await reject(exchange, resolved.error());
  if (!waits(exchange)) {
    background_.spawn(unload_in_background(id));
    Json json{{"model", id}, {"outcome", "unloading"}};
    co_return co_await reply(exchange, std::move(json));
  }
  auto was_there = co_await residency_.unload(id);
  if (!was_there) co_return co_await reject(exchange, was_there.error());
  Json json{{"model", id}, {"outcome", *was_there ? "unloaded" : "was not loaded"}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::pin(net::Exchange& exchange, std::string name) {
  if (!co_await accept_verb(exchange)) co_return;
  auto resolved = store_.current()->resolve(name);
  if (!resolved) co_return co_await reject(exchange, resolved.error());
  auto readiness = residency_.pin(resolved->model);
  co_await reply_when_ready(exchange, resolved->model.id, "pinned", std::move(readiness));
}

asio::awaitable<void> Admin::unpin(net::Exchange& exchange, std::string name) {
  if (!co_await accept_verb(exchange)) co_return;
  auto resolved = store_.current()->resolve(name);
  if (!resolved) co_return co_await reject(exchange, resolved.error());
  const bool was_pinned = co_await residency_.unpin(resolved->model.id);
  Json json{{"model", resolved->model.id}, {"outcome", was_pinned ? "unpinned" : "was not pinned"}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::list_peers(net::Exchange& exchange) {
  Json list = Json::array();
  for (const peers::PeerView& peer : peers_.view()) {
    list.push_back({{"name", peer.name},
                    {"url", peer.url},
                    {"models", peer.models},
                    {"well", peer.well},
                    {"failures", peer.failures},
                    {"last_failure", common::json_or_null(peer.last_failure)}});
  }
  Json json{{"peers", std::move(list)}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::swaps(net::Exchange& exchange) {
  auto most = read_count(exchange, "limit");
  if (!most) co_return co_await reject(exchange, most.error());
  Json json = residency_.swaps().to_json(most->value_or(residency::SwapLedger::kKept));
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::requests(net::Exchange& exchange) {
  Json json{{"requests", requests_json(requests_.list(), clock_.now())}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::cancel(net::Exchange& exchange, std::string id) {
  if (!co_await accept_verb(exchange)) co_return;
  if (!requests_.cancel(id, api::cancelled_by_operator())) {
    co_return co_await reject(
        exchange, common::Error(common::ErrorKind::not_found,
                                std::format("no request {} is waiting or running; GET /admin/v1/requests lists them", id.substr(0, 100))));
  }
  Json json{{"request", id}, {"outcome", "cancelled"}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::list_sessions(net::Exchange& exchange) {
  auto listing = sessions_.list();
  Json json = co_await std::move(listing);
  json["budget_bytes"] = store_.current()->memory.saved_bytes;
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::drop_sessions(net::Exchange& exchange, std::string name) {
  if (!co_await accept_verb(exchange)) co_return;
  std::optional<std::string> model;
  common::Result<registry::Resolution> resolved;
  if (!name.empty()) {
    resolved = store_.current()->resolve(name);
    model = resolved ? resolved->model.id : name;
  }
  auto dropping = sessions_.drop(model);
  Json json = co_await std::move(dropping);
  // Those of a model that left the registry can still be dropped by its id.
  if (model && !resolved && json["dropped"] == 0) co_return co_await reject(exchange, resolved.error());
  json["model"] = model ? Json(*model) : Json(nullptr);
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::events(net::Exchange& exchange) {
  auto after = resume_point(exchange);
  if (!after) co_return co_await reject(exchange, after.error());
  net::Fields fields{{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-cache"}};
  auto begun = co_await exchange.begin(200, std::move(fields));
  if (!begun) co_return;
  auto sending = send_events(exchange, after->value_or(residency_.events().last_id()));
  auto watching = exchange.client_gone();
  co_await (std::move(sending) || std::move(watching));
}

// Ends when the client cannot be written to or the daemon stops. A reader that is too slow finds a gap in the numbers, never a delay for
// anybody else.
asio::awaitable<common::Result<void>> Admin::send_events(net::Exchange& exchange, std::uint64_t after) {
  while (true) {
    std::string text;
    for (const residency::LoggedEvent& event : residency_.events().after(after)) {
      text += std::format("id: {}\nevent: {}\ndata: {}\n\n", event.id, event.type, common::dump_json(event.data));
      after = event.id;
    }
    if (text.empty()) text = ": nothing new\n\n";
    auto written = co_await exchange.write(text);
    if (!written) co_return written;
    if (closing_) co_return co_await exchange.finish();
    co_await residency_.events().wait(after, clock_, clock_.now() + kHeartbeat);
  }
}

}  // namespace proxy::admin
