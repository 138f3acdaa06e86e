// Rows in columns that fit a width. Pure.
//
// Where the width does not suffice, columns that may become narrower do, the widest first; then columns go, the least important first.
// Without a width nothing is cut, so that what reads a pipe gets all of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proxy::cli {

enum class Align { left, right };

struct Column {
  static constexpr int kStays = 100;

  std::string title;
  Align align = Align::left;
  int importance = kStays;  // the lowest goes first; one that stays never does
  std::size_t least = 0;    // how narrow it may become; 0: it is never cut
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }  // a cell for each column
  bool empty() const { return rows_.empty(); }
  // With its titles, in bold letters where `bold`.
  std::string text(std::optional<std::size_t> width, bool bold = false) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// How many places of a terminal it takes, and its first `places` of them, the last one "…" when something is missing. A character is a
// place.
std::size_t places_of(std::string_view text);
std::string cut(std::string_view text, std::size_t places);

}  // namespace proxy::cli
