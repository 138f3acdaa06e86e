// How fast models load from each device, learned from loads and kept in a file: what is expected of a model that was never loaded here.
//
// A load costs a fixed part (a process, a vocabulary, buffers, a first answer) and its bytes. Small models teach the first, large ones the
// second. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace proxy::fit {

// The device that a model's files are on, from registry::Model::identity.
std::string device_of(const std::string& identity);

class Rates {
 public:
  // A load of `bytes` from the device in `identity` took so long.
  void learn(const std::string& identity, std::uint64_t bytes, std::chrono::duration<double> took);
  // How long it took a model to leave when nothing ran on it any more.
  void learn_leave(std::chrono::duration<double> took);
  // Nothing: no load from that device has taught anything.
  std::optional<std::chrono::milliseconds> expected_load(const std::string& identity, std::uint64_t bytes) const;
  std::optional<std::chrono::milliseconds> expected_leave() const;

  std::string to_text() const;
  // What cannot be read is left out.
  static Rates from_text(std::string_view text);

  static constexpr std::size_t kMost = 64;              // devices
  static constexpr std::uint64_t kLarge = 64ull << 20;  // bytes from which on they, and not the fixed part, are what is measured

 private:
  struct Device {
    double bytes_per_second = 0;  // 0: not known
    double fixed_seconds = 0;     // 0: not known
  };
  std::map<std::string, Device> devices_;
  double leave_seconds_ = 0;  // 0: not known
};

}  // namespace proxy::fit
