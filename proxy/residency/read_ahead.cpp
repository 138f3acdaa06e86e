#include "proxy/residency/read_ahead.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <string>

#include "common/log.hpp"
#include "common/own_thread.hpp"
#include "common/page_cache.hpp"
#include "registry/model_facts.hpp"

namespace proxy::residency {

std::uint64_t room_to_read_ahead(std::uint64_t available_bytes, std::uint64_t reserve_bytes, std::uint64_t mapped_bytes) {
  const std::uint64_t left = available_bytes - std::min(available_bytes, reserve_bytes);
  return left - std::min(left, mapped_bytes);
}

namespace {

struct Reading {
  std::string id;
  std::filesystem::path first;
  common::MemoryFiles memory;
  std::uint64_t reserve = 0, room = 0;
  std::shared_ptr<std::atomic<bool>> wanted;

  std::uint64_t read() const {
    std::uint64_t read = 0, left = room;
    const auto go_on = [&] { return *wanted && common::available_bytes(memory) > reserve; };
    for (const std::filesystem::path& file : registry::files_of(first)) {
      auto piece = common::read_ahead(file, left, go_on);
      if (!piece || !go_on()) break;  // the load itself will say what is wrong with the file
      read += *piece;
      std::error_code unknown;
      left -= std::min<std::uint64_t>(left, std::filesystem::file_size(file, unknown));
    }
    if (read > 0) common::log::info("{}: {} MiB of its file were read ahead", id, read >> 20);
    return read;
  }
};

}  // namespace

void ThreadReadAhead::begin(const registry::Model& model, std::uint64_t mapped_bytes) {
  stop();
  const std::uint64_t reserve = reserve_bytes_();
  const std::uint64_t room = room_to_read_ahead(common::available_bytes(memory_), reserve, mapped_bytes);
  if (room == 0 || reads_->exchange(true)) return;
  wanted_ = std::make_shared<std::atomic<bool>>(true);
  Reading reading{.id = model.id, .first = model.artifact, .memory = memory_, .reserve = reserve, .room = room, .wanted = wanted_};
  auto begun = common::run_on_own_thread([reading = std::move(reading), reads = reads_, total = bytes_read_] {
    try {
      *total += reading.read();
    } catch (const std::exception& failure) {
      common::log::warn("{}: its file cannot be read ahead: {}", reading.id, failure.what());
    }
    *reads = false;
  });
  if (!begun) *reads_ = false;  // it is only for speed
}

void ThreadReadAhead::stop() {
  if (wanted_) *wanted_ = false;
  wanted_.reset();
}

}  // namespace proxy::residency
