#include "proxy/cli/table.hpp"

#include <algorithm>
#include <numeric>

namespace proxy::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::string_view kBold = "\x1b[1m", kPlain = "\x1b[0m";

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

struct Shown {
  std::size_t column;
  std::size_t width;
};

std::size_t total_of(const std::vector<Shown>& shown) {
  const auto sum =
      std::accumulate(shown.begin(), shown.end(), std::size_t{0}, [](std::size_t all, const Shown& each) { return all + each.width; });
  return sum + (shown.empty() ? 0 : kGap * (shown.size() - 1));
}

// One place less for the widest that may lose one; false: none may.
bool narrow_one(std::vector<Shown>& shown, const std::vector<Column>& columns) {
  Shown* widest = nullptr;
  for (Shown& each : shown) {
    const std::size_t least = columns[each.column].least;
    if (least == 0 || each.width <= least) continue;
    if (!widest || each.width > widest->width) widest = &each;
  }
  if (widest) --widest->width;
  return widest != nullptr;
}

bool narrow(std::vector<Shown>& shown, const std::vector<Column>& columns, std::size_t width) {
  while (total_of(shown) > width) {
    if (!narrow_one(shown, columns)) return false;
  }
  return true;
}

std::vector<Shown> fitted(std::vector<Shown> natural, const std::vector<Column>& columns, std::size_t width) {
  while (true) {
    std::vector<Shown> tried = natural;
    if (narrow(tried, columns, width)) return tried;
    auto least =
        std::ranges::min_element(natural.rbegin(), natural.rend(), {}, [&](const Shown& each) { return columns[each.column].importance; });
    if (least == natural.rend() || columns[least->column].importance >= Column::kStays) return tried;  // what stays is as narrow as it gets
    natural.erase(std::next(least).base());
  }
}

}  // namespace

std::size_t places_of(std::string_view text) { return static_cast<std::size_t>(std::ranges::count_if(text, begins_character)); }

std::string cut(std::string_view text, std::size_t places) {
  if (places_of(text) <= places) return std::string(text);
  if (places == 0) return {};
  std::size_t bytes = 0;
  for (std::size_t taken = 0; bytes < text.size(); ++bytes) {
    if (begins_character(text[bytes]) && taken++ == places - 1) break;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

std::string Table::text(std::optional<std::size_t> width, bool bold) const {
  std::vector<Shown> shown;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = places_of(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, places_of(row[i]));
    shown.push_back({i, widest});
  }
  if (width) shown = fitted(std::move(shown), columns_, *width);
  const auto line = [&](const auto& cell_of) {
    std::string out;
    for (const Shown& each : shown) {
      const std::string cell = cut(cell_of(each.column), each.width);
      const std::string space(each.width - places_of(cell), ' ');
      const bool last = &each == &shown.back();
      if (&each != &shown.front()) out.append(kGap, ' ');
      out += columns_[each.column].align == Align::right ? space + cell : last ? cell : cell + space;
    }
    return out;
  };
  std::string titles = line([this](std::size_t i) -> const std::string& { return columns_[i].title; });
  std::string out = bold ? std::string(kBold) + titles + std::string(kPlain) + "\n" : titles + "\n";
  for (const auto& row : rows_) out += line([&row](std::size_t i) -> const std::string& { return row[i]; }) + "\n";
  return out;
}

}  // namespace proxy::cli
