// The daemon with fake workers: real processes, sockets and signals, scripted models.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <string.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "common/cgroup.hpp"
#include "common/child_process.hpp"
#include "proxy/residency/journal.hpp"
#include "tests/support/daemon.hpp"

namespace {

using namespace std::chrono_literals;
using common::Json;
using testing::HasSubstr;
using testing::Not;

// For a request beside those that the test's own loop reads: the body of the answer and its status.
std::string curl(const std::string& port, const std::string& body) {
  const std::string command = "curl -s -w '%{http_code}' http://127.0.0.1:" + port + "/v1/chat/completions -d '" + body + "'";
  std::string answer;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = pipe ? std::fgetc(pipe) : EOF; c != EOF; c = std::fgetc(pipe)) answer += static_cast<char>(c);
  if (pipe) ::pclose(pipe);
  return answer;
}

class DaemonTest : public testing::Test {
 protected:
  void SetUp() override {
    folder.write("quick.json", R"({"tokens":5})");
    folder.write("other.json", R"({"tokens":5})");
    folder.write("slow.json", R"({"tokens":400,"token_ms":20})");
    folder.write("heavy.json", R"({"load_ms":60000})");
    folder.write("stuck.json", R"({"stall_at":0.37})");
    folder.write("broken.json", R"({"exit_at_load":70})");
    folder.write("bad.json", "this is no model");
    folder.write("crasher.json", R"({"tokens":50,"crash_at_token":10,"token_ms":1})");
    folder.write("doomed.json", R"({"crash_at_token":0})");
    folder.write("stubborn.json", R"({"tokens":5,"ignore_exit":true})");
    folder.write("leaver.json", R"({"tokens":5,"leave_behind_ms":60000})");
    write_registry(kRegistry);
  }
  void write_registry(const std::string& text) { folder.write("registry.json", text); }
  void start(std::vector<std::string> arguments = {}) {
    daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{.arguments = std::move(arguments)});
  }
  Json error_of(const common::HttpResponse& response) {
    auto body = common::parse_json(response.body);
    return body ? (*body)["error"] : Json("not JSON: " + response.body);
  }
  // Those that a daemon has made for itself and its workers.
  static std::vector<std::string> cgroups_of(pid_t daemon) {
    std::vector<std::string> names;
    const auto parent = common::own_cgroup();
    if (!parent) return names;
    for (const auto& entry : std::filesystem::directory_iterator(*parent)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("perch-") && name.find("-" + std::to_string(daemon) + "-") != std::string::npos) names.push_back(name);
    }
    return names;
  }
  bool orphans_gone(const std::vector<pid_t>& pids) {
    return tests::eventually([&] { return std::ranges::none_of(pids, tests::process_alive); }, 1s);
  }

  static constexpr const char* kRegistry = R"({
    "models": {"default": "quick", "coding": "other"},
    "catalog": {"quick": {"artifact": "quick.json"}, "other": {"artifact": "other.json"}, "slow": {"artifact": "slow.json"},
                "heavy": {"artifact": "heavy.json"}, "stuck": {"artifact": "stuck.json"}, "broken": {"artifact": "broken.json"},
                "bad": {"artifact": "bad.json"}, "crasher": {"artifact": "crasher.json"}, "doomed": {"artifact": "doomed.json"},
                "stubborn": {"artifact": "stubborn.json"}, "leaver": {"artifact": "leaver.json"}},
    "policy": {"drain_timeout": 30}
  })";
  tests::TempFolder folder;
  std::unique_ptr<tests::Daemon> daemon;
};

TEST_F(DaemonTest, ARoleIsAnsweredByItsModelAndTheAnswerSaysSo) {
  start();
  auto answer = daemon->chat("default");
  EXPECT_EQ(answer.head.status, 200u);
  EXPECT_EQ((*common::parse_json(answer.body))["model"], "quick");
  EXPECT_EQ(answer.head.field("X-Perch-Requested-Model"), "default");
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "quick");
  EXPECT_EQ(answer.head.field("X-Perch-Registry-Generation"), "1");
  EXPECT_EQ(answer.head.field("X-Perch-Artifact-Digest"), "sha256:fake-quick");
}

TEST_F(DaemonTest, AnUnknownNameIs404WithTheNearest) {
  start();
  auto answer = daemon->chat("codnig");
  EXPECT_EQ(answer.head.status, 404u);
  EXPECT_EQ(error_of(answer)["code"], "model_not_found");
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("did you mean coding?"));
  EXPECT_TRUE(daemon->workers().empty()) << "nothing is loaded for a name that does not exist";
}

TEST_F(DaemonTest, BrokenRequestsAreRefusedBeforeAnythingIsLoaded) {
  start();
  auto post = [&](std::string body) {
    return daemon->call({.method = "POST", .target = "/v1/chat/completions", .body = std::move(body)}).head.status;
  };
  EXPECT_EQ(post("{"), 400u);
  EXPECT_EQ(post(R"({"model":"quick","model":"other"})"), 400u);
  EXPECT_EQ(post(R"({"model":5})"), 400u);
  EXPECT_EQ(daemon->get("/no/such/path").head.status, 404u);
  EXPECT_EQ(daemon->get("/v1/chat/completions").head.status, 405u);
  EXPECT_EQ(daemon->get("/v1/chat/completions").head.field("Allow"), "POST");
  EXPECT_TRUE(daemon->workers().empty());
}

TEST_F(DaemonTest, AModelTakesThePlaceOfAnotherAndOnlyOneIsEverThere) {
  start();
  for (const char* model : {"quick", "other", "quick", "other"}) {
    EXPECT_EQ(daemon->chat(model).head.status, 200u);
    EXPECT_EQ(daemon->workers().size(), 1u);
  }
}

TEST_F(DaemonTest, ARunningStreamIsFinishedBeforeTheSwap) {
  folder.write("slow.json", R"({"tokens":40,"token_ms":10})");
  start();
  auto stream = daemon->stream("slow");
  stream->read_until(":3 ");
  auto other = daemon->post("/admin/v1/models/other/load?wait=false", Json::object());
  EXPECT_EQ(other.head.status, 200u);
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_THAT(stream->text, HasSubstr("data: [DONE]"));
  EXPECT_THAT(tests::content_of(stream->text), HasSubstr(":39 "));
  EXPECT_TRUE(daemon->until([](const Json& s) { return s["active"] == "other" && s["phase"] == "serving"; }));
}

TEST_F(DaemonTest, AnUnloadThatNobodyWaitsForHappensAllTheSame) {
  folder.write("slow.json", R"({"tokens":40,"token_ms":10})");
  start();
  auto stream = daemon->stream("slow");
  stream->read_until(":3 ");
  auto answer = daemon->post("/admin/v1/models/slow/unload?wait=false", Json::object());
  EXPECT_EQ((*common::parse_json(answer.body))["outcome"], "unloading");
  EXPECT_EQ(daemon->workers().size(), 1u) << "it is still at work";
  stream->read_to_end();
  EXPECT_THAT(stream->text, HasSubstr("data: [DONE]"));
  EXPECT_TRUE(daemon->until([](const Json& s) { return s["phase"] == "vacant"; }));
}

TEST_F(DaemonTest, ADrainDeadlineEndsTheStreamWithAnErrorAndNoDone) {
  write_registry(R"({"catalog":{"slow":{"artifact":"slow.json"},"other":{"artifact":"other.json"}},"policy":{"drain_timeout":0.3}})");
  start();
  auto stream = daemon->stream("slow");
  stream->read_until(":2 ");
  daemon->post("/admin/v1/models/other/load?wait=false", Json::object());
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, HasSubstr("model_evicted"));
  EXPECT_THAT(stream->text, Not(HasSubstr("[DONE]")));
  EXPECT_TRUE(daemon->until([](const Json& s) { return s["active"] == "other"; }));
}

TEST_F(DaemonTest, AWorkerKilledMidStreamIsAnErrorEventAndTheNextRequestIsServed) {
  start();
  auto stream = daemon->stream("slow");
  stream->read_until(":5 ");
  ASSERT_EQ(daemon->workers().size(), 1u);
  ::kill(daemon->workers()[0], SIGKILL);
  stream->read_to_end();
  EXPECT_TRUE(stream->broken) << "a clean end would be taken for success";
  EXPECT_THAT(stream->text, HasSubstr("\"code\":\"worker_crashed\""));
  EXPECT_THAT(stream->text, HasSubstr("signal 9"));
  EXPECT_THAT(stream->text, Not(HasSubstr("[DONE]")));
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
}

TEST_F(DaemonTest, AStreamThatItsWorkerEndsEarlyIsNoCleanEnd) {
  folder.write("quick.json", R"({"tokens":40,"end_early_at":10})");
  start();
  auto stream = daemon->stream("quick");
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, HasSubstr("without [DONE]"));
}

// llama-server's own endpoints know no [DONE].
TEST_F(DaemonTest, AFilledGapThatIsStreamedEndsWhereItSaysSo) {
  const auto fill = [this] {
    return daemon->open({.method = "POST",
                         .target = "/infill",
                         .fields = {{"Content-Type", "application/json"}},
                         .body = R"({"model":"quick","input_prefix":"a","input_suffix":"b","stream":true})"});
  };
  start();
  auto whole = fill();
  whole->read_to_end();
  EXPECT_TRUE(whole->ended);
  EXPECT_FALSE(whole->broken);
  EXPECT_THAT(whole->text, HasSubstr("\"stop\":true"));
  EXPECT_THAT(whole->text, Not(HasSubstr("\"error\"")));
  folder.write("quick.json", R"({"tokens":40,"end_early_at":10})");
  daemon->post("/admin/v1/registry/reload", Json::object());
  daemon->post("/admin/v1/models/quick/unload", Json::object());
  auto cut = fill();
  cut->read_to_end();
  EXPECT_TRUE(cut->broken);
  EXPECT_THAT(cut->text, HasSubstr("without an event that says"));
}

TEST_F(DaemonTest, AWorkerKilledWhileIdleCostsOnlyALoad) {
  start();
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  ::kill(daemon->workers().at(0), SIGKILL);
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
}

TEST_F(DaemonTest, AWorkerThatDiesBeforeItsFirstByteIsTriedOnceMoreAndNotTwice) {
  start();
  auto answer = daemon->chat("doomed");
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_EQ(error_of(answer)["code"], "worker_crashed");
  EXPECT_EQ(daemon->status()["workers"][0]["spawns"], 2);
}

TEST_F(DaemonTest, AFailedLoadTellsItsCauseAndThenBacksOff) {
  start();
  auto first = daemon->chat("broken");
  EXPECT_EQ(first.head.status, 502u);
  EXPECT_EQ(error_of(first)["code"], "load_failed");
  EXPECT_THAT(error_of(first)["message"].get<std::string>(), HasSubstr("told to fail at load (exit code 70)"));
  auto second = daemon->chat("broken");
  EXPECT_EQ(second.head.status, 503u);
  EXPECT_EQ(error_of(second)["code"], "backing_off");
  EXPECT_EQ(second.head.field("Retry-After"), "1");
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
}

TEST_F(DaemonTest, ABadFileIsRefusedUntilItIsMended) {
  start();
  EXPECT_EQ(daemon->chat("bad").head.status, 422u);
  EXPECT_EQ(daemon->chat("bad").head.status, 422u);
  EXPECT_EQ(daemon->status()["workers"][0]["spawns"], 1);
  folder.write("bad.json", R"({"tokens":1})");
  EXPECT_TRUE(tests::eventually([&] { return daemon->chat("bad").head.status == 200; }));
}

TEST_F(DaemonTest, AStalledLoadIsEndedAndSaysWhereItStood) {
  start({"--load-stall", "0.3"});
  auto answer = daemon->chat("stuck");
  EXPECT_EQ(answer.head.status, 504u);
  EXPECT_EQ(error_of(answer)["code"], "load_timeout");
  EXPECT_TRUE(daemon->until([](const Json& s) { return s["phase"] == "vacant"; }));
}

TEST_F(DaemonTest, AdminStaysReachableWhileAModelLoads) {
  start();
  daemon->post("/admin/v1/models/heavy/load?wait=false", Json::object());
  ASSERT_TRUE(daemon->until([](const Json& s) { return s["phase"] == "loading"; }));
  EXPECT_EQ(daemon->get("/health").head.status, 200u);
  EXPECT_EQ(daemon->get("/metrics").head.status, 200u);
  EXPECT_EQ(daemon->get("/v1/models").head.status, 200u);
  auto unloaded = daemon->post("/admin/v1/models/heavy/unload", Json::object());
  EXPECT_EQ(unloaded.head.status, 200u);
  EXPECT_TRUE(daemon->workers().empty());
}

TEST_F(DaemonTest, LoadAndUnloadAnswerWithTheOutcome) {
  start();
  auto loaded = daemon->post("/admin/v1/models/coding/load", Json::object());
  EXPECT_EQ(loaded.head.status, 200u);
  EXPECT_EQ((*common::parse_json(loaded.body))["model"], "other");
  EXPECT_EQ((*common::parse_json(loaded.body))["outcome"], "ready");
  EXPECT_EQ(daemon->get("/running").body, R"({"running":[{"model":"other","state":"ready"}]})");
  EXPECT_EQ((*common::parse_json(daemon->post("/admin/v1/models/other/unload", Json::object()).body))["outcome"], "unloaded");
  EXPECT_TRUE(daemon->workers().empty());
  EXPECT_EQ((*common::parse_json(daemon->post("/admin/v1/models/other/unload", Json::object()).body))["outcome"], "was not loaded");
  EXPECT_EQ(daemon->post("/admin/v1/models/nonsense/load", Json::object()).head.status, 404u);
  EXPECT_EQ(daemon->post("/admin/v1/models/nonsense/unload", Json::object()).head.status, 404u);
}

TEST_F(DaemonTest, APinnedModelStaysBesideTheResidentAndIsPinnedByRegistryOrOperator) {
  folder.write("vectors.json", R"({"tokens":5,"purpose":"embedding"})");
  folder.write("scores.json", R"({"tokens":5,"purpose":"embedding"})");
  Json registry = *common::parse_json(kRegistry);
  for (const char* id : {"vectors", "scores"}) registry["catalog"][id] = {{"artifact", std::string(id) + ".json"}};
  registry["pinned"] = {"vectors"};
  write_registry(common::dump_json(registry));
  start();
  EXPECT_TRUE(tests::eventually([&] { return daemon->workers().size() == 1; })) << "loaded although nobody asked";
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  EXPECT_EQ(daemon->chat("vectors").head.status, 200u);
  EXPECT_EQ(daemon->chat("other").head.status, 200u);
  EXPECT_EQ(daemon->workers().size(), 2u) << "other took the place of quick, not that of vectors";

  auto verb = [&](const std::string& path) { return daemon->post("/admin/v1/models/" + path, Json::object()); };
  auto refused = verb("other/pin");
  EXPECT_EQ(refused.head.status, 400u);
  EXPECT_THAT(refused.body, HasSubstr("generates text"));
  EXPECT_EQ((*common::parse_json(verb("scores/pin").body))["outcome"], "pinned");
  EXPECT_EQ(daemon->workers().size(), 3u);
  const Json status = *common::parse_json(daemon->get("/admin/v1/status").body);
  EXPECT_EQ(status["active"], "other");
  EXPECT_EQ(status["pinned"].size(), 2u);
  EXPECT_TRUE(status["pins_refused"].contains("other"));
  EXPECT_EQ((*common::parse_json(verb("scores/unpin").body))["outcome"], "unpinned");
  EXPECT_EQ(daemon->workers().size(), 2u);

  registry.erase("pinned");
  write_registry(common::dump_json(registry));
  EXPECT_TRUE(tests::eventually([&] { return daemon->workers().size() == 1; }, 5s));
  EXPECT_EQ((*common::parse_json(verb("vectors/unpin").body))["outcome"], "was not pinned");
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait_exit().code, 0);
}

TEST_F(DaemonTest, RequestsAreListedAndCanBeCancelled) {
  start();
  auto requests = [&] { return (*common::parse_json(daemon->get("/admin/v1/requests").body))["requests"]; };
  auto cancel = [&](const Json& request) {
    return daemon->post("/admin/v1/requests/" + request["id"].get<std::string>() + "/cancel", Json::object()).head.status;
  };
  EXPECT_TRUE(requests().empty());
  auto running = daemon->stream("slow");
  running->read_until(":2 ");
  auto waiting = std::async(std::launch::async, curl, daemon->port(), R"({"model":"heavy"})");
  ASSERT_TRUE(tests::eventually([&] { return requests().size() == 2; }));
  const Json listed = requests();
  EXPECT_EQ(listed[0]["stage"], "running");
  EXPECT_EQ(listed[0]["model"], "slow");
  EXPECT_EQ(listed[1]["stage"], "queued");
  EXPECT_EQ(listed[1]["requested"], "heavy");

  EXPECT_EQ(cancel(listed[1]), 200u);
  EXPECT_THAT(waiting.get(), testing::AllOf(HasSubstr("cancelled_by_operator"), testing::EndsWith("503")));
  EXPECT_EQ(cancel(listed[0]), 200u);
  running->read_to_end();
  EXPECT_THAT(running->text, HasSubstr("cancelled_by_operator"));
  EXPECT_THAT(running->text, Not(HasSubstr("[DONE]")));
  EXPECT_TRUE(running->broken);
  EXPECT_EQ(cancel(listed[0]), 404u);
  EXPECT_TRUE(requests().empty());
}

TEST_F(DaemonTest, EventsTellEveryTransitionAndGoOnFromANumber) {
  start();
  daemon->chat("quick");
  daemon->post("/admin/v1/models/other/load", Json::object());
  auto all = daemon->open({.method = "GET", .target = "/admin/v1/events?after=0"});
  all->read_until("\"to\":\"other\"");
  all->read_until("event: phase\ndata: {\"model\":\"other\",\"phase\":\"serving\"");
  EXPECT_THAT(all->text, testing::StartsWith("id: 1\nevent: "));
  for (const char* state : {"starting", "loading", "probing", "ready", "draining", "saving", "stopping", "reaping", "stopped"})
    EXPECT_THAT(all->text, HasSubstr(std::string("\"to\":\"") + state + "\"")) << state;
  EXPECT_THAT(all->text, HasSubstr("event: first_token"));
  const auto swap = all->text.find("\"from\":\"quick\",\"to\":\"other\"");
  ASSERT_NE(swap, std::string::npos);
  EXPECT_THAT(all->text.substr(swap), HasSubstr("\"release\":"));

  auto rest = daemon->open({.method = "GET", .target = "/admin/v1/events", .fields = {{"Last-Event-ID", "3"}}});
  rest->read_until("\n\n");
  EXPECT_THAT(rest->text, testing::StartsWith("id: 4\n"));
  EXPECT_EQ(daemon->get("/admin/v1/events?after=x").head.status, 400u);
}

TEST_F(DaemonTest, WhatAWorkerSavedIsToldAndASilentOneDelaysNobodyPastItsDeadline) {
  folder.write("quick.json", R"({"tokens":5,"saved_sessions":3})");
  folder.write("other.json", R"({"tokens":5,"saved_sessions":-1})");
  start();
  daemon->chat("quick");
  daemon->chat("other");
  auto all = daemon->open({.method = "GET", .target = "/admin/v1/events?after=0"});
  all->read_until("event: swap\ndata: {\"from\":\"quick\"");
  all->read_until("\"saved\":{\"sessions\":3,\"bytes\":3000}");
  EXPECT_THAT(all->text, HasSubstr("event: saved\ndata: {\"model\":\"quick\",\"sessions\":3,\"bytes\":3000"));
  EXPECT_THAT(daemon->get("/metrics").body, HasSubstr("perch_sessions_saved_total 3\n"));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 15s) << "five seconds of them for a worker that does not answer";
}

TEST_F(DaemonTest, ARequestThatWasRunningInTwoCrashesIsRefusedAndOthersAreNot) {
  start();
  EXPECT_EQ(daemon->chat("doomed", "poison").head.status, 502u) << "the first worker and the one of the retry";
  const auto refused = daemon->chat("doomed", "poison");
  EXPECT_EQ(refused.head.status, 422u);
  EXPECT_EQ(error_of(refused)["code"], "poison_request");
  EXPECT_EQ(daemon->chat("quick", "poison").head.status, 200u);
}

TEST_F(DaemonTest, ABusyWorkerThatDoesNothingIsEndedAndItsRequestIsTold) {
  start({"--work-stall", "1"});
  auto stream = daemon->stream("slow");
  stream->read_until(":2 ");
  ::kill(daemon->workers().at(0), SIGSTOP);
  stream->read_to_end();
  EXPECT_THAT(stream->text, HasSubstr("did nothing for 1.0 s"));
  EXPECT_TRUE(stream->broken);
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
}

TEST_F(DaemonTest, ALoadThatFailsBringsTheModelBeforeItBack) {
  start();
  daemon->chat("quick");
  const auto failed = daemon->chat("broken");
  EXPECT_EQ(failed.head.status, 502u);
  EXPECT_EQ(error_of(failed)["code"], "load_failed");
  EXPECT_TRUE(daemon->until([](const Json& status) { return status["active"] == "quick" && status["phase"] == "serving"; }));
}

TEST_F(DaemonTest, TheJournalOfARealRunDecidesTheSameAgain) {
  const auto journal = folder.path() / "journal";
  start({"--journal", journal.string()});
  daemon->chat("quick");
  daemon->chat("broken");
  daemon->post("/admin/v1/models/quick/pin", Json::object());
  daemon->chat("other");
  daemon->stream("slow")->read_until(":2 ");
  daemon->signal(SIGTERM);
  daemon->wait_exit();
  std::ifstream written(journal);
  auto replayed = proxy::residency::replay(written);
  ASSERT_TRUE(replayed) << replayed.error().message();
  EXPECT_FALSE(replayed->difference) << *replayed->difference;
  EXPECT_GT(replayed->events, 50u);
}

TEST_F(DaemonTest, AForeignPageCannotChangeAnything) {
  start();
  auto verb = [&](common::HeaderFields fields) {
    return daemon->call({.method = "POST", .target = "/admin/v1/models/quick/load", .fields = std::move(fields)}).head.status;
  };
  EXPECT_EQ(verb({}), 415u);
  EXPECT_EQ(verb({{"Content-Type", "application/json"}, {"Origin", "http://evil.example"}}), 403u);
  EXPECT_EQ(verb({{"Content-Type", "application/json"}, {"Host", "evil.example"}}), 403u);
  EXPECT_EQ(daemon->get("/admin/v1/models/quick/load").head.status, 405u);
  EXPECT_EQ(daemon->call({.method = "POST", .target = "/v1/chat/completions", .fields = {{"Origin", "http://evil.example"}}, .body = "{}"})
                .head.status,
            403u);
  EXPECT_TRUE(daemon->workers().empty());
}

TEST_F(DaemonTest, AClientThatLeavesEndsItsLoadAndItsStream) {
  start();
  auto stream = daemon->stream("slow");
  stream->read_until(":2 ");
  stream->leave();
  EXPECT_TRUE(daemon->until([](const Json& s) { return s["leases"] == 0; }));
}

TEST_F(DaemonTest, AWorkerThatWillNotLeaveIsKilledAtItsDeadline) {
  start({"--stop-timeout", "0.2"});
  EXPECT_EQ(daemon->chat("stubborn").head.status, 200u);
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  EXPECT_EQ(daemon->workers().size(), 1u);
}

TEST_F(DaemonTest, WhatAWorkerLeftBehindGoesWithIt) {
  start();
  EXPECT_EQ(daemon->chat("leaver").head.status, 200u);
  EXPECT_EQ(daemon->marked().size(), 2u);
  EXPECT_EQ(daemon->post("/admin/v1/models/leaver/unload", Json::object()).head.status, 200u);
  EXPECT_TRUE(daemon->marked().empty()) << "it has not gone before they have";
}

TEST_F(DaemonTest, WhatACrashedWorkerLeftBehindGoesBeforeTheNextIsStarted) {
  start();
  EXPECT_EQ(daemon->chat("leaver").head.status, 200u);
  const auto family = daemon->marked();
  ::kill(static_cast<pid_t>(daemon->status()["workers"][0]["pid"]), SIGKILL);
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  EXPECT_TRUE(std::ranges::none_of(family, tests::process_alive));
}

TEST_F(DaemonTest, NobodyStaysAsAZombie) {
  folder.write("leaver.json", R"({"tokens":5,"leave_behind_ms":1})");
  start();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(daemon->chat("leaver").head.status, 200u);
    ASSERT_TRUE(tests::eventually([&] { return daemon->zombies() == 0 && daemon->marked().size() == 1; })) << "while its worker serves";
    EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  }
  EXPECT_TRUE(tests::eventually([&] { return daemon->zombies() == 0; }));
}

TEST_F(DaemonTest, ADaemonThatStartsEndsWhatACrashedOneLeftBehind) {
  start();
  EXPECT_EQ(daemon->chat("leaver").head.status, 200u);
  const auto family = daemon->marked();
  auto other = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{});
  EXPECT_TRUE(std::ranges::all_of(family, tests::process_alive)) << "the first one lives";
  other.reset();
  if (auto guard = daemon->guard()) ::kill(*guard, SIGKILL);
  daemon->signal(SIGKILL);
  daemon->wait_exit();
  EXPECT_TRUE(tests::eventually([&] { return daemon->marked().size() == 1; })) << "its worker goes with it, what that left behind does not";
  const pid_t killed = daemon->pid();
  start();
  EXPECT_TRUE(std::ranges::none_of(family, tests::process_alive)) << "before it serves";
  EXPECT_TRUE(cgroups_of(killed).empty());
}

TEST_F(DaemonTest, OneEditedLineRepointsARoleAndNoRequestFails) {
  start();
  std::vector<std::string> models;
  bool edited = false;
  for (int i = 0; i < 2000 && (models.empty() || models.back() != "other"); ++i) {
    auto answer = daemon->chat("default");
    ASSERT_EQ(answer.head.status, 200u) << answer.body;
    models.push_back((*common::parse_json(answer.body))["model"]);
    if (i == 5 && !std::exchange(edited, true)) {
      std::string text = kRegistry;
      text.replace(text.find("\"default\": \"quick\""), 18, "\"default\": \"other\"");
      write_registry(text);
    }
  }
  EXPECT_EQ(models.front(), "quick");
  EXPECT_EQ(models.back(), "other");
}

TEST_F(DaemonTest, AHostIsServedFromTheEditThatAllowsItToTheOneThatDoesNot) {
  start();
  auto asked = [&] { return daemon->call({.method = "GET", .target = "/health", .fields = {{"Host", "box.lan"}}}).head.status; };
  auto edit = [&](const char* hosts) {
    write_registry(R"({"catalog":{"quick":{"artifact":"quick.json"}},"server":{"allowed_hosts":)" + std::string(hosts) + "}}");
    return daemon->post("/admin/v1/registry/reload", Json::object()).head.status;
  };
  EXPECT_EQ(asked(), 403u);
  EXPECT_EQ(edit(R"(["Box.LAN"])"), 200u) << "hosts have no case";
  EXPECT_EQ(asked(), 200u);
  EXPECT_EQ(edit("[]"), 200u);
  EXPECT_EQ(asked(), 403u);
}

TEST_F(DaemonTest, ABadEditChangesNothingAndIsShown) {
  start();
  write_registry(R"({"models":{"default":"other"},"catalog":{"other":{"artifcat":"x"}}})");
  ASSERT_TRUE(daemon->until([](const Json& s) { return !s["registry"]["last_error"].is_null(); }));
  EXPECT_EQ((*common::parse_json(daemon->chat("default").body))["model"], "quick");
  EXPECT_EQ(daemon->post("/admin/v1/registry/reload", Json::object()).head.status, 400u);
}

TEST_F(DaemonTest, ConcurrentColdRequestsCostOneSpawn) {
  folder.write("quick.json", R"({"tokens":5,"load_ms":300,"slots":8})");
  start();
  std::vector<std::thread> callers;
  std::atomic<int> served = 0;
  for (int i = 0; i < 16; ++i) {
    callers.emplace_back([&, port = daemon->port()] { served += curl(port, "{}").ends_with("200"); });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(served, 16);
  EXPECT_EQ(daemon->status()["workers"][0]["spawns"], 1);
}

TEST_F(DaemonTest, WhatAModelHeldOnADeviceIsToBeBackBeforeTheNextIsLoaded) {
  folder.write("quick.json", R"({"tokens":5,"gpu_free_mib":9000,"gpu_mib":8000})");
  folder.write("other.json", R"({"tokens":5,"gpu_free_mib":7000,"gpu_mib":6000})");  // 2,000 MiB never come back
  start();
  for (const char* model : {"quick", "other", "quick"}) EXPECT_EQ(daemon->chat(model).head.status, 200u);
  const Json swaps = (*common::parse_json(daemon->get("/admin/v1/swaps").body))["swaps"];
  ASSERT_EQ(swaps.size(), 3u);
  EXPECT_EQ(swaps[2]["devices_released"], (Json{{"verified", true}, {"missing_bytes", 0}})) << "nobody had been there";
  EXPECT_EQ(swaps[1]["devices_released"], (Json{{"verified", false}, {"missing_bytes", 2000ull << 20}}));
  EXPECT_EQ(swaps[0]["devices_released"], (Json{{"verified", true}, {"missing_bytes", 0}})) << "what is there is found anew at each load";
  EXPECT_TRUE(swaps[0]["seconds"].contains("device_release"));
}

TEST_F(DaemonTest, EverySwapIsAccountedForPartByPart) {
  start();
  for (const char* model : {"quick", "other", "quick"}) EXPECT_EQ(daemon->chat(model).head.status, 200u);
  const Json ledger = *common::parse_json(daemon->get("/admin/v1/swaps").body);
  EXPECT_EQ(ledger["total"], 3);
  ASSERT_EQ(ledger["swaps"].size(), 3u);
  const Json &latest = ledger["swaps"][0], &first = ledger["swaps"][2];
  EXPECT_EQ(latest["from"], "other");
  EXPECT_EQ(latest["to"], "quick");
  for (const char* part : {"decide", "drain", "save", "exit", "release", "spawn", "read", "init", "load", "probe", "total", "first_token"})
    EXPECT_TRUE(latest["seconds"].contains(part)) << part;
  EXPECT_EQ(latest["released"]["verified"], true);
  EXPECT_FALSE(latest.contains("devices_released")) << "there are none";
  EXPECT_TRUE(first["from"].is_null());
  EXPECT_TRUE(first["released"].is_null()) << "nobody had to leave";
  EXPECT_EQ((*common::parse_json(daemon->get("/admin/v1/swaps?limit=1").body))["swaps"].size(), 1u);
  EXPECT_EQ(daemon->get("/admin/v1/swaps?limit=many").head.status, 400u);
  const std::string metrics = daemon->get("/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("\nperch_swaps_total 3\n"));
  EXPECT_THAT(metrics, HasSubstr("\nperch_swap_part_seconds_bucket{part=\"exit\",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(metrics, HasSubstr("\nperch_swap_part_seconds_count{part=\"total\"} 3\n"));
}

class SpareWorkerTest : public DaemonTest {
 protected:
  // The worker that was started ahead, once it is there; 0: it never was.
  pid_t spare() {
    pid_t pid = 0;
    daemon->until([&](const Json& s) {
      const Json& worker = s["spare"]["worker"];
      if (!worker.is_null() && worker["state"] == "waiting") pid = worker["pid"];
      return pid != 0;
    });
    return pid;
  }
};

TEST_F(SpareWorkerTest, TheNextModelIsLoadedIntoAWorkerThatWasStartedAhead) {
  start();
  EXPECT_TRUE(daemon->status()["spare"]["worker"].is_null()) << "nobody has asked for anything";
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  const pid_t first = daemon->workers().at(0), ahead = spare();
  EXPECT_EQ(daemon->spares(), std::vector<pid_t>{ahead});
  EXPECT_EQ(daemon->workers(), std::vector<pid_t>{first}) << "it holds no model";
  EXPECT_EQ(daemon->chat("other").head.status, 200u);
  EXPECT_EQ(daemon->workers(), std::vector<pid_t>{ahead});
  EXPECT_EQ(daemon->status()["spare"]["taken"], 1);
  const pid_t next = spare();
  EXPECT_NE(next, ahead) << "another one has taken its place";
  EXPECT_NE(next, 0);
  EXPECT_THAT(daemon->get("/metrics").body, HasSubstr("\nperch_spare_workers_taken_total 1\n"));
}

TEST_F(SpareWorkerTest, OneThatDiesIsReapedAndMissedByNobody) {
  start();
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  const pid_t ahead = spare();
  ASSERT_NE(ahead, 0);
  ::kill(ahead, SIGKILL);
  EXPECT_TRUE(daemon->until([](const Json& s) { return s["spare"]["lost"] == 1; }));
  EXPECT_TRUE(tests::eventually([&] { return daemon->zombies() == 0; }));
  EXPECT_EQ(daemon->chat("other").head.status, 200u);
  const Json status = daemon->status();
  EXPECT_EQ(status["active"], "other");
  for (const Json& worker : status["workers"]) EXPECT_TRUE(worker["last_failure"].is_null());
}

TEST_F(SpareWorkerTest, OneThatIsKilledJustWhenItIsNeededCostsNobodyHisAnswer) {
  start();
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  const pid_t ahead = spare();
  ASSERT_NE(ahead, 0);
  auto stream = daemon->stream("quick");
  stream->read_to_end();
  ::kill(ahead, SIGKILL);
  EXPECT_EQ(daemon->chat("other").head.status, 200u);
}

TEST_F(SpareWorkerTest, OneThatIsStoppedIsLeftAloneByTheLoadAndEnded) {
  start();
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  const pid_t ahead = spare();
  ASSERT_NE(ahead, 0);
  ::kill(ahead, SIGSTOP);
  EXPECT_EQ(daemon->chat("other").head.status, 200u);
  EXPECT_TRUE(orphans_gone({ahead}));
  EXPECT_EQ(daemon->status()["spare"]["lost"], 1);
}

TEST_F(SpareWorkerTest, TheRegistrySwitchesItOff) {
  Json registry = *common::parse_json(kRegistry);
  registry["policy"]["spare_worker"] = false;
  write_registry(common::dump_json(registry));
  start();
  for (const char* model : {"quick", "other", "quick"}) EXPECT_EQ(daemon->chat(model).head.status, 200u);
  EXPECT_EQ(daemon->status()["spare"]["started"], 0);
  registry["policy"]["spare_worker"] = true;
  write_registry(common::dump_json(registry));
  EXPECT_NE(spare(), 0) << "an edit holds at once";
  registry["policy"]["spare_worker"] = false;
  write_registry(common::dump_json(registry));
  EXPECT_TRUE(tests::eventually([&] { return daemon->spares().empty(); }));
}

TEST_F(SpareWorkerTest, WhoeverUnloadsTheModelGetsTheSparesMemoryToo) {
  start();
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  const pid_t ahead = spare();
  ASSERT_NE(ahead, 0);
  EXPECT_EQ(daemon->post("/admin/v1/models/quick/unload", Json::object()).head.status, 200u);
  EXPECT_TRUE(orphans_gone({ahead}));
  EXPECT_TRUE(tests::eventually([&] { return daemon->zombies() == 0; }));
  EXPECT_EQ(daemon->status()["spare"]["lost"], 0);
}

TEST_F(SpareWorkerTest, ItGoesWithADaemonThatIsKilledAndWithOneThatIsAskedToStop) {
  for (int signal : {SIGKILL, SIGTERM}) {
    start();
    EXPECT_EQ(daemon->chat("quick").head.status, 200u);
    const pid_t ahead = spare();
    ASSERT_NE(ahead, 0);
    daemon->signal(signal);
    daemon->wait_exit();
    EXPECT_TRUE(orphans_gone({ahead})) << strsignal(signal);
    if (signal == SIGTERM) EXPECT_TRUE(cgroups_of(daemon->pid()).empty());
  }
}

// Contract line 2, in each state.
class OrphanTest : public DaemonTest {
 protected:
  void kill_and_expect_no_orphan() {
    auto workers = daemon->workers();
    ASSERT_FALSE(workers.empty());
    std::ranges::copy(daemon->spares(), std::back_inserter(workers));
    daemon->signal(SIGKILL);
    daemon->wait_exit();
    EXPECT_TRUE(orphans_gone(workers));
  }
};

TEST_F(OrphanTest, KilledWhileLoadingLeavesNoWorkerAndARestartServes) {
  start();
  daemon->post("/admin/v1/models/heavy/load?wait=false", Json::object());
  ASSERT_TRUE(daemon->until([](const Json& s) { return s["phase"] == "loading" && s["workers"][0]["load_fraction"] > 0.0; }));
  kill_and_expect_no_orphan();
  start();
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
}

TEST_F(OrphanTest, KilledWhileIdleLeavesNoWorker) {
  start();
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  kill_and_expect_no_orphan();
}

TEST_F(OrphanTest, KilledLeavesNothingOfWhatAWorkerStartedThatLeftItsGroup) {
  if (auto cgroup = common::own_cgroup(); !cgroup) GTEST_SKIP() << "no cgroup can be made here: " << cgroup.error().message();
  start();
  EXPECT_EQ(daemon->chat("leaver").head.status, 200u);
  auto family = daemon->marked();
  ASSERT_EQ(family.size(), 2u);
  ASSERT_TRUE(daemon->guard());
  family.push_back(*daemon->guard());
  daemon->signal(SIGKILL);
  daemon->wait_exit();
  EXPECT_TRUE(orphans_gone(family));
}

TEST_F(OrphanTest, AnOrderlyEndLeavesNoCgroupAndNoGuard) {
  start();
  EXPECT_EQ(daemon->chat("leaver").head.status, 200u);
  const auto guard = daemon->guard();
  const auto family = daemon->marked();
  daemon->signal(SIGTERM);
  EXPECT_TRUE(daemon->wait_exit().clean());
  EXPECT_TRUE(cgroups_of(daemon->pid()).empty());
  EXPECT_TRUE(std::ranges::none_of(family, tests::process_alive));
  if (guard) EXPECT_TRUE(orphans_gone({*guard}));
}

TEST_F(OrphanTest, KilledMidStreamLeavesNoWorkerAndTheClientSeesItCut) {
  start();
  auto stream = daemon->stream("slow");
  stream->read_until(":2 ");
  kill_and_expect_no_orphan();
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, Not(HasSubstr("[DONE]")));
}

class OrderlyEndTest : public DaemonTest, public testing::WithParamInterface<int> {};

TEST_P(OrderlyEndTest, LetsARunningStreamFinishAndExitsWithZero) {
  folder.write("slow.json", R"({"tokens":40,"token_ms":10})");
  start();
  auto stream = daemon->stream("slow");
  stream->read_until(":2 ");
  daemon->signal(GetParam());
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_THAT(stream->text, HasSubstr("[DONE]"));
  EXPECT_TRUE(daemon->wait_exit().clean());
}

// A service manager's, and a terminal's that closes.
INSTANTIATE_TEST_SUITE_P(Signals, OrderlyEndTest, testing::Values(SIGTERM, SIGHUP));

TEST_F(DaemonTest, ASecondSignalEndsWhatStillRuns) {
  start();
  auto stream = daemon->stream("slow");
  stream->read_until(":2 ");
  daemon->signal(SIGTERM);
  ASSERT_TRUE(tests::eventually([&] { return daemon->get("/health").head.status == 0; })) << "no new connections";
  daemon->signal(SIGTERM);
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, Not(HasSubstr("[DONE]")));
  EXPECT_TRUE(daemon->wait_exit().clean());
}

TEST_F(DaemonTest, ItEndsAlthoughSomebodyHoldsTheErrorOutputOfAWorkerThatHasGone) {
  start();
  ASSERT_EQ(daemon->chat("quick").head.status, 200u);
  const std::string error_output = "/proc/" + std::to_string(daemon->workers().at(0)) + "/fd/2";
  const common::Descriptor held(::open(error_output.c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(held) << error_output << ": " << strerror(errno);
  daemon->signal(SIGTERM);
  EXPECT_TRUE(daemon->wait_exit().clean());
}

// How short memory is, as files say that stand for the kernel's; the ladder's seconds are shorter than usual.
class PressureDaemonTest : public DaemonTest {
 protected:
  void SetUp() override {
    DaemonTest::SetUp();
    folder.write("quick.json", R"({"tokens":5,"prompt_cache_mib":50})");
    folder.write("vectors.json", R"({"tokens":5,"purpose":"embedding"})");
    Json registry = *common::parse_json(kRegistry);
    registry["catalog"]["vectors"] = {{"artifact", "vectors.json"}};
    registry["memory"] = {{"pressure_available_mib", 1000}};
    write_registry(common::dump_json(registry));
    available(8000);
    stalled(0);
  }
  void available(std::uint64_t mib) { folder.write("meminfo", "MemAvailable: " + std::to_string(mib * 1024) + " kB\n"); }
  void stalled(std::uint64_t microseconds) {
    folder.write("pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=" + std::to_string(microseconds) + "\n");
  }
  void start_with_pace(const std::string& pace) { start({"--memory-folder", folder.path().string(), "--pressure-pace", pace}); }
  bool reaches(int rung) {
    return daemon->until([rung](const Json& s) { return s["pressure"]["rung"] == rung; });
  }
  // `later`: something that was told after them, so that all of them have come whole.
  std::vector<std::string> rungs_told(std::string_view later) {
    std::vector<std::string> rungs;
    auto events = daemon->open({.method = "GET", .target = "/admin/v1/events?after=0"});
    events->read_until(later);
    for (std::size_t at = 0; (at = events->text.find("event: pressure\ndata: ", at)) != std::string::npos; ++at) {
      const auto begin = events->text.find('{', at);
      rungs.push_back((*common::parse_json(events->text.substr(begin, events->text.find('\n', begin) - begin)))["to"]);
    }
    return rungs;
  }
};

TEST_F(PressureDaemonTest, TheLadderIsClimbedInOrderAndClimbedDownAndEverythingComesBack) {
  start_with_pace("0.05");
  EXPECT_EQ(daemon->post("/admin/v1/models/vectors/pin", Json::object()).head.status, 200u);
  auto stream = daemon->stream("slow");
  stream->read_until(":5 ");
  EXPECT_EQ(daemon->workers().size(), 2u);
  available(900);
  stream->read_to_end();
  EXPECT_TRUE(stream->broken) << "a clean end would be taken for success";
  EXPECT_THAT(stream->text, HasSubstr("\"code\":\"memory_pressure\""));
  EXPECT_THAT(stream->text, HasSubstr("900 MiB of memory are available, the limit is 1000 MiB"));
  EXPECT_THAT(stream->text, Not(HasSubstr("[DONE]")));
  ASSERT_TRUE(reaches(6));
  EXPECT_TRUE(tests::eventually([&] { return daemon->workers().empty(); }));

  auto refused = daemon->chat("quick");
  EXPECT_EQ(refused.head.status, 503u);
  EXPECT_EQ(error_of(refused)["code"], "memory_pressure");
  EXPECT_EQ(refused.head.field("Retry-After"), "1") << "twenty seconds, at this pace";
  EXPECT_EQ(daemon->post("/admin/v1/models/quick/load", Json::object()).head.status, 503u);
  EXPECT_EQ(daemon->get("/health").head.status, 200u);
  EXPECT_EQ(daemon->get("/v1/models").head.status, 200u);
  EXPECT_THAT(daemon->get("/metrics").body, HasSubstr("\nperch_memory_pressure_rung 6\n"));
  EXPECT_EQ((*common::parse_json(daemon->get("/admin/v1/memory").body))["pressure"]["name"], "unload_pinned");

  available(8000);
  ASSERT_TRUE(reaches(0));
  EXPECT_TRUE(tests::eventually([&] { return daemon->workers().size() == 1; })) << "the pinned model is back";
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  EXPECT_THAT(rungs_told("\"model\":\"quick\""),
              testing::ElementsAre("stop_admitting", "shrink_caches", "drop_saved", "cancel_lowest", "unload", "unload_pinned", "unload",
                                   "cancel_lowest", "drop_saved", "shrink_caches", "stop_admitting", "none"));
  EXPECT_THAT(daemon->get("/metrics").body, HasSubstr("perch_memory_cut_answers_total 1\n"));
  const Json workers = daemon->status()["workers"];
  for (const Json& worker : workers) EXPECT_TRUE(worker["last_failure"].is_null()) << "nobody was killed: " << worker;
}

TEST_F(PressureDaemonTest, OnTheLowerRungsTheResidentServesOnAndKeepsNoPrompts) {
  start_with_pace("0.3");
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  const auto cache = [this] { return daemon->status()["workers"][0]["beat"]["prompt_cache_bytes"].get<std::uint64_t>(); };
  EXPECT_TRUE(tests::eventually([&] { return cache() == 50ull << 20; }));
  available(900);
  ASSERT_TRUE(reaches(2));
  available(1100);  // neither short nor plenty: it stays there
  EXPECT_TRUE(tests::eventually([&] { return cache() == 0; }));
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  EXPECT_EQ(error_of(daemon->chat("other"))["code"], "memory_pressure");
  EXPECT_EQ(daemon->workers().size(), 1u);
  available(8000);
  ASSERT_TRUE(reaches(0));
  EXPECT_EQ(daemon->chat("other").head.status, 200u);
}

TEST_F(PressureDaemonTest, TasksThatStandStillForMemoryCountToo) {
  start_with_pace("0.05");
  std::uint64_t lost = 0;
  EXPECT_TRUE(daemon->until([&](const Json& s) {
    stalled(lost += 50'000);
    return s["pressure"]["rung"] >= 1;
  }));
  EXPECT_TRUE(reaches(0));
}

TEST_F(PressureDaemonTest, WithoutStallsOfTheKernelMemAvailableCountsAlone) {
  std::filesystem::remove(folder.path() / "pressure");
  start_with_pace("0.05");
  EXPECT_TRUE(daemon->status()["pressure"]["stall_percent"].is_null());
  available(900);
  EXPECT_TRUE(reaches(6));
}

TEST_F(PressureDaemonTest, SwitchedOffNothingIsDone) {
  Json registry = *common::parse_json(kRegistry);
  registry["memory"] = {{"pressure", false}, {"pressure_available_mib", 1000}};
  write_registry(common::dump_json(registry));
  available(10);
  start_with_pace("0.01");
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  EXPECT_TRUE(daemon->until([](const Json& s) { return s["pressure"]["available_bytes"] == 10ull << 20; }));
  EXPECT_EQ(daemon->status()["pressure"]["rung"], 0);
  EXPECT_EQ(daemon->chat("other").head.status, 200u);
}

class MemoryLeaseDaemonTest : public DaemonTest {
 protected:
  static constexpr double kLargeGib = 3;

  void SetUp() override {
    DaemonTest::SetUp();
    folder.write("large.json", R"({"tokens":30,"token_ms":10,"says_mib":3072})");
    Json registry = *common::parse_json(kRegistry);
    registry["catalog"]["large"] = {{"artifact", "large.json"}};
    write_registry(common::dump_json(registry));
    start();
  }
  Json memory() { return *common::parse_json(daemon->get("/admin/v1/memory").body); }
  double left_gib() { return memory()["budget"]["left_bytes"].get<double>() / (1 << 30); }
  common::HttpResponse lend(double gib, double minutes, const std::string& query = "") {
    return daemon->post("/admin/v1/memory/lease" + query, {{"gib", gib}, {"minutes", minutes}});
  }
  common::HttpResponse end(const std::string& id) {
    return daemon->call({.method = "DELETE", .target = "/admin/v1/memory/lease/" + id, .fields = {{"Content-Type", "application/json"}}});
  }
};

TEST_F(MemoryLeaseDaemonTest, WhatDoesNotFitFinishesItsAnswersAndLeavesAndComesBackAfterwards) {
  if (left_gib() < kLargeGib + 1) GTEST_SKIP() << "models may take " << left_gib() << " GiB here";
  auto stream = daemon->stream("large");
  stream->read_until(":3 ");
  auto answer = lend(left_gib() - 2, 10);
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  const Json lent = *common::parse_json(answer.body);
  EXPECT_EQ(lent["outcome"], "lent");
  EXPECT_EQ(lent["left"], Json::array({"large"}));
  EXPECT_NEAR(lent["seconds_left"].get<double>(), 600, 60);
  stream->read_to_end();
  EXPECT_THAT(stream->text, HasSubstr("[DONE]")) << "it was drained, not cut";
  EXPECT_TRUE(daemon->workers().empty());

  auto refused = daemon->chat("large");
  EXPECT_EQ(refused.head.status, 503u);
  EXPECT_EQ(error_of(refused)["code"], "memory_pressure");
  EXPECT_NEAR(std::stoi(std::string(refused.head.field("Retry-After"))), 590, 10) << "when the lease ends";
  EXPECT_EQ(daemon->chat("quick").head.status, 200u);
  EXPECT_EQ(memory()["leases"].size(), 1u);
  EXPECT_NEAR(left_gib(), 2, 0.01);

  EXPECT_EQ(end(lent["id"].dump()).head.status, 200u);
  EXPECT_EQ(end(lent["id"].dump()).head.status, 404u);
  EXPECT_TRUE(memory()["leases"].empty());
  EXPECT_EQ(daemon->chat("large").head.status, 200u);
}

TEST_F(MemoryLeaseDaemonTest, SeveralAddUpAndEndByThemselves) {
  const double all = left_gib();
  ASSERT_EQ(lend(0.25, 10).head.status, 200u);
  ASSERT_EQ(lend(0.5, 10, "?wait=false").head.status, 200u);
  EXPECT_NEAR(left_gib(), all - 0.75, 0.01);
  EXPECT_EQ(memory()["budget"]["lent_bytes"], 768ull << 20);
  EXPECT_THAT(daemon->get("/metrics").body, HasSubstr("perch_memory_lent_bytes 805306368\n"));
  ASSERT_EQ(lend(0.25, 0.005).head.status, 200u);
  EXPECT_TRUE(tests::eventually([&] { return memory()["leases"].size() == 2; }));
  auto events = daemon->open({.method = "GET", .target = "/admin/v1/events?after=0"});
  events->read_until("\"what\":\"expired\"");
  EXPECT_THAT(events->text, HasSubstr("event: memory_lease"));
}

TEST_F(MemoryLeaseDaemonTest, ALeaseThatCannotBeIsRefusedWithItsLimits) {
  auto refusal = [&](const common::HttpResponse& response) {
    EXPECT_EQ(response.head.status, 400u) << response.body;
    return error_of(response);
  };
  EXPECT_EQ(refusal(lend(left_gib() + 1, 10))["param"], "gib");
  EXPECT_THAT(refusal(lend(left_gib() + 1, 10))["message"].get<std::string>(), HasSubstr("ask for less"));
  EXPECT_EQ(refusal(lend(1, 2000))["param"], "minutes");
  EXPECT_EQ(refusal(lend(-1, 1))["param"], "gib");
  EXPECT_EQ(refusal(daemon->post("/admin/v1/memory/lease", {{"gib", 1}}))["param"], "minutes");
  EXPECT_EQ(daemon->call({.method = "POST", .target = "/admin/v1/memory/lease", .body = R"({"gib":1,"minutes":1})"}).head.status, 415u)
      << "no page can ask for it behind anybody's back";
  EXPECT_EQ(end("nonsense").head.status, 404u);
  for (int i = 0; i < 16; ++i) ASSERT_EQ(lend(0.001, 10).head.status, 200u);
  EXPECT_EQ(lend(0.001, 10).head.status, 429u);
  EXPECT_EQ(memory()["leases"].size(), 16u);
}

TEST_F(DaemonTest, RefusesToListenBeyondThisMachineWithoutKeys) { EXPECT_THROW(start({"--listen", "0.0.0.0:0"}), std::runtime_error); }

}  // namespace
