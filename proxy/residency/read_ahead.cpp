#include "proxy/residency/read_ahead.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "common/log.hpp"
#include "common/page_cache.hpp"
#include "registry/model_facts.hpp"

namespace proxy::residency {

std::uint64_t room_to_read_ahead(std::uint64_t available_bytes, std::uint64_t reserve_bytes, std::uint64_t mapped_bytes) {
  const std::uint64_t left = available_bytes - std::min(available_bytes, reserve_bytes);
  return left - std::min(left, mapped_bytes);
}

void PoolReadAhead::begin(const registry::Model& model, std::uint64_t mapped_bytes) {
  stop();
  const std::uint64_t reserve = reserve_bytes_();
  const std::uint64_t room = room_to_read_ahead(common::available_bytes(memory_), reserve, mapped_bytes);
  if (room == 0) return;
  wanted_ = std::make_shared<std::atomic<bool>>(true);
  boost::asio::post(pool_, [id = model.id, first = model.artifact, memory = memory_, reserve, room, wanted = wanted_, total = bytes_read_] {
    std::uint64_t read = 0, left = room;
    const auto go_on = [&] { return *wanted && common::available_bytes(memory) > reserve; };
    for (const std::filesystem::path& file : registry::files_of(first)) {
      auto piece = common::read_ahead(file, left, go_on);
      if (!piece || !go_on()) break;  // the load itself will say what is wrong with the file
      read += *piece;
      std::error_code unknown;
      left -= std::min<std::uint64_t>(left, std::filesystem::file_size(file, unknown));
    }
    *total += read;
    if (read > 0) common::log::info("{}: {} MiB of its file were read ahead", id, read >> 20);
  });
}

void PoolReadAhead::stop() {
  if (wanted_) *wanted_ = false;
  wanted_.reset();
}

}  // namespace proxy::residency
