#include "proxy/admin/log_question.hpp"

#include <gmock/gmock.h>

namespace proxy::admin {
namespace {

using common::LogLevel;
using testing::HasSubstr;

common::Result<std::string> name_model(const std::string& name) {
  if (name == "coding" || name == "qwen/a b") return "qwen/a b";
  return common::fail(common::ErrorKind::model_not_found, "no model is called " + name);
}

common::Result<LogQuestion> read(std::string_view query) { return read_log_question(query, name_model); }

std::string refusal(std::string_view query) { return read(query).error().message(); }

TEST(LogQuestionTest, AsksForEverythingUnlessItSaysLess) {
  auto all = read("");
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->filter.daemon && all->filter.workers && all->filter.model.empty());
  EXPECT_EQ(all->filter.least, LogLevel::debug);
  EXPECT_EQ(all->lines, kUsualLogLines);
  EXPECT_FALSE(all->after);
  auto some = read("level=warn&source=qwen%2Fa%20b&lines=7&after=3-4");
  ASSERT_TRUE(some);
  EXPECT_FALSE(some->filter.daemon);
  EXPECT_EQ(some->filter.model, "qwen/a b");
  EXPECT_EQ(some->filter.least, LogLevel::warn) << "whatever comes first";
  EXPECT_EQ(some->lines, 7u);
  EXPECT_EQ(some->after, (common::LogPosition{.daemon = 3, .workers = 4}));
}

TEST(LogQuestionTest, ASourceIsTheDaemonTheWorkersOrAModelByIdOrRole) {
  EXPECT_FALSE(read("source=daemon")->filter.workers);
  EXPECT_FALSE(read("source=worker")->filter.daemon);
  EXPECT_EQ(read("source=worker")->filter.model, "");
  EXPECT_EQ(read("source=coding")->filter.model, "qwen/a b");
  EXPECT_EQ(read("source=x").error().kind(), common::ErrorKind::model_not_found);
}

TEST(LogQuestionTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(refusal("level=loud"), HasSubstr("level: debug, info, warn or error is expected, not \"loud\""));
  EXPECT_THAT(refusal("level=" + std::string(1000, 'x')), HasSubstr("not \"" + std::string(100, 'x') + "\""));
  EXPECT_THAT(refusal("lines=many"), HasSubstr("lines: a whole number from 0 to 100000"));
  EXPECT_THAT(refusal("lines=100001"), HasSubstr("lines"));
  EXPECT_THAT(refusal("after=5"), HasSubstr("after:"));
  EXPECT_THAT(refusal("sorce=daemon"), HasSubstr("unknown parameter \"sorce\", did you mean source?"));
  EXPECT_THAT(refusal("source=%zz"), HasSubstr("hexadecimal"));
}

TEST(LogQuestionTest, AGapIsSaidBeforeTheLinesInBothForms) {
  common::LogPiece piece{.lines = {{.at = {.daemon = 5, .workers = 2}, .time = {}, .source = "m", .text = "say \"hi\""}}, .skipped = 3};
  EXPECT_THAT(text_of(piece), testing::StartsWith("... 3 lines are missing here"));
  EXPECT_THAT(text_of(piece), testing::EndsWith("info  worker m: say \"hi\"\n"));
  EXPECT_EQ(events_of(piece),
            "event: skipped\ndata: {\"skipped\":3}\n\n"
            "id: 5-2\nevent: line\ndata: "
            R"({"id":"5-2","time":0.0,"level":"info","source":"worker","model":"m","text":"say \"hi\""})"
            "\n\n");
  EXPECT_EQ(text_of(common::LogPiece{}), "");
}

}  // namespace
}  // namespace proxy::admin
