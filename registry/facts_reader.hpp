// What model files say of themselves, read with a patience that ends: a disk that hangs must hold up neither the start of the daemon nor an
// edit, nor its end.
//
// A read that hangs cannot be called off, so each file is read on a thread of its own that nobody waits for longer than `patience`. What comes
// later is kept until somebody asks again. Used from any thread; shared by whoever may still read when its owner has gone.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "registry/model_facts.hpp"

namespace registry {

class FactsReader {
 public:
  using Read = std::function<common::Result<ModelFacts>(const std::filesystem::path&)>;

  static constexpr std::size_t kMostHanging = 8;  // threads; beyond that nothing more is read until one has come back

  explicit FactsReader(std::chrono::milliseconds patience = std::chrono::milliseconds(500), Read read = &inspect);

  // Blocks, but not for longer than the patience, and not at all for a file that kept somebody waiting before. `identity` tells the file from
  // a later one under the same name. ErrorKind: as inspect(), or timeout.
  common::Result<ModelFacts> operator()(const std::filesystem::path& artifact, const std::string& identity);
  // How many answers came after the patience of who had asked: when this grows it is worth asking again.
  std::uint64_t late() const { return shared_->late; }

 private:
  struct Reading {
    std::optional<common::Result<ModelFacts>> answer;
    bool given_up = false;
  };
  struct Shared {  // with the threads, which may outlive the reader
    std::mutex mutex;
    std::condition_variable answered;
    std::map<std::string, std::shared_ptr<Reading>> readings;  // under way, or not asked for again yet; by artifact and identity
    std::atomic<std::uint64_t> late = 0;
  };

  common::Result<void> begin(const std::filesystem::path& artifact, std::shared_ptr<Reading> reading);

  std::chrono::milliseconds patience_;
  Read read_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace registry
