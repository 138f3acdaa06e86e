#include "worker/engine/model.hpp"

#include <llama.h>

#include <array>
#include <charconv>
#include <optional>

#include "worker/engine/backend.hpp"

namespace worker::engine {

void Model::Free::operator()(llama_model* model) const { llama_model_free(model); }

Model::Model(llama_model* model) : model_(model), vocabulary_(llama_model_get_vocab(model)) {}

common::Result<Model> Model::load(const std::string& path, const Progress& progress, ReadMode mode) {
  return load(path, progress, Part::everything, mode);
}

common::Result<Model> Model::load_vocabulary(const std::string& path) {
  return load(path, [](double) { return true; }, Part::vocabulary);
}

common::Result<Model> Model::simulate(const std::string& path) {
  return load(path, [](double) { return true; }, Part::sizes);
}

common::Result<Model> Model::load(const std::string& path, const Progress& progress, Part part, ReadMode mode) {
  struct Watch {
    const Progress& progress;
    bool given_up = false;
  } watch{progress};
  llama_model_params params = llama_model_default_params();
  params.vocab_only = part == Part::vocabulary;
  params.no_alloc = part == Part::sizes;
  if (params.no_alloc) params.load_mode = LLAMA_LOAD_MODE_NONE;  // it has nothing to map the file for
  if (mode == ReadMode::buffered) params.load_mode = LLAMA_LOAD_MODE_NONE;
  if (mode == ReadMode::direct) params.load_mode = LLAMA_LOAD_MODE_DIRECT_IO;
  params.progress_callback_user_data = &watch;
  params.progress_callback = [](float fraction, void* data) {
    auto& seen = *static_cast<Watch*>(data);
    if (!seen.progress(fraction)) seen.given_up = true;
    return !seen.given_up;
  };
  forget_complaints();
  if (llama_model* model = llama_model_load_from_file(path.c_str(), params)) {
    Model loaded(model);
    loaded.mapped_ = mode == ReadMode::usual && llama_supports_mmap();
    if (watch.given_up) return common::fail(common::ErrorKind::cancelled, "the load was cancelled");
    return loaded;
  }
  if (watch.given_up) return common::fail(common::ErrorKind::cancelled, "the load was cancelled");
  std::string reason = complaints();
  if (reason.empty()) reason = "libllama gave no reason";
  auto kind = speaks_of_memory(reason) ? common::ErrorKind::insufficient_memory : common::ErrorKind::bad_model_file;
  return common::fail(kind, path + ": " + reason);
}

std::string Model::quantization() const { return llama_ftype_name(llama_model_ftype(model_.get())); }
std::uint64_t Model::weights_bytes() const { return llama_model_size(model_.get()); }
std::uint64_t Model::trained_context() const { return static_cast<std::uint64_t>(std::max(llama_model_n_ctx_train(model_.get()), 0)); }
bool Model::generates() const { return llama_model_has_decoder(model_.get()) && !llama_model_has_encoder(model_.get()); }

Pooling Model::pooling() const {
  std::string said = metadata((architecture() + ".pooling_type").c_str());
  if (said == "1") return Pooling::mean;
  if (said == "2") return Pooling::cls;
  if (said == "3") return Pooling::last;
  if (said == "4") return Pooling::rank;
  return generates() ? Pooling::none : Pooling::mean;
}

std::uint64_t Model::embedding_width() const { return static_cast<std::uint64_t>(std::max(llama_model_n_embd_out(model_.get()), 0)); }

std::string Model::chat_template() const {
  const char* text = llama_model_chat_template(model_.get(), nullptr);
  return text ? text : "";
}

std::string Model::rerank_template() const {
  const char* text = llama_model_chat_template(model_.get(), "rerank");
  return text ? text : "";
}

SamplingParams Model::sampling_defaults() const {
  SamplingParams params;
  auto number = [this](llama_model_meta_key key) -> std::optional<double> {
    const char* name = llama_model_meta_key_str(key);
    std::string text = name ? metadata(name) : "";
    double value = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  };
  if (auto v = number(LLAMA_MODEL_META_KEY_SAMPLING_TEMP); v && *v >= 0 && *v <= 2) params.temperature = static_cast<float>(*v);
  if (auto v = number(LLAMA_MODEL_META_KEY_SAMPLING_TOP_P); v && *v >= 0 && *v <= 1) params.top_p = static_cast<float>(*v);
  if (auto v = number(LLAMA_MODEL_META_KEY_SAMPLING_MIN_P); v && *v >= 0 && *v <= 1) params.min_p = static_cast<float>(*v);
  if (auto v = number(LLAMA_MODEL_META_KEY_SAMPLING_TOP_K); v && *v >= 0 && *v <= 1e6) params.top_k = static_cast<int>(*v);
  return params;
}

std::string Model::metadata(const char* key) const {
  std::array<char, 512> buffer;
  std::int32_t length = llama_model_meta_val_str(model_.get(), key, buffer.data(), buffer.size());
  if (length < 0) return "";
  return std::string(buffer.data(), std::min(static_cast<std::size_t>(length), buffer.size() - 1));
}

bool speaks_of_memory(const std::string& complaint) {
  for (const char* word : {"alloc", "out of memory", "not enough memory", "Cannot allocate"}) {
    if (complaint.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace worker::engine
