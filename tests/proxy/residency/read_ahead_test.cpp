#include "proxy/residency/read_ahead.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <format>
#include <thread>

#include "common/cached_pages.hpp"
#include "common/child_process.hpp"
#include "proxy/residency/residency.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_launcher.hpp"
#include "tests/support/temp_folder.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;

TEST(RoomToReadAhead, IsWhatIsLeftWithoutTheReserveAndWithoutWhatOthersWorkWith) {
  EXPECT_EQ(room_to_read_ahead(100, 20, 30), 50u);
  EXPECT_EQ(room_to_read_ahead(100, 20, 90), 0u);
  EXPECT_EQ(room_to_read_ahead(100, 200, 0), 0u);
  EXPECT_EQ(room_to_read_ahead(0, 0, 0), 0u) << "what cannot be told is nothing";
}

class RememberingReader final : public ReadAhead {
 public:
  void begin(const registry::Model& model, std::uint64_t mapped_bytes) override {
    reading = model.id;
    mapped = mapped_bytes;
    ++begun;
  }
  void stop() override { reading.clear(); }
  std::uint64_t bytes_read() const override { return 0; }

  std::string reading;
  std::uint64_t mapped = 0;
  int begun = 0;
};

class ReadAheadTest : public testing::Test {
 protected:
  ReadAheadTest() { residency.read_ahead_with(reader); }
  ~ReadAheadTest() override {
    for (auto& process : launcher.processes) process->dies_of_signals = true;
    leases.clear();
    bool down = false;
    boost::asio::co_spawn(loop, residency.shut_down(), [&](std::exception_ptr) { down = true; });
    for (int i = 0; i < 200 && !down; ++i) {
      for (auto& process : launcher.processes) {
        if (process->was_told<common::Exit>()) process->end({});
      }
      clock.advance(1s);
    }
    EXPECT_TRUE(down);
  }
  void ask(const std::string& id) { ask(registry::Model{.id = id, .artifact = "/" + id + ".gguf"}); }
  void ask(registry::Model model) {
    auto done = [this](std::exception_ptr, common::Result<Lease> lease) {
      if (lease) leases.push_back(std::move(*lease));
    };
    boost::asio::co_spawn(loop, residency.acquire({.model = std::move(model)}), done);
    clock.settle();
  }
  void come_up() {
    common::Ready ready = tests::ready_message(launcher.last().model);
    ready.memory = {{.device = "CPU", .weights_bytes = 900, .mapped_bytes = 700}};
    launcher.last().say(common::Hello{});
    launcher.last().say(ready);
    clock.settle();
  }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  tests::FakeLauncher launcher{loop};
  RememberingReader reader;
  Residency residency{loop.get_executor(), clock, launcher, {}};
  std::vector<Lease> leases;
};

TEST_F(ReadAheadTest, TheFilesOfAServerOfSomebodyElsesAreLeftToIt) {
  ask("a");
  come_up();
  ask({.id = "theirs", .artifact = "/theirs.gguf", .command = common::CommandLine{.arguments = {"serve", "${PORT}"}}});
  clock.advance(30s);
  leases.clear();
  clock.settle();
  ASSERT_TRUE(launcher.last().was_told<common::Exit>());
  EXPECT_EQ(reader.begun, 0);
}

TEST_F(ReadAheadTest, TheNextModelIsReadFromTheDrainUntilItsLoad) {
  ask("a");
  come_up();
  ask("b");
  EXPECT_EQ(reader.reading, "") << "it is not decided yet that anybody leaves";
  clock.advance(20s);
  EXPECT_EQ(reader.reading, "b");
  EXPECT_EQ(reader.mapped, 700u) << "what the resident works with is not to be pushed out";
  leases.clear();
  clock.settle();
  launcher.last().end({});
  clock.settle();
  EXPECT_EQ(launcher.last().model, "b");
  EXPECT_EQ(reader.reading, "") << "its own worker reads it now";
  EXPECT_EQ(reader.begun, 1);
  come_up();
}

TEST_F(ReadAheadTest, ASwapThatIsCalledOffIsNotReadForAnyMore) {
  ask("a");
  come_up();
  auto leaving = std::make_unique<boost::asio::cancellation_signal>();
  boost::asio::co_spawn(loop, residency.acquire({.model = {.id = "b", .artifact = "/b.gguf"}}),
                        boost::asio::bind_cancellation_slot(leaving->slot(), [](std::exception_ptr, common::Result<Lease>) {}));
  clock.advance(20s);
  EXPECT_EQ(reader.reading, "b");
  leaving->emit(boost::asio::cancellation_type::terminal);
  clock.settle();
  EXPECT_EQ(reader.reading, "");
}

TEST_F(ReadAheadTest, WhatIsReadPastThePageCacheIsNotReadIntoIt) {
  MemoryTerms terms;
  terms.needs["b"] = {.read_mode = "direct"};
  residency.know_memory(std::move(terms));
  ask("a");
  come_up();
  ask("b");
  clock.advance(20s);
  EXPECT_EQ(reader.begun, 0);
}

// With a file of 24 MiB that is on the disk only, and as much memory as a test says.
class ThreadReadAheadTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kMib = 1 << 20, kFileMib = 24, kReserveMib = 100;

  ThreadReadAheadTest() {
    const common::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    ::fsync(opened.get());
    ::posix_fadvise(opened.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
  void SetUp() override {
    if (cached_mib() > 0) GTEST_SKIP() << "this file system keeps everything in memory";
  }
  std::uint64_t cached_mib() const {
    const common::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    return common::cached_bytes(opened.get(), 0, kFileMib * kMib) / kMib;
  }
  ThreadReadAhead reader_with(std::uint64_t available_mib) {
    common::MemoryFiles memory;
    memory.meminfo = folder.write("meminfo", std::format("MemAvailable: {} kB\n", available_mib * 1024));
    return {memory, [] { return kReserveMib * kMib; }};
  }
  // How much has been read once it is as much as wanted, or the time is up.
  static std::uint64_t read_by(const ThreadReadAhead& reader, std::uint64_t wanted, std::chrono::seconds patience = 10s) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (reader.bytes_read() < wanted && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(1ms);
    return reader.bytes_read();
  }

  tests::TempFolder folder;
  const std::filesystem::path file = folder.write("weights.gguf", std::string(kFileMib * kMib, 'w'));
};

TEST_F(ThreadReadAheadTest, ReadsTheWholeFileWhereThereIsRoom) {
  ThreadReadAhead reader = reader_with(1000);
  reader.begin({.id = "m", .artifact = file}, 0);
  EXPECT_EQ(read_by(reader, kFileMib * kMib), kFileMib * kMib);
  EXPECT_EQ(cached_mib(), kFileMib);
}

TEST_F(ThreadReadAheadTest, ReadsAsFarAsThereIsRoom) {
  ThreadReadAhead reader = reader_with(kReserveMib + 40);
  reader.begin({.id = "m", .artifact = file}, 32 * kMib);
  EXPECT_EQ(read_by(reader, 8 * kMib), 8 * kMib) << "40 MiB less what the resident has mapped";
  EXPECT_LT(cached_mib(), kFileMib);
}

TEST_F(ThreadReadAheadTest, ReadsNothingWhereThereIsNone) {
  ThreadReadAhead reader = reader_with(kReserveMib);
  reader.begin({.id = "m", .artifact = file}, 0);
  EXPECT_EQ(reader.bytes_read(), 0u);
  EXPECT_EQ(cached_mib(), 0u);
}

TEST_F(ThreadReadAheadTest, AFileThatIsNotThereIsTheLoadsAffair) {
  ThreadReadAhead reader = reader_with(1000);
  reader.begin({.id = "gone", .artifact = folder.path() / "gone.gguf"}, 0);
  // There is one thread at a time: once it has come back, the next file is read.
  std::uint64_t read = 0;
  for (int tries = 0; tries < 10 && read == 0; ++tries) {
    reader.begin({.id = "m", .artifact = file}, 0);
    read = read_by(reader, kFileMib * kMib, 1s);
  }
  EXPECT_EQ(read, kFileMib * kMib);
}

}  // namespace
}  // namespace proxy::residency
