// What identifies a model's files without reading tens of gigabytes: "sha256:" over, file by file, what tells it from any other conversion,
// and its size as 8 little-endian bytes.
//
// Of a GGUF file that is everything before its tensors' data, so that a model has the same digest whatever runs it. Of any other file it is
// its first and its last mebibyte. Of a folder (safetensors and what belongs to them) it is every file in it, in order of their names, each
// after its name and a zero byte; folders in it are left out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace common {

class GgufHeader;
class Sha256;

using TakeBytes = std::function<void(std::span<const char>)>;
// So many bytes of a file from an offset on, handed over in order, in pieces of any length. An error is the reader's own.
using ReadRange = std::function<Result<void>(std::uint64_t from, std::uint64_t bytes, const TakeBytes& take)>;

// The rule for one file, whoever reads it: feeds what counts of it. `size`: of the file. `header`: of a GGUF file; null: it is another one.
Result<void> feed_what_counts(Sha256& hash, std::uint64_t size, const GgufHeader* header, const ReadRange& read);

// Blocks. `files`: all parts of a split model, or one file, or one folder. ErrorKind: bad_model_file (missing, or a GGUF file that is
// malformed) or io.
Result<std::string> artifact_digest(const std::vector<std::filesystem::path>& files);
// "sha256:" over words, each followed by a zero byte.
std::string words_digest(const std::vector<std::string>& words);

}  // namespace common
