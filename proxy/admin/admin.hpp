// The admin REST and the small status endpoints: snapshots out, commands in. Verbs answer with the outcome, not with "accepted".
//
// Owned by the composition root. Reading never loads a model.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "common/clock.hpp"
#include "common/task_group.hpp"
#include "proxy/admin/active_pages.hpp"
#include "proxy/admin/log_pages.hpp"
#include "proxy/admin/registry_pages.hpp"
#include "proxy/admin/sessions.hpp"
#include "proxy/api/request_table.hpp"
#include "proxy/fit/desk.hpp"
#include "proxy/net/router.hpp"
#include "proxy/peers/peers.hpp"
#include "proxy/residency/residency.hpp"
#include "registry/store.hpp"

namespace proxy::admin {

class Admin {
 public:
  Admin(boost::asio::any_io_executor executor, registry::Store& store, registry::ActiveChoice& choice, residency::Residency& residency,
        fit::Desk& fit, Sessions& sessions, const peers::Peers& peers, api::RequestTable& requests, common::LogBook& log,
        common::Clock& clock);

  void add_routes(net::Router& router);
  // Ends what was begun with ?wait=false, and event streams.
  boost::asio::awaitable<void> shut_down();

 private:
  boost::asio::awaitable<void> health(net::Exchange& exchange);
  boost::asio::awaitable<void> running(net::Exchange& exchange);
  boost::asio::awaitable<void> status(net::Exchange& exchange);
  boost::asio::awaitable<void> models(net::Exchange& exchange);
  boost::asio::awaitable<void> show_fit(net::Exchange& exchange);
  boost::asio::awaitable<void> show_memory(net::Exchange& exchange);
  boost::asio::awaitable<void> lend_memory(net::Exchange& exchange);
  boost::asio::awaitable<void> end_memory_lease(net::Exchange& exchange, std::string id);
  boost::asio::awaitable<void> load(net::Exchange& exchange, std::string name);
  boost::asio::awaitable<void> unload(net::Exchange& exchange, std::string name);
  boost::asio::awaitable<void> pin(net::Exchange& exchange, std::string name);
  boost::asio::awaitable<void> unpin(net::Exchange& exchange, std::string name);
  boost::asio::awaitable<void> list_peers(net::Exchange& exchange);
  boost::asio::awaitable<void> swaps(net::Exchange& exchange);
  boost::asio::awaitable<void> requests(net::Exchange& exchange);
  boost::asio::awaitable<void> cancel(net::Exchange& exchange, std::string id);
  boost::asio::awaitable<void> events(net::Exchange& exchange);
  boost::asio::awaitable<void> list_sessions(net::Exchange& exchange);
  boost::asio::awaitable<void> drop_sessions(net::Exchange& exchange, std::string name);  // empty: of all models

  // Answers when the model is ready, with its digest.
  boost::asio::awaitable<void> reply_when_ready(net::Exchange& exchange, std::string id, std::string outcome,
                                                boost::asio::awaitable<common::Result<std::string>> readiness);
  boost::asio::awaitable<void> load_in_background(registry::Model model);
  boost::asio::awaitable<void> unload_in_background(std::string id);
  boost::asio::awaitable<common::Result<void>> send_events(net::Exchange& exchange, std::uint64_t after);

  registry::Store& store_;
  residency::Residency& residency_;
  fit::Desk& fit_;
  Sessions& sessions_;
  const peers::Peers& peers_;
  api::RequestTable& requests_;
  common::Clock& clock_;
  common::TimePoint started_;
  std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now();
  common::TaskGroup background_;
  RegistryPages registry_;
  ActivePages active_;
  LogPages logs_;
  bool closing_ = false;
};

}  // namespace proxy::admin
