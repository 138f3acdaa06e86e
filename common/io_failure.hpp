// What became of something that was attempted with a socket.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <format>

#include "common/result.hpp"

namespace common {

// Cancellation keeps travelling as an exception; anything else becomes an Error that says what was being attempted. `closed`: the
// connection was closed here, which looks the same and is no cancellation.
inline std::unexpected<Error> io_failure(const char* attempt, boost::system::error_code ec, bool closed = false) {
  if (ec == boost::asio::error::operation_aborted && !closed) throw boost::system::system_error(ec);
  return fail(ErrorKind::io, std::format("{}: {}", attempt, ec.message()));
}

}  // namespace common
