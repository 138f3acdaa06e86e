// LoRA adapters (Hu et al. 2021, arXiv:2106.09685): small files whose matrices are added to those of a model while it computes. Which ones
// and how strongly is said at load; an answer with other adapters is an answer of other weights, so they are part of the digest.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/worker_protocol.hpp"
#include "worker/engine/model.hpp"

struct llama_adapter_lora;

namespace worker::engine {

// Owns what it read; the model must outlive it, and the contexts that use it must not.
class Adapters {
 public:
  // ErrorKind: bad_model_file (no adapter, or one for another model), insufficient_memory or io.
  static common::Result<Adapters> load(const Model& model, const std::vector<common::AdapterFile>& files);

  bool empty() const { return loaded_.empty(); }
  std::size_t count() const { return loaded_.size(); }
  std::uint64_t bytes() const { return bytes_; }  // the files' sizes, which is what they take in memory within a page or two
  const std::vector<float>& scales() const { return scales_; }
  std::vector<llama_adapter_lora*> handles() const;

 private:
  struct Free {
    void operator()(llama_adapter_lora* adapter) const;
  };
  std::vector<std::unique_ptr<llama_adapter_lora, Free>> loaded_;
  std::vector<float> scales_;
  std::uint64_t bytes_ = 0;
};

// `digest` and what the adapters change about the weights: every byte of their files, and the scales. Without adapters `digest` itself.
common::Result<std::string> digest_with(const std::string& digest, const std::vector<common::AdapterFile>& files);

}  // namespace worker::engine
