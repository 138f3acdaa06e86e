#include "worker/chat/tools.hpp"

#include <optional>
#include <utility>

#include "worker/chat/json_stream.hpp"

namespace worker::chat {

using common::Json;

namespace {

constexpr std::size_t kMaxName = 256;
constexpr int kMaxReferences = 16;

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

struct Types {
  bool text = false;
  bool other = false;
  bool null = false;
};

void add_type(Types& types, const Json& type) {
  if (type == "string") types.text = true;
  else if (type == "null") types.null = true;
  else types.other = true;
}

// Which types a schema admits; neither flag: it does not say.
Types types_of(const Json& schema, const Json& root, int references) {
  Types types;
  if (const Json* reference = member(schema, "$ref"); reference && reference->is_string() && references > 0) {
    const auto& path = reference->get_ref<const std::string&>();
    if (!path.starts_with("#/")) return types;
    try {
      return types_of(root.at(Json::json_pointer(path.substr(1))), root, references - 1);
    } catch (const Json::exception&) {
      return types;
    }
  }
  if (const Json* type = member(schema, "type")) {
    if (type->is_array()) {
      for (const Json& one : *type) add_type(types, one);
    } else {
      add_type(types, *type);
    }
    return types;
  }
  auto add_value = [&](const Json& value) {
    if (value.is_string()) types.text = true;
    else if (value.is_null()) types.null = true;
    else types.other = true;
  };
  if (const Json* values = member(schema, "enum"); values && values->is_array()) {
    for (const Json& value : *values) add_value(value);
  }
  if (const Json* value = member(schema, "const")) add_value(*value);
  for (const char* name : {"anyOf", "oneOf"}) {
    const Json* choices = member(schema, name);
    if (!choices || !choices->is_array() || references == 0) continue;
    for (const Json& choice : *choices) {
      Types more = types_of(choice, root, references - 1);
      types = {.text = types.text || more.text, .other = types.other || more.other, .null = types.null || more.null};
    }
  }
  return types;
}

std::string_view trimmed(std::string_view text) {
  std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::optional<std::string> as_json(std::string_view text) {
  JsonStream stream;
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  for (char c : text) {
    if (!stream.push(c)) return std::nullopt;
  }
  if (!stream.complete() && (stream.depth() > 0 || stream.in_string() || stream.close(true) == JsonStream::End::cut)) return std::nullopt;
  return stream.take();
}

}  // namespace

Tools::Tools(Json definitions) : definitions_(std::move(definitions)) {}

const Json* Tools::find(std::string_view name) const {
  if (!definitions_.is_array()) return nullptr;
  for (const Json& tool : definitions_) {
    const Json* function = member(tool, "function");
    const Json* own = member(function ? *function : tool, "name");
    if (own && own->is_string() && own->get_ref<const std::string&>() == name) return function ? function : &tool;
  }
  return nullptr;
}

bool Tools::offers(std::string_view name) const { return !definitions_.is_array() || find(name); }

std::string Tools::resolve(std::string_view name) const {
  if (definitions_.is_array() && find(name)) return std::string(name);
  for (std::string_view prefix : {"functions.", "function.", "default_api.", "tools."}) {
    if (name.starts_with(prefix)) return std::string(name.substr(prefix.size()));
  }
  return std::string(name);
}

std::string Tools::typed(std::string_view tool, std::string_view parameter, std::string_view text) const {
  const Json* function = find(tool);
  const Json* parameters = function ? member(*function, "parameters") : nullptr;
  const Json* properties = parameters ? member(*parameters, "properties") : nullptr;
  const Json* schema = properties ? member(*properties, std::string(parameter).c_str()) : nullptr;
  Types types = schema ? types_of(*schema, *parameters, kMaxReferences) : Types{};
  bool silent = !types.text && !types.other && !types.null;
  if (types.null && trimmed(text) == "null") return "null";
  if (silent || types.other) {
    auto json = as_json(text);
    bool quoted = json && json->starts_with('"');
    if (json && !(types.text && quoted)) return *json;
  }
  return common::dump_json(Json(text));
}

std::string Tools::only_parameter(std::string_view tool) const {
  const Json* function = find(tool);
  const Json* parameters = function ? member(*function, "parameters") : nullptr;
  const Json* properties = parameters ? member(*parameters, "properties") : nullptr;
  return properties && properties->is_object() && properties->size() == 1 ? properties->begin().key() : std::string();
}

bool plausible_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return false;
  for (char c : name) {
    if (static_cast<unsigned char>(c) <= ' ' || std::string_view("\"'`<>{}[]()|,;=\\").contains(c)) return false;
  }
  return true;
}

}  // namespace worker::chat
