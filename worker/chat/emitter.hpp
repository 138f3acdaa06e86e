// Where the parsers put what they have recognised. Joins neighbouring parts, numbers calls, counts, and sees to two things for all
// families: white space between markup and text is not text, and no marker that strayed from its place shows in the content.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/chat/part.hpp"

namespace worker::chat {

class Emitter {
 public:
  // `exact`: no calls are looked for, so white space at the end of the content is passed on at once.
  Emitter(bool exact, std::vector<std::string> strays);

  void content(std::string_view text);
  void reasoning(std::string_view text);
  // Markup was here: white space before and after it separates.
  void markup();
  // Another thought begins, or another message to the user, and neither may run into the last one.
  void separate();

  void begin_call(std::string name, std::string id);
  void arguments(std::string_view text);
  void end_call(bool repaired);
  // The markup behind a call that has ended was not what it should be.
  void mend();
  void malformed(std::string raw);
  bool in_call() const { return in_call_; }
  std::size_t calls_ended() const { return calls_ended_; }

  void finish();
  std::vector<Part> take();
  const ParserCounts& counts() const { return counts_; }

 private:
  enum class Kind { content, reasoning };
  void emit(Kind kind, std::string_view text);
  std::string without_strays(std::string_view text, bool all);

  const bool exact_;
  const std::vector<std::string> strays_;
  std::vector<Part> parts_;
  ParserCounts counts_;
  std::size_t calls_ = 0;
  std::size_t calls_ended_ = 0;
  bool in_call_ = false;
  bool mended_ = false;  // the last call is counted as repaired
  bool skip_space_ = false;
  bool said_ = false, thought_ = false;  // something was
  bool separate_[2] = {};                // content, reasoning
  Kind kind_ = Kind::content;            // of space_
  std::string space_;                    // at the end of the text; dropped if markup follows
  std::string held_;                     // content that may become a stray marker
};

}  // namespace worker::chat
