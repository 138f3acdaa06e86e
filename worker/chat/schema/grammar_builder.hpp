// JSON Schemas as GBNF, the grammar format that libllama constrains sampling with.
//
// A grammar from here never falls open: every text that it derives is a JSON value that the schema accepts, and what cannot be said that
// way is an Error (bad_request) that names the keyword by its JSON pointer within the schema. It may derive less than the schema accepts:
// members come in the order of the schema, white space and spellings are few. docs/structured-output.md has the table.
//
// Several schemas and a caller's own rules make one grammar:
//
//   GrammarBuilder grammar;
//   auto arguments = grammar.add_schema(schema, "tools[0].function.parameters");
//   grammar.add_rule("call", R"("<tool_call>\n{\"name\": \"x\", \"arguments\": " )" + *arguments + R"( "}\n</tool_call>")");
//   std::string text = grammar.text("call");
//
// Rules called `value`, `object`, `array`, `string`, `number`, `integer`, `boolean` and `null` are always there (base_rules.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"

namespace worker::chat::schema {

class GrammarBuilder {
 public:
  // The name of the rule that derives the schema's values. `field` is the request field that the schema came in: "response_format...".
  common::Result<std::string> add_schema(const common::Json& schema, std::string_view field);
  // A rule in GBNF. Its name is new and has letters, digits and dashes; those that begin with "schema" are taken.
  void add_rule(std::string_view name, std::string_view body);

  // The whole grammar; libllama is told to begin at `root`.
  std::string text(std::string_view root) const;

 private:
  std::string rules_;
  std::size_t schemas_ = 0;
};

// A whole answer: one value of the schema, or any JSON object.
common::Result<std::string> schema_grammar(const common::Json& schema, std::string_view field = "response_format.json_schema.schema");
std::string any_object_grammar();

}  // namespace worker::chat::schema
