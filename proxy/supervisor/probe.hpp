// One small real answer, asked of a worker that says it is ready: the proof that its weights, its engine and its data socket work together.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "common/http_client.hpp"
#include "common/worker_protocol.hpp"

namespace proxy::supervisor {

// What is asked of a model: that which it is for.
common::HttpRequest probe_request(common::Purpose purpose);
// Whether that is an answer to it; the Error names what came instead.
common::Result<void> judge_probe(common::Purpose purpose, const common::HttpResponse& response);

// Asks the worker there. No deadline of its own: cancelling it closes the connection, upon which the worker stops.
boost::asio::awaitable<common::Result<void>> probe(common::ServerAddress address, common::Purpose purpose);

// --- a server that is not ours ---

// By the name that it gives its model.
common::HttpRequest probe_request(common::Purpose purpose, const std::string& model);

// What one that generates has routes for, nobody knows.

enum class ServerProbe { completion, chat };
// `model`: what it calls its model.
common::HttpRequest probe_request(ServerProbe probe, const std::string& model);
// Nothing: it has no such route.
std::optional<common::Result<void>> judge_probe(ServerProbe probe, const common::HttpResponse& response);

// Asks one that generates for the first of these that it has; that it is ready is all that can be known of one that has neither. One that
// the registry says is for something else has to do that.
boost::asio::awaitable<common::Result<void>> probe_server(common::ServerAddress address, std::string model, common::Purpose purpose);

}  // namespace proxy::supervisor
