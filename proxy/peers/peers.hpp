// Remote OpenAI-style endpoints: requests for their models are carried to them as they are, with a key of their own. They have no lifecycle
// here and no place: a peer never makes anybody leave.
//
// Owned by the composition root, used on the loop thread. Which peers there are is in the catalog; what is kept here is how they are
// (peer_health.hpp), by what became of requests and of a look at each of them from time to time, and whose certificates they may show.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "proxy/net/exchange.hpp"
#include "proxy/net/relay.hpp"
#include "proxy/peers/peer_health.hpp"
#include "registry/catalog.hpp"
#include "registry/patient.hpp"

namespace proxy::tls {
class Trust;
}

namespace proxy::peers {

struct PeerView {
  std::string name, url;
  std::vector<std::string> models;  // their ids: "peer/model"
  bool well = true;
  int failures = 0;          // in a row
  std::string last_failure;  // empty: there was none since it last answered
};

class Peers {
 public:
  using CatalogSource = std::function<std::shared_ptr<const registry::Catalog>()>;

  // Both outlive it. Files of keys and certificates are read on the pool.
  Peers(CatalogSource catalog, boost::asio::thread_pool& pool, common::Clock& clock);

  // A request on its way to a peer.
  struct Errand {
    registry::PeerResolution target;
    std::string path;
    std::string body;  // that names the model as the peer does
    std::function<void()> asked = nullptr;  // called when it is certain that nobody else will be
  };
  struct Carried {
    net::Relayed relayed;
    bool asked = false;  // false: it was sent nothing, and the client nothing; somebody else may be asked instead
  };
  // Carries the answer to the client, with the model's id in it. `hold` is given a way to end that early.
  using Hold = std::function<void(std::function<void()> end_early)>;  // with nothing: it is over
  boost::asio::awaitable<Carried> carry(net::Exchange& exchange, Errand errand, Hold hold);

  std::vector<PeerView> view() const;
  bool is_well(const std::string& peer) const;
  // Why nobody can have its models for the time being, in a few words; nothing: they can be had, as far as is known.
  std::optional<std::string> unusable(const std::string& peer) const;
  // Looks after them until cancelled.
  boost::asio::awaitable<void> watch();

 private:
  boost::asio::awaitable<common::Result<common::HttpClient>> connect(std::string name, registry::Peer peer);
  boost::asio::awaitable<void> look_at(std::string name, registry::Peer peer);
  boost::asio::awaitable<common::Result<std::string>> key_of(std::string name, registry::Peer peer);
  boost::asio::awaitable<common::Result<std::shared_ptr<tls::Trust>>> trust_in(std::filesystem::path ca_file);
  PeerHealth& health_of(const std::string& name, const registry::Peer& peer);
  void note(const std::string& name, const registry::Peer& peer, const common::Result<void>& outcome);

  struct Kept {
    std::shared_ptr<tls::Trust> trust;
    std::string identity;  // of the file
    common::TimePoint read;
  };
  struct Watched {
    registry::Peer peer;  // as the registry had it then
    PeerHealth health;
  };
  using Keys = registry::Patient<std::string>;
  using Certificates = registry::Patient<Kept>;

  CatalogSource catalog_;
  boost::asio::thread_pool& pool_;
  common::Clock& clock_;
  std::map<std::string, Watched> watched_;         // by name; peers that there are, or were a moment ago
  std::map<std::filesystem::path, Kept> trusted_;  // by ca_file; by "", which is the system's store alone. Of peers that there are
  // How their files are read; shared with the pool, whose work may outlive this.
  std::shared_ptr<Keys> keys_;
  std::shared_ptr<Certificates> certificates_;
};

}  // namespace proxy::peers
