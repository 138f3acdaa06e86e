// A program that is run to its end for what it writes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "common/child_process.hpp"

namespace common {

struct ChildOutput {
  ExitStatus status;
  std::string text;  // on standard output and error, the first 64 KiB
};

// A child of ours. ErrorKind::timeout: it took longer than that, and was killed.
boost::asio::awaitable<Result<ChildOutput>> run_for_output(SpawnRequest request, std::chrono::milliseconds patience);

}  // namespace common
