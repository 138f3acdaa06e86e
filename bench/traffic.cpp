#include "bench/traffic.hpp"

namespace bench {

namespace {

// splitmix64: a number's own noise, the same on every machine.
std::uint64_t scramble(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

std::string_view to_string(Pattern pattern) {
  switch (pattern) {
    case Pattern::random: return "random";
    case Pattern::lockstep: return "lockstep";
  }
  return "unknown";
}

std::size_t model_of(Pattern pattern, std::size_t client, std::uint64_t round, std::size_t models) {
  const std::uint64_t number = pattern == Pattern::random ? scramble(scramble(client) ^ round) : client + round;
  return number % models;
}

}  // namespace bench
