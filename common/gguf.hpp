// The header of a GGUF file (the metadata and the table of tensors), read without libllama and without believing a single length in it.
//
// Every count, length, size and offset is held against the file's size before anything is allocated or read for it, so a file that is
// truncated, damaged or made to harm ends in an Error that says what is wrong at which byte. The file is read, never mapped: one that
// becomes shorter meanwhile would end the process. Long values (vocabularies) are passed over and only their lengths are kept; a chat
// template is kept, because it tells more than its length.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/result.hpp"

namespace common {

// What numbers are stored as: ggml's types, which come in blocks.
struct GgmlType {
  std::uint32_t id = 0;
  std::string_view name;  // as ggml writes it: "q8_0"
  std::uint64_t values_per_block = 1;
  std::uint64_t bytes_per_block = 0;

  std::uint64_t bytes(std::uint64_t values) const { return values / values_per_block * bytes_per_block; }
};
// Null for one that is not known here.
const GgmlType* ggml_type_of(std::uint32_t id);
const GgmlType* ggml_type_named(std::string_view name);

struct GgufTensor {
  std::string name;
  std::array<std::uint64_t, 4> size{1, 1, 1, 1};  // the first is the length of a row
  std::uint32_t type = 0;
  std::uint64_t offset = 0;  // from where the data begins
  std::uint64_t bytes = 0;   // of a type that is not known here: up to where the next one begins

  std::uint64_t values() const { return size[0] * size[1] * size[2] * size[3]; }  // does not overflow in a tensor that was read
};

// How many weights there are, and how many of them belong to experts, which stand side by side in one tensor ("blk.3.ffn_up_exps.weight").
struct GgufParameters {
  std::uint64_t all = 0, of_experts = 0;

  // Those that work on one token, where `used` of `experts` experts do.
  std::uint64_t active(std::uint64_t experts, std::uint64_t used) const {
    return experts == 0 || used > experts ? all : all - of_experts / experts * (experts - used);
  }
};

class GgufHeader {
 public:
  // Blocks. ErrorKind: bad_model_file (missing, not a regular file, malformed) or io (a failing disk, permission denied).
  static Result<GgufHeader> read(const std::filesystem::path& file);
  // The same of bytes in memory, for which `name` stands in errors.
  static Result<GgufHeader> parse(std::span<const char> bytes, const std::string& name);

  bool has(const std::string& key) const { return values_.contains(key); }
  // Nothing: absent, or of another kind. A negative number is no count.
  std::optional<std::uint64_t> count(const std::string& key) const;
  std::optional<bool> flag(const std::string& key) const;
  std::string text(const std::string& key) const;  // empty when absent or longer than what is kept of it
  // One number for each layer, or of a scalar a list of one; empty when absent or longer than kLongestList.
  std::vector<std::uint64_t> counts(const std::string& key) const;
  std::uint64_t length(const std::string& key) const;  // of a string in bytes, of a list in elements; else 0

  const std::vector<GgufTensor>& tensors() const { return tensors_; }
  GgufParameters parameters() const;
  std::uint64_t file_bytes() const { return file_bytes_; }
  // Where the first tensor's data begins. In a file without tensors this may be behind its end.
  std::uint64_t data_offset() const { return data_offset_; }

  static constexpr std::uint64_t kLongestText = 1024;
  static constexpr const char* kTemplate = "tokenizer.chat_template";
  static constexpr std::uint64_t kLongestTemplate = 1 << 20;  // those of models have up to 30 KiB
  static constexpr std::uint64_t kLongestList = 4096;

 private:
  friend class GgufParser;
  struct PassedOver {
    std::uint64_t length = 0;
  };
  using Value = std::variant<std::uint64_t, std::int64_t, double, bool, std::string, std::vector<std::uint64_t>, PassedOver>;

  std::map<std::string, Value> values_;
  std::vector<GgufTensor> tensors_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t data_offset_ = 0;
};

}  // namespace common
