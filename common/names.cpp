#include "common/names.hpp"

#include <algorithm>
#include <cctype>

namespace common {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view wanted, const std::vector<std::string>& known, std::size_t limit) {
  constexpr std::size_t kLongestCompared = 200;  // a hostile name must not buy quadratic work
  if (wanted.empty() || wanted.size() > kLongestCompared) return {};
  const std::string want = lower(wanted);
  std::vector<std::pair<std::size_t, std::string>> scored;
  for (const std::string& name : known) {
    if (name.size() > kLongestCompared) continue;
    const std::string have = lower(name);
    bool contained = want.size() >= 3 && (have.contains(want) || want.contains(have));
    std::size_t distance = contained ? 1 : edit_distance(want, have);
    if (distance <= std::max<std::size_t>(2, want.size() / 3)) scored.emplace_back(distance, name);
  }
  std::ranges::sort(scored);
  std::vector<std::string> names;
  for (auto& [distance, name] : scored) {
    if (names.size() < limit) names.push_back(std::move(name));
  }
  return names;
}

std::string did_you_mean(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string text = "did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text + "?";
}

}  // namespace common
