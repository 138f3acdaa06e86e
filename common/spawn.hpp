// How a child comes to be: all that happens between a request for it and the first instruction of its program. For child_process.cpp.
//
// Until it has become its program the child borrows our memory, while the thread that made it stands still (CLONE_VM and CLONE_VFORK of
// clone(2), as posix_spawn(3) does it): nothing is copied, and no page has to be copied later because the child might have looked at it.
// It is born in its cgroup (CLONE_INTO_CGROUP, Linux 5.7): to move a process costs the kernel a grace period of RCU, some 10 ms or more in
// which our event loop would not run.
#pragma once

#include <sys/types.h>

#include "common/child_process.hpp"

namespace common {

struct Spawned {
  pid_t pid = 0;
  Descriptor pidfd;
};

// ErrorKind::io: there is no child; the message names the program and says why.
Result<Spawned> spawn(const SpawnRequest& request);

}  // namespace common
