// A launcher that keeps one worker ready which nobody has chosen a model for: the next launch takes it instead of starting a process.
//
// The spare is a worker like any other (a group, a cgroup and a mark of its own; it dies with the daemon), but nothing was asked of it: it
// counts as nobody's worker, its end costs nothing, and it is ended when the owner does not want one any more. Whoever takes it hears its
// hello as if it had just been said, and sees to its deadlines. Owned by the composition root; used on the loop thread only.
#pragma once

#include <memory>

#include "common/clock.hpp"
#include "common/deadline.hpp"
#include "common/one_shot.hpp"
#include "common/task_group.hpp"
#include "proxy/supervisor/launcher.hpp"
#include "proxy/supervisor/spare_plan.hpp"

namespace proxy::supervisor {

class SpareLauncher final : public Launcher {
 public:
  // `starts` is what starts workers.
  SpareLauncher(boost::asio::any_io_executor executor, common::Clock& clock, Launcher& starts, const SpareTimes& times = {});
  ~SpareLauncher() override;

  common::Result<std::unique_ptr<LaunchedWorker>> launch(const std::string& model) override;
  boost::asio::awaitable<common::Result<void>> reach(CommandServer server) override { return starts_.reach(std::move(server)); }
  common::Result<std::unique_ptr<LaunchedWorker>> launch_command(const std::string& model, const CommandServer& server) override {
    return starts_.launch_command(model, server);  // a worker that was started ahead is none of those
  }
  std::uint64_t available_bytes() const override { return starts_.available_bytes(); }
  void keep_spare(SpareWish wish) override;
  SpareReport spare_report() const override;
  // Ends the spare and waits until it is gone, but not for ever. Every worker that was launched has to be gone before.
  boost::asio::awaitable<void> shut_down();

 private:
  struct Ahead;  // a worker that was started ahead, also after it was taken
  class Taken;

  void mind();
  void start();
  void end(const char* why);
  void lose(const char* why);
  std::optional<SpareFacts> facts() const;
  boost::asio::awaitable<void> listen(std::shared_ptr<Ahead> ahead);
  boost::asio::awaitable<void> await_exit(std::shared_ptr<Ahead> ahead);
  boost::asio::awaitable<void> bury(std::shared_ptr<Ahead> ahead);
  boost::asio::awaitable<void> lose_patience();

  boost::asio::any_io_executor executor_;
  common::Clock& clock_;
  Launcher& starts_;
  SparePlan plan_;
  SpareWish wish_ = SpareWish::none;
  std::shared_ptr<Ahead> spare_;
  std::uint64_t started_ = 0, taken_ = 0, lost_ = 0;
  common::TaskGroup tasks_;
  common::TaskGroup timing_;
  common::Deadline deadline_;
};

}  // namespace proxy::supervisor
