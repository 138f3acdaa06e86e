#include "common/xxh64.hpp"

#include <xxhash.h>

#include <new>

namespace common {

void Xxh64::Free::operator()(XXH64_state_s* state) const { XXH64_freeState(state); }

Xxh64::Xxh64(std::uint64_t seed) : state_(XXH64_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH64_reset(state_.get(), seed);
}

void Xxh64::feed(std::span<const std::uint8_t> bytes) { XXH64_update(state_.get(), bytes.data(), bytes.size()); }

std::uint64_t Xxh64::finish() const { return XXH64_digest(state_.get()); }

}  // namespace common
