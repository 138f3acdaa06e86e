// SHA-256 (FIPS 180-4) by libcrypto, fed in pieces.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace common {

// What libcrypto makes when it is used first (it reads its configuration, milliseconds), made now.
void start_hashing();

class Sha256 {
 public:
  Sha256();  // throws std::bad_alloc where libcrypto has no memory for it
  void feed(std::span<const char> bytes);
  void feed(std::uint64_t number);  // as 8 little-endian bytes
  std::string finish();             // "sha256:" and 64 hexadecimal digits; the object is spent

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace common
