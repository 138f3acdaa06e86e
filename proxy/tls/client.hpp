// An HTTP connection to a server that is reached by https.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "common/http_client.hpp"

namespace proxy::tls {

class Trust;

// Connects, and has the server prove that it is `host` (a name, or the number of an address) to `trust`. `reached`, which outlives the
// call, is set once there is a connection and the handshake begins. An Error of kind io says in a person's words what went wrong. Deadlines
// come from outside (cancellation).
boost::asio::awaitable<common::Result<common::HttpClient>> connect(std::string host, std::string port, std::shared_ptr<Trust> trust,
                                                                   bool& reached);

}  // namespace proxy::tls
