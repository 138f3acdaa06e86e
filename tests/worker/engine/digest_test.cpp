#include "worker/engine/digest.hpp"

#include <gguf.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <format>
#include <fstream>
#include <iterator>

#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"
#include "worker/engine/file.hpp"

namespace worker::engine {
namespace {

class Digest : public testing::Test {
 protected:
  Digest() { support::write_tiny_model(path); }
  std::string bytes() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& content) const { std::ofstream(path, std::ios::binary) << content; }

  tests::TempFolder folder;
  std::string path = (folder.path() / "model.gguf").string();
};

TEST_F(Digest, IsOverHeaderTensorTableAndSize) {
  gguf_context* gguf = gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = nullptr});
  std::string input = bytes().substr(0, gguf_get_data_offset(gguf));
  gguf_free(gguf);
  for (int i = 0; i < 8; ++i) input += static_cast<char>(bytes().size() >> (8 * i));
  unsigned char hash[32];
  EVP_Digest(input.data(), input.size(), hash, nullptr, EVP_sha256(), nullptr);
  std::string wanted = "sha256:";
  for (unsigned char byte : hash) wanted += std::format("{:02x}", byte);
  EXPECT_EQ(artifact_digest(path), wanted);
}

TEST_F(Digest, TellsFilesOfDifferentSizesAndHeadersApart) {
  auto original = *artifact_digest(path);
  write(bytes() + "x");
  EXPECT_NE(*artifact_digest(path), original);
  support::write_tiny_model(path, {.hidden = 160});
  EXPECT_NE(*artifact_digest(path), original);
  support::write_tiny_model(path);
  EXPECT_EQ(*artifact_digest(path), original);
}

TEST_F(Digest, FailsOnWhatIsNoModel) {
  write("hello");
  EXPECT_EQ(artifact_digest(path).error().kind(), common::ErrorKind::bad_model_file);
  EXPECT_EQ(artifact_digest("/nowhere").error().kind(), common::ErrorKind::bad_model_file);
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
