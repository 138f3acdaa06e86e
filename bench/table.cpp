#include "bench/table.hpp"

#include <algorithm>
#include <cmath>
#include <format>
#include <iostream>

namespace bench {

namespace {

constexpr double kSmall = 10;  // less than this has another decimal

}  // namespace

void print_table(const std::string& title, const std::vector<Row>& rows) {
  std::size_t width = 4;
  for (const Row& row : rows) width = std::max(width, row.what.size());
  std::cout << title << "\n\n"
            << std::format("{:<{}}  {:>10} {:<8} {:>21} {:>4}  regime\n", "what", width, "median", "", "least to most", "n");
  for (const Row& row : rows) {
    const Summary& s = row.summary;
    const int decimals = std::abs(s.median) < kSmall ? 2 : 1;
    std::cout << std::format("{:<{}}  {:>10.{}f} {:<8} {:>9.{}f} to {:>8.{}f} {:>4}  {}\n", row.what, width, s.median, decimals, row.unit,
                             s.least, decimals, s.most, decimals, s.samples, row.regime);
  }
  std::cout << std::flush;
}

}  // namespace bench
