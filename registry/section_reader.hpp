// Reads one object of the registry file and collects what is wrong with it, each problem with its JSON pointer (RFC 6901).
//
// Reading goes on after a problem, so that one look at the message mends the whole file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"

namespace registry {

using Problems = std::vector<std::string>;

// A key as a part of a JSON pointer.
std::string escape_pointer(std::string_view key);

class SectionReader {
 public:
  // `object` may be anything; what is not an object is a problem and reads as an empty one.
  SectionReader(const common::Json& object, std::string pointer, Problems& problems);

  void allow(std::vector<const char*> known);  // every other key is a problem that names the nearest of these
  bool has(const std::string& key) const;
  std::vector<std::string> keys() const;

  std::string text(const std::string& key);
  std::uint64_t count(const std::string& key, std::uint64_t least, std::uint64_t most);
  double number(const std::string& key, double least, double most);
  bool flag(const std::string& key);
  std::vector<std::string> texts(const std::string& key);
  common::Json object(const std::string& key);  // as it stands there, whatever is in it
  SectionReader section(const std::string& key);
  std::vector<SectionReader> sections(const std::string& key);  // a list of objects; none when the key is absent
  // Likewise, of objects and of strings that stand for objects with nothing but `short_for`.
  std::vector<SectionReader> sections(const std::string& key, const char* short_for);
  void refuse(const std::string& key, const std::string& why);

 private:
  const common::Json& value(const std::string& key) const;

  std::shared_ptr<const common::Json> own_;  // an object that the file has a string for
  const common::Json* object_;
  std::string pointer_;
  Problems* problems_;
};

}  // namespace registry
