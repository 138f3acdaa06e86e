#include "proxy/api/poison.hpp"

#include <algorithm>
#include <format>
#include <functional>

namespace proxy::api {

using common::Error;
using common::ErrorKind;

namespace {

constexpr int kCrashes = 2;

std::uint64_t hash(std::string_view text) { return std::hash<std::string_view>{}(text); }

}  // namespace

std::uint64_t fingerprint(std::string_view path, std::string_view body) { return hash(body) ^ (hash(path) * 0x9e3779b97f4a7c15ull); }

void PoisonList::crashed(std::uint64_t request, std::string_view run, common::TimePoint now) {
  std::erase_if(suspects_, [&](const auto& known) { return known.second.last + kRemembered <= now; });
  Suspect& suspect = suspects_[request];
  if (suspect.crashes == 0 || suspect.last_run != hash(run)) ++suspect.crashes;
  suspect.last_run = hash(run);
  suspect.last = now;
  if (suspects_.size() <= kMost) return;
  suspects_.erase(std::ranges::min_element(suspects_, {}, [](const auto& known) { return known.second.last; }));
}

std::optional<Error> PoisonList::refusal(std::uint64_t request, common::TimePoint now) const {
  auto known = suspects_.find(request);
  if (known == suspects_.end() || known->second.crashes < kCrashes || known->second.last + kRemembered <= now) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::seconds>(known->second.last + kRemembered - now);
  return Error(ErrorKind::poison_request,
               std::format("a worker crashed twice while this very request was running on it, so it is refused for {} s more; change the "
                           "request, or look at `perch status` for what the worker died of",
                           left.count()));
}

}  // namespace proxy::api
