#include "worker/chat/family.hpp"

#include <algorithm>

#include "common/call_families.hpp"
#include "worker/chat/families/families.hpp"

namespace worker::chat {

const std::vector<const FamilyTraits*>& all_families() {
  using namespace families;
  static const std::vector<const FamilyTraits*> all{
      &harmony(), &kimi(),           &deepseek_v31(), &deepseek(), &command_r(), &seed(),          &minimax(),
      &gemma4(),  &function_gemma(), &granite(),      &phi4(),     &lfm2(),      &mistral_named(), &mistral(),
      &glm(),     &qwen_coder(),     &nemotron(),     &hermes(),   &llama(),     &gemma(),         &generic()};
  return all;
}

const FamilyTraits& traits(Family family) {
  for (const FamilyTraits* each : all_families()) {
    if (each->family == family) return *each;
  }
  return families::generic();
}

Family detect(std::string_view template_source) {
  return family_named(common::call_family_of(template_source)).value_or(Family::generic);
}

std::string_view to_string(Family family) { return traits(family).name; }

std::optional<Family> family_named(std::string_view name) {
  for (const FamilyTraits* each : all_families()) {
    if (each->name == name) return each->family;
  }
  return std::nullopt;
}

const std::vector<std::string>& markers() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> found;
    for (const FamilyTraits* each : all_families()) {
      for (const CallOpener& opener : each->openers) found.insert(found.end(), {opener.text, opener.close});
      for (const Thinking& thinking : each->thinking) found.insert(found.end(), {thinking.open, thinking.close});
      found.insert(found.end(), each->strays.begin(), each->strays.end());
    }
    found.insert(found.end(), {"<|channel>", "<|\"|>"});
    std::ranges::sort(found);
    auto [first, last] = std::ranges::unique(found);
    found.erase(first, last);
    std::erase(found, "");
    return found;
  }();
  return all;
}

}  // namespace worker::chat
