#include "proxy/supervisor/spare_launcher.hpp"

#include "common/log.hpp"

namespace proxy::supervisor {

namespace asio = boost::asio;
using common::Result;

namespace {

constexpr auto kLook = std::chrono::milliseconds(5);
constexpr auto kSlowestLook = std::chrono::milliseconds(200);
constexpr auto kPatience = std::chrono::seconds(5);  // with a killed one that the kernel does not let go

}  // namespace

struct SpareLauncher::Ahead {
  Ahead(asio::any_io_executor executor, std::unique_ptr<LaunchedWorker> started_worker, common::TimePoint now)
      : worker(std::move(started_worker)), first_words(executor), exit(executor), facts{.said_hello = false, .started = now} {}

  std::unique_ptr<LaunchedWorker> worker;
  common::OneShot<Result<common::FromWorker>> first_words;  // hello, if all is well
  common::OneShot<common::ExitStatus> exit;
  SpareFacts facts;
};

// What its taker holds. Its first words and its end are waited for by the SpareLauncher, from the start on; they are passed on here.
class SpareLauncher::Taken final : public LaunchedWorker {
 public:
  explicit Taken(std::shared_ptr<Ahead> ahead) : ahead_(std::move(ahead)) {}

  pid_t pid() const override { return ahead_->worker->pid(); }
  const common::ServerAddress& data_address() const override { return ahead_->worker->data_address(); }
  asio::awaitable<Result<common::FromWorker>> receive() override {
    if (std::exchange(heard_, true)) return ahead_->worker->receive();
    return ahead_->first_words.take();
  }
  void send(common::ToWorker message) override { ahead_->worker->send(std::move(message)); }
  bool runs() const override { return ahead_->worker->runs(); }
  void signal(int signal) override { ahead_->worker->signal(signal); }
  asio::awaitable<common::ExitStatus> wait_exit() override { return ahead_->exit.take(); }
  void assign(const std::string& model) override { ahead_->worker->assign(model); }
  bool survivors() const override { return ahead_->worker->survivors(); }
  void kill_survivors() override { ahead_->worker->kill_survivors(); }
  std::uint64_t own_bytes() const override { return ahead_->worker->own_bytes(); }
  asio::awaitable<Result<void>> probe() override { return ahead_->worker->probe(); }
  std::vector<std::string> last_lines() const override { return ahead_->worker->last_lines(); }

 private:
  std::shared_ptr<Ahead> ahead_;
  bool heard_ = false;
};

SpareLauncher::SpareLauncher(asio::any_io_executor executor, common::Clock& clock, Launcher& starts, const SpareTimes& times)
    : executor_(executor),
      clock_(clock),
      starts_(starts),
      plan_(times),
      tasks_(executor, "spare worker"),
      timing_(executor, "spare worker's deadline"),
      deadline_(timing_, clock, [this] { mind(); }) {}

SpareLauncher::~SpareLauncher() = default;

Result<std::unique_ptr<LaunchedWorker>> SpareLauncher::launch(const std::string& model) {
  if (spare_ && !spare_->worker->runs()) lose("does not run any more");
  if (!spare_ || !plan_.may_be_taken(spare_->facts, clock_.now())) return starts_.launch(model);
  auto ahead = std::exchange(spare_, nullptr);
  ++taken_;
  plan_.taken();
  common::log::info("worker {}, which was started ahead, is for {}", ahead->worker->pid(), model);
  ahead->worker->assign(model);
  return std::make_unique<Taken>(std::move(ahead));
}

void SpareLauncher::keep_spare(SpareWish wish) {
  wish_ = wish;
  mind();
}

SpareReport SpareLauncher::spare_report() const {
  SpareReport report{.started = started_, .taken = taken_, .lost = lost_, .worker = std::nullopt};
  if (!spare_) return report;
  report.worker = {.pid = spare_->worker->pid(),
                   .said_hello = spare_->facts.said_hello,
                   .age = clock_.now() - spare_->facts.started,
                   .own_bytes = spare_->worker->own_bytes()};
  return report;
}

asio::awaitable<void> SpareLauncher::shut_down() {
  keep_spare(SpareWish::none);
  timing_.cancel();
  co_await timing_.join();
  common::TaskGroup patience(executor_, "spare worker's end");
  patience.spawn(lose_patience());
  co_await tasks_.join();
  patience.cancel();
  co_await patience.join();
}

asio::awaitable<void> SpareLauncher::lose_patience() {
  co_await clock_.sleep_for(kPatience);
  common::log::error("the worker that was started ahead does not end although it was killed");
  tasks_.cancel();
}

void SpareLauncher::mind() {
  switch (plan_.next(wish_, facts(), clock_.now())) {
    case SparePlan::Step::nothing: break;
    case SparePlan::Step::start: start(); break;
    case SparePlan::Step::end: end("is not needed now"); break;
    case SparePlan::Step::give_up: lose("has not said hello"); break;
  }
  deadline_.set(plan_.deadline(wish_, facts()));
}

void SpareLauncher::start() {
  if (!plan_.has_room(starts_.available_bytes())) return plan_.failed(clock_.now(), std::nullopt);
  auto launched = starts_.launch("");
  if (!launched) {
    common::log::warn("no worker can be started ahead: {}", launched.error().message());
    return plan_.failed(clock_.now(), std::nullopt);
  }
  ++started_;
  spare_ = std::make_shared<Ahead>(executor_, std::move(*launched), clock_.now());
  common::log::info("worker {} is started ahead", spare_->worker->pid());
  tasks_.spawn(listen(spare_));
  tasks_.spawn(await_exit(spare_));
}

void SpareLauncher::end(const char* why) {
  auto ahead = std::exchange(spare_, nullptr);
  common::log::info("worker {}, which was started ahead, {} and is ended", ahead->worker->pid(), why);
  ahead->worker->kill_survivors();  // it holds nothing that could be lost
  tasks_.spawn(bury(std::move(ahead)));
}

void SpareLauncher::lose(const char* why) {
  ++lost_;
  plan_.failed(clock_.now(), facts());
  end(why);
}

std::optional<SpareFacts> SpareLauncher::facts() const { return spare_ ? std::optional(spare_->facts) : std::nullopt; }

asio::awaitable<void> SpareLauncher::listen(std::shared_ptr<Ahead> ahead) {
  auto message = co_await ahead->worker->receive();
  auto* hello = message ? std::get_if<common::Hello>(&*message) : nullptr;
  ahead->facts.said_hello = hello && hello->protocol == common::kWorkerProtocolVersion;
  ahead->first_words.set(std::move(message));
  if (ahead != spare_) co_return;  // its taker judges
  if (!ahead->facts.said_hello) lose("is no worker as this daemon knows them");
  mind();
}

asio::awaitable<void> SpareLauncher::await_exit(std::shared_ptr<Ahead> ahead) {
  auto status = co_await ahead->worker->wait_exit();
  ahead->exit.set(status);
  if (ahead != spare_) co_return;
  plan_.failed(clock_.now(), facts());
  spare_.reset();
  ++lost_;
  common::log::warn("worker {}, which was started ahead, has ended unexpectedly: {}", ahead->worker->pid(), common::describe(status));
  tasks_.spawn(bury(std::move(ahead)));
  mind();
}

// Until nothing of it is left.
asio::awaitable<void> SpareLauncher::bury(std::shared_ptr<Ahead> ahead) {
  for (common::Duration pause = kLook; ahead->worker->survivors(); pause = std::min<common::Duration>(2 * pause, kSlowestLook)) {
    ahead->worker->kill_survivors();
    co_await clock_.sleep_for(pause);
  }
}

}  // namespace proxy::supervisor
