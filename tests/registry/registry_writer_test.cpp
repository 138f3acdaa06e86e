#include "registry/registry_writer.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <thread>

#include "registry/registry_file.hpp"
#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

using common::ErrorKind;
using common::Result;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;

Edit to(std::string text) {
  return [text](const std::optional<std::string>&) -> Result<std::string> { return text; };
}

class RegistryWriterTest : public testing::Test {
 protected:
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
  }

  tests::TempFolder folder;
  fs::path file = folder.path() / "registry.json";
};

TEST_F(RegistryWriterTest, TheFileIsReplacedAndKeepsItsPermissions) {
  folder.write("registry.json", "old");
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  auto written = edit_registry(file, to("new"));
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_EQ(written->before, "old");
  EXPECT_EQ(*read_text(file), "new");
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  EXPECT_EQ(files(), 1u) << "nothing is left beside it";
}

TEST_F(RegistryWriterTest, ALinkStaysALinkAndWhatItPointsAtIsReplaced) {
  fs::create_directory(folder.path() / "real");
  folder.write("real/v1.json", "old");
  fs::create_symlink("real", folder.path() / "data");
  fs::create_symlink("data/v1.json", folder.path() / "second");
  fs::create_symlink(folder.path() / "second", file);
  auto written = edit_registry(file, to("new"));
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_TRUE(fs::is_symlink(file));
  EXPECT_TRUE(fs::is_symlink(folder.path() / "second"));
  EXPECT_FALSE(fs::is_symlink(folder.path() / "real/v1.json"));
  EXPECT_EQ(*read_text(folder.path() / "real/v1.json"), "new");
}

TEST_F(RegistryWriterTest, ARelativeLinkBehindALinkedFolderPointsAtWhatTheKernelSays) {
  folder.write("dotfiles/shared/registry.json", "old");
  folder.write("config/shared/registry.json", "of somebody else");
  fs::create_directory(folder.path() / "dotfiles/ai-stack");
  fs::create_symlink("../shared/registry.json", folder.path() / "dotfiles/ai-stack/registry.json");
  fs::create_directory_symlink("../dotfiles/ai-stack", folder.path() / "config/ai-stack");
  auto written = edit_registry(folder.path() / "config/ai-stack/registry.json", to("new"));
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_EQ(written->before, "old");
  EXPECT_EQ(*read_text(folder.path() / "dotfiles/shared/registry.json"), "new");
  EXPECT_EQ(*read_text(folder.path() / "config/shared/registry.json"), "of somebody else");
}

TEST_F(RegistryWriterTest, AMissingFileIsMadeAndALinkToItselfIsAnError) {
  auto written =
      edit_registry(file, [](const std::optional<std::string>& text) -> Result<std::string> { return text ? "was there" : "new"; });
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_EQ(*read_text(file), "new");
  fs::create_symlink("loop", folder.path() / "loop");
  auto looped = edit_registry(folder.path() / "loop", to("x"));
  ASSERT_FALSE(looped);
  EXPECT_THAT(looped.error().message(), HasSubstr("link to itself"));
}

TEST_F(RegistryWriterTest, WhatSomebodyElseWroteMeanwhileIsNotLost) {
  folder.write("registry.json", "old");
  auto written = edit_registry(file, [&](const std::optional<std::string>&) -> Result<std::string> {
    folder.write("registry.json", "theirs");
    return "ours";
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind(), ErrorKind::conflict);
  EXPECT_EQ(*read_text(file), "theirs");
  EXPECT_EQ(files(), 1u);
}

TEST_F(RegistryWriterTest, AnEditThatIsRefusedOrChangesNothingWritesNothing) {
  folder.write("registry.json", "old");
  const auto before = fs::last_write_time(file);
  auto refused = edit_registry(
      file, [](const std::optional<std::string>&) -> Result<std::string> { return common::fail(ErrorKind::bad_request, "no"); });
  EXPECT_FALSE(refused);
  EXPECT_TRUE(edit_registry(file, to("old")));
  EXPECT_EQ(fs::last_write_time(file), before);
}

TEST_F(RegistryWriterTest, WhereItMayNotWriteItSaysSoAndWhatToDo) {
  folder.write("store/registry.json", "old");
  fs::create_symlink("store/registry.json", file);
  for (const fs::path& each : {folder.path(), folder.path() / "store"})
    fs::permissions(each, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  const bool is_root = ::geteuid() == 0;  // who may write everywhere
  if (is_root && ::seteuid(kNobody) != 0) GTEST_SKIP() << "there is nobody but root here";
  auto written = edit_registry(file, to("new"));
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  for (const fs::path& each : {folder.path(), folder.path() / "store"}) fs::permissions(each, fs::perms::owner_all);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind(), ErrorKind::io);
  EXPECT_THAT(written.error().message(), HasSubstr("if another tool makes this file"));
  EXPECT_EQ(*read_text(file), "old");
}

TEST_F(RegistryWriterTest, ManyWritersAtOnceTakeTurns) {
  folder.write("registry.json", "");
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        auto written = edit_registry(file, [](const std::optional<std::string>& text) -> Result<std::string> { return *text + "x"; });
        ASSERT_TRUE(written) << written.error().message();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(*read_text(file), std::string(40, 'x'));
}

class WriteRoleTest : public testing::Test {
 protected:
  Result<RoleWritten> write(const std::string& role, const std::string& id, bool force = false) {
    FactsReader facts;
    return write_role(file, role, id, force, facts);
  }

  tests::TempFolder folder;
  fs::path file = folder.write(
      "registry.json", R"({"models":{"default":"a","old":"gone"},"catalog":{"a":{"artifact":"a"},"bee":{"artifact":"b"}},"x":[ 1 ]})");
};

TEST_F(WriteRoleTest, ARoleIsRepointedAndTheRestStays) {
  auto written = write("default", "bee");
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_EQ(written->before, "a");
  EXPECT_TRUE(written->written);
  EXPECT_EQ(*read_text(file),
            R"({"models":{"default":"bee","old":"gone"},"catalog":{"a":{"artifact":"a"},"bee":{"artifact":"b"}},"x":[ 1 ]})");
  EXPECT_FALSE(write("default", "bee")->written);
  EXPECT_EQ(write("fresh", "a")->before, std::nullopt);
}

TEST_F(WriteRoleTest, AnUnknownIdIsRefusedWithTheNearestUnlessForced) {
  const std::string before = *read_text(file);
  auto refused = write("default", "be");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::model_not_found);
  EXPECT_THAT(refused.error().message(), HasSubstr("did you mean bee or a?"));
  EXPECT_THAT(write("default", "old").error().message(), HasSubstr("old is a role"));
  EXPECT_EQ(*read_text(file), before);
  EXPECT_TRUE(write("default", "elsewhere/model", true));
}

TEST_F(WriteRoleTest, ARoleThatWouldHideAModelAndAFileThatIsWrongAreRefused) {
  EXPECT_THAT(write("bee", "a").error().message(), HasSubstr("bee is the id of a model"));
  EXPECT_THAT(write("", "a").error().message(), HasSubstr("must not be empty"));
  folder.write("registry.json", R"({"models":{},"policy":{"max":1}})");
  EXPECT_THAT(write("default", "a", true).error().message(), HasSubstr("/policy/max: unknown key"));
  fs::remove(file);
  EXPECT_EQ(write("default", "a").error().kind(), ErrorKind::io);
}

}  // namespace
}  // namespace registry
