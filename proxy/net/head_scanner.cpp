#include "proxy/net/head_scanner.hpp"

namespace proxy::net {

using common::ErrorKind;
using common::fail;

common::Result<std::optional<std::size_t>> HeadScanner::scan(std::string_view received) {
  for (; seen_ < received.size(); ++seen_) {
    const char c = received[seen_], before = seen_ > 0 ? received[seen_ - 1] : '\0';
    if (c == '\0') return fail(ErrorKind::bad_framing, "a NUL in the request head");
    if ((before == '\r') != (c == '\n')) return fail(ErrorKind::bad_framing, "lines of the request head must end with CR LF");
    if (before == '\n' && (c == ' ' || c == '\t'))
      return fail(ErrorKind::bad_framing, "a line of the request head begins with white space");
    if (c == '\n' && received.substr(0, seen_ + 1).ends_with("\r\n\r\n")) return std::optional(seen_ + 1);
  }
  return std::nullopt;
}

}  // namespace proxy::net
