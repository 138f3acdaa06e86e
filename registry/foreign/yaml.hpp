// A YAML document as a plain tree that remembers where everything stood. Anchors and merge keys (<<) are resolved, a key that is there
// twice is an error, and a file that grows beyond bounds when its anchors are followed is one, too.
//
// yaml-cpp does the parsing, in yaml.cpp alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"

namespace registry::foreign {

struct Yaml {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string text;     // of a scalar
  bool quoted = false;  // it is a string whatever it looks like
  int line = 0;         // from 1
  std::vector<Yaml> items;
  std::vector<Entry> entries;  // in the order of the file

  const Entry* find(std::string_view key) const;
};

struct Yaml::Entry {
  std::string key;
  int line = 0;  // of the key
  Yaml value;
};

// ErrorKind::bad_request with the line and column of what is wrong.
common::Result<Yaml> parse_yaml(std::string_view text);

// With the types that YAML 1.2 gives plain scalars.
common::Json json_of(const Yaml& yaml);

}  // namespace registry::foreign
