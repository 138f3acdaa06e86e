// Calls in tags, one per parameter: Qwen3-Coder, Seed, GLM, MiniMax. What stands in a tag is text without quotes, so the tool's schema says
// what it means. Passed on parameter by parameter.
#pragma once

#include <string>
#include <vector>

#include "worker/chat/call_reader.hpp"

namespace worker::chat {

class XmlReader final : public CallReader {
 public:
  // As in <function=NAME><parameter=KEY>VALUE</parameter></function></tool_call>.
  struct Shape {
    std::string open_call;  // empty: the name stands directly behind the opening marker, on a line of its own (GLM)
    std::string name_end;
    std::string open_key;
    std::string key_end;     // one that ends with a quote is followed by further attributes up to ">"
    std::string open_value;  // may be empty
    std::string close_value;
    std::string close_call;
    std::string close_block;
    bool own_lines = false;  // values stand on lines of their own
  };
  XmlReader(const Tools& tools, Shape shape);
  Step read(std::string_view text, bool at_end, Emitter& out) override;

 private:
  enum class State { between, name, parameters, key, value };
  Step between(std::string_view text, bool at_end);
  Step name(std::string_view text, bool at_end, Emitter& out);
  Step parameters(std::string_view text, bool at_end, Emitter& out);
  Step key(std::string_view text, bool at_end, Emitter& out);
  Step value(std::string_view text, bool at_end, Emitter& out);
  Step spoiled(std::size_t used, Emitter& out);
  void end_call(Emitter& out);
  void take_value(std::string_view value, Emitter& out);
  enum class Fit { yes, no, maybe };
  Fit follows(std::string_view rest, const std::vector<const std::string*>& marks, bool at_end) const;
  Fit ends_value(std::string_view text, std::size_t at, bool at_end, std::size_t& used) const;

  const Tools& tools_;
  const Shape shape_;
  State state_;
  std::string name_, key_;
  std::vector<std::string> keys_;  // of this call
  bool forced_text_ = false;       // the parameter says itself that it is a string
  bool value_open_ = false;
  std::size_t searched_ = 0;  // of the value: no end before
  bool slip_ = false;
  bool any_ = false;  // a call was read
};

}  // namespace worker::chat
