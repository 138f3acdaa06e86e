#include "registry/model_facts.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <map>
#include <optional>
#include <set>

#include "common/call_families.hpp"
#include "registry/split_name.hpp"

namespace registry {
namespace {

namespace fs = std::filesystem;
using common::ErrorKind;
using common::fail;
using common::GgufHeader;
using common::GgufTensor;
using common::Result;

constexpr std::uint64_t kMostLayers = 4096;
constexpr std::size_t kMostNamed = 3;  // of files that are missing
// Of any width or count in the metadata, so that products of three do not overflow, and of what counts tokens or words.
constexpr std::uint64_t kMostNumber = std::uint64_t(1) << 20, kMostTokens = std::uint64_t(1) << 32;

// libllama's numbers of file types (llama_ftype).
constexpr struct {
  std::uint64_t number;
  std::string_view name;
} kFileTypes[] = {{0, "F32"},     {1, "F16"},     {2, "Q4_0"},     {3, "Q4_1"},    {7, "Q8_0"},     {8, "Q5_0"},
                  {9, "Q5_1"},    {10, "Q2_K"},   {11, "Q3_K_S"},  {12, "Q3_K_M"}, {13, "Q3_K_L"},  {14, "Q4_K_S"},
                  {15, "Q4_K_M"}, {16, "Q5_K_S"}, {17, "Q5_K_M"},  {18, "Q6_K"},   {19, "IQ2_XXS"}, {20, "IQ2_XS"},
                  {21, "Q2_K_S"}, {22, "IQ3_XS"}, {23, "IQ3_XXS"}, {24, "IQ1_S"},  {25, "IQ4_NL"},  {26, "IQ3_S"},
                  {27, "IQ3_M"},  {28, "IQ2_S"},  {29, "IQ2_M"},   {30, "IQ4_XS"}, {31, "IQ1_M"},   {32, "BF16"},
                  {36, "TQ1_0"},  {37, "TQ2_0"},  {38, "MXFP4"},   {39, "NVFP4"},  {40, "Q1_0"},    {41, "Q2_0"}};

// Which of the layers have a sliding window where the file does not say: of each `period` the last is a full one (in `full_first`: the
// first). As libllama has it for these architectures.
struct WindowPattern {
  std::uint64_t period;
  bool full_first = false;
};
const std::map<std::string_view, WindowPattern> kWindowPatterns{
    {"gemma2", {2}},  {"gemma3", {6}}, {"gemma3n", {5}}, {"gemma-embedding", {6}},    {"cohere2", {4}}, {"gpt-oss", {2}},
    {"exaone4", {4}}, {"olmo2", {4}},  {"llama4", {4}},  {"smallthinker", {4, true}}, {"afmoe", {4}}};

// Each of their layers is recurrent.
const std::set<std::string_view> kAllRecurrent{"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"};
// Some of their layers are: those without heads of keys and values (or, where the metadata says nothing else, all of them beside
// attention).
const std::set<std::string_view> kHybrid{"jamba", "granitehybrid", "lfm2", "lfm2moe", "nemotron_h", "nemotron_h_moe", "plamo2"};
// Each layer is both.
constexpr std::string_view kBothInEachLayer = "falcon-h1";
// The first kind of state space: its convolution sees the inner values alone.
const std::set<std::string_view> kConvolutionOfInnerOnly{"mamba", "jamba"};
// Those whose attention layers come at this interval, all others being recurrent.
constexpr std::string_view kIntervalKey = "full_attention_interval";
// Later layers use the cache of an earlier one, and the file does not say so.
constexpr std::string_view kSharesCaches = "gemma3n";
constexpr std::uint64_t kOwnCaches = 20;
constexpr std::string_view kProjectorArchitecture = "clip";
constexpr std::uint64_t kRankPooling = 4;  // libllama's number of it

// The metadata of one architecture, each number held within what products of it can take.
class Metadata {
 public:
  Metadata(const GgufHeader& header, std::string architecture) : header_(header), prefix_(std::move(architecture) + ".") {}

  std::optional<std::uint64_t> maybe(const std::string& key) const {
    auto value = header_.count(prefix_ + key);
    if (!value) return std::nullopt;
    return std::min(*value, kMostNumber);
  }
  std::uint64_t tokens(const std::string& key) const { return std::min(header_.count(prefix_ + key).value_or(0), kMostTokens); }
  std::uint64_t number(const std::string& key) const { return maybe(key).value_or(0); }
  // One for each layer. A single number is that of all.
  std::vector<std::uint64_t> each(const std::string& key, std::uint64_t layers, std::uint64_t otherwise) const {
    std::vector<std::uint64_t> list = header_.counts(prefix_ + key);
    if (list.empty()) return std::vector<std::uint64_t>(layers, otherwise);
    for (std::uint64_t& value : list) value = std::min(value, kMostNumber);
    if (list.size() == 1) list.resize(layers, list.front());
    list.resize(layers, 0);
    return list;
  }
  std::vector<std::uint64_t> list(const std::string& key) const { return header_.counts(prefix_ + key); }
  bool has(const std::string& key) const { return header_.has(prefix_ + key); }
  std::optional<bool> flag(const std::string& key) const { return header_.flag(prefix_ + key); }

 private:
  const GgufHeader& header_;
  std::string prefix_;
};

std::vector<bool> windowed_layers(const Metadata& metadata, const std::string& architecture, std::uint64_t layers) {
  std::vector<bool> windowed(layers, false);
  if (metadata.tokens("attention.sliding_window") == 0) return windowed;
  auto known = kWindowPatterns.find(architecture);
  if (known == kWindowPatterns.end()) return windowed;
  WindowPattern pattern = known->second;
  const std::vector<std::uint64_t> said = metadata.list("attention.sliding_window_pattern");
  if (said.size() == 1 && said.front() > 0) pattern.period = said.front();
  for (std::uint64_t i = 0; i < layers; ++i) {
    if (said.size() > 1) windowed[i] = i < said.size() && said[i] != 0;
    else windowed[i] = i % pattern.period != (pattern.full_first ? 0 : pattern.period - 1);
  }
  return windowed;
}

// Numbers that a recurrent layer keeps of one sequence: the inputs of its convolution and its sum of everything so far.
std::uint64_t state_values_of(const Metadata& metadata, const std::string& architecture, std::uint64_t width) {
  if (auto head = metadata.maybe("wkv.head_size"); head && *head > 0) {
    return metadata.maybe("token_shift_count").value_or(2) * width + width * *head;
  }
  if (auto cached = metadata.maybe("shortconv.l_cache")) return width * (std::max<std::uint64_t>(*cached, 1) - 1);
  const std::uint64_t inner = metadata.number("ssm.inner_size"), state = metadata.number("ssm.state_size");
  const std::uint64_t groups = kConvolutionOfInnerOnly.contains(architecture) ? 0 : metadata.number("ssm.group_count");
  const std::uint64_t kernel = metadata.number("ssm.conv_kernel");
  return (std::max<std::uint64_t>(kernel, 1) - 1) * (inner + 2 * groups * state) + state * inner;
}

enum class LayerKind { attention, recurrent, both, neither };

LayerKind kind_of(const Metadata& metadata, const std::string& architecture, std::uint64_t layer, std::uint64_t kv_heads,
                  std::uint64_t hidden) {
  if (kAllRecurrent.contains(architecture)) return LayerKind::recurrent;
  if (architecture == kBothInEachLayer) return LayerKind::both;
  if (auto interval = metadata.maybe(std::string(kIntervalKey)); interval && *interval > 0)
    return (layer + 1) % *interval == 0 ? LayerKind::attention : LayerKind::recurrent;
  if (!kHybrid.contains(architecture)) return LayerKind::attention;
  if (architecture.starts_with("nemotron_h") && hidden > 0) return LayerKind::neither;  // such a layer is one thing only
  return kv_heads == 0 ? LayerKind::recurrent : LayerKind::attention;
}

Result<std::vector<LayerFacts>> layers_of(const Metadata& metadata, const std::string& architecture, std::uint64_t width) {
  const std::uint64_t count = metadata.number("block_count");
  if (count > kMostLayers)
    return fail(ErrorKind::bad_model_file, std::format("{} layers are more than the {} that are looked at", count, kMostLayers));
  const auto heads = metadata.each("attention.head_count", count, 0);
  const auto kv_heads = metadata.has("attention.head_count_kv") ? metadata.each("attention.head_count_kv", count, 0) : heads;
  const auto hidden = metadata.each("feed_forward_length", count, 0);
  const auto windowed = windowed_layers(metadata, architecture, count);
  const std::uint64_t most_heads = heads.empty() ? 0 : std::ranges::max(heads);
  const std::uint64_t usual = most_heads > 0 ? width / most_heads : 0;
  const std::uint64_t key_length = metadata.maybe("attention.key_length").value_or(usual);
  const std::uint64_t value_length = metadata.maybe("attention.value_length").value_or(usual);
  const std::uint64_t key_length_in_window = metadata.maybe("attention.key_length_swa").value_or(key_length);
  const std::uint64_t value_length_in_window = metadata.maybe("attention.value_length_swa").value_or(value_length);
  const bool latent = metadata.has("attention.key_length_mla");
  const std::uint64_t shared = metadata.number("attention.shared_kv_layers");
  const std::uint64_t with_cache = architecture == kSharesCaches ? std::min(count, kOwnCaches) : count - std::min(count, shared);

  std::vector<LayerFacts> layers(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    LayerFacts& layer = layers[i];
    layer.hidden = hidden[i];
    const LayerKind kind = kind_of(metadata, architecture, i, kv_heads[i], hidden[i]);
    if (kind == LayerKind::recurrent || kind == LayerKind::both) layer.state_values = state_values_of(metadata, architecture, width);
    if (kind == LayerKind::recurrent || kind == LayerKind::neither) continue;
    layer.windowed = windowed[i];
    layer.query_values = heads[i] * (windowed[i] ? key_length_in_window : key_length);
    if (i >= with_cache) continue;
    layer.key_values = kv_heads[i] * (windowed[i] ? key_length_in_window : key_length);
    layer.value_values = latent ? 0 : kv_heads[i] * (windowed[i] ? value_length_in_window : value_length);
  }
  return layers;
}

// By the file's own number, or by what most of its values are stored as.
std::string quantization_of(const GgufHeader& first, const std::map<std::uint32_t, std::uint64_t>& values_by_type) {
  constexpr std::uint64_t kGuessed = 1024;
  if (auto said = first.count("general.file_type"); said && *said < kGuessed) {
    if (auto name = quantization_name(*said); !name.empty()) return std::string(name);
  }
  auto most = std::ranges::max_element(values_by_type, {}, [](const auto& entry) { return entry.second; });
  const common::GgmlType* type = most == values_by_type.end() ? nullptr : common::ggml_type_of(most->first);
  if (!type) return "unknown";
  std::string name(type->name);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

// That the parts say of themselves what their names say.
Result<void> check_parts(const std::vector<GgufHeader>& headers, const std::vector<fs::path>& files) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::uint64_t parts = headers[i].count("split.count").value_or(1), number = headers[i].count("split.no").value_or(0);
    if (parts <= 1 && headers.size() == 1) return {};
    if (parts != headers.size()) {
      const std::string needed = headers.size() == 1 ? std::format("is not named like the first of them (-00001-of-{:05}.gguf)", parts)
                                                     : std::format("{} are named so", headers.size());
      return fail(ErrorKind::bad_model_file, std::format("{} says that it is one of {} files, but {}", files[i].string(), parts, needed));
    }
    if (number != i)
      return fail(ErrorKind::bad_model_file,
                  std::format("{} says that it is part {} (split.no), and its name says {}", files[i].string(), number + 1, i + 1));
    const std::string architecture = headers[i].text("general.architecture");
    if (i > 0 && !architecture.empty() && architecture != headers[0].text("general.architecture"))
      return fail(ErrorKind::bad_model_file, std::format("{} is part of a {} model, and the first part of a {}", files[i].string(),
                                                         architecture, headers[0].text("general.architecture")));
  }
  return {};
}

// That no part of a split model is missing.
Result<void> check_all_there(const std::vector<fs::path>& files) {
  if (files.size() == 1) return {};
  std::string missing;
  std::size_t count = 0;
  for (const fs::path& file : files) {
    std::error_code ec;
    if (fs::exists(file, ec) || ec) continue;
    if (++count <= kMostNamed) missing += (missing.empty() ? "" : ", ") + file.filename().string();
  }
  if (count == 0) return {};
  if (count > kMostNamed) missing += std::format(" and {} more", count - kMostNamed);
  return fail(ErrorKind::bad_model_file, std::format("{}: of its {} parts {} {} missing: {}", files.front().string(), files.size(), count,
                                                     count == 1 ? "is" : "are", missing));
}

// Numbers of 16 and 32 bits are multiplied as they lie there.
std::uint64_t tied_bytes_of(const std::vector<GgufHeader>& headers) {
  std::uint64_t bytes = 0;
  for (const GgufHeader& header : headers) {
    for (const GgufTensor& tensor : header.tensors()) {
      if (tensor.name == "output.weight") return 0;
      const common::GgmlType* type = tensor.name == "token_embd.weight" ? common::ggml_type_of(tensor.type) : nullptr;
      if (type && type->values_per_block > 1) bytes = tensor.bytes;
    }
  }
  return bytes;
}

std::uint64_t vocabulary_of(const GgufHeader& first, const Metadata& metadata, const std::vector<GgufTensor>& tensors) {
  if (auto words = first.length("tokenizer.ggml.tokens"); words > 0) return words;
  if (auto said = metadata.tokens("vocab_size"); said > 0) return said;
  auto embedding = std::ranges::find(tensors, "token_embd.weight", &GgufTensor::name);
  return embedding == tensors.end() ? 0 : embedding->size[1];
}

}  // namespace

std::string_view quantization_name(std::uint64_t file_type) {
  auto known = std::ranges::find(kFileTypes, file_type, [](const auto& type) { return type.number; });
  return known == std::end(kFileTypes) ? std::string_view() : known->name;
}

Result<ModelFacts> facts_of(const std::vector<GgufHeader>& headers, std::vector<fs::path> files) {
  if (headers.empty() || headers.size() != files.size()) return fail(ErrorKind::internal, "a model has one header for each of its files");
  if (auto parts = check_parts(headers, files); !parts) return fail(parts.error());
  const GgufHeader& first = headers.front();
  ModelFacts facts{.files = std::move(files),
                   .architecture = first.text("general.architecture"),
                   .name = first.text("general.name"),
                   .type = first.text("general.type")};
  const std::string where = facts.files.front().string();
  if (facts.architecture.empty()) return fail(ErrorKind::bad_model_file, where + ": general.architecture is missing");

  std::map<std::uint32_t, std::uint64_t> values_by_type;
  common::GgufParameters parameters;
  for (const GgufHeader& header : headers) {
    facts.file_bytes += header.file_bytes();
    const common::GgufParameters of_file = header.parameters();
    parameters.all += of_file.all;
    parameters.of_experts += of_file.of_experts;
    for (const GgufTensor& tensor : header.tensors()) {
      facts.tensor_bytes += tensor.bytes;
      values_by_type[tensor.type] += tensor.values();
    }
  }
  const Metadata metadata(first, facts.architecture);
  facts.quantization = quantization_of(first, values_by_type);
  facts.trained_context = metadata.tokens("context_length");
  facts.width = metadata.number("embedding_length");
  facts.vocabulary = std::min(vocabulary_of(first, metadata, first.tensors()), kMostTokens);
  facts.tied_bytes = tied_bytes_of(headers);
  facts.merges = std::min(first.length("tokenizer.ggml.merges"), kMostTokens);
  auto layers = layers_of(metadata, facts.architecture, facts.width);
  if (!layers) return fail(ErrorKind::bad_model_file, where + ": " + layers.error().message());
  facts.layers = std::move(*layers);
  if (auto heads = metadata.list("attention.head_count"); !heads.empty()) facts.heads = heads.front();
  facts.window = metadata.tokens("attention.sliding_window");
  if (std::ranges::none_of(facts.layers, &LayerFacts::windowed)) facts.window = 0;
  facts.recurrent = {.inner = metadata.number("ssm.inner_size"),
                     .state = metadata.number("ssm.state_size"),
                     .groups = kConvolutionOfInnerOnly.contains(facts.architecture) ? 0 : metadata.number("ssm.group_count"),
                     .ranks = metadata.number("ssm.time_step_rank")};
  facts.experts = metadata.number("expert_count");
  facts.experts_used = std::min(metadata.number("expert_used_count"), facts.experts);
  facts.expert_hidden = metadata.number("expert_feed_forward_length");
  facts.parameters = parameters.all;
  facts.active_parameters = parameters.active(facts.experts, facts.experts_used);
  facts.template_bytes = first.length(GgufHeader::kTemplate);
  facts.has_chat_template = facts.template_bytes > 0;
  if (const std::string source = first.text(GgufHeader::kTemplate); !source.empty()) facts.tool_format = common::call_family_of(source);
  facts.pooling = metadata.number("pooling_type");
  facts.reads_both_ways = !metadata.flag("attention.causal").value_or(true);
  facts.sees = facts.architecture == kProjectorArchitecture && metadata.flag("has_vision_encoder").value_or(false);
  return facts;
}

common::Purpose ModelFacts::purpose() const {
  if (pooling == kRankPooling) return common::Purpose::reranking;
  return pooling != 0 || reads_both_ways ? common::Purpose::embedding : common::Purpose::generation;
}

std::string why_no_model(const ModelFacts& facts) {
  if (facts.architecture == kProjectorArchitecture || facts.type == "mmproj")
    return "it is a projector, which goes beside a model: name it as \"projector\" in that model's entry";
  if (facts.type == "adapter") return "it is an adapter (LoRA), which is added to a model: name it in \"lora\" in that model's entry";
  if (facts.type == "imatrix") return "it holds statistics for quantizing (an importance matrix), and no weights";
  return {};
}

std::vector<fs::path> files_of(const fs::path& first) {
  auto name = split_name(first.stem().string());
  if (!name || name->number != 1 || name->parts == 0) return {first};
  std::vector<fs::path> files;
  for (std::uint32_t part = 1; part <= name->parts; ++part)
    files.push_back(first.parent_path() / std::format("{}-{:05}-of-{:05}{}", name->name, part, name->parts, first.extension().string()));
  return files;
}

Result<ModelFacts> inspect(const fs::path& first) {
  std::vector<fs::path> files = files_of(first);
  if (auto whole = check_all_there(files); !whole) return fail(whole.error());
  std::vector<GgufHeader> headers;
  for (const fs::path& file : files) {
    auto header = GgufHeader::read(file);
    if (!header) return fail(header.error());
    headers.push_back(std::move(*header));
  }
  return facts_of(headers, std::move(files));
}

}  // namespace registry
