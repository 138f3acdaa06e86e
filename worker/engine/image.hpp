// An image file that somebody sent (PNG, JPEG, GIF or BMP) as pixels. stb_image reads it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace worker::engine {

struct Image {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  // row by row from the top, three bytes a pixel
};

// Only the first frame of an animation. ErrorKind: bad_request (another format, damaged, or more pixels than are taken).
common::Result<Image> decode_image(std::string_view file);

}  // namespace worker::engine
