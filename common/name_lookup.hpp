// Looks a host's name up. A name server that does not answer takes its time, and such a call cannot be called off: it is made on a thread
// of its own, so that it holds up neither the lookup of another name nor the end of the process.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "common/result.hpp"

namespace common {

inline constexpr int kMostLookups = 32;  // threads; beyond that nothing more is looked up until one has come back

// ErrorKind: io, or timeout where too many others do not come back. Whoever is cancelled leaves at once.
boost::asio::awaitable<Result<boost::asio::ip::tcp::resolver::results_type>> look_up(std::string host, std::string port);

}  // namespace common
