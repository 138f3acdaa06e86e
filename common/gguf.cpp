#include "common/gguf.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <format>
#include <functional>
#include <set>
#include <system_error>

#include "common/child_process.hpp"

namespace common {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are taken as they stand in the file");

constexpr std::uint64_t kWindow = 64 << 10;        // read at a time
constexpr std::uint64_t kMostRead = 512ull << 20;  // of one header; that of a model with 260,000 words is about 10 MiB
constexpr std::uint64_t kMostValues = 1 << 16;     // of metadata; models have about 50
constexpr std::uint64_t kMostTensors = 1 << 17;    // the largest models have a few thousand
constexpr std::uint64_t kLongestName = 1024;       // of a key or a tensor; libllama takes 63 bytes
constexpr std::uint64_t kLargestAlignment = 1 << 20;
constexpr std::uint64_t kDefaultAlignment = 32;
constexpr std::uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr std::uint32_t kOldest = 2, kNewest = 3;

constexpr GgmlType kTypes[] = {
    {0, "f32", 1, 4},        {1, "f16", 1, 2},         {2, "q4_0", 32, 18},    {3, "q4_1", 32, 20},    {6, "q5_0", 32, 22},
    {7, "q5_1", 32, 24},     {8, "q8_0", 32, 34},      {9, "q8_1", 32, 36},    {10, "q2_K", 256, 84},  {11, "q3_K", 256, 110},
    {12, "q4_K", 256, 144},  {13, "q5_K", 256, 176},   {14, "q6_K", 256, 210}, {15, "q8_K", 256, 292}, {16, "iq2_xxs", 256, 66},
    {17, "iq2_xs", 256, 74}, {18, "iq3_xxs", 256, 98}, {19, "iq1_s", 256, 50}, {20, "iq4_nl", 32, 18}, {21, "iq3_s", 256, 110},
    {22, "iq2_s", 256, 82},  {23, "iq4_xs", 256, 136}, {24, "i8", 1, 1},       {25, "i16", 1, 2},      {26, "i32", 1, 4},
    {27, "i64", 1, 8},       {28, "f64", 1, 8},        {29, "iq1_m", 256, 56}, {30, "bf16", 1, 2},     {34, "tq1_0", 256, 54},
    {35, "tq2_0", 256, 66},  {39, "mxfp4", 32, 17},    {40, "nvfp4", 64, 36},  {41, "q1_0", 128, 18},  {42, "q2_0", 64, 18},
};

// What a value of metadata is, as numbered by the format.
enum class Kind : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, list, u64, i64, f64 };
constexpr std::uint64_t kWidths[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

// Up to so many bytes from a place in the file; fewer only at its end.
using ReadAt = std::function<Result<std::size_t>(std::uint64_t offset, std::span<char> space)>;

}  // namespace

const GgmlType* ggml_type_of(std::uint32_t id) {
  auto type = std::ranges::find(kTypes, id, &GgmlType::id);
  return type == std::end(kTypes) ? nullptr : type;
}

const GgmlType* ggml_type_named(std::string_view name) {
  auto type = std::ranges::find(kTypes, name, &GgmlType::name);
  return type == std::end(kTypes) ? nullptr : type;
}

// Goes through the header once, from its beginning to its end. What goes wrong is thrown here and caught in run(), nowhere else: each of
// dozens of reads may be the last one.
class GgufParser {
 public:
  GgufParser(std::string name, std::uint64_t size, ReadAt read) : name_(std::move(name)), read_(std::move(read)), window_(kWindow) {
    header_.file_bytes_ = size;
  }

  Result<GgufHeader> run() {
    try {
      read_header();
      return std::move(header_);
    } catch (Error& error) {
      return fail(std::move(error));
    }
  }

 private:
  void read_header() {
    if (size() < 4 || number<std::uint32_t>() != kMagic) refuse(0, "not a GGUF file (it does not begin with \"GGUF\")");
    const auto version = number<std::uint32_t>();
    if (std::byteswap(version) == kOldest || std::byteswap(version) == kNewest) refuse(4, "its numbers are big-endian");
    if (version < kOldest || version > kNewest)
      refuse(4, std::format("its version is {}; {} and {} can be read", version, kOldest, kNewest));
    const std::uint64_t tensors = limited("tensors", kMostTensors, sizeof(std::uint64_t) + 2 * sizeof(std::uint32_t) + 8);
    const std::uint64_t values = limited("values of metadata", kMostValues, sizeof(std::uint64_t) + sizeof(std::uint32_t) + 1);
    for (std::uint64_t i = 0; i < values; ++i) read_value();
    read_alignment();
    header_.tensors_.reserve(tensors);
    for (std::uint64_t i = 0; i < tensors; ++i) read_tensor();
    header_.data_offset_ = (at_ + alignment_ - 1) / alignment_ * alignment_;
    settle_tensors();
  }

  std::uint64_t size() const { return header_.file_bytes_; }

  // A number of things that each take at least `least` bytes of what is left of the file.
  std::uint64_t limited(std::string_view what, std::uint64_t most, std::uint64_t least) {
    const std::uint64_t at = at_, count = number<std::uint64_t>();
    if (count > (size() - at_) / least) refuse(at, std::format("{} {} are said to follow, and the file has no room for them", count, what));
    if (count > most) refuse(at, std::format("{} {} are more than the {} that are read", count, what, most));
    return count;
  }

  // --- metadata ---

  void read_value() {
    const std::uint64_t at = at_;
    std::string key = text("the name of a value", kLongestName);
    GgufHeader::Value value = value_of(kind(key), key);
    if (!header_.values_.try_emplace(key, std::move(value)).second) refuse(at, std::format("\"{}\" is there twice", key));
  }

  Kind kind(const std::string& key) {
    const std::uint64_t at = at_;
    const auto number_of_it = number<std::uint32_t>();
    if (number_of_it > static_cast<std::uint32_t>(Kind::f64))
      refuse(at, std::format("\"{}\" is of the unknown kind {}", key, number_of_it));
    return static_cast<Kind>(number_of_it);
  }

  GgufHeader::Value value_of(Kind kind_of_it, const std::string& key) {
    switch (kind_of_it) {
      case Kind::u8: return std::uint64_t(number<std::uint8_t>());
      case Kind::u16: return std::uint64_t(number<std::uint16_t>());
      case Kind::u32: return std::uint64_t(number<std::uint32_t>());
      case Kind::u64: return number<std::uint64_t>();
      case Kind::i8: return std::int64_t(number<std::int8_t>());
      case Kind::i16: return std::int64_t(number<std::int16_t>());
      case Kind::i32: return std::int64_t(number<std::int32_t>());
      case Kind::i64: return number<std::int64_t>();
      case Kind::f32: return double(number<float>());
      case Kind::f64: return number<double>();
      case Kind::boolean: return number<std::uint8_t>() != 0;
      case Kind::text: return text_or_length(key);
      case Kind::list: return list(key);
    }
    return GgufHeader::PassedOver{};  // every kind is above
  }

  GgufHeader::Value text_or_length(const std::string& key) {
    const std::uint64_t length = text_length("\"" + key + "\"");
    if (length <= (key == GgufHeader::kTemplate ? GgufHeader::kLongestTemplate : GgufHeader::kLongestText)) return bytes(length);
    skip(length);
    return GgufHeader::PassedOver{length};
  }

  GgufHeader::Value list(const std::string& key) {
    const std::uint64_t at = at_;
    const Kind of = kind(key);
    if (of == Kind::list) refuse(at, std::format("\"{}\" is a list of lists", key));
    const std::uint64_t width = of == Kind::text ? sizeof(std::uint64_t) : kWidths[static_cast<std::size_t>(of)];
    const std::uint64_t count = limited(std::format("elements of \"{}\"", key), size(), width);
    if (of == Kind::text) {
      const std::string what = std::format("an element of \"{}\"", key);  // a vocabulary has hundreds of thousands
      for (std::uint64_t i = 0; i < count; ++i) skip(text_length(what));
      return GgufHeader::PassedOver{count};
    }
    const bool whole = of != Kind::f32 && of != Kind::f64;
    if (!whole || count > GgufHeader::kLongestList) {
      skip(count * width);
      return GgufHeader::PassedOver{count};
    }
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t i = 0; i < count; ++i) numbers.push_back(as_count(value_of(of, key)));
    return numbers;
  }

  // A list is of counts and flags; what is negative in it counts as none.
  static std::uint64_t as_count(const GgufHeader::Value& value) {
    if (auto* unsigned_number = std::get_if<std::uint64_t>(&value)) return *unsigned_number;
    if (auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
    auto* signed_number = std::get_if<std::int64_t>(&value);
    return signed_number && *signed_number > 0 ? static_cast<std::uint64_t>(*signed_number) : 0;
  }

  void read_alignment() {
    if (!header_.has("general.alignment")) return;
    const auto given = header_.count("general.alignment");
    if (!given || !std::has_single_bit(*given) || *given > kLargestAlignment)
      refuse(at_, std::format("general.alignment is {}, not a power of two up to {}", given ? std::to_string(*given) : "no whole number",
                              kLargestAlignment));
    alignment_ = *given;
  }

  // --- tensors ---

  void read_tensor() {
    const std::uint64_t at = at_;
    GgufTensor tensor{.name = text("the name of a tensor", kLongestName)};
    if (!names_.insert(tensor.name).second) refuse(at, std::format("the tensor {} is there twice", tensor.name));
    const auto sides = number<std::uint32_t>();
    if (sides < 1 || sides > tensor.size.size()) refuse(at, std::format("the tensor {} has {} dimensions", tensor.name, sides));
    std::uint64_t values = 1;
    for (std::uint32_t side = 0; side < sides; ++side) {
      tensor.size[side] = number<std::uint64_t>();
      if (__builtin_mul_overflow(values, tensor.size[side], &values) || values > INT64_MAX)
        refuse(at, std::format("the dimensions of the tensor {} are too large", tensor.name));
    }
    tensor.type = number<std::uint32_t>();
    tensor.offset = number<std::uint64_t>();
    if (tensor.offset % alignment_ != 0)
      refuse(at, std::format("the tensor {} begins at {}, not at a multiple of {}", tensor.name, tensor.offset, alignment_));
    if (const GgmlType* type = ggml_type_of(tensor.type)) {
      if (tensor.size[0] % type->values_per_block != 0)
        refuse(at, std::format("the tensor {} has rows of {} values, which are no whole blocks of {}", tensor.name, tensor.size[0],
                               type->name));
      if (__builtin_mul_overflow(values / type->values_per_block, type->bytes_per_block, &tensor.bytes))
        refuse(at, std::format("the dimensions of the tensor {} are too large", tensor.name));
    }
    header_.tensors_.push_back(std::move(tensor));
  }

  // Once it is known where the data begins.
  void settle_tensors() {
    const std::uint64_t room = size() - std::min(size(), header_.data_offset_);
    std::vector<GgufTensor*> by_offset;
    for (GgufTensor& tensor : header_.tensors_) by_offset.push_back(&tensor);
    std::ranges::sort(by_offset, {}, [](const GgufTensor* tensor) { return tensor->offset; });
    for (std::size_t i = 0; i < by_offset.size(); ++i) {
      GgufTensor& tensor = *by_offset[i];
      const std::uint64_t next = i + 1 < by_offset.size() ? by_offset[i + 1]->offset : room;
      if (!ggml_type_of(tensor.type)) tensor.bytes = next - std::min(next, tensor.offset);
      if (tensor.offset > room || tensor.bytes > room - tensor.offset)
        refuse(size(), std::format("the file ends before the data of the tensor {} does, which takes {} bytes from byte {} on", tensor.name,
                                   tensor.bytes, static_cast<double>(header_.data_offset_) + static_cast<double>(tensor.offset)));
      if (i + 1 < by_offset.size() && tensor.bytes > next - tensor.offset)
        refuse(size(), std::format("the tensors {} and {} overlap", tensor.name, by_offset[i + 1]->name));
    }
  }

  // --- bytes ---

  std::uint64_t text_length(const std::string& what) {
    const std::uint64_t at = at_, length = number<std::uint64_t>();
    if (length > size() - at_) refuse(at, std::format("{} is said to be {} bytes long, and {} are left", what, length, size() - at_));
    return length;
  }

  std::string text(const std::string& what, std::uint64_t most) {
    const std::uint64_t at = at_, length = text_length(what);
    if (length > most) refuse(at, std::format("{} is {} bytes long; up to {} are read", what, length, most));
    return bytes(length);
  }

  std::string bytes(std::uint64_t length) {
    std::string read(length, '\0');
    take(read);
    return read;
  }

  template <class T>
  T number() {
    std::array<char, sizeof(T)> raw;
    take(raw);
    return std::bit_cast<T>(raw);
  }

  void skip(std::uint64_t length) {
    if (length > size() - at_) refuse(at_, "the file ends in the middle of its header");
    at_ += length;
  }

  void take(std::span<char> wanted) {
    if (wanted.size() > size() - at_) refuse(at_, "the file ends in the middle of its header");
    while (!wanted.empty()) {
      if (at_ < window_at_ || at_ >= window_at_ + window_size_) fill_window();
      const std::size_t from = static_cast<std::size_t>(at_ - window_at_), piece = std::min(wanted.size(), window_size_ - from);
      std::memcpy(wanted.data(), window_.data() + from, piece);
      wanted = wanted.subspan(piece);
      at_ += piece;
    }
  }

  void fill_window() {
    if (read_bytes_ >= kMostRead) refuse(at_, std::format("the header is larger than {} MiB", kMostRead >> 20));
    auto read = read_(at_, window_);
    if (!read) throw read.error();
    if (*read == 0) refuse(at_, "the file became shorter while it was read");
    window_at_ = at_;
    window_size_ = *read;
    read_bytes_ += *read;
  }

  [[noreturn]] void refuse(std::uint64_t at, const std::string& why) const {
    throw Error(ErrorKind::bad_model_file, std::format("{}: {} (at byte {})", name_, why, at));
  }

  std::string name_;
  ReadAt read_;
  std::vector<char> window_;
  std::uint64_t window_at_ = 0;
  std::size_t window_size_ = 0;
  std::uint64_t read_bytes_ = 0;
  std::uint64_t at_ = 0;
  std::uint64_t alignment_ = kDefaultAlignment;
  std::set<std::string> names_;
  GgufHeader header_;
};

Result<GgufHeader> GgufHeader::read(const std::filesystem::path& file) {
  const std::string name = file.string();
  const auto failed = [&name] {
    const int error = errno;
    const bool bad_path = error == ENOENT || error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG || error == ELOOP;
    return fail(bad_path ? ErrorKind::bad_model_file : ErrorKind::io, name + ": " + std::generic_category().message(error));
  };
  const Descriptor descriptor(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a FIFO must not block anybody
  if (!descriptor) return failed();
  struct stat status;
  if (fstat(descriptor.get(), &status) != 0) return failed();
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::bad_model_file, name + ": not a regular file");
  char first;
  if (::pread(descriptor.get(), &first, 1, 0) < 0) return failed();  // what cannot be read is not known to be bad
  GgufParser parser(name, static_cast<std::uint64_t>(status.st_size),
                    [&](std::uint64_t offset, std::span<char> space) -> Result<std::size_t> {
                      while (true) {
                        const ssize_t read = ::pread(descriptor.get(), space.data(), space.size(), static_cast<off_t>(offset));
                        if (read >= 0) return static_cast<std::size_t>(read);
                        if (errno != EINTR) return failed();
                      }
                    });
  return parser.run();
}

Result<GgufHeader> GgufHeader::parse(std::span<const char> bytes, const std::string& name) {
  GgufParser parser(name, bytes.size(), [bytes](std::uint64_t offset, std::span<char> space) -> Result<std::size_t> {
    const std::size_t length = std::min<std::size_t>(space.size(), bytes.size() - offset);
    std::memcpy(space.data(), bytes.data() + offset, length);
    return length;
  });
  return parser.run();
}

std::optional<std::uint64_t> GgufHeader::count(const std::string& key) const {
  auto value = values_.find(key);
  if (value == values_.end()) return std::nullopt;
  if (auto* number = std::get_if<std::uint64_t>(&value->second)) return *number;
  if (auto* number = std::get_if<std::int64_t>(&value->second); number && *number >= 0) return static_cast<std::uint64_t>(*number);
  return std::nullopt;
}

std::optional<bool> GgufHeader::flag(const std::string& key) const {
  auto value = values_.find(key);
  auto* flag = value == values_.end() ? nullptr : std::get_if<bool>(&value->second);
  return flag ? std::optional(*flag) : std::nullopt;
}

std::string GgufHeader::text(const std::string& key) const {
  auto value = values_.find(key);
  auto* text = value == values_.end() ? nullptr : std::get_if<std::string>(&value->second);
  return text ? *text : "";
}

std::vector<std::uint64_t> GgufHeader::counts(const std::string& key) const {
  auto value = values_.find(key);
  if (value == values_.end()) return {};
  if (auto* list = std::get_if<std::vector<std::uint64_t>>(&value->second)) return *list;
  auto one = count(key);
  return one ? std::vector{*one} : std::vector<std::uint64_t>();
}

GgufParameters GgufHeader::parameters() const {
  GgufParameters sum;
  for (const GgufTensor& tensor : tensors_) {
    sum.all += tensor.values();
    if (tensor.name.contains("_exps.")) sum.of_experts += tensor.values();
  }
  return sum;
}

std::uint64_t GgufHeader::length(const std::string& key) const {
  auto value = values_.find(key);
  if (value == values_.end()) return 0;
  if (auto* text = std::get_if<std::string>(&value->second)) return text->size();
  if (auto* list = std::get_if<std::vector<std::uint64_t>>(&value->second)) return list->size();
  auto* passed_over = std::get_if<PassedOver>(&value->second);
  return passed_over ? passed_over->length : 0;
}

}  // namespace common
