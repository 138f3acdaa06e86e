#include "proxy/supervisor/program_finder.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "common/child_process.hpp"
#include "tests/support/loop_runner.hpp"
#include "tests/support/temp_folder.hpp"

namespace proxy::supervisor {
namespace {

using common::ErrorKind;
using testing::HasSubstr;
namespace fs = std::filesystem;

class ProgramFinderTest : public testing::Test {
 protected:
  common::Result<fs::path> find(const std::string& name) {
    return runner.run(finder.find(name, {"PATH=/nowhere/at/all:" + folder.path().string()}));
  }

  tests::TempFolder folder;
  tests::LoopRunner runner;
  ProgramFinder finder{std::chrono::milliseconds(200)};
};

TEST_F(ProgramFinderTest, ANameIsLookedForInThePathAndAPathIsTaken) {
  const fs::path program = folder.write("server", "#!/bin/sh\n");
  fs::permissions(program, fs::perms::owner_all);
  auto found = find("server");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(*found, program);
  auto missing = find("other");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind(), ErrorKind::io);
  EXPECT_THAT(missing.error().message(), HasSubstr("there is no program other in /nowhere/at/all:"));
  EXPECT_EQ(*find("/nowhere/server"), "/nowhere/server") << "that it is not there is for whoever starts it to say";
}

// A pipe that nobody writes to is opened as long as a file on a disk that hangs.
TEST_F(ProgramFinderTest, AProgramThatDoesNotAnswerIsAskedOnceAndNotWaitedFor) {
  const fs::path program = folder.path() / "hangs";
  ASSERT_EQ(::mkfifo(program.c_str(), 0700), 0);
  for (int i = 0; i < 2; ++i) {
    auto found = find(program.string());
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind(), ErrorKind::timeout);
    EXPECT_THAT(found.error().message(), HasSubstr(program.string()));
  }
  const common::Descriptor answers(::open(program.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
  ASSERT_TRUE(answers) << "nobody reads it";
}

}  // namespace
}  // namespace proxy::supervisor
