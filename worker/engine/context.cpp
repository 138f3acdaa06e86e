#include "worker/engine/context.hpp"

#include <llama.h>
#include <mtmd.h>

#include <algorithm>
#include <format>
#include <numeric>
#include <optional>
#include <thread>

#include "common/worker_defaults.hpp"
#include "worker/engine/backend.hpp"

namespace worker::engine {

void Context::Free::operator()(llama_context* context) const { llama_free(context); }

namespace {

// libllama's threads meet at a spinning barrier after every operation. A small model's operations are shorter than that meeting, and when
// another process holds one of the processors everybody spins until it is given back; such a model is fastest on one thread.
constexpr std::uint64_t kWeightsPerThread = std::uint64_t(32) << 20;

enum llama_pooling_type type_of(Pooling pooling) {
  switch (pooling) {
    case Pooling::none: return LLAMA_POOLING_TYPE_NONE;
    case Pooling::mean: return LLAMA_POOLING_TYPE_MEAN;
    case Pooling::cls: return LLAMA_POOLING_TYPE_CLS;
    case Pooling::last: return LLAMA_POOLING_TYPE_LAST;
    case Pooling::rank: return LLAMA_POOLING_TYPE_RANK;
  }
  return LLAMA_POOLING_TYPE_NONE;
}

std::optional<ggml_type> cache_type(const std::string& name) {
  if (name.empty()) return GGML_TYPE_F16;
  for (int type = 0; type < GGML_TYPE_COUNT; ++type) {
    if (name == ggml_type_name(static_cast<ggml_type>(type))) return static_cast<ggml_type>(type);
  }
  return std::nullopt;
}

bool has_planes(const llama_model* model) {
  const llama_rope_type type = llama_model_rope_type(model);
  return type == LLAMA_ROPE_TYPE_MROPE || type == LLAMA_ROPE_TYPE_IMROPE;
}

// One position for each place; with M-RoPE (Wang et al. 2024, arXiv:2409.12191) four, a plane after the other: time, row, column, and one
// that is not used yet.
std::vector<llama_pos> positions_of(const Picture& picture, std::size_t from, std::size_t count, int position, const llama_model* model) {
  std::vector<llama_pos> positions;
  if (!has_planes(model)) {
    positions.resize(count);
    std::iota(positions.begin(), positions.end(), position + static_cast<llama_pos>(from));
    return positions;
  }
  constexpr std::size_t kPlanes = 4;
  positions.resize(kPlanes * count);
  const mtmd_image_tokens* image = mtmd_input_chunk_get_tokens_image(picture.content->chunk());
  for (std::size_t i = 0; i < count; ++i) {
    const mtmd_decoder_pos place = mtmd_image_tokens_get_decoder_pos(image, position, from + i);
    const std::uint32_t planes[kPlanes] = {place.t, place.y, place.x, place.z};
    for (std::size_t plane = 0; plane < kPlanes; ++plane) positions[plane * count + i] = static_cast<llama_pos>(planes[plane]);
  }
  return positions;
}

// What decides about the bytes of a state, or about the numbers in them. Not the threads.
std::string text_of(const llama_context_params& params) {
  std::string text = std::format("ctx {} sequences {} batch {} {} unified {} keys {} values {} window {} flash {} offload {} {} ",
                                 params.n_ctx, params.n_seq_max, params.n_batch, params.n_ubatch, params.kv_unified,
                                 static_cast<int>(params.type_k), static_cast<int>(params.type_v), params.swa_full,
                                 static_cast<int>(params.flash_attn_type), params.offload_kqv, params.op_offload);
  return text + std::format("attention {} pooling {} rope {} {} {} yarn {} {} {} {} {}", static_cast<int>(params.attention_type),
                            static_cast<int>(params.pooling_type), static_cast<int>(params.rope_scaling_type), params.rope_freq_base,
                            params.rope_freq_scale, params.yarn_ext_factor, params.yarn_attn_factor, params.yarn_beta_fast,
                            params.yarn_beta_slow, params.yarn_orig_ctx);
}

int threads_for(const Model& model) {
  const std::uint64_t worthwhile = model.weights_bytes() / kWeightsPerThread + 1;
  return static_cast<int>(std::min<std::uint64_t>(worthwhile, std::max(1u, std::thread::hardware_concurrency())));
}

}  // namespace

common::Result<Context> Context::create(const Model& model, const ContextConfig& config, Adapters adapters) {
  const std::uint64_t caches = config.shared_cells ? 1 : config.slots;
  if (config.context_tokens > common::kMostCells / caches) {
    return common::fail(
        common::ErrorKind::insufficient_memory,
        std::format("a context of {} x {} tokens is more than the {} that can be had", caches, config.context_tokens, common::kMostCells));
  }
  const auto type_k = cache_type(config.cache_type_k), type_v = cache_type(config.cache_type_v);
  if (!type_k || !type_v) {
    return common::fail(common::ErrorKind::bad_request,
                        std::format("this libllama knows no cache type \"{}\"", type_k ? config.cache_type_v : config.cache_type_k));
  }
  int threads = config.threads > 0 ? config.threads : threads_for(model);
  llama_context_params params = llama_context_default_params();
  params.n_ctx = static_cast<std::uint32_t>(config.context_tokens * caches);
  params.n_seq_max = static_cast<std::uint32_t>(config.slots);
  params.n_batch = static_cast<std::uint32_t>(config.batch_tokens);
  params.n_ubatch = params.n_batch;
  params.n_outputs_max =
      std::max(params.n_seq_max, static_cast<std::uint32_t>(common::kLeastOutputs));  // one sampled token per slot and turn
  params.n_threads = threads;
  params.n_threads_batch = threads;
  params.kv_unified = config.shared_cells;  // otherwise each slot attends to cells of its own, and an equal beginning is copied
  params.type_k = *type_k;
  params.type_v = *type_v;
  params.swa_full = true;  // layers with a sliding window keep all cells too, so that a sequence can be cut back
  params.no_perf = true;
  if (config.pooling != Pooling::none) {
    params.embeddings = true;
    params.pooling_type = type_of(config.pooling);
    params.n_outputs_max = params.n_batch;  // every token counts
  }
  Context context;
  context.outputs_ = static_cast<int>(params.n_outputs_max);
  context.shares_cells_ = config.shared_cells;
  context.settings_ = text_of(params);
  forget_complaints();
  context.context_.reset(llama_init_from_model(model.handle(), params));
  if (context.context_) {
    context.adapters_ = std::move(adapters);
    if (context.use_adapters()) return context;
    return common::fail(common::ErrorKind::internal, "libllama refuses to use the adapters with this model: " + complaints());
  }
  std::string reason = complaints();
  auto kind = speaks_of_memory(reason) ? common::ErrorKind::insufficient_memory : common::ErrorKind::internal;
  if (reason.empty()) reason = "libllama gave no reason";
  return common::fail(kind, std::format("making a context of {} x {} tokens: {}", caches, config.context_tokens, reason));
}

bool Context::use_adapters() {
  if (adapters_.empty()) return true;
  std::vector<llama_adapter_lora*> handles = adapters_.handles();
  std::vector<float> scales = adapters_.scales();
  return llama_set_adapters_lora(context_.get(), handles.data(), handles.size(), scales.data()) == 0;
}

Decoded Context::decode(const Batch& batch, const std::function<bool()>& abort) { return decode(batch.handle(), abort); }

Decoded Context::decode(const Picture& picture, std::size_t from, std::size_t count, int sequence, int position,
                        const std::function<bool()>& abort) {
  const llama_model* model = llama_get_model(context_.get());
  const std::size_t width = static_cast<std::size_t>(llama_model_n_embd_inp(model));
  std::vector<float> rows(picture.content->embeddings().begin() + static_cast<std::ptrdiff_t>(from * width),
                          picture.content->embeddings().begin() + static_cast<std::ptrdiff_t>((from + count) * width));
  std::vector<llama_pos> positions = positions_of(picture, from, count, position, model);
  std::vector<std::int32_t> in_sequences(count, 1);
  std::vector<llama_seq_id*> sequences(count, &sequence);
  std::vector<std::int8_t> wants_logits(count, 0);
  const llama_batch batch{.n_tokens = static_cast<std::int32_t>(count),
                          .token = nullptr,
                          .embd = rows.data(),
                          .pos = positions.data(),
                          .n_seq_id = in_sequences.data(),
                          .seq_id = sequences.data(),
                          .logits = wants_logits.data()};
  if (picture.whole) llama_set_causal_attn(context_.get(), false);
  Decoded outcome = decode(batch, abort);
  if (picture.whole) llama_set_causal_attn(context_.get(), true);
  return outcome;
}

Decoded Context::decode(const llama_batch& batch, const std::function<bool()>& abort) {
  auto ask = [](void* data) {
    const bool ends = (*static_cast<const std::function<bool()>*>(data))();
    if (ends) expect_complaints(true);
    return ends;
  };
  // libllama asks after every operation, and looking for the answer in memory that the weights have pushed out of the caches is not free.
  llama_set_abort_callback(context_.get(), abort ? +ask : nullptr, const_cast<std::function<bool()>*>(&abort));
  expect_complaints(shares_cells_);  // that there is no room is nothing to warn of
  std::int32_t status = llama_decode(context_.get(), batch);
  llama_synchronize(context_.get());
  llama_set_abort_callback(context_.get(), nullptr, nullptr);
  expect_complaints(false);
  if (status >= 0) copies_.clear();  // it makes them before anything else
  switch (status) {
    case 0: return Decoded::ok;
    case 1: return Decoded::no_room;
    case 2: return Decoded::aborted;
    default: return Decoded::failed;
  }
}

std::vector<float> Context::embedding(int sequence) const {
  const float* values = llama_get_embeddings_seq(context_.get(), sequence);
  if (!values) return {};
  const llama_model* model = llama_get_model(context_.get());
  auto count = llama_pooling_type(context_.get()) == LLAMA_POOLING_TYPE_RANK ? 1 : llama_model_n_embd_out(model);
  return {values, values + count};
}

void Context::forget(int sequence) { llama_memory_seq_rm(llama_get_memory(context_.get()), sequence, -1, -1); }

Context::Cutting Context::cutting() const {
  const llama_model* model = llama_get_model(context_.get());
  return llama_model_is_recurrent(model) || llama_model_is_hybrid(model) ? Cutting::nowhere : Cutting::anywhere;
}

bool Context::trim(int sequence, int position) {
  llama_memory_t memory = llama_get_memory(context_.get());
  if (llama_memory_seq_pos_max(memory, sequence) + 1 == position) return true;
  // Layers with a sliding window may have let go of the beginning; what is left must reach back to it, as swa_full makes it do.
  if (position > 0 && llama_memory_seq_pos_min(memory, sequence) <= 0 && llama_memory_seq_rm(memory, sequence, position, -1)) return true;
  forget(sequence);
  return position == 0;
}

void Context::copy(int from, int to) {
  forget(to);
  llama_memory_seq_cp(llama_get_memory(context_.get()), from, to, -1, -1);
  if (!shares_cells_) copies_.emplace_back(from, to);
}

bool Context::is_settled(int sequence) const {
  return std::ranges::none_of(copies_, [&](const auto& copy) { return copy.first == sequence || copy.second == sequence; });
}

std::size_t Context::state_bytes(int sequence) const { return llama_state_seq_get_size(context_.get(), sequence); }

std::vector<std::uint8_t> Context::save(int sequence) const {
  if (std::ranges::contains(copies_, sequence, &std::pair<int, int>::second)) return {};
  std::vector<std::uint8_t> state(state_bytes(sequence));
  state.resize(llama_state_seq_get_data(context_.get(), state.data(), state.size(), sequence));
  return state;
}

bool Context::restore(int sequence, std::span<const std::uint8_t> state) {
  const bool settled = is_settled(sequence);
  forget(sequence);
  if (!settled) return false;
  expect_complaints(shares_cells_);
  // Of no bytes it would say that it took all of them.
  const bool whole = !state.empty() && llama_state_seq_set_data(context_.get(), state.data(), state.size(), sequence) == state.size();
  expect_complaints(false);
  if (!whole) forget(sequence);
  return whole;
}

std::string Context::state_settings() const {
  return std::format("{}; {} cells for each of {}; {}", settings_, llama_n_ctx_seq(context_.get()), llama_n_seq_max(context_.get()),
                     engine_build());
}

void Context::forget_all() { llama_memory_clear(llama_get_memory(context_.get()), false); }
std::uint64_t Context::context_tokens() const { return llama_n_ctx_seq(context_.get()); }
std::uint64_t Context::slots() const { return llama_n_seq_max(context_.get()); }
int Context::batch_tokens() const { return static_cast<int>(llama_n_batch(context_.get())); }

}  // namespace worker::engine
