// A small reader of GBNF, libllama's grammar format, for tests without a model: which texts a grammar derives, and random ones of them.
//
// Written from the format's description and apart from what generates grammars, so that the two do not share mistakes. Left recursion is
// not supported (libllama refuses it too).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace support {

class Gbnf {
 public:
  explicit Gbnf(std::string_view grammar, std::string_view root = "root");  // throws std::runtime_error where the grammar is wrong
  ~Gbnf();
  Gbnf(Gbnf&&) noexcept;

  bool derives(std::string_view text) const;
  // Some text that the grammar derives, the same one for the same seed.
  std::string generate(std::uint64_t seed) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace support
