#include "worker/engine/projector.hpp"

#include <llama.h>
#include <mtmd.h>

#include <algorithm>
#include <format>

#include "common/log.hpp"
#include "common/sha256.hpp"
#include "worker/engine/artifact.hpp"
#include "worker/engine/backend.hpp"
#include "worker/engine/file.hpp"

namespace worker::engine {

using common::ErrorKind;
using common::Result;

namespace {

std::string fingerprint(const Image& image) {
  common::Sha256 hash;
  hash.feed(std::format("{} x {}\n", image.width, image.height));
  hash.feed(std::string_view(reinterpret_cast<const char*>(image.rgb.data()), image.rgb.size()));
  return hash.finish();
}

// Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators": the mixing step of SplitMix64.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

// What the places of one picture, or of one part of a picture that is encoded in parts, hold in the list of tokens.
void add_places(std::vector<Token>& tokens, const std::string& fingerprint, std::size_t part, std::size_t places) {
  common::Sha256 hash;
  hash.feed(std::format("{} {}", fingerprint, part));
  std::uint64_t seed = std::stoull(hash.finish().substr(sizeof "sha256:" - 1, 16), nullptr, 16);
  for (std::size_t i = 0; i < places; ++i) tokens.push_back(-1 - static_cast<Token>(mix(seed + i) >> 33));
}

// libmtmd takes "stop" for a failure like any other.
struct Watch {
  const Model::Progress& progress;
  bool given_up = false;
  bool at(double fraction) { return !(given_up = given_up || !progress(fraction)); }
};

struct FreeBitmap {
  void operator()(mtmd_bitmap* bitmap) const { mtmd_bitmap_free(bitmap); }
};
struct FreeChunks {
  void operator()(mtmd_input_chunks* chunks) const { mtmd_input_chunks_free(chunks); }
};

}  // namespace

void Projector::Free::operator()(mtmd_context* context) const { mtmd_free(context); }

Result<std::shared_ptr<Projector>> Projector::load(const std::string& path, std::shared_ptr<const Model> model,
                                                   const Model::Progress& progress, const ProjectorConfig& config) {
  auto artifact = inspect(path);
  if (!artifact) return common::fail(artifact.error().kind(), "projector " + artifact.error().message());
  auto file = File::open(path);
  if (!file) return common::fail(file.error());
  mtmd_context_params params = mtmd_context_params_default();
  Watch watch{progress};
  params.progress_callback_user_data = &watch;
  params.progress_callback = [](float fraction, void* data) { return static_cast<Watch*>(data)->at(fraction); };
  params.print_timings = false;
  params.n_threads = config.threads > 0 ? config.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency() / 2));
  forget_complaints();
  std::unique_ptr<mtmd_context, Free> context(mtmd_init_from_file(path.c_str(), model->handle(), params));
  if (watch.given_up) return common::fail(ErrorKind::cancelled, "the load was cancelled");
  if (!context) {
    std::string reason = complaints();
    auto kind = speaks_of_memory(reason) ? ErrorKind::insufficient_memory : ErrorKind::bad_model_file;
    return common::fail(kind, std::format("projector {}: {}", path, reason.empty() ? "libmtmd gave no reason" : reason));
  }
  if (!mtmd_support_vision(context.get()))
    return common::fail(ErrorKind::bad_model_file, std::format("projector {}: it has no vision encoder", path));
  auto digest = digest_of(*artifact);
  if (!digest) return common::fail(digest.error());
  std::shared_ptr<Projector> projector(new Projector(context.release(), std::move(model), config.batch_tokens));
  projector->bytes_ = file->size();
  projector->digest_ = std::move(*digest);
  return projector;
}

Projector::Projector(mtmd_context* context, std::shared_ptr<const Model> model, std::size_t batch_tokens)
    : model_(std::move(model)),
      context_(context),
      batch_tokens_(batch_tokens),
      thread_([this](std::stop_token stop) { work(std::move(stop)); }) {}

Projector::~Projector() = default;

Result<Prompt> Projector::read(std::span<const std::string> texts, std::vector<Image> images) const {
  std::vector<mtmd_input_text> words;
  std::vector<std::unique_ptr<mtmd_bitmap, FreeBitmap>> bitmaps;
  for (const std::string& text : texts) {
    words.push_back({.text = text.c_str(), .text_len = text.size(), .add_special = false, .parse_special = true});
  }
  for (Image& image : images) {
    bitmaps.emplace_back(mtmd_bitmap_init(image.width, image.height, image.rgb.empty() ? nullptr : image.rgb.data()));
    mtmd_bitmap_set_id(bitmaps.back().get(), fingerprint(image).c_str());
    image.rgb = {};  // copied; it may be large
  }
  std::vector<mtmd_input_part> parts;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].text_len > 0) parts.push_back({.text = &words[i], .bitmap = nullptr});
    if (i < bitmaps.size()) parts.push_back({.text = nullptr, .bitmap = bitmaps[i].get()});
  }
  std::vector<const mtmd_input_part*> listed;
  for (const mtmd_input_part& part : parts) listed.push_back(&part);
  std::unique_ptr<mtmd_input_chunks, FreeChunks> chunks(mtmd_input_chunks_init());
  if (mtmd_tokenize_from_parts(context_.get(), chunks.get(), listed.data(), listed.size(), false) != 0)
    return common::fail(ErrorKind::bad_request, "an image cannot be prepared for this model; libmtmd's reason is in the log");
  return prompt_of(*chunks);
}

Result<Prompt> Projector::prompt_of(const mtmd_input_chunks& chunks) const {
  Prompt prompt;
  const Vocabulary& words = model_->vocabulary();
  if (words.adds_beginning() && words.beginning() >= 0) prompt.tokens.push_back(words.beginning());
  std::string shown;  // which image the last picture was of: one image may become several
  std::size_t part = 0;
  for (std::size_t i = 0; i < mtmd_input_chunks_size(&chunks); ++i) {
    const mtmd_input_chunk* chunk = mtmd_input_chunks_get(&chunks, i);
    if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT) {
      std::size_t count = 0;
      const llama_token* tokens = mtmd_input_chunk_get_tokens_text(chunk, &count);
      prompt.tokens.insert(prompt.tokens.end(), tokens, tokens + count);
      continue;
    }
    Picture picture{.begin = prompt.tokens.size(),
                    .places = mtmd_input_chunk_get_n_tokens(chunk),
                    .positions = mtmd_input_chunk_get_n_pos(chunk),
                    .whole = mtmd_decode_use_non_causal(context_.get(), chunk)};
    if (picture.whole && picture.places > batch_tokens_) {
      return common::fail(
          ErrorKind::bad_request,
          std::format("an image takes {} tokens, which this model must read at once, and {} is the most: send a smaller one",
                      picture.places, batch_tokens_));
    }
    picture.content = std::make_shared<PictureContent>(mtmd_input_chunk_copy(chunk));
    std::string image = mtmd_input_chunk_get_id(chunk);
    part = image == shown ? part + 1 : 0;
    shown = image;
    add_places(prompt.tokens, image, part, picture.places);
    prompt.pictures.push_back(std::move(picture));
  }
  return prompt;
}

void Projector::encode(const std::shared_ptr<PictureContent>& content, std::function<void()> done) {
  content->asked_for();
  std::lock_guard lock(mutex_);
  tasks_.push_back({.content = content, .done = std::move(done)});
  arrival_.notify_one();
}

void Projector::work(std::stop_token stop) {
  while (true) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      if (!arrival_.wait(lock, stop, [this] { return !tasks_.empty(); }) || stop.stop_requested()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    if (auto content = task.content.lock()) encode_now(*content);
    task.done();
  }
}

void Projector::encode_now(PictureContent& content) {
  try {
    if (mtmd_encode_chunk(context_.get(), content.chunk()) == 0) {
      const float* values = mtmd_get_output_embd(context_.get());
      const auto width = static_cast<std::size_t>(llama_model_n_embd_inp(model_->handle()));
      return content.finish({values, values + mtmd_input_chunk_get_n_tokens(content.chunk()) * width});
    }
    common::log::error("libmtmd could not encode a picture");
  } catch (const std::exception& e) {
    common::log::error("encoding a picture: {}", e.what());
  }
  content.fail();
}

std::string digest_with(const std::string& digest, const Projector& projector) {
  common::Sha256 all;
  all.feed(digest);
  all.feed("\nprojector " + projector.digest());
  return all.finish();
}

}  // namespace worker::engine
