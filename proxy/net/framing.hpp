// Which requests can be trusted to mean one thing (RFC 9112): checked on the head, before a body is read or a handler runs. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"
#include "proxy/net/message.hpp"

namespace proxy::net {

// Names that a Host field may carry, without port, lower case. A browser page that points its own name at us (DNS rebinding) is not on it.
using HostList = std::vector<std::string>;

// Sets target, path and query from the target as sent. One in absolute form says which host is meant, whatever the Host field says
// (RFC 9112, 3.2.2); its fields must be there already.
void resolve_target(RequestHead& head, std::string_view sent);

// ErrorKind::bad_framing (400, the connection ends) or forbidden (403, a Host that is not ours).
common::Result<void> check_framing(const RequestHead& head, const HostList& hosts);

// No sign that a web page of another origin made a browser send this. Inference may swap models, so it asks for this too.
common::Result<void> check_origin(const RequestHead& head);

// For requests whose purpose is to change state: check_origin(), and JSON content, which a page cannot send elsewhere without being asked.
common::Result<void> check_state_change(const RequestHead& head);

}  // namespace proxy::net
