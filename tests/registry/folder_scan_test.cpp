#include "registry/folder_scan.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kFirst(40, 'a'), kSecond(40, 'b'), kThird(40, 'c');
constexpr const char* kRepository = "models--org--vl-GGUF/";

class FolderScanTest : public testing::Test {
 protected:
  // As the Hub's own programs write them: a blob, and a relative link to it.
  void download(const std::string& revision, const std::string& path, const std::string& content) {
    const std::string blob = std::to_string(std::hash<std::string>()(content));
    folder.write(kRepository + ("blobs/" + blob), content);
    const fs::path link = folder.path() / (kRepository + ("snapshots/" + revision)) / path;
    fs::create_directories(link.parent_path());
    fs::create_symlink(fs::path(path.contains('/') ? "../../../blobs" : "../../blobs") / blob, link);
  }
  void main_is(const std::string& revision) { folder.write(std::string(kRepository) + "refs/main", revision); }

  void scan(Layout layout = Layout::any) {
    found = scan_folder({.path = folder.path(), .layout = layout});
    ids.clear();
    for (const Model& model : found.models) ids[model.id] = model.artifact.lexically_relative(folder.path()).string();
  }
  std::string why(const std::string& path) const {
    for (const LeftOut& each : found.left_out) {
      if (each.path == folder.path() / path) return each.why;
    }
    return "";
  }

  tests::TempFolder folder;
  FolderScan found;
  std::map<std::string, std::string> ids;
};

using Map = std::map<std::string, std::string>;

TEST_F(FolderScanTest, AHubRepositoryIsSeenAtTheRevisionThatMainNames) {
  download(kFirst, "vl-Q4_K_M.gguf", "old");
  download(kSecond, "vl-Q4_K_M.gguf", "new weights");
  download(kSecond, "mmproj-F16.gguf", "projector");
  main_is(kSecond + "\n");
  scan();
  EXPECT_EQ(ids, (Map{{"org/vl-GGUF:Q4_K_M", kRepository + ("snapshots/" + kSecond) + "/vl-Q4_K_M.gguf"}}));
  const Model& model = found.models.at(0);
  EXPECT_EQ(model.bytes, 11u);
  EXPECT_EQ(model.beside_bytes, 9u);
  EXPECT_FALSE(model.identity.empty());
  EXPECT_TRUE(model.discovered);
  EXPECT_EQ(model.found_in, folder.path());
  EXPECT_EQ(model.projector.filename(), "mmproj-F16.gguf");
  EXPECT_THAT(found.left_out, IsEmpty());

  main_is(kFirst);
  scan();
  EXPECT_EQ(ids, (Map{{"org/vl-GGUF:Q4_K_M", kRepository + ("snapshots/" + kFirst) + "/vl-Q4_K_M.gguf"}}));
}

TEST_F(FolderScanTest, WhatOnlyAnEarlierRevisionHasIsThereUnlessItCouldBeTwoFiles) {
  download(kFirst, "vl-Q4_K_M.gguf", "one");
  download(kFirst, "vl-Q8_0.gguf", "same");
  download(kSecond, "vl-Q8_0.gguf", "same");
  download(kFirst, "vl-Q2_K.gguf", "this");
  download(kSecond, "vl-Q2_K.gguf", "that");
  download(kThird, "README-Q6_K.gguf", "of the current one");
  main_is(kThird);
  scan();
  EXPECT_EQ(ids, (Map{{"org/vl-GGUF:Q4_K_M", kRepository + ("snapshots/" + kFirst) + "/vl-Q4_K_M.gguf"},
                      {"org/vl-GGUF:Q8_0", kRepository + ("snapshots/" + kFirst) + "/vl-Q8_0.gguf"},
                      {"org/vl-GGUF:Q6_K", kRepository + ("snapshots/" + kThird) + "/README-Q6_K.gguf"}}));
  EXPECT_THAT(why(std::string(kRepository) + "vl-Q2_K.gguf"), HasSubstr("2 revisions of it are there, and refs/main names none of them"));

  fs::remove_all(folder.path() / kRepository / "refs");
  scan();
  EXPECT_EQ(ids.size(), 3u) << "a download of one revision writes no refs/main";
}

TEST_F(FolderScanTest, PartsInSubfoldersAreOneModelOfTheirRepository) {
  download(kFirst, "Q8_0/vl-Q8_0-00001-of-00002.gguf", "one");
  download(kFirst, "Q8_0/vl-Q8_0-00002-of-00002.gguf", "two");
  main_is(kFirst);
  scan(Layout::huggingface);
  EXPECT_EQ(ids, (Map{{"org/vl-GGUF:Q8_0", kRepository + ("snapshots/" + kFirst) + "/Q8_0/vl-Q8_0-00001-of-00002.gguf"}}));
  EXPECT_EQ(found.models.at(0).bytes, 6u) << "all parts, through their links";
}

TEST_F(FolderScanTest, DownloadsThatAreNotCompleteAreNamed) {
  download(kFirst, "vl-Q4_0.gguf", "whole");
  fs::create_symlink("../../blobs/gone", folder.path() / kRepository / "snapshots" / kFirst / "vl-Q8_0.gguf");
  folder.write(std::string(kRepository) + "blobs/123.incomplete", "half");
  folder.write("models--org--text/blobs/456.incomplete", "half of something else");
  folder.write("pub/repo/x-Q4_0.gguf.part", "half");
  main_is(kFirst);
  scan();
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_THAT(why(kRepository + ("snapshots/" + kFirst) + "/vl-Q8_0.gguf"), HasSubstr("a link to nothing"));
  EXPECT_THAT(why("models--org--vl-GGUF"), HasSubstr("a download into it is not complete"));
  EXPECT_EQ(why("models--org--text"), "") << "a repository of other files is nobody's business here";
  EXPECT_THAT(why("pub/repo/x-Q4_0.gguf.part"), HasSubstr("not complete"));
}

TEST_F(FolderScanTest, LmStudiosFoldersAndSingleFoldersOfAModel) {
  folder.write("lmstudio-community/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf", "x");
  folder.write("lmstudio-community/vl-GGUF/vl-Q4_K_M.gguf", "x");
  folder.write("lmstudio-community/vl-GGUF/mmproj-model-f16.gguf", "xyz");
  folder.write("alone/My-Model.gguf", "x");
  folder.write("plain.gguf", "x");
  folder.write("a/b/c/d/e/f/g/deep.gguf", "x");
  folder.write("datasets--a--b/snapshots/x/data-Q4_0.gguf", "x");
  folder.write(".hidden/repo/x-Q4_0.gguf", "x");
  scan();
  EXPECT_EQ(ids, (Map{{"lmstudio-community/Qwen3-8B-GGUF:Q4_K_M", "lmstudio-community/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf"},
                      {"lmstudio-community/vl-GGUF:Q4_K_M", "lmstudio-community/vl-GGUF/vl-Q4_K_M.gguf"},
                      {"my-model", "alone/My-Model.gguf"},
                      {"plain", "plain.gguf"}}));
  scan(Layout::plain);
  EXPECT_EQ(ids, (Map{{"plain", "plain.gguf"}}));
  EXPECT_EQ(found.visited.size(), 1u) << "nothing below it is looked into";
  scan(Layout::lmstudio);
  EXPECT_EQ(ids.size(), 3u) << "without the file beside the publishers";
  scan(Layout::huggingface);
  EXPECT_THAT(ids, IsEmpty());
}

TEST_F(FolderScanTest, ARepositoryOrTheFolderAboveTheCacheMayBeNamedToo) {
  download(kFirst, "vl-Q4_0.gguf", "x");
  main_is(kFirst);
  const fs::path repository = folder.path() / "models--org--vl-GGUF";
  EXPECT_EQ(scan_folder({.path = repository}).models.at(0).id, "org/vl-GGUF:Q4_0");
  EXPECT_EQ(scan_folder({.path = repository / ""}).models.at(0).id, "org/vl-GGUF:Q4_0") << "with a slash at its end";
  fs::create_directories(folder.path() / "huggingface/hub");
  fs::rename(repository, folder.path() / "huggingface/hub/models--org--vl-GGUF");
  EXPECT_EQ(scan_folder({.path = folder.path() / "huggingface"}).models.at(0).id, "org/vl-GGUF:Q4_0");
}

TEST_F(FolderScanTest, LinksInACircleAndOddFilesAreNoHarm) {
  folder.write("publisher/repo/x-Q4_0.gguf", "x");
  fs::create_directory_symlink(folder.path(), folder.path() / "publisher/repo/again");
  fs::create_directory_symlink("..", folder.path() / "publisher/up");
  fs::create_symlink("loop.gguf", folder.path() / "loop.gguf");
  fs::create_directory(folder.path() / "folder.gguf");
  ASSERT_EQ(::mkfifo((folder.path() / "pipe.gguf").c_str(), 0600), 0);
  scan();
  EXPECT_EQ(ids, (Map{{"publisher/repo:Q4_0", "publisher/repo/x-Q4_0.gguf"}}));
  EXPECT_THAT(why("pipe.gguf"), HasSubstr("no regular file"));
  EXPECT_THAT(why("loop.gguf"), HasSubstr("link to nothing"));
  EXPECT_EQ(found.visited.size(), 4u) << "the folder, publisher, repo and folder.gguf, each once";
}

TEST_F(FolderScanTest, AFolderThatCannotBeReadIsNamedAndTheOthersAreRead) {
  folder.write("a/repo/x-Q4_0.gguf", "x");
  folder.write("b/repo/x-Q4_0.gguf", "x");
  fs::permissions(folder.path() / "a", fs::perms::none);
  fs::permissions(folder.path(),
                  fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec);
  const bool is_root = ::geteuid() == 0;  // who may read everything
  if (is_root && ::seteuid(65534) != 0) GTEST_SKIP() << "there is nobody but root here";
  scan();
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  fs::permissions(folder.path() / "a", fs::perms::owner_all);
  EXPECT_EQ(ids, (Map{{"b/repo:Q4_0", "b/repo/x-Q4_0.gguf"}}));
  EXPECT_THAT(why("a"), HasSubstr("cannot be read: Permission denied"));
  EXPECT_EQ(scan_folder({.path = folder.path() / "absent"}).problem, "No such file or directory");
}

TEST_F(FolderScanTest, AWalkEndsAndSaysSo) {
  for (std::size_t n = 0; n < kMostVisited + 50; ++n) fs::create_directory(folder.path() / ("f" + std::to_string(n)));
  scan();
  EXPECT_LE(found.visited.size(), kMostVisited);
  ASSERT_EQ(found.left_out.size(), 1u) << "once";
  EXPECT_THAT(found.left_out[0].why, HasSubstr("the rest was not looked at: name the folders that are meant one by one"));
}

TEST_F(FolderScanTest, WhatItLookedAtIsAnotherWhenThereIsMore) {
  download(kFirst, "vl-Q4_0.gguf", "x");
  main_is(kFirst);
  folder.write("publisher/repo/x-Q4_0.gguf", "x");
  scan();
  for (const char* each : {"", "publisher", "publisher/repo", "models--org--vl-GGUF", "models--org--vl-GGUF/refs/main",
                           "models--org--vl-GGUF/snapshots", "models--org--vl-GGUF/blobs"})
    EXPECT_THAT(found.visited, Contains(*each ? folder.path() / each : folder.path())) << each;
  EXPECT_THAT(found.visited, Contains(folder.path() / "models--org--vl-GGUF/snapshots" / kFirst));
}

}  // namespace
}  // namespace registry
