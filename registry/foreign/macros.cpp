#include "registry/foreign/macros.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <ranges>

namespace registry::foreign {

using common::ErrorKind;
using common::fail;
using common::Json;

namespace {

constexpr std::string_view kEnvironment = "env.";

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) text.replace(at, what.size(), by);
}

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.'; }

std::string slug(std::string_view name) { return std::format("${{{}}}", name); }

}  // namespace

void Macros::set(Macro macro) {
  auto known = std::ranges::find(all_, macro.name, &Macro::name);
  if (known == all_.end()) all_.push_back(std::move(macro));
  else *known = std::move(macro);
}

// From the last to the first, because a macro may only use earlier ones.
std::string Macros::expand(std::string text) const {
  for (const Macro& macro : all_ | std::views::reverse) replace_all(text, slug(macro.name), macro.text);
  return text;
}

Json Macros::expand_values(Json value) const {
  if (value.is_structured()) {
    for (auto& item : value) item = expand_values(std::move(item));
    return value;
  }
  if (!value.is_string()) return value;
  const auto& text = value.get_ref<const std::string&>();
  for (const Macro& macro : all_) {
    if (text == slug(macro.name) && !macro.value.is_string()) return macro.value;
  }
  return expand(text);
}

std::vector<std::string> macros_in(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = text.find("${", at)) != std::string_view::npos; ++at) {
    const std::string_view rest = text.substr(at + 2);
    const auto end = std::ranges::find_if_not(rest, is_name);
    if (end != rest.end() && *end == '}' && end != rest.begin()) names.emplace_back(rest.begin(), end);
  }
  return names;
}

bool looks_secret(std::string_view name) {
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  return std::ranges::any_of(std::initializer_list<std::string_view>{"KEY", "TOKEN", "SECRET", "PASSW", "CREDENTIAL"},
                             [&](std::string_view word) { return upper.contains(word); });
}

common::Result<std::string> expand_environment(std::string text, const Environment& environment) {
  for (const std::string& name : macros_in(text)) {
    if (!name.starts_with(kEnvironment)) continue;
    const std::string variable = name.substr(kEnvironment.size());
    if (looks_secret(variable))
      return fail(ErrorKind::bad_request, std::format("what {} holds looks like a secret, and none is written", variable));
    const auto value = environment ? environment(variable) : std::nullopt;
    if (!value) return fail(ErrorKind::bad_request, std::format("{} is not set here", variable));
    replace_all(text, slug(name), *value);
  }
  return text;
}

}  // namespace registry::foreign
