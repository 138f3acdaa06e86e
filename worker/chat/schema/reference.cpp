#include "worker/chat/schema/reference.hpp"

#include <charconv>
#include <format>
#include <optional>
#include <string>

namespace worker::chat::schema {
namespace {

using common::Json;

std::unexpected<common::Error> refuse(std::string why) { return common::fail(common::ErrorKind::bad_request, std::move(why)); }

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

std::string unescaped(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    bool escape = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    out += !escape ? token[i] : token[++i] == '0' ? '~' : '/';
  }
  return out;
}

const Json* step(const Json& at, const std::string& token) {
  if (at.is_object()) {
    auto found = at.find(token);
    return found == at.end() ? nullptr : &*found;
  }
  std::size_t index = 0;
  auto end = token.data() + token.size();
  if (!at.is_array() || token.empty() || std::from_chars(token.data(), end, index).ptr != end || index >= at.size()) return nullptr;
  return &at[index];
}

// Follows "/a/b"; tells whether a schema on the way, the root aside, gave itself another name that references would be relative to.
const Json* follow(const Json& root, std::string_view path, bool& renamed) {
  const Json* at = &root;
  while (!path.empty() && at) {
    path.remove_prefix(1);
    std::string_view token = path.substr(0, path.find('/'));
    path.remove_prefix(token.size());
    at = step(*at, unescaped(token));
    if (!at || !at->is_object()) continue;
    for (const char* key : {"$id", "id"})
      if (auto id = at->find(key); id != at->end() && id->is_string()) renamed = true;
  }
  return at;
}

}  // namespace

common::Result<Place> resolve_reference(const Json& root, std::string_view from, const Json& reference) {
  if (!reference.is_string()) return refuse("must be a string");
  const auto& text = reference.get_ref<const std::string&>();
  if (!text.starts_with('#') || (text.size() > 1 && text[1] != '/'))
    return refuse(std::format("\"{}\" is not a JSON pointer within this schema (\"#/...\")", text));
  auto path = percent_decoded(std::string_view(text).substr(1));
  bool renamed = false;
  follow(root, from.substr(1), renamed);
  if (renamed) return refuse("the reference stands below an $id, which changes what it refers to");
  const Json* target = path ? follow(root, *path, renamed) : nullptr;
  if (!target) return refuse(std::format("\"{}\" does not exist in this schema", text));
  return Place{target, "#" + *path};
}

}  // namespace worker::chat::schema
