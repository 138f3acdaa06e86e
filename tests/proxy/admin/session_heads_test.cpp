#include "proxy/admin/session_heads.hpp"

#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

namespace proxy::admin {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class SessionHeadsTest : public testing::Test {
 protected:
  SessionHeadsTest() { EXPECT_TRUE(sessions.prepare()); }
  fs::path save(const std::string& name, const std::string& model, std::size_t tokens, std::chrono::minutes ago) {
    const common::SessionHead head{
        .key = "key", .model = model, .owner = "somebody", .tokens = std::vector<std::int32_t>(tokens, 7), .state_bytes = state.size()};
    const fs::path file = sessions.file_named(name);
    const auto written =
        common::write_session(file, head, state, fs::file_time_type::clock::now() - ago, [](std::uint64_t) { return true; });
    EXPECT_TRUE(written) << written.error().message();
    return file;
  }
  // "model:tokens" of each that is listed.
  std::vector<std::string> look() {
    read.clear();
    std::vector<std::string> listed;
    for (const ListedSession& each : heads.look_at(sessions.list())) {
      EXPECT_EQ(each.summary.owner, "somebody");
      listed.push_back(each.summary.model + ":" + std::to_string(each.summary.tokens));
    }
    return listed;
  }

  tests::TempFolder folder;
  common::SessionFolder sessions{folder.path() / "sessions"};
  std::vector<std::uint8_t> state = std::vector<std::uint8_t>(64, 1);
  std::vector<std::string> read;  // at the latest look
  SessionHeads heads{[this](const fs::path& file) {
    read.push_back(file.stem().string());
    return common::read_session_head(file);
  }};
};

TEST_F(SessionHeadsTest, AreReadOnceAsLongAsTheirFilesStayTheSame) {
  EXPECT_THAT(look(), IsEmpty());
  const fs::path old = save("old", "a", 3, 60min);
  save("young", "b", 5, 30min);
  EXPECT_THAT(look(), ElementsAre("b:5", "a:3"));
  EXPECT_THAT(read, ElementsAre("young", "old"));
  EXPECT_THAT(look(), ElementsAre("b:5", "a:3"));
  EXPECT_THAT(read, IsEmpty());
  common::mark_used(old);
  EXPECT_THAT(look(), ElementsAre("a:3", "b:5")) << "in the order of the files as they are now";
  EXPECT_THAT(read, ElementsAre("old"));
}

TEST_F(SessionHeadsTest, AnotherFileUnderTheSameNameIsReadAnew) {
  save("one", "a", 3, 60min);
  EXPECT_THAT(look(), ElementsAre("a:3"));
  save("one", "b", 3, 60min);
  EXPECT_THAT(look(), ElementsAre("b:3"));
}

TEST_F(SessionHeadsTest, WhatIsDamagedOrGoneIsNotListed) {
  const fs::path gone = save("gone", "a", 3, 60min);
  save("stays", "b", 5, 30min);
  EXPECT_THAT(look(), ElementsAre("b:5", "a:3"));
  common::remove_session(gone);
  fs::resize_file(sessions.file_named("stays"), 10);
  EXPECT_THAT(look(), IsEmpty());
}

}  // namespace
}  // namespace proxy::admin
