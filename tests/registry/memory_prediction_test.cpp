#include "registry/memory_prediction.hpp"

#include <gtest/gtest.h>

#include "registry/simulated_load.hpp"

namespace registry {
namespace {

ModelFacts llama() {
  ModelFacts facts{
      .file_bytes = 5000, .tensor_bytes = 4000, .architecture = "llama", .trained_context = 4096, .width = 256, .vocabulary = 768};
  facts.layers.assign(6, {.query_values = 256, .key_values = 128, .value_values = 128, .hidden = 512});
  return facts;
}

const DeviceNeed& cpu(const MemoryNeed& need) { return need.devices.at(0); }

TEST(Prediction, CachesAreWhatLibllamaRoundsTheContextTo) {
  const std::uint64_t of_token = 6 * (128 + 128) * 2;
  EXPECT_EQ(cpu(predict(llama(), {.context_tokens = 1024, .parallel = 1})).full_kv_bytes, 1024 * of_token);
  EXPECT_EQ(cpu(predict(llama(), {.context_tokens = 1000, .parallel = 3})).full_kv_bytes, 3 * 1024 * of_token);
  EXPECT_EQ(cpu(predict(llama(), {.context_tokens = 100, .parallel = 1})).full_kv_bytes, 256 * of_token);
  EXPECT_EQ(cpu(predict(llama(), {.context_tokens = 1024, .parallel = 3, .kv_unified = true})).full_kv_bytes, 1024 * of_token);
}

TEST(Prediction, WithoutAWordItIsTheWorkersDefaults) {
  EXPECT_EQ(predict(llama(), {}).total(), predict(llama(), {.context_tokens = 4096, .parallel = 4}).total());
  EXPECT_EQ(predict(llama(), {}).prompt_cache_bytes, 512u << 20);
  EXPECT_EQ(settled({}, llama()).cache_type_k, "f16");
  ModelFacts mamba = llama();
  mamba.architecture = "mamba";
  EXPECT_EQ(settled({.parallel = 4}, mamba).parallel, 1u);
}

TEST(Prediction, KeysAndValuesHaveTheirOwnTypes) {
  const std::uint64_t cells = 1024 * 6;
  const auto kv = [&](const char* k, const char* v) {
    return cpu(predict(llama(), {.context_tokens = 1024, .parallel = 1, .cache_type_k = k, .cache_type_v = v})).full_kv_bytes;
  };
  EXPECT_EQ(kv("q8_0", "q8_0"), cells * 2 * 136);
  EXPECT_EQ(kv("q4_0", "q8_0"), cells * (72 + 136));
  EXPECT_EQ(kv("f32", "f16"), cells * (512 + 256));
}

TEST(Prediction, EachClassOfLayersHasItsTerm) {
  ModelFacts facts = llama();
  facts.layers[0].windowed = true;
  facts.layers[1] = {.state_values = 1000};
  const MemoryNeed need = predict(facts, {.context_tokens = 1024, .parallel = 2});
  EXPECT_EQ(cpu(need).full_kv_bytes, 2u * 1024 * 4 * 512);
  EXPECT_EQ(cpu(need).window_kv_bytes, 2u * 1024 * 512);
  EXPECT_EQ(cpu(need).state_bytes, 2u * 4000);
  EXPECT_EQ(need.total(), cpu(need).total() + need.process_bytes) << "the prompt cache is no part of it";
}

TEST(Prediction, WhatLibllamaDoesNotCountIsTheHostsWhereverThatStands) {
  const ModelFacts facts = llama();
  const RunShape shape{.context_tokens = 1024, .parallel = 1};
  const std::uint64_t uncounted = uncounted_bytes(facts, settled(shape, facts));
  const auto confirm = [&](std::vector<common::DeviceMemory> memory) {
    return confirmed(facts, shape, predict(facts, shape), {.memory = std::move(memory)}).devices;
  };
  const auto both = confirm({{.device = "GPU0", .weights_bytes = 3000, .compute_bytes = 7}, {.device = "CPU", .compute_bytes = 5}});
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].compute_bytes, 7u);
  EXPECT_EQ(both[1].compute_bytes, 5 + uncounted);
  const auto alone = confirm({{.device = "GPU0", .weights_bytes = 3000, .compute_bytes = 7}});
  ASSERT_EQ(alone.size(), 2u);
  EXPECT_EQ(alone[0].compute_bytes, 7u);
  EXPECT_EQ(alone[1].device, "CPU");
  EXPECT_EQ(alone[1].compute_bytes, uncounted);
}

TEST(Prediction, AModelThatReadsBothWaysKeepsNoCaches) {
  ModelFacts facts = llama();
  facts.reads_both_ways = true;
  EXPECT_EQ(cpu(predict(facts, {.context_tokens = 512})).full_kv_bytes, 0u);
  EXPECT_EQ(prefix_bytes(facts, {.context_tokens = 512}), 0u);
}

TEST(Prediction, APrefixIsOneSlotsShare) { EXPECT_EQ(prefix_bytes(llama(), {.context_tokens = 1000, .parallel = 4}), 1000u * 6 * 512); }

TEST(LargestContext, IsTheLastThatFits) {
  const RunShape shape{.parallel = 2};
  const std::uint64_t bytes = predict(llama(), {.context_tokens = 2048, .parallel = 2}).total();
  EXPECT_EQ(largest_context(llama(), shape, 0, bytes), 2048u);
  EXPECT_EQ(largest_context(llama(), shape, 0, bytes - 1), 1792u);
  EXPECT_EQ(largest_context(llama(), shape, 1, bytes), 1792u) << "what stands beside it takes room too";
  EXPECT_EQ(largest_context(llama(), shape, 0, UINT64_MAX), 4096u) << "what it was trained for";
  EXPECT_EQ(largest_context(llama(), shape, 0, 1000), 0u);
}

TEST(Budget, IsWhatReserveAndPinnedModelsLeave) {
  EXPECT_EQ((MemoryBudget{.physical_bytes = 100, .reserve_bytes = 30, .pinned_bytes = 20}.left()), 50u);
  EXPECT_EQ((MemoryBudget{.physical_bytes = 100, .reserve_bytes = 90, .pinned_bytes = 20}.left()), 0u);
  EXPECT_EQ(reserve_of(16ull << 30, std::nullopt), 4ull << 30);
  EXPECT_EQ(reserve_of(100'000'000'000, std::nullopt), 12'000'000'000u);
  EXPECT_EQ(reserve_of(2ull << 30, std::nullopt), 1ull << 30) << "a small machine is not all reserve";
  EXPECT_EQ(reserve_of(100'000'000'000, 7), 7u);
  EXPECT_EQ(usual_pressure_limit(32ull << 30), 1ull << 30);
  EXPECT_EQ(usual_pressure_limit(2ull << 30), 256ull << 20);
  EXPECT_EQ(usual_pressure_limit(1ull << 40), 2ull << 30);
  EXPECT_EQ(usual_pressure_limit(0), 0u);
  EXPECT_EQ((MemoryBudget{.physical_bytes = 100, .reserve_bytes = 10, .pinned_bytes = 20, .lent_bytes = 30}.left()), 40u);
  EXPECT_EQ((MemoryBudget{.physical_bytes = 100, .reserve_bytes = 10, .pinned_bytes = 20, .lent_bytes = 90}.left()), 0u);
}

}  // namespace
}  // namespace registry
