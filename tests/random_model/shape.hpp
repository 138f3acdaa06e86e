// What a random model is to be, and the metadata that makes libllama build it.
#pragma once

#include <gguf.h>

#include <memory>
#include <string>

namespace random_model {

struct Shape {
  std::string architecture = "llama";
  int layers = 4;
  int width = 256;  // of the embedding
  int heads = 8;
  int kv_heads = 0;   // 0: half of the heads
  int head_size = 0;  // 0: width / heads
  int hidden = 0;     // of the feed-forward part; 0: twice the width
  int experts = 0;    // 0: none, or 8 where the architecture's name speaks of them
  int context = 8192;
  int pooling = 0;              // libllama's number of it; 0: it generates
  std::string rerank_template;  // empty: none
  bool fills_gaps = false;
};

struct FreeGguf {
  void operator()(gguf_context* context) const { gguf_free(context); }
};
using Gguf = std::unique_ptr<gguf_context, FreeGguf>;

// The tokenizer of another model, with words added up to `words` (0: none added).
Gguf tokenizer_of(const std::string& path, int words);

// Tokenizer and shape. Keys that an architecture does not know are ignored by it, so all get the same ones.
Gguf describe(const Shape& shape, const gguf_context* tokenizer);

}  // namespace random_model
