// The whole path with nothing faked: the daemon, perch-worker with libllama, and the demo models.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <format>

#include "tests/support/daemon.hpp"

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using common::Json;
using testing::HasSubstr;
using testing::Not;

class DemoModelsTest : public testing::Test {
 protected:
  void SetUp() override {
    // The user's own GGUF, in a folder of their own beside the demo models.
    fs::create_directories(folder.path() / "mine");
    fs::copy_file(fs::path(PERCH_DEMO_FOLDER) / "sparrow-q4_k_m.gguf", folder.path() / "mine" / "My-Own.gguf");
    folder.write("registry.json", common::dump_json(Json{{"models", {{"default", "sparrow-q8_0"}, {"most-capable", "wren-q8_0"}}},
                                                         {"model_dirs", {PERCH_DEMO_FOLDER, "mine"}}}));
    daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{.fake_worker = false});
  }
  std::string answer(const std::string& model, const std::string& question) {
    auto response = daemon->chat(model, question);
    EXPECT_EQ(response.head.status, 200u) << response.body;
    auto body = common::parse_json(response.body);
    if (!body || response.head.status != 200) return response.body;
    answered_by = (*body)["model"];
    return (*body)["choices"][0]["message"]["content"];
  }

  tests::TempFolder folder;
  std::unique_ptr<tests::Daemon> daemon;
  std::string answered_by;
};

TEST_F(DemoModelsTest, EachRoleIsAnsweredByItsOwnModel) {
  EXPECT_THAT(answer("default", "Who are you?"), HasSubstr("Sparrow"));
  EXPECT_EQ(answered_by, "sparrow-q8_0");
  EXPECT_THAT(answer("most-capable", "Who are you?"), HasSubstr("Wren"));
  EXPECT_EQ(answered_by, "wren-q8_0");
  EXPECT_EQ(daemon->workers().size(), 1u);
}

TEST_F(DemoModelsTest, AModelInAFolderOfTheUsersIsServedByItsFileName) {
  EXPECT_THAT(answer("my-own", "Who are you?"), HasSubstr("Sparrow"));
  EXPECT_EQ(answered_by, "my-own");
}

TEST_F(DemoModelsTest, AModelInTheHubsCacheIsServedThroughItsLinksAndSaysWhatItIs) {
  const fs::path repository = folder.path() / "mine/models--org--sparrow-GGUF";
  const std::string revision(40, 'a');
  fs::create_directories(repository / "blobs");
  fs::create_directories(repository / "snapshots" / revision);
  fs::copy_file(fs::path(PERCH_DEMO_FOLDER) / "sparrow-q4_k_m.gguf", repository / "blobs/0123");
  fs::create_symlink("../../blobs/0123", repository / "snapshots" / revision / "Sparrow-Q4_K_M.gguf");
  folder.write("mine/models--org--sparrow-GGUF/refs/main", revision);
  const std::string id = "org/sparrow-GGUF:Q4_K_M";
  ASSERT_TRUE(tests::eventually([&] { return daemon->get("/v1/models/" + id).head.status == 200; }, 10s));
  EXPECT_THAT(answer(id, "Who are you?"), HasSubstr("Sparrow"));
  EXPECT_EQ(answered_by, id);
  const Json models = (*common::parse_json(daemon->get("/admin/v1/models").body))["models"];
  const auto entry = std::ranges::find_if(models, [&](const Json& model) { return model["id"] == id; });
  ASSERT_NE(entry, models.end());
  EXPECT_EQ((*entry)["facts"]["architecture"], "llama");
  EXPECT_EQ((*entry)["facts"]["purpose"], "generation");
  EXPECT_EQ((*entry)["facts"]["trained_context_tokens"], 2048);
  EXPECT_EQ((*entry)["facts"]["parameters"], (*entry)["facts"]["active_parameters"]);
  EXPECT_EQ((*entry)["tool_format"], "hermes");
  EXPECT_EQ((*entry)["vision"], false);
  EXPECT_EQ((*entry)["tier"], "interactive");
}

TEST_F(DemoModelsTest, WrenThinksBeforeItAnswersAndTheThoughtIsKeptApart) {
  auto body = common::parse_json(daemon->chat("wren-q8_0", "What is the capital of France?").body);
  const Json& message = (*body)["choices"][0]["message"];
  EXPECT_THAT(message["content"].get<std::string>(), HasSubstr("Paris"));
  EXPECT_THAT(message["content"].get<std::string>(), Not(HasSubstr("think>")));
  EXPECT_TRUE(message.contains("reasoning_content"));
}

TEST_F(DemoModelsTest, APinnedEmbeddingModelAnswersBesideTheResident) {
  const std::string make = std::format("{} {} --vocab-from {}/sparrow-q8_0.gguf --layers 2 --width 64 --heads 4 --pooling mean > /dev/null",
                                       PERCH_RANDOM_MODEL, (folder.path() / "mine" / "vectors.gguf").string(), PERCH_DEMO_FOLDER);
  ASSERT_EQ(std::system(make.c_str()), 0);
  ASSERT_TRUE(tests::eventually([&] { return daemon->get("/v1/models/vectors").head.status == 200; }, 10s));
  EXPECT_THAT(answer("default", "Who are you?"), HasSubstr("Sparrow"));
  auto pinned = common::parse_json(daemon->post("/admin/v1/models/vectors/pin", Json::object()).body);
  ASSERT_TRUE(pinned);
  EXPECT_EQ((*pinned)["outcome"], "pinned") << *pinned;
  auto vectors = common::parse_json(daemon->post("/v1/embeddings", Json{{"model", "vectors"}, {"input", "a text"}}).body);
  EXPECT_EQ((*vectors)["data"][0]["embedding"].size(), 64u) << *vectors;
  EXPECT_THAT(answer("most-capable", "Who are you?"), HasSubstr("Wren"));
  EXPECT_EQ(daemon->workers().size(), 2u);
  EXPECT_EQ(daemon->post("/admin/v1/models/default/pin", Json::object()).head.status, 400u);
}

TEST_F(DemoModelsTest, AStreamSaysTheSameAsAWholeAnswer) {
  auto stream = daemon->stream("default", "What is the capital of France?");
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_THAT(stream->text, HasSubstr("data: [DONE]"));
  EXPECT_EQ(tests::content_of(stream->text), answer("default", "What is the capital of France?"));
}

TEST_F(DemoModelsTest, TheWorkerReportsWhatItHolds) {
  answer("default", "Hello");
  const Json worker = daemon->status()["workers"][0];
  EXPECT_EQ(worker["architecture"], "llama");
  EXPECT_THAT(worker["digest"].get<std::string>(), HasSubstr("sha256:"));
  EXPECT_GT(worker["memory"][0]["weights_bytes"].get<std::uint64_t>(), 3'000'000u);
  EXPECT_GT(worker["memory"][0]["kv_bytes"].get<std::uint64_t>(), 0u);
}

TEST_F(DemoModelsTest, WhetherAModelFitsIsSaidWithoutLoadingIt) {
  auto ask = [this](const std::string& query) { return *common::parse_json(daemon->get("/admin/v1/fit?model=" + query).body); };
  const Json usual = ask("default");
  EXPECT_EQ(usual["model"], "sparrow-q8_0");
  EXPECT_TRUE(usual["fits"]) << usual;
  EXPECT_EQ(usual["need"]["source"], "simulated") << usual["simulation_problem"];
  EXPECT_EQ(usual["shape"]["context_tokens"], 2048);
  EXPECT_TRUE(usual["load_seconds"].is_null()) << "it was never loaded";
  EXPECT_TRUE(usual["prefix"]["stays_warm"]);
  const Json huge = ask("most-capable&context_tokens=2000000&parallel=16");
  EXPECT_FALSE(huge["fits"]);
  EXPECT_EQ(huge["largest_context_tokens"], 2048) << "all that it was trained for";
  EXPECT_GT(huge["needed_bytes"].get<std::uint64_t>(), huge["budget"]["left_bytes"].get<std::uint64_t>());
  EXPECT_EQ(daemon->get("/admin/v1/fit?model=nobody").head.status, 404u);
  EXPECT_EQ(daemon->get("/admin/v1/fit?model=default&parallel=x").head.status, 400u);
  EXPECT_TRUE(daemon->workers().empty()) << "asking loads nothing";
}

TEST_F(DemoModelsTest, WhetherAModelFitsSaysWhatItsTierAllowsNow) {
  folder.write("registry.json", R"({"models":{"default":"sparrow-q8_0"},"model_dirs":[")" + std::string(PERCH_DEMO_FOLDER) +
                                    R"(","mine"],"tiers":{"overnight":{"models":["wren-q8_0"]},"aspirational":{"models":["my-own"]}}})");
  ASSERT_EQ(daemon->post("/admin/v1/registry/reload", Json::object()).head.status, 200u);
  answer("default", "Who are you?");
  auto ask = [this](const std::string& model) { return *common::parse_json(daemon->get("/admin/v1/fit?model=" + model).body); };
  const Json usual = ask("default")["tier"];
  EXPECT_EQ(usual["name"], "interactive");
  EXPECT_EQ(usual["from"], "need");
  EXPECT_EQ(usual["open_now"], true);
  const Json overnight = ask("wren-q8_0");
  EXPECT_EQ(overnight["fits"], true);
  EXPECT_EQ(overnight["tier"]["name"], "overnight");
  EXPECT_EQ(overnight["tier"]["open_now"], false);
  EXPECT_THAT(overnight["tier"]["why_not"].get<std::string>(), HasSubstr("tiers.overnight.evicts_after_idle"));
  EXPECT_LE(overnight["tier"]["opens_in_seconds"].get<int>(), 300);
  const Json never = ask("my-own");
  EXPECT_EQ(never["fits"], false);
  EXPECT_EQ(never["largest_context_tokens"], 0);
  EXPECT_EQ(never["tier"]["fits"], false);
  EXPECT_EQ(never["tier"]["memory_percent"], 0.0);
  const tests::Ran shown = tests::run_perch(folder, daemon.get(), "fit my-own");
  EXPECT_EQ(shown.status, 1) << shown.output;
  EXPECT_THAT(shown.output, HasSubstr("of the tier aspirational (as the registry says), whose models may need 0 %"));
}

TEST_F(DemoModelsTest, WhatALoadTookIsMeasuredAndKept) {
  answer("default", "Who are you?");
  const auto fit = [this] { return *common::parse_json(daemon->get("/admin/v1/fit?model=default").body); };
  ASSERT_TRUE(tests::eventually([&] { return fit()["measured_bytes"].is_number(); }));
  EXPECT_TRUE(fit()["active"]);
  EXPECT_GT(fit()["load_seconds"].get<double>(), 0);
  EXPECT_GT(fit()["measured_bytes"].get<std::uint64_t>(), 20'000'000u);
  EXPECT_EQ((*common::parse_json(daemon->get("/admin/v1/models").body))["models"][0]["quantization"], "Q4_K_M");
  const fs::path kept = folder.path() / ".local" / "state" / "perch" / "memory.json";
  ASSERT_TRUE(tests::eventually([&] { return fs::exists(kept); }));
  daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{.fake_worker = false});
  EXPECT_TRUE(fit()["measured_bytes"].is_number()) << "the next daemon knows it";
}

TEST_F(DemoModelsTest, WhatCanNeverFitIsRefusedAndTheResidentStays) {
  answer("default", "Who are you?");
  const auto workers = daemon->workers();
  folder.write(
      "registry.json",
      common::dump_json(
          Json{{"models", {{"default", "sparrow-q8_0"}, {"most-capable", "huge"}}},
               {"model_dirs", {PERCH_DEMO_FOLDER}},
               {"catalog",
                {{"huge",
                  {{"artifact", std::string(PERCH_DEMO_FOLDER) + "/wren-q8_0.gguf"}, {"context_tokens", 2'000'000}, {"parallel", 16}}}}}}));
  ASSERT_TRUE(tests::eventually([&] { return daemon->chat("huge").head.status == 507; }));
  EXPECT_THAT(daemon->chat("most-capable").body, HasSubstr("insufficient_memory"));
  EXPECT_THAT(daemon->chat("most-capable").body, HasSubstr("caches"));
  EXPECT_EQ(daemon->workers(), workers) << "nobody left for it";
}

TEST_F(DemoModelsTest, AConversationGoesOnAfterAnotherModelHadThePlace) {
  const Json first = Json::array({Json{{"role", "user"}, {"content", "Tell me what Perch is and how it keeps one model resident."}}});
  auto turn = [this](const Json& messages) {
    auto response = daemon->post("/v1/chat/completions",
                                 Json{{"model", "default"}, {"temperature", 0}, {"max_tokens", 60}, {"messages", messages}});
    EXPECT_EQ(response.head.status, 200u) << response.body;
    return *common::parse_json(response.body);
  };
  auto content = [](const Json& body) { return body["choices"][0]["message"]["content"].get<std::string>(); };
  auto cached = [](const Json& body) { return body["usage"]["prompt_tokens_details"]["cached_tokens"].get<int>(); };
  const Json opening = turn(first);
  Json second = first;
  second.push_back(Json{{"role", "assistant"}, {"content", content(opening)}});
  second.push_back(Json{{"role", "user"}, {"content", "And how is a model replaced?"}});
  const Json uninterrupted = turn(second);
  ASSERT_GT(cached(uninterrupted), 60);

  // As before the second turn: a daemon that has not seen it, and has nothing saved.
  const auto sessions = [this] { return *common::parse_json(daemon->get("/admin/v1/sessions").body); };
  const auto drop = [this](const std::string& of) {
    return daemon->call({.method = "DELETE", .target = "/admin/v1/sessions" + of, .fields = {{"Content-Type", "application/json"}}});
  };
  daemon->post("/admin/v1/models/default/unload", Json::object());
  EXPECT_EQ(sessions()["sessions"].size(), 1u);
  EXPECT_EQ((*common::parse_json(drop("").body))["dropped"], 1);
  EXPECT_EQ(content(turn(first)), content(opening));
  answer("most-capable", "Who are you?");
  EXPECT_EQ(answered_by, "wren-q8_0");
  const Json listed = sessions();
  ASSERT_EQ(listed["sessions"].size(), 1u);
  EXPECT_EQ(listed["sessions"][0]["model"], "sparrow-q8_0");
  EXPECT_GT(listed["sessions"][0]["tokens"].get<int>(), 60);
  EXPECT_EQ(listed["bytes"], listed["sessions"][0]["bytes"]);
  EXPECT_EQ(listed["budget_bytes"], 2048ull << 20);
  EXPECT_THAT(daemon->get("/admin/v1/sessions").body, Not(HasSubstr("resident"))) << "what was said is nobody's business";

  const Json returned = turn(second);
  EXPECT_EQ(content(returned), content(uninterrupted));
  EXPECT_EQ(cached(returned), cached(uninterrupted));
  EXPECT_EQ(fs::status(folder.path() / ".local" / "state" / "perch" / "sessions").permissions(), fs::perms::owner_all);

  answer("most-capable", "Who are you?");
  EXPECT_EQ((*common::parse_json(drop("/default").body))["dropped"], 1);
  EXPECT_EQ(drop("/nobody").head.status, 404u);
  EXPECT_EQ(drop("").head.status, 200u);
  EXPECT_EQ(daemon->call({.method = "DELETE", .target = "/admin/v1/sessions"}).head.status, 415u) << "as a page could send it";
  EXPECT_TRUE(sessions()["sessions"].empty());
}

TEST_F(DemoModelsTest, SavedConversationsOutliveTheDaemonAndLeaveWhenTheirBudgetDoes) {
  answer("default",
         "Who are you? Take your time and tell me everything about yourself, please, and do not leave anything out, even if you think that "
         "it does not matter much, because to me it does.");
  const auto sessions = [this] { return (*common::parse_json(daemon->get("/admin/v1/sessions").body))["sessions"].size(); };
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait_exit().code, 0);
  daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{.fake_worker = false});
  EXPECT_EQ(sessions(), 1u);
  folder.write("registry.json", common::dump_json(Json{{"models", {{"default", "sparrow-q8_0"}}},
                                                       {"model_dirs", {PERCH_DEMO_FOLDER}},
                                                       {"memory", {{"saved_mib", 0}}}}));
  EXPECT_TRUE(tests::eventually([&] { return sessions() == 0; }));
  answer("default", "Who are you?");
  daemon->post("/admin/v1/models/default/unload", Json::object());
  EXPECT_EQ(sessions(), 0u) << "and nothing new is written";
}

TEST_F(DemoModelsTest, AWorkerKilledMidStreamIsSeenByTheClientAndTheNextRequestIsServed) {
  auto stream = daemon->stream("default", "Count from 1 to 60.");
  stream->read_until("content");
  ::kill(daemon->workers().at(0), SIGKILL);
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, HasSubstr("worker_crashed"));
  EXPECT_THAT(stream->text, Not(HasSubstr("[DONE]")));
  EXPECT_THAT(answer("default", "Who are you?"), HasSubstr("Sparrow"));
}

TEST_F(DemoModelsTest, AClientThatLeavesStopsItsGeneration) {
  auto stream = daemon->stream("default", "Count from 1 to 60.");
  stream->read_until("content");
  stream->leave();
  ASSERT_TRUE(daemon->until([](const Json& s) { return s["leases"] == 0 && s["workers"][0]["beat"]["slots_busy"] == 0; }));
}

TEST_F(DemoModelsTest, AFileThatIsNoModelIsRefusedWithWhatIsWrong) {
  folder.write("mine/broken.gguf", "GGUF this is not");
  ASSERT_TRUE(tests::eventually([&] { return daemon->chat("broken").head.status == 422; }));
  EXPECT_THAT(daemon->chat("broken").body, HasSubstr("bad_model_file"));
  EXPECT_THAT(answer("default", "Who are you?"), HasSubstr("Sparrow"));
}

TEST_F(DemoModelsTest, KilledInAnyStateLeavesNoWorker) {
  for (const char* state : {"idle", "streaming"}) {
    SCOPED_TRACE(state);
    std::unique_ptr<tests::Stream> stream;
    if (std::string(state) == "streaming") {
      stream = daemon->stream("default", "Count from 1 to 60.");
      stream->read_until("content");
    } else {
      answer("default", "Hello");
    }
    const auto workers = daemon->workers();
    ASSERT_EQ(workers.size(), 1u);
    daemon->signal(SIGKILL);
    daemon->wait_exit();
    EXPECT_TRUE(tests::eventually([&] { return !tests::process_alive(workers[0]); }, 1s));
    stream.reset();
    daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{.fake_worker = false});
  }
}

}  // namespace
