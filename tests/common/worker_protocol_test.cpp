#include "common/worker_protocol.hpp"

#include <gtest/gtest.h>

namespace common {
namespace {

template <class T>
void expect_round_trip(const T& message) {
  const std::string line = encode(message);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  auto read = [&] {
    if constexpr (std::is_same_v<T, FromWorker>) return decode_from_worker(line);
    else return decode_to_worker(line);
  }();
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(encode(*read), line);
}

TEST(WorkerProtocol, EveryMessageSurvivesTheWire) {
  expect_round_trip<FromWorker>(Hello{.pid = 42, .build = "0.1", .engine = "e"});
  expect_round_trip<FromWorker>(Loading{"weights", 0.25});
  expect_round_trip<FromWorker>(Ready{.model = "m\n",
                                      .purpose = Purpose::reranking,
                                      .digest = "d",
                                      .architecture = "llama",
                                      .quantization = "Q8_0",
                                      .parameters = 1,
                                      .context_tokens = 2,
                                      .slots = 3,
                                      .memory = {{"CPU", 4, 5, 6}, {"GPU", 7, 8, 9}},
                                      .devices_before = {{"GPU", 10}},
                                      .device_wait = {.seconds = 0.5, .missing_bytes = 11}});
  expect_round_trip<FromWorker>(Beat{1, 2, 3, 4, 5, 6, 7, 8});
  expect_round_trip<FromWorker>(LoadCancelled{});
  expect_round_trip<FromWorker>(Saved{1, 2});
  expect_round_trip<FromWorker>(Restored{1, 2, 0.5});
  expect_round_trip<FromWorker>(Fatal{65, "why"});
  expect_round_trip<ToWorker>(Load{"m", "/p", 4096, 4});
  expect_round_trip<ToWorker>(Load{.model = "m",
                                   .path = "/p",
                                   .kv_unified = true,
                                   .cache_type_k = "q8_0",
                                   .cache_type_v = "f32",
                                   .adapters = {{"/a", 0.5}, {"/b", 1}},
                                   .projector = "/c",
                                   .prompt_cache_mib = 0,
                                   .vocabulary_only = true,
                                   .sessions_folder = "/d",
                                   .release = {.wanted = {{"GPU", 1}}, .milliseconds = 2}});
  expect_round_trip<ToWorker>(CancelLoad{});
  expect_round_trip<ToWorker>(SaveSessions{.budget_bytes = 1, .milliseconds = 2});
  expect_round_trip<ToWorker>(RestoreSessions{});
  expect_round_trip<ToWorker>(ShrinkCaches{.keep_bytes = 5'000'000'000});
  expect_round_trip<ToWorker>(ShrinkCaches{});
  expect_round_trip<ToWorker>(Exit{});
}

TEST(WorkerProtocol, AnEstimateSurvivesItsLine) {
  const Estimate estimate{.context_tokens = 1, .slots = 2, .memory = {{"CPU", 3, 4, 5, 6}}, .process_bytes = 7};
  auto read = decode_estimate(encode(estimate));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(encode(*read), encode(estimate));
  EXPECT_FALSE(decode_estimate(R"({"type":"beat"})"));
  EXPECT_NE(decode_estimate(R"({"type":"estimate","context_tokens":1,"slots":1,"memory":[{"device":"CPU"}],"process_bytes":1})")
                .error()
                .message()
                .find("\"weights_bytes\""),
            std::string::npos);
}

TEST(WorkerProtocol, NamesTheFieldThatIsMissingOrOfTheWrongType) {
  EXPECT_NE(decode_from_worker(R"({"type":"hello","protocol":1,"build":"b","engine":"e"})").error().message().find("\"pid\""),
            std::string::npos);
  EXPECT_NE(decode_from_worker(R"({"type":"beat","slots_busy":-1,"tokens_total":0,"prompt_tokens_total":0})")
                .error()
                .message()
                .find("\"slots_busy\""),
            std::string::npos);
  EXPECT_NE(decode_from_worker(R"({"type":"ready","model":"m","purpose":"dancing"})").error().message().find("\"purpose\""),
            std::string::npos);
  EXPECT_NE(decode_to_worker(R"({"type":"load","model":1,"path":"p","context_tokens":0,"parallel":0})").error().message().find("\"model\""),
            std::string::npos);
}

TEST(WorkerProtocol, GarbageIsAnErrorAndNeverACrash) {
  for (const char* line :
       {"", "null", "[]", "{}", R"({"type":1})", R"({"type":"no_such"})", "\xff\xfe", R"({"type":"ready","memory":[1]})"}) {
    EXPECT_FALSE(decode_from_worker(line)) << line;
    EXPECT_FALSE(decode_to_worker(line)) << line;
  }
}

}  // namespace
}  // namespace common
