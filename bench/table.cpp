#include "bench/table.hpp"

#include <algorithm>
#include <format>
#include <iostream>

namespace bench {

void print_table(const std::string& title, const std::vector<Row>& rows) {
  std::size_t width = 4;
  for (const Row& row : rows) width = std::max(width, row.what.size());
  std::cout << title << "\n\n"
            << std::format("{:<{}}  {:>10} {:<8} {:>21} {:>4}  regime\n", "what", width, "median", "", "least to most", "n");
  for (const Row& row : rows) {
    const Summary& s = row.summary;
    std::cout << std::format("{:<{}}  {:>10.1f} {:<8} {:>9.1f} to {:>8.1f} {:>4}  {}\n", row.what, width, s.median, row.unit, s.least,
                             s.most, s.samples, row.regime);
  }
  std::cout << std::flush;
}

}  // namespace bench
