// A generation in the words of the OpenAI API: either the events of a stream or one object. Takes the raw bytes of the answer as they come;
// knows nothing of sockets. One Answer per request.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "worker/chat/part.hpp"
#include "worker/serve/job.hpp"
#include "worker/serve/prepare.hpp"

namespace worker::serve {

class Answer {
 public:
  virtual ~Answer() = default;

  // Streaming: the chunks that are due before any text, for some text, and at the end (with `usage` if the caller asked for it).
  virtual std::vector<common::Json> first() = 0;
  virtual std::vector<common::Json> more(std::string_view bytes) = 0;
  virtual std::vector<common::Json> last(const Finish& finish) = 0;
  // Not streaming: everything at once.
  virtual common::Json whole(std::string_view bytes, const Finish& finish) = 0;
  // How well the calls in it were written; final once the answer is.
  virtual chat::ParserCounts counts() const { return {}; }
};

// `model` is the loaded id, which is what the answer names whatever the request said.
std::unique_ptr<Answer> make_answer(const Prepared& prepared, std::string model);

common::Json usage_of(const Finish& finish);
// "chatcmpl-" and the like, with enough randomness never to meet again.
std::string fresh_id(std::string_view prefix);

}  // namespace worker::serve
