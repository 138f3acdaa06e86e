#include "proxy/fit/kept_file.hpp"

#include <gtest/gtest.h>

#include "proxy/fit/peaks.hpp"
#include "proxy/fit/rates.hpp"
#include "proxy/fit/read_modes.hpp"
#include "tests/support/temp_folder.hpp"

namespace proxy::fit {
namespace {

using namespace std::chrono_literals;

class KeptFileTest : public testing::Test {
 protected:
  KeptFileTest() { rates.learn_leave(300ms); }

  tests::TempFolder folder;
  Rates rates;
};

TEST_F(KeptFileTest, IsReadAgain) {
  EXPECT_EQ(read_kept<Rates>(folder.write("rates.json", rates.to_text())).expected_leave(), 300ms);
  EXPECT_FALSE(read_kept<Rates>(folder.path() / "none.json").expected_leave());
  EXPECT_FALSE(read_kept<Rates>({}).expected_leave());
}

TEST_F(KeptFileTest, OneThatIsDamagedOrEnormousOrNoFileIsAsGoodAsNone) {
  const std::string good = rates.to_text();
  const std::string enormous = good + std::string(common::kMostStateBytes, ' ');
  for (const std::string& text :
       {std::string(), good.substr(0, good.size() / 2), std::string("\xff\xfe"), std::string(100'000, '['), enormous}) {
    const auto file = folder.write("kept.json", text);
    EXPECT_FALSE(read_kept<Rates>(file).expected_leave()) << text.substr(0, 100);
    EXPECT_EQ(read_kept<Peaks>(file).size(), 0u) << text.substr(0, 100);
    EXPECT_TRUE(read_kept<ReadTrials>(file).to_json().empty()) << text.substr(0, 100);
  }
  std::filesystem::create_directory(folder.path() / "folder.json");
  EXPECT_FALSE(read_kept<Rates>(folder.path() / "folder.json").expected_leave());
}

}  // namespace
}  // namespace proxy::fit
