#include "proxy/net/model_name.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "common/json.hpp"
#include "proxy/net/relay.hpp"

namespace proxy::net {
namespace {

std::string renamed(std::string_view text, bool event_stream = false, std::size_t piece = 1 << 20) {
  ModelName naming("id", event_stream);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) out += naming.pass(text.substr(at, piece));
  EXPECT_FALSE(naming.in_object()) << text;
  return out;
}

TEST(ModelName, OnlyTheModelOfTheOutermostObjectIsReplaced) {
  EXPECT_EQ(renamed(R"({"model":"x"})"), R"({"model":"id"})");
  EXPECT_EQ(renamed(R"( { "a" : [ {"model":"x"} , "model" ] ,"model" : "x\"}{" , "b":{"model":"x"}}  )"),
            R"( { "a" : [ {"model":"x"} , "model" ] ,"model" : "id" , "b":{"model":"x"}}  )");
  EXPECT_EQ(renamed(R"({"content":"\"model\":\"x\"","modell":"x","mode":"x","model":"x"})"),
            R"({"content":"\"model\":\"x\"","modell":"x","mode":"x","model":"id"})");
}

TEST(ModelName, WhatIsNoSuchObjectPassesAsItIs) {
  for (const char* text :
       {"", "model", "[{\"model\":\"x\"}]", "\"model\"", "<html>\"model\":\"x\"</html>", "{}", "{\"model\":null,\"a\":\"x\"}",
        "{\"model\":[\"x\"]}", "{\"model\":{\"model\":\"x\"}}", "12", "{\"choices\":[]}", "{\"a\":1} {\"model\":\"x\"}"})
    EXPECT_EQ(renamed(text), text);
}

TEST(ModelName, ANameIsWrittenAsJson) {
  ModelName naming("a\"b\\", false);
  EXPECT_EQ(naming.pass(R"({"model":""})"), R"({"model":"a\"b\\"})");
}

TEST(ModelName, EachEventOfAStreamIsAnObjectOfItsOwn) {
  const std::string stream =
      ": a comment with \"model\":\"x\"\n\nevent: x\ndata: {\"model\":\"x\",\"n\":1}\n\ndata:{\"n\":[\"model\"],\"model\":\"x\"}\r\n\r\n"
      "data: [DONE]\n\n";
  const std::string expected =
      ": a comment with \"model\":\"x\"\n\nevent: x\ndata: {\"model\":\"id\",\"n\":1}\n\ndata:{\"n\":[\"model\"],\"model\":\"id\"}\r\n\r\n"
      "data: [DONE]\n\n";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) EXPECT_EQ(renamed(stream, true, piece), expected) << piece;
}

TEST(ModelName, AnAnswerThatEndsInsideItsObjectIsNotWhole) {
  const std::string whole = R"({"model":"x","choices":[{"text":"}"}]})";
  for (std::size_t length = 1; length < whole.size(); ++length) {
    ModelName naming("id", false);
    naming.pass(std::string_view(whole).substr(0, length));
    EXPECT_TRUE(naming.in_object()) << length;
  }
}

// Against a parser: whatever the document, renaming its text and renaming its value come to the same, in pieces of any size.
TEST(ModelName, AgreesWithAParserOnRandomDocuments) {
  std::mt19937 dice(7);
  const auto below = [&](unsigned most) { return std::uniform_int_distribution<unsigned>(0, most - 1)(dice); };
  const char* texts[] = {"model", "\"", "\\", "}{", "a\nb", ",\"model\":\"x\"", "ü", ""};
  std::function<common::Json(int)> make = [&](int depth) -> common::Json {
    switch (below(depth > 0 ? 6 : 3)) {
      case 0: return texts[below(8)];
      case 1: return below(1000);
      case 2: return nullptr;
      case 3: {
        common::Json list = common::Json::array();
        for (unsigned i = below(4); i > 0; --i) list.push_back(make(depth - 1));
        return list;
      }
      default: {
        common::Json object = common::Json::object();
        for (unsigned i = below(4); i > 0; --i) object[texts[below(8)]] = make(depth - 1);
        return object;
      }
    }
  };
  for (int n = 0; n < 2000; ++n) {
    common::Json document = common::Json::object();
    for (unsigned i = below(5); i > 0; --i) document[texts[below(8)]] = make(3);
    const std::string before = document.dump(below(2) ? 2 : -1);
    if (auto model = document.find("model"); model != document.end() && model->is_string()) *model = "id";
    const std::string after = renamed(before, false, 1 + below(20));
    ASSERT_EQ(*common::parse_json(after), document) << before;
  }
}

TEST(WholeEvents, EndAtABlankLineOfEitherKind) {
  EXPECT_EQ(whole_events(""), 0u);
  EXPECT_EQ(whole_events("data: a\n"), 0u);
  EXPECT_EQ(whole_events("data: a\n\ndata: b"), 9u);
  EXPECT_EQ(whole_events("data: a\r\n\r\ndata: b\r\n"), 11u);
  EXPECT_EQ(whole_events("data: a\n\ndata: b\r\n\r\nx"), 20u);
  EXPECT_EQ(whole_events("\n"), 0u);
  EXPECT_EQ(whole_events("\r\n"), 0u);
}

TEST(WholeEvents, AreFoundHoweverTheyArriveInPieces) {
  for (const std::string stream : {"data: a\n\ndata: b\n\n", "data: a\r\n\r\n: c\r\n\r\n", "data: a\ndata: b\r\n\r\n"}) {
    for (std::size_t first = 0; first <= stream.size(); ++first) {
      for (std::size_t second = first; second <= stream.size(); ++second) {
        std::string held, sent;
        std::size_t looked = 0, from = 0;
        for (const std::size_t to : {first, second, stream.size()}) {
          held += stream.substr(from, to - from);
          from = to;
          const std::size_t ready = whole_events(held, looked);
          ASSERT_EQ(ready, whole_events(held)) << "what was looked at has nothing more to say";
          sent += held.substr(0, ready);
          held.erase(0, ready);
          looked = held.size();
        }
        EXPECT_EQ(sent, stream);
      }
    }
  }
}

TEST(ErrorToldIn, TheLastEventOnly) {
  auto told = error_told_in("data: {\"choices\":[]}\n\ndata: {\"error\":{\"message\":\"no room\",\"code\":\"insufficient_memory\"}}\r\n\r\n");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->message(), "no room");
  EXPECT_EQ(told->kind(), common::ErrorKind::insufficient_memory);
  EXPECT_TRUE(error_told_in("data:{\"error\":{\"message\":\"m\"}}\n\n"));
  EXPECT_FALSE(error_told_in("data: {\"error\":{\"message\":\"m\"}}\n\ndata: {\"choices\":[]}\n\n"));
  EXPECT_FALSE(error_told_in("data: {\"choices\":[{\"text\":\"{\\\"error\\\"\"}]}\n\n"));
  EXPECT_FALSE(error_told_in(": {\"error\"\n\n"));
  EXPECT_FALSE(error_told_in(""));
}

TEST(SaysStop, TheLastEventOnlyAndNotWhatItsTextSays) {
  EXPECT_TRUE(says_stop("data: {\"content\":\"a\",\"stop\":false}\n\ndata: {\"content\":\"\",\"stop\": true}\n\n"));
  EXPECT_TRUE(says_stop("data:{\"stop\":true}\r\n\r\n"));
  for (const char* other : {"", "data: {\"content\":\"\\\"stop\\\":true\"}\n\n", "data: {\"content\":{\"stop\":true}}\n\n", "data: {\"stop\":\"true\"}\n\n",
                            "data: {\"stop\":true}\n\n: a comment\n\n", "data: {\"stop\":true\n\n", "data: [\"stop\"]\n\n"})
    EXPECT_FALSE(says_stop(other)) << other;
}

TEST(EndsWithDone, OnlyWithTheLastEventWhole) {
  EXPECT_TRUE(ends_with_done("data: [DONE]\n\n"));
  EXPECT_TRUE(ends_with_done("x\n\ndata: [DONE]\r\n\r\n"));
  EXPECT_TRUE(ends_with_done("x\n\ndata:[DONE]\n\n"));
  for (const char* cut :
       {"", "data: [DONE]", "data: [DONE]\n", "data: [DONE]\r\n", "a data: [DONE]\n\n", "data: [DONE]x\n\n", "data: {}\n\n"})
    EXPECT_FALSE(ends_with_done(cut)) << cut;
}

}  // namespace
}  // namespace proxy::net
