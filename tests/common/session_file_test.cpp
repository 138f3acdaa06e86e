#include "common/session_file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "tests/support/temp_folder.hpp"

namespace common {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class SessionFileTest : public testing::Test {
 protected:
  SessionFileTest() {
    for (std::size_t i = 0; i < state.size(); ++i) state[i] = static_cast<std::uint8_t>(i * 31);
    head.state_bytes = state.size();
  }
  Result<void> write(const fs::path& to) {
    return write_session(to, head, state, fs::file_time_type::clock::now(), [](std::uint64_t) { return true; });
  }
  // A file of the right owner and mode.
  fs::path put(const std::string& bytes) {
    fs::remove(file);
    std::ofstream(file, std::ios::binary) << bytes;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    return file;
  }
  void expect_refused(const std::string& what) {
    auto read = read_session(file);
    ASSERT_FALSE(read) << what;
    EXPECT_EQ(read.error().kind(), ErrorKind::bad_request) << what << ": " << read.error().message();
  }

  tests::TempFolder folder;
  const fs::path file = folder.path() / "one.session";
  SessionHead head{.key = "sha256:k", .model = "m\"\n", .owner = "o", .tokens = {1, -5, 2147483647, 0}};
  std::vector<std::uint8_t> state = std::vector<std::uint8_t>(50);
};

TEST_F(SessionFileTest, GivesBackWhatWasWritten) {
  ASSERT_TRUE(write(file));
  EXPECT_EQ(fs::file_size(file), session_file_bytes(head));
  auto read = read_session(file);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->head.key, head.key);
  EXPECT_EQ(read->head.model, head.model);
  EXPECT_EQ(read->head.owner, head.owner);
  EXPECT_EQ(read->head.tokens, head.tokens);
  EXPECT_TRUE(std::ranges::equal(read->state.view(), state));
  auto beginning = read_session_head(file);
  ASSERT_TRUE(beginning);
  EXPECT_EQ(beginning->tokens, head.tokens);
  EXPECT_EQ(beginning->state_bytes, 50u);
}

TEST_F(SessionFileTest, IsTheUsersAloneAndHasTheTimeOfItsLastUse) {
  const auto used = fs::file_time_type::clock::now() - std::chrono::hours(30);
  ASSERT_TRUE(write_session(file, head, state, used, [](std::uint64_t) { return true; }));
  struct stat st{};
  ASSERT_EQ(::stat(file.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  EXPECT_LT(used - fs::last_write_time(file), std::chrono::milliseconds(1));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "no unfinished file is left";
}

TEST_F(SessionFileTest, EveryByteCounts) {
  ASSERT_TRUE(write(file));
  const std::string good = bytes_of(file);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit : {0, 7}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 1 << bit);
      put(bad);
      expect_refused("byte " + std::to_string(i));
    }
  }
}

TEST_F(SessionFileTest, IsRefusedAtEveryLengthButItsOwn) {
  ASSERT_TRUE(write(file));
  const std::string good = bytes_of(file);
  for (std::size_t length = 0; length < good.size(); ++length) {
    put(good.substr(0, length));
    expect_refused(std::to_string(length) + " bytes");
    EXPECT_FALSE(read_session_head(file));
  }
  put(good + '\0');
  expect_refused("one byte more");
}

TEST_F(SessionFileTest, AStateUnderAnotherHeadIsRefused) {
  ASSERT_TRUE(write(file));
  const std::string first = bytes_of(file);
  head.tokens.back() = 7;
  ASSERT_TRUE(write(file));
  const std::string second = bytes_of(file);
  ASSERT_EQ(first.size(), second.size());
  const std::size_t tail = state.size() + 8;
  put(first.substr(0, first.size() - tail) + second.substr(second.size() - tail));
  EXPECT_TRUE(read_session_head(file)) << "the head itself is whole";
  expect_refused("a state that was saved after other tokens");
}

TEST_F(SessionFileTest, NoLengthInItIsBelieved) {
  ASSERT_TRUE(write(file));
  const std::string good = bytes_of(file);
  for (std::size_t field : {8u, 16u, 24u}) {
    for (const char* value : {"\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00\x00\x00\x00\x00\x00\x80", "\x00\x00\x00\x00\x00\x00\x00\x00",
                              "\xf0\xff\xff\xff\x03\x00\x00\x00"}) {
      put(std::string(good).replace(field, 8, value, 8));
      expect_refused("the length at " + std::to_string(field));
    }
  }
}

TEST_F(SessionFileTest, OfSomebodyElseIsNotRead) {
  ASSERT_TRUE(write(file));
  fs::permissions(file, fs::perms::others_read, fs::perm_options::add);
  for (const auto kind : {read_session(file).error().kind(), read_session_head(file).error().kind()})
    EXPECT_EQ(kind, ErrorKind::io) << "others may read it: none of ours, to remove neither";
  fs::permissions(file, fs::perms::owner_read);
  EXPECT_TRUE(read_session(file));
  const fs::path link = folder.path() / "link.session";
  fs::create_symlink(file, link);
  EXPECT_FALSE(read_session(link)) << "a link may lead anywhere";
  ASSERT_EQ(::mkfifo((folder.path() / "pipe.session").c_str(), 0600), 0);
  EXPECT_EQ(read_session(folder.path() / "pipe.session").error().kind(), ErrorKind::io) << "and nobody waits for the other end";
  EXPECT_EQ(read_session(folder.path() / "none.session").error().kind(), ErrorKind::not_found);
}

TEST_F(SessionFileTest, LeavesNothingWhenThereIsNoTimeForAllOfIt) {
  state.resize(20 << 20);
  head.state_bytes = state.size();
  ASSERT_TRUE(write(file));
  const std::string old = bytes_of(file);
  head.tokens.back() = 3;
  int pieces = 0;
  std::vector<std::uint64_t> done;
  auto goes_on = [&](std::uint64_t bytes) {
    done.push_back(bytes);
    return ++pieces < 4;
  };
  auto written = write_session(file, head, state, fs::file_time_type::clock::now(), goes_on);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind(), ErrorKind::timeout);
  EXPECT_EQ(pieces, 4) << "it is asked while it writes";
  EXPECT_EQ(done[0], 0u);
  EXPECT_GT(done[3], done[2]);
  EXPECT_EQ(bytes_of(file), old) << "what was there stays";
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST_F(SessionFileTest, ReadingCanBeGivenUp) {
  state.resize(20 << 20);
  head.state_bytes = state.size();
  ASSERT_TRUE(write(file));
  std::uint64_t last = 0;
  auto read = read_session(file, [&](std::uint64_t done) { return (last = done) < (8u << 20); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind(), ErrorKind::timeout);
  EXPECT_GE(last, 8u << 20);
  EXPECT_LT(last, 20u << 20) << "it is asked while it reads";
  EXPECT_TRUE(read_session(file, [](std::uint64_t) { return true; }));
}

TEST_F(SessionFileTest, TwoProcessesDoNotWriteIntoTheSameUnfinishedFile) {
  std::vector<std::string> names;
  auto look = [&](std::uint64_t) {
    for (const auto& entry : fs::directory_iterator(folder.path())) names.push_back(entry.path().filename().string());
    return false;
  };
  EXPECT_FALSE(write_session(file, head, state, fs::file_time_type::clock::now(), look));
  EXPECT_THAT(names, testing::ElementsAre("one." + std::to_string(::getpid()) + ".session" + kUnfinished));
}

TEST_F(SessionFileTest, AFolderThatIsNotThereIsSaid) {
  auto written = write(folder.path() / "nowhere" / "one.session");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message(), HasSubstr("nowhere"));
}

}  // namespace
}  // namespace common
