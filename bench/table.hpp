// What a bench prints: a line for each figure, with its spread and the regime that it holds in.
#pragma once

#include <string>
#include <vector>

#include "bench/statistics.hpp"

namespace bench {

struct Row {
  std::string what;
  Summary summary;
  std::string unit;
  std::string regime;  // sizes, streams, cold or warm
};

void print_table(const std::string& title, const std::vector<Row>& rows);

}  // namespace bench
