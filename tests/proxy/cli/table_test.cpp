#include "proxy/cli/table.hpp"

#include <gmock/gmock.h>

namespace {

using proxy::cli::Align;
using proxy::cli::Column;
using proxy::cli::Table;

Table models() {
  Table table({{.title = "MODEL", .least = 6},
               {.title = "SIZE", .align = Align::right, .importance = 2},
               {.title = "TYPE", .importance = 1},
               {.title = "ROLES", .least = 5}});
  table.add({"a-model-of-some-length", "12.0 MiB", "Q8_0", "default, coding"});
  table.add({"b", "1.0 MiB", "Q4_K_M", "-"});
  return table;
}

TEST(TableTest, WithoutAWidthNothingIsCut) {
  EXPECT_EQ(models().text(std::nullopt),
            "MODEL                       SIZE  TYPE    ROLES\n"
            "a-model-of-some-length  12.0 MiB  Q8_0    default, coding\n"
            "b                        1.0 MiB  Q4_K_M  -\n");
}

TEST(TableTest, WhatFitsIsAsItIs) { EXPECT_EQ(models().text(57), models().text(std::nullopt)); }

TEST(TableTest, TheWidestColumnThatMayBecomesNarrower) {
  EXPECT_EQ(models().text(50),
            "MODEL                SIZE  TYPE    ROLES\n"
            "a-model-of-som…  12.0 MiB  Q8_0    default, coding\n"
            "b                 1.0 MiB  Q4_K_M  -\n");
}

TEST(TableTest, TheLeastImportantColumnGoesWhenNothingCanBecomeNarrower) {
  EXPECT_EQ(models().text(24),
            "MODEL       SIZE  ROLES\n"
            "a-mod…  12.0 MiB  defau…\n"
            "b        1.0 MiB  -\n");
  EXPECT_EQ(models().text(14),
            "MODEL   ROLES\n"
            "a-mod…  defau…\n"
            "b       -\n");
}

TEST(TableTest, WhatStaysIsShownHoweverNarrowItGets) {
  EXPECT_EQ(models().text(1),
            "MODEL   ROLES\n"
            "a-mod…  defa…\n"
            "b       -\n");
}

TEST(TableTest, NoLineIsWiderThanItMayBe) {
  for (std::size_t width = 13; width < 70; ++width) {
    const std::string text = models().text(width);
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
      EXPECT_LE(proxy::cli::places_of(text.substr(at, end - at)), width) << text;
  }
}

TEST(TableTest, CharactersCountAndBytesDoNot) {
  Table table({{.title = "NAME", .least = 4}, {.title = "N", .align = Align::right}});
  table.add({"größer", "1"});
  EXPECT_EQ(table.text(std::nullopt), "NAME    N\ngrößer  1\n");
  EXPECT_EQ(table.text(8), "NAME   N\ngröß…  1\n");
  EXPECT_EQ(proxy::cli::cut("größer", 3), "gr…");
  EXPECT_EQ(proxy::cli::cut("größer", 6), "größer");
  EXPECT_EQ(proxy::cli::cut("größer", 1), "…");
  EXPECT_EQ(proxy::cli::cut("größer", 0), "");
}

TEST(TableTest, TitlesMayBeBold) {
  Table table({{.title = "A"}});
  table.add({"x"});
  EXPECT_EQ(table.text(std::nullopt, true), "\x1b[1mA\x1b[0m\nx\n");
}

}  // namespace
