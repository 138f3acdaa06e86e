#include "proxy/cli/active_verb.hpp"

#include <gmock/gmock.h>

namespace {

using common::Json;
using proxy::cli::choice_lines;
using testing::ElementsAre;

Json choice(Json model, Json answered_by) {
  return {{"model", model},
          {"time", model.is_null() ? Json(nullptr) : Json(1796000000)},
          {"answered_by", answered_by},
          {"peer", nullptr},
          {"problem", nullptr},
          {"kept", true}};
}

TEST(ActiveVerbTest, SaysWhatTheNameMeans) {
  EXPECT_THAT(choice_lines(choice("wren", "wren")), ElementsAre("means wren, chosen 2026-11-30 00:53:20 UTC"));
  EXPECT_THAT(choice_lines(choice(nullptr, "sparrow")), ElementsAre("means sparrow: nothing is chosen"));
  EXPECT_THAT(choice_lines(choice(nullptr, nullptr)), ElementsAre("means nothing: nothing is chosen"));
}

TEST(ActiveVerbTest, SaysWhenSomebodyElseAnswersOrNobody) {
  Json gone = choice("wren", nullptr);
  gone["problem"] = "wren, which was chosen, is no model here any more";
  EXPECT_THAT(choice_lines(gone), ElementsAre("means wren, chosen 2026-11-30 00:53:20 UTC; nobody answers to it",
                                              "wren, which was chosen, is no model here any more"));
  EXPECT_THAT(choice_lines(choice("wren", "sparrow")),
              ElementsAre("means wren, chosen 2026-11-30 00:53:20 UTC; sparrow answers to it instead"));
  Json far = choice("box/m", "box/m");
  far["peer"] = "box";
  far["kept"] = false;
  EXPECT_THAT(choice_lines(far), ElementsAre("means box/m, chosen 2026-11-30 00:53:20 UTC (served by the peer box)",
                                             "it is forgotten when the daemon ends: there is no state folder"));
}

TEST(ActiveVerbTest, ADaemonThatSaysLittleIsNoReasonToFail) {
  EXPECT_THAT(choice_lines(Json::object()), ElementsAre("means nothing: nothing is chosen"));
}

}  // namespace
