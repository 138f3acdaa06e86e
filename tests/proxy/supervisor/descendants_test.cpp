#include "proxy/supervisor/descendants.hpp"

#include <gmock/gmock.h>

#include "proxy/supervisor/worker_cgroups.hpp"

namespace proxy::supervisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr pid_t kDaemon = 10, kLeader = 100, kOther = 200;
const WorkerMark kMark{"10-1-a", 1}, kOtherMark{"10-1-a", 2}, kOtherDaemon{"11-1-b", 1};

MarkedProcess process(pid_t pid, pid_t parent, pid_t group, std::optional<WorkerMark> mark = {}, char state = 'S') {
  return {{.pid = pid, .parent = parent, .group = group, .state = state}, std::move(mark), pid == kLeader || pid == kOther};
}

std::vector<pid_t> selected(const std::vector<MarkedProcess>& processes, WorkerIdentity worker) {
  std::vector<pid_t> pids;
  for (const auto& each : select_descendants(processes, worker)) pids.push_back(each.pid);
  return pids;
}

WorkerIdentity running() { return {.mark = kMark, .leader = kLeader, .leader_reaped = false, .daemon = kDaemon}; }
WorkerIdentity gone() { return {.mark = kMark, .leader = kLeader, .leader_reaped = true, .daemon = kDaemon}; }

TEST(Descendants, TheMarkSurvivesTheEnvironment) {
  std::string environment("X=1\0", 4);
  for (const std::string& entry : environment_of(kMark)) environment += entry + '\0';
  EXPECT_EQ(read_mark(environment), kMark);
  EXPECT_EQ(read_mark(std::string("PERCH_INSTANCE=10-1-a\0PERCH_WORKER=x\0", 37)), std::nullopt);
  EXPECT_EQ(read_mark("PERCH_INSTANCE=10-1-a"), std::nullopt);
}

TEST(Descendants, TheNameOfTheCgroupIsAMarkToo) {
  const std::string ours = to_string(cgroup_owner(kMark.instance));
  EXPECT_EQ(read_cgroup_mark("/perch.service/" + ours + "/worker-1"), kMark);
  EXPECT_EQ(read_cgroup_mark("/perch.service/" + ours + "/worker-1/sandbox/x"), kMark);
  EXPECT_EQ(read_cgroup_mark("/" + ours + "/worker-7/" + to_string(cgroup_owner("10-1-b")) + "/worker-2"), (WorkerMark{"10-1-b", 2}));
  for (const std::string& other : {std::string(), std::string("/"), "/" + ours, "/" + ours + "/worker-", "/" + ours + "/worker-1x",
                                   "/" + ours + "/x/worker-1", std::string("/perch.service/worker-1")})
    EXPECT_EQ(read_cgroup_mark(other), std::nullopt) << other;
}

TEST(Descendants, AreTheWorkerItsGroupItsMarkAndTheirChildren) {
  EXPECT_THAT(
      selected({process(kDaemon, 1, kDaemon), process(kLeader, kDaemon, kLeader, kMark), process(101, kLeader, kLeader),  // in the group
                process(102, 1, 102, kMark),  // left it, and its parent has ended
                process(104, 103, 104),       // a child of a child, listed before its parent
                process(103, 102, 103), process(300, 1, 300)},
               running()),
      UnorderedElementsAre(kLeader, 101, 102, 103, 104));
}

TEST(Descendants, AreNotThoseOfAnybodyElse) {
  EXPECT_THAT(selected({process(kDaemon, 1, kDaemon, kMark),  // a daemon in a daemon's environment is still the one that asks
                        process(kOther, kDaemon, kOther, kOtherMark), process(201, kOther, kOther, kOtherMark),
                        process(202, 1, 202, kOtherDaemon), process(203, 1, 203)},
                       gone()),
              IsEmpty());
}

TEST(Descendants, ZombiesDoNotCount) {
  EXPECT_THAT(selected({process(101, kDaemon, kLeader, kMark, 'Z'), process(102, kDaemon, kLeader, kMark)}, gone()), ElementsAre(102));
}

TEST(Descendants, AGroupThatGotTheNumberLaterIsAnother) {
  EXPECT_THAT(selected({process(101, 1, kLeader)}, gone()), ElementsAre(101));
  auto reused = process(kLeader, 1, kLeader);
  reused.started_by_daemon = false;
  EXPECT_THAT(selected({reused, process(101, kLeader, kLeader)}, gone()), IsEmpty());
}

TEST(Descendants, AnAdoptedProcessWithoutAMarkIsTheOnlyWorkersOwn) {
  const std::vector<MarkedProcess> processes{process(kOther, kDaemon, kOther, kOtherMark), process(300, kDaemon, 300)};
  EXPECT_THAT(selected(processes, gone()), ElementsAre(300));
  auto one_of_two = gone();
  one_of_two.only_worker = false;
  EXPECT_THAT(selected(processes, one_of_two), IsEmpty());
}

TEST(Descendants, AnOrphanWithoutAMarkIsAnybodysWhereTheDaemonIsTheFirstProcess) {
  auto of_init = gone();
  of_init.daemon = 1;
  EXPECT_THAT(selected({process(300, 1, 300), process(301, 1, 301, kMark)}, of_init), ElementsAre(301));
}

}  // namespace
}  // namespace proxy::supervisor
