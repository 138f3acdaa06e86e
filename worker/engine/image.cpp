#include "worker/engine/image.hpp"

#include <stb/stb_image.h>

#include <climits>
#include <format>
#include <memory>

namespace worker::engine {

using common::ErrorKind;

namespace {

// A few bytes can claim to be a picture of any size; this one takes 192 MB while it is read.
constexpr std::uint64_t kMaxPixels = 64'000'000;
constexpr int kColours = 3;

struct FreeImage {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

}  // namespace

common::Result<Image> decode_image(std::string_view file) {
  const auto* bytes = reinterpret_cast<const stbi_uc*>(file.data());
  int width = 0, height = 0, channels = 0;
  if (file.size() > INT_MAX || !stbi_info_from_memory(bytes, static_cast<int>(file.size()), &width, &height, &channels)) {
    return common::fail(
        ErrorKind::bad_request,
        std::format("is no image that can be read: send PNG, JPEG, GIF or BMP of at most {} million pixels", kMaxPixels / 1'000'000));
  }
  Image image{.width = static_cast<std::uint32_t>(width), .height = static_cast<std::uint32_t>(height), .rgb = {}};
  if (std::uint64_t(image.width) * image.height > kMaxPixels) {
    return common::fail(ErrorKind::bad_request, std::format("is an image of {} x {} pixels: send one of at most {} million pixels", width,
                                                            height, kMaxPixels / 1'000'000));
  }
  std::unique_ptr<stbi_uc, FreeImage> pixels(
      stbi_load_from_memory(bytes, static_cast<int>(file.size()), &width, &height, &channels, kColours));
  if (!pixels) return common::fail(ErrorKind::bad_request, std::format("is a damaged image: {}", stbi_failure_reason()));
  image.rgb.assign(pixels.get(), pixels.get() + std::size_t(image.width) * image.height * kColours);
  return image;
}

}  // namespace worker::engine
