// Base64 (RFC 4648, section 4) through OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace worker::serve {

std::string to_base64(std::string_view bytes);
// Nothing for anything but whole groups of four letters.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace worker::serve
