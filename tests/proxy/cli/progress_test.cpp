#include "proxy/cli/progress.hpp"

#include <gmock/gmock.h>

namespace {

using common::Json;
using proxy::cli::progress_line;

Json status(Json workers) { return {{"registry", {{"roles", {{"default", "a"}}}}}, {"workers", std::move(workers)}}; }
Json worker(const char* model, const char* state, double fraction = 0) {
  return {{"model", model}, {"state", state}, {"load_fraction", fraction}};
}

TEST(ProgressTest, ShowsHowMuchIsRead) {
  EXPECT_EQ(progress_line(status({worker("a", "loading", 0.5)}), "default", 79), "a: loads [############............] 50 %");
  EXPECT_EQ(progress_line(status({worker("a", "loading", 1.5)}), "a", 79), "a: loads [########################] 100 %");
}

TEST(ProgressTest, SaysWhatIsWaitedForBeforeThereIsAProcess) {
  EXPECT_EQ(progress_line(status({worker("b", "draining"), worker("a", "stopped")}), "a", 79), "a: waits for b (draining)");
  EXPECT_EQ(progress_line(status({worker("b", "ready")}), "a", 79), "a: waits for its turn");
  EXPECT_EQ(progress_line(status({worker("a", "probing")}), "a", 79), "a: probing");
}

TEST(ProgressTest, NeverTakesMorePlacesThanThereAre) {
  EXPECT_EQ(progress_line(status({worker("a", "loading", 0.5)}), "a", 12), "a: loads [#…");
}

TEST(ProgressTest, ADaemonThatSaysLittleIsNoReasonToFail) { EXPECT_EQ(progress_line(Json::object(), "x", 79), "x: waits for its turn"); }

}  // namespace
