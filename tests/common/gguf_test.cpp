#include "common/gguf.hpp"

#include <gmock/gmock.h>

#include "tests/support/gguf_bytes.hpp"
#include "tests/support/temp_folder.hpp"

namespace common {
namespace {

using testing::HasSubstr;
using tests::GgufBytes;

Result<GgufHeader> parse(const std::string& bytes) { return GgufHeader::parse(bytes, "m.gguf"); }

std::string problem(const std::string& bytes) {
  auto header = parse(bytes);
  if (header) return "none";
  EXPECT_EQ(header.error().kind(), ErrorKind::bad_model_file);
  return header.error().message();
}

GgufBytes small() {
  return GgufBytes()
      .value("general.architecture", "llama")
      .value("llama.block_count", 2u)
      .tensor({.name = "token_embd.weight", .size = {64, 4}, .type = 8});
}

TEST(Gguf, ReadsValuesAndTensors) {
  auto header = parse(small().value("flag", true).value("list", std::vector<std::uint32_t>{1, 2, 3}).words("words", 5).file(4 * 68));
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->text("general.architecture"), "llama");
  EXPECT_EQ(header->count("llama.block_count"), 2u);
  EXPECT_EQ(header->flag("flag"), true);
  EXPECT_EQ(header->count("flag"), std::nullopt);
  EXPECT_THAT(header->counts("list"), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(header->counts("llama.block_count"), testing::ElementsAre(2));
  EXPECT_EQ(header->length("words"), 5u);
  EXPECT_FALSE(header->has("nothing"));
  ASSERT_EQ(header->tensors().size(), 1u);
  EXPECT_EQ(header->tensors()[0].values(), 256u);
  EXPECT_EQ(header->tensors()[0].bytes, 256u / 32 * 34);
  EXPECT_EQ(header->data_offset() % 32, 0u);
  EXPECT_EQ(header->file_bytes(), header->data_offset() + 4 * 68);
}

TEST(Gguf, KeepsTheLengthOfWhatIsLongAndNotTheThing) {
  auto header = parse(GgufBytes().value("template", std::string(5000, 'x')).file(0));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->text("template"), "");
  EXPECT_EQ(header->length("template"), 5000u);
}

TEST(Gguf, KeepsAChatTemplateUnlessItIsNone) {
  const std::string text(5000, 'x');
  auto header = parse(GgufBytes().value(GgufHeader::kTemplate, text).file(0));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->text(GgufHeader::kTemplate), text);
  header = parse(GgufBytes().value(GgufHeader::kTemplate, std::string(GgufHeader::kLongestTemplate + 1, 'x')).file(0));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->text(GgufHeader::kTemplate), "");
  EXPECT_EQ(header->length(GgufHeader::kTemplate), GgufHeader::kLongestTemplate + 1);
}

TEST(Gguf, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(problem(""), HasSubstr("not a GGUF file"));
  EXPECT_THAT(problem("GGML and more"), HasSubstr("not a GGUF file"));
  EXPECT_THAT(problem(small().version(1).file(272)), HasSubstr("its version is 1"));
  EXPECT_THAT(problem(small().version(0x03000000).file(272)), HasSubstr("big-endian"));
  EXPECT_THAT(problem(small().claim_values(std::uint64_t(1) << 60).file(272)), HasSubstr("no room for them (at byte 16)"));
  EXPECT_THAT(problem(small().claim_tensors(std::uint64_t(1) << 60).file(272)), HasSubstr("no room for them (at byte 8)"));
  EXPECT_THAT(problem(small().value("llama.block_count", 3u).file(272)), HasSubstr("\"llama.block_count\" is there twice"));
  EXPECT_THAT(problem(GgufBytes().begin("key", 99).file(0)), HasSubstr("unknown kind 99"));
  EXPECT_THAT(problem(GgufBytes().begin("key", GgufBytes::kText).u64(UINT64_MAX).file(64)),
              HasSubstr("is said to be 18446744073709551615"));
  EXPECT_THAT(problem(GgufBytes().begin("key", GgufBytes::kList).u32(GgufBytes::kList).u64(1).file(64)), HasSubstr("list of lists"));
  EXPECT_THAT(problem(GgufBytes().begin("key", GgufBytes::kList).u32(GgufBytes::kU64).u64(UINT64_MAX / 8 + 2).file(64)),
              HasSubstr("no room for them"));
  EXPECT_THAT(problem(GgufBytes().begin("key", GgufBytes::kList).u32(GgufBytes::kText).u64(4).u64(1000).file(64)),
              HasSubstr("an element of \"key\" is said to be 1000 bytes long"));
}

TEST(Gguf, ChecksTheTableOfTensors) {
  const auto with = [](GgufBytes::Tensor tensor, std::size_t data = 4096) {
    return problem(GgufBytes().tensor(std::move(tensor)).file(data));
  };
  EXPECT_EQ(with({.name = "t", .size = {32}, .type = 0}), "none");
  EXPECT_THAT(with({.name = "t", .size = {}}), HasSubstr("has 0 dimensions"));
  EXPECT_THAT(with({.name = "t", .size = {1, 1, 1, 1, 1}}), HasSubstr("has 5 dimensions"));
  EXPECT_THAT(with({.name = "t", .size = {std::uint64_t(1) << 40, std::uint64_t(1) << 40}}), HasSubstr("too large"));
  EXPECT_THAT(with({.name = "t", .size = {std::uint64_t(1) << 62}}), HasSubstr("too large"));
  EXPECT_THAT(with({.name = "t", .size = {33}, .type = 8}), HasSubstr("no whole blocks of q8_0"));
  EXPECT_THAT(with({.name = "t", .size = {32}, .offset = 8}), HasSubstr("not at a multiple of 32"));
  EXPECT_THAT(with({.name = "t", .size = {4096}}), HasSubstr("the file ends before the data of the tensor t does"));
  EXPECT_THAT(with({.name = "t", .size = {32}, .offset = UINT64_MAX - 31}), HasSubstr("the file ends before"));
  EXPECT_THAT(problem(GgufBytes().tensor({.name = "t", .size = {32}}).tensor({.name = "t", .size = {32}, .offset = 128}).file(4096)),
              HasSubstr("is there twice"));
  EXPECT_THAT(problem(GgufBytes().tensor({.name = "a", .size = {64}}).tensor({.name = "b", .size = {32}, .offset = 128}).file(4096)),
              HasSubstr("overlap"));
}

TEST(Gguf, OfAnUnknownTypeATensorReachesToTheNextOne) {
  auto header =
      parse(GgufBytes().tensor({.name = "a", .size = {64}, .type = 999}).tensor({.name = "b", .size = {32}, .offset = 512}).file(640));
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->tensors()[0].bytes, 512u);
}

TEST(Gguf, AnAlignmentIsAPowerOfTwo) {
  for (std::uint32_t wrong : {0u, 3u, 1u << 31})
    EXPECT_THAT(problem(GgufBytes().value("general.alignment", wrong).file(0)), HasSubstr("not a power of two")) << wrong;
  EXPECT_THAT(problem(GgufBytes().value("general.alignment", "x").file(0)), HasSubstr("no whole number"));
  auto header = parse(GgufBytes().value("general.alignment", 4096u).tensor({.name = "a", .size = {4}}).file(16, 4096));
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->data_offset(), 4096u);
}

TEST(Gguf, EveryTruncationOfAHeaderIsAnError) {
  const std::string whole = small().words("words", 3).file(4 * 68);
  ASSERT_EQ(problem(whole), "none");
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_NE(problem(whole.substr(0, length)), "none") << length;
}

TEST(Gguf, TellsMissingFilesAndFoldersFromDisksThatFail) {
  tests::TempFolder folder;
  EXPECT_EQ(GgufHeader::read(folder.path() / "none.gguf").error().kind(), ErrorKind::bad_model_file);
  EXPECT_THAT(GgufHeader::read(folder.path()).error().message(), HasSubstr("not a regular file"));
  auto file = folder.write("good.gguf", small().file(272));
  EXPECT_TRUE(GgufHeader::read(file));
#ifdef __linux__
  std::filesystem::create_symlink("/proc/self/mem", folder.path() / "failing.gguf");  // reads at address 0 fail with EIO
  EXPECT_EQ(GgufHeader::read(folder.path() / "failing.gguf").error().kind(), ErrorKind::io);
#endif
}

}  // namespace
}  // namespace common
