#include "proxy/admin/registry_pages.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <format>

#include "common/log.hpp"
#include "proxy/admin/refusal.hpp"
#include "proxy/admin/reload_request.hpp"
#include "proxy/admin/replies.hpp"
#include "proxy/api/errors.hpp"
#include "registry/plan.hpp"

namespace proxy::admin {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using api::reject;
using common::Error;
using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;

namespace {

constexpr std::size_t kRegistryBody = 4 << 20;
constexpr auto kLookForIdle = std::chrono::milliseconds(20);

std::optional<std::string> target_of(const registry::Catalog& catalog, const std::string& role) {
  auto at = catalog.roles.find(role);
  return at == catalog.roles.end() ? std::nullopt : std::optional(at->second);
}

Json history_json(const std::vector<registry::HistoryEntry>& entries) {
  Json list = Json::array();
  for (const registry::HistoryEntry& entry : entries) {
    list.push_back({{"generation", entry.last},
                    {"first_generation", entry.first},
                    {"time", std::chrono::duration<double>(entry.time.time_since_epoch()).count()},
                    {"digest", entry.digest}});
  }
  return list;
}

}  // namespace

RegistryPages::RegistryPages(registry::Store& store, residency::Residency& residency, fit::Desk& fit, common::Clock& clock,
                             common::TaskGroup& background)
    : store_(store), residency_(residency), fit_(fit), clock_(clock), background_(background) {}

void RegistryPages::add_routes(net::Router& router) {
  router.add("GET", "/admin/v1/registry", [this](net::Exchange& exchange, std::string) { return show(exchange); });
  router.add("POST", "/admin/v1/registry/reload", [this](net::Exchange& exchange, std::string) { return reload(exchange); });
  router.add("PUT", "/admin/v1/roles/{}",
             [this](net::Exchange& exchange, std::string role) { return put_role(exchange, std::move(role)); });
}

Json RegistryPages::summary() const {
  auto catalog = store_.current();
  Json json{{"file", store_.file().string()},
            {"generation", catalog->generation},
            {"digest", catalog->digest},
            {"roles", Json(catalog->roles)},
            {"warnings", catalog->warnings}};
  json["last_error"] = store_.last_error() ? Json(store_.last_error()->message()) : Json(nullptr);
  json["history"] = store_.history() ? Json(store_.history()->folder().string()) : Json(nullptr);
  return json;
}

asio::awaitable<void> RegistryPages::show(net::Exchange& exchange) {
  auto listing = store_.list_history();
  const auto entries = co_await std::move(listing);
  Json json = summary();
  json["text"] = store_.current()->text;
  json["kept"] = history_json(entries);
  co_await reply(exchange, std::move(json));
}

asio::awaitable<void> RegistryPages::reload(net::Exchange& exchange) {
  auto body = co_await accept_body(exchange, kRegistryBody);
  if (!body) co_return;
  auto text = read_reload_request(*body);
  if (!text) co_return co_await reject(exchange, text.error());
  if (exchange.head().query_value("dry_run") == "true") {
    auto reading = store_.read(std::move(*text));
    auto candidate = co_await std::move(reading);
    if (!candidate) co_return co_await reject(exchange, candidate.error());
    co_return co_await reply(exchange, planned(*candidate));
  }
  if (*text) {
    const auto why = refuse("text", "a text can only be planned (?dry_run=true); what holds is what stands in the file");
    co_return co_await reject(exchange, why.error());
  }
  auto reloading = store_.reload();
  auto catalog = co_await std::move(reloading);
  if (!catalog) co_return co_await reject(exchange, catalog.error());
  co_await reply(exchange, summary());
}

// The plan, and for each model in it whether it runs now and whether it will fit.
Json RegistryPages::planned(const registry::Catalog& candidate) const {
  auto catalog = store_.current();
  const residency::View view = residency_.view();
  const auto runs = [&](const std::string& id) {
    return std::ranges::any_of(view.workers, [&](const residency::WorkerView& worker) { return worker.model == id && worker.pid != 0; });
  };
  const auto memory = [&](const std::string& id) {
    auto model = candidate.models.find(id);
    return model == candidate.models.end() ? Json(nullptr) : fit_.summary(model->second);
  };
  Json json = registry::plan_json(registry::plan_of(*catalog, candidate));
  json["file"] = store_.file().string();
  json["generation"] = catalog->generation;
  json["resident"] = common::json_or_null(view.active);
  bool resident_leaves = false;
  for (Json& model : json["models"]) {
    const std::string id = model["id"];
    model["runs"] = runs(id);
    model["memory"] = memory(id);
    resident_leaves = resident_leaves || (id == view.active && model["worker_leaves"].get<bool>());
  }
  for (Json& role : json["roles"]) role["memory"] = role["after"].is_null() ? Json(nullptr) : memory(role["after"]);
  json["resident_leaves"] = resident_leaves;
  return json;
}

asio::awaitable<void> RegistryPages::put_role(net::Exchange& exchange, std::string role) {
  auto body = co_await accept_body(exchange);
  if (!body) co_return;
  auto request = read_role_request(*body);
  if (!request) co_return co_await reject(exchange, request.error());
  if (!waits(exchange)) {
    Json json{{"role", role}, {"model", request->model}, {"outcome", "repointing"}};
    background_.spawn(repoint_in_background(std::move(role), std::move(*request)));
    co_return co_await reply(exchange, std::move(json));
  }
  auto working = repoint(std::move(role), std::move(*request));
  auto watching = exchange.client_gone();
  auto first = co_await (std::move(working) || std::move(watching));
  if (first.index() == 1) co_return;
  auto outcome = std::get<0>(std::move(first));
  if (!outcome) co_return co_await reject(exchange, outcome.error());
  co_await reply(exchange, std::move(*outcome));
}

asio::awaitable<void> RegistryPages::repoint_in_background(std::string role, RoleRequest request) {
  auto working = repoint(role, std::move(request));
  auto outcome = co_await std::move(working);
  if (!outcome) common::log::warn("role {}: {}", role, outcome.error().message());
}

asio::awaitable<Result<Json>> RegistryPages::repoint(std::string role, RoleRequest request) {
  Json json{{"role", role}, {"model", request.model}};
  auto working = repoint_in_time(std::move(role), std::move(request));
  auto done = co_await std::move(working);
  if (!done) {
    Json event = json;
    event["outcome"] = "not repointed";
    event["error"] = done.error().message();
    residency_.events().add("role", std::move(event));
    co_return fail(done.error());
  }
  json["before"] = common::json_or_null(done->before);
  json["outcome"] = done->written ? "repointed" : "was so already";
  json["generation"] = done->now->generation;
  json["digest"] = done->now->digest;
  residency_.events().add("role", json);
  co_return json;
}

asio::awaitable<Result<registry::Repointed>> RegistryPages::repoint_in_time(std::string role, RoleRequest request) {
  const auto target = target_of(*store_.current(), role);
  // What will be refused is refused at once.
  const bool may_be = request.force || store_.current()->names_a_model(request.model);
  const bool waits_first = may_be && target != request.model && (request.when_idle || request.after_load);
  while (waits_first && request.when_idle && target && residency_.is_wanted(*target)) co_await clock_.sleep_for(kLookForIdle);
  if (waits_first && request.after_load) {
    auto catalog = store_.current();
    const auto model = catalog->models.find(request.model);
    if (model != catalog->models.end()) {
      auto loading = residency_.load(model->second);
      auto loaded = co_await std::move(loading);
      if (!loaded) {
        const std::string still = target ? "still points at " + *target : "is still not there";
        co_return fail(Error(loaded.error().kind(), std::format("the role {} {}, because {} was not loaded: {}", role, still, request.model,
                                                                loaded.error().message())));
      }
    }
  }
  const auto now = target_of(*store_.current(), role);
  if (waits_first && now != target) {
    co_return fail(ErrorKind::conflict,
                   std::format("somebody else repointed the role {} meanwhile: it means {} now", role, now.value_or("nothing")));
  }
  auto writing = store_.repoint(std::move(role), std::move(request.model), request.force);
  auto written = co_await std::move(writing);
  co_return written;
}

}  // namespace proxy::admin
