#include "worker/engine/artifact.hpp"

#include <gguf.h>
#include <llama.h>

#include <algorithm>
#include <array>
#include <climits>
#include <format>
#include <memory>
#include <span>

#include "worker/engine/backend.hpp"
#include "worker/engine/file.hpp"
#include "worker/engine/sha256.hpp"

namespace worker::engine {
namespace {

using common::ErrorKind;
using common::Result;

constexpr std::uint64_t kLargestHeader = 64 << 20;  // of what is looked at again: vocabularies take a few MiB

class Header {
 public:
  static Result<Header> open(const std::string& path) {
    // Before gguf does: it tells a missing file from a bad one only in words.
    auto file = File::open(path);
    if (!file) return common::fail(file.error());
    forget_complaints();
    Header header(gguf_init_from_file(path.c_str(), gguf_init_params{.no_alloc = true, .ctx = nullptr}));
    if (header.gguf_) return header;
    std::string reason = complaints();
    // Nor does it say that the disk failed. A file that cannot be read is not a bad one: it may be good again tomorrow.
    auto readable = file->read_through(std::clamp<std::uint64_t>(file->size(), 1, kLargestHeader), [](std::span<const char>) {});
    if (!readable && readable.error().kind() == ErrorKind::io) return common::fail(readable.error());
    return common::fail(ErrorKind::bad_model_file, path + ": " + (reason.empty() ? "not a GGUF file" : reason));
  }
  Header() = default;  // holds nothing; results need it

  std::uint64_t size() const { return gguf_get_data_offset(gguf_.get()); }

  std::string text(const char* key) const {
    std::int64_t id = gguf_find_key(gguf_.get(), key);
    return id >= 0 && gguf_get_kv_type(gguf_.get(), id) == GGUF_TYPE_STRING ? gguf_get_val_str(gguf_.get(), id) : "";
  }

  std::uint64_t count(const std::string& key) const {
    std::int64_t id = gguf_find_key(gguf_.get(), key.c_str());
    if (id < 0) return 0;
    switch (gguf_get_kv_type(gguf_.get(), id)) {
      case GGUF_TYPE_UINT16: return gguf_get_val_u16(gguf_.get(), id);
      case GGUF_TYPE_UINT32: return gguf_get_val_u32(gguf_.get(), id);
      default: return 0;
    }
  }

  // Weights in all tensors, and in those that hold every expert of a layer side by side ("blk.3.ffn_up_exps.weight").
  struct Weights {
    std::uint64_t all = 0, experts = 0;
  };
  Weights weights() const {
    Weights sum;
    for (std::int64_t i = 0; i < gguf_get_n_tensors(gguf_.get()); ++i) {
      const std::int64_t* sides = gguf_get_tensor_ne(gguf_.get(), i);
      std::uint64_t elements = 1;
      for (int side = 0; side < GGML_MAX_DIMS; ++side) elements *= static_cast<std::uint64_t>(sides[side]);
      sum.all += elements;
      if (std::string_view(gguf_get_tensor_name(gguf_.get(), i)).contains("_exps.")) sum.experts += elements;
    }
    return sum;
  }

 private:
  struct Free {
    void operator()(gguf_context* context) const { gguf_free(context); }
  };
  explicit Header(gguf_context* context) : gguf_(context) {}

  std::unique_ptr<gguf_context, Free> gguf_;
};

Result<void> feed_header(Sha256& hash, const std::string& path, std::uint64_t length) {
  auto file = File::open(path);
  if (!file) return common::fail(file.error());
  // The tensor table of a file without tensors may be shorter than its padding.
  auto read = file->read_through(std::min(length, file->size()), [&hash](std::span<const char> bytes) { hash.feed(bytes); });
  if (!read) return common::fail(read.error());
  hash.feed(file->size());
  return {};
}

// The names that libllama will look for, which all derive from the first file's.
Result<std::vector<std::string>> files_of(const std::string& path, const Header& first) {
  const auto parts = static_cast<int>(first.count("split.count"));
  if (parts <= 1) return std::vector{path};
  std::array<char, PATH_MAX> space;
  if (llama_split_prefix(space.data(), space.size(), path.c_str(), 0, parts) == 0) {
    return common::fail(ErrorKind::bad_model_file,
                        std::format("{} says that it is one of {} files, but is not named like the first of them (-00001-of-{:05}.gguf)",
                                    path, parts, parts));
  }
  const std::string prefix = space.data();
  std::vector<std::string> files;
  for (int part = 0; part < parts; ++part) {
    llama_split_path(space.data(), space.size(), prefix.c_str(), part, parts);
    files.emplace_back(space.data());
  }
  return files;
}

}  // namespace

Result<Artifact> inspect(const std::string& path) {
  auto first = Header::open(path);
  if (!first) return common::fail(first.error());
  auto files = files_of(path, *first);
  if (!files) return common::fail(files.error());

  Sha256 hash;
  Header::Weights sum;
  auto add = [&](const std::string& file, const Header& header) {
    auto weights = header.weights();
    sum.all += weights.all;
    sum.experts += weights.experts;
    return feed_header(hash, file, header.size());
  };
  // Reading a header is most of the work: it holds the vocabulary.
  if (auto added = add(path, *first); !added) return common::fail(added.error());
  for (std::size_t part = 1; part < files->size(); ++part) {
    auto header = Header::open((*files)[part]);
    if (!header) return common::fail(header.error());
    if (auto added = add((*files)[part], *header); !added) return common::fail(added.error());
  }
  const std::string architecture = first->text("general.architecture");
  const std::uint64_t experts = first->count(architecture + ".expert_count");
  const std::uint64_t used = first->count(architecture + ".expert_used_count");
  const std::uint64_t idle = experts == 0 || used > experts ? 0 : sum.experts / experts * (experts - used);
  return Artifact{.files = std::move(*files), .digest = hash.finish(), .parameters = sum.all, .active_parameters = sum.all - idle};
}

}  // namespace worker::engine
