#include "worker/engine/adapter.hpp"

#include <llama.h>

#include <format>
#include <span>

#include "common/sha256.hpp"
#include "worker/engine/backend.hpp"
#include "worker/engine/file.hpp"

namespace worker::engine {

using common::ErrorKind;
using common::Result;

void Adapters::Free::operator()(llama_adapter_lora* adapter) const { llama_adapter_lora_free(adapter); }

Result<Adapters> Adapters::load(const Model& model, const std::vector<common::AdapterFile>& files) {
  Adapters adapters;
  for (const common::AdapterFile& wanted : files) {
    auto file = File::open(wanted.path);
    if (!file) return common::fail(file.error());
    forget_complaints();
    adapters.loaded_.emplace_back(llama_adapter_lora_init(model.handle(), wanted.path.c_str()));
    if (!adapters.loaded_.back()) {
      std::string reason = complaints();
      auto kind = speaks_of_memory(reason) ? ErrorKind::insufficient_memory : ErrorKind::bad_model_file;
      return common::fail(kind, std::format("adapter {}: {}", wanted.path, reason.empty() ? "libllama gave no reason" : reason));
    }
    // Its answers would depend on where in the prompt certain words stand, which the prefix cache knows nothing about.
    if (llama_adapter_get_alora_n_invocation_tokens(adapters.loaded_.back().get()) > 0) {
      return common::fail(ErrorKind::bad_model_file, std::format("adapter {}: activated LoRA (aLoRA) is not supported", wanted.path));
    }
    adapters.scales_.push_back(static_cast<float>(wanted.scale));
    adapters.bytes_ += file->size();
  }
  return adapters;
}

std::vector<llama_adapter_lora*> Adapters::handles() const {
  std::vector<llama_adapter_lora*> list;
  for (const auto& adapter : loaded_) list.push_back(adapter.get());
  return list;
}

Result<std::string> digest_with(const std::string& digest, const std::vector<common::AdapterFile>& files) {
  if (files.empty()) return digest;
  common::Sha256 all;
  all.feed(digest);
  for (const common::AdapterFile& adapter : files) {
    auto file = File::open(adapter.path);
    if (!file) return common::fail(file.error());
    all.feed(std::format("\nadapter {} {}\n", file->size(), adapter.scale));
    auto read = file->read_through(file->size(), [&all](std::span<const char> bytes) { all.feed(bytes); });
    if (!read) return common::fail(read.error());
  }
  return all.finish();
}

}  // namespace worker::engine
