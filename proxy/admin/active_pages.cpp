#include "proxy/admin/active_pages.hpp"

#include <format>

#include "common/log.hpp"
#include "proxy/admin/object_body.hpp"
#include "proxy/admin/refusal.hpp"
#include "proxy/admin/replies.hpp"
#include "proxy/api/errors.hpp"
#include "proxy/api/usability.hpp"

namespace proxy::admin {

namespace asio = boost::asio;
using common::Json;
using common::Result;

namespace {

constexpr const char* kExample = R"(send {"model": "an id, a role, or a part of a name"})";

Result<std::string> read_choice_request(std::string_view text) {
  auto body = read_object(text, {"model"}, kExample);
  if (!body) return common::fail(body.error());
  const auto model = body->find("model");
  if (model != body->end() && model->is_string()) return model->get<std::string>();
  return refuse("model", std::format("a string is expected; {}", kExample));
}

}  // namespace

void ActivePages::add_routes(net::Router& router) {
  router.add("GET", "/admin/v1/active", [this](net::Exchange& exchange, std::string) { return show(exchange); });
  router.add("PUT", "/admin/v1/active", [this](net::Exchange& exchange, std::string) { return choose(exchange); });
  router.add("DELETE", "/admin/v1/active", [this](net::Exchange& exchange, std::string) { return clear(exchange); });
}

Json ActivePages::summary() const {
  const auto catalog = store_.current();
  const auto& choice = choice_.current();
  Json json{{"model", nullptr},         {"time", nullptr},       {"answered_by", nullptr},
            {"peer", nullptr},          {"instead_of", nullptr}, {"problem", common::json_or_null(catalog->problem_with_choice())},
            {"kept", choice_.is_kept()}};
  if (choice) {
    json["model"] = choice->model;
    json["time"] = choice->time.time_since_epoch().count();
  }
  const auto route = catalog->route(registry::kActiveRole, api::usability_of(residency_, peers_));
  if (!route) return json;
  std::visit([&](const auto& target) { json["instead_of"] = common::json_or_null(target.instead_of); }, *route);
  if (const auto* here = std::get_if<registry::Resolution>(&*route)) json["answered_by"] = here->model.id;
  if (const auto* there = std::get_if<registry::PeerResolution>(&*route)) {
    json["answered_by"] = there->id;
    json["peer"] = there->name;
  }
  return json;
}

asio::awaitable<void> ActivePages::show(net::Exchange& exchange) { co_await reply(exchange, summary()); }

asio::awaitable<void> ActivePages::choose(net::Exchange& exchange) {
  auto body = co_await accept_body(exchange);
  if (!body) co_return;
  auto said = read_choice_request(*body);
  if (!said) co_return co_await api::reject(exchange, said.error());
  auto choosing = choice_.choose(std::move(*said));
  auto changed = co_await std::move(choosing);
  co_await tell(exchange, std::move(changed));
}

asio::awaitable<void> ActivePages::clear(net::Exchange& exchange) {
  if (!co_await accept_verb(exchange)) co_return;
  auto clearing = choice_.clear();
  auto changed = co_await std::move(clearing);
  co_await tell(exchange, std::move(changed));
}

asio::awaitable<void> ActivePages::tell(net::Exchange& exchange, Result<registry::ActiveChoice::Changed> changed) {
  if (!changed) co_return co_await api::reject(exchange, changed.error());
  Json json = summary();
  json["before"] = common::json_or_null(changed->before);
  if (changed->now) {
    json["found_by"] = registry::to_string(changed->now->by);
    json["outcome"] = changed->before == changed->now->id ? "was so already" : "chosen";
    common::log::info("active means {} now", changed->now->id);
  } else {
    json["outcome"] = changed->before ? "cleared" : "was not chosen";
    common::log::info("nothing is chosen to be active any more");
  }
  Json event = json;
  residency_.events().add("active", std::move(event));
  co_await reply(exchange, std::move(json));
}

}  // namespace proxy::admin
