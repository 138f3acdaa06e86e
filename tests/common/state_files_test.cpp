#include "common/state_files.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/temp_folder.hpp"

namespace common {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ReplaceFile, MakesItsFolderAndTakesThePlaceOfTheOldOne) {
  tests::TempFolder folder;
  const auto file = folder.path() / "deep" / "state.json";
  ASSERT_TRUE(replace_file(file, "old"));
  ASSERT_TRUE(replace_file(file, "new"));
  EXPECT_EQ(text_of(file), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}), 1) << "no partial file is left";
}

TEST(ReplaceFile, LeavesTheOldOneWhenItFails) {
  tests::TempFolder folder;
  const auto file = folder.write("state.json", "old");
  std::filesystem::create_directory(file.string() + ".partial");  // where the new one cannot be written
  auto replaced = replace_file(file, "new");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().kind(), ErrorKind::io);
  EXPECT_EQ(text_of(file), "old");
}

TEST(ReadFile, TakesNoMoreThanItMay) {
  tests::TempFolder folder;
  const auto file = folder.write("state.json", "12345");
  EXPECT_EQ(read_file(file).value_or(""), "12345");
  EXPECT_EQ(read_file(file, 5).value_or(""), "12345");
  const auto refused = read_file(file, 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::io);
  EXPECT_EQ(refused.error().message(), file.string() + " is larger than 4 bytes");
  EXPECT_FALSE(read_file("/dev/zero", 1000)) << "however much there is";
}

}  // namespace
}  // namespace common
