// Reads the known fields of one JSON object, typed and within limits. The first fault is kept, with the field's path, what was allowed and
// what was given; reading goes on, so a parser states its fields one after another and asks for the fault once. Null counts as absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/json.hpp"

namespace worker::serve {

class Fields {
 public:
  // `object` outlives this. `path` is where it stands in the request: "messages[2]", or empty for the body.
  explicit Fields(const common::Json& object, std::string path = "");

  const common::Json* find(const char* name) const;  // nullptr: absent or null
  std::optional<double> number(const char* name, double low, double high);
  std::optional<std::int64_t> integer(const char* name, std::int64_t low, std::int64_t high);
  std::optional<bool> boolean(const char* name);
  std::optional<std::string> string(const char* name);
  const common::Json* object(const char* name);
  const common::Json* array(const char* name);

  std::string path_of(const std::string& name) const;
  void refuse(const std::string& name, const std::string& complaint);
  void refuse(common::Error fault);
  const std::optional<common::Error>& fault() const { return fault_; }

 private:
  void refuse_type(const char* name, const char* wanted, const common::Json& given);

  const common::Json& object_;
  std::string path_;
  std::optional<common::Error> fault_;
};

// A value as an error message quotes it: short, whatever was sent.
std::string shown(const common::Json& value);

}  // namespace worker::serve
