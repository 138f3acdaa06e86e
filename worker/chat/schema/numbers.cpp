#include "worker/chat/schema/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <format>

#include "worker/chat/schema/regex.hpp"

namespace worker::chat::schema {
namespace {

using common::Json;
using Wide = __int128;

constexpr int kPlaces = 15;       // decimals that a bound may have: bounds are kept multiplied by 10^15
constexpr int kWholeDigits = 18;  // of a whole number: fits 64 bits
constexpr int kDigits = 15;       // of a number with a fraction
constexpr int kUsualPlaces = 6;

Wide power_of_ten(int exponent) {
  Wide value = 1;
  while (exponent-- > 0) value *= 10;
  return value;
}

std::string fixed_text(double value) {
  char buffer[400];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr;
  return std::string(buffer, end);
}

int places_of(const Json& value) {
  if (!value.is_number_float()) return 0;
  std::string text = fixed_text(value.get<double>());
  std::size_t point = text.find('.');
  return point == std::string::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

Wide whole_value(const Json& value) {
  return value.is_number_unsigned() ? static_cast<Wide>(value.get<std::uint64_t>()) : static_cast<Wide>(value.get<std::int64_t>());
}

// Times 10^15. What is larger than any number that we write becomes 10^18, so that it bounds nothing, or everything.
Wide scaled(const Json& value) {
  const Wide most = power_of_ten(kWholeDigits);
  if (!value.is_number_float()) return std::clamp(whole_value(value), -most, most) * power_of_ten(kPlaces);
  double number = value.get<double>();
  if (std::fabs(number) >= 1e18) return (number < 0 ? -most : most) * power_of_ten(kPlaces);
  std::string text = fixed_text(std::fabs(number));
  Wide result = 0;
  int places = -1;
  for (char c : text) {
    if (c == '.') {
      places = 0;
    } else if (places < kPlaces) {
      result = result * 10 + (c - '0');
      if (places >= 0) ++places;
    }
  }
  result *= power_of_ten(kPlaces - std::max(places, 0));
  return number < 0 ? -result : result;
}

Wide floor_divide(Wide value, Wide by) { return value >= 0 ? value / by : -((-value + by - 1) / by); }

std::string digits_of(Wide value, int width) {
  std::string text;
  for (; value > 0; value /= 10) text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
  if (std::ssize(text) < width) text.insert(0, static_cast<std::size_t>(width) - text.size(), '0');
  return text;
}

// Regular expressions for digit strings of one length, with a point `places` before the end.
class DigitRange {
 public:
  DigitRange(std::string low, std::string high, int places) : low_(std::move(low)), high_(std::move(high)), places_(places) {}
  std::string regex() const { return between(0, true, true); }

 private:
  int left(std::size_t at) const { return static_cast<int>(low_.size() - at); }
  std::string point(std::size_t at) const { return places_ > 0 && left(at) == places_ ? "\\." : ""; }
  static std::string digit(char low, char high) { return low == high ? std::string(1, low) : std::format("[{}-{}]", low, high); }

  std::string any(std::size_t at) const {
    int rest = left(at);
    if (rest == 0) return "";
    if (places_ == 0 || rest < places_) return std::format("[0-9]{{{}}}", rest);
    std::string before = rest > places_ ? std::format("[0-9]{{{}}}", rest - places_) : "";
    return std::format("{}\\.[0-9]{{{}}}", before, places_);
  }

  // The rest from `at` on, which must not fall below low's rest (if `above`) nor exceed high's (if `below`).
  std::string between(std::size_t at, bool above, bool below) const {
    if (at == low_.size()) return "";
    if (!above && !below) return any(at);
    char from = above ? low_[at] : '0', to = below ? high_[at] : '9';
    if (above && below && from == to) return point(at) + from + between(at + 1, true, true);
    std::string choices;
    auto add = [&](std::string choice) { choices += (choices.empty() ? "" : "|") + std::move(choice); };
    if (above) add(from + between(at + 1, true, false));
    char middle_from = static_cast<char>(above ? from + 1 : from), middle_to = static_cast<char>(below ? to - 1 : to);
    if (middle_from <= middle_to) add(digit(middle_from, middle_to) + any(at + 1));
    if (below) add(to + between(at + 1, false, true));
    return point(at) + "(?:" + choices + ")";
  }

  std::string low_, high_;
  int places_;
};

// Decimals with exactly `places` digits after the point, whose digits without it lie in [low, high]; low is not negative.
void add_positive(Wide low, Wide high, int places, const std::string& sign, std::string& choices) {
  auto add = [&](const std::string& choice) { choices += (choices.empty() ? "" : "|") + sign + choice; };
  int width = places + 1;  // one digit stands before the point
  int full = 0;            // so many widths, before this one, lie in the range as a whole
  auto add_full = [&] {
    std::string point = places > 0 ? std::format("\\.[0-9]{{{}}}", places) : "";
    if (full > 0) add(std::format("[1-9][0-9]{{{},{}}}{}", width - full - places - 1, width - places - 2, point));
    full = 0;
  };
  for (Wide first = 0, end = power_of_ten(width); first <= high; first = end, end *= 10, ++width) {
    Wide from = std::max(low, first), to = std::min<Wide>(high, end - 1);
    if (first > 0 && from == first && to == end - 1) {
      ++full;
      continue;
    }
    add_full();
    if (from <= to) add(DigitRange(digits_of(from, width), digits_of(to, width), places).regex());
  }
  add_full();
}

// Decimals with exactly `places` digits after the point that obey the bounds, and with at most `digits` digits.
std::optional<Language> decimals(const NumberFacts& facts, int places, int digits, WorkLeft& work) {
  Wide step = power_of_ten(kPlaces - places), most = power_of_ten(digits) - 1, low = -most, high = most;
  if (facts.low) {
    Wide bound = scaled(facts.low->value);
    low = std::max(low, facts.low->exclusive ? floor_divide(bound, step) + 1 : -floor_divide(-bound, step));
  }
  if (facts.high) {
    Wide bound = scaled(facts.high->value);
    high = std::min(high, facts.high->exclusive ? -floor_divide(-bound, step) - 1 : floor_divide(bound, step));
  }
  std::string choices;
  if (high >= 0) add_positive(std::max<Wide>(low, 0), high, places, "", choices);
  if (low < 0) add_positive(std::max<Wide>(-high, 1), -low, places, "-", choices);
  if (choices.empty()) return Language();
  auto language = find_regex("^(?:" + choices + ")$", work);
  if (!language) return std::nullopt;
  return *std::move(language);
}

// From decimals with exactly so many places: those that zeros, behind a point if need be, would complete. At least one digit follows a
// point.
Language with_fewer_places(const Language& exact) {
  using State = Language::State;
  std::vector<State> states = exact.states();
  auto next = [&](int at, char32_t on) {
    for (const Language::Edge& edge : exact.states()[static_cast<std::size_t>(at)].edges)
      if (edge.on.low <= on && on <= edge.on.high) return edge.to;
    return -1;
  };
  for (std::size_t i = 0; i < states.size(); ++i) {
    int point = next(static_cast<int>(i), U'.');
    int at = point >= 0 ? point : static_cast<int>(i);
    bool just_behind = std::ranges::any_of(exact.states(), [&](const State& state) {
      return std::ranges::any_of(state.edges,
                                 [&](const Language::Edge& edge) { return edge.on.low == U'.' && edge.to == static_cast<int>(i); });
    });
    if (just_behind) continue;
    while (at >= 0 && !exact.states()[static_cast<std::size_t>(at)].accepts) at = next(at, U'0');
    states[i].accepts = at >= 0 && !(i == 0);
  }
  return Language(std::move(states));
}

}  // namespace

int compare_numbers(const Json& a, const Json& b) {
  if (!a.is_number_float() && !b.is_number_float()) {
    Wide left = whole_value(a), right = whole_value(b);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  auto left = a.get<double>(), right = b.get<double>();
  return left < right ? -1 : left > right ? 1 : 0;
}

bool admits(const NumberFacts& facts, const Json& number) {
  bool is_float = number.is_number_float();
  if (facts.whole && is_float && number.get<double>() != std::trunc(number.get<double>())) return false;
  if (facts.multiple > 1) {
    auto by = static_cast<Wide>(facts.multiple);
    if (is_float ? std::fmod(number.get<double>(), static_cast<double>(facts.multiple)) != 0 : whole_value(number) % by != 0) return false;
  }
  if (facts.low && compare_numbers(number, facts.low->value) < (facts.low->exclusive ? 1 : 0)) return false;
  if (facts.high && compare_numbers(number, facts.high->value) > (facts.high->exclusive ? -1 : 0)) return false;
  return true;
}

bool disjoint(const NumberFacts& a, const NumberFacts& b) {
  auto above = [](const NumberFacts& upper, const NumberFacts& lower) {
    if (!upper.low || !lower.high) return false;
    int order = compare_numbers(upper.low->value, lower.high->value);
    return order > 0 || (order == 0 && (upper.low->exclusive || lower.high->exclusive));
  };
  return above(a, b) || above(b, a);
}

std::optional<std::string> bound_problem(const Json& value) {
  if (int places = places_of(value); places > kPlaces) return std::format("it has {} decimal places, the limit is {}", places, kPlaces);
  return std::nullopt;
}

std::optional<Language> number_language(const NumberFacts& facts, WorkLeft& work) {
  auto range = decimals(facts, 0, facts.whole ? kWholeDigits : kDigits, work);
  if (!facts.whole) {
    int places = kUsualPlaces;
    for (const auto* bound : {&facts.low, &facts.high})
      if (*bound) places = std::max(places, places_of((*bound)->value));
    auto fractions = decimals(facts, places, kDigits, work);
    range = range && fractions ? range->unite(with_fewer_places(*fractions), work) : std::nullopt;
  }
  if (!range || facts.multiple == 1 || range->empty()) return range;
  // A sign does not change what divides a number: the automaton skips it, and the range lets it stand in front only.
  std::vector<Language::State> divided = Language::multiples_of(facts.multiple).states();
  divided.front().edges.insert(divided.front().edges.begin(), {{U'-', U'-'}, 0});
  return range->intersect(Language(std::move(divided)), work);
}

}  // namespace worker::chat::schema
