#include "worker/engine/digest.hpp"

#include <gguf.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <format>
#include <memory>
#include <span>
#include <vector>

#include "worker/engine/backend.hpp"
#include "worker/engine/file.hpp"

namespace worker::engine {
namespace {

using common::ErrorKind;
using common::Result;

struct FreeGguf {
  void operator()(gguf_context* context) const { gguf_free(context); }
};
struct FreeHash {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

Result<std::uint64_t> header_size(const std::string& path) {
  forget_complaints();
  std::unique_ptr<gguf_context, FreeGguf> gguf(gguf_init_from_file(path.c_str(), gguf_init_params{.no_alloc = true, .ctx = nullptr}));
  if (gguf) return gguf_get_data_offset(gguf.get());
  std::string reason = complaints();
  return common::fail(ErrorKind::bad_model_file, path + ": " + (reason.empty() ? "not a GGUF file" : reason));
}

}  // namespace

Result<std::string> artifact_digest(const std::string& path) {
  auto file = File::open(path);
  if (!file) return common::fail(file.error());
  auto header = header_size(path);
  if (!header) return common::fail(header.error());

  std::unique_ptr<EVP_MD_CTX, FreeHash> hash(EVP_MD_CTX_new());
  if (!hash || EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) != 1)
    return common::fail(ErrorKind::internal, "SHA-256 is not available");
  std::vector<char> space(1 << 20);
  // The tensor table of a file without tensors may be shorter than its padding.
  std::uint64_t wanted = std::min(*header, file->size());
  for (std::uint64_t at = 0; at < wanted;) {
    auto read = file->read_at(at, std::span(space).first(std::min<std::uint64_t>(space.size(), wanted - at)));
    if (!read) return common::fail(read.error());
    if (*read == 0) return common::fail(ErrorKind::bad_model_file, path + ": the file became shorter while it was read");
    EVP_DigestUpdate(hash.get(), space.data(), *read);
    at += *read;
  }
  std::array<unsigned char, 8> size;
  for (std::size_t i = 0; i < size.size(); ++i) size[i] = static_cast<unsigned char>(file->size() >> (8 * i));
  EVP_DigestUpdate(hash.get(), size.data(), size.size());
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned length = 0;
  EVP_DigestFinal_ex(hash.get(), bytes.data(), &length);
  std::string text = "sha256:";
  for (unsigned i = 0; i < length; ++i) text += std::format("{:02x}", bytes[i]);
  return text;
}

}  // namespace worker::engine
