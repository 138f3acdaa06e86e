// Who asks for which model when: the traffic of the contention bench. A function of client and round and nothing else, so that every policy
// is asked the same. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bench {

enum class Pattern {
  random,    // each client for any model, whatever it asked for before
  lockstep,  // A B C A B C: each client for the model after its last, its neighbour for the one after that
};
std::string_view to_string(Pattern pattern);

// Which of so many models a client asks for in its request number `round`.
std::size_t model_of(Pattern pattern, std::size_t client, std::uint64_t round, std::size_t models);

}  // namespace bench
