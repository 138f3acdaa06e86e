#include "registry/foreign/yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <format>

namespace registry::foreign {

using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;

namespace {

constexpr int kMostLevels = 64;
constexpr int kMostNodes = 100'000;

Result<Yaml> wrong(const YAML::Mark& mark, std::string_view what) {
  if (mark.is_null()) return fail(ErrorKind::bad_request, std::string(what));
  return fail(ErrorKind::bad_request, std::format("line {}, column {}: {}", mark.line + 1, mark.column + 1, what));
}

class TreeReader {
 public:
  Result<Yaml> read(const YAML::Node& node, int level) {
    if (level > kMostLevels) return wrong(node.Mark(), std::format("more than {} levels", kMostLevels));
    if (++nodes_ > kMostNodes) return wrong(node.Mark(), std::format("more than {} values, anchors followed", kMostNodes));
    Yaml yaml{.line = node.Mark().line + 1};
    if (node.IsScalar()) {
      yaml.kind = Yaml::Kind::scalar;
      yaml.text = node.Scalar();
      yaml.quoted = node.Tag() == "!";
      return yaml;
    }
    if (node.IsSequence()) return read_list(node, std::move(yaml), level);
    if (node.IsMap()) return read_map(node, std::move(yaml), level);
    return yaml;
  }

 private:
  Result<Yaml> read_list(const YAML::Node& node, Yaml yaml, int level) {
    yaml.kind = Yaml::Kind::list;
    for (const YAML::Node& item : node) {
      auto read_item = read(item, level + 1);
      if (!read_item) return read_item;
      yaml.items.push_back(std::move(*read_item));
    }
    return yaml;
  }

  Result<Yaml> read_map(const YAML::Node& node, Yaml yaml, int level) {
    yaml.kind = Yaml::Kind::map;
    std::vector<Yaml> merged;
    for (const auto& pair : node) {
      const YAML::Node &key = pair.first, &value = pair.second;
      if (!key.IsScalar()) return wrong(key.Mark(), "a key must be a word");
      if (yaml.find(key.Scalar())) return wrong(key.Mark(), std::format("the key \"{}\" is there twice", key.Scalar()));
      auto read_value = read(value, level + 1);
      if (!read_value) return read_value;
      if (key.Scalar() != "<<") {
        yaml.entries.push_back({.key = key.Scalar(), .line = key.Mark().line + 1, .value = std::move(*read_value)});
      } else if (read_value->kind == Yaml::Kind::list) {
        for (Yaml& each : read_value->items) merged.push_back(std::move(each));
      } else {
        merged.push_back(std::move(*read_value));
      }
    }
    // What is written stands before what is merged, and an earlier mapping before a later one (yaml.org/type/merge).
    for (Yaml& from : merged) {
      if (from.kind != Yaml::Kind::map) return wrong(node.Mark(), "<< takes a mapping or a list of mappings");
      for (Yaml::Entry& entry : from.entries) {
        if (!yaml.find(entry.key)) yaml.entries.push_back(std::move(entry));
      }
    }
    return yaml;
  }

  int nodes_ = 0;
};

Json typed(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const char* end = text.data() + text.size();
  const char* start = text.data() + (text.front() == '+' ? 1 : 0);
  std::int64_t whole = 0;
  if (auto [at, ec] = std::from_chars(start, end, whole); ec == std::errc() && at == end) return whole;
  double number = 0;
  if (auto [at, ec] = std::from_chars(start, end, number); ec == std::errc() && at == end && std::isfinite(number)) return number;
  return text;
}

}  // namespace

const Yaml::Entry* Yaml::find(std::string_view key) const {
  auto at = std::ranges::find(entries, key, &Entry::key);
  return at == entries.end() ? nullptr : &*at;
}

Result<Yaml> parse_yaml(std::string_view text) {
  try {
    return TreeReader().read(YAML::Load(std::string(text)), 0);
  } catch (const YAML::Exception& error) {
    return wrong(error.mark, error.msg);
  }
}

Json json_of(const Yaml& yaml) {
  switch (yaml.kind) {
    case Yaml::Kind::null: return nullptr;
    case Yaml::Kind::scalar: return yaml.quoted ? Json(yaml.text) : typed(yaml.text);
    case Yaml::Kind::list: {
      Json list = Json::array();
      for (const Yaml& item : yaml.items) list.push_back(json_of(item));
      return list;
    }
    case Yaml::Kind::map: break;
  }
  Json object = Json::object();
  for (const Yaml::Entry& entry : yaml.entries) object[entry.key] = json_of(entry.value);
  return object;
}

}  // namespace registry::foreign
