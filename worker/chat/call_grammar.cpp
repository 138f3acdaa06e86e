#include "worker/chat/call_grammar.hpp"

#include <algorithm>
#include <format>
#include <utility>

namespace worker::chat {

using common::Json;

namespace {

constexpr const char* kRoot = "call-root";
constexpr const char* kCall = "call-one";
constexpr const char* kCalls = "call-all";
constexpr const char* kSpace = "[ \\t\\n]{0,4}";

std::u32string points_of(std::string_view text) {
  std::u32string points;
  for (std::size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i]);
    std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t point = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    points += point;
    i += length;
  }
  return points;
}

std::string in_class(char32_t point) {
  if (point == '\n') return "\\n";
  if (point < 0x80 && std::string_view("\\]^-\"[").find(static_cast<char>(point)) == std::string_view::npos && point >= ' ')
    return std::string(1, static_cast<char>(point));
  return point < 0x100 ? std::format("\\x{:02X}", static_cast<unsigned>(point)) : std::format("\\u{:04X}", static_cast<unsigned>(point));
}

// How much of `pattern` matches after `matched` of it have and `next` comes.
std::size_t advance(const std::u32string& pattern, std::size_t matched, char32_t next) {
  std::u32string seen = pattern.substr(0, matched) + next;
  for (std::size_t length = std::min(seen.size(), pattern.size()); length > 0; --length) {
    if (pattern.starts_with(seen.substr(seen.size() - length))) return length;
  }
  return 0;
}

bool is_text(const Json& schema) {
  return schema.is_object() && schema.contains("type") && schema["type"] == "string" && !schema.contains("enum");
}
bool is_typed(const Json& schema) {
  return schema.is_object() && schema.contains("type") && schema["type"].is_string() && schema["type"] != "string";
}

class Writer {
 public:
  Writer(const FamilyTraits& family, GrammarSink& sink) : family_(family), pattern_(family.pattern), sink_(sink) {}

  void add_calls(const std::vector<const Json*>& tools, bool parallel) {
    std::string names;
    for (std::size_t i = 0; i < tools.size(); ++i) {
      std::string rule = std::format("call-tool-{}", i);
      sink_.add_rule(rule, tool(*tools[i], rule));
      names += (i > 0 ? " | " : "") + rule;
    }
    sink_.add_rule(kCall, names);
    std::string before = family_.writes_python ? "" : gbnf_literal(pattern_.before_name) + " ";
    std::string again = std::format("( {} {}{} )*", gbnf_literal(pattern_.between), before, kCall);
    sink_.add_rule(kCalls, std::string(kCall) + (parallel ? " " + again : "") + " " + gbnf_literal(pattern_.end));
  }

  // Everything before the first name, which is where it differs how a call began.
  std::string opening() const { return pattern_.begin + pattern_.before_name; }

 private:
  std::string tool(const Json& function, const std::string& rule) {
    const Json parameters = function.value("parameters", Json::object());
    std::string name = gbnf_literal(function["name"].get<std::string>());
    if (family_.writes_python) return std::format("{} \"(\" {} \")\"", name, pairs(parameters, rule, "=", ", "));
    std::string head = std::format("{} {} ", name, after_name());
    std::string tail = " " + gbnf_literal(pattern_.after_arguments);
    if (family_.xml) return head + tags(parameters, rule) + tail;
    if (!family_.quote.empty()) return head + std::format("\"{{\" {} \"}}\"", pairs(parameters, rule, ":", ",")) + tail;
    Json schema = parameters;
    if (!schema.is_object() || schema.empty()) schema = Json{{"type", "object"}};
    return head + sink_.add_schema(rule + "-arguments", schema) + tail;
  }

  // A number stands where the pattern has '#'.
  std::string after_name() const {
    std::size_t at = pattern_.after_name.find('#');
    if (at == std::string::npos) return gbnf_literal(pattern_.after_name);
    return gbnf_literal(pattern_.after_name.substr(0, at)) + " [0-9]+ " + gbnf_literal(pattern_.after_name.substr(at + 1));
  }

  std::string tags(const Json& parameters, const std::string& rule) {
    const XmlReader::Shape& shape = *family_.xml;
    const Json properties = parameters.value("properties", Json::object());
    const Json required = parameters.value("required", Json::array());
    std::string line = shape.own_lines ? "\n" : "", all;
    for (std::size_t i = 0; const auto& [key, schema] : properties.items()) {
      std::string own = std::format("{}-{}", rule, i++);
      std::string key_end = shape.key_end + (shape.key_end.ends_with('"') ? ">" : "");
      if (!shape.open_value.empty()) key_end += "\n" + shape.open_value;
      std::string value;
      if (is_typed(schema)) {
        value = sink_.add_schema(own + "-value", schema) + " " + gbnf_literal(line + shape.close_value);
      } else {
        add_text_until(own + "-text", line + shape.close_value, sink_);
        value = own + "-text";
      }
      sink_.add_rule(own, std::format("{} {} {}", gbnf_literal(shape.open_key + key + key_end + line), value, gbnf_literal("\n")));
      bool needed = std::ranges::find(required, Json(key)) != required.end();
      all += own + (needed ? " " : "? ");
    }
    return all;
  }

  // key=value or key:value, in any order.
  std::string pairs(const Json& parameters, const std::string& rule, const std::string& equals, const std::string& comma) {
    const Json properties = parameters.value("properties", Json::object());
    std::string any;
    for (std::size_t i = 0; const auto& [key, schema] : properties.items()) {
      std::string own = std::format("{}-{}", rule, i++);
      std::string value;
      if (!family_.quote.empty() && is_text(schema)) {
        add_text_until(own + "-text", family_.quote, sink_);
        value = gbnf_literal(family_.quote) + " " + own + "-text";
      } else if (!family_.quote.empty() && !simple(schema)) {
        value = own_value();
      } else {
        value = sink_.add_schema(own + "-value", schema);
      }
      sink_.add_rule(own, gbnf_literal(key + equals) + " " + value);
      any += (any.empty() ? "" : " | ") + own;
    }
    if (any.empty()) return "\"\"";
    sink_.add_rule(rule + "-pair", any);
    return std::format("( {0}-pair ( {1} {0}-pair )* )?", rule, gbnf_literal(comma));
  }

  static bool simple(const Json& schema) { return is_typed(schema) && schema["type"] != "object" && schema["type"] != "array"; }

  // Any value in the family's own quotes.
  std::string own_value() {
    if (std::exchange(has_own_value_, true)) return "call-value";
    std::string quote = gbnf_literal(family_.quote);
    add_text_until("call-string", family_.quote, sink_);
    sink_.add_rule("call-value", quote + " call-string | call-number | \"true\" | \"false\" | \"null\" | call-list | call-map");
    sink_.add_rule("call-number", "\"-\"? [0-9]+ ( \".\" [0-9]+ )?");
    sink_.add_rule("call-list", "\"[\" ( call-value ( \",\" call-value )* )? \"]\"");
    sink_.add_rule("call-map", "\"{\" ( call-entry ( \",\" call-entry )* )? \"}\"");
    sink_.add_rule("call-entry", "[a-zA-Z_] [a-zA-Z0-9_.-]* \":\" call-value");
    return "call-value";
  }

  const FamilyTraits& family_;
  const CallPattern& pattern_;
  GrammarSink& sink_;
  bool has_own_value_ = false;
};

std::vector<const Json*> functions_of(const Json& tools, const std::string& named) {
  std::vector<const Json*> found;
  if (!tools.is_array()) return found;
  for (const Json& tool : tools) {
    auto function = tool.find("function");
    if (function == tool.end() || !function->contains("name")) continue;
    if (named.empty() || (*function)["name"] == named) found.push_back(&*function);
  }
  return found;
}

// The way to a required call through a thought.
std::string thought(const FamilyTraits& family, CallPolicy::Thought wanted, GrammarSink& sink) {
  if (wanted == CallPolicy::Thought::none || family.thinking.empty()) return "";
  const Thinking& way = family.thinking[0];
  add_text_until("call-thought", way.close, sink);
  std::string then = std::string(" ") + kSpace + " ";
  if (family.family == Family::harmony) then = " \"<|start|>assistant\" ";
  if (wanted == CallPolicy::Thought::open) return "call-thought" + then;
  return std::format("( {} call-thought{})? ", gbnf_literal(way.open), then);
}

}  // namespace

std::string gbnf_literal(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out + '"';
}

// One rule per part of `end` that has been seen. What is seen twice ("<<" before "/think>") leads back to where it may still match.
void add_text_until(const std::string& name, std::string_view end, GrammarSink& sink) {
  std::u32string pattern = points_of(end);
  auto rule = [&](std::size_t seen) { return seen == 0 ? name : std::format("{}-{}", name, seen); };
  std::u32string letters = pattern;
  std::ranges::sort(letters);
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  for (std::size_t seen = 0; seen < pattern.size(); ++seen) {
    std::string body, others;
    for (char32_t letter : letters) {
      std::size_t next = advance(pattern, seen, letter);
      if (next == 0) continue;
      others += in_class(letter);
      body += std::format("[{}]{} | ", in_class(letter), next == pattern.size() ? "" : " " + rule(next));
    }
    sink.add_rule(rule(seen), body + std::format("[^{}] {}", others, name));
  }
}

std::optional<CallGrammar> call_grammar(Family family, const Json& tools, const CallPolicy& policy, GrammarSink& sink) {
  const FamilyTraits& of = traits(family);
  auto functions = functions_of(tools, policy.named);
  if (functions.empty()) return std::nullopt;
  Writer writer(of, sink);
  writer.add_calls(functions, policy.parallel);
  std::string opening = writer.opening();
  CallGrammar grammar{.root = kRoot};
  if (policy.required || !policy.named.empty()) {
    sink.add_rule(kRoot, thought(of, policy.thought, sink) + gbnf_literal(opening) + " " + kCalls);
    return grammar;
  }
  std::string root;
  for (const std::string& trigger : of.triggers) {
    // A trigger is the beginning of the opening, or some of its middle, or stands before it.
    std::size_t at = opening.find(trigger);
    bool around = at == std::string::npos && trigger.ends_with(opening);
    std::string start = at != std::string::npos ? opening.substr(at) : around ? trigger : trigger + opening;
    root += (root.empty() ? "" : " | ") + gbnf_literal(start) + " " + kCalls;
    if (around) root += " " + gbnf_literal("\n```");
    bool ordinary = !trigger.starts_with('<') && !trigger.starts_with("[TOOL");
    grammar.triggers.push_back({trigger, ordinary});
  }
  sink.add_rule(kRoot, root);
  return grammar;
}

}  // namespace worker::chat
