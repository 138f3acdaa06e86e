#include "worker/engine/artifact.hpp"

#include <ggml.h>
#include <gguf.h>
#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>

#include "common/artifact_digest.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"
#include "worker/engine/file.hpp"

namespace worker::engine {
namespace {

std::string digest(const std::string& path) { return digest_of(inspect(path).value()).value(); }

class ArtifactTest : public testing::Test {
 protected:
  ArtifactTest() { support::write_tiny_model(path); }
  std::string bytes() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& content) const { std::ofstream(path, std::ios::binary) << content; }

  tests::TempFolder folder;
  std::string path = (folder.path() / "model.gguf").string();
};

TEST_F(ArtifactTest, DigestIsOverHeaderTensorTableAndSize) {
  gguf_context* gguf = gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = nullptr});
  std::string input = bytes().substr(0, gguf_get_data_offset(gguf));
  gguf_free(gguf);
  for (int i = 0; i < 8; ++i) input += static_cast<char>(bytes().size() >> (8 * i));
  unsigned char hash[32];
  EVP_Digest(input.data(), input.size(), hash, nullptr, EVP_sha256(), nullptr);
  std::string wanted = "sha256:";
  for (unsigned char byte : hash) wanted += std::format("{:02x}", byte);
  EXPECT_EQ(digest(path), wanted);
  EXPECT_EQ(common::artifact_digest({path}).value(), wanted) << "whatever runs the model";
}

TEST_F(ArtifactTest, DigestTellsFilesOfDifferentSizesAndHeadersApart) {
  auto original = digest(path);
  write(bytes() + "x");
  EXPECT_NE(digest(path), original);
  support::write_tiny_model(path, {.hidden = 160});
  EXPECT_NE(digest(path), original);
  support::write_tiny_model(path);
  EXPECT_EQ(digest(path), original);
}

TEST_F(ArtifactTest, FailsOnWhatIsNoModel) {
  write("hello");
  EXPECT_EQ(inspect(path).error().kind(), common::ErrorKind::bad_model_file);
  EXPECT_EQ(inspect("/nowhere").error().kind(), common::ErrorKind::bad_model_file);
}

#ifdef __linux__
TEST_F(ArtifactTest, AFileThatCannotBeReadIsNotABadOne) {
  std::filesystem::remove(path);
  std::filesystem::create_symlink("/proc/self/mem", path);  // reads at address 0 fail with EIO
  auto artifact = inspect(path);
  EXPECT_EQ(artifact.error().kind(), common::ErrorKind::io) << artifact.error().message();
  EXPECT_THAT(artifact.error().message(), testing::HasSubstr(std::strerror(EIO)));
}
#endif

// A header of one tensor, as one part of a split model.
void write_part(const std::string& path, int part, int parts, const char* tensor) {
  ggml_context* space = ggml_init({.mem_size = 1 << 20, .mem_buffer = nullptr, .no_alloc = false});
  gguf_context* gguf = gguf_init_empty();
  gguf_set_val_str(gguf, "general.architecture", "qwen3moe");
  gguf_set_val_u32(gguf, "qwen3moe.expert_count", 8);
  gguf_set_val_u32(gguf, "qwen3moe.expert_used_count", 2);
  gguf_set_val_u16(gguf, "split.no", static_cast<std::uint16_t>(part));
  gguf_set_val_u16(gguf, "split.count", static_cast<std::uint16_t>(parts));
  ggml_tensor* values = ggml_new_tensor_1d(space, GGML_TYPE_F32, 800);
  ggml_set_name(values, tensor);
  gguf_add_tensor(gguf, values);
  gguf_write_to_file(gguf, path.c_str(), false);
  gguf_free(gguf);
  ggml_free(space);
}

TEST_F(ArtifactTest, IsAllFilesOfASplitModelAndCountsTheExpertsThatAreUsed) {
  auto part = [this](int number) { return (folder.path() / std::format("m-{:05}-of-00002.gguf", number)).string(); };
  write_part(part(1), 0, 2, "blk.0.attn_q.weight");
  EXPECT_THAT(inspect(part(1)).error().message(), testing::HasSubstr("m-00002-of-00002.gguf"));
  write_part(part(2), 1, 2, "blk.0.ffn_up_exps.weight");
  auto both = inspect(part(1));
  ASSERT_TRUE(both) << both.error().message();
  EXPECT_THAT(both->files, testing::ElementsAre(part(1), part(2)));
  EXPECT_EQ(both->parameters, 1600u);
  EXPECT_EQ(both->active_parameters, 1000u);
  const std::string digest_of_both = digest(part(1));
  write_part(part(2), 1, 2, "blk.1.ffn_up_exps.weight");
  EXPECT_NE(digest(part(1)), digest_of_both);

  std::filesystem::rename(part(1), path);
  EXPECT_THAT(inspect(path).error().message(), testing::HasSubstr("not named like the first of them"));
}

TEST(ReadAhead, ReportsItsProgressAndCanBeGivenUp) {
  tests::TempFolder folder;
  auto path = folder.write("file", std::string(40 << 20, 'x')).string();
  std::vector<double> seen;
  EXPECT_TRUE(read_ahead(path, [&](double part) { return seen.push_back(part), true; }));
  EXPECT_GE(seen.size(), 3u);
  EXPECT_EQ(seen.back(), 1.0);
  auto given_up = read_ahead(path, [](double) { return false; });
  EXPECT_EQ(given_up.error().kind(), common::ErrorKind::cancelled);
}

}  // namespace
}  // namespace worker::engine
