// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/exif.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

namespace {
using Bytes = std::vector<std::uint8_t>;

std::string number_bytes(std::uint32_t value, int bytes, bool big) {
    return big ? big_endian_32(value).substr(std::size_t(4 - bytes)) : little_endian(value, bytes);
}
/// TIFF data of two entries, the second of them the orientation.
std::string tiff(std::uint32_t orientation, bool big, std::uint32_t type = 3) {
    const int bytes = type == 1 ? 1 : type == 3 ? 2 : 4;
    std::string value = number_bytes(orientation, bytes, big);
    value.resize(4);
    return (big ? std::string("MM\0*", 4) : std::string("II*\0", 4)) + number_bytes(10, 4, big) + "??" +
           number_bytes(2, 2, big) + number_bytes(0x010f, 2, big) + number_bytes(2, 2, big) + number_bytes(1, 4, big) +
           "x" + std::string(3, '\0') + number_bytes(0x0112, 2, big) + number_bytes(type, 2, big) +
           number_bytes(1, 4, big) + value + number_bytes(0, 4, big);
}
const std::string exif_mark("Exif\0\0", 6);
std::string jpeg(const std::string& segments) {
    return "\xff\xd8" + segments + jpeg_segment('\xda', "scan") + "\xff\xd9";
}
std::string png_with(const std::string& chunk, const std::string& content) {
    return "\x89PNG\r\n\x1a\n" + big_endian_32(13) + "IHDR" + std::string(13 + 4, '\0') +
           big_endian_32(std::uint32_t(content.size())) + chunk + content + std::string(4, '\0') + big_endian_32(0) +
           "IEND" + std::string(4, '\0');
}
} // namespace

TEST_CASE("all orientations, in both orders of bytes and in numbers of one, two and four bytes") {
    for (std::uint32_t orientation = 1; orientation <= 8; ++orientation)
        for (const bool big : {false, true})
            for (const std::uint32_t type : {1u, 3u, 4u}) {
                CHECK(picture_orientation(jpeg(jpeg_segment('\xe1', exif_mark + tiff(orientation, big, type)))) ==
                      int(orientation));
                CHECK(picture_orientation(png_with("eXIf", tiff(orientation, big, type))) == int(orientation));
            }
}

TEST_CASE("EXIF data may follow other segments, and the first of them count") {
    const std::string six = jpeg_segment('\xe1', exif_mark + tiff(6, true)),
                      three = jpeg_segment('\xe1', exif_mark + tiff(3, false));
    const std::string jfif = jpeg_segment('\xe0', std::string("JFIF\0\1\1\0\0\1\0\1\0\0", 14));
    const std::string xmp = jpeg_segment('\xe1', std::string("http://ns.adobe.com/xap/1.0/\0<x/>", 33));
    CHECK(picture_orientation(jpeg(jfif + xmp + jpeg_segment('\xed', "Photoshop 3.0") + six)) == 6);
    CHECK(picture_orientation(jpeg(jfif + "\xff" + six + three)) == 6);
    CHECK(picture_orientation(png_with("eXIf", exif_mark + tiff(8, true))) == 8);     // as some programs write it
    CHECK(picture_orientation("\xff\xd8" + jpeg_segment('\xda', "scan") + six) == 1); // behind the picture
    CHECK(picture_orientation(png_with("tEXt", tiff(8, true))) == 1);
}

TEST_CASE("damaged EXIF data are as none") {
    const std::string good = tiff(6, true);
    CHECK(picture_orientation(jpeg("")) == 1);
    CHECK(picture_orientation(jpeg(jpeg_segment('\xe1', exif_mark + tiff(0, true)))) == 1);
    CHECK(picture_orientation(jpeg(jpeg_segment('\xe1', exif_mark + tiff(9, false)))) == 1);
    CHECK(picture_orientation(jpeg(jpeg_segment('\xe1', exif_mark + tiff(6, false, 2)))) == 1);
    std::string far = good;
    far[4] = 1; // the directory 16 MB on
    CHECK(picture_orientation(jpeg(jpeg_segment('\xe1', exif_mark + far))) == 1);
    for (std::size_t length = 0; length < 12 + 12 + 2 + 10; ++length)
        CHECK(picture_orientation(jpeg(jpeg_segment('\xe1', exif_mark + good.substr(0, length)))) == 1);
    const std::string whole = jpeg(jpeg_segment('\xe1', exif_mark + good));
    for (std::size_t length = 0; length < 40; ++length) CHECK(picture_orientation(whole.substr(0, length)) == 1);
    CHECK(picture_orientation("") == 1);
    CHECK(picture_orientation("BM") == 1);
}

TEST_CASE("a picture is turned as Pillow's ImageOps.exif_transpose turns it") {
    const Bytes expected[8] = {{0, 50, 100, 150, 200, 250}, {100, 50, 0, 250, 200, 150}, {250, 200, 150, 100, 50, 0},
                               {150, 200, 250, 0, 50, 100}, {0, 150, 50, 200, 100, 250}, {150, 0, 200, 50, 250, 100},
                               {250, 100, 200, 50, 150, 0}, {100, 250, 50, 200, 0, 150}};
    for (int orientation = 1; orientation <= 8; ++orientation) {
        CAPTURE(orientation);
        Picture gray{1, 2, 3, {0, 50, 100, 150, 200, 250}}, colour{3, 2, 3, {}};
        for (const std::uint8_t value : gray.pixels)
            for (const int step : {0, 1, 2}) colour.pixels.push_back(std::uint8_t(value + step));
        for (Picture* picture : {&gray, &colour}) {
            turn_picture(*picture, orientation);
            CHECK(picture->height == (orientation < 5 ? 2 : 3));
            CHECK(picture->width == (orientation < 5 ? 3 : 2));
            CHECK(picture->orientation == orientation);
        }
        CHECK(gray.pixels == expected[orientation - 1]);
        for (std::size_t i = 0; i < 18; ++i) CHECK(colour.pixels[i] == gray.pixels[i / 3] + i % 3);
    }
}
