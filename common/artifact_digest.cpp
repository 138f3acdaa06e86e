#include "common/artifact_digest.hpp"

#include <errno.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <format>
#include <fstream>
#include <optional>
#include <utility>

#include "common/gguf.hpp"
#include "common/sha256.hpp"

namespace common {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kEnds = 1 << 20;
constexpr std::array<char, 4> kGgufMagic{'G', 'G', 'U', 'F'};

std::unexpected<Error> cannot_read(const fs::path& file) {
  return fail(errno == ENOENT ? ErrorKind::bad_model_file : ErrorKind::io,
              std::format("the artifact {} cannot be read: {}", file.string(), strerror(errno)));
}

Result<void> read_range(std::ifstream& in, const fs::path& file, std::uint64_t from, std::uint64_t bytes, const TakeBytes& take) {
  in.seekg(static_cast<std::streamoff>(from));
  std::array<char, 64 * 1024> space;
  while (bytes > 0) {
    const auto piece = static_cast<std::streamsize>(std::min<std::uint64_t>(bytes, space.size()));
    if (!in.read(space.data(), piece)) return cannot_read(file);
    take(std::span<const char>(space.data(), static_cast<std::size_t>(piece)));
    bytes -= static_cast<std::uint64_t>(piece);
  }
  return {};
}

Result<void> feed_file(Sha256& hash, const fs::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::error_code no_size;
  const std::uint64_t size = fs::file_size(file, no_size);
  if (!in || no_size) return cannot_read(file);
  std::array<char, kGgufMagic.size()> magic{};
  in.read(magic.data(), magic.size());
  in.clear();
  std::optional<GgufHeader> header;
  if (magic == kGgufMagic) {
    auto found = GgufHeader::read(file);
    if (!found) return fail(found.error());
    header = std::move(*found);
  }
  const ReadRange read = [&in, &file](std::uint64_t from, std::uint64_t bytes, const TakeBytes& take) {
    return read_range(in, file, from, bytes, take);
  };
  return feed_what_counts(hash, size, header ? &*header : nullptr, read);
}

Result<void> feed_folder(Sha256& hash, const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code not_a_file;
    if (it->is_regular_file(not_a_file)) files.push_back(it->path());
  }
  if (ec) return fail(ErrorKind::io, std::format("the artifact {} cannot be read: {}", folder.string(), ec.message()));
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const std::string name = file.filename().string();
    hash.feed(std::span<const char>(name.c_str(), name.size() + 1));
    if (auto fed = feed_file(hash, file); !fed) return fed;
  }
  return {};
}

}  // namespace

Result<void> feed_what_counts(Sha256& hash, std::uint64_t size, const GgufHeader* header, const ReadRange& read) {
  // The tensor table of a GGUF file without tensors may be shorter than its padding.
  const std::uint64_t head = std::min(size, header ? header->data_offset() : kEnds);
  const std::uint64_t tail = header ? 0 : std::min(size - head, kEnds);
  const TakeBytes take = [&hash](std::span<const char> bytes) { hash.feed(bytes); };
  if (auto fed = read(0, head, take); !fed) return fed;
  if (auto fed = read(size - tail, tail, take); !fed) return fed;
  hash.feed(size);
  return {};
}

Result<std::string> artifact_digest(const std::vector<fs::path>& files) {
  Sha256 hash;
  for (const fs::path& file : files) {
    std::error_code ignored;
    auto fed = fs::is_directory(file, ignored) ? feed_folder(hash, file) : feed_file(hash, file);
    if (!fed) return fail(fed.error());
  }
  return hash.finish();
}

std::string words_digest(const std::vector<std::string>& words) {
  Sha256 hash;
  for (const std::string& word : words) hash.feed(std::span<const char>(word.c_str(), word.size() + 1));
  return hash.finish();
}

}  // namespace common
