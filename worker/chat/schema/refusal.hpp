// The first thing in a schema that cannot be had. Work goes on harmlessly after it; whoever started it asks at the end.
#pragma once

#include <format>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.hpp"

namespace worker::chat::schema {

class Refusal {
 public:
  // `pointer` names the keyword: "#/properties/age/uniqueItems".
  void refuse(std::string_view pointer, std::string_view why) {
    if (!error_) error_ = common::Error(common::ErrorKind::bad_request, std::format("{}: {}", pointer, why));
  }
  bool refused() const { return error_.has_value(); }
  const common::Error& error() const { return *error_; }

 private:
  std::optional<common::Error> error_;
};

}  // namespace worker::chat::schema
