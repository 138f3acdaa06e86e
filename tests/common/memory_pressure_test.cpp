#include "common/memory_pressure.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace common {
namespace {

using std::chrono::microseconds;

TEST(StallTotal, IsOfTheLineOfThoseWhereSomebodyWaits) {
  EXPECT_EQ(read_stall_total("some avg10=1.00 avg60=0.50 avg300=0.00 total=12345\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=99\n"),
            microseconds(12345));
  EXPECT_EQ(read_stall_total("full avg10=0.00 total=99\nsome avg10=0.00 total=7"), microseconds(7));
}

TEST(StallTotal, OfAnythingElseThereIsNone) {
  for (const char* text : {"", "\n", "some\n", "some avg10=0.00\n", "some total=\n", "some total=-5\n", "some total=x\n",
                           "full avg10=0.00 total=99\n", "something total=5\n", "some total=99999999999999999999999\n"})
    EXPECT_EQ(read_stall_total(text), std::nullopt) << text;
}

TEST(MemoryPressureSource, ReadsBothFiguresOnTheSpot) {
  tests::TempFolder folder;
  folder.write("meminfo", "MemTotal:       8388608 kB\nMemAvailable:    4194304 kB\n");
  folder.write("pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=500\n");
  auto source =
      make_memory_pressure_source({.meminfo = folder.path() / "meminfo", .vmstat = {}, .cgroups = {}}, folder.path() / "pressure");
  EXPECT_EQ(source->read().available_bytes, 4ull << 30);
  EXPECT_EQ(source->read().stalled, microseconds(500));
  folder.write("meminfo", "MemAvailable:    1024 kB\n");
  std::filesystem::remove(folder.path() / "pressure");
  EXPECT_EQ(source->read().available_bytes, 1ull << 20);
  EXPECT_EQ(source->read().stalled, std::nullopt) << "a kernel without PSI";
  std::filesystem::remove(folder.path() / "meminfo");
  EXPECT_EQ(source->read().available_bytes, 0u);
}

TEST(MemoryPressureSource, OfThisMachineSaysWhatIsAvailable) {
  EXPECT_GT(make_memory_pressure_source(system_memory_files())->read().available_bytes, 0u);
}

}  // namespace
}  // namespace common
