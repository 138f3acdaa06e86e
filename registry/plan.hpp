// What an edit of the registry would do, as a value: the difference of two catalogs, told before it is in force. Pure.
//
// What only the daemon knows (whether a model runs now, whether it fits into memory) is added by whoever has it (proxy/admin).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "registry/catalog.hpp"

namespace registry {

// One value of the file that is written differently.
struct KeyChange {
  std::string pointer;                 // RFC 6901
  std::optional<common::Json> before;  // absent: it is not written there
  std::optional<common::Json> after;
};

// Every value that two documents write differently, in the order of the file. Lists count as one value.
std::vector<KeyChange> differences(const common::Json& before, const common::Json& after);

enum class ModelFate { added, removed, changed };
std::string_view to_string(ModelFate fate);

struct ModelChange {
  std::string id;
  ModelFate fate = ModelFate::changed;
  std::vector<KeyChange> keys;  // of its entry in "catalog"
  bool file_changed = false;    // the artifact, or a file beside it, is another
  bool worker_leaves = false;   // a worker that runs it would have to go: it comes back as the entry says, or not at all
};

struct RoleChange {
  std::string role;
  std::optional<std::string> before, after;  // ids; absent: there is no such role
};

// A role, changed or not, whose model nobody knows.
struct UnknownTarget {
  std::string role, id;
  std::vector<std::string> nearest;  // ids
};

struct Plan {
  std::string digest_before, digest_after;
  bool changes = false;  // a new generation would come of it
  std::vector<ModelChange> models;
  std::vector<RoleChange> roles;
  std::vector<KeyChange> settings;   // in the other sections that are Perch's: policy, memory, server, ...
  std::vector<std::string> foreign;  // top-level keys of other tools whose content differs
  std::vector<UnknownTarget> unknown_targets;
  std::vector<std::string> warnings;  // of the catalog after it
  bool needs_restart = false;         // of the daemon, for server.listen
};

Plan plan_of(const Catalog& before, const Catalog& after);
common::Json plan_json(const Plan& plan);
common::Json changes_json(const std::vector<KeyChange>& changes);

}  // namespace registry
