#include "proxy/admin/admin.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/log.hpp"
#include "proxy/admin/status_json.hpp"
#include "proxy/api/errors.hpp"

namespace proxy::admin {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using api::reject;
using common::Json;

namespace {

constexpr std::size_t kVerbBody = 64 * 1024;

asio::awaitable<void> reply(net::Exchange& exchange, Json json) {
  net::Answer answer{.body = common::dump_json(json)};
  co_await exchange.reply(std::move(answer));
}

bool waits(const net::Exchange& exchange) { return exchange.head().query_value("wait") != "false"; }

}  // namespace

Admin::Admin(asio::any_io_executor executor, registry::Store& store, residency::Residency& residency, common::Clock& clock)
    : store_(store), residency_(residency), clock_(clock), started_(clock.now()), background_(executor, "admin") {}

void Admin::add_routes(net::Router& router) {
  router.add("GET", "/health", [this](net::Exchange& exchange, std::string) { return health(exchange); });
  router.add("GET", "/running", [this](net::Exchange& exchange, std::string) { return running(exchange); });
  router.add("GET", "/admin/v1/status", [this](net::Exchange& exchange, std::string) { return status(exchange); });
  router.add("GET", "/admin/v1/models", [this](net::Exchange& exchange, std::string) { return models(exchange); });
  router.add("POST", "/admin/v1/models/{}/load",
             [this](net::Exchange& exchange, std::string name) { return load(exchange, std::move(name)); });
  router.add("POST", "/admin/v1/models/{}/unload",
             [this](net::Exchange& exchange, std::string name) { return unload(exchange, std::move(name)); });
  router.add("POST", "/admin/v1/registry/reload", [this](net::Exchange& exchange, std::string) { return reload(exchange); });
}

asio::awaitable<void> Admin::shut_down() {
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
  json["uptime_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - started_).count();
  json["registry"] = registry_json();
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::models(net::Exchange& exchange) {
  co_await reply(exchange, models_json(*store_.current(), residency_.view()));
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
  // A load is a request like any other, whose work is done when it gets its lease.
  const auto began = clock_.now();
  auto acquiring = residency_.acquire(model);
  auto watching = exchange.client_gone();
  auto first = co_await (std::move(acquiring) || std::move(watching));
  if (first.index() == 1) co_return;
  auto lease = std::get<0>(std::move(first));
  if (!lease) co_return co_await reject(exchange, lease.error());
  Json json{{"model", model.id},
            {"outcome", "ready"},
            {"digest", lease->digest()},
            {"seconds", std::chrono::duration<double>(clock_.now() - began).count()}};
  lease->reset();
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::load_in_background(registry::Model model) {
  auto lease = co_await residency_.acquire(model);
  if (!lease) common::log::warn("loading {} in the background: {}", model.id, lease.error().message());
}

asio::awaitable<void> Admin::unload(net::Exchange& exchange, std::string name) {
  if (!co_await accept_verb(exchange)) co_return;
  // A model that left the registry while it was resident can still be unloaded by its id.
  auto resolved = store_.current()->resolve(name);
  std::string id = resolved ? resolved->model.id : name;
  if (!resolved && residency_.view().active != name) co_return co_await reject(exchange, resolved.error());
  auto was_there = co_await residency_.unload(id);
  if (!was_there) co_return co_await reject(exchange, was_there.error());
  Json json{{"model", id}, {"outcome", *was_there ? "unloaded" : "was not loaded"}};
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> Admin::reload(net::Exchange& exchange) {
  if (!co_await accept_verb(exchange)) co_return;
  auto catalog = co_await store_.reload();
  if (!catalog) co_return co_await reject(exchange, catalog.error());
  co_await reply(exchange, registry_json());
}

asio::awaitable<bool> Admin::accept_verb(net::Exchange& exchange) {
  auto allowed = net::check_state_change(exchange.head());
  if (!allowed) {
    co_await reject(exchange, allowed.error());
    co_return false;
  }
  auto body = co_await exchange.read_body(kVerbBody);
  if (!body) {
    co_await reject(exchange, body.error());
    co_return false;
  }
  co_return true;
}

Json Admin::registry_json() const {
  auto catalog = store_.current();
  Json json{{"file", store_.file().string()},
            {"generation", catalog->generation},
            {"roles", Json(catalog->roles)},
            {"warnings", catalog->warnings}};
  json["last_error"] = store_.last_error() ? Json(store_.last_error()->message()) : Json(nullptr);
  return json;
}

}  // namespace proxy::admin
