// Where pictures stand in a prompt, and what image files are taken.
#include "worker/engine/picture.hpp"

#include <gmock/gmock.h>

#include "worker/engine/image.hpp"

namespace worker::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Two pictures between texts: places 3 to 14 move the sequence on by 4 positions, 16 to 19 by as many as there are.
const std::vector<Picture> kPictures{{.begin = 3, .places = 12, .positions = 4}, {.begin = 16, .places = 4, .positions = 4}};

TEST(Picture, IsFoundByEachOfItsPlaces) {
  EXPECT_EQ(picture_at(kPictures, 2), nullptr);
  EXPECT_EQ(picture_at(kPictures, 3), &kPictures[0]);
  EXPECT_EQ(picture_at(kPictures, 14), &kPictures[0]);
  EXPECT_EQ(picture_at(kPictures, 15), nullptr);
  EXPECT_EQ(picture_at(kPictures, 16), &kPictures[1]);
  EXPECT_EQ(picture_at(kPictures, 20), nullptr);
  EXPECT_EQ(picture_at({}, 0), nullptr);
}

TEST(Picture, MovesPositionsOnByItsOwnCount) {
  EXPECT_EQ(position_of(kPictures, 0), 0);
  EXPECT_EQ(position_of(kPictures, 3), 3) << "the picture begins where the text ended";
  EXPECT_EQ(position_of(kPictures, 15), 7) << "twelve places, four positions";
  EXPECT_EQ(position_of(kPictures, 20), 12);
  EXPECT_EQ(position_of(kPictures, 120), 112) << "answers go on behind the prompt";
  EXPECT_EQ(position_of({}, 9), 9);
}

TEST(Picture, IsNeverKeptInPart) {
  for (std::size_t index = 4; index < 15; ++index) EXPECT_EQ(without_half_a_picture(kPictures, index), 3u);
  for (std::size_t index : {0u, 2u, 3u, 15u, 16u, 20u, 99u}) EXPECT_EQ(without_half_a_picture(kPictures, index), index);
}

// BMP with 24 bits a pixel: rows from the bottom, each padded to four bytes, colours as blue, green, red.
std::string bmp(std::uint32_t width, std::uint32_t height, const std::string& pixels) {
  std::string file = "BM";
  auto number = [&file](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) file += static_cast<char>(value >> (8 * i));
  };
  number(static_cast<std::uint32_t>(54 + pixels.size()), 4), number(0, 4), number(54, 4);
  number(40, 4), number(width, 4), number(height, 4), number(1, 2), number(24, 2);
  file.append(24, '\0');
  return file + pixels;
}

TEST(Image, IsReadFromTheTopAsRedGreenBlue) {
  auto image = decode_image(bmp(1, 2, std::string("\x01\x02\x03\x00\x11\x12\x13\x00", 8)));
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->width, 1u);
  EXPECT_EQ(image->height, 2u);
  EXPECT_THAT(image->rgb, ElementsAre(0x13, 0x12, 0x11, 0x03, 0x02, 0x01));
}

TEST(Image, HasItsSizeReadWithoutItsPixels) {
  auto upward = image_size(bmp(3, 2, "")), downward = image_size(bmp(3, static_cast<std::uint32_t>(-2), ""));
  ASSERT_TRUE(upward && downward);
  EXPECT_EQ(upward->height, 2u);
  EXPECT_EQ(downward->height, 2u) << "rows from the top";
  EXPECT_TRUE(upward->rgb.empty());
}

TEST(Image, RefusesWhatIsNoneOrTooLarge) {
  for (const std::string& file : {std::string(), std::string("words"), std::string("\x89PNG\r\n\x1a\n"), std::string("P6 1 1 255\nabc")}) {
    auto image = decode_image(file);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().kind(), common::ErrorKind::bad_request);
    EXPECT_THAT(image.error().message(), HasSubstr("PNG, JPEG, GIF or BMP"));
  }
  for (auto [width, height] : {std::pair{0u, 5u}, {5u, 0u}, {1000u, 2u}, {3u, 700u}}) {
    auto line = decode_image(bmp(width, height, std::string(9000, '\0')));
    ASSERT_FALSE(line);
  }
  for (std::uint32_t side : {9000u, 60000u, 20'000'000u}) {
    auto bomb = decode_image(bmp(side, side, ""));
    ASSERT_FALSE(bomb);
    EXPECT_THAT(bomb.error().message(), HasSubstr("at most 64 million pixels")) << side;
  }
}

}  // namespace
}  // namespace worker::engine
