// The body of a request while it waits. An edit of the registry may come meanwhile, so what depends on the worker that answers (a server of
// somebody else's has a name of its own for its model, and gets the registry's sampling with each request) is written into it when its turn
// has come. Everything else is text already, and only carried along. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "registry/catalog.hpp"

namespace proxy::api {

class Parcel {
 public:
  // An object.
  explicit Parcel(const common::Json& body);

  // As the caller has said it and the registry has it.
  std::string text() const { return with({}); }
  // As the worker takes it that was started with this entry of the registry. `path`: where it goes.
  std::string for_worker(const registry::Model& model, std::string_view path) const;

 private:
  struct Member {
    std::string name;
    std::string value;  // JSON
  };
  using Changes = std::map<std::string, std::optional<std::string>>;  // by name, to JSON; nothing: it is left out

  bool says(std::string_view name) const;
  std::string with(const Changes& changes) const;

  std::vector<Member> members_;
};

}  // namespace proxy::api
