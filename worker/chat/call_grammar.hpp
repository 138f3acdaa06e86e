// The grammar (GBNF) of a family's calls, for sampling that cannot go wrong: names are names of tools, arguments fit their schemas, and the
// markup around them is right.
//
// What compiles JSON schemas is behind GrammarSink. Families that write text without quotes (tags) or in quotes of their own are held to
// their structure, to the names of tools and parameters, and to the schema of everything that is no string.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "worker/chat/family.hpp"

namespace worker::chat {

class GrammarSink {
 public:
  virtual ~GrammarSink() = default;
  // Names are taken as they are; all of ours begin with "call-".
  virtual void add_rule(const std::string& name, const std::string& body) = 0;
  // The name of a rule for any JSON that fits the schema; `hint` may become part of it.
  virtual std::string add_schema(const std::string& hint, const common::Json& schema) = 0;
};

struct CallPolicy {
  enum class Thought { none, may_come, open };  // before the call; `open`: the prompt has begun it

  bool required = false;            // the answer must be a call; otherwise the grammar waits for a trigger
  std::string named;                // ... of this tool
  bool parallel = true;             // several calls are allowed
  Thought thought = Thought::none;  // of a required call
};

struct CallTrigger {
  std::string text;       // the grammar begins with it
  bool at_start = false;  // only where the answer begins: elsewhere it is ordinary text
};

struct CallGrammar {
  std::string root;                   // the name of a rule
  std::vector<CallTrigger> triggers;  // empty: from the first token on
};

// nullopt: there is no tool to call.
std::optional<CallGrammar> call_grammar(Family family, const common::Json& tools, const CallPolicy& policy, GrammarSink& sink);

// The rule for a text that ends with the first `end` in it. Adds rules called `name` and `name`-1 and so on.
void add_text_until(const std::string& name, std::string_view end, GrammarSink& sink);

// A GBNF literal.
std::string gbnf_literal(std::string_view text);

}  // namespace worker::chat
