#include "proxy/cli/manual.hpp"

#include <gmock/gmock.h>

#include "tests/proxy/cli/small_app.hpp"

namespace {

using testing::HasSubstr;
using testing::Not;

std::string page() { return manual_page(tests::small_program(), {{0, "Done."}, {64, "Wrong usage."}}, "1.2.3"); }

TEST(ManualTest, HasTheSectionsOfAManualPage) {
  for (const char* section : {".TH PERCH 1", ".SH NAME\nperch \\- ", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH VERBS", ".SH EXIT STATUS",
                              ".SH ENVIRONMENT", ".SH FILES"})
    EXPECT_THAT(page(), HasSubstr(section));
  EXPECT_THAT(page(), HasSubstr("perch 1.2.3"));
  EXPECT_THAT(page(), HasSubstr(".TP\n\\fB64\\fR\nWrong usage.\n"));
}

TEST(ManualTest, DescribesEachVerbWithItsOptions) {
  EXPECT_THAT(page(), HasSubstr(".SS \\fBperch serve\\fR [\\fIOPTIONS\\fR]\nRun it: the daemon's [own] verb.\n"));
  EXPECT_THAT(page(), HasSubstr(".TP\n\\fB\\-r\\fR, \\fB\\-\\-registry\\fR \\fIFILE\\fR\nThe file\n"));
  EXPECT_THAT(page(), HasSubstr("\\fB\\-\\-level\\fR \\fIinfo|warn\\fR"));
  EXPECT_THAT(page(), HasSubstr(".SS \\fBperch memory lease\\fR \\fIGIB\\fR"));
  EXPECT_THAT(page(), HasSubstr("\\fBperch shell\\fR [\\fISHELL\\fR]"));
  EXPECT_THAT(page(), Not(HasSubstr("hidden")));
  EXPECT_THAT(page(), Not(HasSubstr("secret")));
}

TEST(ManualTest, NoTextIsTakenForARequestOfTroff) {
  proxy::cli::VerbOutline program{.name = "p", .description = ".starts with a dot\\and a backslash", .path = {"p"}};
  EXPECT_THAT(manual_page(program, {}, "1"), HasSubstr("\n\\&.starts with a dot\\eand a backslash\n"));
}

}  // namespace
