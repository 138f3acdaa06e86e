// random_model: a GGUF with random weights for any architecture that libllama can build, with the tokenizer of an existing model. What such
// a model says is noise, but it says it at the speed of a trained one, and the same noise every time.
#include <llama.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/random_model/shape.hpp"
#include "tests/random_model/tensors.hpp"
#include "tests/random_model/weights.hpp"

namespace {

namespace fs = std::filesystem;
using namespace random_model;

struct Options {
  Shape shape;
  std::string out, vocabulary;
  int words = 0;
  std::uint32_t seed = 1;
  Quantization quantization = Quantization::q8_0;
  bool biases = true;
  std::size_t bytes = 0;  // 0: as many layers as the shape says
};

struct FreeGgml {
  void operator()(ggml_context* context) const { ggml_free(context); }
};

std::vector<bool> silent_tokens(const gguf_context* tokenizer) {
  const std::int64_t id = gguf_find_key(tokenizer, "tokenizer.ggml.token_type");
  std::vector<bool> silent;
  for (std::size_t i = 0; id >= 0 && i < gguf_get_arr_n(tokenizer, id); ++i) {
    // Only ordinary tokens are said: no end, no markup, and no bytes, which may not be UTF-8.
    silent.push_back(static_cast<const std::int32_t*>(gguf_get_arr_data(tokenizer, id))[i] != LLAMA_TOKEN_TYPE_NORMAL);
  }
  return silent;
}

std::size_t bytes_of(Shape shape, int layers, const Options& options, const gguf_context* tokenizer) {
  shape.layers = layers;
  Gguf metadata = describe(shape, tokenizer);
  std::size_t bytes = 0;
  for (const Tensor& tensor : tensors_of(metadata.get(), options.quantization, layers, options.biases)) bytes += tensor.bytes();
  return bytes;
}

// Layers are alike but for their types, which repeat: enough of them are looked at to know what one more costs.
int layers_for(const Options& options, const gguf_context* tokenizer) {
  constexpr int kFew = 8, kMore = 32;
  const auto few = static_cast<double>(bytes_of(options.shape, kFew, options, tokenizer));
  const auto more = static_cast<double>(bytes_of(options.shape, kMore, options, tokenizer));
  const double layer = (more - few) / (kMore - kFew), rest = few - kFew * layer;
  return std::max(1, static_cast<int>(std::lround((static_cast<double>(options.bytes) - rest) / layer)));
}

void pad_to(std::ofstream& out, std::size_t position) {
  const auto here = static_cast<std::size_t>(out.tellp());
  out << std::string(position > here ? position - here : 0, '\0');
}

void write(const Options& options, gguf_context* gguf, const std::vector<Tensor>& tensors, Weights& weights) {
  std::unique_ptr<ggml_context, FreeGgml> space(
      ggml_init({.mem_size = ggml_tensor_overhead() * (tensors.size() + 1), .mem_buffer = nullptr, .no_alloc = true}));
  for (const Tensor& tensor : tensors) {
    int dimensions = GGML_MAX_DIMS;
    while (dimensions > 1 && tensor.size[static_cast<std::size_t>(dimensions) - 1] == 1) --dimensions;
    ggml_tensor* entry = ggml_new_tensor(space.get(), tensor.type, dimensions, tensor.size.data());
    ggml_set_name(entry, tensor.name.c_str());
    gguf_add_tensor(gguf, entry);
  }
  // Under another name until it is whole: a later run takes a file that is there for a good one.
  const std::string building = options.out + ".building";
  if (!gguf_write_to_file(gguf, building.c_str(), true)) throw std::runtime_error("cannot write " + building);
  std::ofstream out(building, std::ios::binary | std::ios::app);
  out.seekp(0, std::ios::end);
  const std::size_t alignment = gguf_get_alignment(gguf), header = (gguf_get_meta_size(gguf) + alignment - 1) / alignment * alignment;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    pad_to(out, header + gguf_get_tensor_offset(gguf, static_cast<std::int64_t>(i)));
    const std::vector<std::byte> bytes = weights.fill(tensors[i]);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  pad_to(out, (static_cast<std::size_t>(out.tellp()) + alignment - 1) / alignment * alignment);
  out.close();
  if (!out) throw std::runtime_error("cannot write " + building);
  fs::rename(building, options.out);
}

void make(Options options) {
  // What libllama has to say about a model it builds from nothing is of no use here, unless it fails.
  llama_log_set(
      [](ggml_log_level level, const char* text, void*) {
        if (level == GGML_LOG_LEVEL_ERROR) std::cerr << text;
      },
      nullptr);
  ggml_backend_load_all();
  llama_backend_init();
  Gguf tokenizer = tokenizer_of(options.vocabulary, options.words);
  if (options.bytes > 0) options.shape.layers = layers_for(options, tokenizer.get());
  Gguf gguf = describe(options.shape, tokenizer.get());
  const std::vector<Tensor> tensors = tensors_of(gguf.get(), options.quantization, options.shape.layers, options.biases);
  gguf_set_val_u32(gguf.get(), "general.file_type", static_cast<std::uint32_t>(file_type(options.quantization)));
  Weights weights(options.seed, options.shape.width, silent_tokens(tokenizer.get()),
                  !std::ranges::contains(tensors, "output.weight", &Tensor::name));
  write(options, gguf.get(), tensors, weights);
  std::cout << options.out << ": " << options.shape.architecture << ", " << options.shape.layers << " layers, "
            << fs::file_size(options.out) / 1000000 << " MB\n";
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kUsage = 64;
  Options options;
  Shape& shape = options.shape;
  const std::map<std::string, Quantization> types{
      {"f32", Quantization::f32}, {"f16", Quantization::f16}, {"q8_0", Quantization::q8_0}, {"q4_k_m", Quantization::q4_k_m}};
  CLI::App app("Writes a GGUF with random weights.", "random_model");
  app.add_option("out", options.out, "The file to write")->required();
  app.add_option("--vocab-from", options.vocabulary, "GGUF whose tokenizer and chat template it gets")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--vocab-size", options.words, "Words to add up to (default: none are added)");
  app.add_option("--architecture", shape.architecture, "As libllama calls it: llama, qwen3moe, gemma2, mamba, ...");
  app.add_option("--layers", shape.layers, "Layers")->check(CLI::PositiveNumber);
  app.add_option("--width", shape.width, "Width of the embedding")->check(CLI::PositiveNumber);
  app.add_option("--heads", shape.heads, "Attention heads")->check(CLI::PositiveNumber);
  app.add_option("--kv-heads", shape.kv_heads, "Heads of keys and values (default: half)");
  app.add_option("--head-size", shape.head_size, "Width of a head (default: width / heads)");
  app.add_option("--hidden", shape.hidden, "Width of the feed-forward part (default: twice the width)");
  app.add_option("--experts", shape.experts, "Experts, of which a quarter is used (default: 8 where the architecture has them)");
  app.add_option("--context", shape.context, "Context that it claims to be trained for");
  const std::map<std::string, int> poolings{{"mean", 1}, {"cls", 2}, {"last", 3}, {"rank", 4}};
  app.add_option("--pooling", shape.pooling, "mean, cls, last or rank: it makes embeddings or scores, and generates nothing")
      ->transform(CLI::CheckedTransformer(poolings));
  app.add_option("--rerank-template", shape.rerank_template, "How a query and a document are put to it");
  app.add_flag("--fills-gaps", shape.fills_gaps, "It has tokens for the texts around a gap");
  app.add_option("--type", options.quantization, "f32, f16, q8_0 or q4_k_m")->transform(CLI::CheckedTransformer(types));
  app.add_flag("!--no-biases", options.biases, "Without the biases of attention and feed-forward parts, where it can do without");
  app.add_option("--size", options.bytes, "Bytes that it should have: chooses the number of layers");
  app.add_option("--seed", options.seed, "Another seed, another model");
  try {
    app.parse(argc, argv);
    make(options);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  } catch (const std::exception& error) {
    std::cerr << "random_model: " << error.what() << '\n';
    return 1;
  }
}
