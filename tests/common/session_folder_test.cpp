#include "common/session_folder.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temp_folder.hpp"

namespace common {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

const fs::file_time_type kNow = fs::file_time_type::clock::now();

StoredSession stored(std::uint64_t bytes, std::chrono::minutes ago) {
  return {.file = {}, .bytes = bytes, .last_used = kNow - ago, .superseded = false, .stays = false};
}

TEST(SessionsLeaving, NobodyLeavesWhileThereIsRoom) {
  const std::vector<StoredSession> there{stored(40, 1min), stored(40, 2min)};
  EXPECT_THAT(leaving_for(20, there, {.bytes = 100}), Optional(IsEmpty()));
  EXPECT_THAT(leaving(there, {.bytes = 80}), IsEmpty());
}

TEST(SessionsLeaving, TheLeastRecentlyUsedGoFirstAndNoMoreThanMust) {
  const std::vector<StoredSession> there{stored(30, 5min), stored(30, 9min), stored(30, 1min)};
  EXPECT_THAT(leaving_for(20, there, {.bytes = 100}), Optional(ElementsAre(1)));
  EXPECT_THAT(leaving_for(50, there, {.bytes = 100}), Optional(ElementsAre(1, 0)));
  EXPECT_THAT(leaving_for(100, there, {.bytes = 100}), Optional(ElementsAre(1, 0, 2)));
  EXPECT_THAT(leaving(there, {.bytes = 60}), ElementsAre(1));
  EXPECT_THAT(leaving(there, {.bytes = 0}), ElementsAre(1, 0, 2));
}

TEST(SessionsLeaving, WhatIsSupersededGoesBeforeAnythingElse) {
  std::vector<StoredSession> there{stored(30, 5min), stored(30, 9min), stored(30, 1min)};
  there[2].superseded = true;
  EXPECT_THAT(leaving_for(20, there, {.bytes = 100}), Optional(ElementsAre(2)));
}

TEST(SessionsLeaving, WhatWasJustSavedStaysAndWhatDoesNotFitBesideItIsNotTaken) {
  std::vector<StoredSession> there{stored(60, 1min), stored(30, 2min)};
  there[0].stays = true;
  EXPECT_THAT(leaving_for(30, there, {.bytes = 100}), Optional(ElementsAre(1)));
  EXPECT_EQ(leaving_for(41, there, {.bytes = 100}), std::nullopt);
  EXPECT_EQ(leaving_for(101, {}, {.bytes = 100}), std::nullopt);
}

TEST(SessionsLeaving, ThereIsALimitToTheirNumberToo) {
  const std::vector<StoredSession> there{stored(1, 5min), stored(1, 9min), stored(1, 1min)};
  EXPECT_THAT(leaving_for(1, there, {.bytes = 100, .files = 3}), Optional(ElementsAre(1)));
  EXPECT_THAT(leaving(there, {.bytes = 100, .files = 2}), ElementsAre(1));
}

class SessionFolderTest : public testing::Test {
 protected:
  fs::path put(const std::string& name, std::size_t bytes, std::chrono::minutes ago) {
    const fs::path file = sessions.path() / name;
    std::ofstream(file) << std::string(bytes, 'x');
    fs::last_write_time(file, kNow - ago);
    return file;
  }

  tests::TempFolder folder;
  SessionFolder sessions{folder.path() / "deep" / "sessions"};
};

TEST_F(SessionFolderTest, IsMadeForItsUserAlone) {
  ASSERT_TRUE(sessions.prepare());
  struct stat st{};
  ASSERT_EQ(::stat(sessions.path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0700u);
  fs::permissions(sessions.path(), fs::perms::others_all, fs::perm_options::add);
  ASSERT_TRUE(sessions.prepare());
  ASSERT_EQ(::stat(sessions.path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0700u) << "whoever made it otherwise";
  EXPECT_GT(sessions.free_bytes(), 0u);
}

TEST_F(SessionFolderTest, IsNotWhereALinkLeads) {
  fs::create_directories(folder.path() / "elsewhere");
  fs::create_directories(sessions.path().parent_path());
  fs::create_directory_symlink(folder.path() / "elsewhere", sessions.path());
  EXPECT_FALSE(sessions.prepare());
}

TEST_F(SessionFolderTest, ListsTheMostRecentlyUsedFirstAndLeavesOtherFilesAlone) {
  EXPECT_THAT(sessions.list(), IsEmpty()) << "there is no folder yet";
  ASSERT_TRUE(sessions.prepare());
  const fs::path old = put("old.session", 10, 50min), young = put("young.session", 20, 5min), other = put("notes.txt", 5, 5min);
  const auto there = sessions.list();
  ASSERT_EQ(there.size(), 2u);
  EXPECT_EQ(there[0].file, young);
  EXPECT_EQ(there[0].bytes, 20u);
  EXPECT_EQ(there[1].file, old);
  sessions.trim({.bytes = 25});
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
  sessions.trim({.bytes = 0});
  EXPECT_FALSE(fs::exists(young));
  EXPECT_TRUE(fs::exists(other));
}

TEST_F(SessionFolderTest, RemovesWhatAKilledProcessLeftUnfinished) {
  ASSERT_TRUE(sessions.prepare());
  const fs::path forgotten = put("a.4711.session.partial", 10, 5min), under_way = put("b.4711.session.partial", 10, 0min);
  EXPECT_THAT(sessions.list(), IsEmpty());
  EXPECT_FALSE(fs::exists(forgotten));
  EXPECT_TRUE(fs::exists(under_way)) << "somebody may be writing it";
}

}  // namespace
}  // namespace common
