#include "proxy/api/parcel.hpp"

#include <algorithm>

namespace proxy::api {

using common::Json;

namespace {

// What is asked for text has sampling.
bool chooses_tokens(std::string_view path) { return path.contains("completions") || path.contains("infill"); }

}  // namespace

Parcel::Parcel(const Json& body) {
  for (const auto& [name, value] : body.items()) members_.push_back({name, common::dump_json(value)});
}

// A null says nothing.
bool Parcel::says(std::string_view name) const {
  const auto member = std::ranges::find(members_, name, &Member::name);
  return member != members_.end() && member->value != "null";
}

std::string Parcel::for_worker(const registry::Model& model, std::string_view path) const {
  if (!model.command) return text();  // one of our own knows the rest
  Changes changes{{"context_tokens", std::nullopt}};  // a word of ours
  if (!model.command->served_model_name.empty()) changes["model"] = common::dump_json(Json(model.command->served_model_name));
  if (!chooses_tokens(path)) return with(changes);
  // One limit has three names in requests.
  const bool limits_tokens = says("max_tokens") || says("max_completion_tokens") || says("n_predict");
  for (const auto& [name, value] : model.sampling.items()) {
    if (name == "max_tokens" ? !limits_tokens : !says(name)) changes[name] = common::dump_json(value);
  }
  for (const auto& [name, value] : model.enforced.items()) {
    changes[name] = common::dump_json(value);
    if (name == "max_tokens") changes["max_completion_tokens"] = changes["n_predict"] = std::nullopt;
  }
  return with(changes);
}

std::string Parcel::with(const Changes& changes) const {
  std::string text = "{";
  const auto add = [&text](const std::string& name, const std::string& value) {
    text += (text.size() > 1 ? "," : "") + common::dump_json(Json(name)) + ":";
    text += value;
  };
  for (const Member& member : members_) {
    if (auto change = changes.find(member.name); change == changes.end()) add(member.name, member.value);
    else if (change->second) add(member.name, *change->second);
  }
  for (const auto& [name, value] : changes) {
    if (value && !std::ranges::contains(members_, name, &Member::name)) add(name, *value);
  }
  return text + "}";
}

}  // namespace proxy::api
