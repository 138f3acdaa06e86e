#include "worker/serve/constraint.hpp"

#include <format>
#include <optional>
#include <utility>

#include "worker/chat/call_grammar.hpp"
#include "worker/chat/schema/grammar_builder.hpp"

namespace worker::serve {

using chat::CallPolicy;
using common::Json;
using common::Result;
using engine::Grammar;

namespace {

// Schemas go to the compiler; the first that it refuses is kept, because a grammar cannot be half.
class Sink final : public chat::GrammarSink {
 public:
  explicit Sink(std::string field) : field_(std::move(field)) {}
  // What schemas come from after this is in another field of the request.
  void from(std::string field) { field_ = std::move(field); }

  void add_rule(const std::string& name, const std::string& body) override { builder.add_rule(name, body); }
  std::string add_schema(const std::string&, const Json& schema) override {
    auto rule = builder.add_schema(schema, field_);
    if (rule) return *rule;
    if (!fault) fault = rule.error();
    return "value";
  }

  chat::schema::GrammarBuilder builder;
  std::optional<common::Error> fault;

 private:
  std::string field_;
};

// Rules and nothing else: a caller's grammar may have a `value` of its own.
class Rules final : public chat::GrammarSink {
 public:
  void add_rule(const std::string& name, const std::string& body) override { text += std::format("{} ::= {}\n", name, body); }
  std::string add_schema(const std::string& hint, const Json&) override { return hint; }  // none comes

  std::string text;
};

std::string rule_of(const ResponseFormat& format, Sink& sink) {
  return format.schema ? sink.add_schema("answer", *format.schema) : "object";
}

CallPolicy::Thought thought_before(const chat::ChatTemplate& chat_template, const chat::Prompt& prompt) {
  if (prompt.in_reasoning) return CallPolicy::Thought::open;
  return chat_template.thinking().thinks ? CallPolicy::Thought::may_come : CallPolicy::Thought::none;
}

// A thought (where one comes or has begun), then the rule. The names of the rules for that begin with `name`.
std::string after_thought(const std::string& rule, CallPolicy::Thought thought, const chat::FamilyTraits& family, const std::string& name,
                          chat::GrammarSink& sink) {
  if (thought == CallPolicy::Thought::none || family.thinking.empty()) return rule;
  const chat::Thinking& marks = family.thinking.front();
  chat::add_text_until(name + "-thought", marks.close, sink);
  const std::string body = name + "-thought [ \\t\\r\\n]*";
  std::string before =
      thought == CallPolicy::Thought::open ? body : "( [ \\t\\r\\n]* " + chat::gbnf_literal(marks.open) + " " + body + " )?";
  sink.add_rule(name + "-whole", before + " " + rule);
  return name + "-whole";
}

// The caller's own, from the first token on, or after the thought that the prompt has opened. Our rules come first: what stands behind the
// end of the caller's text might become a part of its last rule.
Grammar of_caller(const std::string& text, const chat::Prompt& prompt, const chat::FamilyTraits& family) {
  std::string name = "perch";
  for (int i = 0; text.contains(name); ++i) name = std::format("perch-{}", i);
  Rules rules;
  std::string start =
      after_thought("root", prompt.in_reasoning ? CallPolicy::Thought::open : CallPolicy::Thought::none, family, name, rules);
  return {.text = rules.text + text, .start = std::move(start)};
}

Result<Grammar> finish(const std::string& root, std::vector<chat::CallTrigger> triggers, Sink& sink) {
  if (sink.fault) return common::fail(*sink.fault);
  sink.add_rule("root", root);
  Grammar grammar{.text = sink.builder.text("root")};
  for (chat::CallTrigger& trigger : triggers) grammar.triggers.push_back({.text = std::move(trigger.text), .at_start = trigger.at_start});
  return grammar;
}

// The whole answer is in the format, or, where tools are offered beside it, a call.
Result<Grammar> of_format(const ChatRequest& request, CallPolicy::Thought thought, const chat::FamilyTraits& family) {
  Sink sink(request.format->field);
  std::string rule = rule_of(*request.format, sink);
  if (request.conversation.tools.is_array()) {
    sink.from("tools");
    auto calls =
        chat::call_grammar(family.family, request.conversation.tools, {.required = true, .parallel = request.tool_choice.parallel}, sink);
    if (calls) rule = "( " + rule + " | " + calls->root + " )";
  }
  return finish(after_thought(rule, thought, family, "answer", sink), {}, sink);
}

Result<Grammar> of_tools(const ChatRequest& request, CallPolicy::Thought thought, chat::Family family) {
  Sink sink("tools");
  const ToolChoice& choice = request.tool_choice;
  auto calls =
      chat::call_grammar(family, request.conversation.tools,
                         {.required = choice.required, .named = choice.name, .parallel = choice.parallel, .thought = thought}, sink);
  if (!calls) return Grammar{};
  // A caller that forces a call, or asks for strict arguments, must get them or hear why not. Otherwise the tools are offered all the same.
  if (sink.fault && !choice.required && !choice.strict) return Grammar{};
  return finish(calls->root, std::move(calls->triggers), sink);
}

}  // namespace

Result<Grammar> constraint_of(const ChatRequest& request, const chat::ChatTemplate& chat_template, const chat::Prompt& prompt) {
  const chat::FamilyTraits& family = chat::traits(chat_template.family());
  if (!request.generation.grammar.empty()) return of_caller(request.generation.grammar, prompt, family);
  const CallPolicy::Thought thought = thought_before(chat_template, prompt);
  if (request.format) return of_format(request, thought, family);
  if (request.conversation.tools.is_array()) return of_tools(request, thought, family.family);
  return Grammar{};
}

Result<Grammar> constraint_of(const CompletionRequest& request) {
  if (!request.generation.grammar.empty()) return Grammar{.text = request.generation.grammar};
  if (!request.format) return Grammar{};
  Sink sink(request.format->field);
  std::string rule = rule_of(*request.format, sink);
  return finish(rule, {}, sink);
}

}  // namespace worker::serve
