// Reading the next model's file into the page cache while the resident is still on its way out. A seam: tests read nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "common/memory_status.hpp"
#include "registry/catalog.hpp"

namespace proxy::residency {

class ReadAhead {
 public:
  virtual ~ReadAhead() = default;
  // Reads this one, in place of whatever was being read. `mapped_bytes`: files that those who are there now work with, and must not lose.
  virtual void begin(const registry::Model& model, std::uint64_t mapped_bytes) = 0;
  virtual void stop() = 0;
  virtual std::uint64_t bytes_read() const = 0;  // so far, of all
};

// As much as there is memory for without anybody losing what he has. The page cache counts as available, so what is mapped is taken
// off, and what is kept free of models.
std::uint64_t room_to_read_ahead(std::uint64_t available_bytes, std::uint64_t reserve_bytes, std::uint64_t mapped_bytes);

// On a thread of its own, piece by piece, until it is done, told to stop, or memory gets short. A disk that hangs keeps that thread, and
// nothing else: there is one at a time, nobody waits for it, and it may outlive this object.
class ThreadReadAhead final : public ReadAhead {
 public:
  ThreadReadAhead(common::MemoryFiles memory, std::function<std::uint64_t()> reserve_bytes)
      : memory_(std::move(memory)), reserve_bytes_(std::move(reserve_bytes)) {}
  ~ThreadReadAhead() override { stop(); }

  void begin(const registry::Model& model, std::uint64_t mapped_bytes) override;
  void stop() override;
  std::uint64_t bytes_read() const override { return *bytes_read_; }

 private:
  common::MemoryFiles memory_;
  std::function<std::uint64_t()> reserve_bytes_;
  std::shared_ptr<std::atomic<bool>> wanted_;  // what is being read now
  std::shared_ptr<std::atomic<bool>> reads_ = std::make_shared<std::atomic<bool>>(false);  // whether the thread has not come back
  std::shared_ptr<std::atomic<std::uint64_t>> bytes_read_ = std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace proxy::residency
