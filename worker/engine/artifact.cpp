#include "worker/engine/artifact.hpp"

#include <llama.h>

#include <algorithm>
#include <array>
#include <climits>
#include <format>

#include "common/artifact_digest.hpp"
#include "common/gguf.hpp"
#include "common/sha256.hpp"
#include "worker/engine/file.hpp"

namespace worker::engine {
namespace {

using common::ErrorKind;
using common::GgufHeader;
using common::Result;

constexpr std::uint64_t kMostParts = 99'999;  // as many as the names have digits for

Result<void> feed_file(common::Sha256& hash, const std::string& path, const GgufHeader& header) {
  auto file = File::open(path);
  if (!file) return common::fail(file.error());
  return common::feed_what_counts(
      hash, file->size(), &header,
      [&file](std::uint64_t from, std::uint64_t bytes, const common::TakeBytes& take) { return file->read_range(from, bytes, take); });
}

// The names that libllama will look for, which all derive from the first file's.
Result<std::vector<std::string>> files_of(const std::string& path, const GgufHeader& first) {
  const auto parts = static_cast<int>(std::min(first.count("split.count").value_or(0), kMostParts));
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
  auto first = GgufHeader::read(path);
  if (!first) return common::fail(first.error());
  auto files = files_of(path, *first);
  if (!files) return common::fail(files.error());

  // Reading a header is most of the work: it holds the vocabulary.
  std::vector<GgufHeader> headers;
  headers.push_back(std::move(*first));
  for (std::size_t part = 1; part < files->size(); ++part) {
    auto header = GgufHeader::read((*files)[part]);
    if (!header) return common::fail(header.error());
    headers.push_back(std::move(*header));
  }
  common::GgufParameters sum;
  for (const GgufHeader& header : headers) {
    const common::GgufParameters of_file = header.parameters();
    sum.all += of_file.all;
    sum.of_experts += of_file.of_experts;
  }
  const std::string architecture = headers.front().text("general.architecture");
  const std::uint64_t experts = headers.front().count(architecture + ".expert_count").value_or(0);
  const std::uint64_t used = headers.front().count(architecture + ".expert_used_count").value_or(0);
  return Artifact{
      .files = std::move(*files), .headers = std::move(headers), .parameters = sum.all, .active_parameters = sum.active(experts, used)};
}

Result<std::string> digest_of(const Artifact& artifact) {
  common::Sha256 hash;
  for (std::size_t part = 0; part < artifact.files.size(); ++part) {
    auto fed = feed_file(hash, artifact.files[part], artifact.headers[part]);
    if (!fed) return common::fail(fed.error());
  }
  return hash.finish();
}

}  // namespace worker::engine
