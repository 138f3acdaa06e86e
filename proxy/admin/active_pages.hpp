// The operator's present choice over the admin REST: what the name "active" means, and who answers to it now.
//
// Owned by Admin. It never loads a model.
#pragma once

#include "proxy/net/router.hpp"
#include "proxy/peers/peers.hpp"
#include "proxy/residency/residency.hpp"
#include "registry/active_choice.hpp"
#include "registry/store.hpp"

namespace proxy::admin {

class ActivePages {
 public:
  ActivePages(const registry::Store& store, registry::ActiveChoice& choice, residency::Residency& residency, const peers::Peers& peers)
      : store_(store), choice_(choice), residency_(residency), peers_(peers) {}

  void add_routes(net::Router& router);
  // {"model", "time", "answered_by", "peer", "instead_of", "problem", "kept"}; null where there is nothing to say.
  common::Json summary() const;

 private:
  boost::asio::awaitable<void> show(net::Exchange& exchange);
  boost::asio::awaitable<void> choose(net::Exchange& exchange);
  boost::asio::awaitable<void> clear(net::Exchange& exchange);
  // Tells the outcome to whoever asked and to whoever watches.
  boost::asio::awaitable<void> tell(net::Exchange& exchange, common::Result<registry::ActiveChoice::Changed> changed);

  const registry::Store& store_;
  registry::ActiveChoice& choice_;
  residency::Residency& residency_;
  const peers::Peers& peers_;
};

}  // namespace proxy::admin
