// The grammars are compiled and walked by libllama itself, with the tiny model's tokens.
#include "worker/chat/call_grammar.hpp"

#include <gmock/gmock.h>
#include <llama.h>

#include <cmath>
#include <format>

#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/worker/chat/golden.hpp"
#include "tests/worker/chat/transcript.hpp"

namespace worker::chat {
namespace {

using common::Json;

// In the place of the compiler of schemas: JSON, of the right type at its top.
class AnyJson : public GrammarSink {
 public:
  AnyJson() {
    text_ =
        "any ::= map | list | string | number | \"true\" | \"false\" | \"null\"\n"
        "map ::= \"{\" ( string \":\" \" \"? any ( \",\" \" \"? string \":\" \" \"? any )* )? \"}\"\n"
        "list ::= \"[\" ( any ( \", \" any )* )? \"]\"\n"
        "string ::= \"\\\"\" [^\"\\\\]* \"\\\"\"\n"
        "number ::= \"-\"? [0-9]+ ( \".\" [0-9]+ )?\n";
  }
  void add_rule(const std::string& name, const std::string& body) override {
    EXPECT_TRUE(name.starts_with("call-")) << name;
    text_ += name + " ::= " + body + "\n";
  }
  std::string add_schema(const std::string&, const Json& schema) override {
    std::string type = schema.contains("type") && schema["type"].is_string() ? schema["type"].get<std::string>() : "";
    return type == "object" ? "map" : type == "integer" || type == "number" ? "number" : "any";
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class CallGrammarTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    auto path = (folder().path() / "model.gguf").string();
    support::write_tiny_model(path);
    llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    model = llama_model_load_from_file(path.c_str(), params);
    ASSERT_NE(model, nullptr);
  }
  static void TearDownTestSuite() { llama_model_free(model); }
  static tests::TempFolder& folder() {
    static tests::TempFolder made;
    return made;
  }

  static bool admits(const std::string& grammar, const std::string& root, const std::string& text) {
    const llama_vocab* vocab = llama_model_get_vocab(model);
    llama_sampler* sampler = llama_sampler_init_grammar(vocab, grammar.c_str(), root.c_str());
    EXPECT_NE(sampler, nullptr) << grammar;
    if (!sampler) return false;
    std::vector<llama_token> tokens(text.size() + 8);
    int count =
        llama_tokenize(vocab, text.c_str(), static_cast<int>(text.size()), tokens.data(), static_cast<int>(tokens.size()), false, true);
    tokens.resize(static_cast<std::size_t>(count));
    tokens.push_back(llama_vocab_eos(vocab));
    bool good = true;
    for (std::size_t i = 0; i < tokens.size() && good; ++i) {
      llama_token_data candidate{tokens[i], 1.0f, 0.0f};
      llama_token_data_array all{&candidate, 1, -1, false};
      llama_sampler_apply(sampler, &all);
      good = !std::isinf(candidate.logit);
      if (good && i + 1 < tokens.size()) llama_sampler_accept(sampler, tokens[i]);
    }
    llama_sampler_free(sampler);
    return good;
  }

  static bool admits(Family family, const CallPolicy& policy, const std::string& text) {
    AnyJson sink;
    auto grammar = call_grammar(family, golden_tools(), policy, sink);
    EXPECT_TRUE(grammar);
    return grammar && admits(sink.text(), grammar->root, text);
  }

  static inline llama_model* model = nullptr;
};

const CallPolicy kRequired{.required = true};
const CallPolicy kOne{.required = true, .parallel = false};
const CallPolicy kNow{.required = true, .named = "now"};

TEST_F(CallGrammarTest, AdmitsTheCallsOfEachFamily) {
  struct Case {
    Family family;
    std::string one, two;
  };
  const std::vector<Case> cases{
      {Family::hermes, "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>",
       "<tool_call>\n{\"name\": \"add\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"now\", \"arguments\": "
       "{}}\n</tool_call>"},
      {Family::llama, "{\"name\": \"add\", \"parameters\": {\"a\": 1}}",
       "{\"name\": \"now\", \"parameters\": {}}; {\"name\": \"now\", \"parameters\": {}}"},
      {Family::mistral, "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {}}]",
       "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {}}, {\"name\": \"now\", \"arguments\": {}}]"},
      {Family::mistral_named, "[TOOL_CALLS]add[ARGS]{}", "[TOOL_CALLS]add[ARGS]{}[TOOL_CALLS]now[ARGS]{}"},
      {Family::harmony, "<|channel|>commentary to=functions.add <|constrain|>json<|message|>{}<|call|>",
       "<|channel|>commentary to=functions.add <|constrain|>json<|message|>{}<|call|><|start|>assistant<|channel|>commentary "
       "to=functions.now "
       "<|constrain|>json<|message|>{}<|call|>"},
      {Family::granite, "<|tool_call|>[{\"name\": \"add\", \"arguments\": {}}]",
       "<|tool_call|>[{\"name\": \"add\", \"arguments\": {}}, {\"name\": \"now\", \"arguments\": {}}]"},
      {Family::kimi,
       "<|tool_calls_section_begin|><|tool_call_begin|>functions.add:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_"
       "end|>",
       "<|tool_calls_section_begin|><|tool_call_begin|>functions.add:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_call_begin|>"
       "functions.now:11<|"
       "tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>"},
      {Family::qwen_coder,
       "<tool_call>\n<function=get_weather>\n<parameter=city>\nA < </par "
       "B\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>",
       "<tool_call>\n<function=now>\n</function>\n</tool_call>\n<tool_call>\n<function=now>\n</function>\n</tool_call>"},
      {Family::glm, "<tool_call>add\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n</tool_call>",
       "<tool_call>now\n</tool_call>\n<tool_call>now\n</tool_call>"},
      {Family::minimax, "<minimax:tool_call>\n<invoke name=\"add\">\n<parameter name=\"a\">1</parameter>\n</invoke>\n</minimax:tool_call>",
       "<minimax:tool_call>\n<invoke name=\"now\">\n</invoke>\n<invoke name=\"now\">\n</invoke>\n</minimax:tool_call>"},
      {Family::gemma4, "<|tool_call>call:get_weather{city:<|\"|>a|\"b<|\"|>,days:2}<tool_call|>",
       "<|tool_call>call:now{}<tool_call|><|tool_call>call:now{}<tool_call|>"},
      {Family::lfm2, "<|tool_call_start|>[add(a=1, b=2)]<|tool_call_end|>", "<|tool_call_start|>[now(), now()]<|tool_call_end|>"},
  };
  for (const auto& [family, one, two] : cases) {
    SCOPED_TRACE(std::string(to_string(family)));
    EXPECT_TRUE(admits(family, kRequired, one));
    EXPECT_TRUE(admits(family, kOne, one));
    EXPECT_TRUE(admits(family, kRequired, two));
    EXPECT_FALSE(admits(family, kOne, two)) << "more than one call";
    EXPECT_FALSE(admits(family, kNow, one)) << "another tool";
    EXPECT_FALSE(admits(family, kRequired, "Hello.")) << "no call";
    EXPECT_FALSE(admits(family, kRequired, one.substr(0, one.size() - 2))) << "half a call";
    // What the grammar makes the model say, the parser understands.
    Transcript read = parse({two}, {.tools = true, .family = family, .definitions = golden_tools()});
    EXPECT_EQ(read.arguments.size(), 2u);
    EXPECT_EQ(read.counts, ParserCounts{});
  }
}

TEST_F(CallGrammarTest, AllowsAThoughtBeforeARequiredCall) {
  const std::string call = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";
  CallPolicy may{.required = true, .thought = CallPolicy::Thought::may_come};
  EXPECT_TRUE(admits(Family::hermes, may, call));
  EXPECT_TRUE(admits(Family::hermes, may, "<think>a <</b> c</think>\n\n" + call));
  EXPECT_FALSE(admits(Family::hermes, may, "<think>a</think>\n\nno"));
  CallPolicy open{.required = true, .thought = CallPolicy::Thought::open};
  EXPECT_TRUE(admits(Family::hermes, open, "so <<</think>\n" + call));
}

TEST_F(CallGrammarTest, BeginsWithItsTriggers) {
  for (const FamilyTraits* family : all_families()) {
    AnyJson sink;
    auto grammar = call_grammar(family->family, golden_tools(), {}, sink);
    ASSERT_TRUE(grammar) << family->name;
    ASSERT_FALSE(grammar->triggers.empty()) << family->name;
    llama_sampler* sampler = llama_sampler_init_grammar(llama_model_get_vocab(model), sink.text().c_str(), grammar->root.c_str());
    EXPECT_NE(sampler, nullptr) << family->name << "\n" << sink.text();
    if (sampler) llama_sampler_free(sampler);
  }
  EXPECT_TRUE(admits(Family::llama, {}, "<|python_tag|>{\"name\": \"now\", \"parameters\": {}}"));
  EXPECT_TRUE(admits(Family::qwen_coder, {}, "<function=now>\n</function>\n</tool_call>"));
  EXPECT_TRUE(admits(Family::gemma, {}, "```json\n{\"name\": \"now\", \"parameters\": {}}\n```"));
  AnyJson sink;
  auto grammar = call_grammar(Family::llama, golden_tools(), {}, sink);
  EXPECT_FALSE(grammar->triggers[0].at_start);
  EXPECT_TRUE(grammar->triggers[1].at_start) << "JSON in the middle of a text is text";
}

TEST_F(CallGrammarTest, NeedsATool) {
  AnyJson sink;
  EXPECT_FALSE(call_grammar(Family::hermes, nullptr, {}, sink));
  EXPECT_FALSE(call_grammar(Family::hermes, golden_tools(), {.required = true, .named = "nonesuch"}, sink));
}

TEST_F(CallGrammarTest, ATextEndsWithTheFirstMarker) {
  AnyJson sink;
  add_text_until("call-text", "--->", sink);
  EXPECT_TRUE(admits(sink.text(), "call-text", "a - -- b --> ----->"));
  EXPECT_FALSE(admits(sink.text(), "call-text", "a ---> b --->"));
  EXPECT_FALSE(admits(sink.text(), "call-text", "a --"));
}

}  // namespace
}  // namespace worker::chat
