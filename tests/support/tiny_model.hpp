// Writes a real GGUF with random weights: a llama with a byte-level vocabulary, ChatML's special tokens and a chat template with tools.
//
// What it says is noise, but it says it like any model: token by token, reproducibly for a seed, and never by itself to an end. The sizes
// decide how long a load or a token takes.
#pragma once

#include <cstdint>
#include <string>

namespace support {

struct TinyModel {
  int width = 64;  // of the embedding; a multiple of 32
  int layers = 2;
  int hidden = 128;  // of the feed-forward part
  int context = 4096;
  std::uint32_t seed = 1;
  int pooling = 0;               // llama.cpp's pooling_type; not 0: the model makes embeddings
  bool adapted = false;          // with the adapter of write_tiny_adapter() added to its weights
  bool control_markers = false;  // <think> and <tool_call> as control tokens, which have no text of their own
  const char* pre = nullptr;     // libllama's name for a way to cut text into words: byte pairs (that never merge) within those
};

// About 40 KB as it is; width 512, 8 layers, hidden 2048 make 130 MB.
void write_tiny_model(const std::string& path, const TinyModel& shape = {});

// A LoRA adapter for models of this shape, which changes the last matrix of every layer.
void write_tiny_adapter(const std::string& path, const TinyModel& shape = {});

// The ChatML template with tools that the file carries, in the manner of Qwen's.
const char* tiny_chat_template();

}  // namespace support
