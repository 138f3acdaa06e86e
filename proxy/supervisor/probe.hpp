// One small real answer, asked of a worker that says it is ready: the proof that its weights, its engine and its data socket work together.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "common/http_client.hpp"
#include "common/worker_protocol.hpp"

namespace proxy::supervisor {

// What is asked of a model: that which it is for.
common::HttpRequest probe_request(common::Purpose purpose);
// Whether that is an answer to it; the Error names what came instead.
common::Result<void> judge_probe(common::Purpose purpose, const common::HttpResponse& response);

// Asks over the worker's data socket. No deadline of its own: cancelling it closes the connection, upon which the worker stops.
boost::asio::awaitable<common::Result<void>> probe(std::string data_socket, common::Purpose purpose);

}  // namespace proxy::supervisor
