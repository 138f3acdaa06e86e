#include "common/artifact_digest.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "common/sha256.hpp"
#include "tests/support/temp_folder.hpp"

namespace common {
namespace {

namespace fs = std::filesystem;

class ArtifactDigestTest : public testing::Test {
 protected:
  std::string digest(const fs::path& file) { return artifact_digest({file}).value(); }
  ErrorKind failure(const fs::path& file) {
    auto made = artifact_digest({file});
    return made ? ErrorKind::internal : made.error().kind();
  }
  tests::TempFolder folder;
};

TEST_F(ArtifactDigestTest, BothEndsAndTheSizeOfAFileCount) {
  std::string text(3 << 20, 'a');
  const std::string before = digest(folder.write("m", text));
  EXPECT_TRUE(before.starts_with("sha256:"));
  EXPECT_EQ(digest(folder.write("same", text)), before);
  text.front() = 'b';
  EXPECT_NE(digest(folder.write("m", text)), before);
  text.front() = 'a', text.back() = 'b';
  EXPECT_NE(digest(folder.write("m", text)), before);
  text.back() = 'a', text.push_back('a');
  EXPECT_NE(digest(folder.write("m", text)), before);
  EXPECT_NE(digest(folder.write("empty", "")), before);
}

TEST_F(ArtifactDigestTest, AFolderIsItsFilesAndTheirNames) {
  folder.write("m/a.safetensors", "1");
  folder.write("m/config.json", "2");
  const std::string before = digest(folder.path() / "m");
  folder.write("m/deeper/c", "3");
  EXPECT_EQ(digest(folder.path() / "m"), before);
  fs::rename(folder.path() / "m/a.safetensors", folder.path() / "m/b.safetensors");
  EXPECT_NE(digest(folder.path() / "m"), before);
  fs::rename(folder.path() / "m/b.safetensors", folder.path() / "m/a.safetensors");
  EXPECT_EQ(digest(folder.path() / "m"), before);
}

TEST_F(ArtifactDigestTest, AMissingFileAndABadOneAreBadModelFiles) {
  EXPECT_EQ(failure(folder.path() / "nowhere"), ErrorKind::bad_model_file);
  EXPECT_EQ(failure(folder.write("cut.gguf", "GGUF\x03")), ErrorKind::bad_model_file);
}

TEST(FeedWhatCounts, AsksForBothEndsOfAFileThatIsNoGgufAndForNothingTwice) {
  using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  const auto asked = [](std::uint64_t size) {
    Ranges ranges;
    const ReadRange read = [&ranges](std::uint64_t from, std::uint64_t bytes, const TakeBytes&) {
      ranges.emplace_back(from, bytes);
      return Result<void>();
    };
    Sha256 hash;
    EXPECT_TRUE(feed_what_counts(hash, size, nullptr, read));
    return ranges;
  };
  constexpr std::uint64_t kMiB = 1 << 20;
  EXPECT_EQ(asked(10), (Ranges{{0, 10}, {10, 0}}));
  EXPECT_EQ(asked(kMiB + 5), (Ranges{{0, kMiB}, {kMiB, 5}}));
  EXPECT_EQ(asked(5 * kMiB), (Ranges{{0, kMiB}, {4 * kMiB, kMiB}}));
}

TEST(WordsDigest, WhereWordsEndCounts) {
  EXPECT_EQ(words_digest({"a", "b"}), words_digest({"a", "b"}));
  EXPECT_NE(words_digest({"ab"}), words_digest({"a", "b"}));
}

}  // namespace
}  // namespace common
