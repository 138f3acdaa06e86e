// The daemon with peers that are reached by https: real certificates (tests/support/tls.py), and servers that have them or should.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>

#include "tests/integration/peers_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using common::Json;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using tests::Remote;

class TlsPeersTest : public tests::PeersTest {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<tests::TempFolder>();
    const std::string command = std::format("'{}' -B '{}' '{}'", PERCH_PYTHON, PERCH_CERTIFICATES, made_->path().string());
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  static void TearDownTestSuite() { made_.reset(); }

  static std::string certificate(const std::string& name) { return (made_->path() / (name + ".pem")).string(); }
  // A server that has this certificate and does what the script says.
  static Json with(const std::string& name, Json script, bool farewell = true) {
    script["tls"] = {{"certificate", certificate(name)}, {"key", (made_->path() / (name + ".key")).string()}, {"farewell", farewell}};
    return script;
  }
  // Its certificate is to be one of the test's own authority.
  void believed_peer(const std::string& name, const std::string& url, Json fields = Json::object()) {
    fields["ca_file"] = certificate("authority");
    peer(name, url, fields);
  }
  std::string refusal_of(const std::string& model) {
    auto answer = daemon->chat(model);
    EXPECT_THAT(answer.head.status, AnyOf(502u, 504u)) << answer.body;
    return error_of(answer)["message"].get<std::string>();
  }

 private:
  inline static std::unique_ptr<tests::TempFolder> made_;
};

TEST_F(TlsPeersTest, IsAskedAndAnswersLikeAnyOther) {
  Remote remote(folder, "remote", with("good", {{"tokens", 5}, {"key", "theirs"}}));
  folder.write("key", "theirs\n");
  std::filesystem::permissions(folder.path() / "key", std::filesystem::perms::owner_read);
  believed_peer("box", remote.url(), {{"key_file", "key"}});
  start();
  auto answer = daemon->chat("far");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  const Json body = *common::parse_json(answer.body);
  EXPECT_EQ(body["model"], "box/m1");
  EXPECT_EQ(body["fields"]["authorization"], "Bearer theirs");
  EXPECT_EQ(body["fields"]["host"], "127.0.0.1:" + std::to_string(remote.port()));
  EXPECT_THAT(body["tls"]["version"].get<std::string>(), AnyOf("TLSv1.2", "TLSv1.3"));
  EXPECT_EQ(body["tls"]["protocol"], "http/1.1");
  EXPECT_TRUE(body["tls"]["name"].is_null()) << "a number is no name: " << body["tls"];
  auto stream = daemon->stream("far");
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_THAT(stream->text, AllOf(HasSubstr("[DONE]"), HasSubstr(R"("model": "box/m1")")));
  EXPECT_EQ(peer_status("box")["url"], remote.url());
  EXPECT_TRUE(peer_status("box")["well"].get<bool>());
}

TEST_F(TlsPeersTest, AnAnswerOfManyRecordsComesWhole) {
  Remote remote(folder, "remote", with("good", {{"tokens", 50}, {"pad", 20000}}));
  believed_peer("box", remote.url());
  start();
  // The request is larger than what goes out at once, too.
  auto answer = daemon->chat("far", std::string(1 << 20, 'x'));
  ASSERT_EQ(answer.head.status, 200u);
  const Json body = *common::parse_json(answer.body);
  EXPECT_EQ(body["asked"]["messages"][0]["content"].get_ref<const std::string&>().size(), 1u << 20);
  EXPECT_GT(body["choices"][0]["message"]["content"].get_ref<const std::string&>().size(), 50u * 20000);
}

TEST_F(TlsPeersTest, ANameIsToldToTheServerAndLookedForInItsCertificate) {
  Remote remote(folder, "remote", with("good", {{"tokens", 5}}));
  believed_peer("box", remote.url("localhost"));
  start();
  auto answer = daemon->chat("far");
  ASSERT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_EQ((*common::parse_json(answer.body))["tls"]["name"], "localhost");
}

TEST_F(TlsPeersTest, WhomTheSystemBelievesIsBelieved) {
  Remote remote(folder, "remote", with("good", {{"tokens", 5}}));
  peer("box", remote.url());
  start({"SSL_CERT_FILE=" + certificate("authority")});
  EXPECT_EQ(daemon->chat("far").head.status, 200u);
}

TEST_F(TlsPeersTest, ACertificateMayBeNamedItself) {
  Remote remote(folder, "remote", with("strange", {{"tokens", 5}}));
  peer("box", remote.url(), {{"ca_file", certificate("strange")}});
  start();
  EXPECT_EQ(daemon->chat("far").head.status, 200u);
}

TEST_F(TlsPeersTest, WhoCannotProveWhoItIsIsNotAskedAndTheReasonSaysWhatToDo) {
  Remote stranger(folder, "stranger", with("strange", {{"tokens", 5}}));
  Remote elsewhere(folder, "elsewhere", with("elsewhere", {{"tokens", 5}}));
  Remote expired(folder, "expired", with("expired", {{"tokens", 5}}));
  Remote plain(folder, "plain", {{"tokens", 5}});
  believed_peer("stranger", stranger.url());
  believed_peer("elsewhere", elsewhere.url());
  believed_peer("name", elsewhere.url("localhost"));
  believed_peer("expired", expired.url());
  believed_peer("plain", "https://127.0.0.1:" + std::to_string(plain.port()));
  start();
  EXPECT_THAT(refusal_of("stranger/m1"), AllOf(HasSubstr("nobody here knows who signed its certificate"), HasSubstr("in ca_file")));
  EXPECT_THAT(refusal_of("elsewhere/m1"), HasSubstr("its certificate is not for 127.0.0.1"));
  EXPECT_THAT(refusal_of("name/m1"), HasSubstr("its certificate is not for localhost"));
  EXPECT_THAT(refusal_of("expired/m1"), HasSubstr("its certificate is out of date"));
  EXPECT_THAT(refusal_of("plain/m1"), HasSubstr("it does not speak TLS: http:// is expected there"));
  EXPECT_FALSE(peer_status("expired")["well"].get<bool>());
}

TEST_F(TlsPeersTest, AHandshakeCountsAsConnecting) {
  const tests::Unattended silent(64);
  believed_peer("box", "https://127.0.0.1:" + std::to_string(silent.port()), {{"connect_timeout", 0.3}});
  start();
  EXPECT_THAT(refusal_of("far"), HasSubstr("took a connection and did not finish the TLS handshake within 0.3 s"));
}

TEST_F(TlsPeersTest, OneIsNotToBlameForWhatAnOperatorCancelsDuringItsHandshake) {
  const tests::Unattended silent(64);
  believed_peer("box", "https://127.0.0.1:" + std::to_string(silent.port()), {{"connect_timeout", 60}});
  start();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(answer_to_who_is_cancelled_before_a_head(), HasSubstr("cancelled_by_operator"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 30s) << "the handshake was not waited for";
  EXPECT_EQ(peer_status("box")["failures"], 0);
}

TEST_F(TlsPeersTest, WhatIsWrongWithTheFileOfCertificatesIsSaidUntilItIsRight) {
  Remote remote(folder, "remote", with("good", {{"tokens", 5}}));
  peer("box", remote.url(), {{"ca_file", "ca.pem"}});
  folder.write("text.pem", "no certificate\n");
  peer("text", remote.url(), {{"ca_file", "text.pem"}});
  start();
  EXPECT_THAT(refusal_of("box/m1"), AllOf(HasSubstr((folder.path() / "ca.pem").string()), HasSubstr("No such file")));
  EXPECT_THAT(refusal_of("text/m1"), AllOf(HasSubstr((folder.path() / "text.pem").string()), HasSubstr("PEM is expected")));
  std::ifstream in(certificate("authority"));
  folder.write("ca.pem", std::string(std::istreambuf_iterator<char>(in), {}));
  EXPECT_TRUE(tests::eventually([&] { return daemon->chat("box/m1").head.status == 200; })) << "it is looked at again";
  std::ifstream other(certificate("stranger"));
  folder.write("ca.pem", std::string(std::istreambuf_iterator<char>(other), {}));
  EXPECT_EQ(daemon->chat("box/m1").head.status, 502u) << "and it is another one now";
}

TEST_F(TlsPeersTest, ABodyThatEndsWithItsConnectionIsWholeOnlyIfTlsSaysSo) {
  Remote polite(folder, "polite", with("good", {{"tokens", 5}, {"no_length", true}}));
  Remote rude(folder, "rude", with("good", {{"tokens", 5}, {"no_length", true}}, false));
  believed_peer("polite", polite.url());
  believed_peer("rude", rude.url());
  start();
  auto answer = daemon->chat("polite/m1");
  EXPECT_EQ(answer.head.status, 200u) << answer.body;
  EXPECT_TRUE(common::parse_json(answer.body));
  answer = daemon->chat("rude/m1");
  EXPECT_NE(answer.head.status, 200u) << "anybody on the way could have cut it there: " << answer.body;
}

TEST_F(TlsPeersTest, ABodyWhoseEndIsKnownNeedsNoFarewell) {
  Remote remote(folder, "remote", with("good", {{"tokens", 5}}, false));
  Remote cut(folder, "cut", with("good", {{"tokens", 5}, {"cut_at", 100}}, false));
  Remote dies(folder, "dies", with("good", {{"tokens", 50}, {"token_ms", 1}, {"crash_at_token", 10}}));
  believed_peer("box", remote.url());
  believed_peer("cut", cut.url());
  believed_peer("dies", dies.url());
  start();
  EXPECT_EQ(daemon->chat("box/m1").head.status, 200u);
  auto stream = daemon->stream("box/m1");
  stream->read_to_end();
  EXPECT_TRUE(stream->ended);
  EXPECT_NE(daemon->chat("cut/m1").head.status, 200u) << "there was to be more";
  stream = daemon->stream("dies/m1");
  stream->read_to_end();
  EXPECT_TRUE(stream->broken);
  EXPECT_THAT(stream->text, AllOf(HasSubstr(R"("code":"peer_unavailable")"), Not(HasSubstr("data: [DONE]"))));
}

TEST_F(TlsPeersTest, AnOperatorWhoCancelsAndAClientThatLeavesEndItsWork) {
  Remote remote(folder, "remote", with("good", {{"tokens", 100000}, {"token_ms", 5}, {"log", (folder.path() / "work").string()}}));
  believed_peer("box", remote.url());
  start();
  expect_leaving_and_cancelling_to_end_its_work();
}

}  // namespace
