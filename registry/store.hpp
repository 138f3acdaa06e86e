// The current Catalog, and what keeps it current: the file is read when the kernel says that it was touched, and it and the model folders
// are looked at four times a second besides, because not every file system tells.
//
// Owned by the composition root, used on the loop thread; the looking, reading and writing happens on the thread pool. A file that cannot
// be read or is wrong leaves the catalog as it was; the error is kept for the status page and logged once. While a file is being written it
// is often wrong for a moment: what the watch finds wrong counts once it has stood still for a look. What a slow disk says of a model only
// after a while makes a catalog of its own. Every good text goes into the history.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "registry/catalog.hpp"
#include "registry/facts_reader.hpp"
#include "registry/history.hpp"

namespace registry {

// What became of an edit of a role.
struct Repointed {
  std::optional<std::string> before;  // the id that the role pointed at; nothing: there was no such role
  bool written = false;               // false: it pointed there already
  std::shared_ptr<const Catalog> now;
};

class Store {
 public:
  using Snapshot = std::shared_ptr<const Catalog>;
  using OnChange = std::function<void(const Catalog& before, const Catalog& now)>;

  struct Options {
    std::filesystem::path history;              // folder; empty: none is kept
    std::chrono::milliseconds look_every{250};  // besides what the kernel tells
  };

  // `initial` was read by load_catalog(file, *facts). It becomes generation 1, or goes on from where the history has stopped. Blocks for
  // that.
  Store(std::filesystem::path file, Catalog initial, std::shared_ptr<FactsReader> facts, boost::asio::thread_pool& pool,
        common::Clock& clock, Options options);
  Store(std::filesystem::path file, Catalog initial, std::shared_ptr<FactsReader> facts, boost::asio::thread_pool& pool,
        common::Clock& clock);

  Snapshot current() const { return current_; }
  const std::filesystem::path& file() const { return file_; }
  const std::optional<common::Error>& last_error() const { return last_error_; }
  void on_change(OnChange callback) { on_change_ = std::move(callback); }
  // Has the catalog in force, and those after it, say what the operator chose. No change of the registry: nobody is told, the generation
  // stays.
  void choose(std::optional<std::string> model);
  // Null: none is kept.
  std::shared_ptr<const History> history() const { return history_; }

  // Reads now. The catalog in force afterwards, or why it is still the old one.
  boost::asio::awaitable<common::Result<Snapshot>> reload();
  // What the file, or a text that might stand in it, would be. Nothing comes into force.
  boost::asio::awaitable<common::Result<Catalog>> read(std::optional<std::string> text);
  // Has a role point at an id, in the file and in force. ErrorKind: model_not_found for an id that is not known, unless `force`;
  // bad_request when the file, or what would come of it, is wrong; conflict when somebody else edits it at the same moment; io when it
  // cannot be written.
  boost::asio::awaitable<common::Result<Repointed>> repoint(std::string role, std::string id, bool force);
  // What is kept, oldest first.
  boost::asio::awaitable<std::vector<HistoryEntry>> list_history();
  // Until cancelled.
  boost::asio::awaitable<void> watch();

 private:
  boost::asio::awaitable<common::Result<Snapshot>> take();
  void publish(Catalog catalog);
  void show(const common::Error& error);
  void keep();

  std::filesystem::path file_;
  std::shared_ptr<FactsReader> facts_;  // with what reads on the pool
  Snapshot current_;
  std::optional<common::Error> last_error_;
  OnChange on_change_;
  std::uint64_t reads_begun_ = 0;
  std::uint64_t newest_read_ = 0;
  bool unsure_ = false;  // somebody else than the watch found the file wrong: it reads again whatever it sees
  boost::asio::thread_pool& pool_;
  common::Clock& clock_;
  Options options_;
  std::shared_ptr<History> history_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> historian_;
};

}  // namespace registry
