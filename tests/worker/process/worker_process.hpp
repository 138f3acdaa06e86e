// A perch-worker under test, started as the daemon starts it: the control socketpair on 3, a listening Unix socket on 4.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/child_process.hpp"
#include "common/http_client.hpp"
#include "common/json.hpp"
#include "common/line_channel.hpp"
#include "common/worker_protocol.hpp"
#include "tests/support/loop_runner.hpp"
#include "tests/support/temp_folder.hpp"

namespace worker {

class WorkerProcess {
 public:
  WorkerProcess(tests::LoopRunner& runner, std::vector<std::string> arguments = {});

  pid_t pid() const { return child_->pid(); }
  std::string data_socket() const { return (folder_.path() / "data").string(); }
  void send(const common::ToWorker& message);
  void send_line(std::string line) { control_->send_line(std::move(line)); }
  void hang_up() { control_->close(); }
  void signal(int number) { child_->signal_group(number); }
  common::ExitStatus wait_for_exit() { return runner_.run(child_->wait()); }

  common::FromWorker next();
  // The next message of one type; others are skipped.
  template <class Message>
  Message next_of() {
    while (true) {
      auto message = next();
      if (auto* wanted = std::get_if<Message>(&message)) return std::move(*wanted);
    }
  }
  // hello, load, ready.
  common::Ready bring_up(common::Load load);

  common::HttpClient connect();
  common::HttpResponse call(std::string method, std::string target, std::string body = "");
  common::Json json(std::string method, std::string target, std::string body = "");

 private:
  tests::LoopRunner& runner_;
  tests::TempFolder folder_;
  std::optional<common::LineChannel> control_;
  std::optional<common::ChildProcess> child_;
};

}  // namespace worker
