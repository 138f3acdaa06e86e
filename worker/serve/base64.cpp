#include "worker/serve/base64.hpp"

#include <openssl/evp.h>

#include <climits>

namespace worker::serve {
namespace {

const unsigned char* letters(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* letters(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // a terminating zero is written too
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(letters(text), letters(bytes), static_cast<int>(bytes.size()))));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  // OpenSSL skips blanks at both ends, takes padding anywhere, and decodes it to zeros.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const bool padded_within = text.find('=') < text.size() - padding;
  if (text.size() % 4 != 0 || text.size() > INT_MAX || padded_within || text.find_first_of(" \t\r\n") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  // It ends at a "-" in silence.
  if (EVP_DecodeBlock(letters(bytes), letters(text), static_cast<int>(text.size())) != static_cast<int>(bytes.size())) return std::nullopt;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace worker::serve
