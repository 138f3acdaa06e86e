// Models that a running daemon finds in folders, as other programs keep them, and a registry that other tools own.
#include <gmock/gmock.h>

#include <ctime>
#include <filesystem>
#include <format>
#include <fstream>

#include "tests/support/daemon.hpp"

namespace {

using common::Json;
using testing::HasSubstr;
namespace fs = std::filesystem;

const std::string kCache = ".cache/huggingface/hub/models--org--Wild-GGUF/";
const std::string kRevision(40, 'a');

class DiscoveryTest : public testing::Test {
 protected:
  // Scripts of fake workers stand where weights would.
  void SetUp() override {
    for (const char* type : {"Q4_K_M", "Q8_0"}) {
      folder.write(kCache + "blobs/" + type, R"({"tokens":5})");
      link(type);
    }
    folder.write(kCache + "refs/main", kRevision);
    folder.write("lm/publisher/Other-GGUF/Other-Q4_0.gguf", R"({"tokens":5})");
  }
  void link(const std::string& type) {
    const fs::path snapshot = folder.path() / (kCache + "snapshots/" + kRevision);
    fs::create_directories(snapshot);
    fs::create_symlink("../../blobs/" + type, snapshot / ("Wild-" + type + ".gguf"));
  }
  void start(const std::string& registry) {
    folder.write("registry.json", registry);
    daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{});
  }
  std::string text() const {
    std::ifstream in(folder.path() / "registry.json", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Json models() { return *common::parse_json(daemon->get("/admin/v1/models").body); }
  Json model(const std::string& id) {
    for (const Json& each : models()["models"]) {
      if (each["id"] == id) return each;
    }
    return nullptr;
  }
  std::string message(const common::HttpResponse& response) { return (*common::parse_json(response.body))["error"].value("message", ""); }

  tests::TempFolder folder;
  std::unique_ptr<tests::Daemon> daemon;
};

// Written by another tool: byte order mark, CRLF, tabs, umlauts, odd spaces, its own keys before, between and after. `at` stands for what a
// role points at.
std::string wild(const std::string& at) {
  return "\xEF\xBB\xBF{\r\n\t\"cliVersions\" : {\"claude\":\"1.0.38\",\t\"gr\xC3\xB6\xC3\x9F"
         "e\": [ 1,2 ,3 ]},\r\n\r\n"
         "  \"models\":{ \"default\":\"org/Wild-GGUF:Q4_K_M\",\r\n\t\t\"coding\"  :   \"" +
         at +
         "\" , \"oss\":\"not/here\"},\r\n"
         "\"endpoints\": { \"default\" : \"http://127.0.0.1:9/v1\", \"u\": \"\\u00e9 \\/ \xF0\x9F\x90\x9F\" "
         "},\"nodeports\":{\"coding\":30080,\"x\":1.50},\r\n"
         "\t\"model_dirs\" :[ \"~/.cache/huggingface/hub\",{\"layout\":\"lmstudio\",\"path\":\"lm\"} ]\r\n , \"$schema\":\"x\"}\r\n\r\n";
}

TEST_F(DiscoveryTest, ARegistryOfOtherToolsServesWhatIsFoundAndOnlyARolesValueChanges) {
  start(wild("not/here/either"));
  auto answer = daemon->chat("default");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "org/Wild-GGUF:Q4_K_M");
  EXPECT_EQ((*common::parse_json(answer.body))["model"], "org/Wild-GGUF:Q4_K_M");
  EXPECT_EQ(daemon->chat("coding").head.status, 404u);

  auto put = daemon->call({.method = "PUT",
                           .target = "/admin/v1/roles/coding",
                           .fields = {{"Content-Type", "application/json"}},
                           .body = R"({"model":"publisher/Other-GGUF:Q4_0"})"});
  ASSERT_EQ(put.head.status, 200u) << put.body;
  EXPECT_EQ(text(), wild("publisher/Other-GGUF:Q4_0"));
  EXPECT_EQ(daemon->chat("coding").head.field("X-Perch-Model"), "publisher/Other-GGUF:Q4_0");

  const tests::Ran used = tests::run_perch(folder, daemon.get(), "use coding org/Wild-GGUF:Q8_0");
  EXPECT_EQ(used.status, 0) << used.output;
  EXPECT_EQ(text(), wild("org/Wild-GGUF:Q8_0"));
  const tests::Ran refused = tests::run_perch(folder, daemon.get(), "use coding org/wild-gguf:q8_0");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.output, HasSubstr("did you mean"));
  EXPECT_EQ(text(), wild("org/Wild-GGUF:Q8_0"));

  daemon.reset();
  const tests::Ran alone = tests::run_perch(
      folder, nullptr, "use coding publisher/Other-GGUF:Q4_0 --registry '" + (folder.path() / "registry.json").string() + "'");
  EXPECT_EQ(alone.status, 0) << alone.output;
  EXPECT_EQ(text(), wild("publisher/Other-GGUF:Q4_0")) << "without a daemon, too";
}

TEST_F(DiscoveryTest, AnIdWithSlashesIsAskedForAsItIsOrEscaped) {
  start(wild("x"));
  for (const char* path : {"/v1/models/org/Wild-GGUF:Q8_0", "/v1/models/org%2FWild-GGUF%3AQ8_0"})
    EXPECT_EQ(daemon->get(path).head.status, 200u) << path;
  auto loaded = daemon->post("/admin/v1/models/publisher%2FOther-GGUF:Q4_0/load", Json::object());
  EXPECT_EQ(loaded.head.status, 200u) << loaded.body;
  EXPECT_EQ(daemon->status()["active"], "publisher/Other-GGUF:Q4_0");
}

TEST_F(DiscoveryTest, WhatIsDownloadedLaterIsThereAndWhatIsDeletedIsNot) {
  start(wild("x"));
  folder.write(kCache + "blobs/Q2_K", R"({"tokens":5})");
  link("Q2_K");
  ASSERT_TRUE(tests::eventually([&] { return daemon->chat("org/Wild-GGUF:Q2_K").head.status == 200; }));
  fs::remove(folder.path() / (kCache + "snapshots/" + kRevision + "/Wild-Q2_K.gguf"));
  ASSERT_TRUE(tests::eventually([&] { return daemon->chat("org/Wild-GGUF:Q2_K").head.status == 404; }));
}

TEST_F(DiscoveryTest, WhatIsFoundAndWhatIsOfNoUseIsShownWithTheReason) {
  folder.write(kCache + "blobs/123.incomplete", "half");
  folder.write("lm/publisher/Other-GGUF/big-Q6_K-00001-of-00002.gguf", "x");
  folder.write("lm/publisher/Other-GGUF/huge-Q5_K-00002-of-00002.gguf", "x");
  start(wild("x"));
  EXPECT_TRUE(model("org/Wild-GGUF:Q4_K_M")["discovered"]);
  EXPECT_EQ(model("org/Wild-GGUF:Q4_K_M")["found_in"], (folder.path() / ".cache/huggingface/hub").string());
  EXPECT_THAT(model("publisher/Other-GGUF:Q6_K")["file_problem"].get<std::string>(),
              HasSubstr("of its 2 parts 1 is missing: big-Q6_K-00002-of-00002.gguf"));
  const std::string left_out = models()["left_out"].dump();
  EXPECT_THAT(left_out, HasSubstr("a download into it is not complete"));
  EXPECT_THAT(left_out, HasSubstr("the first part, huge-Q5_K-00001-of-00002.gguf, is missing"));
  const tests::Ran shown = tests::run_perch(folder, daemon.get(), "models");
  EXPECT_EQ(shown.status, 0);
  EXPECT_THAT(shown.output, HasSubstr("publisher/Other-GGUF:Q6_K: "));
  EXPECT_THAT(shown.output,
              HasSubstr("left out: " + (folder.path() / "lm/publisher/Other-GGUF/huge-Q5_K-00002-of-00002.gguf").string() + ": "));
}

// Hours of the day that begin in so many hours from now.
std::string hours_in(int hours) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  return std::format("{:02}:30-{:02}:30", (local.tm_hour + hours) % 24, (local.tm_hour + hours + 1) % 24);
}

TEST_F(DiscoveryTest, ATierSaysWhenItsModelsMayBeLoadedAndARoleFallsBack) {
  start(R"({"models":{"coding":"org/Wild-GGUF:Q8_0"},"model_dirs":["~/.cache/huggingface/hub","lm"],
            "roles":{"coding":{"fallback":["org/Wild-GGUF:Q4_K_M"]}},
            "tiers":{"overnight":{"hours":")" +
        hours_in(10) + R"(","models":["org/Wild-GGUF:Q8_0"]},
                     "aspirational":{"models":["publisher/Other-GGUF:Q4_0"]}}})");
  auto refused = daemon->chat("org/Wild-GGUF:Q8_0");
  EXPECT_EQ(refused.head.status, 503u) << refused.body;
  EXPECT_THAT(refused.body, HasSubstr("tier_not_now"));
  EXPECT_THAT(message(refused), HasSubstr("whose models are loaded at"));
  const int wait = std::stoi(std::string(refused.head.field("Retry-After")));
  EXPECT_GT(wait, 9 * 3600);
  EXPECT_LT(wait, 11 * 3600);
  auto answer = daemon->chat("coding");
  EXPECT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "org/Wild-GGUF:Q4_K_M");
  EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "instead of org/Wild-GGUF:Q8_0: its tier (overnight) is not loaded now");
  auto never = daemon->chat("publisher/Other-GGUF:Q4_0");
  EXPECT_EQ(never.head.status, 507u) << never.body;
  EXPECT_THAT(message(never), HasSubstr("is of the tier aspirational"));
  EXPECT_EQ(daemon->workers().size(), 1u);

  EXPECT_EQ(model("org/Wild-GGUF:Q8_0")["tier"], "overnight");
  EXPECT_EQ(model("org/Wild-GGUF:Q8_0")["tier_from"], "registry");
  EXPECT_EQ(model("org/Wild-GGUF:Q4_K_M")["tier"], "interactive");
  EXPECT_EQ(model("org/Wild-GGUF:Q4_K_M")["tier_from"], "need");
  const tests::Ran loaded = tests::run_perch(folder, daemon.get(), "load org/Wild-GGUF:Q8_0");
  EXPECT_EQ(loaded.status, 0) << loaded.output << ": an operator may";
  EXPECT_EQ(daemon->chat("org/Wild-GGUF:Q8_0").head.status, 200u) << "it is there now";
}

TEST_F(DiscoveryTest, AnOvernightModelDisturbsNobodyWhoIsAtWork) {
  start(R"({"models":{"default":"org/Wild-GGUF:Q4_K_M"},"model_dirs":["~/.cache/huggingface/hub"],
            "tiers":{"overnight":{"evicts_after_idle":1,"models":["org/Wild-GGUF:Q8_0"]}}})");
  ASSERT_EQ(daemon->chat("default").head.status, 200u);
  const auto refused = daemon->chat("org/Wild-GGUF:Q8_0");
  EXPECT_EQ(refused.head.status, 503u) << refused.body;
  EXPECT_EQ(refused.head.field("Retry-After"), "1");
  EXPECT_TRUE(tests::eventually([&] { return daemon->chat("org/Wild-GGUF:Q8_0").head.status == 200; })) << "once it was idle for a second";
}

}  // namespace
