// The OpenAI surface: a call is read, its model resolved, a lease acquired (which may swap models), and the answer relayed.
//
// Owned by the composition root. Holds no state of a request outside the coroutine that serves it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "common/clock.hpp"
#include "proxy/api/call.hpp"
#include "proxy/api/parcel.hpp"
#include "proxy/api/poison.hpp"
#include "proxy/api/request_table.hpp"
#include "proxy/net/exchange.hpp"
#include "proxy/net/relay.hpp"
#include "proxy/net/router.hpp"
#include "proxy/peers/peers.hpp"
#include "proxy/residency/residency.hpp"
#include "registry/catalog.hpp"

namespace proxy::api {

enum class Outcome { answered, refused, failed, client_left };
std::string_view to_string(Outcome outcome);

struct GatewayCounters {
  std::map<std::pair<std::string, Outcome>, std::uint64_t> calls;  // by model id ("" when none was resolved)
  std::uint64_t retries = 0;
};

class Gateway {
 public:
  using CatalogSource = std::function<std::shared_ptr<const registry::Catalog>()>;

  Gateway(CatalogSource catalog, residency::Residency& residency, peers::Peers& peers, common::Clock& clock);

  void add_routes(net::Router& router);
  const GatewayCounters& counters() const { return counters_; }
  RequestTable& requests() { return requests_; }

 private:
  boost::asio::awaitable<void> infer(net::Exchange& exchange, std::string path);
  boost::asio::awaitable<void> list_models(net::Exchange& exchange);
  boost::asio::awaitable<void> show_model(net::Exchange& exchange, std::string name);

  boost::asio::awaitable<Outcome> serve(net::Exchange& exchange, RequestTable::Entry& request, residency::Claim claim, Parcel parcel);
  // What was read of a request, and when it came.
  struct Inquiry {
    std::string path;
    Call call;
    common::TimePoint arrived;
  };
  RequestInfo info_of(const net::Exchange& exchange, const Inquiry& inquiry, std::string model) const;
  boost::asio::awaitable<void> infer_here(net::Exchange& exchange, Inquiry inquiry, registry::Resolution target, int priority);
  // Why the peer could not even be asked, so that somebody else still may be; nothing: the request has ended. `asked`: called when it is.
  boost::asio::awaitable<std::optional<common::Error>> infer_at_peer(net::Exchange& exchange, Inquiry inquiry,
                                                                     registry::PeerResolution target, std::function<void()> asked);
  boost::asio::awaitable<std::variant<Outcome, common::Error>> serve_at_peer(net::Exchange& exchange, RequestTable::Entry& request,
                                                                             peers::Peers::Errand errand);
  boost::asio::awaitable<common::Result<residency::Lease>> wait_for_lease(net::Exchange& exchange, RequestTable::Entry& request,
                                                                          residency::Claim claim);
  boost::asio::awaitable<common::Result<void>> keep_informed(net::Exchange& exchange, std::string model);
  // A request on its way to a worker.
  struct Forwarded {
    std::string path;
    std::string model;
    std::string owner;  // of the caller's key; empty: there is none
    bool rename = false;  // the server is not ours and calls the model as it likes
    std::string body;
  };
  boost::asio::awaitable<net::Relayed> forward(net::Exchange& exchange, Forwarded forwarded, residency::Lease& lease);
  boost::asio::awaitable<void> learn_why(residency::Lease& lease);
  common::Json model_json(const std::string& name, const registry::Route& route, const registry::Catalog& catalog) const;

  CatalogSource catalog_;
  residency::Residency& residency_;
  peers::Peers& peers_;
  common::Clock& clock_;
  std::int64_t started_unix_;
  GatewayCounters counters_;
  RequestTable requests_;
  PoisonList poison_;
};

}  // namespace proxy::api
