// The registry while it is being written down from somebody else's configuration, and what is to be said about it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/foreign/llama_swap.hpp"

namespace registry::foreign {

struct Alias {
  std::string name, id;
  int line = 0;
  std::string key;
};

struct Draft {
  common::Json catalog = common::Json::object(), role_settings = common::Json::object(), policy = common::Json::object(),
               peers = common::Json::object();
  std::vector<std::string> pinned;
  std::vector<Alias> aliases;
  std::vector<std::string> self_roles;  // ids that are roles of themselves, so that something holds for who asks by the id
  std::map<std::string, Words> commands;  // of the models in the catalog
  std::int64_t usual_ttl = 0;
  std::vector<Remark> remarks;
  std::vector<std::string> problems;  // what cannot be read at all

  void note(int line, std::string key, std::string text) { remarks.push_back({line, std::move(key), std::move(text), false}); }
  void leave_out(int line, std::string key, std::string text) { remarks.push_back({line, std::move(key), std::move(text), true}); }
  void refuse(int line, const std::string& key, const std::string& what) {
    problems.push_back("line " + std::to_string(line) + ": " + key + ": " + what);
  }

  // The value, if it is of that kind; what is not is a problem.
  std::optional<std::string> text(const Yaml::Entry& entry, const std::string& key);
  std::optional<std::int64_t> whole(const Yaml::Entry& entry, const std::string& key, std::int64_t least);
  std::optional<bool> flag(const Yaml::Entry& entry, const std::string& key);
  // Empty for null as well.
  const std::vector<Yaml::Entry>& entries(const Yaml::Entry& entry, const std::string& key);
  std::vector<std::pair<std::string, int>> texts(const Yaml::Entry& entry, const std::string& key);  // each with its line

  // The model that a name means, through an alias too; empty: there is none.
  std::string model_called(const std::string& name) const;
  void pin(const std::string& id);
};

// A key without a counterpart, and what there is instead.
struct Absent {
  const char* key;
  const char* instead;
};

}  // namespace registry::foreign
