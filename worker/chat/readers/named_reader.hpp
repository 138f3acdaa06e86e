// Calls as a name, a marker and the arguments as JSON: Mistral's newer form, DeepSeek, Kimi.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "worker/chat/call_reader.hpp"
#include "worker/chat/json_stream.hpp"

namespace worker::chat {

// The arguments of one call: a JSON object that stands by itself. Announces the call once it has begun.
class BareArguments {
 public:
  BareArguments(Emitter& out, std::string name, std::string id, std::string quote = {});
  bool push(char c);  // false: does not fit, and was not taken
  bool complete() const { return stream_.complete(); }
  bool in_string() const { return stream_.in_string(); }
  bool begun() const { return begun_; }
  bool close(bool marked);  // false: not without a doubt what was meant
  void end(bool repaired);

 private:
  void announce();
  Emitter& out_;
  std::string name_, id_;
  JsonStream stream_;
  bool begun_ = false;
};

class NamedReader final : public CallReader {
 public:
  struct Shape {
    std::string open_call;                // before each name
    std::vector<std::string> after_name;  // one of them ends it
    std::string id_mark;                  // between the name and an id (Mistral)
    std::string close_call;
    std::string close_block;
    std::string quote;        // the format's own (Gemma)
    bool id_in_name = false;  // functions.NAME:0 (Kimi)
    bool fenced = false;      // "function" MARK name, then the arguments in a code fence (DeepSeek before V3.1)
    bool opened = false;      // the marker that started this reader was already the first open_call
  };
  NamedReader(const Tools& tools, Shape shape);
  Step read(std::string_view text, bool at_end, Emitter& out) override;

 private:
  enum class State { between, name, arguments, behind };
  Step between(std::string_view text, bool at_end);
  Step name(std::string_view text, bool at_end, Emitter& out);
  Step arguments(std::string_view text, bool at_end);
  Step behind(std::string_view text, bool at_end);
  bool ends_arguments(std::string_view rest, bool& may) const;

  const Tools& tools_;
  const Shape shape_;
  State state_;
  std::unique_ptr<BareArguments> arguments_;
  bool any_ = false;  // a call was read
};

}  // namespace worker::chat
