// The daemon's numbers in Prometheus' text format (exposition format 0.0.4).
//
// HTTP answers are counted here as they end; everything else is read from snapshots when somebody asks.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/clock.hpp"
#include "proxy/api/gateway.hpp"
#include "proxy/net/exchange.hpp"
#include "proxy/residency/chronicle.hpp"
#include "proxy/residency/swap_ledger.hpp"
#include "proxy/residency/view.hpp"

namespace proxy::metrics {

struct HttpCounters {
  std::map<unsigned, std::uint64_t> answers;  // by status; 0: cut off before an answer was begun
  std::uint64_t bytes = 0;
};

struct Sources {
  const HttpCounters& http;
  const api::GatewayCounters& gateway;
  const residency::Counters& residency;
  residency::View view;
  const residency::SwapLedger& swaps;
  std::uint64_t registry_generation = 0;
  std::string registry_digest;
  std::size_t connections = 0;
  std::uint64_t connections_admitted = 0;
  std::uint64_t connections_displaced = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t log_dropped = 0;
};

// Pure.
std::string render(const Sources& sources);

}  // namespace proxy::metrics
