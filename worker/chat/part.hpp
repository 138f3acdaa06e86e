// What a model's answer consists of once its markup is taken away. Parts come in the order in which they were written; neighbours of one
// kind belong together.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

namespace worker::chat {

struct Content {
  std::string text;
  bool operator==(const Content&) const = default;
};
struct Reasoning {
  std::string text;
  bool operator==(const Reasoning&) const = default;
};
// A call begins. Its arguments follow as pieces of one JSON object, which is whole when another call or kind of part begins or the answer
// ends.
struct CallStart {
  std::size_t index = 0;  // of the calls of this answer
  std::string id;         // the model's own, where its format has one
  std::string name;
  bool operator==(const CallStart&) const = default;
};
struct CallArguments {
  std::size_t index = 0;
  std::string text;
  bool operator==(const CallArguments&) const = default;
};
// A call that cannot be understood. If it was announced before that showed, `index` is its number: its arguments are valid JSON all the
// same, but not what the model meant, and it must not be carried out.
struct MalformedCall {
  std::string raw;   // as it was written
  std::string text;  // the same without markup
  std::optional<std::size_t> index;
  bool operator==(const MalformedCall&) const = default;
};
using Part = std::variant<Content, Reasoning, CallStart, CallArguments, MalformedCall>;

struct ParserCounts {
  std::size_t repaired = 0;  // calls that were not written as they should, with no doubt about what was meant
  std::size_t malformed = 0;
  bool operator==(const ParserCounts&) const = default;
};

}  // namespace worker::chat
