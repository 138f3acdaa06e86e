// Where a simulated schedule gets its decisions from: a seed, or a list that an earlier run wrote down.
//
// Whatever a list of numbers says is a schedule (a missing number is 0, the mildest choice), so a failing one can be made smaller by
// leaving numbers out and trying again, as Hypothesis does (MacIver and Donaldson, "Test-Case Reduction via Test-Case Generation", ECOOP
// 2020).
#pragma once

#include <cstdint>
#include <vector>

namespace simulation {

class Choices {
 public:
  explicit Choices(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 0x1234567) {}
  explicit Choices(std::vector<std::uint32_t> recorded) : recorded_(std::move(recorded)), replaying_(true) {}

  // 0 to n - 1.
  std::uint32_t pick(std::uint32_t n) {
    std::uint32_t value = 0;
    if (!replaying_) value = random() % n;
    else if (at_ < recorded_.size()) value = recorded_[at_] % n;
    ++at_;
    if (!replaying_) recorded_.push_back(value);
    return value;
  }
  bool one_in(std::uint32_t n) { return pick(n) == n - 1; }

  const std::vector<std::uint32_t>& recorded() const { return recorded_; }

 private:
  // splitmix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
  std::uint32_t random() {
    state_ += 0x9e3779b97f4a7c15ull;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return static_cast<std::uint32_t>((z ^ (z >> 31)) >> 32);
  }

  std::vector<std::uint32_t> recorded_;
  std::size_t at_ = 0;
  bool replaying_ = false;
  std::uint64_t state_ = 0;
};

}  // namespace simulation
