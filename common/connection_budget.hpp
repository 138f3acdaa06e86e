// How many connections the daemon may have, and how many descriptors they take. Pure.
#pragma once

#include <algorithm>
#include <cstddef>

namespace common {

inline constexpr std::size_t kMostConnections = 4'096;
inline constexpr std::size_t kReservedConnections = 32;  // beyond those, for what works under overload
inline constexpr std::size_t kOtherDescriptors = 64;     // than those of connections: workers' channels, files, the loop's own

// A request in hand has a connection to its worker as well.
constexpr std::size_t descriptors_for(std::size_t connections) { return 2 * connections + kOtherDescriptors; }
constexpr std::size_t connections_with(std::size_t descriptors) {
  return (std::max(descriptors, kOtherDescriptors) - kOtherDescriptors) / 2;
}
// With so many there may be as many connections as there ever are.
inline constexpr std::size_t kAllDescriptors = descriptors_for(kMostConnections + kReservedConnections);

}  // namespace common
