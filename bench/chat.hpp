// One streaming chat request against a daemon, timed as its caller sees it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "common/clock.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace bench {

struct ChatTimes {
  common::TimePoint sent, first_token, last_token;
  std::uint64_t prompt_tokens = 0;      // 0 when the daemon does not say
  std::uint64_t completion_tokens = 0;  // as the usage says; without one, the pieces of text that came
};

// An answer that ends without [DONE] is an Error: its times would be those of something else.
boost::asio::awaitable<common::Result<ChatTimes>> timed_chat(std::string port, common::Json body);

}  // namespace bench
