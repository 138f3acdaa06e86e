// XXH64 (Yann Collet, the xxHash fast digest algorithm, 0.1.1), fed in pieces: whether bytes are still those that were written. At the
// speed of memory, against accidents and not against forgers.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace common {

class Xxh64 {
 public:
  explicit Xxh64(std::uint64_t seed = 0);
  void feed(std::span<const std::uint8_t> bytes);
  std::uint64_t finish() const;  // of all that was fed so far; more may follow

 private:
  static constexpr std::size_t kStripe = 32;

  void take_stripe(const std::uint8_t* stripe);

  std::uint64_t seed_;
  std::uint64_t length_ = 0;
  std::array<std::uint64_t, 4> lanes_;
  std::array<std::uint8_t, kStripe> rest_{};  // the first length_ % kStripe bytes of the next stripe
};

}  // namespace common
