#include "common/call_families.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace common {
namespace {

struct Marks {
  std::string_view family;
  std::array<std::string_view, 2> all;  // stand in the template, each of them
  std::string_view none = {};           // does not; empty: nothing is looked for
};

// The first that matches holds. The ones that show more of themselves come first: many templates hold another family's mark too.
constexpr Marks kFamilies[] = {{"harmony", {"<|channel|>", "<|message|>"}},
                               {"kimi", {"<|tool_calls_section_begin|>"}},
                               {"deepseek_v31", {"tool▁calls▁begin"}, "```json"},
                               {"deepseek", {"tool▁calls▁begin"}},
                               {"command_r", {"<|START_ACTION|>"}},
                               {"seed", {"<seed:tool_call>"}},
                               {"minimax", {"<minimax:tool_call>"}},
                               {"gemma4", {"<|tool_call>", "<tool_call|>"}},
                               {"function_gemma", {"<start_function_call>"}},
                               {"granite", {"<|tool_call|>", "<|start_of_role|>"}},
                               {"phi4", {"<|/tool_call|>"}},
                               {"phi4", {"<|/tool|>"}},
                               {"phi4", {"functools["}},
                               {"lfm2", {"<|tool_call_start|>"}},
                               {"mistral_named", {"[TOOL_CALLS]", "[ARGS]"}},
                               {"mistral", {"[TOOL_CALLS]"}},
                               {"glm", {"<arg_key>"}},
                               {"qwen_coder", {"<function=", "<parameter="}},
                               {"nemotron", {"<TOOLCALL>"}},
                               {"hermes", {"<tool_call>"}},
                               {"llama", {"<|python_tag|>"}},
                               {"llama", {"<|start_header_id|>", "\"parameters\""}},
                               {"llama", {"<|start_header_id|>", "ipython"}},
                               {"llama", {"<|header_start|>", "\"parameters\""}},
                               {"llama", {"<|header_start|>", "ipython"}},
                               {"gemma", {"<start_of_turn>"}}};

}  // namespace

std::string_view call_family_of(std::string_view template_source) {
  const auto shows = [template_source](const Marks& marks) {
    return std::ranges::all_of(marks.all, [&](std::string_view mark) { return template_source.contains(mark); }) &&
           (marks.none.empty() || !template_source.contains(marks.none));
  };
  const auto* found = std::ranges::find_if(kFamilies, shows);
  return found == std::end(kFamilies) ? kGenericCalls : found->family;
}

std::vector<std::string> call_families() {
  std::set<std::string> names{std::string(kGenericCalls)};
  for (const Marks& marks : kFamilies) names.emplace(marks.family);
  return {names.begin(), names.end()};
}

}  // namespace common
