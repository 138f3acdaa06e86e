// The registry as a value: which models exist, which role means which model, and the numbers of the policy.
//
// A Catalog is immutable once published and shared by pointer: a request keeps the one it was resolved with, an edit makes a new one with
// the next generation number. Nothing here reads a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/command_line.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "common/worker_protocol.hpp"
#include "registry/model_folder.hpp"
#include "registry/tiers.hpp"

namespace registry {

struct ModelFacts;  // model_facts.hpp

// How requests are changed on their way, whatever they say: to a model here, or to any of a peer's.
struct RequestEdits {
  std::vector<std::string> strip_fields;  // are taken out before anything else is done with a request
  common::Json set_fields;                // an object, of fields with any values, written into it at the end; null: none

  bool operator==(const RequestEdits&) const = default;
};

// One physical model: one artifact, one quantization. Its id is never answered by other weights.
struct Model {
  std::string id;
  std::filesystem::path artifact;          // absolute; empty: a command needs none
  std::optional<common::CommandLine> command;  // what runs it (runtime "command"); absent: a worker of our own ("embedded")
  std::uint64_t memory_bytes = 0;          // that it needs, as the registry says; 0: it does not say
  common::Purpose purpose = common::Purpose::generation;  // of a command, as the registry says; a worker of our own says it itself
  std::uint64_t context_tokens = 0;        // per slot; 0: the worker's default
  std::uint64_t parallel = 0;              // slots; 0: the worker's default
  bool kv_unified = false;                 // the slots share one cache of context_tokens instead of having one each
  std::string cache_type_k, cache_type_v;  // of common::kCacheTypes; empty: f16
  std::string description;
  common::Json sampling;                      // request fields that hold where a request has none (common/sampling_fields.hpp); null: none
  common::Json enforced;                      // the same, whatever a request says
  RequestEdits edits;
  std::vector<common::AdapterFile> adapters;  // LoRA; absolute paths
  std::filesystem::path projector;            // of pictures ("mmproj"), absolute; empty: the model reads text only
  std::optional<std::uint64_t> prompt_cache_mib;
  std::optional<std::chrono::milliseconds> idle_ttl;  // unloaded after so long without a request; absent: the policy's
  std::uint64_t max_requests = 0;                     // running and waiting at once; 0: no limit of its own
  std::string tool_format;                            // how the model writes tool calls; empty: found from its chat template
  bool discovered = false;                            // found in model_dirs, not written in `catalog`
  std::filesystem::path found_in;                     // ... in this one of them
  std::string identity;                     // of the files as they are now (device, inode, size, times); empty while there is no artifact
  std::optional<std::uint64_t> bytes;       // of the artifact, all its files, unless one of them is missing
  std::uint64_t beside_bytes = 0;           // of the adapters' and the projector's files
  std::shared_ptr<const ModelFacts> facts;  // what the artifact says of itself; null when that cannot be read
  std::string facts_problem;                // why not
  bool sees = false;                        // its projector says that it is one for images
  std::string projector_problem;            // why that cannot be known; empty: it can, or there is none

  bool operator==(const Model&) const = default;
};

// Whether a worker that runs `a` can go on as `b`: only what is said or known of the model differs, or what the daemon alone heeds.
bool same_process(const Model& a, const Model& b);

// What residency/core.hpp does with these stands there.
struct Policy {
  std::chrono::milliseconds drain_timeout{30'000};         // running requests get this long once somebody else is due
  std::chrono::milliseconds queue_timeout{600'000};        // then a waiting request is refused
  std::uint64_t max_queue = 64;                            // waiting requests, all models together
  std::uint64_t max_queue_per_key = 16;                    // of one API key
  std::chrono::milliseconds max_wait{20'000};              // then somebody who waits for another model ends the resident's turn
  std::optional<std::chrono::milliseconds> min_residency;  // absent: from measured load times
  std::optional<std::chrono::milliseconds> linger;         // absent: from measured load times
  std::chrono::milliseconds idle_ttl{0};                   // 0: models stay
  std::chrono::milliseconds return_to_default_after{0};    // 0: never
  std::map<std::string, int> priorities;                   // of roles; 0 where absent, higher is served first
  bool spare_worker = true;                                // one is started ahead while a model is resident
  bool first_come = false;                                 // plain order of arrival, to compare with

  bool operator==(const Policy&) const = default;
};

struct Memory {
  std::uint64_t pinned_bytes = 2ull << 30;     // what all pinned models together may hold
  std::optional<std::uint64_t> reserve_bytes;  // kept free of models; absent: registry::reserve_of()
  std::uint64_t saved_bytes = 2ull << 30;      // of the disk, what saved conversations of all models may have; 0: none are saved
  // When memory counts as short (proxy/residency/pressure.hpp).
  bool pressure = true;                                   // false: never
  std::optional<std::uint64_t> pressure_available_bytes;  // less than this is available; absent: registry::usual_pressure_limit()
  double pressure_stall_percent = 20;                     // of the time somebody stands still for want of it

  bool operator==(const Memory&) const = default;
};

// A remote OpenAI-style endpoint. What it serves is asked for as "<peer>/<model>"; it is neither loaded nor evicted here.
struct Peer {
  std::string host;
  std::uint16_t port = 80;
  bool secure = false;              // https
  std::string base_path;            // before every path; empty, or it begins with a slash and ends with none
  std::filesystem::path ca_file;    // absolute, PEM: certificates that are believed besides the system's; empty: none
  std::filesystem::path key_file;   // absolute; what is in it goes along as "Authorization: Bearer"; empty: nothing does
  std::vector<std::string> models;  // as it calls them
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{600'000};  // of a whole answer
  std::string health_path = "/health";         // whoever answers there at all is alive
  RequestEdits edits;

  // The port that need not be named.
  std::uint16_t usual_port() const { return secure ? 443 : 80; }
  bool operator==(const Peer&) const = default;
};

struct Server {
  std::string listen = "127.0.0.1:11434";
  std::vector<std::string> allowed_hosts;  // besides the loopback names and the listen address

  bool operator==(const Server&) const = default;
};

// What holds for those who ask by a role's name, besides which model that is.
struct RoleTerms {
  std::vector<std::string> fallback;  // ids that stand in, in this order, while the role's own model cannot be used
  common::Json sampling, enforced;    // as a model's, before the model's own; null: none
  common::Json set_fields;            // as a model's, before the model's own; null: none
  std::uint64_t context_tokens = 0;   // the most that a request may have of the model's context; 0: all of it
  std::optional<int> priority;        // absent: the policy's

  bool operator==(const RoleTerms&) const = default;
};

// Names that other programs have built in ("gpt-*") and the role that is meant by them.
struct NamePattern {
  std::string pattern;  // '*' stands for any characters
  std::string role;

  bool operator==(const NamePattern&) const = default;
};

// The role that means what the operator chose last (active_choice.hpp), and what the role "default" means while nothing is chosen, unless
// the registry says something of it.
inline constexpr const char* kActiveRole = "active";
inline constexpr const char* kDefaultRole = "default";

// A name that stands for a model here.
struct Resolution {
  std::string requested;
  std::string role;  // empty when an id was asked for
  Model model;
  std::string instead_of;  // the id that the role points at, when one of its fallbacks stands in; empty: that is the model
  std::string why;         // it does
};

// A name that stands for a model of a peer.
struct PeerResolution {
  std::string requested;
  std::string role;   // empty when an id was asked for
  std::string id;     // "<peer>/<model>"
  std::string name;   // of the peer
  std::string model;  // as it calls it
  Peer peer;
  std::string instead_of, why;  // as in Resolution
};

using Route = std::variant<Resolution, PeerResolution>;

// What the catalog cannot know: why a model, or all models of a peer, cannot be used now, in a few words; nothing: they can.
struct Usability {
  std::function<std::optional<std::string>(const Model&)> model;
  std::function<std::optional<std::string>(const std::string& peer)> peer;
};

struct Catalog {
  using Peers = std::map<std::string, Peer>;
  using Roles = std::map<std::string, std::string>;

  std::uint64_t generation = 0;
  std::string text;                               // of the file, byte for byte
  std::string digest;                             // of that text: "xxh64:" and 16 hexadecimal digits
  std::map<std::string, Model> models;            // by id
  Peers peers;                                    // by name
  Roles roles;                                    // role to id; the id may be unknown here (another tool's model)
  std::optional<std::string> chosen;              // what kActiveRole means: no part of the file, nor of its meaning
  std::map<std::string, RoleTerms> role_terms;    // of roles that have any
  std::vector<NamePattern> patterns;              // the first that matches holds
  std::vector<ModelFolder> model_dirs;            // where `discovered` models come from
  std::vector<LeftOut> left_out;                  // what was found there and cannot be used
  // By folder: whose change means that there may be other models. No part of what the catalog says.
  std::map<std::filesystem::path, std::vector<std::filesystem::path>> visited;
  std::set<std::string> pinned;                   // ids of models that have a place beside the resident one
  Policy policy;
  Memory memory;
  Tiers tiers;
  Server server;
  std::vector<std::string> warnings;  // what was ignored and why, for the log and `perch status`

  // Who answers to a name. ErrorKind::model_not_found with the nearest names when there is no such role or id. A role whose model is not
  // known, or cannot be used by what `usability` says, is answered by the first of its fallbacks that can, here or at a peer; an id is
  // never answered by another model.
  common::Result<Route> route(std::string_view name, const Usability& usability = {}) const;
  // For what can only be done with a model here: model_not_found also for one of a peer.
  common::Result<Resolution> resolve(std::string_view name) const;
  // Whether it is the id of a model, here or at a peer.
  bool names_a_model(std::string_view id) const;
  // The ids of all models that peers serve.
  std::vector<std::string> peer_models() const;
  // What holds for who asks by `role`; null: nothing of its own, or an id was asked for.
  const RoleTerms* terms_of(const std::string& role) const;
  // The priority of a request that asked for `role`; empty: an id was asked for.
  int priority_of(const std::string& role) const;
  // The roles, and what the operator chose.
  Roles meanings() const;
  // The roles that point at `id`, what the operator chose among them.
  std::vector<std::string> roles_of(std::string_view id) const;
  // What is to be said of the operator's choice: that it is not there any more, or that nobody can ask for it. Nothing: all is well.
  std::optional<std::string> problem_with_choice() const;
  // Everything but the generation, the file's own words and the operator's choice: whether publishing `other` would change anything.
  bool same_content(const Catalog& other) const;

 private:
  struct Meaning {
    std::string role, id;
  };
  std::optional<Meaning> target_of(const std::string& role) const;
  // The role that a name stands for, by itself or by a pattern; nothing: it is an id, or unknown.
  std::optional<Meaning> role_meant_by(const std::string& name) const;
  Peers::const_iterator peer_with(std::string_view id) const;
  std::optional<std::string> why_unusable(const std::string& id, const Usability& usability) const;
  // To an id that is known.
  Route route_to(std::string requested, std::string role, const std::string& id) const;
  common::Error not_found(const std::string& requested, const std::optional<Meaning>& role) const;
};

}  // namespace registry
