#include "common/child_output.hpp"

#include <gmock/gmock.h>

#include "tests/support/loop_runner.hpp"

namespace common {
namespace {

class ChildOutputTest : public testing::Test {
 protected:
  Result<ChildOutput> run(std::string script, std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    return runner.run(
        run_for_output({.program = "/bin/sh", .arguments = {"-c", std::move(script)}, .environment = {"PATH=/usr/bin:/bin"}}, patience));
  }
  tests::LoopRunner runner;
};

TEST_F(ChildOutputTest, IsWhatWasWrittenToEitherAndHowItEnded) {
  auto output = run("echo one; echo two >&2; exit 7");
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->text, "one\ntwo\n");
  EXPECT_EQ(output->status.code, 7);
}

TEST_F(ChildOutputTest, EndsAProgramThatTakesTooLong) {
  auto output = run("echo begun; exec sleep 1000", std::chrono::milliseconds(200));
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().kind(), ErrorKind::timeout);
  EXPECT_THAT(output.error().message(), testing::HasSubstr("/bin/sh took longer than 200 ms"));
}

TEST_F(ChildOutputTest, KeepsTheBeginningOfALongOneAndReadsTheRest) {
  auto output = run("head -c 300000 /dev/zero | tr '\\0' x; exit 7");
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->text, std::string(64 << 10, 'x'));
  EXPECT_EQ(output->status.code, 7);
}

TEST_F(ChildOutputTest, EndsAProgramThatNeverStopsWriting) {
  auto output = run("exec yes", std::chrono::milliseconds(200));
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().kind(), ErrorKind::timeout);
}

TEST_F(ChildOutputTest, EndsAProgramThatClosesItsOutputAndStays) {
  auto output = run("exec >&- 2>&-; exec sleep 1000", std::chrono::milliseconds(200));
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().kind(), ErrorKind::timeout);
}

TEST_F(ChildOutputTest, AProgramThatIsNotThereIsAnError) {
  auto output = runner.run(run_for_output({.program = "/nowhere/at/all"}, std::chrono::seconds(30)));
  EXPECT_TRUE(!output || !output->status.clean());
}

}  // namespace
}  // namespace common
