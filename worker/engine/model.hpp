// The weights of one GGUF file, and what the file says about itself. Immutable once loaded; shared by the engine thread, which computes
// with it, and the threads that tokenize.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/result.hpp"
#include "worker/engine/sampling.hpp"
#include "worker/engine/vocabulary.hpp"

struct llama_model;

namespace worker::engine {

// How a model makes one vector (or, for rank, one score) of a text.
enum class Pooling { none, mean, cls, last, rank };

// How the file comes into memory.
enum class ReadMode {
  usual,     // as libllama likes: mapped, where that can be
  buffered,  // copied through the page cache
  direct     // copied past it
};

class Model {
 public:
  // Called often with the fraction loaded; returning false gives the load up.
  using Progress = std::function<bool(double)>;

  // ErrorKind: bad_model_file, insufficient_memory or cancelled.
  static common::Result<Model> load(const std::string& path, const Progress& progress, ReadMode mode = ReadMode::usual);
  // The vocabulary and the metadata alone: counts and renders, computes nothing, and costs what its words cost.
  static common::Result<Model> load_vocabulary(const std::string& path);
  // The whole but for the memory: nothing is read of the weights, nothing can be computed, and what it would hold can be asked.
  static common::Result<Model> simulate(const std::string& path);
  Model() = default;  // holds nothing; results need it

  Vocabulary& vocabulary() { return vocabulary_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  bool mapped() const { return mapped_; }  // its weights may stay in the file
  llama_model* handle() const { return model_.get(); }

  std::string architecture() const { return metadata("general.architecture"); }
  std::string quantization() const;
  std::uint64_t weights_bytes() const;
  std::uint64_t trained_context() const;
  bool generates() const;                       // false: an encoder, which cannot continue a text
  Pooling pooling() const;                      // as the file says; none for a model that is meant to generate
  std::uint64_t embedding_width() const;        // numbers per embedding
  std::string chat_template() const;            // empty: the file has none
  std::string rerank_template() const;          // the same; a text with {query} and {document} in it
  SamplingParams sampling_defaults() const;     // ours, replaced where the file recommends others
  std::string metadata(const char* key) const;  // empty: absent

 private:
  struct Free {
    void operator()(llama_model* model) const;
  };

  explicit Model(llama_model* model);
  enum class Part { everything, vocabulary, sizes };
  static common::Result<Model> load(const std::string& path, const Progress& progress, Part part, ReadMode mode = ReadMode::usual);

  std::unique_ptr<llama_model, Free> model_;
  bool mapped_ = true;
  Vocabulary vocabulary_{nullptr};
};

// Whether libllama's words for a failure speak of memory that could not be had.
bool speaks_of_memory(const std::string& complaint);

}  // namespace worker::engine
