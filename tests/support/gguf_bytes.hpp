// A GGUF file put together byte by byte, so that any part of it can be wrong.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

class GgufBytes {
 public:
  static constexpr std::uint32_t kU32 = 4, kF32 = 6, kBool = 7, kText = 8, kList = 9, kU64 = 10;

  // A whole file: head, values, tensors, padding, data.
  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> size;
    std::uint32_t type = 0;
    std::uint64_t offset = 0;
  };
  GgufBytes& value(std::string_view key, std::uint32_t number) { return begin(key, kU32).u32(number); }
  GgufBytes& value(std::string_view key, std::string_view text) { return begin(key, kText).text(text); }
  GgufBytes& value(std::string_view key, const char* text) { return value(key, std::string_view(text)); }
  GgufBytes& value(std::string_view key, bool flag) {
    begin(key, kBool).values_ += static_cast<char>(flag);
    return *this;
  }
  GgufBytes& value(std::string_view key, const std::vector<std::uint32_t>& list) {
    begin(key, kList).u32(kU32).u64(list.size());
    for (std::uint32_t number : list) u32(number);
    return *this;
  }
  GgufBytes& words(std::string_view key, std::uint64_t count) {
    begin(key, kList).u32(kText).u64(count);
    for (std::uint64_t i = 0; i < count; ++i) text("word" + std::to_string(i));
    return *this;
  }
  // What a value is made of, for those that are meant to be wrong.
  GgufBytes& begin(std::string_view key, std::uint32_t kind) {
    ++count_;
    return text(key).u32(kind);
  }
  GgufBytes& u32(std::uint32_t number) { return put(number); }
  GgufBytes& u64(std::uint64_t number) { return put(number); }
  GgufBytes& text(std::string_view text) {
    u64(text.size()).values_ += text;
    return *this;
  }
  GgufBytes& tensor(Tensor tensor) {
    tensors_.push_back(std::move(tensor));
    return *this;
  }
  GgufBytes& claim_values(std::uint64_t count) { return count_ = count, *this; }
  GgufBytes& claim_tensors(std::uint64_t count) { return claimed_tensors_ = count, *this; }
  GgufBytes& version(std::uint32_t version) { return version_ = version, *this; }

  std::string file(std::size_t data_bytes, std::size_t alignment = 32) const {
    GgufBytes all;
    all.values_ = "GGUF";
    all.u32(version_).u64(claimed_tensors_ == kAsThereAre ? tensors_.size() : claimed_tensors_).u64(count_);
    all.values_ += values_;
    for (const Tensor& tensor : tensors_) {
      all.text(tensor.name).u32(static_cast<std::uint32_t>(tensor.size.size()));
      for (std::uint64_t side : tensor.size) all.u64(side);
      all.u32(tensor.type).u64(tensor.offset);
    }
    std::string bytes = std::move(all.values_);
    if (alignment > 0) bytes.resize((bytes.size() + alignment - 1) / alignment * alignment + data_bytes);
    return bytes;
  }

 private:
  static constexpr std::uint64_t kAsThereAre = UINT64_MAX - 1;

  template <class T>
  GgufBytes& put(T number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    values_.append(raw, sizeof raw);
    return *this;
  }

  std::string values_;
  std::uint64_t count_ = 0;
  std::vector<Tensor> tensors_;
  std::uint64_t claimed_tensors_ = kAsThereAre;
  std::uint32_t version_ = 3;
};

}  // namespace tests
