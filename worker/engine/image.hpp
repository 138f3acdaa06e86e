// An image file that somebody sent (PNG, JPEG, GIF or BMP) as pixels. stb_image reads it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace worker::engine {

struct Image {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  // row by row from the top, three bytes a pixel; empty: only the size is known

  std::uint64_t pixels() const { return std::uint64_t(width) * height; }
};

// What all images of one request may have: pixels are held three times over while a model's eyes are made ready for them.
inline constexpr std::uint64_t kMaxPixels = 64'000'000;

// The size alone, from the file's first bytes. ErrorKind: bad_request (another format, damaged, or of a size that is not taken).
common::Result<Image> image_size(std::string_view file);
// The pixels too; of an animation the first frame. The same errors.
common::Result<Image> decode_image(std::string_view file);

}  // namespace worker::engine
