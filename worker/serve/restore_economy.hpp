// Whether reading a saved state back is worth it, or the model evaluates those tokens sooner. Both rates are this worker's own, as measured
// lately; before there is a measurement restoring counts as the faster one, unless most of what would be read is of no use. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace worker::serve {

class RestoreEconomy {
 public:
  using Seconds = std::chrono::duration<double>;

  void evaluated(std::size_t tokens, Seconds took) { prompt_.add(static_cast<double>(tokens), took); }
  void restored(std::uint64_t bytes, Seconds took) { read_.add(static_cast<double>(bytes), took); }

  // `saves`: the tokens that need not be evaluated then, of `holds` in the state, which has `bytes`.
  bool restoring_pays(std::size_t saves, std::size_t holds, std::uint64_t bytes) const;

 private:
  // What counts is what was lately: a prompt gets slower the longer it is, and a disk is not always at leisure.
  class Rate {
   public:
    void add(double amount, Seconds took);
    double per_second() const { return seconds_ > 0 ? amount_ / seconds_ : 0; }  // 0: not known

   private:
    double amount_ = 0, seconds_ = 0;
  };

  Rate prompt_, read_;
};

}  // namespace worker::serve
