// A server of somebody else's that a command line starts (llama-server, vllm-mlx, a Python server), as a worker: it knows nothing of the
// control protocol, so what a worker would say is said for it, from what can be seen.
//
//   hello    as soon as it was started
//   loading  whenever it is seen at work before it is ready (signs_of_work.hpp), so that a load that stands still is noticed and a slow one
//            is not taken for it
//   ready    once its ready_path answers 200, with a digest of its artifact or, where there is none, of its command line, what the
//            registry says that it is for, and the memory that its processes have
//   beat     twice a second while requests are carried to it, with signs of work in place of tokens
//   fatal    when it computes and nothing comes of it for its answer_timeout, if it has one; it is killed then
//   saved    at once: it saves nothing
//
// Orders are carried out likewise: to exit is its stop command, or SIGTERM to its group. What is beyond that (SIGKILL, descendants, limits,
// memory) is as with every worker (worker_process.hpp).
//
// It listens on a port of 127.0.0.1 that was free when it was started, or on a Unix socket in the daemon's private folder. Nobody can keep
// a port free for it, so before it is asked anything its processes have to hold every socket that listens there: somebody else's fails the
// load.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "common/process_work.hpp"
#include "proxy/supervisor/worker_process.hpp"

namespace proxy::supervisor {

class CommandWorker final : public WorkerProcess {
 public:
  // Whether its program can be read, before start(), which blocks for as long as that takes. ErrorKind::io, timeout: why not.
  static boost::asio::awaitable<common::Result<void>> reach(std::shared_ptr<ProgramFinder> programs, CommandServer server, WorkerMark mark);
  // `socket`: where its Unix socket may be. ErrorKind::io when it cannot be started.
  static common::Result<std::unique_ptr<LaunchedWorker>> start(boost::asio::any_io_executor executor, const std::string& model,
                                                               const CommandServer& server, const std::filesystem::path& socket,
                                                               WorkerMark mark, WorkerHouse house);
  ~CommandWorker() override;

  const common::ServerAddress& data_address() const override { return place_.address; }
  boost::asio::awaitable<common::Result<common::FromWorker>> receive() override;
  void send(common::ToWorker message) override;
  void serves(const Serving& serving) override;
  boost::asio::awaitable<common::ExitStatus> wait_exit() override;
  boost::asio::awaitable<common::Result<void>> probe() override;

 private:
  // Where it is to listen, and what it was told.
  struct Place {
    common::ServerAddress address;
    std::string socket;                         // the path of its Unix socket, if it has one
    std::map<std::string, std::string> values;  // of the placeholders
    std::vector<std::string> environment;
  };
  struct Life;
  using Alive = std::shared_ptr<Life>;
  static common::Result<Place> place_for(const CommandServer& server, const std::filesystem::path& socket, const WorkerMark& mark);

  CommandWorker(boost::asio::any_io_executor executor, std::string model, CommandServer server, Place place, common::ChildProcess child,
                std::shared_ptr<ErrorOutput> output, WorkerMark mark, WorkerHouse house);
  void begin(boost::asio::awaitable<void> task);
  void say(common::FromWorker message);
  void load(const common::Load& order);
  void stop();
  void give_up(common::WorkerExit code, std::string why);
  // Tasks: they may outlive this object by a moment, and must look at `life` before they touch it.
  boost::asio::awaitable<void> bring_up(Alive life);
  boost::asio::awaitable<void> watch_load(Alive life);
  boost::asio::awaitable<void> watch_requests(Alive life);
  boost::asio::awaitable<void> run_stop(Alive life);
  common::Result<common::ChildProcess> start_stopper(const common::Result<std::filesystem::path>& program,
                                                     std::vector<std::string> arguments);
  bool is_silent(common::TimePoint now) const;
  // What it and its descendants have done so far.
  common::ProcessWork work() const;
  double fraction_of(const common::ProcessWork& work);
  common::DeviceMemory memory() const;
  enum class Listening { nobody, itself, stranger };
  Listening listening() const;
  std::string stranger() const;
  const std::string& served_name() const;

  boost::asio::any_io_executor executor_;
  std::string model_;
  CommandServer server_;
  Place place_;
  common::Load order_;
  Alive life_;
  bool ready_ = false;
  double fraction_ = 0;
  Serving serving_;
  bool requests_watched_ = false;
  common::Beat beat_;
};

}  // namespace proxy::supervisor
