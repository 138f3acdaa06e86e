// The log of a daemon over HTTP, as text and as JSON, with workers that say something and readers that do not keep up.
#include <gmock/gmock.h>
#include <signal.h>

#include "tests/support/daemon.hpp"

namespace {

using namespace std::chrono_literals;
using common::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class LogsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder.write("quick.json", R"({"tokens":5})");
    folder.write("talker.json", R"({"tokens":5,"says":["info  reading the weights","error a bad omen","llama: plain"]})");
    folder.write("flooder.json", R"({"tokens":5,"stderr_flood_kib":24000})");
    folder.write("registry.json", R"({"models":{"default":"quick","loud":"talker"},"catalog":{"quick":{"artifact":"quick.json"},
      "talker":{"artifact":"talker.json"},"flooder":{"artifact":"flooder.json"}}})");
    daemon = std::make_unique<tests::Daemon>(folder, tests::Daemon::Options{});
  }
  std::unique_ptr<tests::Stream> follow(const std::string& path) { return daemon->open({.method = "GET", .target = path}); }
  Json lines(const std::string& query) { return *common::parse_json(daemon->get("/admin/v1/logs" + query).body); }
  std::vector<std::string> texts(const std::string& query) {
    std::vector<std::string> all;
    for (const Json& line : lines(query)["lines"]) all.push_back(line["text"]);
    return all;
  }
  std::string refusal(const std::string& path) { return (*common::parse_json(daemon->get(path).body))["error"]["message"]; }

  tests::TempFolder folder;
  std::unique_ptr<tests::Daemon> daemon;
};

TEST_F(LogsTest, HistoryIsTextWithWhatTheDaemonAndItsWorkersSaid) {
  ASSERT_EQ(daemon->chat("loud").head.status, 200u);
  auto answer = daemon->get("/logs");
  EXPECT_EQ(answer.head.status, 200u);
  EXPECT_EQ(answer.head.field("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.head.field("X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(answer.body, AllOf(HasSubstr(" info  listening on 127.0.0.1:"), HasSubstr(" info  worker talker: reading the weights\n"),
                                 HasSubstr(" error worker talker: a bad omen\n"), HasSubstr(" info  worker talker: llama: plain\n"),
                                 HasSubstr("POST /v1/chat/completions 200")));
}

TEST_F(LogsTest, WhatIsAskedAndAnsweredIsNeverInIt) {
  ASSERT_EQ(daemon->chat("loud", "xyzzy-secret").head.status, 200u);
  EXPECT_EQ(daemon->chat("nobody", "xyzzy-secret").head.status, 404u);
  EXPECT_EQ(daemon->get("/v1/models?key=xyzzy-secret").head.status, 200u);
  EXPECT_THAT(daemon->get("/logs").body, Not(HasSubstr("xyzzy-secret")));
}

TEST_F(LogsTest, AStreamGoesOnAndEndsWithTheDaemon) {
  auto all = follow("/logs/stream");
  auto news = follow("/logs/stream?no-history");
  all->read_until("listening on");
  daemon->chat("default");
  all->read_until("POST /v1/chat/completions 200");
  news->read_until("POST /v1/chat/completions 200");
  EXPECT_THAT(news->text, Not(HasSubstr("listening on")));
  daemon->signal(SIGTERM);
  for (auto* stream : {all.get(), news.get()}) {
    stream->read_to_end();
    EXPECT_TRUE(stream->ended) << "as its framing said";
  }
  EXPECT_THAT(news->text, HasSubstr("signal 15: finishing running requests"));
  EXPECT_TRUE(daemon->wait_exit().clean());
}

TEST_F(LogsTest, EachSourceHasAStreamOfItsOwn) {
  daemon->chat("default");
  daemon->chat("loud");
  auto proxy = follow("/logs/stream/proxy"), upstream = follow("/logs/stream/upstream"), talker = follow("/logs/stream/talker"),
       role = follow("/logs/stream/loud"), quick = follow("/logs/stream/quick?no-history");
  proxy->read_until("POST /v1/chat/completions 200");
  EXPECT_THAT(proxy->text, Not(HasSubstr("reading the weights")));
  for (auto* stream : {upstream.get(), talker.get(), role.get()}) {
    stream->read_until("llama: plain");
    EXPECT_THAT(stream->text, AllOf(HasSubstr("reading the weights"), Not(HasSubstr("POST /v1"))));
  }
  EXPECT_THAT(refusal("/logs/stream/talkr"), HasSubstr("did you mean talker?"));
  EXPECT_EQ(daemon->get("/logs/stream/talkr").head.status, 404u);
  daemon->signal(SIGTERM);
  quick->read_to_end();
  EXPECT_TRUE(quick->ended);
  EXPECT_EQ(quick->text, "") << "nothing of the others";
}

TEST_F(LogsTest, LinesHaveLevelsAndSourcesAndGoOnFromAPlace) {
  daemon->chat("loud");
  EXPECT_THAT(texts("?source=talker"), testing::ElementsAre("reading the weights", "a bad omen", "llama: plain"));
  EXPECT_THAT(texts("?source=worker&level=error"), testing::ElementsAre("a bad omen"));
  EXPECT_THAT(texts("?source=loud&lines=1"), testing::ElementsAre("llama: plain"));
  EXPECT_THAT(texts("?source=daemon"), Not(testing::Contains("a bad omen")));
  const Json bad = lines("?source=talker&level=error")["lines"][0];
  EXPECT_EQ(bad["source"], "worker");
  EXPECT_EQ(bad["model"], "talker");
  EXPECT_EQ(bad["level"], "error");
  EXPECT_GT(bad["time"].get<double>(), 1.7e9);
  EXPECT_THAT(texts("?source=worker&after=" + bad["id"].get<std::string>()), testing::ElementsAre("llama: plain"));
  const Json all = lines("?lines=100000");
  EXPECT_FALSE(all["more"].get<bool>());
  EXPECT_EQ(all["skipped"], 0);
  daemon->chat("nobody");
  EXPECT_THAT(texts("?source=daemon&after=" + all["next"].get<std::string>()),
              testing::Contains(HasSubstr("POST /v1/chat/completions 404")));
  EXPECT_THAT(refusal("/admin/v1/logs?level=loud"), HasSubstr("debug, info, warn or error"));
  EXPECT_EQ(daemon->get("/admin/v1/logs?source=nobody").head.status, 404u);
}

TEST_F(LogsTest, EventsCarryNumbersThatABrowserGoesOnFrom) {
  daemon->chat("loud");
  auto stream = follow("/admin/v1/logs/stream?source=talker&lines=2");
  EXPECT_EQ(stream->head.field("Content-Type"), "text/event-stream");
  stream->read_until("llama: plain");
  EXPECT_THAT(stream->text,
              AllOf(HasSubstr("event: line\ndata: {\"id\":"), HasSubstr("a bad omen"), Not(HasSubstr("reading the weights"))));
  const std::string id = lines("?source=talker&lines=2")["lines"][0]["id"];
  auto again = daemon->open({.method = "GET", .target = "/admin/v1/logs/stream?source=talker", .fields = {{"Last-Event-ID", id}}});
  again->read_until("llama: plain");
  EXPECT_THAT(again->text, Not(HasSubstr("a bad omen")));
}

TEST_F(LogsTest, AFloodPushesOutNothingOfTheDaemonsAndASlowReaderIsToldWhatHeMissed) {
  auto slow = follow("/logs/stream/upstream");  // and does not read
  ASSERT_EQ(daemon->chat("flooder").head.status, 200u);
  const std::string history = daemon->get("/logs").body;
  EXPECT_THAT(history, AllOf(HasSubstr("listening on"), HasSubstr("worker flooder: !!!")));
  EXPECT_LT(history.size(), 2u << 20);
  EXPECT_THAT(texts("?source=daemon"), testing::Contains(HasSubstr("POST /v1/chat/completions 200")));
  slow->read_until("lines are missing here");
  EXPECT_THAT(slow->text, HasSubstr("lines are missing here: they came faster than they were read"));
}

}  // namespace
