// Calls written as Python: [get_weather(city="Paris"), now()], or one without brackets (Gemma's tool_code, Llama 4 and its built-in tools).
// Each call is passed on when it is whole. Arguments must be named, unless the tool has just one parameter.
#pragma once

#include <string>

#include "worker/chat/call_reader.hpp"

namespace worker::chat {

class PythonReader final : public CallReader {
 public:
  PythonReader(const Tools& tools, std::string close, bool unmarked) : tools_(tools), close_(std::move(close)), unmarked_(unmarked) {}
  Step read(std::string_view text, bool at_end, Emitter& out) override;

 private:
  Step one_call(std::string_view text, std::size_t at, bool at_end, Emitter& out);
  Step end(std::string_view text, std::size_t at, bool at_end);

  const Tools& tools_;
  const std::string close_;
  const bool unmarked_;
  bool begun_ = false;
  bool in_list_ = false;
  bool any_ = false;
  std::size_t seen_ = 0;  // of a call that was not whole when looked at last
};

}  // namespace worker::chat
