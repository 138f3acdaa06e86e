// Eyes for a text model: the vision encoder and the projector of one GGUF file ("mmproj"), through libmtmd. It cuts a picture into as many
// places of a prompt as the encoder makes embeddings, and makes these embeddings when they are asked for, on a thread of its own, so that
// nobody's tokens wait for somebody's picture.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "common/result.hpp"
#include "worker/engine/image.hpp"
#include "worker/engine/model.hpp"
#include "worker/engine/picture.hpp"

struct mtmd_context;
struct mtmd_input_chunks;

namespace worker::engine {

struct ProjectorConfig {
  int threads = 0;  // 0: half of the processors; the others are for those who do not wait for a picture
  std::size_t batch_tokens = 512;
};

class Projector : public PictureEncoder {
 public:
  // ErrorKind: bad_model_file (no projector, one without a vision encoder, or one for another model), insufficient_memory, io or cancelled.
  static common::Result<std::shared_ptr<Projector>> load(const std::string& path, std::shared_ptr<const Model> model,
                                                         const Model::Progress& progress, const ProjectorConfig& config);
  ~Projector() override;  // waits for the picture that is being encoded
  Projector(const Projector&) = delete;
  Projector& operator=(const Projector&) = delete;

  // Texts with an image between each and the next, as what the model reads. Of images without pixels a prompt is made that can only be
  // counted. From any thread. ErrorKind: bad_request (an image that cannot be prepared, or has no room in a batch).
  common::Result<Prompt> read(std::span<const std::string> texts, std::vector<Image> images) const;

  void encode(const std::shared_ptr<PictureContent>& content, std::function<void()> done) override;

  std::uint64_t bytes() const { return bytes_; }  // the file's size, which is what its weights take in memory within a page or two
  const std::string& digest() const { return digest_; }

 private:
  struct Free {
    void operator()(mtmd_context* context) const;
  };
  struct Task {
    std::weak_ptr<PictureContent> content;  // it goes with the last request that shows it
    std::function<void()> done;
  };

  Projector(mtmd_context* context, std::shared_ptr<const Model> model, std::size_t batch_tokens);
  common::Result<Prompt> prompt_of(const mtmd_input_chunks& chunks) const;
  void work(std::stop_token stop);
  void encode_now(PictureContent& content);

  std::shared_ptr<const Model> model_;  // before the context, which uses it
  std::unique_ptr<mtmd_context, Free> context_;
  std::size_t batch_tokens_;
  std::uint64_t bytes_ = 0;
  std::string digest_;
  std::mutex mutex_;
  std::condition_variable_any arrival_;
  std::deque<Task> tasks_;
  std::jthread thread_;  // last: it uses everything above
};

// `digest` of a model and what the projector adds to it.
std::string digest_with(const std::string& digest, const Projector& projector);

}  // namespace worker::engine
