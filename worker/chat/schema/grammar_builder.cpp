#include "worker/chat/schema/grammar_builder.hpp"

#include <algorithm>
#include <format>

#include "worker/chat/schema/base_rules.hpp"
#include "worker/chat/schema/emit.hpp"
#include "worker/chat/schema/expand.hpp"
#include "worker/chat/schema/limits.hpp"

namespace worker::chat::schema {
namespace {

using common::Json;

int depth_of(const Json& value, int at_most) {
  if (!value.is_structured() || at_most == 0) return 1;
  int deepest = 0;
  for (const Json& child : value) deepest = std::max(deepest, depth_of(child, at_most - 1));
  return deepest + 1;
}

void check_size(const Json& schema, Refusal& refusal) {
  if (depth_of(schema, kMaxSchemaDepth + 1) > kMaxSchemaDepth + 1)
    return refusal.refuse("#", std::format("the schema is nested deeper than {} levels", kMaxSchemaDepth));
  if (std::size_t bytes = common::dump_json(schema).size(); bytes > kMaxSchemaBytes)
    refusal.refuse("#", std::format("the schema has {} bytes, the limit is {}", bytes, kMaxSchemaBytes));
}

}  // namespace

common::Result<std::string> GrammarBuilder::add_schema(const Json& schema, std::string_view field) {
  Refusal refusal;
  WorkLeft work{kMaxAutomataWork};
  Rules rules(std::format("schema{}", schemas_));
  Item root;
  check_size(schema, refusal);
  if (!refusal.refused()) {
    Expander expander(schema, refusal, work);
    root = Emitter(expander, rules).emit({&schema, "#"});
  }
  if (!refusal.refused()) {
    rules.prune();
    if (!rules.produces(root)) refusal.refuse("#", "no value satisfies the schema");
  }
  std::string text = refusal.refused() ? "" : rules.text(root);
  if (std::size_t bytes = rules_.size() + text.size(); bytes > kMaxGrammarBytes)
    refusal.refuse("#", std::format("the grammar has {} bytes, the limit is {}", bytes, kMaxGrammarBytes));
  if (refusal.refused()) return common::fail(common::Error(refusal.error()).in(std::string(field)));
  rules_ += text;
  ++schemas_;
  return rules.name(root);
}

void GrammarBuilder::add_rule(std::string_view name, std::string_view body) { rules_ += std::format("{} ::= {}\n", name, body); }

std::string GrammarBuilder::text(std::string_view root) const {
  return (root == "root" ? "" : std::format("root ::= {}\n", root)) + rules_ + std::string(base_rules());
}

common::Result<std::string> schema_grammar(const Json& schema, std::string_view field) {
  GrammarBuilder builder;
  auto root = builder.add_schema(schema, field);
  if (!root) return common::fail(root.error());
  return builder.text(*root);
}

std::string any_object_grammar() { return GrammarBuilder().text("object"); }

}  // namespace worker::chat::schema
