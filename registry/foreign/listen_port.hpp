// Where a server that a command starts listens, as llama-swap is told it: by the URL of `proxy`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace registry::foreign {

struct Address {
  std::string scheme, host, port, path;  // port: "80" where none is written
};

Address address_of(std::string_view url);
bool is_this_machine(const std::string& host);
// Writes ${PORT} where a command says the port: at "--port 8999" (any option with "port" in its name), "--port=8999", "8999:box:8080",
// "127.0.0.1:8999:80", "http://127.0.0.1:8999/v1", everywhere; where it says none of these at the first word that is the number. Not in the
// program's own name. False: it does not say it.
bool free_port(std::vector<std::string>& command, const std::string& port);

}  // namespace registry::foreign
