// The daemon with servers that are not ours: real processes that know nothing of its control protocol (tests/support/fake_server.py).
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <fstream>

#include "common/process_table.hpp"
#include "tests/support/daemon.hpp"

namespace {

using namespace std::chrono_literals;
using common::Json;
using testing::HasSubstr;
using testing::Not;

class CommandRuntimeTest : public testing::Test {
 protected:
  // A server with that script; `fields` are further ones of its entry.
  void serve(const std::string& id, const Json& script, const Json& fields = Json::object()) {
    folder.write(id + ".json", common::dump_json(script));
    Json entry{{"runtime", "command"},
               {"artifact", id + ".json"},
               {"command", {PERCH_PYTHON, "-B", PERCH_FAKE_SERVER, "${MODEL}", "--port", "${PORT}"}}};
    entry.update(fields);
    registry["catalog"][id] = std::move(entry);
  }
  void embed(const std::string& id, const Json& script) {
    folder.write(id + ".json", common::dump_json(script));
    registry["catalog"][id] = {{"artifact", id + ".json"}};
  }
  void start(std::vector<std::string> arguments = {}) {
    folder.write("registry.json", common::dump_json(registry));
    daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{.arguments = std::move(arguments)});
  }
  Json error_of(const common::HttpResponse& response) {
    auto body = common::parse_json(response.body);
    return body && body->contains("error") ? (*body)["error"] : Json("no error: " + response.body);
  }
  std::string read(const std::string& name) {
    std::ifstream in(folder.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Json worker(const std::string& model) {
    const Json status = daemon->status();
    for (const Json& each : status["workers"]) {
      if (each["model"] == model) return each;
    }
    return nullptr;
  }

  tests::TempFolder folder;
  Json registry{{"models", Json::object()}, {"catalog", Json::object()}, {"policy", {{"min_residency", 0}}}};
  std::unique_ptr<tests::Daemon> daemon;
};

Json usual() { return {{"tokens", 5}}; }

TEST_F(CommandRuntimeTest, AnswersAndSaysWhoDid) {
  serve("theirs", usual());
  registry["models"]["default"] = "theirs";
  start();
  auto answer = daemon->chat("default");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ((*common::parse_json(answer.body))["model"], "theirs");
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "theirs");
  EXPECT_TRUE(answer.head.field("X-Perch-Artifact-Digest").starts_with("sha256:"));
  const Json models = *common::parse_json(daemon->get("/admin/v1/models").body);
  EXPECT_EQ(models["models"][0]["runtime"], "command");
  EXPECT_EQ(models["models"][0]["state"], "ready");
  EXPECT_EQ(daemon->workers().size(), 1u);
}

TEST_F(CommandRuntimeTest, StreamsWithLineBreaksOfEitherKind) {
  for (const char* line_break : {"\n", "\r\n"}) {
    serve("theirs", {{"tokens", 30}, {"line_break", line_break}});
    start();
    auto stream = daemon->stream("theirs");
    stream->read_to_end();
    EXPECT_TRUE(stream->ended);
    EXPECT_THAT(stream->text, HasSubstr("data: [DONE]"));
    EXPECT_THAT(tests::content_of(stream->text), HasSubstr(":29 "));
    EXPECT_THAT(stream->text, HasSubstr(R"("model": "theirs")"));
    stream.reset();  // before the loop that it is on
    daemon.reset();
  }
}

TEST_F(CommandRuntimeTest, IsAskedByItsOwnNameAndAnswersByOurs) {
  serve("ours", usual(),
        {{"served_model_name", "org/Theirs"},
         {"command", {PERCH_PYTHON, "-B", PERCH_FAKE_SERVER, "${MODEL}", "--port", "${PORT}", "--served", "org/Theirs"}}});
  start();
  auto answer = daemon->chat("ours", "the \"model\":\"org/Theirs\" of old");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  const Json body = *common::parse_json(answer.body);
  EXPECT_EQ(body["model"], "ours");
  EXPECT_EQ(body["asked"]["model"], "org/Theirs") << "only the answer's own name is another";
  EXPECT_EQ(body["asked"]["messages"][0]["content"], "the \"model\":\"org/Theirs\" of old");
  auto stream = daemon->stream("ours");
  stream->read_to_end();
  EXPECT_THAT(stream->text, testing::AllOf(HasSubstr(R"("model": "ours")"), Not(HasSubstr("Theirs"))));
}

TEST_F(CommandRuntimeTest, AWrongNameFailsTheLoadWithItsCause) {
  serve("ours", usual(), {{"served_model_name", "org/Wrong"}});
  start();
  auto answer = daemon->chat("ours");
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("The model `org/Wrong` does not exist."));
}

TEST_F(CommandRuntimeTest, WhatTheRegistrySaysOfSamplingIsWrittenIntoRequests) {
  serve("theirs", usual(), {{"sampling", {{"temperature", 0.3}, {"top_k", 7}}}, {"enforced", {{"max_tokens", 3}}}});
  start();
  const Json asked = (*common::parse_json(daemon->chat("theirs").body))["asked"];
  EXPECT_EQ(asked["temperature"], 0) << "the request has one";
  EXPECT_EQ(asked["top_k"], 7);
  EXPECT_EQ(asked["max_tokens"], 3);
}

TEST_F(CommandRuntimeTest, FieldsAreTakenOutOfRequestsAndSetWhateverTheySay) {
  serve("theirs", usual(), {{"strip_fields", {"temperature", "user"}}, {"set_fields", {{"seed", 7}, {"provider", {{"only", "a"}}}}}});
  registry["models"]["short"] = "theirs";
  registry["roles"]["short"] = {{"set_fields", {{"stop", {"x"}}}}};
  start();
  const auto asked = [&](const char* name) {
    const Json body{{"model", name}, {"messages", Json::array()}, {"temperature", 1}, {"user", "me"}, {"seed", 1}, {"top_k", 3}};
    return (*common::parse_json(daemon->post("/v1/chat/completions", body).body))["asked"];
  };
  EXPECT_EQ(asked("theirs"),
            (Json{{"model", "theirs"}, {"messages", Json::array()}, {"seed", 7}, {"top_k", 3}, {"provider", {{"only", "a"}}}}));
  EXPECT_EQ(asked("short")["stop"], Json({"x"}));
}

TEST_F(CommandRuntimeTest, AnEditOfItsNameReachesThoseWhoWaitForIt) {
  serve("slow", {{"tokens", 5}, {"load_ms", 7000}});
  serve("ours", usual(),
        {{"served_model_name", "old"},
         {"command", {PERCH_PYTHON, "-B", PERCH_FAKE_SERVER, "${MODEL}", "--port", "${PORT}", "--served", "old"}}});
  start();
  daemon->post("/admin/v1/models/slow/load?wait=false", Json::object());
  ASSERT_TRUE(tests::eventually([&] { return !worker("slow").is_null() && worker("slow")["state"] == "loading"; }));
  auto waiting = daemon->stream("ours");  // its first comment comes after 5 s
  registry["catalog"]["ours"]["served_model_name"] = "new";
  registry["catalog"]["ours"]["command"].back() = "new";
  folder.write("registry.json", common::dump_json(registry));
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["registry"]["generation"] == 2; }));
  EXPECT_EQ(worker("slow")["state"], "loading") << "it waited when the edit came";
  waiting->read_to_end();
  EXPECT_TRUE(waiting->ended) << waiting->text;
  EXPECT_THAT(waiting->text, testing::AllOf(HasSubstr(R"("model": "ours")"), HasSubstr("data: [DONE]")));
}

TEST_F(CommandRuntimeTest, ListensOnAUnixSocketWhereItIsToldSo) {
  serve("theirs", usual(), {{"command", {PERCH_PYTHON, "-B", PERCH_FAKE_SERVER, "${MODEL}", "--socket", "${SOCKET}"}}});
  start();
  EXPECT_EQ(daemon->chat("theirs").head.status, 200u);
}

TEST_F(CommandRuntimeTest, NeedsNoArtifactAndGetsTheEnvironmentThatItIsGiven) {
  folder.write("script.json", R"({"tokens":5})");
  serve("theirs", usual(),
        {{"command", {"/bin/sh", "-c", "env > \"$SEEN\"; exec \"$0\" \"$@\"", PERCH_PYTHON, "-B", PERCH_FAKE_SERVER,
                      (folder.path() / "script.json").string(), "--port", "${PORT}", "--served", "theirs"}},
         {"environment", {{"SEEN", (folder.path() / "environment").string()}, {"THEIR_PORT", "<${PORT}>"}}}});
  registry["catalog"]["theirs"].erase("artifact");
  start();
  auto answer = daemon->chat("theirs");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_TRUE(answer.head.field("X-Perch-Artifact-Digest").starts_with("sha256:"));
  const std::string seen = read("environment");
  EXPECT_THAT(seen, testing::AllOf(HasSubstr("THEIR_PORT=<"), HasSubstr("PERCH_WORKER=")));
}

TEST_F(CommandRuntimeTest, ThoseThatSwapWithOursTakeTurnsAndLeaveNothing) {
  serve("theirs", {{"tokens", 5}, {"leave_behind_ms", 60000}});
  serve("others", usual());
  embed("ours", usual());
  start();
  for (int round = 0; round < 2; ++round) {
    for (const char* model : {"theirs", "ours", "others"}) {
      auto answer = daemon->chat(model);
      EXPECT_EQ(answer.head.status, 200u) << answer.body;
      EXPECT_EQ((*common::parse_json(answer.body))["model"], model);
      EXPECT_EQ(daemon->marked().size(), model == std::string("theirs") ? 2u : 1u) << model;
    }
  }
  EXPECT_EQ(daemon->marked().size(), 1u) << "what one has left behind went with it";
}

TEST_F(CommandRuntimeTest, DeathInMidStreamIsToldAndTheNextRequestServed) {
  serve("theirs", {{"tokens", 50}, {"token_ms", 1}, {"crash_at_token", 10}, {"poison", "hemlock"}});
  start();
  auto stream = daemon->stream("theirs", "hemlock");
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, testing::AllOf(HasSubstr(R"("code":"worker_crashed")"), HasSubstr("signal 9"), Not(HasSubstr("data: [DONE]"))));
  EXPECT_EQ(daemon->chat("theirs").head.status, 200u);
}

TEST_F(CommandRuntimeTest, AnAnswerThatIsCutShortCannotBeTakenForAWholeOne) {
  serve("cut", {{"tokens", 50}, {"cut_at", 60}});
  serve("endless", {{"tokens", 50}, {"cut_at", 60}, {"no_length", true}});
  serve("early", {{"tokens", 50}, {"end_early_at", 10}});
  start();
  for (const char* model : {"cut", "endless"}) {
    auto answer = daemon->chat(model);
    EXPECT_EQ(answer.head.status, 0u) << "its connection was cut: " << answer.body;
  }
  auto stream = daemon->stream("early");
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, testing::AllOf(HasSubstr(R"("error")"), Not(HasSubstr("data: [DONE]"))));
}

TEST_F(CommandRuntimeTest, AStreamThatSaysItselfWhatIsWrongSaysItOnce) {
  serve("theirs", {{"tokens", 5}, {"fails_at_token", 3}});
  start();
  auto stream = daemon->stream("theirs");
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, testing::AllOf(HasSubstr("the engine stumbled"), Not(HasSubstr("worker_crashed")), Not(HasSubstr("[DONE]"))));
  EXPECT_EQ(worker("theirs")["state"], "ready");
}

TEST_F(CommandRuntimeTest, AnAnswerThatIsNoneIsAnErrorThatSaysSo) {
  serve("theirs", {{"tokens", 5}, {"answers", {{"status", 204}}}});
  start();
  for (int time = 0; time < 2; ++time) {
    auto answer = daemon->chat("theirs");
    EXPECT_EQ(answer.head.status, 500u) << answer.body;
    EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("status 204"));
  }
}

TEST_F(CommandRuntimeTest, ARefusalAfterALongWaitSaysAsMuchAsOneAtOnce) {
  // Streams that wait for more than five seconds begin with comments.
  const Json content{{"error", {{"message", "too long"}, {"code", "context_length_exceeded"}, {"param", "messages"}}}};
  serve("theirs", {{"load_ms", 5500}, {"answers", {{"status", 400}, {"content", content}}}});
  start();
  auto stream = daemon->stream("theirs");
  stream->read_to_end();
  EXPECT_EQ(stream->head.status, 200u);
  EXPECT_THAT(stream->text, HasSubstr(R"("message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded")"));
  EXPECT_EQ(daemon->chat("theirs").head.status, 400u);
}

TEST_F(CommandRuntimeTest, AWholeAnswerMayEndWithItsConnection) {
  serve("theirs", {{"tokens", 5}, {"no_length", true}});
  start();
  auto answer = daemon->chat("theirs");
  ASSERT_EQ(answer.head.status, 200u);
  EXPECT_EQ((*common::parse_json(answer.body))["model"], "theirs");
}

TEST_F(CommandRuntimeTest, DeathAtLoadIsToldWithItsLastWords) {
  serve("theirs", {{"exit_at_load", 3}});
  registry["catalog"]["nowhere"] = {{"runtime", "command"}, {"command", {"no-such-program-as-this", "${PORT}"}}};
  start();
  auto answer = daemon->chat("theirs");
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_EQ(error_of(answer)["code"], "load_failed");
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), testing::AllOf(HasSubstr("exit code 3"), HasSubstr("told to fail at load")));
  EXPECT_EQ(error_of(daemon->chat("theirs"))["code"], "backing_off");
  answer = daemon->chat("nowhere");
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("there is no program no-such-program-as-this in /usr/bin:/bin"));
}

TEST_F(CommandRuntimeTest, ALoadThatStandsStillIsEndedAndASlowOneIsNot) {
  serve("mute", {{"stall_at", -1}});
  serve("stuck", {{"stall_at", 0}});
  serve("slow", {{"tokens", 5}, {"load_ms", 4000}});
  start({"--load-stall", "1"});
  for (const char* model : {"mute", "stuck"}) {
    const auto began = std::chrono::steady_clock::now();
    auto answer = daemon->chat(model);
    EXPECT_EQ(answer.head.status, 504u) << answer.body;
    EXPECT_EQ(error_of(answer)["code"], "load_timeout");
    EXPECT_LT(std::chrono::steady_clock::now() - began, 20s) << model;
    EXPECT_TRUE(daemon->workers().empty());
  }
  EXPECT_EQ(daemon->chat("slow").head.status, 200u);
}

TEST_F(CommandRuntimeTest, ItsLoadSaysHowMuchOfItsMemoryIsThere) {
  serve("theirs", {{"tokens", 5}, {"load_ms", 30000}}, {{"memory_mib", 10000000}});
  registry["memory"] = {{"reserve_mib", 1}};
  start();
  auto refused = daemon->chat("theirs");
  EXPECT_EQ(refused.head.status, 507u) << refused.body;
  EXPECT_THAT(error_of(refused)["message"].get<std::string>(), HasSubstr("10000000 MiB, as the registry says"));
  registry["catalog"]["theirs"]["memory_mib"] = 64;
  folder.write("registry.json", common::dump_json(registry));
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["registry"]["generation"] == 2; }));
  daemon->post("/admin/v1/models/theirs/load?wait=false", Json::object());
  EXPECT_TRUE(tests::eventually([&] {
    const Json there = worker("theirs");
    return !there.is_null() && there["state"] == "loading" && there["load_fraction"] > 0.01;
  }));
}

// Somebody else takes the port between its choice and its use.
TEST_F(CommandRuntimeTest, AnImpostorOnItsPortFailsTheLoad) {
  serve("theirs", {{"tokens", 5}, {"never_listens", true}, {"port_file", (folder.path() / "their.port").string()}});
  start();
  daemon->post("/admin/v1/models/theirs/load?wait=false", Json::object());
  ASSERT_TRUE(tests::eventually([&] { return std::filesystem::exists(folder.path() / "their.port"); }));
  const std::string text = read("their.port");
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  common::Descriptor impostor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in place{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  ASSERT_EQ(::bind(impostor.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place), 0);
  ASSERT_EQ(::listen(impostor.get(), 8), 0);
  EXPECT_TRUE(tests::eventually([&] {
    const Json there = worker("theirs");
    return !there.is_null() && there["state"] == "backoff";
  }));
  EXPECT_THAT(
      worker("theirs")["last_failure"].get<std::string>(),
      testing::AllOf(HasSubstr("port " + text), HasSubstr("process " + std::to_string(::getpid())), HasSubstr("which it has not started")));
}

TEST_F(CommandRuntimeTest, OneThatIgnoresSigtermIsKilledAndTheNextServed) {
  serve("stubborn", {{"tokens", 5}, {"ignore_exit", true}, {"leave_behind_ms", 60000}});
  serve("theirs", usual());
  start({"--stop-timeout", "0.5"});
  ASSERT_EQ(daemon->chat("stubborn").head.status, 200u);
  const auto before = daemon->marked();
  EXPECT_EQ(before.size(), 2u);
  EXPECT_EQ(daemon->chat("theirs").head.status, 200u);
  EXPECT_EQ(daemon->marked().size(), 1u);
  for (pid_t pid : before) EXPECT_FALSE(tests::process_alive(pid));
}

TEST_F(CommandRuntimeTest, ItsStopCommandEndsIt) {
  serve("theirs", {{"tokens", 5}, {"ignore_exit", true}},
        {{"stop_command", {"/bin/sh", "-c", "echo stopping $0 at $1 > \"$2\"; kill -KILL $0", "${PID}", "${PORT}",
                           (folder.path() / "stopped").string()}}});
  serve("deaf", {{"tokens", 5}}, {{"stop_command", {"/bin/sh", "-c", "exit 1"}}});
  start();
  ASSERT_EQ(daemon->chat("theirs").head.status, 200u);
  const auto pid = worker("theirs")["pid"].get<pid_t>();
  EXPECT_EQ(daemon->post("/admin/v1/models/theirs/unload", Json::object()).head.status, 200u);
  EXPECT_FALSE(tests::process_alive(pid));
  EXPECT_THAT(read("stopped"), HasSubstr("stopping " + std::to_string(pid) + " at "));
  ASSERT_EQ(daemon->chat("deaf").head.status, 200u);
  EXPECT_EQ(daemon->post("/admin/v1/models/deaf/unload", Json::object()).head.status, 200u) << "SIGTERM did it";
}

TEST_F(CommandRuntimeTest, OneThatWasStoppedWhileBusyIsNoticed) {
  serve("theirs", {{"tokens", 2000}, {"token_ms", 5}});
  start({"--work-stall", "3"});
  auto stream = daemon->stream("theirs");
  stream->read_until(":3 ");
  ::kill(worker("theirs")["pid"].get<pid_t>(), SIGSTOP);
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, HasSubstr("was busy and did nothing"));
}

TEST_F(CommandRuntimeTest, OneThatComputesForLongIsLeftAlone) {
  // Eight seconds of work in one piece, and nothing of it can be seen from outside but the processor time.
  serve("theirs", usual(),
        {{"command",
          {PERCH_PYTHON, "-B", "-c",
           "import http.server, json, sys, time\n"
           "class Handler(http.server.BaseHTTPRequestHandler):\n"
           "  def do_GET(self): self.send_response(200); self.end_headers()\n"
           "  def do_POST(self):\n"
           "    asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])))\n"
           "    until = time.monotonic() + (8 if 'messages' in asked else 0)\n"
           "    while time.monotonic() < until: pass\n"
           "    self.send_response(200); self.end_headers()\n"
           "    self.wfile.write(b'{\"model\":\"x\",\"choices\":[{\"text\":\"a\"}]}')\n"
           "http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()\n",
           "${PORT}"}}});
  start({"--work-stall", "3"});
  auto answer = daemon->chat("theirs");
  EXPECT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ(answer.body, R"({"model":"theirs","choices":[{"text":"a"}]})");
}

TEST_F(CommandRuntimeTest, OneThatComputesForeverIsEndedWhereTheRegistrySaysHowLongItMayBeSilent) {
  const Json spins{PERCH_PYTHON, "-B", "-c",
                   "import http.server, json, sys\n"
                   "class Handler(http.server.BaseHTTPRequestHandler):\n"
                   "  def do_GET(self): self.send_response(200); self.end_headers()\n"
                   "  def do_POST(self):\n"
                   "    asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])))\n"
                   "    while 'messages' in asked: pass\n"
                   "    self.send_response(200); self.end_headers()\n"
                   "    self.wfile.write(b'{\"choices\":[{\"text\":\"a\"}]}')\n"
                   "http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()\n",
                   "${PORT}"};
  serve("spins", usual(), {{"command", spins}, {"answer_timeout", 2}});
  serve("slow", {{"tokens", 20}, {"token_ms", 200}}, {{"answer_timeout", 2}});
  start();
  auto answer = daemon->chat("spins");
  EXPECT_EQ(answer.head.status, 502u) << answer.body;
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("no byte of any answer came for 2.0 s (its answer_timeout)"));
  auto stream = daemon->stream("slow");
  stream->read_to_end();
  EXPECT_TRUE(stream->ended) << "it takes four seconds, and says something all the time";
}

TEST_F(CommandRuntimeTest, AClientThatDoesNotReadIsNoSilence) {
  serve("theirs", {{"tokens", 400}, {"pad", 60000}}, {{"answer_timeout", 1}});
  start();
  auto stream = daemon->stream("theirs");
  stream->read_until(":3 ");
  const Json pid = worker("theirs")["pid"];
  EXPECT_FALSE(tests::eventually([&] { return worker("theirs")["pid"] != pid; }, 4s)) << "it was ended for it";
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
}

TEST_F(CommandRuntimeTest, OneWithoutRoutesThatAreKnownIsTakenAtItsWord) {
  serve("theirs", {{"tokens", 5}, {"routes", Json::array({"/v1/embeddings"})}});
  start();
  EXPECT_EQ(daemon->post("/v1/embeddings", {{"model", "theirs"}, {"input", "a"}}).head.status, 200u);
  EXPECT_EQ(daemon->chat("theirs").head.status, 404u) << "it has no such route, and says so itself";
}

TEST_F(CommandRuntimeTest, OneThatEmbedsIsPinnedAndAnswersBesideTheResident) {
  serve("vectors", usual(), {{"purpose", "embedding"}, {"memory_mib", 100}});
  serve("theirs", usual());
  registry["pinned"] = {"vectors"};
  start();
  ASSERT_TRUE(tests::eventually([&] { return !worker("vectors").is_null() && worker("vectors")["state"] == "ready"; }))
      << "nobody asks for it";
  ASSERT_EQ(daemon->chat("theirs").head.status, 200u);
  const auto answer = daemon->post("/v1/embeddings", {{"model", "vectors"}, {"input", "a"}});
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ((*common::parse_json(answer.body))["model"], "vectors");
  EXPECT_EQ(worker("theirs")["state"], "ready") << "nobody had to leave";
  EXPECT_EQ(daemon->workers().size(), 2u);
  EXPECT_GT(worker("vectors")["memory"][0]["weights_bytes"].get<std::uint64_t>(), 1u << 20) << "what its process has";
}

TEST_F(CommandRuntimeTest, OneThatHoldsMoreThanPinnedModelsMayLeavesAgain) {
  serve("vectors", {{"tokens", 5}, {"leak_mb", 64}}, {{"purpose", "embedding"}, {"memory_mib", 1}});
  registry["pinned"] = {"vectors"};
  registry["memory"] = {{"pinned_mib", 48}};
  start();
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["pins_refused"].contains("vectors"); }));
  EXPECT_THAT(daemon->status()["pins_refused"]["vectors"].dump(), HasSubstr("all of them may hold 48 MiB"));
}

TEST_F(CommandRuntimeTest, OneThatDoesNotDoWhatTheRegistrySaysItIsForFailsToLoad) {
  serve("scores", usual(), {{"purpose", "reranking"}});
  start();
  const auto answer = daemon->post("/v1/rerank", {{"model", "scores"}, {"query", "a"}, {"documents", {"b"}}});
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("purpose in the registry says reranking"));
}

TEST_F(CommandRuntimeTest, NothingOfItIsLeftWhenTheDaemonIsKilled) {
  serve("theirs", {{"tokens", 5}, {"ignore_exit", true}});
  start();
  ASSERT_EQ(daemon->chat("theirs").head.status, 200u);
  const auto pids = daemon->marked();
  ASSERT_FALSE(pids.empty());
  daemon->signal(SIGKILL);
  daemon->wait_exit();
  EXPECT_TRUE(tests::eventually([&] { return std::ranges::none_of(pids, tests::process_alive); }, 1s));
}

TEST_F(CommandRuntimeTest, AnEditOfItsCommandStartsItAnewAndOneOfItsDescriptionDoesNot) {
  serve("theirs", usual());
  start();
  ASSERT_EQ(daemon->chat("theirs").head.status, 200u);
  const Json before = worker("theirs")["pid"];
  registry["catalog"]["theirs"]["description"] = "another";
  folder.write("registry.json", common::dump_json(registry));
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["registry"]["generation"] == 2; }));
  ASSERT_EQ(daemon->chat("theirs").head.status, 200u);
  EXPECT_EQ(worker("theirs")["pid"], before);
  registry["catalog"]["theirs"]["environment"] = {{"A", "B"}};
  folder.write("registry.json", common::dump_json(registry));
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["registry"]["generation"] == 3; }));
  ASSERT_EQ(daemon->chat("theirs").head.status, 200u);
  EXPECT_NE(worker("theirs")["pid"], before);
}

}  // namespace
