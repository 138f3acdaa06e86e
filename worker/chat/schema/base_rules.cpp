#include "worker/chat/schema/base_rules.hpp"

namespace worker::chat::schema {

std::string_view base_rules() {
  return R"(value ::= object | array | string | number | boolean | null
object ::= "{" gap "}" | "{" gap member ("," gap member)* gap "}"
member ::= string colon value
array ::= "[" gap "]" | "[" gap value ("," gap value)* gap "]"
string ::= "\"" char* "\""
char ::= [ !\x23-\x5B\x5D-\uD7FF\uE000-\U0010FFFF] | escape
escape ::= "\\" ["\\bfnrt]
number ::= integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?
integer ::= "-"? ("0" | [1-9] [0-9]{0,17})
boolean ::= "true" | "false"
null ::= "null"
colon ::= ":" " "?
gap ::= "" | " " | "\n" " "{0,24}
)";
}

const std::vector<Escape>& escapes() {
  static const std::vector<Escape> list{{U'\b', "\\b"}, {U'\t', "\\t"}, {U'\n', "\\n"}, {U'\f', "\\f"},
                                        {U'\r', "\\r"}, {U'"', "\\\""}, {U'\\', "\\\\"}};
  return list;
}

const CharSet& plain_characters() {
  static const CharSet set = CharSet{{0, 0x1F}, {U'"', U'"'}, {U'\\', U'\\'}}.complement();
  return set;
}

}  // namespace worker::chat::schema
