// Carries the orders of one model's Machine out on its worker, and reports what becomes of it. Decides nothing.
//
// Owned by residency, one for each model id, used on the loop thread only. Everything that it reports names the run that it belongs to.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/clock.hpp"
#include "common/one_shot.hpp"
#include "common/task_group.hpp"
#include "proxy/supervisor/launcher.hpp"
#include "proxy/supervisor/machine.hpp"

namespace proxy::supervisor {

class Attendant {
 public:
  using Report = std::function<void(int run, Input what)>;

  // `report` must not call back into the Attendant.
  Attendant(boost::asio::any_io_executor executor, common::Clock& clock, Launcher& launcher, std::string model, Report report);
  ~Attendant();

  // `load` is what send_load sends.
  void carry_out(Order order, int run, const common::Load& load);
  // The machine is done with the worker of this run.
  void forget();
  const std::string& data_socket() const { return data_socket_; }
  // Ends what still listens to a worker.
  boost::asio::awaitable<void> shut_down();

 private:
  using Worker = std::shared_ptr<LaunchedWorker>;
  using Silence = std::shared_ptr<common::OneShot<bool>>;  // set when the worker has said its last word

  void spawn(int run);
  void report_holdings(const Worker& worker, int run);
  boost::asio::awaitable<void> follow(Worker worker, int run, Silence silence);
  boost::asio::awaitable<void> await_exit(Worker worker, int run, Silence silence);
  boost::asio::awaitable<void> probe(Worker worker, int run);
  boost::asio::awaitable<void> collect(Worker worker, int run);

  boost::asio::any_io_executor executor_;
  common::Clock& clock_;
  Launcher& launcher_;
  std::string model_;
  Report report_;
  Worker worker_;
  std::string data_socket_;
  common::TaskGroup tasks_;
};

}  // namespace proxy::supervisor
