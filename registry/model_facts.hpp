// What a model file says about itself, as plain values: what it is, what its tensors take, and what each of its layers keeps of a sequence.
//
// Read from the headers of the file, or of all files of a split model, without libllama and without the weights. Where an architecture
// keeps something in a way that its metadata does not tell (which layers have a sliding window), what libllama does stands in the .cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/gguf.hpp"
#include "common/result.hpp"
#include "common/worker_protocol.hpp"

namespace registry {

// One layer. What it keeps of each token (full attention, or of the last ones only), and what it keeps of a sequence however long.
struct LayerFacts {
  std::uint64_t query_values = 0;  // of one token, all heads together
  std::uint64_t key_values = 0;    // likewise; 0: no attention here
  std::uint64_t value_values = 0;  // 0: they are part of the keys (multi-head latent attention), or there is no attention
  bool windowed = false;           // attends to the last ModelFacts::window tokens only
  std::uint64_t state_values = 0;  // of one sequence, 32 bits each; 0: not recurrent
  std::uint64_t hidden = 0;        // of its feed-forward part

  bool operator==(const LayerFacts&) const = default;
};

struct RecurrentFacts {
  std::uint64_t inner = 0, state = 0, groups = 0, ranks = 0;

  bool operator==(const RecurrentFacts&) const = default;
};

struct ModelFacts {
  std::vector<std::filesystem::path> files;  // in order
  std::uint64_t file_bytes = 0;              // of all of them
  std::uint64_t tensor_bytes = 0;
  std::uint64_t tied_bytes = 0;  // of an embedding that is the output, too: rows to look up and a matrix, which may want two layouts
  std::string architecture;      // "llama", "qwen3moe", ...
  std::string name;              // may be empty
  std::string type;              // as the file calls itself ("model", "adapter", "mmproj", ...); empty: it does not say
  std::string quantization;      // "Q4_K_M", "Q8_0", ...
  std::uint64_t parameters = 0;
  std::uint64_t active_parameters = 0;  // that work on one token; fewer in a mixture of experts
  std::uint64_t trained_context = 0;    // tokens; 0: not said
  std::uint64_t width = 0;              // of the embedding
  std::uint64_t vocabulary = 0;         // words
  std::uint64_t merges = 0;             // of pairs of words, in a vocabulary that is made by them
  std::uint64_t heads = 0;              // of the first layer
  std::vector<LayerFacts> layers;
  std::uint64_t window = 0;  // of sliding attention; 0: none
  RecurrentFacts recurrent;
  std::uint64_t experts = 0, experts_used = 0, expert_hidden = 0;
  bool has_chat_template = false;
  std::uint64_t template_bytes = 0;
  std::string tool_format;       // how it writes tool calls, by its chat template (common/call_families.hpp); empty: not known
  std::uint64_t pooling = 0;     // as libllama numbers it; 0: it generates text
  bool reads_both_ways = false;  // an encoder, which cannot continue a text
  bool sees = false;             // of a projector: it is one for images

  // What its worker will do with it.
  common::Purpose purpose() const;
  bool embeds() const { return purpose() != common::Purpose::generation; }
  bool operator==(const ModelFacts&) const = default;
};

// The files of the model that `first` is the first one of: itself, unless it is named like the first part of a split model
// ("x-00001-of-00005.gguf").
std::vector<std::filesystem::path> files_of(const std::filesystem::path& first);

// Why such a file cannot be loaded as a model, in a few words; empty: it may be one.
std::string why_no_model(const ModelFacts& facts);

// Blocks: reads the headers. ErrorKind: bad_model_file (missing, malformed, parts that are missing or do not belong together) or io.
common::Result<ModelFacts> inspect(const std::filesystem::path& first);

// Pure: from the headers of `files`, in order.
common::Result<ModelFacts> facts_of(const std::vector<common::GgufHeader>& headers, std::vector<std::filesystem::path> files);

// How a file's type is commonly written; empty for a number that is not known.
std::string_view quantization_name(std::uint64_t file_type);

}  // namespace registry
