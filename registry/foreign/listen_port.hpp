// Where a server that a command starts listens, as llama-swap is told it: by the URL of `proxy`.
#pragma once

#include <string>
#include <string_view>

namespace registry::foreign {

struct Address {
  std::string scheme, host, port, path;  // port: "80" where none is written
};

Address address_of(std::string_view url);
bool is_this_machine(const std::string& host);
// Writes ${PORT} where a word says the port: "8999", "--port=8999", "8999:box:8080" and "127.0.0.1:8999:80", "127.0.0.1:8999".
// False: it does not say it.
bool free_port(std::string& word, const std::string& port);

}  // namespace registry::foreign
