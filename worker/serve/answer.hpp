// A generation in the words of the OpenAI API: either the events of a stream or one object, with one or several choices. Takes the raw
// bytes of the answers as they come; knows nothing of sockets. One Reply per request.
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

// What a job has given so far.
struct Made {
  std::string text;  // bytes
  std::vector<TokenRecord> records;
};

// One choice of the reply.
class Choice {
 public:
  virtual ~Choice() = default;

  // Streaming: the choices of the chunks that are due before any text, for some text, and at the end.
  virtual std::vector<common::Json> first() = 0;
  virtual std::vector<common::Json> more(Made made) = 0;
  virtual std::vector<common::Json> last(const Finish& finish) = 0;
  // Not streaming: everything at once.
  virtual common::Json whole(Made made, const Finish& finish) = 0;
  // How well the calls in it were written; final once the choice is.
  virtual chat::ParserCounts counts() const { return {}; }
};

class Reply {
 public:
  virtual ~Reply() = default;

  // Streaming, in SSE form.
  virtual std::string first() = 0;
  virtual std::string more(std::size_t choice, Made made) = 0;
  virtual std::string last(std::size_t choice, const Finish& finish) = 0;
  virtual std::string end(const std::vector<Finish>& finishes) = 0;  // once all choices are complete
  // Not streaming: one text and one finish per choice.
  virtual common::Json whole(std::vector<Made> made, const std::vector<Finish>& finishes) = 0;
  // Of all choices together, once they are complete.
  virtual chat::ParserCounts counts() const { return {}; }
};

// `model` is the loaded id, which is what the answer names whatever the request said. The vocabulary outlives the reply.
std::unique_ptr<Reply> make_reply(const Prepared& prepared, std::string model, const engine::Vocabulary& vocabulary);

// Of all choices together: the prompt counts once.
common::Json usage_of(const std::vector<Finish>& finishes);
// "chatcmpl-" and the like, with enough randomness never to meet again.
std::string fresh_id(std::string_view prefix);

}  // namespace worker::serve
