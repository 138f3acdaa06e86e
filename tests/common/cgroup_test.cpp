#include "common/cgroup.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include "common/child_process.hpp"
#include "tests/support/loop_runner.hpp"
#include "tests/support/test_cgroup.hpp"

namespace common {
namespace {

using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(CgroupFolders, OursIsTheOneOfVersionTwo) {
  EXPECT_EQ(unified_cgroup("4:memory:/a\n0::/user.slice/perch.service\n"), "/user.slice/perch.service");
  EXPECT_EQ(unified_cgroup("0::/"), "/");
  EXPECT_EQ(unified_cgroup("4:memory:/a\n1:name=systemd:/b\n"), "") << "version 1 only";
  EXPECT_EQ(unified_cgroup(""), "");
}

TEST(CgroupFolders, AreFoundWhereverTheTreeIsMounted) {
  constexpr const char* kUnified = "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
  constexpr const char* kHybrid =
      "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
  EXPECT_THAT(cgroup_folders(kUnified, "/user.slice/perch.service"), ElementsAre("/sys/fs/cgroup/user.slice/perch.service"));
  EXPECT_THAT(cgroup_folders(kUnified, "/"), ElementsAre("/sys/fs/cgroup"));
  EXPECT_THAT(cgroup_folders(kHybrid, "/a"), ElementsAre("/sys/fs/cgroup/unified/a"));
  EXPECT_THAT(cgroup_folders(kUnified, ""), IsEmpty());
  EXPECT_THAT(cgroup_folders("", "/a"), IsEmpty());
}

TEST(CgroupFolders, ThatWereMountedLastComeFirst) {
  EXPECT_THAT(cgroup_folders("1 0 0:1 / /sys/fs/cgroup ro - cgroup2 c ro\n2 0 0:1 / /run/c\\040group rw - cgroup2 c rw\n", "/a"),
              ElementsAre("/run/c group/a", "/sys/fs/cgroup/a"));
}

TEST(CgroupFolders, OfAPartOfTheTreeAreOursIfWeAreInIt) {
  constexpr const char* kPart = "1 0 0:1 /docker/abc /sys/fs/cgroup rw - cgroup2 c rw\n";
  EXPECT_THAT(cgroup_folders(kPart, "/docker/abc/d"), ElementsAre("/sys/fs/cgroup/d"));
  EXPECT_THAT(cgroup_folders(kPart, "/docker/abc"), ElementsAre("/sys/fs/cgroup"));
  EXPECT_THAT(cgroup_folders(kPart, "/docker/abcd"), IsEmpty());
  EXPECT_THAT(cgroup_folders(kPart, "/"), IsEmpty());
  EXPECT_THAT(cgroup_folders("1 0 0:1 /.. /sys/fs/cgroup rw - cgroup2 c rw\n", "/"), IsEmpty()) << "of another cgroup namespace";
}

class CgroupTest : public testing::Test {
 protected:
  void SetUp() override {
    auto own = own_cgroup();
    if (!own) GTEST_SKIP() << "no cgroup can be made here: " << own.error().message();
    cgroup.emplace(*own);
  }
  ChildProcess shell(const std::string& script) {
    return ChildProcess::spawn(runner.loop().get_executor(),
                               {.program = "/bin/sh", .arguments = {"-c", script}, .environment = {"PATH=/bin"}, .cgroup = cgroup->path()})
        .value();
  }
  tests::LoopRunner runner{10s};
  std::optional<tests::TestCgroup> cgroup;
};

TEST_F(CgroupTest, AChildIsInItAndSoIsWhatItStarts) {
  auto child = shell("setsid sleep 60 & exit 0");
  runner.run(child.wait());
  EXPECT_TRUE(is_populated(cgroup->path()));
  EXPECT_FALSE(remove_cgroup(cgroup->path()));
  EXPECT_FALSE(wait_until_empty(cgroup->path(), std::chrono::milliseconds(1)));
  ASSERT_TRUE(kill_cgroup(cgroup->path()));
  EXPECT_TRUE(wait_until_empty(cgroup->path(), 10s));
  EXPECT_FALSE(is_populated(cgroup->path()));
}

TEST_F(CgroupTest, ACgroupIsRemovedWithThoseInItAndOneThatIsGoneIsEmpty) {
  const auto outer = cgroup->path() / "outer";
  ASSERT_EQ(::mkdir(outer.c_str(), 0755), 0);
  ASSERT_EQ(::mkdir((outer / "inner").c_str(), 0755), 0);
  EXPECT_TRUE(remove_cgroup(outer));
  EXPECT_FALSE(std::filesystem::exists(outer));
  EXPECT_TRUE(remove_cgroup(outer));
  EXPECT_FALSE(is_populated(outer));
  EXPECT_FALSE(kill_cgroup(outer));
  EXPECT_TRUE(wait_until_empty(outer, 10s));
}

TEST_F(CgroupTest, AChildWhoseCgroupIsGoneIsStartedWhereItsParentIs) {
  auto child = ChildProcess::spawn(runner.loop().get_executor(),
                                   {.program = "/bin/true", .arguments = {}, .environment = {}, .cgroup = cgroup->path() / "missing"});
  ASSERT_TRUE(child);
  EXPECT_TRUE(runner.run(child->wait()).clean());
}

}  // namespace
}  // namespace common
