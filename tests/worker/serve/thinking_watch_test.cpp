#include "worker/serve/thinking_watch.hpp"

#include <gmock/gmock.h>

namespace worker::serve {
namespace {

Thinking thinking(bool begun = false) { return {.begin = "<think>", .end = "</think>", .begun = begun}; }

void say(ThinkingWatch& watch, std::initializer_list<const char*> pieces) {
  for (const char* piece : pieces) watch.saw(piece);
}

TEST(ThinkingWatch, SeesAThoughtBeginAndEndAcrossTokens) {
  Thinking config = thinking();
  ThinkingWatch watch(config);
  EXPECT_FALSE(watch.thinks());
  say(watch, {"\n<th", "ink>"});
  EXPECT_TRUE(watch.thinks());
  say(watch, {"a long enough thought </", "thi"});
  EXPECT_TRUE(watch.thinks());
  say(watch, {"nk>answer"});
  EXPECT_FALSE(watch.thinks());
}

TEST(ThinkingWatch, TakesMarkupInTheMiddleOfAnAnswerForText) {
  Thinking config = thinking();
  ThinkingWatch watch(config);
  say(watch, {"Say ", "<think>"});
  EXPECT_FALSE(watch.thinks());
}

TEST(ThinkingWatch, DecidesNothingWithoutALimit) {
  Thinking config = thinking(true);
  ThinkingWatch watch(config);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(watch.decided());
    watch.saw("x");
  }
  EXPECT_EQ(watch.tokens(), 1000u);
}

TEST(ThinkingWatch, SaysTheEndingOnceTheLimitIsReached) {
  Thinking config = thinking(true);
  config.limit = 2;
  config.ending = {5, 6};
  ThinkingWatch watch(config);
  EXPECT_FALSE(watch.decided());
  watch.saw("x");
  EXPECT_FALSE(watch.decided());
  watch.saw("y");
  EXPECT_EQ(watch.decided(), 5);
  watch.saw("</thi");
  EXPECT_EQ(watch.decided(), 6);
  watch.saw("nk>");
  EXPECT_FALSE(watch.thinks());
  EXPECT_FALSE(watch.decided());
}

}  // namespace
}  // namespace worker::serve
