#include "proxy/net/framing.hpp"

#include <gtest/gtest.h>

#include "proxy/net/router.hpp"

namespace proxy::net {
namespace {

using common::ErrorKind;

const HostList kHosts{"localhost", "127.0.0.1", "[::1]"};

RequestHead head(Fields fields) {
  RequestHead head{.method = "POST", .target = "/v1/chat/completions", .path = "/v1/chat/completions", .fields = std::move(fields)};
  if (head.count("Host") == 0) head.fields.emplace_back("Host", "localhost:11434");
  return head;
}
ErrorKind refusal(const RequestHead& request) {
  auto checked = check_framing(request, kHosts);
  EXPECT_FALSE(checked);
  return checked ? ErrorKind::internal : checked.error().kind();
}

TEST(Framing, TakesAnOrdinaryRequest) {
  EXPECT_TRUE(check_framing(head({{"Content-Length", "12"}}), kHosts));
  EXPECT_TRUE(check_framing(head({{"Transfer-Encoding", "Chunked"}}), kHosts));
  EXPECT_TRUE(check_framing(head({{"host", "[::1]:11434"}}), kHosts));
  EXPECT_TRUE(check_framing(head({{"Host", "LOCALHOST"}}), kHosts));
}

TEST(Framing, RefusesEveryRequestThatCouldMeanTwoThings) {
  EXPECT_EQ(refusal(head({{"Content-Length", "1"}, {"Content-Length", "1"}})), ErrorKind::bad_framing);
  EXPECT_EQ(refusal(head({{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}})), ErrorKind::bad_framing);
  EXPECT_EQ(refusal(head({{"Transfer-Encoding", "gzip, chunked"}})), ErrorKind::bad_framing);
  EXPECT_EQ(refusal(head({{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}})), ErrorKind::bad_framing);
  for (const char* length : {"", "+1", "-1", "0x10", "1 2", "1,1", "99999999999999999999"}) {
    EXPECT_EQ(refusal(head({{"Content-Length", length}})), ErrorKind::bad_framing) << length;
  }
  EXPECT_EQ(refusal(head({{"Host", "localhost"}, {"Host", "localhost"}})), ErrorKind::bad_framing);
  EXPECT_EQ(refusal(head({{"Upgrade", "websocket"}})), ErrorKind::bad_framing);
  RequestHead old = head({});
  old.version = 10;
  EXPECT_EQ(refusal(old), ErrorKind::bad_framing);
  for (const char* target : {"*", "localhost:80", "https://localhost/x", "x"}) {
    RequestHead odd = head({});
    resolve_target(odd, target);
    EXPECT_EQ(refusal(odd), ErrorKind::bad_framing) << target;
  }
}

TEST(Framing, ATargetInAbsoluteFormSaysWhichHostIsMeant) {
  RequestHead request = head({{"Host", "evil.example"}});
  resolve_target(request, "HTTP://localhost:11434/v1/models?x=1");
  EXPECT_TRUE(check_framing(request, kHosts));
  EXPECT_EQ(request.path, "/v1/models");
  EXPECT_EQ(request.query, "x=1");
  resolve_target(request, "http://localhost?x");
  EXPECT_EQ(request.target, "/?x");
  resolve_target(request, "http://evil.example/v1/models");
  EXPECT_EQ(refusal(request), ErrorKind::forbidden);
  RequestHead twice = head({{"Host", "localhost"}, {"Host", "localhost"}});
  resolve_target(twice, "http://localhost/");
  EXPECT_EQ(refusal(twice), ErrorKind::bad_framing) << "two Host fields mean nothing, whatever the target";
}

TEST(Framing, RefusesAHostThatIsNone) {
  for (const char* host :
       {"localhost:x", "localhost:80:80", "localhost/", "user@localhost", "local host", "[::1]x", "[::1", "[localhost]:80"}) {
    EXPECT_EQ(refusal(head({{"Host", host}})), ErrorKind::bad_framing) << host;
  }
}

TEST(Framing, RefusesAForeignHost) {
  EXPECT_EQ(refusal(head({{"Host", "evil.example"}})), ErrorKind::forbidden);
  EXPECT_EQ(refusal(head({{"Host", "localhost.evil.example:11434"}})), ErrorKind::forbidden);
  EXPECT_EQ(refusal(head({{"Host", ""}})), ErrorKind::forbidden);
}

TEST(StateChange, NeedsJsonAndNoForeignPage) {
  EXPECT_TRUE(check_state_change(head({{"Content-Type", "application/json; charset=utf-8"}})));
  EXPECT_TRUE(check_state_change(head({{"Content-Type", "application/json"}, {"Origin", "http://localhost:11434"}})));
  EXPECT_EQ(check_state_change(head({})).error().kind(), ErrorKind::unsupported_media_type);
  EXPECT_EQ(check_state_change(head({{"Content-Type", "text/plain"}})).error().kind(), ErrorKind::unsupported_media_type);
  EXPECT_EQ(check_state_change(head({{"Content-Type", "application/json"}, {"Origin", "http://evil.example"}})).error().kind(),
            ErrorKind::forbidden);
  EXPECT_EQ(check_state_change(head({{"Content-Type", "application/json"}, {"Origin", "null"}})).error().kind(), ErrorKind::forbidden);
  EXPECT_EQ(check_state_change(head({{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "cross-site"}})).error().kind(),
            ErrorKind::forbidden);
}

TEST(RequestHead, ReadsTheQuery) {
  RequestHead request{.query = "wait=false&x&y=1"};
  EXPECT_EQ(request.query_value("wait"), "false");
  EXPECT_EQ(request.query_value("x"), "");
  EXPECT_EQ(request.query_value("y"), "1");
  EXPECT_FALSE(request.query_value("z"));
}

TEST(Router, FindsNamesWithSlashesAndEscapes) {
  Router router;
  std::string got;
  router.add("POST", "/models/{}/load", {});
  router.add("GET", "/models/{}", {});
  router.add("GET", "/models", {});
  EXPECT_EQ(router.find("POST", "/models/org%2Fname/load")->name, "org/name");
  EXPECT_EQ(router.find("POST", "/models/org/name/load")->name, "org/name");
  EXPECT_EQ(router.find("GET", "/models")->name, "");
  EXPECT_TRUE(router.find("HEAD", "/models"));
  EXPECT_EQ(router.allowed("/models"), "GET, HEAD");
  EXPECT_EQ(router.allowed("/models/x/load"), "POST, GET, HEAD") << "of both patterns";
  EXPECT_EQ(router.allowed("/nothing"), "");
  EXPECT_EQ(router.find("GET", "/nothing").error().kind(), ErrorKind::not_found);
  EXPECT_EQ(router.find("DELETE", "/models").error().kind(), ErrorKind::method_not_allowed);
  EXPECT_EQ(router.find("POST", "/models/%zz/load").error().kind(), ErrorKind::not_found) << "a broken escape names nothing";
}

TEST(PercentDecode, RefusesBrokenEscapes) {
  EXPECT_EQ(percent_decode("a%20b"), "a b");
  EXPECT_FALSE(percent_decode("%"));
  EXPECT_FALSE(percent_decode("%1"));
  EXPECT_FALSE(percent_decode("%g1"));
}

}  // namespace
}  // namespace proxy::net
