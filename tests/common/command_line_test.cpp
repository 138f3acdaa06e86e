#include "common/command_line.hpp"

#include <gmock/gmock.h>

namespace common {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CommandLine, APlaceholderIsANameInCapitalsAndNothingElse) {
  EXPECT_THAT(placeholders_in("--port=${PORT} ${MODEL}/x"), ElementsAre("PORT", "MODEL"));
  for (const char* plain : {"", "$PORT", "{PORT}", "${port}", "${}", "${PORT", "${PO RT}", "$ {PORT}", "${PORT:-1}"})
    EXPECT_THAT(placeholders_in(plain), IsEmpty()) << plain;
  EXPECT_THAT(placeholders_in("${not ${PORT}"), ElementsAre("PORT"));
}

TEST(CommandLine, ValuesTakeTheirPlaceAndAreNotLookedIntoAgain) {
  const std::map<std::string, std::string> values{{"PORT", "80"}, {"MODEL", "/m ${PORT}.gguf"}};
  EXPECT_EQ(fill_in("${PORT}:${PORT}", values), "80:80");
  EXPECT_EQ(fill_in("a ${MODEL} b", values), "a /m ${PORT}.gguf b");
  EXPECT_EQ(fill_in("${SOCKET} ${x} $", values), "${SOCKET} ${x} $");
}

TEST(CommandLine, TheEnvironmentIsPartOfWhatItIsStartedWithAndTheStopCommandIsNot) {
  const CommandLine line{.arguments = {"a", "${MODEL}"}, .environment = {{"P", "${PORT}"}}, .stop = {"kill", "${PID}"}};
  EXPECT_THAT(placeholders_in(line), ElementsAre("MODEL", "PORT"));
}

}  // namespace
}  // namespace common
