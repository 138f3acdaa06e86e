// The registry of a running daemon, edited by hand, over the admin REST and by `perch registry` and `perch use`.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/support/daemon.hpp"

namespace {

using common::Json;
using testing::HasSubstr;
namespace fs = std::filesystem;

using tests::Ran;

class RegistryDaemonTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* model : {"quick", "other"}) folder.write(std::string(model) + ".json", R"({"tokens":5})");
    folder.write("slow.json", R"({"tokens":400,"token_ms":20})");
    folder.write("broken.json", R"({"exit_at_load":70})");
    folder.write("registry.json", kRegistry);
  }
  void start() { daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{}); }
  common::HttpResponse put(const std::string& role, const Json& body) {
    return daemon->call({.method = "PUT",
                         .target = "/admin/v1/roles/" + role,  // and its query
                         .fields = {{"Content-Type", "application/json"}},
                         .body = common::dump_json(body)});
  }
  std::string text() const {
    std::ifstream in(folder.path() / "registry.json", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string with(std::string text, const std::string& what, const std::string& by) {
    return text.replace(text.find(what), what.size(), by);
  }
  Json registry() { return *common::parse_json(daemon->get("/admin/v1/registry").body); }
  Json outcome(const common::HttpResponse& response) {
    auto json = common::parse_json(response.body);
    return json ? *json : Json("no JSON: " + response.body);
  }
  std::string refusal(const common::HttpResponse& response) { return outcome(response)["error"].value("message", response.body); }
  Ran perch(const std::string& arguments) { return tests::run_perch(folder, daemon.get(), arguments); }
  std::string file() const { return (folder.path() / "registry.json").string(); }

  static constexpr const char* kRegistry = R"({
  "endpoints": { "a" :1 },
  "models": {
    "default": "quick",
    "coding": "other"
  },
  "catalog": {"quick": {"artifact": "quick.json"}, "other": {"artifact": "other.json"}, "slow": {"artifact": "slow.json"},
              "broken": {"artifact": "broken.json"}}
}
)";
  tests::TempFolder folder;
  std::unique_ptr<tests::Daemon> daemon;
};

TEST_F(RegistryDaemonTest, ADryRunSaysWhatAnEditWouldDoAndDoesNothing) {
  start();
  ASSERT_EQ(daemon->chat("default").head.status, 200u);
  const std::string edited = with(with(kRegistry, R"({"artifact": "quick.json"})", R"({"artifact": "quick.json", "parallel": 2})"),
                                  R"("coding": "other")", R"("coding": "slwo")");
  auto answer = daemon->post("/admin/v1/registry/reload?dry_run=true", {{"text", edited}});
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  const Json plan = outcome(answer);
  EXPECT_TRUE(plan["changes"]);
  ASSERT_EQ(plan["models"].size(), 1u);
  EXPECT_EQ(plan["models"][0]["id"], "quick");
  EXPECT_EQ(plan["models"][0]["keys"][0]["pointer"], "/catalog/quick/parallel");
  EXPECT_TRUE(plan["models"][0]["worker_leaves"]);
  EXPECT_TRUE(plan["models"][0]["runs"]);
  EXPECT_TRUE(plan["resident_leaves"]);
  EXPECT_EQ(plan["roles"][0]["after"], "slwo");
  EXPECT_EQ(plan["unknown_targets"][0]["nearest"][0], "slow");
  EXPECT_EQ(registry()["generation"], 1);
  EXPECT_EQ(daemon->status()["active"], "quick");
  EXPECT_EQ(daemon->post("/admin/v1/registry/reload?dry_run=true", {{"text", "{"}}).head.status, 400u);
  EXPECT_EQ(daemon->post("/admin/v1/registry/reload", {{"text", edited}}).head.status, 400u) << "only the file comes into force";
  auto same = outcome(daemon->post("/admin/v1/registry/reload?dry_run=true", Json::object()));
  EXPECT_FALSE(same["changes"]);
  EXPECT_EQ(same["digest_before"], same["digest_after"]);
}

TEST_F(RegistryDaemonTest, GenerationAndDigestAreTheSameEverywhereAndInTheEvent) {
  start();
  const std::string first = daemon->status()["registry"]["digest"];
  EXPECT_TRUE(first.starts_with("xxh64:"));
  folder.write("registry.json", with(kRegistry, R"("coding": "other")", R"("coding": "slow")"));
  const Json reloaded = outcome(daemon->post("/admin/v1/registry/reload", Json::object()));
  EXPECT_EQ(reloaded["generation"], 2);
  EXPECT_NE(reloaded["digest"], first);
  const std::string digest = reloaded["digest"];
  EXPECT_EQ(daemon->status()["registry"]["digest"], digest);
  const auto answer = daemon->chat("default");
  EXPECT_EQ(answer.head.field("X-Perch-Registry-Generation"), "2");
  EXPECT_EQ(answer.head.field("X-Perch-Registry-Digest"), digest);
  const std::string metrics = daemon->get("/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("\nperch_registry_generation 2\n"));
  EXPECT_THAT(metrics, HasSubstr("\nperch_registry_info{digest=\"" + digest + "\"} 1\n"));
  auto events = daemon->open({.method = "GET", .target = "/admin/v1/events?after=0"});
  events->read_until("event: registry\n");
  const std::string names_both = "\"generation\":2,\"digest\":\"" + digest + "\"";
  events->read_until(names_both);
  EXPECT_THAT(events->text, HasSubstr(names_both));
  EXPECT_THAT(events->text, HasSubstr(R"("roles":[{"role":"coding","before":"other","after":"slow"}])"));
  ASSERT_TRUE(tests::eventually([&] { return registry()["kept"].size() == 2; }));
  const Json kept = registry()["kept"];
  EXPECT_EQ(kept[0]["digest"], first);
  EXPECT_EQ(kept[1]["generation"], 2);
  EXPECT_EQ(registry()["text"], text());
}

TEST_F(RegistryDaemonTest, ARoleIsRepointedByOneLineAndHoldsAtOnce) {
  start();
  auto answer = put("coding", {{"model", "quick"}});
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ(outcome(answer)["before"], "other");
  EXPECT_EQ(outcome(answer)["outcome"], "repointed");
  EXPECT_EQ(outcome(answer)["generation"], 2);
  EXPECT_EQ(text(), with(kRegistry, R"("coding": "other")", R"("coding": "quick")"));
  EXPECT_EQ(daemon->chat("coding").head.field("X-Perch-Model"), "quick");
  EXPECT_EQ(outcome(put("coding", {{"model", "quick"}}))["outcome"], "was so already");
  EXPECT_EQ(registry()["generation"], 2);
  auto unknown = put("coding", {{"model", "quikc"}});
  EXPECT_EQ(unknown.head.status, 404u);
  EXPECT_THAT(refusal(unknown), HasSubstr("did you mean quick?"));
  EXPECT_EQ(put("new%20role", {{"model", "slow"}}).head.status, 200u);
  EXPECT_EQ(daemon->status()["registry"]["roles"]["new role"], "slow");
  EXPECT_EQ(put("elsewhere", {{"model", "another/tool's"}, {"force", true}}).head.status, 200u);
  EXPECT_EQ(put("coding", {{"mode", "quick"}}).head.status, 400u);
}

TEST_F(RegistryDaemonTest, ABrokenFileIsNotEdited) {
  start();
  folder.write("registry.json", "{\"models\":");
  auto answer = put("coding", {{"model", "quick"}});
  EXPECT_EQ(answer.head.status, 400u);
  EXPECT_THAT(refusal(answer), HasSubstr("has to be mended"));
  EXPECT_EQ(text(), "{\"models\":");
}

TEST_F(RegistryDaemonTest, WhenIdleWaitsForWhoRunsOnWhatTheRoleMeans) {
  folder.write("registry.json", with(kRegistry, R"("coding": "other")", R"("coding": "slow")"));
  folder.write("slow.json", R"({"tokens":60,"token_ms":20})");
  start();
  auto stream = daemon->stream("coding");
  stream->read_until(":3 ");
  EXPECT_EQ(outcome(put("coding?wait=false", {{"model", "quick"}, {"when_idle", true}}))["outcome"], "repointing");
  stream->read_until(":20 ");
  EXPECT_EQ(daemon->status()["registry"]["roles"]["coding"], "slow") << "somebody still runs on it";
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_TRUE(daemon->until([](const Json& status) { return status["registry"]["roles"]["coding"] == "quick"; }));
}

TEST_F(RegistryDaemonTest, AfterLoadTheRoleMeansAModelThatIsReady) {
  start();
  ASSERT_EQ(daemon->chat("default").head.status, 200u);
  auto answer = put("default", {{"model", "other"}, {"after_load", true}, {"when_idle", true}});
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ(daemon->status()["active"], "other");
  EXPECT_EQ(daemon->status()["registry"]["roles"]["default"], "other");
}

TEST_F(RegistryDaemonTest, ALoadThatFailsLeavesTheRoleWhereItWasAndSaysWhy) {
  start();
  ASSERT_EQ(daemon->chat("default").head.status, 200u);
  auto answer = put("default", {{"model", "broken"}, {"after_load", true}});
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_THAT(refusal(answer), HasSubstr("the role default still points at quick, because broken was not loaded"));
  EXPECT_EQ(text(), kRegistry);
  EXPECT_EQ(registry()["generation"], 1);
}

TEST_F(RegistryDaemonTest, WhatSomebodyElseMakesOfTheRoleMeanwhileIsNotUndone) {
  folder.write("quick.json", R"({"tokens":400,"token_ms":20})");
  start();
  auto stream = daemon->stream("default");
  stream->read_until(":3 ");
  put("default?wait=false", {{"model", "slow"}, {"when_idle", true}});
  folder.write("registry.json", with(kRegistry, R"("default": "quick")", R"("default": "other")"));
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["registry"]["roles"]["default"] == "other"; }));
  stream->leave();
  auto events = daemon->open({.method = "GET", .target = "/admin/v1/events?after=0"});
  events->read_until("event: role\n");
  events->read_until("somebody else repointed the role default meanwhile: it means other now");
  EXPECT_THAT(events->text, HasSubstr("\"outcome\":\"not repointed\""));
  EXPECT_EQ(daemon->status()["registry"]["roles"]["default"], "other");
  EXPECT_EQ(outcome(put("coding", {{"model", "slow"}}))["outcome"], "repointed") << "another line is nobody else's business";
  EXPECT_EQ(daemon->status()["registry"]["roles"]["default"], "other");
}

TEST_F(RegistryDaemonTest, AFallbackStandsInForARoleAndTheAnswerSaysSo) {
  folder.write("bad.json", "this is no model");
  folder.write("registry.json", R"({"models": {"default": "gone", "coding": "bad"},
    "catalog": {"quick": {"artifact": "quick.json"}, "other": {"artifact": "other.json"}, "bad": {"artifact": "bad.json"}},
    "roles": {"default": {"fallback": ["nowhere", "quick"]}, "coding": {"fallback": ["other"]}}, "patterns": {"gpt-*": "default"}})");
  start();
  auto answer = daemon->chat("default");
  EXPECT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "quick");
  EXPECT_EQ((*common::parse_json(answer.body))["model"], "quick") << "the weights that answered, not those that were meant";
  EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "instead of gone: it is not known");
  EXPECT_THAT(daemon->get("/v1/models").body, HasSubstr(R"({"kind":"role","model":"quick","instead_of":"gone"})"));
  EXPECT_EQ(daemon->chat("gpt-4o").head.field("X-Perch-Model"), "quick");
  EXPECT_EQ(daemon->chat("quick").head.field("X-Perch-Fallback"), "");
  EXPECT_EQ(daemon->chat("gone").head.status, 404u) << "an id is not answered by other weights";

  EXPECT_EQ(daemon->chat("coding").head.status, 422u) << "that the file is bad is found out by the first who asks";
  answer = daemon->chat("coding");
  EXPECT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "other");
  EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "instead of bad: it is quarantined");
  EXPECT_EQ(daemon->chat("bad").head.status, 422u);
}

TEST_F(RegistryDaemonTest, TheCommandsShowWhatIsInForceAndBringBackWhatWas) {
  start();
  const Ran used = perch("use coding quick");
  EXPECT_EQ(used.status, 0) << used.output;
  EXPECT_THAT(used.output, HasSubstr("coding: repointed, other -> quick (generation 2)"));
  EXPECT_EQ(perch("use coding nobody").status, 1);

  const Ran check = perch("registry check --json");
  EXPECT_EQ(check.status, 0) << check.output;
  EXPECT_TRUE((*common::parse_json(check.output))["good"]);
  folder.write("candidate.json", with(text(), R"("default": "quick")", R"("default": "slow")"));
  const Ran plan = perch("registry plan --exit-code '" + (folder.path() / "candidate.json").string() + "'");
  EXPECT_EQ(plan.status, 2) << plan.output;
  EXPECT_THAT(plan.output, HasSubstr("against generation 2, which the daemon"));
  EXPECT_THAT(plan.output, HasSubstr("default: quick -> slow"));
  folder.write("candidate.json", R"({"policy":{"max_wiat":1}})");
  const Ran bad = perch("registry check '" + (folder.path() / "candidate.json").string() + "'");
  EXPECT_EQ(bad.status, 65) << bad.output;
  EXPECT_THAT(bad.output, HasSubstr("/policy/max_wiat: unknown key, did you mean max_wait?"));
  EXPECT_EQ(perch("registry plan '" + (folder.path() / "candidate.json").string() + "'").status, 65);
  EXPECT_EQ(perch("registry check /no/such/file").status, 66);

  // Another tool writes its own section, and Perch's are brought back.
  folder.write("registry.json", with(text(), R"({ "a" :1 })", R"({ "b" : [2]})"));
  ASSERT_TRUE(tests::eventually([&] { return registry()["kept"].size() == 3; }));
  const Ran history = perch("registry history");
  EXPECT_EQ(history.status, 0) << history.output;
  EXPECT_THAT(history.output, HasSubstr("GENERATION"));
  const Ran diff = perch("registry diff 1");
  EXPECT_THAT(diff.output, HasSubstr(R"(/models/coding: "other" -> "quick")"));
  EXPECT_THAT(diff.output, HasSubstr("/endpoints/b"));
  EXPECT_EQ(perch("registry diff 1 2 --exit-code").status, 2);
  const Ran back = perch("registry rollback 1");
  EXPECT_EQ(back.status, 0) << back.output;
  EXPECT_THAT(back.output, HasSubstr("rolled back; in force as generation 3"));
  EXPECT_EQ(text(), with(kRegistry, R"({ "a" :1 })", R"({ "b" : [2]})")) << "the other tool's section is as it wrote it";
  EXPECT_EQ(daemon->status()["registry"]["roles"]["coding"], "other");
  EXPECT_EQ(perch("registry rollback 77").status, 1);
}

TEST_F(RegistryDaemonTest, WithoutADaemonTheFileAndItsHistoryWillDo) {
  start();
  daemon->signal(SIGTERM);
  daemon->wait_exit();
  daemon.reset();
  folder.write("registry.json", "broken by hand");
  EXPECT_EQ(perch("registry check --registry '" + file() + "'").status, 65);
  const Ran back = perch("registry rollback 1 --registry '" + file() + "'");
  EXPECT_EQ(back.status, 0) << back.output;
  EXPECT_EQ(text(), kRegistry);
  const Ran used = perch("use default other --registry '" + file() + "'");
  EXPECT_EQ(used.status, 0) << used.output;
  const Ran plan = perch("registry plan --json --registry '" + file() + "'");
  EXPECT_EQ(plan.status, 0) << plan.output;
  const Json planned = *common::parse_json(plan.output);
  EXPECT_EQ(planned["against"], "history");
  EXPECT_EQ(planned["generation"], 1);
  EXPECT_EQ(planned["roles"][0]["after"], "other");
  EXPECT_EQ(perch("use default quick").status, 69);
  start();
  EXPECT_EQ(registry()["generation"], 2) << "it goes on from where the history has stopped";
}

}  // namespace
