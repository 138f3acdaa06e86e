#include "registry/foreign/llama_server.hpp"

#include <gmock/gmock.h>

namespace {

using common::Json;
using registry::foreign::embedded_entry;
using registry::foreign::split_command;
using registry::foreign::Words;
using testing::HasSubstr;

Words command(std::string_view text) { return split_command(text).value(); }

Json entry(std::string_view text) {
  auto made = embedded_entry(command(text));
  EXPECT_TRUE(made) << made.error().message();
  return made ? *made : Json();
}

std::string refusal(std::string_view text) {
  auto made = embedded_entry(command(text));
  return made ? made->dump() : made.error().message();
}

TEST(LlamaServerTest, IsKnownByItsNameWhateverItsFolderAndBuild) {
  EXPECT_TRUE(registry::foreign::is_llama_server(command("/opt/x/llama-server-ec9e0301 -m a.gguf")));
  EXPECT_FALSE(registry::foreign::is_llama_server(command("python -m llama-server")));
}

TEST(LlamaServerTest, ReadsHowItChoosesTokens) {
  EXPECT_EQ(
      registry::foreign::sampling_of(command("llama-server --temp 0.6 --top-k=40 --typical-p 0.9 --mirostat-ent 4 -n 300 --min-p many")),
      (Json{{"temperature", 0.6}, {"top_k", 40}, {"typical_p", 0.9}, {"mirostat_tau", 4.0}, {"max_tokens", 300}}));
}

TEST(LlamaServerTest, SlotsShareTheContextUnlessTheyAreCounted) {
  const auto shape = [](std::string_view text) { return registry::foreign::served_shape(command(text)); };
  EXPECT_EQ(shape("llama-server -c 8192"), (registry::RunShape{.context_tokens = 8192, .parallel = 4, .kv_unified = true}));
  EXPECT_EQ(shape("llama-server -c 8192 -np 2"), (registry::RunShape{.context_tokens = 4096, .parallel = 2}));
  EXPECT_EQ(shape("llama-server -c 8192 -np 2 -kvu"), (registry::RunShape{.context_tokens = 8192, .parallel = 2, .kv_unified = true}));
  EXPECT_EQ(shape("llama-server -c 0 --no-kv-unified"), (registry::RunShape{.parallel = 4}));
  EXPECT_EQ(shape("llama-server -ctk q8_0 --cache-type-v=q4_0 -np 1"),
            (registry::RunShape{.parallel = 1, .cache_type_k = "q8_0", .cache_type_v = "q4_0"}));
}

TEST(LlamaServerTest, KnowsWhatOnlyEmbedsOrRanks) {
  for (const char* text : {"llama-server --embeddings", "llama-server --embedding", "llama-server --reranking",
                           "llama-server --pooling mean", "vllm serve x --task embed", "vllm serve x --runner pooling"})
    EXPECT_TRUE(registry::foreign::embeds(command(text))) << text;
  for (const char* text : {"llama-server --pooling none", "llama-server -m embedding.gguf", "vllm serve x --task generate"})
    EXPECT_FALSE(registry::foreign::embeds(command(text))) << text;
  EXPECT_EQ(registry::foreign::purpose_of(command("llama-server --embeddings --pooling rank")), common::Purpose::reranking);
}

TEST(LlamaServerTest, APlainCommandBecomesAModelOfPerchsOwn) {
  EXPECT_EQ(entry("/opt/llama-server --host 127.0.0.1 --port ${PORT} -m /m/a.gguf -c 16384 -np 2 -ngl 99 --jinja -fa on -ctk q8_0 -ctv "
                  "q8_0 --temp 0.2 "
                  "--mmproj /m/p.gguf --lora /m/l.gguf"),
            Json::parse(R"({"artifact": "/m/a.gguf", "context_tokens": 8192, "parallel": 2, "cache_type_k": "q8_0", "cache_type_v": "q8_0",
                            "projector": "/m/p.gguf", "lora": [{"path": "/m/l.gguf"}], "sampling": {"temperature": 0.2}})"));
  EXPECT_EQ(entry("llama-server -m a.gguf --flash-attn --port 1 -n -1"),
            Json::parse(R"({"artifact": "a.gguf", "parallel": 4, "kv_unified": true})"));
}

TEST(LlamaServerTest, WhatNeedsMoreStaysACommandAndTheOptionIsNamed) {
  EXPECT_THAT(refusal("llama-server -m a.gguf --model-draft b.gguf"), HasSubstr("--model-draft has no counterpart"));
  EXPECT_THAT(refusal("llama-server -m a.gguf --rope-scale=2"), HasSubstr("--rope-scale has no counterpart"));
  EXPECT_THAT(refusal("llama-server -m a.gguf -t 8"), HasSubstr("-t has no counterpart"));
  EXPECT_THAT(refusal("llama-server -m a.gguf --temp 5"), HasSubstr("--temp has no counterpart"));
  EXPECT_THAT(refusal("llama-server -m a.gguf --temp warm"), HasSubstr("--temp has no counterpart"));
  EXPECT_THAT(refusal("llama-server -m a.gguf -c 8 -np 1"), HasSubstr("--ctx-size has no counterpart"));
  EXPECT_THAT(refusal("llama-server -m a.gguf -np 1000"), HasSubstr("--parallel has no counterpart"));
  EXPECT_THAT(refusal("llama-server -m a.gguf -ctk q2"), HasSubstr("--cache-type-k has no counterpart"));
  EXPECT_THAT(refusal("llama-server -m a.gguf --lora a,b"), HasSubstr("--lora with several files"));
  EXPECT_THAT(refusal("llama-server -m a.gguf --embeddings"), HasSubstr("embeddings or scores"));
  EXPECT_THAT(refusal("llama-server -hf vendor/model"), HasSubstr("no GGUF file"));
  EXPECT_THAT(refusal("vllm serve a.gguf"), HasSubstr("not llama-server"));
}

}  // namespace
