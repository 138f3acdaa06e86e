#include "registry/folder_watch.hpp"

#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

using testing::Contains;
using testing::Key;
using testing::Pair;
using testing::UnorderedElementsAre;
namespace fs = std::filesystem;

class NamesBehindTest : public testing::Test {
 protected:
  NamesBehindTest() : at(fs::canonical(folder.path())) {}

  tests::TempFolder folder;
  fs::path at;  // the temporary folder may itself be behind links
};

TEST_F(NamesBehindTest, OfAPlainFileItsOwnNameInItsFolder) {
  folder.write("registry.json", "x");
  EXPECT_THAT(names_behind(at / "registry.json"), UnorderedElementsAre(Pair(at, UnorderedElementsAre("registry.json"))));
}

TEST_F(NamesBehindTest, EachLinkOnTheWayCounts) {
  folder.write("store/v1/registry.json", "x");
  fs::create_directory(at / "config");
  fs::create_symlink("store/v1", at / "current");
  fs::create_symlink("../current/registry.json", at / "config/registry.json");
  EXPECT_THAT(names_behind(at / "config/registry.json"),
              UnorderedElementsAre(Pair(at / "config", UnorderedElementsAre("registry.json")), Pair(at, UnorderedElementsAre("current")),
                                   Pair(at / "store/v1", UnorderedElementsAre("registry.json"))));
}

TEST_F(NamesBehindTest, WhatIsNotThereYetIsWaitedForWhereItWillAppear) {
  EXPECT_THAT(names_behind(at / "not/yet/registry.json"), UnorderedElementsAre(Pair(at, UnorderedElementsAre("not"))));
  fs::create_symlink("nowhere.json", at / "link");
  EXPECT_THAT(names_behind(at / "link"), UnorderedElementsAre(Pair(at, UnorderedElementsAre("link", "nowhere.json"))));
}

TEST_F(NamesBehindTest, ALoopOfLinksEnds) {
  fs::create_symlink("two", at / "one");
  fs::create_symlink("one", at / "two");
  EXPECT_THAT(names_behind(at / "one"), Contains(Key(at)));
}

}  // namespace
}  // namespace registry
