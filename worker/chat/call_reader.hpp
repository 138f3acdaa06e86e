// Reads the calls behind one opening marker, in the way of one format. Made when the marker was met, gone when the calls have ended.
//
// read() is given all text that is not used up yet, again and again, and says how much of it it has used. It must come to the same result
// wherever the text is cut: what could still become something else is left alone until more comes or `at_end` says that none will.
#pragma once

#include <cstddef>
#include <string_view>

#include "worker/chat/emitter.hpp"
#include "worker/chat/tools.hpp"

namespace worker::chat {

class CallReader {
 public:
  enum class Status {
    more,        // needs more text
    next,        // a call has ended; go on
    done,        // so have all of them
    malformed,   // what was used so far is no call; nothing of it will be
    not_a_call,  // the marker meant nothing; nothing was emitted
  };
  struct Step {
    Status status = Status::more;
    std::size_t used = 0;
  };

  virtual ~CallReader() = default;
  virtual Step read(std::string_view text, bool at_end, Emitter& out) = 0;
};

inline std::size_t leading_space(std::string_view text) {
  std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? text.size() : first;
}

// Whether `text`, a beginning so far, can still grow into `marker`.
inline bool may_become(std::string_view text, std::string_view marker) { return text.size() < marker.size() && marker.starts_with(text); }

}  // namespace worker::chat
