// The registry over the admin REST: what is in force and what was, what an edit would do, and the one-line edit that repoints a role.
//
// Owned by Admin. The plan of an edit comes from registry/plan.hpp; what only the daemon knows is added here: who runs, and what fits.
#pragma once

#include <string>

#include "common/clock.hpp"
#include "common/task_group.hpp"
#include "proxy/admin/role_request.hpp"
#include "proxy/fit/desk.hpp"
#include "proxy/net/router.hpp"
#include "proxy/residency/residency.hpp"
#include "registry/store.hpp"

namespace proxy::admin {

class RegistryPages {
 public:
  // `background`: for edits that nobody waits for.
  RegistryPages(registry::Store& store, residency::Residency& residency, fit::Desk& fit, common::Clock& clock,
                common::TaskGroup& background);

  void add_routes(net::Router& router);
  // What is in force, and what is wrong with the file if it is not that.
  common::Json summary() const;

 private:
  boost::asio::awaitable<void> show(net::Exchange& exchange);
  boost::asio::awaitable<void> reload(net::Exchange& exchange);
  boost::asio::awaitable<void> put_role(net::Exchange& exchange, std::string role);

  boost::asio::awaitable<common::Result<common::Json>> repoint(std::string role, RoleRequest request);
  boost::asio::awaitable<common::Result<registry::Repointed>> repoint_in_time(std::string role, RoleRequest request);
  boost::asio::awaitable<void> repoint_in_background(std::string role, RoleRequest request);
  common::Json planned(const registry::Catalog& candidate) const;

  registry::Store& store_;
  residency::Residency& residency_;
  fit::Desk& fit_;
  common::Clock& clock_;
  common::TaskGroup& background_;
};

}  // namespace proxy::admin
