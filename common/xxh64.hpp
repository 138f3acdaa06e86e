// XXH64 (libxxhash) of bytes that are fed in pieces: whether they are still those that were written. At the speed of memory, against
// accidents and not against forgers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

struct XXH64_state_s;

namespace common {

class Xxh64 {
 public:
  explicit Xxh64(std::uint64_t seed = 0);
  void feed(std::span<const std::uint8_t> bytes);
  std::uint64_t finish() const;  // of all that was fed so far; more may follow

 private:
  struct Free {
    void operator()(XXH64_state_s* state) const;
  };
  std::unique_ptr<XXH64_state_s, Free> state_;
};

}  // namespace common
