// Calls as JSON between an opening marker and a closing one (Hermes, Llama, Mistral's older form, Granite, Phi-4, Command R), or as JSON
// and nothing else.
#pragma once

#include <memory>
#include <string>

#include "worker/chat/call_reader.hpp"
#include "worker/chat/json_calls.hpp"

namespace worker::chat {

class JsonReader final : public CallReader {
 public:
  struct Shape {
    std::string close;      // what ends a block; empty: the end of the JSON does
    bool close_due = true;  // to leave it out is a slip
    std::string separator;  // may stand between two values ("; ")
    bool unmarked = false;
  };
  JsonReader(const Tools& tools, Shape shape);
  Step read(std::string_view text, bool at_end, Emitter& out) override;

 private:
  enum class State { before, inside, behind };
  Step before(std::string_view text, bool at_end, Emitter& out);
  Step inside(std::string_view text, bool at_end, Emitter& out);
  Step behind(std::string_view text, bool at_end, Emitter& out);

  const Tools& tools_;
  const Shape shape_;
  State state_ = State::before;
  std::unique_ptr<JsonCalls> calls_;
};

}  // namespace worker::chat
