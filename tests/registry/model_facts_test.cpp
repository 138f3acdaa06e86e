#include "registry/model_facts.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <format>
#include <fstream>
#include <iterator>
#include <random>

#include "registry/memory_prediction.hpp"
#include "registry/split_name.hpp"
#include "tests/support/gguf_bytes.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"

namespace registry {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using tests::GgufBytes;

ModelFacts facts_from(const GgufBytes& bytes, std::size_t data = 0) {
  auto header = common::GgufHeader::parse(bytes.file(data), "m.gguf");
  if (!header) throw std::runtime_error(header.error().message());
  auto facts = facts_of({*header}, {"m.gguf"});
  if (!facts) throw std::runtime_error(facts.error().message());
  return *facts;
}

GgufBytes of(const std::string& architecture, std::uint32_t layers) {
  return GgufBytes()
      .value("general.architecture", architecture)
      .value(architecture + ".block_count", layers)
      .value(architecture + ".embedding_length", 256u)
      .value(architecture + ".feed_forward_length", 512u)
      .value(architecture + ".attention.head_count", 8u);
}

std::vector<bool> windowed(const ModelFacts& facts) {
  std::vector<bool> list;
  for (const LayerFacts& layer : facts.layers) list.push_back(layer.windowed);
  return list;
}

TEST(ModelFacts, ReadsADemoModel) {
  auto facts = inspect(fs::path(PERCH_DEMO_FOLDER) / "wren-q8_0.gguf");
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->architecture, "qwen3moe");
  EXPECT_EQ(facts->quantization, "Q8_0");
  EXPECT_EQ(facts->trained_context, 2048u);
  EXPECT_EQ(facts->layers.size(), 6u);
  EXPECT_EQ(facts->layers[0].key_values, 4u * 32);
  EXPECT_EQ(facts->vocabulary, 768u);
  EXPECT_EQ(facts->experts, 8u);
  EXPECT_EQ(facts->experts_used, 4u);
  EXPECT_LT(facts->active_parameters, facts->parameters);
  EXPECT_TRUE(facts->has_chat_template);
  EXPECT_EQ(facts->tool_format, "hermes");
  EXPECT_EQ(facts->purpose(), common::Purpose::generation);
  EXPECT_EQ(why_no_model(*facts), "");
  EXPECT_EQ(facts->file_bytes, fs::file_size(fs::path(PERCH_DEMO_FOLDER) / "wren-q8_0.gguf"));
  EXPECT_LT(facts->tensor_bytes, facts->file_bytes);
}

TEST(ModelFacts, AModelEmbedsRanksOrGenerates) {
  EXPECT_EQ(facts_from(of("llama", 1)).purpose(), common::Purpose::generation);
  EXPECT_EQ(facts_from(of("bert", 1).value("bert.attention.causal", false)).purpose(), common::Purpose::embedding);
  EXPECT_EQ(facts_from(of("qwen3", 1).value("qwen3.pooling_type", 3u)).purpose(), common::Purpose::embedding);
  EXPECT_EQ(facts_from(of("qwen3", 1).value("qwen3.pooling_type", 4u)).purpose(), common::Purpose::reranking);
}

TEST(ModelFacts, HowToolsAreCalledStandsInTheChatTemplate) {
  const auto format = [](const std::string& source) {
    return facts_from(of("llama", 1).value(common::GgufHeader::kTemplate, source)).tool_format;
  };
  EXPECT_EQ(format("{{ '[TOOL_CALLS]' }}"), "mistral");
  EXPECT_EQ(format(std::string(2000, ' ') + "{{ '<tool_call>' }}"), "hermes") << "templates are longer than other texts that are kept";
  EXPECT_EQ(format("{{ messages }}"), "generic");
  EXPECT_EQ(facts_from(of("llama", 1)).tool_format, "") << "there is no template";
}

TEST(ModelFacts, WhatGoesBesideAModelIsNone) {
  const auto clip = [](bool sees) {
    return facts_from(GgufBytes().value("general.architecture", "clip").value("clip.has_vision_encoder", sees));
  };
  EXPECT_THAT(why_no_model(clip(true)), HasSubstr("it is a projector"));
  EXPECT_TRUE(clip(true).sees);
  EXPECT_FALSE(clip(false).sees) << "one for sounds";
  EXPECT_THAT(why_no_model(facts_from(of("llama", 1).value("general.type", "adapter"))), HasSubstr("it is an adapter (LoRA)"));
  EXPECT_EQ(why_no_model(facts_from(of("llama", 1).value("general.type", "model"))), "");
}

TEST(ModelFacts, PartsThatAreMissingAreNamed) {
  tests::TempFolder folder;
  const fs::path first = folder.write("big-00001-of-00006.gguf", "");
  folder.write("big-00003-of-00006.gguf", "");
  auto facts = inspect(first);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().kind(), common::ErrorKind::bad_model_file);
  EXPECT_THAT(facts.error().message(), HasSubstr("of its 6 parts 4 are missing: big-00002-of-00006.gguf, big-00004-of-00006.gguf, "
                                                 "big-00005-of-00006.gguf and 1 more"));
}

TEST(ModelFacts, HeadsAreTheModelsOrEachLayers) {
  ModelFacts one = facts_from(of("llama", 2).value("llama.attention.head_count_kv", 2u));
  EXPECT_EQ(one.layers[0].key_values, 2u * 32) << "a head is the width divided by their number";
  EXPECT_EQ(one.layers[1].query_values, 256u);
  EXPECT_EQ(facts_from(of("llama", 1)).layers[0].key_values, 256u) << "as many heads of keys as there are heads";
  ModelFacts each = facts_from(of("llama", 3)
                                   .value("llama.attention.head_count_kv", std::vector<std::uint32_t>{1, 2, 4})
                                   .value("llama.attention.key_length", 64u)
                                   .value("llama.attention.value_length", 16u));
  EXPECT_EQ(each.layers[2].key_values, 4u * 64);
  EXPECT_EQ(each.layers[1].value_values, 2u * 16);
}

TEST(ModelFacts, WindowsFollowTheArchitecturesPatternOrTheFiles) {
  EXPECT_THAT(windowed(facts_from(of("gemma2", 4).value("gemma2.attention.sliding_window", 64u))),
              testing::ElementsAre(true, false, true, false));
  ModelFacts gemma3 = facts_from(of("gemma3", 7).value("gemma3.attention.sliding_window", 64u));
  EXPECT_THAT(windowed(gemma3), testing::ElementsAre(true, true, true, true, true, false, true));
  EXPECT_EQ(gemma3.window, 64u);
  EXPECT_THAT(windowed(facts_from(of("gemma3", 3)
                                      .value("gemma3.attention.sliding_window", 64u)
                                      .value("gemma3.attention.sliding_window_pattern", std::vector<std::uint32_t>{0, 1, 0}))),
              testing::ElementsAre(false, true, false));
  ModelFacts plain = facts_from(of("llama", 2).value("llama.attention.sliding_window", 64u));
  EXPECT_THAT(windowed(plain), testing::ElementsAre(false, false)) << "libllama does not heed it there";
  EXPECT_EQ(plain.window, 0u);
}

TEST(ModelFacts, RecurrentLayersKeepAStateAndNoCells) {
  const auto with_state = [](GgufBytes bytes, const std::string& architecture) {
    return facts_from(bytes.value(architecture + ".ssm.conv_kernel", 4u)
                          .value(architecture + ".ssm.inner_size", 512u)
                          .value(architecture + ".ssm.state_size", 16u)
                          .value(architecture + ".ssm.group_count", 1u));
  };
  ModelFacts mamba2 = with_state(of("mamba2", 2), "mamba2");
  EXPECT_EQ(mamba2.layers[0].key_values, 0u);
  EXPECT_EQ(mamba2.layers[0].state_values, 3u * (512 + 32) + 16 * 512);
  EXPECT_EQ(with_state(of("mamba", 1), "mamba").layers[0].state_values, 3u * 512 + 16 * 512);
  ModelFacts hybrid = with_state(of("granitehybrid", 3).value("granitehybrid.attention.head_count_kv", std::vector<std::uint32_t>{0, 4, 0}),
                                 "granitehybrid");
  EXPECT_GT(hybrid.layers[0].state_values, 0u);
  EXPECT_EQ(hybrid.layers[0].key_values, 0u);
  EXPECT_EQ(hybrid.layers[1].state_values, 0u);
  EXPECT_EQ(hybrid.layers[1].key_values, 4u * 32);
  ModelFacts both = with_state(of("falcon-h1", 1), "falcon-h1");
  EXPECT_GT(both.layers[0].state_values, 0u);
  EXPECT_GT(both.layers[0].key_values, 0u);
  ModelFacts short_convolutions =
      facts_from(of("lfm2", 2).value("lfm2.attention.head_count_kv", std::vector<std::uint32_t>{0, 4}).value("lfm2.shortconv.l_cache", 3u));
  EXPECT_EQ(short_convolutions.layers[0].state_values, 256u * 2);
  ModelFacts interval = with_state(of("qwen3next", 4).value("qwen3next.full_attention_interval", 4u), "qwen3next");
  EXPECT_EQ(interval.layers[2].key_values, 0u);
  EXPECT_GT(interval.layers[3].key_values, 0u);
}

TEST(ModelFacts, LatentAttentionKeepsNoValues) {
  ModelFacts facts = facts_from(of("deepseek2", 1)
                                    .value("deepseek2.attention.head_count_kv", 1u)
                                    .value("deepseek2.attention.key_length", 576u)
                                    .value("deepseek2.attention.value_length", 512u)
                                    .value("deepseek2.attention.key_length_mla", 192u));
  EXPECT_EQ(facts.layers[0].key_values, 576u);
  EXPECT_EQ(facts.layers[0].value_values, 0u);
}

TEST(ModelFacts, WithoutAFileTypeTheQuantizationIsWhatMostValuesAreStoredAs) {
  GgufBytes bytes = of("llama", 1);
  bytes.tensor({.name = "a", .size = {32}, .type = 0}).tensor({.name = "b", .size = {256, 2}, .type = 12, .offset = 128});
  EXPECT_EQ(facts_from(bytes, 1024).quantization, "Q4_K");
  EXPECT_EQ(facts_from(of("llama", 1).value("general.file_type", 15u)).quantization, "Q4_K_M");
  EXPECT_EQ(facts_from(of("llama", 1)).quantization, "unknown");
}

TEST(ModelFacts, AnEmbeddingThatIsTheOutputTooMayBeKeptTwice) {
  const auto tied = [](std::uint32_t type, const char* beside) {
    GgufBytes bytes = of("llama", 1);
    bytes.tensor({.name = "token_embd.weight", .size = {32, 2}, .type = type}).tensor({.name = beside, .size = {32}, .offset = 256});
    return facts_from(bytes, 1024).tied_bytes;
  };
  EXPECT_EQ(tied(8, "output_norm.weight"), 2u * 34);
  EXPECT_EQ(tied(8, "output.weight"), 0u);
  EXPECT_EQ(tied(1, "output_norm.weight"), 0u) << "numbers of 16 bits are used as they are";
}

// --- split models ---

TEST(SplitName, IsOfTheFormThatLibllamaWants) {
  auto name = split_name("m-q4-00002-of-00005");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->name, "m-q4");
  EXPECT_EQ(name->number, 2u);
  EXPECT_EQ(name->parts, 5u);
  for (const char* other : {"m", "-00001-of-00002", "m-0001-of-00002", "m-00001-of-0000x", "m_00001-of-00002", "m-00001_of-00002"})
    EXPECT_FALSE(split_name(other)) << other;
}

class SplitModel : public testing::Test {
 protected:
  fs::path write(int part, int says_part, int says_parts, const std::string& architecture = "llama") {
    GgufBytes bytes = of(architecture, 1);
    bytes.value("split.no", static_cast<std::uint32_t>(says_part)).value("split.count", static_cast<std::uint32_t>(says_parts));
    bytes.tensor({.name = std::format("blk.{}.t", part), .size = {1024}});
    return folder.write(std::format("m-{:05}-of-00002.gguf", part), bytes.file(4096));
  }
  std::string problem() const {
    auto facts = inspect(folder.path() / "m-00001-of-00002.gguf");
    return facts ? "none" : facts.error().message();
  }
  tests::TempFolder folder;
};

TEST_F(SplitModel, IsAllItsFiles) {
  const fs::path first = write(1, 0, 2), second = write(2, 1, 2);
  auto facts = inspect(first);
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_THAT(facts->files, testing::ElementsAre(first, second));
  EXPECT_EQ(facts->file_bytes, fs::file_size(first) + fs::file_size(second));
  EXPECT_EQ(facts->tensor_bytes, 2u * 4096);
  EXPECT_EQ(facts->parameters, 2u * 1024);
}

TEST_F(SplitModel, ItsFilesMustBeThereAndAgree) {
  write(1, 0, 2);
  EXPECT_THAT(problem(), HasSubstr("m-00002-of-00002.gguf"));
  write(2, 1, 3);
  EXPECT_THAT(problem(), HasSubstr("says that it is one of 3 files, but 2 are named so"));
  write(2, 0, 2);
  EXPECT_THAT(problem(), HasSubstr("says that it is part 1"));
  write(2, 1, 2, "gemma3");
  EXPECT_THAT(problem(), HasSubstr("is part of a gemma3 model"));
  write(2, 1, 2);
  EXPECT_EQ(problem(), "none");
  fs::rename(folder.path() / "m-00001-of-00002.gguf", folder.path() / "m.gguf");
  EXPECT_THAT(inspect(folder.path() / "m.gguf").error().message(), HasSubstr("is not named like the first of them (-00001-of-00002.gguf)"));
}

// --- files that are damaged, or made to harm ---

// Changes that a failing disk, a broken download or an attacker makes.
class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  std::string of(std::string bytes, std::size_t header) {
    const auto changes = 1 + below(3);
    for (std::uint64_t i = 0; i < changes && !bytes.empty(); ++i) {
      const std::size_t at = below(std::min(header, bytes.size()));
      switch (below(6)) {
        case 0: bytes[at] = static_cast<char>(random_()); break;
        case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8))); break;
        case 2: put(bytes, at, kNumbers[below(std::size(kNumbers))]); break;
        case 3: put(bytes, at, bytes.size() + below(64) - 32); break;
        case 4: bytes.resize(below(bytes.size())); break;
        case 5: bytes.insert(at, bytes.substr(below(bytes.size()), below(64))); break;
      }
    }
    return bytes;
  }

 private:
  static constexpr std::uint64_t kNumbers[] = {0,          1,          0x7f,       0xff,           0x7fffffff,         0x80000000,
                                               0xffffffff, 1ull << 32, 1ull << 60, INT64_MAX,      1ull << 63,         UINT64_MAX - 31,
                                               UINT64_MAX, 1ull << 20, 1ull << 40, 0x100000001ull, 0x5555555555555555, 3};

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  static void put(std::string& bytes, std::size_t at, std::uint64_t number) {
    std::memcpy(bytes.data() + at, &number, std::min(sizeof number, bytes.size() - at));
  }
  std::mt19937_64 random_;
};

// Whatever a file claims, looking at it ends with facts that can be reckoned with, or with an error that says where.
TEST(DamagedModel, IsAnErrorOrFactsAndNeverMore) {
  constexpr int kRounds = 3'000;
  tests::TempFolder folder;
  const std::string path = (folder.path() / "model.gguf").string();
  support::write_tiny_model(path);
  std::ifstream in(path, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  const std::size_t header = common::GgufHeader::read(path)->data_offset();
  int refused = 0;
  for (int seed = 0; seed < kRounds; ++seed) {
    const std::string damaged = Mutator(static_cast<std::uint32_t>(seed)).of(whole, header);
    auto read = common::GgufHeader::parse(damaged, "damaged");
    if (!read) {
      ++refused;
      ASSERT_EQ(read.error().kind(), common::ErrorKind::bad_model_file) << seed;
      ASSERT_THAT(read.error().message(), HasSubstr("at byte")) << seed;
      continue;
    }
    auto facts = facts_of({*read}, {"damaged"});
    if (!facts) continue;
    const RunShape shape{.context_tokens = 4096, .parallel = 4};
    ASSERT_GE(predict(*facts, shape).total(), facts->tensor_bytes) << seed;
    largest_context(*facts, shape, 0, 1 << 30);
    prefix_bytes(*facts, shape);
  }
  EXPECT_GT(refused, kRounds / 4) << "the changes hurt";
  EXPECT_LT(refused, kRounds) << "and not always";
}

}  // namespace
}  // namespace registry
