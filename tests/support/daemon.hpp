// A real `perch serve` on a port of its own, with a registry in a fresh folder, and the HTTP calls that tests make to it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/child_process.hpp"
#include "common/http_client.hpp"
#include "common/json.hpp"
#include "tests/support/temp_folder.hpp"

namespace tests {

using namespace std::chrono_literals;

// One streaming request in progress: read on as the test goes along.
class Stream {
 public:
  Stream(boost::asio::io_context& loop, common::HttpClient client, common::HttpResponseHead answer)
      : head(std::move(answer)), loop_(loop), client_(std::move(client)) {}

  // Reads until `text` holds `wanted`, the body ends, or the connection breaks.
  void read_until(std::string_view wanted);
  void read_to_end() { read_until("\x01never"); }
  void leave() { client_.close(); }

  common::HttpResponseHead head;
  std::string text;
  bool ended = false;   // the body ended as its framing said
  bool broken = false;  // the connection ended before

 private:
  boost::asio::io_context& loop_;
  common::HttpClient client_;
};

class Daemon {
 public:
  struct Options {
    bool fake_worker = true;
    std::vector<std::string> arguments;
    std::vector<std::string> environment;  // "NAME=value", besides what it always gets
  };

  Daemon(const TempFolder& folder, Options options);
  ~Daemon();  // SIGKILL if it still runs

  common::HttpResponse get(const std::string& path) { return call({.method = "GET", .target = path}); }
  common::HttpResponse post(const std::string& path, const common::Json& body);
  common::HttpResponse call(common::HttpRequest request);
  common::HttpResponse chat(const std::string& model, const std::string& text = "hi");
  std::unique_ptr<Stream> stream(const std::string& model, const std::string& text = "hi");
  // Reads an answer that does not end by itself.
  std::unique_ptr<Stream> open(common::HttpRequest request);
  common::Json status() { return *common::parse_json(get("/admin/v1/status").body); }
  // Polls the status; false after a generous while.
  bool until(const std::function<bool(const common::Json&)>& holds);

  // Process ids of its workers that are alive now and were told to load a model, found by what they were started by and what they call
  // themselves.
  std::vector<pid_t> workers() const;
  // ... and of the others.
  std::vector<pid_t> spares() const;
  // The process that ends what workers have started when the daemon is gone, where workers have cgroups.
  std::optional<pid_t> guard() const;
  // Its children that have ended and that nobody has reaped.
  std::size_t zombies() const;
  // What carries its name in the environment and is alive: workers with a model and all that they have started.
  std::vector<pid_t> marked() const;
  pid_t pid() const { return child_->pid(); }
  const std::string& port() const { return port_; }
  void signal(int signal);
  common::ExitStatus wait_exit();
  boost::asio::io_context& loop() { return loop_; }

 private:
  std::vector<pid_t> children() const;

  boost::asio::io_context loop_{1};
  std::optional<common::ChildProcess> child_;
  std::string port_;
  bool exited_ = false;
};

struct Ran {
  int status = -1;
  std::string output;  // and what it complained about
};
// `perch ...` as somebody types it whose home is the folder, with the daemon's port; null: none runs.
Ran run_perch(const TempFolder& folder, const Daemon* daemon, const std::string& arguments);

// Polls until it holds; false after `patience`.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience = 20s);
bool process_alive(pid_t pid);

// The content of every event of an OpenAI chat stream, joined.
std::string content_of(const std::string& events);

}  // namespace tests
