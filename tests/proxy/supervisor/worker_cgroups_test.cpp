#include "proxy/supervisor/worker_cgroups.hpp"

#include <gtest/gtest.h>

#include "common/cgroup.hpp"
#include "tests/support/test_cgroup.hpp"

namespace proxy::supervisor {
namespace {

TEST(CgroupOwner, SurvivesItsName) {
  const CgroupOwner owner = cgroup_owner("10-1-a");
  EXPECT_GT(owner.pid_namespace, 0u);
  EXPECT_EQ(parse_cgroup_owner(to_string(owner)), owner);
  for (const char* name : {"", "perch-", "perch-1", "perch-test-1-1", "perch.service", "10-1-a"})
    EXPECT_FALSE(parse_cgroup_owner(name)) << name;
}

TEST(WorkerCgroups, AreNoneWhereNoneCanBeMade) {
  for (const common::Result<std::filesystem::path>& parent :
       {common::Result<std::filesystem::path>(common::fail(common::ErrorKind::io, "read-only")),
        common::Result<std::filesystem::path>("/proc/self/no/such/folder")}) {
    WorkerCgroups cgroups(parent, "10-1-a");
    EXPECT_FALSE(cgroups.folder());
    EXPECT_FALSE(cgroups.make(1));
    EXPECT_FALSE(cgroups.populated(1));
    EXPECT_TRUE(cgroups.processes(1).empty());
    cgroups.kill(1);
    cgroups.remove_empty();
  }
}

TEST(WorkerCgroups, TheirNamesSayWhoseTheyAre) {
  auto own = common::own_cgroup();
  if (!own) GTEST_SKIP() << "no cgroup can be made here: " << own.error().message();
  tests::TestCgroup parent(*own);
  {
    WorkerCgroups cgroups(parent.path(), "10-1-a");
    auto folder = cgroups.make(3);
    ASSERT_TRUE(folder);
    EXPECT_EQ(*folder, parent.path() / to_string(cgroup_owner("10-1-a")) / "worker-3");
    EXPECT_FALSE(cgroups.make(3)) << "it exists";
    EXPECT_FALSE(cgroups.populated(3));
    cgroups.remove_empty();
    EXPECT_FALSE(std::filesystem::exists(*folder));
    EXPECT_TRUE(cgroups.make(4));
  }
  EXPECT_FALSE(std::filesystem::exists(parent.path() / to_string(cgroup_owner("10-1-a"))));
}

}  // namespace
}  // namespace proxy::supervisor
