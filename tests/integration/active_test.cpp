// The operator's present choice, in a daemon with fake workers: what the name "active" means, over edits and restarts.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>

#include "tests/support/daemon.hpp"

namespace {

using common::Json;
using testing::HasSubstr;
namespace fs = std::filesystem;

class ActiveTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* model : {"small", "qwen-32b", "qwen-8b"}) folder.write(std::string(model) + ".json", R"({"tokens":5})");
    write_registry(kRegistry);
    start();
  }
  void write_registry(const Json& registry) { folder.write("registry.json", common::dump_json(registry)); }
  void start() { daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{}); }
  void restart(int signal) {
    daemon->signal(signal);
    daemon->wait_exit();
    start();
  }
  common::HttpResponse choose(const Json& body) {
    return daemon->call(
        {.method = "PUT", .target = "/admin/v1/active", .fields = {{"Content-Type", "application/json"}}, .body = common::dump_json(body)});
  }
  common::HttpResponse clear() {
    return daemon->call({.method = "DELETE", .target = "/admin/v1/active", .fields = {{"Content-Type", "application/json"}}});
  }
  static Json json(const common::HttpResponse& response) {
    auto parsed = common::parse_json(response.body);
    return parsed ? *parsed : Json("no JSON: " + response.body);
  }
  static std::string refusal(const common::HttpResponse& response) { return json(response)["error"].value("message", response.body); }
  Json active() { return json(daemon->get("/admin/v1/active")); }
  // Which model answers to the name.
  std::string answers(const std::string& name = "active") {
    auto answer = daemon->chat(name);
    return answer.head.status == 200 ? json(answer)["model"].get<std::string>() : refusal(answer);
  }
  std::vector<std::string> listed() {
    std::vector<std::string> ids;
    for (const Json& each : json(daemon->get("/v1/models"))["data"]) ids.push_back(each["id"]);
    return ids;
  }
  fs::path kept() const {
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      if (entry.path().string().ends_with(".active.json")) return entry.path();
    }
    return {};
  }

  const Json kRegistry{{"models", {{"default", "small"}, {"coding", "qwen-8b"}}},
                       {"catalog",
                        {{"small", {{"artifact", "small.json"}, {"description", "the quick one"}}},
                         {"qwen-32b", {{"artifact", "qwen-32b.json"}}},
                         {"qwen-8b", {{"artifact", "qwen-8b.json"}}}}}};
  tests::TempFolder folder;
  std::unique_ptr<tests::Daemon> daemon;
};

TEST_F(ActiveTest, MeansWhatWasChosenUntilThatIsChangedOrCleared) {
  EXPECT_EQ(active()["model"], nullptr);
  EXPECT_EQ(active()["answered_by"], "small") << "nothing is chosen: what the role default means";
  EXPECT_EQ(answers(), "small");
  EXPECT_THAT(listed(), testing::Not(testing::Contains("active")));

  const Json chosen = json(choose({{"model", "32B"}}));
  EXPECT_EQ(chosen["outcome"], "chosen");
  EXPECT_EQ(chosen["found_by"], "fragment");
  EXPECT_EQ(chosen["model"], "qwen-32b");
  EXPECT_EQ(chosen["before"], nullptr);
  EXPECT_EQ(daemon->status()["active"], "small") << "it loads nothing";
  EXPECT_EQ(daemon->status()["choice"]["model"], "qwen-32b");
  EXPECT_EQ(json(choose({{"model", "qwen-32b"}}))["outcome"], "was so already");

  auto answer = daemon->chat("active");
  EXPECT_EQ(json(answer)["model"], "qwen-32b");
  EXPECT_EQ(answer.head.field("X-Perch-Requested-Model"), "active");
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "qwen-32b");
  EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "");
  EXPECT_EQ(answer.head.field("X-Perch-Registry-Generation"), "1") << "it is no edit of the registry";
  EXPECT_THAT(listed(), testing::Contains("active"));
  EXPECT_EQ(json(daemon->get("/v1/models/active"))["perch"]["model"], "qwen-32b");
  EXPECT_EQ(answers("default"), "small");

  EXPECT_EQ(json(choose({{"model", "coding"}}))["found_by"], "role");
  EXPECT_EQ(answers(), "qwen-8b");
  const Json cleared = json(clear());
  EXPECT_EQ(cleared["outcome"], "cleared");
  EXPECT_EQ(cleared["before"], "qwen-8b");
  EXPECT_EQ(json(clear())["outcome"], "was not chosen");
  EXPECT_EQ(answers(), "small");
}

TEST_F(ActiveTest, IsRememberedOverARestartAlsoAfterACrash) {
  choose({{"model", "32b"}});
  restart(SIGTERM);
  EXPECT_EQ(active()["model"], "qwen-32b");
  EXPECT_TRUE(daemon->workers().empty()) << "it loads nothing";
  EXPECT_EQ(answers(), "qwen-32b");
  restart(SIGKILL);
  EXPECT_EQ(answers(), "qwen-32b");
  clear();
  restart(SIGKILL);
  EXPECT_EQ(active()["model"], nullptr);
}

TEST_F(ActiveTest, ADamagedFileIsNoChoiceAndNoEndOfTheDaemon) {
  choose({{"model", "32b"}});
  const fs::path file = kept();
  ASSERT_FALSE(file.empty());
  for (const std::string text : {"", "{\"version\":1,\"mod", "\xff\xfe\x01", "[[[[", "null"}) {
    folder.write(fs::relative(file, folder.path()).string(), text);
    restart(SIGTERM);
    EXPECT_EQ(active()["model"], nullptr) << text;
    EXPECT_THAT(daemon->get("/logs").body, HasSubstr("what was chosen to be active is not known any more")) << text;
  }
}

TEST_F(ActiveTest, WhatIsNotClearIsRefusedWithWhatItMayMean) {
  auto answer = choose({{"model", "qwen"}});
  EXPECT_EQ(answer.head.status, 400u);
  EXPECT_THAT(refusal(answer), HasSubstr("any of 2 models: qwen-32b, qwen-8b"));
  answer = choose({{"model", "smal1"}});
  EXPECT_EQ(answer.head.status, 404u);
  EXPECT_THAT(refusal(answer), HasSubstr("did you mean small?"));
  EXPECT_EQ(choose({{"model", 5}}).head.status, 400u);
  EXPECT_EQ(choose(Json::object()).head.status, 400u);
  EXPECT_THAT(refusal(choose({{"modle", "a"}})), HasSubstr("did you mean model?"));
  EXPECT_EQ(active()["model"], nullptr);
  EXPECT_EQ(json(choose({{"model", "the quick"}}))["model"], "small") << "its description has it";
}

TEST_F(ActiveTest, AForeignPageCannotChoose) {
  auto answer = daemon->call(
      {.method = "PUT", .target = "/admin/v1/active", .fields = {{"Content-Type", "text/plain"}}, .body = R"({"model":"32b"})"});
  EXPECT_EQ(answer.head.status, 415u);
  EXPECT_EQ(active()["model"], nullptr);
}

TEST_F(ActiveTest, OneThatLeavesTheRegistryIsSaidSoAndNobodyElseAnswersUnlessTheRegistryNamesHim) {
  choose({{"model", "32b"}});
  Json registry = kRegistry;
  registry["catalog"].erase("qwen-32b");
  write_registry(registry);
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["registry"]["generation"] == 2; }));
  auto answer = daemon->chat("active");
  EXPECT_EQ(answer.head.status, 404u);
  EXPECT_THAT(refusal(answer), HasSubstr("qwen-32b, which was chosen, is no model here any more: `perch active NAME`"));
  EXPECT_EQ(active()["answered_by"], nullptr);
  EXPECT_THAT(active()["problem"].get<std::string>(), HasSubstr("no model here any more"));
  EXPECT_THAT(daemon->get("/logs").body, HasSubstr("active: qwen-32b, which was chosen, is no model here any more"));
  EXPECT_EQ(answers("default"), "small");

  registry["roles"]["active"] = {{"fallback", Json::array({"qwen-8b"})}};
  write_registry(registry);
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["registry"]["generation"] == 3; }));
  answer = daemon->chat("active");
  EXPECT_EQ(json(answer)["model"], "qwen-8b");
  EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "instead of qwen-32b: it is not known");
  EXPECT_EQ(active()["instead_of"], "qwen-32b");

  write_registry(kRegistry);
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["registry"]["generation"] == 4; }));
  EXPECT_EQ(answers(), "qwen-32b") << "it is back";
}

}  // namespace
