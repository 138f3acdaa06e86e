#include "proxy/api/gateway.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <format>

#include "common/http_client.hpp"
#include "common/log.hpp"
#include "proxy/api/errors.hpp"
#include "proxy/api/usability.hpp"
#include "proxy/net/framing.hpp"

namespace proxy::api {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using common::Error;
using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;
using residency::Lease;

namespace {

constexpr std::size_t kBodyLimit = 32 << 20;
constexpr auto kQuietWait = std::chrono::seconds(5);  // a streaming caller is told nothing before this
constexpr auto kCommentEvery = std::chrono::seconds(3);
constexpr auto kCauseWait = std::chrono::milliseconds(500);  // for a dead worker's exit status to come in
constexpr int kAttempts = 2;                                 // one retry, never two

// While this lives, the end of the lease calls `callback`. That uses what a coroutine holds, and coroutines end in many ways.
class WhenEnded {
 public:
  WhenEnded(Lease& lease, std::function<void()> callback) : lease_(lease) {
    if (lease_.ended()) callback();
    else lease_.on_ended(std::move(callback));
  }
  WhenEnded(const WhenEnded&) = delete;
  ~WhenEnded() { lease_.on_ended(nullptr); }

 private:
  Lease& lease_;
};

const std::string& id_of(const registry::Resolution& target) { return target.model.id; }
const std::string& id_of(const registry::PeerResolution& target) { return target.id; }
const registry::RequestEdits& edits_of(const registry::Resolution& target) { return target.model.edits; }
const registry::RequestEdits& edits_of(const registry::PeerResolution& target) { return target.peer.edits; }

std::string peer_of(const registry::Resolution&) { return {}; }
std::string peer_of(const registry::PeerResolution& target) { return target.name; }

// Says in the answer's head which model it is, and there and in the log when that stands in for another. What was said before of another
// target is taken back.
template <class Target>
void label(net::Exchange& exchange, const Target& target) {
  exchange.set_field("X-Perch-Model", id_of(target));
  exchange.set_field("X-Perch-Peer", peer_of(target));
  exchange.set_field("X-Perch-Fallback", target.instead_of.empty() ? "" : std::format("instead of {}: {}", target.instead_of, target.why));
  if (target.instead_of.empty()) return;
  common::log::warn("{}: the role {} goes to {} instead of {}: {}", exchange.id(), target.role, id_of(target), target.instead_of,
                    target.why);
}

// The server's own words may repeat what was asked; the log does not.
std::string for_log(const net::Relayed& relayed, const Error& why) {
  return relayed.own_words ? std::format("the server said what was wrong ({})", to_string(why.kind())) : why.message();
}

// Whose answer was not to be completed. Nobody is told twice, and half a JSON body can only be cut off: the announced length and the reset
// say so.
asio::awaitable<void> give_up(net::Exchange& exchange, const net::Relayed& relayed, Error why) {
  if (!relayed.told && (relayed.event_stream || !exchange.begun())) co_await reject(exchange, std::move(why));
  else exchange.abort();
}

Error client_left() { return Error(ErrorKind::cancelled, "the client left"); }

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::answered: return "answered";
    case Outcome::refused: return "refused";
    case Outcome::failed: return "failed";
    case Outcome::client_left: return "client_left";
  }
  return "unknown";
}

Gateway::Gateway(CatalogSource catalog, residency::Residency& residency, peers::Peers& peers, common::Clock& clock)
    : catalog_(std::move(catalog)),
      residency_(residency),
      peers_(peers),
      clock_(clock),
      started_unix_(std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()) {}

void Gateway::add_routes(net::Router& router) {
  for (const char* path : {"/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank", "/rerank", "/infill"}) {
    router.add("POST", path, [this, path](net::Exchange& exchange, std::string) { return infer(exchange, path); });
  }
  router.add("GET", "/v1/models", [this](net::Exchange& exchange, std::string) { return list_models(exchange); });
  router.add("GET", "/v1/models/{}", [this](net::Exchange& exchange, std::string name) { return show_model(exchange, std::move(name)); });
}

asio::awaitable<void> Gateway::infer(net::Exchange& exchange, std::string path) {
  auto origin = net::check_origin(exchange.head());
  if (!origin) co_return co_await reject(exchange, origin.error());
  auto body = co_await exchange.read_body(kBodyLimit);
  if (!body) co_return co_await reject(exchange, body.error());
  auto call = parse_call(*body);
  if (!call) co_return co_await reject(exchange, call.error());
  const common::TimePoint arrived = clock_.now();
  const std::string requested = call->model;
  auto catalog = catalog_();
  exchange.set_field("X-Perch-Requested-Model", requested.substr(0, 200));
  exchange.set_field("X-Perch-Registry-Generation", std::to_string(catalog->generation));
  exchange.set_field("X-Perch-Registry-Digest", catalog->digest);
  std::map<std::string, Error> passed;  // peers that could not be asked: a role goes on to its next fallback
  while (true) {
    auto route = catalog->route(requested, usability_of(residency_, peers_, passed));
    if (!route) {
      ++counters_.calls[{"", Outcome::refused}];
      co_return co_await reject(exchange, route.error());
    }
    std::visit([&](const auto& target) { label(exchange, target); }, *route);
    auto* there = std::get_if<registry::PeerResolution>(&*route);
    if (auto known = there ? passed.find(there->name) : passed.end(); known != passed.end()) {
      // Nobody is left who could stand in.
      ++counters_.calls[{there->id, Outcome::refused}];
      co_return co_await reject(exchange, known->second);
    }
    // The last one's edits are not for the next one.
    if (!passed.empty()) call = parse_call(*body);
    if (!call) co_return co_await reject(exchange, call.error());
    const registry::RoleTerms* terms = std::visit([&](const auto& target) { return catalog->terms_of(target.role); }, *route);
    std::visit([&](const auto& target) { apply_registry(edits_of(target), terms, call->body); }, *route);
    const auto drop_body = [&body] { std::string().swap(*body); };  // nobody else will be asked
    if (!there || !terms || terms->fallback.empty()) drop_body();
    Inquiry inquiry{.path = path, .call = std::move(*call), .arrived = arrived};
    if (!there) {
      auto* here = std::get_if<registry::Resolution>(&*route);
      const int priority = catalog->priority_of(here->role);
      auto inferring = infer_here(exchange, std::move(inquiry), std::move(*here), priority);
      co_return co_await std::move(inferring);
    }
    const std::string peer = there->name;
    auto inferring = infer_at_peer(exchange, std::move(inquiry), std::move(*there), drop_body);
    auto why = co_await std::move(inferring);
    if (!why) co_return;
    common::log::warn("{}: {}", exchange.id(), why->message());
    passed.emplace(peer, std::move(*why));
  }
}

RequestInfo Gateway::info_of(const net::Exchange& exchange, const Inquiry& inquiry, std::string model) const {
  return {.id = exchange.id(),
          .path = inquiry.path,
          .requested = inquiry.call.model.substr(0, 200),
          .model = std::move(model),
          .stream = inquiry.call.stream,
          .arrived = inquiry.arrived};
}

asio::awaitable<void> Gateway::infer_here(net::Exchange& exchange, Inquiry inquiry, registry::Resolution target, int priority) {
  const std::string id = target.model.id;
  // The worker answers for its own id only, so a call can never be answered by other weights than these.
  inquiry.call.body["model"] = id;
  residency::Claim claim{.model = std::move(target.model), .priority = priority};
  auto executor = co_await asio::this_coro::executor;
  RequestTable::Entry request(requests_, executor, info_of(exchange, inquiry, id));
  Parcel parcel(inquiry.call.body);
  inquiry.call.body = nullptr;
  auto serving = serve(exchange, request, std::move(claim), std::move(parcel));
  const Outcome outcome = co_await std::move(serving);
  ++counters_.calls[{id, outcome}];
}

// No lease, no queue and no retry: what a peer does with a request is its own affair.
asio::awaitable<std::optional<Error>> Gateway::infer_at_peer(net::Exchange& exchange, Inquiry inquiry, registry::PeerResolution target,
                                                             std::function<void()> asked) {
  const std::string id = target.id;
  inquiry.call.body["model"] = target.model;
  inquiry.call.body.erase("context_tokens");  // a word of ours
  auto executor = co_await asio::this_coro::executor;
  RequestInfo info = info_of(exchange, inquiry, id);
  info.at_peer = true;
  RequestTable::Entry request(requests_, executor, std::move(info));
  request.enter(Stage::running, clock_.now());
  peers::Peers::Errand errand{.target = std::move(target), .path = inquiry.path, .body = common::dump_json(inquiry.call.body),
                              .asked = std::move(asked)};
  inquiry.call.body = nullptr;
  auto serving = serve_at_peer(exchange, request, std::move(errand));
  auto served = co_await std::move(serving);
  if (auto* why = std::get_if<Error>(&served)) co_return std::move(*why);
  ++counters_.calls[{id, std::get<Outcome>(served)}];
  co_return std::nullopt;
}

asio::awaitable<std::variant<Outcome, Error>> Gateway::serve_at_peer(net::Exchange& exchange, RequestTable::Entry& request,
                                                                     peers::Peers::Errand errand) {
  auto hold = [&request](std::function<void()> end) {
    if (end && request.cancelled().is_set()) end();  // before anything was begun for it
    request.on_cancel(std::move(end));
  };
  auto carrying = peers_.carry(exchange, std::move(errand), hold);
  auto watching = exchange.client_gone();
  auto first = co_await (std::move(carrying) || std::move(watching));
  request.on_cancel(nullptr);
  if (first.index() == 1) co_return Outcome::client_left;
  const peers::Peers::Carried carried = std::get<0>(std::move(first));
  const net::Relayed& relayed = carried.relayed;
  if (relayed.end == net::RelayEnd::complete) co_return Outcome::answered;
  if (relayed.end == net::RelayEnd::client_lost) co_return Outcome::client_left;
  if (!carried.asked && !request.cancelled().is_set()) co_return relayed.error;
  const Error why = request.cancelled().is_set() ? request.why() : relayed.error;
  common::log::warn("{}: {}", exchange.id(), for_log(relayed, why));
  const bool refused = !exchange.begun();
  auto giving_up = give_up(exchange, relayed, why);
  co_await std::move(giving_up);
  co_return refused ? Outcome::refused : Outcome::failed;
}

asio::awaitable<Outcome> Gateway::serve(net::Exchange& exchange, RequestTable::Entry& request, residency::Claim claim, Parcel parcel) {
  const std::uint64_t print = fingerprint(request.info().path, parcel.text());
  // Before a model is loaded for it, and again when its turn has come: twins of it may have crashed workers while it waited.
  if (auto poison = poison_.refusal(print, clock_.now())) {
    co_await reject(exchange, std::move(*poison));
    co_return Outcome::refused;
  }
  for (int attempt = 1;; ++attempt) {
    auto lease = co_await wait_for_lease(exchange, request, claim);
    if (lease) {
      if (auto poison = poison_.refusal(print, clock_.now())) lease = fail(std::move(*poison));
    }
    if (!lease) {
      if (lease.error().kind() == ErrorKind::cancelled) co_return Outcome::client_left;
      co_await reject(exchange, lease.error());
      co_return Outcome::refused;
    }
    exchange.set_field("X-Perch-Artifact-Digest", lease->digest());  // the second attempt's may be another
    request.enter(Stage::running, clock_.now());
    request.on_cancel([&] { lease->end(request.why()); });
    Forwarded forwarded{.path = request.info().path,
                        .model = request.info().model,
                        .owner = claim.key,
                        .rename = lease->model().command.has_value(),
                        .body = parcel.for_worker(lease->model(), request.info().path)};
    auto forwarding = forward(exchange, std::move(forwarded), *lease);
    auto watching = exchange.client_gone();
    auto first = co_await (std::move(forwarding) || std::move(watching));
    request.on_cancel(nullptr);
    if (first.index() == 1) co_return Outcome::client_left;
    net::Relayed relayed = std::get<0>(std::move(first));
    if (relayed.end == net::RelayEnd::complete) {
      poison_.answered(print);
      co_return Outcome::answered;
    }
    if (relayed.end == net::RelayEnd::client_lost) co_return Outcome::client_left;
    if (!relayed.own_words) co_await learn_why(*lease);
    Error why = lease->ended() && !relayed.own_words ? *lease->ended() : relayed.error;
    if (lease->ended() && why.kind() == ErrorKind::worker_crashed) poison_.crashed(print, lease->run(), clock_.now());
    const bool worker_died = !relayed.own_words && (why.kind() == ErrorKind::worker_crashed || why.kind() == ErrorKind::io);
    if (worker_died && !relayed.forwarded && attempt < kAttempts) {
      ++counters_.retries;
      common::log::warn("{}: {}; nothing was sent yet, trying once more", exchange.id(), why.message());
      request.enter(Stage::queued, clock_.now());
      continue;
    }
    if (worker_died && why.kind() == ErrorKind::io)
      why = Error(ErrorKind::worker_crashed, "the worker's answer broke off: " + why.message());
    auto giving_up = give_up(exchange, relayed, why);
    co_await std::move(giving_up);
    common::log::warn("{}: {}", exchange.id(), for_log(relayed, why));
    co_return Outcome::failed;
  }
}

asio::awaitable<Result<Lease>> Gateway::wait_for_lease(net::Exchange& exchange, RequestTable::Entry& request, residency::Claim claim) {
  std::string id = claim.model.id;
  residency::Residency::Ticket ticket = residency_.ask(std::move(claim));
  auto acquiring = ticket.outcome();
  if (ticket.is_settled()) co_return co_await std::move(acquiring);  // nobody need be watched for that
  auto watching = exchange.client_gone();
  auto cancelling = request.cancelled().take();
  std::size_t ended_by = 0;
  Result<Lease> lease = fail(client_left());
  if (!request.info().stream) {
    auto first = co_await (std::move(acquiring) || std::move(watching) || std::move(cancelling));
    ended_by = first.index();
    if (ended_by == 0) lease = std::get<0>(std::move(first));
  } else {
    auto informing = keep_informed(exchange, std::move(id));
    auto first = co_await (std::move(acquiring) || std::move(watching) || std::move(cancelling) || std::move(informing));
    ended_by = first.index();
    if (ended_by == 0) lease = std::get<0>(std::move(first));
  }
  if (ended_by == 2) co_return fail(request.why());
  co_return lease;
}

// Comments of the event stream format (WHATWG HTML, 9.2.6), which every client skips: they keep proxies and impatient clients from giving
// up. Ends only when the client cannot be written to.
asio::awaitable<Result<void>> Gateway::keep_informed(net::Exchange& exchange, std::string model) {
  if (!exchange.begun()) {
    co_await clock_.sleep_for(kQuietWait);
    net::Fields fields{{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-cache"}};
    auto begun = co_await exchange.begin(200, std::move(fields));
    if (!begun) co_return begun;
  }
  while (true) {
    auto view = residency_.view();
    std::string comment = std::format(": queued {}\n\n", view.queued);
    for (const auto& worker : view.workers) {
      if (worker.model == model && worker.state == supervisor::State::loading)
        comment = std::format(": loading {:.0f}%\n\n", worker.load_fraction * 100);
    }
    auto written = co_await exchange.write(comment);
    if (!written) co_return written;
    co_await clock_.sleep_for(kCommentEvery);
  }
}

asio::awaitable<net::Relayed> Gateway::forward(net::Exchange& exchange, Forwarded forwarded, Lease& lease) {
  using net::RelayEnd;
  auto lost = [&](const Error& error) {
    return net::Relayed{.end = RelayEnd::upstream_lost, .event_stream = exchange.begun(), .error = error};
  };
  lease.listens(true);  // one that takes no connection, or not the whole request, is silent, too
  auto worker = co_await common::HttpClient::connect(lease.data_address());
  if (!worker) co_return lost(worker.error());
  WhenEnded closing(lease, [&] { worker->close(); });
  common::HttpRequest request{.method = "POST",
                              .target = forwarded.path,
                              .fields = {{"Content-Type", "application/json"}, {"X-Request-Id", exchange.id()}},
                              .body = std::move(forwarded.body)};
  if (!forwarded.owner.empty() && !forwarded.rename) request.fields.emplace_back(common::kOwnerField, forwarded.owner);
  auto sent = co_await worker->send(std::move(request));
  if (!sent) co_return lost(sent.error());
  net::RelayOptions options{.first_piece = [this, model = forwarded.model] { residency_.first_byte(model); },
                            .listening = [&lease](bool waits) { lease.listens(waits); },
                            .model = std::nullopt,
                            .stream_end = net::stream_end_of(forwarded.path)};
  if (forwarded.rename) options.model = forwarded.model;
  auto relayed = co_await net::relay(*worker, exchange, std::move(options));
  co_return relayed;
}

// The connection to a dying worker breaks a moment before its exit status is known; the status says why.
asio::awaitable<void> Gateway::learn_why(Lease& lease) {
  if (lease.ended()) co_return;
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer patience(executor, kCauseWait);
  WhenEnded learning(lease, [&] { patience.cancel(); });
  co_await patience.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> Gateway::list_models(net::Exchange& exchange) {
  auto catalog = catalog_();
  std::vector<std::string> names;
  for (const auto& [role, id] : catalog->meanings()) {
    if (role != id && !catalog->models.contains(role)) names.push_back(role);
  }
  for (const auto& [id, model] : catalog->models) names.push_back(id);
  for (std::string& id : catalog->peer_models()) names.push_back(std::move(id));
  Json data = Json::array();
  for (const std::string& name : names) {
    if (auto route = catalog->route(name)) data.push_back(model_json(name, *route, *catalog));
  }
  net::Answer answer{.body = common::dump_json(Json{{"object", "list"}, {"data", std::move(data)}})};
  co_await exchange.reply(std::move(answer));
}

asio::awaitable<void> Gateway::show_model(net::Exchange& exchange, std::string name) {
  auto catalog = catalog_();
  auto route = catalog->route(name);
  if (!route) co_return co_await reject(exchange, route.error());
  net::Answer answer{.body = common::dump_json(model_json(name, *route, *catalog))};
  co_await exchange.reply(std::move(answer));
}

Json Gateway::model_json(const std::string& name, const registry::Route& route, const registry::Catalog& catalog) const {
  Json about = std::visit(
      [](const auto& target) {
        Json json{{"kind", target.role.empty() ? "model" : "role"}, {"model", id_of(target)}};
        if (!target.instead_of.empty()) json["instead_of"] = target.instead_of;
        return json;
      },
      route);
  if (const auto* here = std::get_if<registry::Resolution>(&route)) {
    if (here->role.empty()) about["roles"] = catalog.roles_of(here->model.id);
    if (!here->model.description.empty()) about["description"] = here->model.description;
  } else if (const auto* there = std::get_if<registry::PeerResolution>(&route)) {
    about["peer"] = there->name;
    about["available"] = peers_.is_well(there->name);
  }
  return {{"id", name}, {"object", "model"}, {"created", started_unix_}, {"owned_by", "perch"}, {"perch", std::move(about)}};
}

}  // namespace proxy::api
