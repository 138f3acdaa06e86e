// What the daemon knows of the memory that models take: predicted from their files, simulated by libllama where somebody asked or where it
// decides whether a model is refused, and measured whenever one runs. Residency gets it as plain numbers, status pages as JSON.
//
// Owned by the composition root, used on the loop thread. Nothing here loads a model. What was measured is kept in a file of the state
// folder, written on the thread pool.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "common/clock.hpp"
#include "common/json.hpp"
#include "common/memory_status.hpp"
#include "proxy/fit/peaks.hpp"
#include "proxy/fit/rates.hpp"
#include "proxy/fit/read_modes.hpp"
#include "proxy/fit/verdict.hpp"
#include "proxy/residency/residency.hpp"
#include "registry/catalog.hpp"
#include "registry/store.hpp"

namespace proxy::fit {

struct DeskConfig {
  std::filesystem::path worker;      // the program that simulates loads
  std::filesystem::path state_file;  // empty: what is measured is forgotten with the daemon
  std::filesystem::path rates_file;   // likewise
  std::filesystem::path trials_file;  // likewise
  common::MemoryFiles memory;
};

class Desk {
 public:
  // All outlive the desk. Reads the state file.
  Desk(DeskConfig config, registry::Store& store, residency::Residency& residency, boost::asio::thread_pool& pool, common::Clock& clock);

  // What is known now, for the models of a catalog.
  residency::MemoryTerms terms(const registry::Catalog& catalog) const;
  // Looks at what runs and learns from it, and lets libllama confirm what would be refused; until cancelled.
  boost::asio::awaitable<void> watch();

  // The whole answer to whether a model fits when it is run so. ErrorKind: bad_model_file, when the file says nothing that can be reckoned
  // with.
  boost::asio::awaitable<common::Result<common::Json>> answer(registry::Model model, registry::RunShape shape);
  // How fast each device was when its files were read for a trial.
  common::Json devices() const { return trials_.to_json(); }
  // What models may take, and how that is made up.
  registry::MemoryBudget budget() const;
  // What new processes could have at this moment; 0: not known.
  std::uint64_t available_bytes() const { return common::available_bytes(config_.memory); }
  // In short, as the registry has it: predicted, measured, fits. Null when nothing is known of the file.
  common::Json summary(const registry::Model& model) const;

 private:
  struct Known {
    registry::RunShape shape;  // settled
    registry::MemoryNeed need;
    const Measured* measured = nullptr;
  };
  Known known(const registry::Model& model, registry::RunShape shape) const;
  Verdict verdict(const registry::Model& model, const Known& known) const;
  common::Json answer_json(const registry::Model& model, const Known& known) const;
  common::Json tier_json(const registry::Model& model, const Verdict& said) const;
  static common::Json load_seconds(const Known& known);  // null: never measured
  registry::MemoryBudget budget(const std::string& model) const;
  std::uint64_t shared_bytes() const;
  std::uint64_t tier_bytes(const std::string& model) const;  // the most that tiers let it need
  bool fits_as_said(const registry::Model& model) const;
  bool learn(const residency::View& view);
  bool learn_rates();
  ReadMode read_mode(const registry::Model& model) const;
  const registry::Model* untried() const;
  boost::asio::awaitable<void> try_device(registry::Model model);
  std::optional<std::chrono::milliseconds> expected_load(const registry::Model& model, const Known& known) const;
  boost::asio::awaitable<std::string> simulate(registry::Model model, registry::RunShape shape);
  const registry::Model* doubtful() const;
  void tell_residency();
  void keep(const std::filesystem::path& file, std::string text);

  DeskConfig config_;
  registry::Store& store_;
  residency::Residency& residency_;
  common::Clock& clock_;
  boost::asio::thread_pool& pool_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> writer_;
  Peaks peaks_;
  Rates rates_;
  ReadTrials trials_;
  std::set<std::string> tried_;  // devices, since the start: one that cannot be measured is not tried for ever
  std::uint64_t swaps_seen_ = 0;
  std::map<std::string, common::Estimate> estimates_;    // by RunKey
  std::map<std::string, std::string> failed_estimates_;  // likewise: why
  bool simulating_ = false;
  std::uint64_t limit_bytes_ = 0;  // of the machine's memory, or of ours in it
};

}  // namespace proxy::fit
