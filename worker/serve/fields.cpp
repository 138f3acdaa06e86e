#include "worker/serve/fields.hpp"

#include <cmath>
#include <format>
#include <utility>

namespace worker::serve {

using common::Error;
using common::ErrorKind;
using common::Json;

std::string shown(const Json& value) {
  if (value.is_array()) return "an array";
  if (value.is_object()) return "an object";
  std::string text = common::dump_json(value);
  if (text.size() <= 60) return text;
  std::size_t cut = 60;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // between characters
  return text.substr(0, cut) + "...";
}

Fields::Fields(const Json& object, std::string path) : object_(object), path_(std::move(path)) {}

const Json* Fields::find(const char* name) const {
  auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<double> Fields::number(const char* name, double low, double high) {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_number()) return refuse_type(name, "a number", *value), std::nullopt;
  double number = value->get<double>();
  if (!(number >= low && number <= high)) {
    refuse(name, std::format("must be between {} and {}, not {}", low, high, shown(*value)));
    return std::nullopt;
  }
  return number;
}

std::optional<std::int64_t> Fields::integer(const char* name, std::int64_t low, std::int64_t high) {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  bool whole = value->is_number_integer() || (value->is_number_float() && std::trunc(value->get<double>()) == value->get<double>());
  if (!whole) return refuse_type(name, "an integer", *value), std::nullopt;
  // Compared as doubles first: an unsigned or floating value may not fit the type.
  double rough = value->get<double>();
  if (!(rough >= -9.2e18 && rough <= 9.2e18) || value->get<std::int64_t>() < low || value->get<std::int64_t>() > high) {
    refuse(name, std::format("must be between {} and {}, not {}", low, high, shown(*value)));
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

std::optional<bool> Fields::boolean(const char* name) {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_boolean()) return refuse_type(name, "true or false", *value), std::nullopt;
  return value->get<bool>();
}

std::optional<std::string> Fields::string(const char* name) {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) return refuse_type(name, "a string", *value), std::nullopt;
  return value->get<std::string>();
}

const Json* Fields::object(const char* name) {
  const Json* value = find(name);
  if (value && !value->is_object()) return refuse_type(name, "an object", *value), nullptr;
  return value;
}

const Json* Fields::array(const char* name) {
  const Json* value = find(name);
  if (value && !value->is_array()) return refuse_type(name, "an array", *value), nullptr;
  return value;
}

std::string Fields::path_of(const std::string& name) const { return path_.empty() ? name : path_ + "." + name; }

void Fields::refuse(const std::string& name, const std::string& complaint) {
  std::string path = path_of(name);
  refuse(Error(ErrorKind::bad_request, path + " " + complaint).in(path));
}

void Fields::refuse(Error fault) {
  if (!fault_) fault_ = std::move(fault);
}

void Fields::refuse_type(const char* name, const char* wanted, const Json& given) {
  refuse(name, std::format("must be {}, not {}", wanted, shown(given)));
}

}  // namespace worker::serve
