// What suite.py asks: one request per line on standard input, {"schema": ..., "texts": [...], "count": n}, one answer per line.
//
// The answer is {"refused": "why"}, or {"generated": [n texts of the schema's grammar], "derived": [those of `texts` that it derives]}.
// Every grammar is also given to libllama, which must let a model write some of the generated texts.

#include <exception>
#include <iostream>
#include <string>

#include "common/json.hpp"
#include "tests/support/gbnf.hpp"
#include "tests/support/llama_grammar.hpp"
#include "worker/chat/schema/grammar_builder.hpp"

namespace {

using common::Json;

Json answer(const Json& request) {
  auto grammar = worker::chat::schema::schema_grammar(request["schema"]);
  if (!grammar) return {{"refused", grammar.error().message()}};
  static const support::LlamaGrammar llama(PERCH_DEMO_MODEL);
  if (!llama.parses(*grammar)) return {{"broken", "libllama does not parse the grammar:\n" + *grammar}};
  support::Gbnf gbnf(*grammar);
  Json generated = Json::array(), derived = Json::array();
  for (std::uint64_t seed = 0; seed < request["count"].get<std::uint64_t>(); ++seed) generated.push_back(gbnf.generate(seed));
  for (std::size_t i = 0; i < generated.size(); i += 10)
    if (auto text = generated[i].get<std::string>(); !llama.lets_write(*grammar, text))
      return {{"broken", "libllama does not derive " + text}};
  for (const Json& text : request["texts"])
    if (gbnf.derives(text.get<std::string>())) derived.push_back(text);
  return {{"generated", generated}, {"derived", derived}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    try {
      auto request = common::parse_json(line);
      std::cout << common::dump_json(request ? answer(*request) : Json{{"broken", request.error().message()}}) << std::endl;
    } catch (const std::exception& error) {
      std::cout << common::dump_json({{"broken", error.what()}}) << std::endl;
    }
  }
}
