#include "proxy/peers/peers.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <cerrno>
#include <cstring>
#include <format>
#include <fstream>

#include "common/listen_address.hpp"
#include "common/log.hpp"
#include "common/offload.hpp"
#include "common/one_shot.hpp"
#include "proxy/tls/client.hpp"
#include "proxy/tls/trust.hpp"
#include "registry/file_identity.hpp"

namespace proxy::peers {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using common::Error;
using common::ErrorKind;
using common::fail;
using common::HttpClient;
using common::Result;

namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(500);
constexpr auto kLookAtEach = std::chrono::milliseconds(30'000);  // that is well
constexpr auto kLookPatience = std::chrono::milliseconds(10'000);  // with a connection and with an answer: others wait for their look
constexpr auto kFilePatience = std::chrono::milliseconds(500);
constexpr auto kTrustedFor = std::chrono::hours(1);  // then the system's store is read again: it may have been updated
constexpr std::size_t kLongestKey = 4096;

std::string place_of(const registry::Peer& peer) { return std::format("{}:{}", common::bracketed(peer.host), peer.port); }
// As it stands in addresses and in `Host`: with the port only where that is not the scheme's own (RFC 9110, 7.2).
std::string authority_of(const registry::Peer& peer) {
  return peer.port == peer.usual_port() ? common::bracketed(peer.host) : place_of(peer);
}

double seconds(common::Duration duration) { return std::chrono::duration<double>(duration).count(); }

// One line. Blocks.
Result<std::string> read_key(const std::filesystem::path& file) {
  struct stat about;
  if (::stat(file.c_str(), &about) != 0)
    return fail(ErrorKind::peer_unavailable, std::format("its key_file {} cannot be read: {}", file.string(), std::strerror(errno)));
  if (!S_ISREG(about.st_mode))
    return fail(ErrorKind::peer_unavailable, std::format("its key_file {} is no file with a key in its first line", file.string()));
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(ErrorKind::peer_unavailable,
                std::format("its key_file {} may be read by others than its owner: chmod 600 {}", file.string(), file.string()));
  std::ifstream in(file);
  std::string key;
  std::getline(in, key);
  while (key.ends_with('\r') || key.ends_with(' ')) key.pop_back();
  const bool is_plain = std::ranges::all_of(key, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (key.empty() || key.size() > kLongestKey || !is_plain)
    return fail(ErrorKind::peer_unavailable, std::format("the first line of its key_file {} is no key", file.string()));
  return key;
}

// What a peer says of our key is nothing that a caller could do anything about. 403 is for the caller: it is of what was asked.
std::optional<Error> refusal_of_key(const std::string& name, const common::HttpResponseHead& head) {
  if (head.status != 401) return std::nullopt;
  return Error(ErrorKind::peer_unavailable,
               std::format("the peer {} refuses the key that it is asked with (401): its key_file in the registry holds the key that it wants",
                           name));
}

// `trust`: of one that is reached by https. `reached`: that there is a connection and a handshake begins.
asio::awaitable<Result<HttpClient>> reach(const registry::Peer& peer, std::shared_ptr<tls::Trust> trust, bool& reached) {
  std::string port = std::to_string(peer.port);
  return trust ? tls::connect(peer.host, std::move(port), std::move(trust), reached) : HttpClient::connect_tcp(peer.host, std::move(port));
}

asio::awaitable<net::Relayed> ask(HttpClient& peer, common::HttpRequest request, net::Exchange& exchange, net::RelayOptions options) {
  auto sent = co_await peer.send(std::move(request));
  if (!sent) co_return net::Relayed{.end = net::RelayEnd::upstream_lost, .error = sent.error()};
  auto relayed = co_await net::relay(peer, exchange, std::move(options));
  co_return relayed;
}

asio::awaitable<Result<common::HttpResponseHead>> ask_for_head(HttpClient& peer, common::HttpRequest request) {
  auto sent = co_await peer.send(std::move(request));
  if (!sent) co_return fail(sent.error());
  auto head = co_await peer.read_head();
  co_return head;
}

// While this lives, somebody may end it early: the callback uses what a coroutine holds, and coroutines end in many ways.
class MayEndEarly {
 public:
  MayEndEarly(const Peers::Hold& hold, std::function<void()> end) : hold_(hold) { hold_(std::move(end)); }
  MayEndEarly(const MayEndEarly&) = delete;
  ~MayEndEarly() { hold_(nullptr); }

 private:
  const Peers::Hold& hold_;
};

// Closing the connection ends the relay, which alone knows how far it has come. Does not return by itself.
asio::awaitable<void> close_at(common::Clock& clock, common::TimePoint end, HttpClient& peer, bool& passed) {
  co_await clock.sleep_until(end);
  passed = true;
  peer.close();
  co_await clock.sleep_until(common::TimePoint::max());
}

}  // namespace

Peers::Peers(CatalogSource catalog, asio::thread_pool& pool, common::Clock& clock)
    : catalog_(std::move(catalog)),
      pool_(pool),
      clock_(clock),
      keys_(std::make_shared<Keys>(kFilePatience, Keys::Words{.doing = "reading it", .things = "files of keys"}, Keys::Late::stands_in)),
      certificates_(std::make_shared<Certificates>(
          kFilePatience, Certificates::Words{.doing = "reading it", .things = "files of certificates"}, Certificates::Late::stands_in)) {}

PeerHealth& Peers::health_of(const std::string& name, const registry::Peer& peer) {
  Watched& watched = watched_[name];
  if (watched.peer != peer) watched = {.peer = peer, .health = {}};  // what is known is of the one before an edit
  return watched.health;
}

bool Peers::is_well(const std::string& peer) const {
  auto known = watched_.find(peer);
  return known == watched_.end() || known->second.health.is_well();
}

std::optional<std::string> Peers::unusable(const std::string& peer) const {
  return is_well(peer) ? std::nullopt : std::optional<std::string>("its peer does not answer");
}

void Peers::note(const std::string& name, const registry::Peer& peer, const Result<void>& outcome) {
  PeerHealth& health = health_of(name, peer);
  const bool was_well = health.is_well();
  if (outcome) health.answered(clock_.now());
  else health.failed(outcome.error().message(), clock_.now());
  if (was_well && !outcome) common::log::warn("{}", outcome.error().message());
  if (!was_well && outcome) common::log::info("the peer {} answers again", name);
}

asio::awaitable<Result<HttpClient>> Peers::connect(std::string name, registry::Peer peer) {
  std::shared_ptr<tls::Trust> trust;
  if (peer.secure) {
    auto reading = trust_in(peer.ca_file);
    auto read = co_await std::move(reading);
    if (!read) co_return fail(read.error().kind(), std::format("the peer {} is not asked: {}", name, read.error().message()));
    trust = std::move(*read);
  }
  bool reached = false;
  auto connecting = reach(peer, std::move(trust), reached);
  auto waiting = clock_.sleep_for(peer.connect_timeout);
  auto first = co_await (std::move(connecting) || std::move(waiting));
  if (first.index() == 1) {
    co_return fail(ErrorKind::timeout,
                   std::format("the peer {} at {} {} within {:.1f} s", name, place_of(peer),
                               reached ? "took a connection and did not finish the TLS handshake" : "did not take a connection",
                               seconds(peer.connect_timeout)));
  }
  Result<HttpClient> client = std::get<0>(std::move(first));
  if (!client)
    co_return fail(ErrorKind::peer_unavailable, std::format("the peer {} at {}: {}", name, place_of(peer), client.error().message()));
  co_return client;
}

asio::awaitable<Result<std::string>> Peers::key_of(std::string name, registry::Peer peer) {
  if (peer.key_file.empty()) co_return std::string();
  auto reading = common::offload(pool_, [keys = keys_, file = peer.key_file] {
    return (*keys)(file.string(), "its key_file " + file.string(), [file] { return read_key(file); });
  });
  auto key = co_await std::move(reading);
  if (!key) co_return fail(key.error().kind(), std::format("the peer {} is not asked: {}", name, key.error().message()));
  co_return key;
}

// A file is looked at each time, on the pool, and read again only when it is another one or an hour has passed.
asio::awaitable<Result<std::shared_ptr<tls::Trust>>> Peers::trust_in(std::filesystem::path ca_file) {
  const auto now = clock_.now();
  Kept known;
  if (auto kept = trusted_.find(ca_file); kept != trusted_.end()) {
    if (now < kept->second.read + kTrustedFor) known = kept->second;
    else kept->second.read = now;  // this one reads it anew, and meanwhile the others go by what there is
  }
  if (known.trust && ca_file.empty()) co_return known.trust;
  auto read_anew = [ca_file, known, now]() -> Result<Kept> {
    std::string identity = registry::file_identity(ca_file);
    if (known.trust && known.identity == identity) return known;
    auto trust = tls::Trust::load(ca_file);
    if (!trust) return fail(trust.error());
    return Kept{.trust = std::move(*trust), .identity = std::move(identity), .read = now};
  };
  auto work = [certificates = certificates_, ca_file, read_anew = std::move(read_anew)] {
    const std::string name = ca_file.empty() ? "the system's store of certificates" : "its ca_file " + ca_file.string();
    return (*certificates)(ca_file.string(), name, read_anew);
  };
  auto reading = common::offload(pool_, std::move(work));
  auto read = co_await std::move(reading);
  if (!read) {
    trusted_.erase(ca_file);
    co_return fail(read.error());
  }
  trusted_[ca_file] = *read;
  co_return read->trust;
}

asio::awaitable<Peers::Carried> Peers::carry(net::Exchange& exchange, Errand errand, Hold hold) {
  const auto lost = [](Error why) { return Carried{.relayed = {.end = net::RelayEnd::upstream_lost, .error = std::move(why)}}; };
  const registry::PeerResolution& target = errand.target;
  PeerHealth& health = health_of(target.name, target.peer);
  if (auto wait = health.admit(clock_.now())) {
    Error why(ErrorKind::peer_unavailable, std::format("the peer {} is not asked for another {:.1f} s: {}", target.name, seconds(*wait),
                                                       health.last_failure()));
    co_return lost(std::move(why).retry_after(*wait));
  }
  common::OneShot<bool> given_up(co_await asio::this_coro::executor);
  std::optional<HttpClient> client;
  std::optional<MayEndEarly> may_end_early(std::in_place, hold, [&] {
    given_up.set(true);
    if (client) client->close();
  });
  auto reading = key_of(target.name, target.peer);
  auto key = co_await std::move(reading);
  if (!key) co_return lost(key.error());
  auto connecting = connect(target.name, target.peer);
  auto giving_up = given_up.take();
  auto connected = co_await (std::move(connecting) || std::move(giving_up));
  if (given_up.is_set()) co_return lost(Error(ErrorKind::cancelled, std::format("the peer {} was not asked any more", target.name)));
  if (auto& reached = std::get<0>(connected); reached) {
    client = std::move(*reached);
  } else {
    note(target.name, target.peer, fail(reached.error()));
    co_return lost(reached.error());
  }
  common::HttpRequest request{
      .method = "POST",
      .target = target.peer.base_path + errand.path,
      .fields = {{"Host", authority_of(target.peer)}, {"Content-Type", "application/json"}, {"X-Request-Id", exchange.id()}},
      .body = std::move(errand.body)};
  if (!key->empty()) request.fields.emplace_back("Authorization", "Bearer " + *key);
  bool heard = false;
  auto judge = [&](const common::HttpResponseHead& head) {
    heard = true;
    note(target.name, target.peer, Result<void>());
    return refusal_of_key(target.name, head);
  };
  net::RelayOptions options{
      .first_piece = nullptr, .judge = judge, .model = target.id, .stream_end = net::stream_end_of(errand.path)};
  bool timed_out = false;
  if (errand.asked) errand.asked();
  auto relaying = ask(*client, std::move(request), exchange, std::move(options));
  auto timing = close_at(clock_, clock_.now() + target.peer.timeout, *client, timed_out);
  auto first = co_await (std::move(relaying) || std::move(timing));
  may_end_early.reset();
  net::Relayed relayed = std::get<0>(std::move(first));
  if (timed_out) {
    relayed.error = Error(ErrorKind::timeout, std::format("the peer {} at {} had not answered in full within {:.1f} s", target.name,
                                                          place_of(target.peer), seconds(target.peer.timeout)));
  } else if (relayed.end == net::RelayEnd::upstream_lost && relayed.error.kind() == ErrorKind::io) {
    relayed.error = Error(ErrorKind::peer_unavailable, std::format("the peer {} at {}: {}", target.name, place_of(target.peer),
                                                                   relayed.error.message()));
    if (!heard && !given_up.is_set()) note(target.name, target.peer, fail(relayed.error));
  }
  co_return Carried{.relayed = std::move(relayed), .asked = true};
}

// --- looking after them ---

asio::awaitable<void> Peers::look_at(std::string name, registry::Peer peer) {
  registry::Peer hasty = peer;
  hasty.connect_timeout = std::min(peer.connect_timeout, kLookPatience);
  auto connecting = connect(name, hasty);
  auto client = co_await std::move(connecting);
  if (!client) co_return note(name, peer, fail(client.error()));
  common::HttpRequest request{.target = peer.base_path + peer.health_path, .fields = {{"Host", authority_of(peer)}}};
  auto asking = ask_for_head(*client, std::move(request));
  auto waiting = clock_.sleep_for(hasty.connect_timeout);
  auto first = co_await (std::move(asking) || std::move(waiting));
  const auto failure = [&](const std::string& what) {
    return fail(ErrorKind::peer_unavailable, std::format("the peer {} at {}: {}", name, place_of(peer), what));
  };
  if (first.index() == 1) co_return note(name, peer, failure("it takes connections and does not answer"));
  // Whoever answers is alive, whether it has such a page or wants a key for it, and whatever stands on it.
  const auto& head = std::get<0>(first);
  if (head && head->status < 500) co_return note(name, peer, Result<void>());
  note(name, peer, failure(head ? std::format("{} is answered with status {}", peer.health_path, head->status) : head.error().message()));
}

asio::awaitable<void> Peers::watch() {
  while (true) {
    const auto catalog = catalog_();
    std::erase_if(watched_, [&](const auto& known) { return !catalog->peers.contains(known.first); });
    std::erase_if(trusted_, [&](const auto& kept) {
      const auto needs_it = [&](const auto& known) { return known.second.secure && known.second.ca_file == kept.first; };
      return std::ranges::none_of(catalog->peers, needs_it);
    });
    for (const auto& [name, peer] : catalog->peers) {
      if (!health_of(name, peer).begin_look(kLookAtEach, clock_.now())) continue;
      auto looking = look_at(name, peer);
      co_await std::move(looking);
    }
    co_await clock_.sleep_for(kLookEvery);
  }
}

std::vector<PeerView> Peers::view() const {
  std::vector<PeerView> seen;
  const auto catalog = catalog_();
  for (const auto& [name, peer] : catalog->peers) {
    PeerView view{.name = name, .url = std::format("{}://{}{}", peer.secure ? "https" : "http", authority_of(peer), peer.base_path)};
    for (const std::string& model : peer.models) view.models.push_back(name + "/" + model);
    if (auto known = watched_.find(name); known != watched_.end()) {
      const PeerHealth& health = known->second.health;
      view.well = health.is_well();
      view.failures = health.failures();
      view.last_failure = health.last_failure();
    }
    seen.push_back(std::move(view));
  }
  return seen;
}

}  // namespace proxy::peers
