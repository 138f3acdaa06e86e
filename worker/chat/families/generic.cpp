// For templates that show no format of their own. Tools are described in the words of Hermes; small models that forget the tags and write
// the JSON alone, or in a code fence, are understood too.
#include "worker/chat/families/families.hpp"

namespace worker::chat::families {

const FamilyTraits& generic() {
  static const FamilyTraits traits{.family = Family::generic,
                                   .name = "generic",
                                   .openers = {hermes().openers[0], bare_json("{["), fenced_json("```json"), fenced_json("```tool_call")},
                                   .thinking = think_tags(),
                                   .pattern = hermes().pattern,
                                   .triggers = hermes().triggers};
  return traits;
}

}  // namespace worker::chat::families
