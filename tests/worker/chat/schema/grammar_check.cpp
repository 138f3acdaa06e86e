#include "tests/worker/chat/schema/grammar_check.hpp"

#include "common/json.hpp"
#include "worker/chat/schema/grammar_builder.hpp"

namespace worker::chat::schema {

const support::LlamaGrammar& llama() {
  static const support::LlamaGrammar grammar(PERCH_DEMO_MODEL);
  return grammar;
}

std::string grammar_of(std::string_view schema) {
  auto json = common::parse_json(schema);
  EXPECT_TRUE(json) << schema;
  auto grammar = schema_grammar(json.value_or(true));
  EXPECT_TRUE(grammar) << schema << "\n" << grammar.error().message();
  std::string text = grammar.value_or(*schema_grammar(true));
  EXPECT_TRUE(llama().parses(text)) << schema << "\n" << text;
  return text;
}

std::string refusal_of(std::string_view schema) {
  auto json = common::parse_json(schema);
  EXPECT_TRUE(json) << schema;
  auto grammar = schema_grammar(json.value_or(true));
  if (grammar) return "";
  EXPECT_EQ(grammar.error().kind(), common::ErrorKind::bad_request);
  EXPECT_EQ(grammar.error().param(), "response_format.json_schema.schema");
  return grammar.error().message();
}

void expect(std::string_view schema, const std::vector<std::string>& yes, const std::vector<std::string>& no) {
  std::string grammar = grammar_of(schema);
  support::Gbnf gbnf(grammar);
  for (const std::string& text : yes) EXPECT_TRUE(gbnf.derives(text)) << schema << "\n" << text << "\n" << grammar;
  for (const std::string& text : no) EXPECT_FALSE(gbnf.derives(text)) << schema << "\n" << text << "\n" << grammar;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    std::string text = gbnf.generate(seed);
    EXPECT_TRUE(gbnf.derives(text)) << schema << "\n" << text;
    EXPECT_TRUE(llama().lets_write(grammar, text)) << schema << "\n" << text << "\n" << grammar;
  }
}

}  // namespace worker::chat::schema
