#include "proxy/supervisor/cgroup_guard.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <format>

namespace proxy::supervisor {

using common::Descriptor;

namespace {

constexpr const char* kScript = "trap '' HUP INT TERM; read end <&3; echo 1 >&4";  // 3: the pipe, 4: cgroup.kill

}  // namespace

common::Result<CgroupGuard> CgroupGuard::start(boost::asio::any_io_executor executor, const std::filesystem::path& cgroup) {
  const auto failure = [](const std::string& attempt) {
    return common::fail(common::ErrorKind::io, std::format("{}: {}", attempt, strerror(errno)));
  };
  const auto kill_file = cgroup / "cgroup.kill";
  Descriptor kill(::open(kill_file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!kill) return failure("opening " + kill_file.string());
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return failure("making a pipe");
  Descriptor read_end(pipe[0]), write_end(pipe[1]);
  Descriptor null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!null) return failure("opening /dev/null");
  auto process = common::ChildProcess::spawn(executor, {.program = "/bin/sh",
                                                        .arguments = {"-c", kScript},
                                                        .environment = {"PERCH_GUARD=" + cgroup.filename().string()},
                                                        .error_output = null.get(),
                                                        .passed = {read_end.get(), kill.get()},
                                                        .dies_with_parent = false});
  if (!process) return common::fail(process.error());
  return CgroupGuard(std::move(write_end), std::move(*process));
}

}  // namespace proxy::supervisor
