// What tests of the daemon with peers have in common.
#pragma once

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/child_process.hpp"
#include "common/tcp_listeners.hpp"
#include "tests/support/daemon.hpp"

namespace tests {

inline sockaddr_in at_loopback(std::uint16_t port) {
  return {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
}

// A server that never reads: the kernel takes its connections, as many as its queue has room for.
class Unattended {
 public:
  explicit Unattended(int queue) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    socklen_t length = sizeof place_;
    auto* const place = reinterpret_cast<sockaddr*>(&place_);
    const bool listens = ::bind(socket_.get(), place, length) == 0 && ::listen(socket_.get(), queue) == 0;
    if (!listens || ::getsockname(socket_.get(), place, &length) != 0)
      throw std::runtime_error("a socket cannot be listened on");
  }
  std::uint16_t port() const { return ntohs(place_.sin_port); }

 private:
  common::Descriptor socket_;
  sockaddr_in place_ = at_loopback(0);
};

// Somebody else's server, that nobody supervises.
class Remote {
 public:
  Remote(TempFolder& folder, const std::string& name, const common::Json& script, std::uint16_t port = 0)
      : port_(port == 0 ? common::free_loopback_port().value() : port), is_secure_(script.contains("tls")) {
    const auto file = folder.write(name + ".json", common::dump_json(script));
    auto child = common::ChildProcess::spawn(
        loop_.get_executor(), {.program = PERCH_PYTHON,
                               .arguments = {"-B", PERCH_FAKE_SERVER, file.string(), "--port", std::to_string(port_), "--served", "m1"},
                               .environment = {"PATH=/usr/bin:/bin"}});
    if (!child) throw std::runtime_error(child.error().message());
    child_ = std::move(*child);
    if (!eventually([&] { return !common::listeners_at(port_).empty(); }))
      throw std::runtime_error("the remote server did not come up");
  }
  std::uint16_t port() const { return port_; }
  std::string url(const std::string& host = "127.0.0.1") const {
    return (is_secure_ ? "https://" : "http://") + host + ":" + std::to_string(port_);
  }
  void kill() {
    child_->signal_group(SIGKILL);
    eventually([&] { return common::listeners_at(port_).empty(); });
    child_.reset();
  }

 private:
  boost::asio::io_context loop_{1};
  std::uint16_t port_;
  bool is_secure_;
  std::optional<common::ChildProcess> child_;
};

class PeersTest : public testing::Test {
 protected:
  // `environment`: of the daemon, besides what it always gets.
  void start(std::vector<std::string> environment = {}) {
    folder.write("registry.json", common::dump_json(registry));
    daemon = std::make_unique<Daemon>(folder, Daemon::Options{.environment = std::move(environment)});
  }
  void peer(const std::string& name, const std::string& url, const common::Json& fields = common::Json::object()) {
    common::Json entry{{"url", url}, {"models", common::Json::array({"m1"})}};
    entry.update(fields);
    registry["peers"][name] = std::move(entry);
  }
  common::Json error_of(const common::HttpResponse& response) {
    auto body = common::parse_json(response.body);
    return body && body->contains("error") ? (*body)["error"] : common::Json("no error: " + response.body);
  }
  common::Json peer_status(const std::string& name) {
    for (const common::Json& each : (*common::parse_json(daemon->get("/admin/v1/peers").body))["peers"]) {
      if (each["name"] == name) return each;
    }
    return nullptr;
  }
  // Of the peer behind the role far, whose script has it log into the file "work" and speak for long.
  void expect_leaving_and_cancelling_to_end_its_work() {
    const auto ended = [&] {
      std::ifstream in(folder.path() / "work");
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      std::size_t count = 0;
      for (std::size_t at = 0; (at = text.find(" end ", at)) != std::string::npos; ++at) ++count;
      return count;
    };
    auto stream = daemon->stream("far");
    stream->read_until(":3 ");
    stream->leave();
    EXPECT_TRUE(eventually([&] { return ended() == 1; }));
    stream = daemon->stream("far");
    stream->read_until(":3 ");
    const common::Json requests = *common::parse_json(daemon->get("/admin/v1/requests").body);
    ASSERT_EQ(requests["requests"].size(), 1u);
    EXPECT_EQ(requests["requests"][0]["model"], "box/m1");
    daemon->post("/admin/v1/requests/" + requests["requests"][0]["id"].get<std::string>() + "/cancel", common::Json::object());
    stream->read_to_end();
    EXPECT_THAT(stream->text, testing::HasSubstr(R"("code":"cancelled_by_operator")"));
    EXPECT_TRUE(eventually([&] { return ended() == 2; }));
  }
  // Who asks the role far and is cancelled by an operator before he has even a head: the whole of what he gets.
  std::string answer_to_who_is_cancelled_before_a_head() {
    // By hand: the client of these tests waits for a head.
    common::Descriptor caller(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in place = at_loopback(static_cast<std::uint16_t>(std::stoi(daemon->port())));
    if (::connect(caller.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) return "no connection";
    const std::string body = R"({"model":"far","messages":[{"role":"user","content":"hi"}]})";
    const std::string request = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                                "Content-Type: application/json\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body;
    if (::send(caller.get(), request.data(), request.size(), 0) != static_cast<ssize_t>(request.size())) return "nothing was sent";
    common::Json requests;
    const bool is_there = eventually([&] {
      requests = (*common::parse_json(daemon->get("/admin/v1/requests").body))["requests"];
      return requests.size() == 1;
    });
    if (!is_there) return "no request: " + common::dump_json(requests);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // until the peer has been asked
    daemon->post("/admin/v1/requests/" + requests[0]["id"].get<std::string>() + "/cancel", common::Json::object());
    std::string answer;
    char piece[4096];
    for (ssize_t got; (got = ::recv(caller.get(), piece, sizeof piece, 0)) > 0;) answer.append(piece, static_cast<std::size_t>(got));
    return answer;
  }

  TempFolder folder;
  common::Json registry{{"models", {{"far", "box/m1"}}}, {"catalog", {{"near", {{"artifact", "near.json"}}}}}};
  std::unique_ptr<Daemon> daemon;
};

}  // namespace tests
