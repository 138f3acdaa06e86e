#include "bench/turn_journal.hpp"

#include <algorithm>
#include <format>
#include <map>
#include <optional>
#include <string>

#include "common/json.hpp"

namespace bench {

using common::Json;
using common::Result;
using common::TimePoint;

namespace {

class Reader {
 public:
  void take(const Json& line, TimePoint at) {
    const Json& event = line.at("event");
    if (event.at("type") == "arrives") asked_.emplace(event.at("waiter").get<std::uint64_t>(), at);
    for (const Json& effect : line.at("effects")) {
      const std::string type = effect.at("type");
      if (type == "grant") grant(effect.at("waiter").get<std::uint64_t>(), at);
      if (type == "worker" && !effect.at("pinned").get<bool>())
        move(effect.at("from").get<std::string>(), effect.at("to").get<std::string>(), at);
    }
  }

  Turns turns() {
    std::ranges::stable_sort(turns_.taken, {}, &Turn::asked);
    return std::move(turns_);
  }

 private:
  void grant(std::uint64_t waiter, TimePoint at) {
    if (auto asked = asked_.find(waiter); asked != asked_.end()) turns_.taken.push_back({.asked = asked->second, .granted = at});
  }

  void move(std::string_view from, std::string_view to, TimePoint at) {
    if (from == "ready") left_ = at;
    if (to != "ready") return;
    // A drain that is taken back is no swap.
    if (left_ && from != "draining") turns_.swaps.push_back({.began = *left_, .ready = at});
    left_.reset();
  }

  std::map<std::uint64_t, TimePoint> asked_;
  std::optional<TimePoint> left_;  // when the last one stopped being ready
  Turns turns_;
};

}  // namespace

Result<Turns> read_turns(std::istream& journal, TimePoint opened) {
  Reader reader;
  std::string text;
  for (std::size_t number = 1; std::getline(journal, text); ++number) {
    auto line = common::parse_json(text);
    if (!line) return common::fail(common::ErrorKind::bad_request, std::format("line {} is not JSON: {}", number, line.error().message()));
    try {
      reader.take(*line, opened + std::chrono::nanoseconds(line->at("at").get<std::int64_t>()));
    } catch (const Json::exception& broken) {
      return common::fail(common::ErrorKind::bad_request, std::format("line {} is not one of a journal: {}", number, broken.what()));
    }
  }
  return reader.turns();
}

}  // namespace bench
