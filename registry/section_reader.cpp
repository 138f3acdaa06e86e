#include "registry/section_reader.hpp"

#include <algorithm>
#include <format>

#include "common/names.hpp"

namespace registry {
namespace {

const common::Json kEmpty = common::Json::object();
const common::Json kNull;

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

std::string escape_pointer(std::string_view key) {
  std::string out;
  for (char c : key) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out += c;
  }
  return out;
}

SectionReader::SectionReader(const common::Json& object, std::string pointer, Problems& problems)
    : object_(object.is_object() ? &object : &kEmpty), pointer_(std::move(pointer)), problems_(&problems) {
  if (!object.is_object()) problems_->push_back(std::format("{}: an object is expected, not {}", pointer_, object.type_name()));
}

void SectionReader::allow(std::vector<const char*> known) {
  const std::vector<std::string> names(known.begin(), known.end());
  for (const std::string& key : keys()) {
    if (std::ranges::contains(names, key)) continue;
    const std::string hint = common::did_you_mean(common::nearest_names(key, names, 1));
    refuse(key, hint.empty() ? "unknown key; there are " + joined(names) : "unknown key, " + hint);
  }
}

bool SectionReader::has(const std::string& key) const { return object_->contains(key); }

std::vector<std::string> SectionReader::keys() const {
  std::vector<std::string> names;
  for (const auto& [key, ignored] : object_->items()) names.push_back(key);
  return names;
}

std::string SectionReader::text(const std::string& key) {
  const common::Json& found = value(key);
  if (found.is_string()) return found.get<std::string>();
  refuse(key, std::format("a string is expected, not {}", found.type_name()));
  return {};
}

std::uint64_t SectionReader::count(const std::string& key, std::uint64_t least, std::uint64_t most) {
  const common::Json& found = value(key);
  if (found.is_number_unsigned() && found.get<std::uint64_t>() >= least && found.get<std::uint64_t>() <= most)
    return found.get<std::uint64_t>();
  refuse(key, std::format("a whole number from {} to {} is expected, not {}", least, most, common::dump_json(found)));
  return least;
}

double SectionReader::number(const std::string& key, double least, double most) {
  const common::Json& found = value(key);
  if (found.is_number() && found.get<double>() >= least && found.get<double>() <= most) return found.get<double>();
  refuse(key, std::format("a number from {} to {} is expected, not {}", least, most, common::dump_json(found)));
  return least;
}

bool SectionReader::flag(const std::string& key) {
  const common::Json& found = value(key);
  if (found.is_boolean()) return found.get<bool>();
  refuse(key, "true or false is expected");
  return false;
}

std::vector<std::string> SectionReader::texts(const std::string& key) {
  std::vector<std::string> list;
  const common::Json& found = value(key);
  bool good = found.is_array() && std::ranges::all_of(found, [](const common::Json& item) { return item.is_string(); });
  if (!good) {
    refuse(key, "a list of strings is expected");
    return list;
  }
  for (const common::Json& item : found) list.push_back(item.get<std::string>());
  return list;
}

common::Json SectionReader::object(const std::string& key) {
  const common::Json& found = value(key);
  if (found.is_object()) return found;
  refuse(key, std::format("an object is expected, not {}", found.type_name()));
  return common::Json::object();
}

SectionReader SectionReader::section(const std::string& key) {
  return SectionReader(value(key), pointer_ + "/" + escape_pointer(key), *problems_);
}

std::vector<SectionReader> SectionReader::sections(const std::string& key) {
  std::vector<SectionReader> list;
  if (!has(key)) return list;
  const common::Json& found = value(key);
  if (!found.is_array()) {
    refuse(key, std::format("a list of objects is expected, not {}", found.type_name()));
    return list;
  }
  for (std::size_t i = 0; i < found.size(); ++i)
    list.emplace_back(found[i], std::format("{}/{}/{}", pointer_, escape_pointer(key), i), *problems_);
  return list;
}

std::vector<SectionReader> SectionReader::sections(const std::string& key, const char* short_for) {
  if (!has(key) || !value(key).is_array()) {
    if (has(key)) refuse(key, std::format("a list is expected, not {}", value(key).type_name()));
    return {};
  }
  std::vector<SectionReader> list;
  for (std::size_t i = 0; i < value(key).size(); ++i) {
    const common::Json& item = value(key)[i];
    const std::string pointer = std::format("{}/{}/{}", pointer_, escape_pointer(key), i);
    if (!item.is_string()) {
      list.emplace_back(item, pointer, *problems_);
      continue;
    }
    auto whole = std::make_shared<const common::Json>(common::Json{{short_for, item}});
    list.emplace_back(*whole, pointer, *problems_);
    list.back().own_ = std::move(whole);
  }
  return list;
}

void SectionReader::refuse(const std::string& key, const std::string& why) {
  problems_->push_back(std::format("{}/{}: {}", pointer_, escape_pointer(key), why));
}

const common::Json& SectionReader::value(const std::string& key) const {
  auto at = object_->find(key);
  return at == object_->end() ? kNull : *at;
}

}  // namespace registry
