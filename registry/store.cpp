#include "registry/store.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <format>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/log.hpp"
#include "common/offload.hpp"
#include "registry/file_identity.hpp"
#include "registry/folder_watch.hpp"
#include "registry/model_files.hpp"
#include "registry/registry_file.hpp"
#include "registry/registry_writer.hpp"

namespace registry {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using common::Error;
using common::fail;
using common::Result;

constexpr auto kSettle = 5ms;  // who writes in pieces writes the next one soon

struct ModelMarks {
  std::map<fs::path, std::string> folders;  // what is in each of model_dirs
  std::map<fs::path, std::string> catalog;  // the files of the registry's catalog, by the folders that they lie in
  std::uint64_t late = 0;                   // how many files have answered late

  bool operator==(const ModelMarks&) const = default;
};

struct Marks {
  std::string file;
  ModelMarks models;
};

struct Look {
  Marks marks;
  FolderWatch::Watched watched;
};

// An edit may keep size and times, so the text itself counts too.
std::string mark_of(const fs::path& file) {
  auto text = read_text(file);
  return text ? file_identity(file) + ' ' + digest_of(*text) : text.error().message();
}

// All that was looked at in a folder, and the files of the models that were found there.
std::string mark_of_folder(const Catalog& catalog, const fs::path& folder) {
  std::string mark;
  if (auto visited = catalog.visited.find(folder); visited != catalog.visited.end()) {
    for (const fs::path& each : visited->second) mark += file_identity(each) + ';';
  }
  for (const auto& [id, model] : catalog.models) {
    if (model.found_in == folder) mark += identity_of(model) + ';';
  }
  return mark;
}

// Where a model of the registry's catalog lies; nothing: it was found in a folder, or has no file.
std::optional<fs::path> place_of(const Model& model) {
  if (!model.found_in.empty() || model.artifact.empty()) return std::nullopt;
  return model.artifact.parent_path();
}

std::string mark_of_catalog(const Catalog& catalog, const fs::path& place) {
  std::string mark;
  for (const auto& [id, model] : catalog.models) {
    if (place_of(model) == place) mark += identity_of(model) + ';';
  }
  return mark;
}

// Files that do not answer count as unchanged, and the others are looked at all the same.
ModelMarks marks_of_models(std::shared_ptr<const Catalog> catalog, FactsReader& facts, const Marks& before) {
  ModelMarks marks{.folders = {}, .catalog = {}, .late = facts.late()};
  using Known = std::map<fs::path, std::string>;
  const auto keep = [](Known& marks_now, const Known& known, const fs::path& at, Result<std::string> mark) {
    if (auto old = known.find(at); mark) marks_now[at] = std::move(*mark);
    else if (old != known.end()) marks_now.insert(*old);
  };
  for (const ModelFolder& folder : catalog->model_dirs) {
    const fs::path& path = folder.path;
    auto mark = facts.mark_of(path.string(), [catalog, path] { return mark_of_folder(*catalog, path); });
    keep(marks.folders, before.models.folders, path, std::move(mark));
  }
  std::set<fs::path> places;
  for (const auto& [id, model] : catalog->models) {
    if (auto place = place_of(model)) places.insert(std::move(*place));
  }
  for (const fs::path& place : places) {
    const std::string files = std::format("the catalog's files in {}", place.string());
    keep(marks.catalog, before.models.catalog, place, facts.mark_of(files, [catalog, place] { return mark_of_catalog(*catalog, place); }));
  }
  return marks;
}

Look look_at(const fs::path& file, std::shared_ptr<const Catalog> catalog, FactsReader& facts, const Marks& before,
             const FolderWatch::Handle& handle) {
  Look look{.marks = {}, .watched = FolderWatch::arm(handle, file)};  // first, so that no touch falls between this look and the next wake
  look.marks = {.file = mark_of(file), .models = marks_of_models(std::move(catalog), facts, before)};
  return look;
}

auto now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

void note(const Result<void>& kept) {
  if (!kept) common::log::warn("registry: the history was not kept: {}", kept.error().message());
}

}  // namespace

Store::Store(fs::path file, Catalog initial, std::shared_ptr<FactsReader> facts, asio::thread_pool& pool, common::Clock& clock)
    : Store(std::move(file), std::move(initial), std::move(facts), pool, clock, Options{}) {}

Store::Store(fs::path file, Catalog initial, std::shared_ptr<FactsReader> facts, asio::thread_pool& pool, common::Clock& clock,
             Options options)
    : file_(std::move(file)),
      facts_(std::move(facts)),
      pool_(pool),
      clock_(clock),
      options_(std::move(options)),
      historian_(pool.get_executor()) {
  initial.generation = 1;
  if (!options_.history.empty()) {
    history_ = std::make_shared<History>(options_.history);
    const auto entries = history_->list();
    if (!entries.empty()) initial.generation = entries.back().last + (entries.back().digest == initial.digest ? 0 : 1);
    note(history_->keep(initial.text, initial.digest, initial.generation, now()));
  }
  publish(std::move(initial));
}

asio::awaitable<Result<Store::Snapshot>> Store::reload() {
  auto taking = take();
  auto taken = co_await std::move(taking);
  if (!taken) {
    show(taken.error());
    unsure_ = true;
  }
  co_return taken;
}

asio::awaitable<Result<Store::Snapshot>> Store::take() {
  const auto ticket = ++reads_begun_;
  auto reading = read(std::nullopt);
  auto loaded = co_await std::move(reading);
  if (ticket < newest_read_) co_return current_;  // a read that began later has ended already
  newest_read_ = ticket;
  if (!loaded) co_return fail(loaded.error());
  last_error_.reset();
  auto before = current_;
  const bool same_words = loaded->digest == before->digest, same_meaning = loaded->same_content(*before);
  if (same_words && same_meaning && loaded->visited == before->visited) co_return current_;
  loaded->generation = before->generation + (same_meaning ? 0 : 1);
  publish(std::move(*loaded));
  if (!same_words || !same_meaning) keep();
  if (same_meaning) co_return current_;
  common::log::info("registry: generation {} is in force ({})", current_->generation, current_->digest);
  if (on_change_) on_change_(*before, *current_);
  co_return current_;
}

asio::awaitable<Result<Catalog>> Store::read(std::optional<std::string> text) {
  auto load = [file = file_, facts = facts_, before = current_, text = std::move(text)] {
    return text ? load_catalog(*text, file, *facts, *before) : load_catalog(file, *facts, *before);
  };
  auto loaded = co_await common::offload(pool_, std::move(load));
  co_return loaded;
}

void Store::publish(Catalog catalog) {
  const bool news = !current_ || current_->warnings != catalog.warnings;
  for (const std::string& warning : catalog.warnings) {
    if (news) common::log::warn("registry: {}", warning);
  }
  for (const LeftOut& each : catalog.left_out) {
    if (!current_ || !std::ranges::contains(current_->left_out, each))
      common::log::warn("{} is left out: {}", each.path.string(), each.why);
  }
  if (current_) catalog.chosen = current_->chosen;
  current_ = std::make_shared<const Catalog>(std::move(catalog));
}

void Store::choose(std::optional<std::string> model) {
  Catalog catalog = *current_;
  catalog.chosen = std::move(model);
  current_ = std::make_shared<const Catalog>(std::move(catalog));
}

void Store::show(const Error& error) {
  const bool news = !last_error_ || last_error_->message() != error.message();
  if (news) common::log::error("{} (the registry in force stays generation {})", error.message(), current_->generation);
  last_error_ = error;
}

// In order, and nobody waits for the disk.
void Store::keep() {
  if (!history_) return;
  asio::post(historian_, [history = history_, catalog = current_, time = now()] {
    note(history->keep(catalog->text, catalog->digest, catalog->generation, time));
  });
}

asio::awaitable<Result<Repointed>> Store::repoint(std::string role, std::string id, bool force) {
  auto write = [file = file_, facts = facts_, before = current_, role = std::move(role), id = std::move(id), force] {
    return write_role(file, role, id, force, *facts, *before);
  };
  auto written = co_await common::offload(pool_, std::move(write));
  if (!written) co_return fail(written.error());
  auto reloading = reload();
  auto taken = co_await std::move(reloading);
  if (!taken) co_return fail(taken.error());
  co_return Repointed{.before = std::move(written->before), .written = written->written, .now = std::move(*taken)};
}

asio::awaitable<std::vector<HistoryEntry>> Store::list_history() {
  if (!history_) co_return std::vector<HistoryEntry>();
  auto list = [history = history_] { return history->list(); };
  auto entries = co_await common::offload(pool_, std::move(list));
  co_return entries;
}

asio::awaitable<void> Store::watch() {
  auto executor = co_await asio::this_coro::executor;
  FolderWatch folders(executor);
  Marks applied, seen;
  std::string doubtful;  // the mark of a file that was found wrong
  common::TimePoint models_since, doubted_since;
  while (true) {
    auto looking = [file = file_, facts = facts_, catalog = current_, before = seen, handle = folders.handle()] {
      return look_at(file, catalog, *facts, before, handle);
    };
    Look look = co_await common::offload(pool_, std::move(looking));
    folders.watch(std::move(look.watched));
    const Marks& found = look.marks;
    const common::TimePoint looked = clock_.now();
    if (found.models != seen.models) models_since = looked;
    // A model file changes at every look while it is being copied: it counts once it has stood still. The registry itself counts at once.
    // The first look re-reads too, so that no edit since the start is lost.
    const bool models_settled = found.models != applied.models && looked - models_since >= options_.look_every;
    if (found.file != applied.file || models_settled || std::exchange(unsure_, false)) {
      auto taking = take();
      auto taken = co_await std::move(taking);
      const bool stands_still = found.file == doubtful && looked - doubted_since >= options_.look_every;
      if (!taken && found.file != doubtful) {
        doubtful = found.file;
        doubted_since = looked;
      } else if (taken || stands_still) {
        applied = found;
        doubtful.clear();
        if (!taken) show(taken.error());
      }
    }
    seen = std::move(look.marks);
    auto woken = folders.touched();
    auto pause = clock_.sleep_for(options_.look_every);
    co_await (std::move(woken) || std::move(pause));
    co_await clock_.sleep_for(kSettle);
  }
}

}  // namespace registry
