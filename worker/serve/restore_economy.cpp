#include "worker/serve/restore_economy.hpp"

namespace worker::serve {

namespace {

constexpr double kKept = 0.8;  // of the weight of everything before, with each measurement

}  // namespace

void RestoreEconomy::Rate::add(double amount, Seconds took) {
  if (amount <= 0 || took.count() <= 0) return;
  amount_ = amount_ * kKept + amount;
  seconds_ = seconds_ * kKept + took.count();
}

bool RestoreEconomy::restoring_pays(std::size_t saves, std::size_t holds, std::uint64_t bytes) const {
  if (saves == 0) return false;
  const double prompt = prompt_.per_second(), read = read_.per_second();
  if (prompt == 0 || read == 0) return 2 * saves >= holds;
  return static_cast<double>(bytes) / read < static_cast<double>(saves) / prompt;
}

}  // namespace worker::serve
