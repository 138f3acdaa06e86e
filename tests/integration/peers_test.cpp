// The daemon with peers: other servers on the network, played by tests/support/fake_server.py, and another daemon.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "tests/integration/peers_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using common::Json;
using testing::HasSubstr;
using testing::Not;
using tests::PeersTest;
using tests::Remote;

TEST_F(PeersTest, ItsModelAnswersUnderOurNameAndNobodyHasToLeave) {
  Remote remote(folder, "remote", {{"tokens", 5}});
  folder.write("near.json", R"({"tokens":5})");
  peer("box", remote.url());
  start();
  ASSERT_EQ(daemon->chat("near").head.status, 200u);
  for (const char* name : {"box/m1", "far"}) {
    auto answer = daemon->chat(name);
    ASSERT_EQ(answer.head.status, 200u) << answer.body;
    const Json body = *common::parse_json(answer.body);
    EXPECT_EQ(body["model"], "box/m1");
    EXPECT_EQ(body["asked"]["model"], "m1");
    EXPECT_EQ(answer.head.field("X-Perch-Requested-Model"), name);
    EXPECT_EQ(answer.head.field("X-Perch-Model"), "box/m1");
    EXPECT_EQ(answer.head.field("X-Perch-Peer"), "box");
  }
  auto stream = daemon->stream("far");
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_THAT(stream->text, testing::AllOf(HasSubstr("[DONE]"), HasSubstr(R"("model": "box/m1")")));
  EXPECT_EQ(daemon->status()["active"], "near");
}

TEST_F(PeersTest, IsListedAndNeitherLoadedNorUnloaded) {
  Remote remote(folder, "remote", {{"tokens", 5}});
  peer("box", remote.url());
  start();
  const Json list = (*common::parse_json(daemon->get("/v1/models").body))["data"];
  std::vector<std::string> ids;
  for (const Json& each : list) ids.push_back(each["id"]);
  EXPECT_THAT(ids, testing::UnorderedElementsAre("far", "near", "box/m1"));
  const Json far = *common::parse_json(daemon->get("/v1/models/far").body);
  EXPECT_EQ(far["perch"]["model"], "box/m1");
  EXPECT_EQ(far["perch"]["peer"], "box");
  auto refused = daemon->post("/admin/v1/models/far/load", Json::object());
  EXPECT_EQ(refused.head.status, 404u);
  EXPECT_THAT(error_of(refused)["message"].get<std::string>(), HasSubstr("served by the peer box"));
}

TEST_F(PeersTest, GetsItsOwnKeyAndNeverTheCallers) {
  Remote remote(folder, "remote", {{"tokens", 5}, {"key", "theirs"}});
  folder.write("key", "theirs\n");
  std::filesystem::permissions(folder.path() / "key", std::filesystem::perms::owner_read);
  peer("box", remote.url(), {{"key_file", "key"}});
  start();
  auto answer = daemon->call(
      {.method = "POST",
       .target = "/v1/chat/completions",
       .fields = {{"Content-Type", "application/json"}, {"Authorization", "Bearer ours"}, {"Cookie", "a=b"}, {"X-Api-Key", "c"}},
       .body = R"({"model":"far","messages":[]})"});
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  const Json fields = (*common::parse_json(answer.body))["fields"];
  EXPECT_EQ(fields["authorization"], "Bearer theirs");
  EXPECT_FALSE(fields.contains("cookie"));
  EXPECT_FALSE(fields.contains("x-api-key"));
}

TEST_F(PeersTest, FieldsOfRequestsToItAreTakenOutAndSet) {
  Remote remote(folder, "remote", {{"tokens", 5}});
  peer("box", remote.url(), {{"strip_fields", {"temperature"}}, {"set_fields", {{"provider", {{"only", "a"}}}}}});
  start();
  const Json body{{"model", "far"}, {"messages", Json::array()}, {"temperature", 1}};
  auto answer = daemon->post("/v1/chat/completions", body);
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ((*common::parse_json(answer.body))["asked"],
            (Json{{"model", "m1"}, {"messages", Json::array()}, {"provider", {{"only", "a"}}}}));
}

TEST_F(PeersTest, AKeyThatItDoesNotWantOrThatOthersMayReadIsSaidSo) {
  Remote remote(folder, "remote", {{"tokens", 5}, {"key", "theirs"}});
  folder.write("wrong", "another\n");
  std::filesystem::permissions(folder.path() / "wrong", std::filesystem::perms::owner_read);
  folder.write("open", "theirs\n");
  std::filesystem::permissions(folder.path() / "open", std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  peer("box", remote.url(), {{"key_file", "wrong"}});
  peer("lax", remote.url(), {{"key_file", "open"}});
  start();
  auto answer = daemon->chat("box/m1");
  EXPECT_EQ(answer.head.status, 502u) << "what it thinks of our key is not the caller's fault";
  EXPECT_EQ(error_of(answer)["code"], "peer_unavailable");
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("(401)"));
  answer = daemon->chat("lax/m1");
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("chmod 600"));
}

TEST_F(PeersTest, WhatItForbidsIsToldInItsOwnWords) {
  const Json content{{"error", {{"message", "that host is not one of mine"}, {"code", "forbidden"}}}};
  Remote remote(folder, "remote", {{"answers", {{"status", 403}, {"content", content}}}});
  peer("box", remote.url());
  start();
  auto answer = daemon->chat("far");
  EXPECT_EQ(answer.head.status, 403u);
  EXPECT_EQ(error_of(answer)["message"], "that host is not one of mine");
}

TEST_F(PeersTest, WhatItAnswersIsFinishedBeforeTheDaemonEnds) {
  Remote remote(folder, "remote", {{"tokens", 200}, {"token_ms", 20}});
  peer("box", remote.url());
  start();
  auto stream = daemon->stream("far");
  stream->read_until(":3 ");
  daemon->signal(SIGTERM);
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_THAT(stream->text, testing::AllOf(HasSubstr(":199 "), HasSubstr("[DONE]")));
}

TEST_F(PeersTest, WhatItWouldAnswerForLongerThanTheDaemonWaitsIsCutOffAndSaidSo) {
  Remote remote(folder, "remote", {{"tokens", 100000}, {"token_ms", 20}});
  peer("box", remote.url());
  registry["policy"]["drain_timeout"] = 0.5;
  start();
  auto stream = daemon->stream("far");
  stream->read_until(":3 ");
  daemon->signal(SIGTERM);
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, testing::AllOf(HasSubstr(R"("code":"shutting_down")"), Not(HasSubstr("[DONE]"))));
}

TEST_F(PeersTest, OneThatIsGoneIsSaidSoAtOnceAndAskedAgainWhenItIsBack) {
  std::optional<Remote> remote(std::in_place, folder, "remote", Json{{"tokens", 5}});
  const std::uint16_t port = remote->port();
  peer("box", remote->url());
  start();
  ASSERT_EQ(daemon->chat("far").head.status, 200u);
  remote->kill();
  auto answer = daemon->chat("far");
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_EQ(error_of(answer)["code"], "peer_unavailable");
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("refused"));
  answer = daemon->chat("far");
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("is not asked for another"));
  EXPECT_FALSE(answer.head.field("Retry-After").empty());
  EXPECT_FALSE(peer_status("box")["well"].get<bool>());
  remote.reset();
  remote.emplace(folder, "remote", Json{{"tokens", 5}}, port);
  EXPECT_TRUE(tests::eventually([&] { return peer_status("box")["well"].get<bool>(); })) << "nobody asked for it";
  EXPECT_EQ(daemon->chat("far").head.status, 200u);
}

TEST_F(PeersTest, ATruncatedAnswerIsDetectable) {
  Remote remote(folder, "remote", {{"tokens", 50}, {"token_ms", 1}, {"crash_at_token", 10}, {"poison", "hemlock"}});
  Remote early(folder, "early", {{"tokens", 50}, {"end_early_at", 5}});
  peer("box", remote.url());
  peer("early", early.url());
  start();
  for (const char* name : {"box/m1", "early/m1"}) {
    auto stream = daemon->stream(name, "hemlock");
    stream->read_to_end();
    EXPECT_TRUE(stream->broken);
    EXPECT_THAT(stream->text, testing::AllOf(HasSubstr(R"("code":"peer_unavailable")"), Not(HasSubstr("data: [DONE]")))) << name;
  }
}

TEST_F(PeersTest, NobodyWaitsForOneLongerThanHeIsToldTo) {
  Remote slow(folder, "slow", {{"tokens", 1000}, {"token_ms", 20}});
  peer("slow", slow.url(), {{"timeout", 1}});
  // One whose queue is full takes no more connections.
  const tests::Unattended deaf(0);
  const sockaddr_in place = tests::at_loopback(deaf.port());
  std::vector<common::Descriptor> waiting;
  for (int i = 0; i < 3; ++i) {
    common::Descriptor& one = waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::connect(one.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place);
  }
  peer("deaf", "http://127.0.0.1:" + std::to_string(deaf.port()), {{"connect_timeout", 0.3}});
  start();
  auto answer = daemon->chat("slow/m1");
  EXPECT_EQ(answer.head.status, 504u) << answer.body;
  EXPECT_EQ(error_of(answer)["code"], "timeout");
  auto stream = daemon->stream("slow/m1");
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, testing::AllOf(HasSubstr("had not answered in full within 1.0 s"), Not(HasSubstr("data: [DONE]"))));
  EXPECT_TRUE(tests::eventually([&] { return !peer_status("deaf")["well"].get<bool>(); }));
  answer = daemon->chat("deaf/m1");
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("did not take a connection within 0.3 s"));
}

TEST_F(PeersTest, AClientThatLeavesAndAnOperatorWhoCancelsEndItsWork) {
  Remote remote(folder, "remote", {{"tokens", 100000}, {"token_ms", 5}, {"log", (folder.path() / "work").string()}});
  peer("box", remote.url());
  start();
  expect_leaving_and_cancelling_to_end_its_work();
}

TEST_F(PeersTest, OneIsNotToBlameForWhatAnOperatorCancels) {
  Remote remote(folder, "remote", {{"tokens", 5}, {"think_ms", 20000}});
  peer("box", remote.url());
  start();
  EXPECT_THAT(answer_to_who_is_cancelled_before_a_head(), HasSubstr("cancelled_by_operator"));
  EXPECT_EQ(peer_status("box")["well"], true);
  EXPECT_EQ(peer_status("box")["failures"], 0);
}

TEST_F(PeersTest, AnEditOfOneForgetsWhatWasTheMatter) {
  Remote remote(folder, "remote", {{"tokens", 2}});
  peer("box", "http://127.0.0.1:1");
  start();
  EXPECT_EQ(daemon->chat("far").head.status, 502u);
  EXPECT_EQ(peer_status("box")["well"], false);
  peer("box", remote.url());
  folder.write("registry.json", common::dump_json(registry));
  daemon->post("/admin/v1/registry/reload", Json::object());
  EXPECT_EQ(daemon->chat("far").head.status, 200u) << "at once, and not when the other one would have been tried again";
}

TEST_F(PeersTest, StandsInForARoleWhoseModelHereCannotBeUsedAndTheAnswerSaysSo) {
  Remote remote(folder, "remote", {{"tokens", 5}});
  folder.write("near.json", R"({"tokens":5})");
  folder.write("broken.json", "this is no model");
  registry["catalog"]["broken"] = {{"artifact", "broken.json"}};
  registry["models"]["work"] = "broken";
  registry["roles"]["work"] = {{"fallback", Json::array({"absent", "box/m1", "near"})}, {"enforced", {{"max_tokens", 2}}}};
  peer("box", remote.url());
  start();
  auto answer = daemon->chat("work");
  EXPECT_EQ(answer.head.status, 422u) << "that it is bad is found out by who asks first: " << answer.body;
  answer = daemon->chat("work");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ((*common::parse_json(answer.body))["model"], "box/m1");
  EXPECT_EQ((*common::parse_json(answer.body))["asked"]["max_tokens"], 2) << "the role's terms hold whoever answers";
  EXPECT_EQ(answer.head.field("X-Perch-Requested-Model"), "work");
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "box/m1");
  EXPECT_EQ(answer.head.field("X-Perch-Peer"), "box");
  EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "instead of broken: it is quarantined");
  EXPECT_THAT(daemon->get("/logs").body, HasSubstr("the role work goes to box/m1 instead of broken: it is quarantined"));
  auto stream = daemon->stream("work");
  EXPECT_EQ(stream->head.field("X-Perch-Fallback"), "instead of broken: it is quarantined");
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_EQ(daemon->chat("broken").head.status, 422u) << "an id is never answered by other weights";
  remote.kill();
  for (const char* who : {"who finds out that it is gone", "who knows"}) {
    answer = daemon->chat("work");
    EXPECT_EQ(answer.head.status, 200u) << who << ": " << answer.body;
    EXPECT_EQ(answer.head.field("X-Perch-Model"), "near") << who;
    EXPECT_EQ(answer.head.field("X-Perch-Peer"), "") << who;
    EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "instead of broken: it is quarantined") << who;
  }
}

TEST_F(PeersTest, OneThatIsAwayIsStoodInForByAModelHereUntilItIsBack) {
  std::optional<Remote> remote(std::in_place, folder, "remote", Json{{"tokens", 5}});
  const std::uint16_t port = remote->port();
  folder.write("near.json", R"({"tokens":5})");
  registry["roles"]["far"] = {{"fallback", Json::array({"near"})}};
  peer("box", remote->url());
  start();
  EXPECT_EQ(daemon->chat("far").head.field("X-Perch-Model"), "box/m1");
  remote->kill();
  for (const char* who : {"who finds out that it is gone", "who knows"}) {
    auto answer = daemon->chat("far");
    ASSERT_EQ(answer.head.status, 200u) << who << ": " << answer.body;
    EXPECT_EQ((*common::parse_json(answer.body))["model"], "near") << who;
    EXPECT_EQ(answer.head.field("X-Perch-Model"), "near") << who;
    EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "instead of box/m1: its peer does not answer") << who;
    EXPECT_EQ(answer.head.field("X-Perch-Peer"), "") << who;
  }
  EXPECT_EQ(daemon->chat("box/m1").head.status, 502u) << "an id is never answered by other weights";
  remote.reset();
  remote.emplace(folder, "remote", Json{{"tokens", 5}}, port);
  EXPECT_TRUE(tests::eventually([&] { return daemon->chat("far").head.field("X-Perch-Model") == "box/m1"; }))
      << "nobody has to ask it by its id";
}

TEST_F(PeersTest, WhoFindsOneDownIsAnsweredByTheNextPeerAsIfThatHadBeenMeant) {
  Remote first(folder, "first", {{"tokens", 5}});
  Remote second(folder, "second", {{"tokens", 5}});
  registry["roles"]["far"] = {{"fallback", Json::array({"other/m1"})}, {"sampling", {{"top_k", 3}}}};
  peer("box", first.url(), {{"strip_fields", {"temperature"}}, {"set_fields", {{"seed", 7}}}});
  peer("other", second.url());
  start();
  auto answer = daemon->chat("far");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ(answer.head.field("X-Perch-Peer"), "box");
  EXPECT_FALSE((*common::parse_json(answer.body))["asked"].contains("temperature"));
  first.kill();
  answer = daemon->chat("far");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "other/m1");
  EXPECT_EQ(answer.head.field("X-Perch-Peer"), "other");
  EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "instead of box/m1: its peer does not answer");
  const Json asked = (*common::parse_json(answer.body))["asked"];
  EXPECT_TRUE(asked.contains("temperature")) << "what is changed for one peer is not for another: " << asked;
  EXPECT_FALSE(asked.contains("seed")) << asked;
  EXPECT_EQ(asked["top_k"], 3) << "the role's terms hold whoever answers";
  EXPECT_EQ(daemon->chat("box/m1").head.status, 502u) << "an id is never answered by other weights";
}

TEST_F(PeersTest, WhenAllAreDownTheRolesOwnSaysWhatIsTheMatter) {
  Remote first(folder, "first", {{"tokens", 5}});
  Remote second(folder, "second", {{"tokens", 5}});
  registry["roles"]["far"] = {{"fallback", Json::array({"other/m1"})}};
  peer("box", first.url());
  peer("other", second.url());
  start();
  ASSERT_EQ(daemon->chat("far").head.status, 200u);
  ASSERT_EQ(daemon->chat("other/m1").head.status, 200u);
  first.kill();
  second.kill();
  auto answer = daemon->chat("far");
  EXPECT_EQ(answer.head.status, 502u);
  EXPECT_EQ(error_of(answer)["code"], "peer_unavailable");
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("the peer box "));
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "box/m1");
  EXPECT_EQ(answer.head.field("X-Perch-Peer"), "box");
  EXPECT_EQ(answer.head.field("X-Perch-Fallback"), "");
  EXPECT_FALSE(peer_status("other")["well"].get<bool>()) << "it was tried";
}

TEST_F(PeersTest, OneWhoseKeyCannotBeReadIsStoodInForToo) {
  Remote remote(folder, "remote", {{"tokens", 5}});
  folder.write("near.json", R"({"tokens":5})");
  registry["roles"]["far"] = {{"fallback", Json::array({"near"})}};
  peer("box", remote.url(), {{"key_file", "absent"}});
  start();
  auto stream = daemon->stream("far");
  EXPECT_EQ(stream->head.field("X-Perch-Model"), "near");
  EXPECT_EQ(stream->head.field("X-Perch-Fallback"), "instead of box/m1: its peer could not be asked");
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_THAT(daemon->get("/logs").body, HasSubstr("key_file"));
}

TEST_F(PeersTest, WhatOneWasSentIsNeverAskedOfAnother) {
  Remote remote(folder, "remote", {{"tokens", 5}, {"crash_before_answer", true}});
  folder.write("near.json", R"({"tokens":5})");
  registry["roles"]["far"] = {{"fallback", Json::array({"near"})}};
  peer("box", remote.url());
  start();
  auto answer = daemon->chat("far");
  EXPECT_EQ(answer.head.status, 502u) << answer.body;
  EXPECT_EQ(answer.head.field("X-Perch-Model"), "box/m1");
}

TEST_F(PeersTest, ItsModelMayBeWhatTheOperatorChooses) {
  Remote remote(folder, "remote", {{"tokens", 5}});
  peer("box", remote.url());
  start();
  auto chosen = daemon->call(
      {.method = "PUT", .target = "/admin/v1/active", .fields = {{"Content-Type", "application/json"}}, .body = R"({"model":"M1"})"});
  ASSERT_EQ(chosen.head.status, 200u) << chosen.body;
  EXPECT_EQ((*common::parse_json(chosen.body))["answered_by"], "box/m1");
  EXPECT_EQ((*common::parse_json(chosen.body))["peer"], "box");
  EXPECT_EQ(daemon->chat("active").head.field("X-Perch-Peer"), "box");
}

TEST_F(PeersTest, AnotherDaemonIsAPeerLikeAnyOther) {
  tests::TempFolder elsewhere;
  elsewhere.write("m1.json", R"({"tokens":5})");
  elsewhere.write("registry.json", R"({"catalog":{"m1":{"artifact":"m1.json"}}})");
  tests::Daemon other(elsewhere, tests::Daemon::Options{});
  peer("box", "http://127.0.0.1:" + other.port());
  start();
  auto answer = daemon->chat("far");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ((*common::parse_json(answer.body))["model"], "box/m1");
  EXPECT_EQ(other.status()["active"], "m1");
}

TEST_F(PeersTest, AnEditTakesOneAwayAndBringsAnother) {
  Remote remote(folder, "remote", {{"tokens", 5}});
  peer("box", remote.url());
  start();
  ASSERT_EQ(daemon->chat("far").head.status, 200u);
  registry["peers"] = Json::object();
  peer("new", remote.url());
  folder.write("registry.json", common::dump_json(registry));
  ASSERT_TRUE(daemon->until([](const Json& status) { return status["registry"]["generation"] == 2; }));
  EXPECT_EQ(daemon->chat("far").head.status, 404u);
  EXPECT_EQ(daemon->chat("new/m1").head.status, 200u);
}

}  // namespace
