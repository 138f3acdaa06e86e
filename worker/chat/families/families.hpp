// One function per family; family.hpp has the table.
#pragma once

#include "worker/chat/family.hpp"

namespace worker::chat::families {

const FamilyTraits& generic();
const FamilyTraits& hermes();
const FamilyTraits& qwen_coder();
const FamilyTraits& llama();
const FamilyTraits& mistral();
const FamilyTraits& mistral_named();
const FamilyTraits& deepseek();
const FamilyTraits& deepseek_v31();
const FamilyTraits& kimi();
const FamilyTraits& harmony();
const FamilyTraits& gemma();
const FamilyTraits& function_gemma();
const FamilyTraits& gemma4();
const FamilyTraits& glm();
const FamilyTraits& granite();
const FamilyTraits& phi4();
const FamilyTraits& command_r();
const FamilyTraits& seed();
const FamilyTraits& minimax();
const FamilyTraits& nemotron();
const FamilyTraits& lfm2();

// What most families share.
std::vector<Thinking> think_tags();
// <function=NAME><parameter=KEY>\nVALUE\n</parameter></function>, inside a block that `close_block` ends.
XmlReader::Shape function_tags(std::string close_block);
// The answer itself, or a code fence in it, is a call in JSON.
CallOpener bare_json(std::string first_bytes);
CallOpener fenced_json(std::string fence);
// Goes by the first byte: JSON where a bracket stands, else what `make` makes.
std::unique_ptr<CallReader> json_or(const Tools& tools, std::string close, std::unique_ptr<CallReader> other);

}  // namespace worker::chat::families
