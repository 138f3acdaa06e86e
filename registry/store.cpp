#include "registry/store.hpp"

#include "common/log.hpp"
#include "common/offload.hpp"
#include "registry/file_identity.hpp"
#include "registry/registry_file.hpp"

namespace registry {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kPollInterval = 250ms;

struct Marks {
  std::string file;
  std::string models;  // folders and artifacts, and how many of these have answered late
};

Marks look_at(const fs::path& file, const Catalog& catalog, const FactsReader& facts) {
  Marks marks{.file = file_identity(file), .models = std::to_string(facts.late()) + ';'};
  for (const fs::path& folder : catalog.model_dirs) marks.models += file_identity(folder) + ';';
  for (const auto& [id, model] : catalog.models) marks.models += identity_of(model) + ';';
  return marks;
}

}  // namespace

Store::Store(fs::path file, Catalog initial, std::shared_ptr<FactsReader> facts, asio::thread_pool& pool, common::Clock& clock)
    : file_(std::move(file)), facts_(std::move(facts)), pool_(pool), clock_(clock) {
  initial.generation = 1;
  for (const std::string& warning : initial.warnings) common::log::warn("registry: {}", warning);
  current_ = std::make_shared<const Catalog>(std::move(initial));
}

asio::awaitable<common::Result<Store::Snapshot>> Store::reload() {
  const auto ticket = ++reads_begun_;
  auto read = [file = file_, facts = facts_, before = current_] { return load_catalog(file, *facts, *before); };
  auto loaded = co_await common::offload(pool_, std::move(read));
  if (ticket < newest_read_) co_return current_;  // a read that began later has ended already
  newest_read_ = ticket;
  if (!loaded) {
    bool news = !last_error_ || last_error_->message() != loaded.error().message();
    if (news) common::log::error("{} (the registry in force stays generation {})", loaded.error().message(), current_->generation);
    last_error_ = loaded.error();
    co_return common::fail(loaded.error());
  }
  last_error_.reset();
  if (loaded->same_content(*current_)) co_return current_;
  auto before = current_;
  loaded->generation = before->generation + 1;
  for (const std::string& warning : loaded->warnings) common::log::warn("registry: {}", warning);
  current_ = std::make_shared<const Catalog>(std::move(*loaded));
  common::log::info("registry: generation {} is in force", current_->generation);
  if (on_change_) on_change_(*before, *current_);
  co_return current_;
}

asio::awaitable<void> Store::watch() {
  Marks applied, last;
  while (true) {
    auto look = [file = file_, facts = facts_, catalog = current_] { return look_at(file, *catalog, *facts); };
    Marks now = co_await common::offload(pool_, std::move(look));
    // A model file changes at every look while it is being copied: it counts once it has stood still. The registry itself counts at once;
    // half a file does not parse and the next look mends that. The first look re-reads too, so that no edit since the start is lost.
    const bool models_settled = now.models == last.models && now.models != applied.models;
    if (now.file != applied.file || models_settled) {
      applied = now;
      auto result = co_await reload();
    }
    last = std::move(now);
    co_await clock_.sleep_for(kPollInterval);
  }
}

}  // namespace registry
