#include "common/spawn.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <memory>

#include "common/proc_file.hpp"

// The thread that made the child stands still, all others go on, and the memory is theirs too: what sanitizers would note of the child is
// not theirs to know. So it makes its system calls itself where sanitizers keep books of what the C library's do.
#define PERCH_IN_BORROWED_MEMORY __attribute__((noinline, no_sanitize("address", "undefined", "thread")))

namespace common {

namespace {

constexpr int kFirstPassed = 3;
constexpr int kFirstFree = 16;  // what is passed is copied to here first, out of the way of the numbers that it will get
constexpr std::size_t kStackBytes = 64 * 1024;
constexpr int kNoProgram = 127;  // as a shell says it

struct Limit {
  decltype(RLIMIT_CORE) resource;
  rlimit value;
};

// All that the child needs, so that it allocates nothing.
struct Plan {
  const char* program;
  const char* const* arguments;
  const char* const* environment;
  int error_output;  // this and those passed have numbers from kFirstFree on
  const int* passed;
  int passed_count;
  const Limit* limits;
  std::size_t limit_count;
  const char* oom_score;  // empty: as it is
  std::size_t oom_score_bytes;
  int cgroup_members;  // its cgroup.procs, if the child has to join it by itself; -1
  int most_open;       // the highest descriptor there is, for a kernel that cannot close a range; -1: it can
  pid_t parent;
  bool dies_with_parent;
  int error = 0;  // set by the child: its program does not run, and this is why
};

// It stays open in the program.
PERCH_IN_BORROWED_MEMORY bool renumber(int descriptor, int number) { return syscall(SYS_dup3, descriptor, number, 0) >= 0; }

[[noreturn]] PERCH_IN_BORROWED_MEMORY void end_child() {
  while (true) syscall(SYS_exit_group, kNoProgram);
}

// As it would be without us: a handler would run in memory that is not the child's, and what is ignored stays so in the program.
PERCH_IN_BORROWED_MEMORY void forget_signals() {
  constexpr std::size_t kMaskBytes = NSIG / CHAR_BIT;
  const unsigned long to_default[8] = {};  // the kernel's struct sigaction, of which all is zero
  for (int number = 1; number < NSIG; ++number) syscall(SYS_rt_sigaction, number, to_default, nullptr, kMaskBytes);
  const unsigned long none[kMaskBytes / sizeof(long)] = {};
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, nullptr, kMaskBytes);
}

PERCH_IN_BORROWED_MEMORY bool take_descriptors(const Plan& plan) {
  if (!renumber(plan.error_output, 1) || !renumber(plan.error_output, 2)) return false;
  for (int i = 0; i < plan.passed_count; ++i) {
    if (!renumber(plan.passed[i], kFirstPassed + i)) return false;
  }
  syscall(SYS_close, 0);
  if (syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY) != 0) return false;  // the lowest number that is free
  const int rest = kFirstPassed + plan.passed_count;
  if (plan.most_open < 0) return syscall(SYS_close_range, rest, UINT_MAX, 0) == 0;
  for (int descriptor = rest; descriptor <= plan.most_open; ++descriptor) syscall(SYS_close, descriptor);
  return true;
}

PERCH_IN_BORROWED_MEMORY void hold_to_limits(const Plan& plan) {
  for (std::size_t i = 0; i < plan.limit_count; ++i) setrlimit(plan.limits[i].resource, &plan.limits[i].value);
  if (plan.oom_score_bytes == 0) return;
  const long score = syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score >= 0) syscall(SYS_write, score, plan.oom_score, plan.oom_score_bytes);  // if it fails, it is as it was
}

// The child's whole life before its program: system calls and nothing else.
[[noreturn]] PERCH_IN_BORROWED_MEMORY void become_program(void* given) {
  Plan& plan = *static_cast<Plan*>(given);
  // Before anything else, so that nothing of it is ever outside. If it fails, it is where its parent is.
  if (plan.cgroup_members >= 0) syscall(SYS_write, plan.cgroup_members, "0", 1);
  setpgid(0, 0);
  if (plan.dies_with_parent) prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) end_child();  // the parent died before the line above took hold
  forget_signals();
  if (take_descriptors(plan)) {
    hold_to_limits(plan);
    execve(plan.program, const_cast<char* const*>(plan.arguments), const_cast<char* const*>(plan.environment));
  }
  plan.error = errno;
  end_child();
}

// clone3(2), the child going on in become_program() on a stack of its own. A negative errno where that cannot be had. glibc has no such
// call (its clone(3) cannot say CLONE_INTO_CGROUP), and to return twice from a function of C is not for what shares the stack.
long clone_with_stack(clone_args& args, Plan& plan) {
#if defined(__x86_64__)
  register auto entry asm("r12") = &become_program;
  register Plan* argument asm("r13") = &plan;
  long result = SYS_clone3;
  asm volatile(
      "syscall\n\t"
      "testq %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xorl %%ebp, %%ebp\n\t"  // the outermost frame
      "movq %[argument], %%rdi\n\t"
      "callq *%[entry]\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "D"(&args), "S"(sizeof(args)), [entry] "r"(entry), [argument] "r"(argument)
      : "rcx", "r11", "cc", "memory");
  return result;
#elif defined(__aarch64__)
  register auto entry asm("x19") = &become_program;
  register Plan* argument asm("x20") = &plan;
  register long number asm("x8") = SYS_clone3;
  register long result asm("x0") = reinterpret_cast<long>(&args);
  register long size asm("x1") = sizeof(args);
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"  // the outermost frame
      "mov x0, %[argument]\n\t"
      "blr %[entry]\n\t"
      "brk #0\n"
      "1:"
      : "+r"(result)
      : "r"(number), "r"(size), [entry] "r"(entry), [argument] "r"(argument)
      : "cc", "memory");
  return result;
#else
  static_cast<void>(args), static_cast<void>(plan);
  return -ENOSYS;
#endif
}

// Into that cgroup, or, with -1, where we are.
long clone_child(Plan& plan, int cgroup, int& pidfd) {
  const auto stack = std::make_unique<std::byte[]>(kStackBytes);
  clone_args args{};
  args.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0);
  args.exit_signal = SIGCHLD;
  args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  args.stack = reinterpret_cast<std::uintptr_t>(stack.get());
  args.stack_size = kStackBytes;
  args.cgroup = cgroup >= 0 ? static_cast<std::uint64_t>(cgroup) : 0;
  const long pid = clone_with_stack(args, plan);
  if (pid < 0) pidfd = -1;  // the kernel may have said a number that it took back
  return pid;
}

// Where clone3(2) is not to be had: another processor, a container that forbids it.
long vfork_child(Plan& plan, int& pidfd) {
  const pid_t pid = vfork();
  if (pid == 0) become_program(&plan);
  if (pid < 0) return -errno;
  pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd >= 0) return pid;
  const int why = errno;
  kill(-pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  return -why;
}

// Those that are opened later are not passed on: all of ours are closed on exec.
int highest_descriptor() {
  int highest = kFirstFree;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ec))
    highest = std::max(highest, std::atoi(entry.path().filename().c_str()));
  return highest;
}

// close_range(2), Linux 5.9, asked to close nothing.
bool closes_ranges() { return syscall(SYS_close_range, UINT_MAX, UINT_MAX, 0) == 0; }

// No signal may reach the child while our handlers are still its own.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

std::vector<Limit> limits_of(const ChildLimits& wanted) {
  std::vector<Limit> limits;
  const auto add = [&](decltype(RLIMIT_CORE) resource, const std::optional<std::uint64_t>& most) {
    rlimit limit;
    if (!most || getrlimit(resource, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max = std::min<rlim_t>(limit.rlim_max, *most);
    limits.push_back({resource, limit});
  };
  add(RLIMIT_CORE, wanted.core_bytes);
  add(RLIMIT_NOFILE, wanted.open_files);
  add(RLIMIT_DATA, wanted.data_bytes);
  return limits;
}

// Never less than it is: lowering needs a privilege. Empty: nothing is to be changed.
std::string oom_score_text(std::optional<int> wanted) {
  if (!wanted) return {};
  const std::string now = read_proc_file("/proc/self/oom_score_adj");
  return std::to_string(std::max(*wanted, std::atoi(now.c_str())));
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> list;
  for (const std::string& text : texts) list.push_back(text.c_str());
  list.push_back(nullptr);
  return list;
}

}  // namespace

Result<Spawned> spawn(const SpawnRequest& request) {
  // Copies, out of the way of the numbers that they will get.
  std::vector<int> wanted = request.passed;
  wanted.push_back(request.error_output);
  std::vector<Descriptor> copies;
  std::vector<int> passed;
  for (int descriptor : wanted) {
    Descriptor& copy = copies.emplace_back(fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstFree));
    if (!copy) return fail(ErrorKind::io, std::format("passing a descriptor to a child: {}", strerror(errno)));
    passed.push_back(copy.get());
  }
  passed.pop_back();
  std::vector<std::string> words{request.program.string()};
  words.append_range(request.arguments);
  const auto arguments = pointers(words), environment = pointers(request.environment);
  const std::vector<Limit> limits = limits_of(request.limits);
  const std::string oom_score = oom_score_text(request.limits.oom_score_adj);
  Plan plan{.program = words.front().c_str(),
            .arguments = arguments.data(),
            .environment = environment.data(),
            .error_output = copies.back().get(),
            .passed = passed.data(),
            .passed_count = static_cast<int>(passed.size()),
            .limits = limits.data(),
            .limit_count = limits.size(),
            .oom_score = oom_score.c_str(),
            .oom_score_bytes = oom_score.size(),
            .cgroup_members = -1,
            .most_open = closes_ranges() ? -1 : highest_descriptor(),
            .parent = getpid(),
            .dies_with_parent = request.dies_with_parent};

  Descriptor cgroup, members;
  if (request.cgroup) {
    cgroup = Descriptor(open(request.cgroup->c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    members = Descriptor(open((*request.cgroup / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  }
  int pidfd = -1;
  long pid = -1;
  {
    const AllSignalsBlocked blocked;
    if (cgroup) pid = clone_child(plan, cgroup.get(), pidfd);
    if (pid < 0) {
      plan.cgroup_members = members.get();
      pid = clone_child(plan, -1, pidfd);
    }
    if (pid < 0) pid = vfork_child(plan, pidfd);
  }
  Descriptor watch(pidfd);
  const auto failed = [&](int why) {
    return fail(ErrorKind::io, std::format("starting {}: {}{}", request.program.string(), strerror(why),
                                           why == ENOSYS ? " (Linux 5.4 or newer is needed)" : ""));
  };
  if (pid < 0) return failed(static_cast<int>(-pid));
  if (plan.error != 0) {
    waitpid(static_cast<pid_t>(pid), nullptr, 0);
    return failed(plan.error);
  }
  return Spawned{.pid = static_cast<pid_t>(pid), .pidfd = std::move(watch)};
}

}  // namespace common
