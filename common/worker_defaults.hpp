// What a worker does where its load order leaves it the choice. The worker goes by it, and whoever predicts what a load will take.
#pragma once

#include <cstdint>

namespace common {

inline constexpr std::uint64_t kDefaultSlots = 4;
inline constexpr std::uint64_t kMostSlots = 64;
inline constexpr std::uint64_t kDefaultContextTokens = 8192;  // at most; fewer where the model was trained on fewer
inline constexpr std::uint64_t kBatchTokens = 512;            // evaluated at once
// A prompt whose every token is to be judged needs the logits of all its tokens: so many at a time. Each takes room for a whole vocabulary.
inline constexpr std::uint64_t kLeastOutputs = 16;
inline constexpr std::uint64_t kDefaultPromptCacheMib = 512;
// libllama 0.7 dies of a batch with two sequences of the first Mamba (not of the second).
inline constexpr const char* kOneSequenceOnly = "mamba";
// libllama keeps dozens of bytes per cell beside the cache itself and fills them before it asks for the cache: a mistyped context would
// take the machine's memory before it is refused.
inline constexpr std::uint64_t kMostCells = std::uint64_t(1) << 25;

}  // namespace common
