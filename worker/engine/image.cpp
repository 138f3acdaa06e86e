#include "worker/engine/image.hpp"

#include <stb/stb_image.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <format>
#include <memory>

namespace worker::engine {

using common::ErrorKind;
using common::Result;

namespace {

constexpr int kColours = 3;
// Models that follow an image's shape blow a thin line up to the least width they can see; Qwen's own code has this limit too.
constexpr std::uint32_t kMaxAspect = 200;

struct FreeImage {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

// stb_image reads more formats than these, some of which it has to guess.
bool known_format(std::string_view file) {
  constexpr std::array<std::string_view, 4> kBeginnings = {"\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF8", "BM"};
  return std::ranges::any_of(kBeginnings, [file](std::string_view beginning) { return file.starts_with(beginning); });
}

const stbi_uc* bytes(std::string_view file) { return reinterpret_cast<const stbi_uc*>(file.data()); }

std::unexpected<common::Error> refuse(std::string reason) { return common::fail(ErrorKind::bad_request, std::move(reason)); }

}  // namespace

Result<Image> image_size(std::string_view file) {
  int width = 0, height = 0, channels = 0;
  if (!known_format(file) || file.size() > INT_MAX ||
      !stbi_info_from_memory(bytes(file), static_cast<int>(file.size()), &width, &height, &channels)) {
    return refuse(
        std::format("is no image that can be read: send PNG, JPEG, GIF or BMP of at most {} million pixels", kMaxPixels / 1'000'000));
  }
  // A BMP whose rows go downwards says so by a negative height.
  Image image{.width = static_cast<std::uint32_t>(width), .height = static_cast<std::uint32_t>(std::abs(height)), .rgb = {}};
  const auto [least, most] = std::minmax(image.width, image.height);
  if (least == 0 || most / least > kMaxAspect) {
    return refuse(std::format("is an image of {} x {} pixels: send one that is at most {} times as long as wide", image.width, image.height,
                              kMaxAspect));
  }
  if (image.pixels() > kMaxPixels) {
    return refuse(std::format("is an image of {} x {} pixels: send one of at most {} million pixels", image.width, image.height,
                              kMaxPixels / 1'000'000));
  }
  return image;
}

Result<Image> decode_image(std::string_view file) {
  auto image = image_size(file);
  if (!image) return image;
  int width = 0, height = 0, channels = 0;
  std::unique_ptr<stbi_uc, FreeImage> pixels(
      stbi_load_from_memory(bytes(file), static_cast<int>(file.size()), &width, &height, &channels, kColours));
  if (!pixels) return refuse(std::format("is a damaged image: {}", stbi_failure_reason()));
  image->width = static_cast<std::uint32_t>(width);
  image->height = static_cast<std::uint32_t>(height);
  image->rgb.assign(pixels.get(), pixels.get() + image->pixels() * kColours);
  return image;
}

}  // namespace worker::engine
