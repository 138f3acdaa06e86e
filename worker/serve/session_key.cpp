#include "worker/serve/session_key.hpp"

#include <format>

#include "common/sha256.hpp"
#include "worker/engine/file.hpp"

namespace worker::serve {

namespace {

// Goes up when the same file would mean something else: how pictures become tokens, what a state is saved after.
constexpr int kMeaning = 1;

}  // namespace

std::string identity_of(const std::vector<std::string>& files) {
  std::string identity;
  for (const std::string& path : files) {
    auto file = engine::File::open(path);
    if (!file) return {};
    identity += file->identity() + "\n";
  }
  return identity;
}

std::string session_key(const Served& served, const engine::Context& context) {
  if (served.identity.empty() || identity_of(served.files) != served.identity) return {};
  common::Sha256 hash;
  const std::string text = std::format("{}\n{}{} {}\n{}\n", served.facts.digest, served.identity, kMeaning, PERCH_VERSION,
                                       context.state_settings());
  hash.feed(std::span<const char>(text));
  return hash.finish();
}

}  // namespace worker::serve
