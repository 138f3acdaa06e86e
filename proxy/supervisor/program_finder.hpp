// Finds a program, and sees whether its disk answers, before it is started: the kernel reads it then, on the loop thread, and a disk that
// hangs would keep everybody waiting.
//
// Each look is made on a thread of its own, which such a disk keeps. While one has not come back no other is begun for the same program:
// whoever asks meanwhile waits for that one, and not for longer than the patience. Shared by the launcher and its workers, used on the loop
// thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/own_work.hpp"
#include "common/result.hpp"

namespace proxy::supervisor {

// A name without a slash is looked for as a shell does, in the PATH of `environment` ("NAME=value"). Blocks. ErrorKind::io: there is none.
common::Result<std::filesystem::path> find_program(const std::string& name, const std::vector<std::string>& environment);

class ProgramFinder {
 public:
  explicit ProgramFinder(std::chrono::milliseconds patience = std::chrono::seconds(2)) : patience_(patience) {}

  // The same without blocking, and with its first bytes read. ErrorKind::timeout: the patience was over before.
  boost::asio::awaitable<common::Result<std::filesystem::path>> find(std::string name, std::vector<std::string> environment);

 private:
  using Look = common::OwnWork<std::filesystem::path>;
  static Look begin(const std::string& name, const std::vector<std::string>& environment);

  std::chrono::milliseconds patience_;
  std::map<std::string, Look> looks_;  // under way, or over since somebody last asked
};

}  // namespace proxy::supervisor
