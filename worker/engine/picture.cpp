#include "worker/engine/picture.hpp"

#include <mtmd.h>

#include <algorithm>
#include <utility>

namespace worker::engine {

void PictureContent::Free::operator()(mtmd_input_chunk* chunk) const { mtmd_input_chunk_free(chunk); }
PictureContent::PictureContent(mtmd_input_chunk* chunk) : chunk_(chunk) {}

void PictureContent::finish(std::vector<float> embeddings) {
  embeddings_ = std::move(embeddings);
  state_.store(State::ready, std::memory_order_release);
}

const Picture* picture_at(std::span<const Picture> pictures, std::size_t index) {
  auto found = std::ranges::find_if(pictures, [index](const Picture& one) { return one.begin <= index && index < one.end(); });
  return found == pictures.end() ? nullptr : &*found;
}

int position_of(std::span<const Picture> pictures, std::size_t index) {
  auto position = static_cast<int>(index);
  for (const Picture& one : pictures) {
    if (one.end() <= index) position += one.positions - static_cast<int>(one.places);
  }
  return position;
}

std::size_t without_half_a_picture(std::span<const Picture> pictures, std::size_t index) {
  const Picture* cut = picture_at(pictures, index);
  return cut ? cut->begin : index;
}

}  // namespace worker::engine
