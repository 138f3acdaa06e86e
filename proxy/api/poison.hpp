// Requests that were running when their worker died. One that was running in two crashes is likely their cause, and is refused for a while
// instead of being given a third worker to kill. Pure; owned by the gateway.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "common/clock.hpp"
#include "common/error.hpp"

namespace proxy::api {

// What makes two requests the same: where they went and every byte of what they said.
std::uint64_t fingerprint(std::string_view path, std::string_view body);

class PoisonList {
 public:
  static constexpr std::chrono::minutes kRemembered{10};
  static constexpr std::size_t kMost = 1024;  // the oldest is forgotten first

  // It was running on `run` (whatever names one worker process) when that crashed. Many at once count as one crash.
  void crashed(std::uint64_t request, std::string_view run, common::TimePoint now);
  // It was answered, so it was not the cause.
  void answered(std::uint64_t request) { suspects_.erase(request); }
  // Why it is refused, if it is.
  std::optional<common::Error> refusal(std::uint64_t request, common::TimePoint now) const;

 private:
  struct Suspect {
    int crashes = 0;
    std::uint64_t last_run = 0;
    common::TimePoint last;
  };
  std::map<std::uint64_t, Suspect> suspects_;
};

}  // namespace proxy::api
