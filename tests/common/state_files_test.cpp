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

}  // namespace
}  // namespace common
