#include "worker/chat/output_parser.hpp"

#include <utility>

#include "worker/chat/channel_parser.hpp"
#include "worker/chat/markup_parser.hpp"

namespace worker::chat {
namespace {

// Only what is markup in this answer: without tools, a text may hold the markers of calls.
std::vector<std::string> strays_of(const FamilyTraits& family, bool tools) {
  std::vector<std::string> strays = family.strays;
  for (std::size_t i = 0; tools && i < family.openers.size(); ++i) {
    const CallOpener& opener = family.openers[i];
    if (opener.unmarked) continue;
    if (!opener.text.empty()) strays.push_back(opener.text);
    if (!opener.close.empty()) strays.push_back(opener.close);
  }
  if (tools && family.xml) {
    for (const std::string* tag :
         {&family.xml->open_call, &family.xml->open_key, &family.xml->open_value, &family.xml->close_value, &family.xml->close_call}) {
      if (!tag->empty()) strays.push_back(*tag);
    }
    if (family.xml->key_end.starts_with("</")) strays.push_back(family.xml->key_end);
  }
  for (const Thinking& thinking : family.thinking) {
    if (thinking.unmistakable) strays.insert(strays.end(), {thinking.open, thinking.close});
  }
  return strays;
}

}  // namespace

OutputParser::OutputParser(Options options) {
  const FamilyTraits& family = traits(options.family);
  tools_ = std::make_unique<Tools>(std::move(options.definitions));
  out_ = std::make_unique<Emitter>(!options.tools && family.strays.empty(), strays_of(family, options.tools));
  const Tools* tools = options.tools ? tools_.get() : nullptr;
  if (family.family == Family::harmony) {
    parser_ = std::make_unique<ChannelParser>(tools, options.in_reasoning, *out_);
  } else {
    parser_ = std::make_unique<MarkupParser>(family, tools, options.in_reasoning, *out_);
  }
}

std::vector<Part> OutputParser::feed(std::string_view text) {
  parser_->read(text, false);
  return out_->take();
}

std::vector<Part> OutputParser::finish() {
  parser_->read({}, true);
  out_->finish();
  return out_->take();
}

}  // namespace worker::chat
