// What one request may cost. A schema that needs more is refused with the number it needs and the limit it met.
#pragma once

#include <cstddef>

namespace worker::chat::schema {

inline constexpr std::size_t kMaxSchemaBytes = 64 * 1024;
inline constexpr int kMaxSchemaDepth = 32;                  // levels of JSON in the schema
inline constexpr int kMaxReferenceChain = 64;               // $ref, allOf, anyOf and oneOf inside one another with no value in between
inline constexpr std::size_t kMaxRepetition = 1000;         // minItems, maxItems, ...; libllama gives up at 2000
inline constexpr std::size_t kMaxLength = 20000;            // minLength, maxLength: repetitions of repetitions
inline constexpr std::size_t kMaxMembers = 500;             // with names of their own, in one object
inline constexpr std::size_t kMaxMultiple = 1000;           // multipleOf: as many states as its value
inline constexpr std::size_t kMaxCases = 256;               // alternatives of one schema once anyOf and oneOf are multiplied out
inline constexpr std::size_t kMaxStates = 1500;             // of the automaton of one string
inline constexpr std::size_t kMaxAutomataWork = 2'000'000;  // steps, for all automata of one schema together; a second or less
inline constexpr std::size_t kMaxRules = 6000;
inline constexpr std::size_t kMaxGrammarBytes = 512 * 1024;

}  // namespace worker::chat::schema
