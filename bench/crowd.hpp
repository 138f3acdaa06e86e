// Clients that ask a daemon for several models at once, each for the next one as soon as it has its answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "bench/traffic.hpp"
#include "bench/trial.hpp"

namespace bench {

struct CrowdOptions {
  std::string port;
  std::vector<std::string> models;
  Pattern pattern = Pattern::random;
  std::size_t clients = 8;
  int tokens = 16;  // of each answer
  common::Duration length{0};
};

// A trial, but for its swaps. Throws std::runtime_error when a request is not answered: its times would be missing from every figure.
boost::asio::awaitable<Trial> run_crowd(CrowdOptions options);

}  // namespace bench
