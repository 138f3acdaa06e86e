// Carries the orders of one model's Machine out on its worker, and reports what becomes of it. Decides nothing.
//
// Owned by residency, one for each model id, used on the loop thread only. Everything that it reports names the run that it belongs to.
#pragma once

#include <functional>
#include <memory>
#include <optional>
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

  using Bytes = std::function<std::uint64_t()>;

  // `report` may have an order carried out, but not while another one is: what is reported then has to be kept for later. `held_by_others`:
  // what the workers beside this one hold. It counts as available, so that a pinned model that comes or goes meanwhile is not taken for
  // memory that this one keeps or gives back.
  Attendant(boost::asio::any_io_executor executor, common::Clock& clock, Launcher& launcher, std::string model, Report report,
            Bytes held_by_others);
  ~Attendant();

  // What send_load and send_save send, and what is started instead of a worker of our own, if anything is.
  struct Messages {
    common::Load load;
    common::SaveSessions save;
    std::optional<CommandServer> command;
  };
  void carry_out(Order order, int run, const Messages& messages);
  // Tells the worker of this run, if it is still there, how much it may keep of prompts in memory; nothing: as its load said.
  void shrink_caches(int run, std::optional<std::uint64_t> keep_bytes);
  // The machine is done with the worker of this run.
  void forget();
  // How many requests are carried to its worker now.
  void serves(const Serving& serving);
  const common::ServerAddress& data_address() const { return data_address_; }
  // Of its worker; 0: there is none.
  std::uint64_t own_bytes() const { return worker_ ? worker_->own_bytes() : 0; }
  // Ends what still listens to a worker.
  boost::asio::awaitable<void> shut_down();

 private:
  using Worker = std::shared_ptr<LaunchedWorker>;
  using Silence = std::shared_ptr<common::OneShot<bool>>;  // set when the worker has said its last word

  void spawn(int run, const std::optional<CommandServer>& command);
  boost::asio::awaitable<void> spawn_command(int run, CommandServer server);
  void give_up_start(int run);
  void started(int run, common::Result<std::unique_ptr<LaunchedWorker>> launched);
  void report_holdings(const Worker& worker, int run);
  std::uint64_t available_bytes() const;
  boost::asio::awaitable<void> follow(Worker worker, int run, Silence silence);
  boost::asio::awaitable<void> await_exit(Worker worker, int run, Silence silence);
  boost::asio::awaitable<void> probe(Worker worker, int run);
  boost::asio::awaitable<void> collect(Worker worker, int run);

  boost::asio::any_io_executor executor_;
  common::Clock& clock_;
  Launcher& launcher_;
  std::string model_;
  Report report_;
  Bytes held_by_others_;
  Worker worker_;
  int run_ = 0;       // of the worker
  int starting_ = 0;  // the run whose program is looked at before it is started; 0: none
  common::ServerAddress data_address_;
  common::TaskGroup tasks_;
};

}  // namespace proxy::supervisor
