// The ways in which models write tool calls and thoughts, each in a file of its own in families/.
//
// A family is found by what stands in the model's chat template (common/call_families.hpp), or named by the registry. Its traits are all
// that the rest needs to know: which markers open what and who reads on from there, and how a call is written (for templates that know no
// tools, and for grammars).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/chat/call_reader.hpp"
#include "worker/chat/readers/xml_reader.hpp"
#include "worker/chat/tools.hpp"

namespace worker::chat {

enum class Family {
  generic,
  hermes,
  qwen_coder,
  llama,
  mistral,
  mistral_named,
  deepseek,
  deepseek_v31,
  kimi,
  harmony,
  gemma,
  function_gemma,
  gemma4,
  glm,
  granite,
  phi4,
  command_r,
  seed,
  minimax,
  nemotron,
  lfm2,
};

struct CallOpener {
  std::string text;
  std::string close;  // what ends the block; empty: nothing does
  std::unique_ptr<CallReader> (*make)(const Tools&) = nullptr;
  std::string first_bytes = {};  // instead of `text`: an answer, or what follows a call, that begins with one of these may be a call
  bool unmarked = false;         // ordinary text may look like this: what turns out to be no call is content
  bool keep = false;             // the reader wants to see `text`
};

struct Thinking {
  std::string open, close;
  bool unmistakable =
      false;  // not something that a text about such tags would hold: markup wherever it stands, not only where a line begins
};

// begin (before_name NAME after_name ARGUMENTS after_arguments) between (...) end. A '#' in after_name stands for the number of the call.
struct CallPattern {
  std::string begin, before_name, after_name, after_arguments, between, end;
};

struct FamilyTraits {
  Family family;
  std::string_view name;
  std::vector<CallOpener> openers = {};
  std::vector<Thinking> thinking = {};
  std::string end_thinking = "\n</think>\n\n";  // what to make a model say whose budget for thoughts is used up
  std::vector<std::string> strays = {};         // other markers that must not show
  CallPattern pattern = {};
  std::optional<XmlReader::Shape> xml = {};  // arguments are parameters in tags, not JSON
  std::string quote = {};                    // in which it writes strings, where that is not JSON's
  bool writes_python = false;                // calls are calls in Python
  std::vector<std::string> triggers = {};    // texts with which a call begins, where a grammar has to set in
  bool calls_end_thinking = false;           // a call in the middle of a thought is one
};

const FamilyTraits& traits(Family family);
const std::vector<const FamilyTraits*>& all_families();

// By the marks in common/call_families.hpp.
Family detect(std::string_view template_source);
std::string_view to_string(Family family);
std::optional<Family> family_named(std::string_view name);

// All markers of all families: they must reach the parser as text even where the vocabulary has special tokens for them.
const std::vector<std::string>& markers();

}  // namespace worker::chat
