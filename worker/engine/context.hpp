// The working memory of the model: the KV cache of every slot, and the decode that fills it. Used by the engine thread alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "common/worker_protocol.hpp"
#include "worker/engine/adapter.hpp"
#include "worker/engine/batch.hpp"
#include "worker/engine/model.hpp"
#include "worker/engine/picture.hpp"

struct llama_batch;
struct llama_context;

namespace worker::engine {

struct ContextConfig {
  std::uint64_t context_tokens = 0;  // per slot, or of all together
  std::uint64_t slots = 1;
  bool shared_cells = false;               // one cache for all slots, in which equal beginnings are kept once
  std::string cache_type_k, cache_type_v;  // of common::kCacheTypes; empty: f16
  int batch_tokens = 512;
  int threads = 0;  // 0: one per processor, fewer for a small model
  // Not none: the context makes embeddings and generates nothing. A whole text is one batch then.
  Pooling pooling = Pooling::none;
};

enum class Decoded { ok, aborted, no_room, failed };

class Context {
 public:
  // ErrorKind: insufficient_memory, bad_request (a cache type that this model or libllama cannot have) or internal. The model must outlive
  // the context. It keeps the adapters, which change what it computes.
  static common::Result<Context> create(const Model& model, const ContextConfig& config, Adapters adapters = {});
  Context() = default;  // holds nothing; results need it

  // `abort` is asked often during the computation; true ends it early, with Decoded::aborted. It must not block. Empty: it runs to its end.
  Decoded decode(const Batch& batch, const std::function<bool()>& abort = {});
  // Some places of a ready picture, by number within it, as the next ones of a sequence. `position` is that of the whole picture.
  Decoded decode(const Picture& picture, std::size_t from, std::size_t count, int sequence, int position,
                 const std::function<bool()>& abort);
  // What a context with a pooling made of a sequence of the last batch: one vector, or one score for rank.
  std::vector<float> embedding(int sequence) const;

  // Everything kept for one sequence.
  void forget(int sequence);
  void forget_all();

  // How much of a sequence can be cut off and the rest used on: nothing in a recurrent model, whose state is one sum of all tokens.
  enum class Cutting { anywhere, nowhere };
  Cutting cutting() const;
  // Keeps what a sequence holds before `position`. False if the model cannot: the sequence is empty then.
  bool trim(int sequence, int position);
  // Makes `to` what `from` is: as a copy, or in a shared cache by using the same cells, which are not written again.
  void copy(int from, int to);
  // Whether neither side of a copy that is still to be made: libllama makes copies at the next decode, and until then what `from` holds
  // must stay and what `to` holds is not there yet.
  bool is_settled(int sequence) const;
  // A sequence as bytes that restore() takes back, into any sequence of a context with the same settings.
  std::size_t state_bytes(int sequence) const;
  std::vector<std::uint8_t> save(int sequence) const;                // empty: it could not be read, or is not settled
  bool restore(int sequence, std::span<const std::uint8_t> state);  // false: the sequence is empty now; or it is not settled
  // Everything besides the weights that such bytes depend on, as text: sizes, types and settings of the caches, the build of the engine.
  std::string state_settings() const;

  // What there really is: libllama may round the wanted sizes.
  std::uint64_t context_tokens() const;  // that one slot can hold
  bool shares_cells() const { return shares_cells_; }
  std::uint64_t slots() const;
  int batch_tokens() const;
  int outputs() const { return outputs_; }  // tokens of one batch whose logits can be had; at least one per slot
  // Weights, KV cache and compute buffers by device. Zeros where this libllama does not say. `beside`: bytes that stand where the weights
  // are and libllama does not know of.
  std::vector<common::DeviceMemory> memory(const Model& model, std::uint64_t beside) const;

  llama_context* handle() const { return context_.get(); }

 private:
  bool use_adapters();
  Decoded decode(const llama_batch& batch, const std::function<bool()>& abort);

  struct Free {
    void operator()(llama_context* context) const;
  };

  int outputs_ = 0;
  bool shares_cells_ = false;
  std::vector<std::pair<int, int>> copies_;  // from, to: since the latest decode
  std::string settings_;                     // that it was made with
  Adapters adapters_;  // before the context, which uses them to its end
  std::unique_ptr<llama_context, Free> context_;
};

}  // namespace worker::engine
