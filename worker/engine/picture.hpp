// A picture within a prompt.
//
// A picture takes as many places as its projector makes embeddings of it. In the list of tokens these places hold negative numbers that are
// made of the picture's content: equal numbers mean equal pictures, which is all that the prefix cache has to know about them.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "worker/engine/vocabulary.hpp"

struct mtmd_input_chunk;

namespace worker::engine {

// The pixels, prepared for the encoder, and the embeddings once they have been asked for. Shared by the prompts that show the picture, the
// engine thread, which asks for the embeddings and reads them, and the encoder's thread, which makes them.
class PictureContent {
 public:
  enum class State { unseen, encoding, ready, failed };

  explicit PictureContent(mtmd_input_chunk* chunk = nullptr);  // takes it over
  State state() const { return state_.load(std::memory_order_acquire); }
  std::span<const float> embeddings() const { return embeddings_; }  // of a ready one: a row for each place
  const mtmd_input_chunk* chunk() const { return chunk_.get(); }

  // unseen, encoding, then one of the other two.
  void asked_for() { state_ = State::encoding; }
  void finish(std::vector<float> embeddings);
  void fail() { state_ = State::failed; }

 private:
  struct Free {
    void operator()(mtmd_input_chunk* chunk) const;
  };
  std::unique_ptr<mtmd_input_chunk, Free> chunk_;
  std::atomic<State> state_{State::unseen};
  std::vector<float> embeddings_;
};

// Makes embeddings, on another thread than the one that asks.
class PictureEncoder {
 public:
  virtual ~PictureEncoder() = default;
  // At the end the content is ready or failed, and `done` is called, from any thread. A content that nobody else holds any more when its
  // turn comes stays as it is.
  virtual void encode(const std::shared_ptr<PictureContent>& content, std::function<void()> done) = 0;
};

struct Picture {
  std::size_t begin = 0;   // its first place in the prompt
  std::size_t places = 0;  // at least one
  int positions = 0;       // by which it moves the sequence on: with M-RoPE, whose positions have two more dimensions, fewer than places
  bool whole = false;      // every place sees every other, so all are evaluated in one batch
  std::shared_ptr<PictureContent> content;

  std::size_t end() const { return begin + places; }
};

// What a model is to read.
struct Prompt {
  std::vector<Token> tokens;
  std::vector<Picture> pictures;  // in order
};

// The picture that has a place at `index`, or null.
const Picture* picture_at(std::span<const Picture> pictures, std::size_t index);
// The position in the sequence of what stands at `index`, which may be after the prompt's end but not inside a picture.
int position_of(std::span<const Picture> pictures, std::size_t index);
// `index`, or where the picture begins that it is inside of: what a sequence holds of a picture is of no use unless it is all of it.
std::size_t without_half_a_picture(std::span<const Picture> pictures, std::size_t index);

}  // namespace worker::engine
