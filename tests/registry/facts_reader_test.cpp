#include "registry/facts_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

namespace registry {
namespace {

using namespace std::chrono_literals;
using common::ErrorKind;
using common::Result;
using testing::HasSubstr;

// A disk that answers only once it is told to.
class Disk {
 public:
  ~Disk() { answer(); }
  FactsReader::Read read() {
    return [answers = answers_](const std::filesystem::path& file) -> Result<ModelFacts> {
      answers.wait();
      return ModelFacts{.name = file.string()};
    };
  }
  void answer() {
    if (!std::exchange(answered_, true)) promise_.set_value();
  }

 private:
  std::promise<void> promise_;
  std::shared_future<void> answers_ = promise_.get_future().share();
  bool answered_ = false;
};

bool comes_late(const FactsReader& reader, std::uint64_t count) {
  const auto give_up = std::chrono::steady_clock::now() + 20s;
  while (reader.late() < count && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  return reader.late() == count;
}

TEST(FactsReader, SaysWhatTheFileSays) {
  FactsReader reader(20s, [](const std::filesystem::path& file) -> Result<ModelFacts> { return ModelFacts{.name = file.string()}; });
  auto facts = reader("a.gguf", "1");
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->name, "a.gguf");
  EXPECT_EQ(reader.late(), 0u);
}

TEST(FactsReader, PassesOnWhatIsWrong) {
  FactsReader failing(
      20s, [](const std::filesystem::path&) -> Result<ModelFacts> { return common::fail(ErrorKind::bad_model_file, "no GGUF"); });
  EXPECT_EQ(failing("a.gguf", "1").error().kind(), ErrorKind::bad_model_file);
  FactsReader throwing(20s, [](const std::filesystem::path&) -> Result<ModelFacts> { throw std::runtime_error("no room"); });
  auto facts = throwing("a.gguf", "1");
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().kind(), ErrorKind::io);
  EXPECT_THAT(facts.error().message(), HasSubstr("a.gguf: no room"));
}

TEST(FactsReader, AFileThatDoesNotAnswerIsWaitedForOnce) {
  Disk disk;
  FactsReader reader(1ms, disk.read());
  auto facts = reader("a.gguf", "1");
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().kind(), ErrorKind::timeout);
  EXPECT_THAT(facts.error().message(), HasSubstr("a.gguf does not answer"));
  EXPECT_FALSE(reader("a.gguf", "1"));

  disk.answer();
  ASSERT_TRUE(comes_late(reader, 1));
  facts = reader("a.gguf", "1");
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->name, "a.gguf");
}

TEST(FactsReader, AnotherFileUnderTheSameNameIsReadAnew) {
  Disk disk;
  FactsReader reader(1ms, disk.read());
  EXPECT_FALSE(reader("a.gguf", "1"));
  EXPECT_FALSE(reader("a.gguf", "2"));
  disk.answer();
  EXPECT_TRUE(comes_late(reader, 2)) << "both were read";
}

TEST(FactsReader, SoManyThreadsHangAndNoMore) {
  Disk disk;
  FactsReader reader(1ms, disk.read());
  for (std::size_t n = 0; n < FactsReader::kMostHanging; ++n) EXPECT_FALSE(reader(std::to_string(n), ""));
  auto one_more = reader("one-more.gguf", "");
  ASSERT_FALSE(one_more);
  EXPECT_THAT(one_more.error().message(), HasSubstr("was not read: 8 other model files do not answer"));
  disk.answer();
  ASSERT_TRUE(comes_late(reader, FactsReader::kMostHanging));
  EXPECT_TRUE(reader("0", ""));
}

TEST(FactsReader, WhatReadsMayOutliveTheReader) {
  Disk disk;
  {
    FactsReader reader(1ms, disk.read());
    EXPECT_FALSE(reader("a.gguf", "1"));
  }
  disk.answer();
}

TEST(FactsReader, WhoeverWaitsForTheSameFileGetsTheSameAnswer) {
  Disk disk;
  FactsReader reader(20s, disk.read());
  auto ask = [&] { return reader("a.gguf", "1"); };
  auto first = std::async(std::launch::async, ask), second = std::async(std::launch::async, ask);
  disk.answer();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
}

}  // namespace
}  // namespace registry
