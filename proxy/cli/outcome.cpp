#include "proxy/cli/outcome.hpp"

#include <format>
#include <iostream>

namespace proxy::cli {

int complain(const std::string& message, int status) {
  std::cerr << "perch: " << message << '\n';
  return status;
}

int complain(const DaemonClient& daemon, const common::Error& error) {
  if (error.kind() != common::ErrorKind::io) return complain(error.message());
  return complain(std::format("no daemon answers at {} ({}); start one with `perch serve`", daemon.url(), error.message()), kUnavailable);
}

int print_json(const common::Json& json) {
  std::cout << json.dump(2, ' ', false, common::Json::error_handler_t::replace) << '\n';
  return 0;
}

}  // namespace proxy::cli
