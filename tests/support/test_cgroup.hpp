// A fresh cgroup that goes away with its owner, and everything in it.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <format>
#include <stdexcept>

#include "common/cgroup.hpp"

namespace tests {

class TestCgroup {
 public:
  // `parent` is common::own_cgroup() where that is something.
  explicit TestCgroup(const std::filesystem::path& parent) {
    static int made = 0;
    path_ = parent / std::format("perch-test-{}-{}", ::getpid(), ++made);
    if (::mkdir(path_.c_str(), 0755) != 0) throw std::runtime_error("mkdir " + path_.string() + " failed");
  }
  TestCgroup(const TestCgroup&) = delete;
  ~TestCgroup() {
    common::kill_cgroup(path_);
    common::wait_until_empty(path_, std::chrono::seconds(5));
    common::remove_cgroup(path_);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tests
