// The current Catalog, and what keeps it current: the file and the model folders are looked at four times a second and re-read on change.
//
// Owned by the composition root, used on the loop thread; the looking and reading happens on the thread pool. A file that cannot be read or
// is wrong leaves the catalog as it was; the error is kept for the status page and logged once. What a slow disk says of a model only after a
// while makes a catalog of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "common/clock.hpp"
#include "registry/catalog.hpp"
#include "registry/facts_reader.hpp"

namespace registry {

class Store {
 public:
  using Snapshot = std::shared_ptr<const Catalog>;
  using OnChange = std::function<void(const Catalog& before, const Catalog& now)>;

  // `initial` was read by load_catalog(file, *facts); it becomes generation 1.
  Store(std::filesystem::path file, Catalog initial, std::shared_ptr<FactsReader> facts, boost::asio::thread_pool& pool, common::Clock& clock);

  Snapshot current() const { return current_; }
  const std::filesystem::path& file() const { return file_; }
  const std::optional<common::Error>& last_error() const { return last_error_; }
  void on_change(OnChange callback) { on_change_ = std::move(callback); }

  // Reads now. The catalog in force afterwards, or why it is still the old one.
  boost::asio::awaitable<common::Result<Snapshot>> reload();
  // Until cancelled.
  boost::asio::awaitable<void> watch();

 private:
  std::filesystem::path file_;
  std::shared_ptr<FactsReader> facts_;  // with what reads on the pool
  Snapshot current_;
  std::optional<common::Error> last_error_;
  OnChange on_change_;
  std::uint64_t reads_begun_ = 0;
  std::uint64_t newest_read_ = 0;
  boost::asio::thread_pool& pool_;
  common::Clock& clock_;
};

}  // namespace registry
