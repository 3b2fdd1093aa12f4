// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/picture_check.hpp"
#include "helpers.hpp"
#include "tinysparse/base/png.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("a PNG cut anywhere or with any byte changed behind its mark is damaged") {
    const std::vector<std::uint8_t> pixels(12, 99);
    const std::string png = tinysparse::encode_png(4, 3, 1, pixels);
    CHECK(picture_damage(png) == "");
    for (std::size_t length = 8; length < png.size(); ++length) CHECK(picture_damage(png.substr(0, length)) != "");
    for (std::size_t at = 8; at < png.size(); ++at) {
        std::string changed = png;
        changed[at] ^= 4;
        CHECK(picture_damage(changed) != "");
    }
}

TEST_CASE("JPEG needs its end mark behind the last scan, not that of a thumbnail") {
    CHECK(picture_damage("\xff\xd8....\xff\xda....\xff\xd9") == "");
    CHECK(picture_damage("\xff\xd8....\xff\xda....\xff\xd9\xff\xda....") ==
          "the file is cut short: no end mark up to byte 20");
    CHECK(picture_damage("\xff\xd8....") != "");
}

TEST_CASE("rows of BMP and PNM must lie within the file") {
    for (const char* header : {"P5\n2 3\n255\n", "P5 2 # two\n3\t255\n", "P5\n# 9 9\n2\n3\n7\n"}) {
        CHECK(picture_damage(std::string(header) + "123456") == "");
        CHECK(picture_damage(std::string(header) + "12345").find("the file is cut short: its rows need") == 0);
    }
    CHECK(picture_damage("P6 1 1 255\n123") == "");
    CHECK(picture_damage("P6 1 1 255\n12") == "the file is cut short: its rows need 14 bytes, it has 13");
    CHECK(picture_damage("P5 1 1 256\n1") != "");
    CHECK(picture_damage("P5") != "");
    std::string bmp = "BM" + little_endian(62, 4) + little_endian(0, 4) + little_endian(54, 4) + little_endian(40, 4) +
                      little_endian(2, 4) + little_endian(std::uint32_t(-1), 4) + little_endian(1, 2) +
                      little_endian(24, 2);
    bmp.resize(62); // one row of 2 * 3 bytes, filled to 8
    CHECK(picture_damage(bmp) == "");
    CHECK(picture_damage(bmp.substr(0, 61)) == "the file is cut short: its rows need 62 bytes, it has 61");
    CHECK(picture_damage("BM") != "");
}

TEST_CASE("other files are left to the decoder") {
    CHECK(picture_damage("") == "");
    CHECK(picture_damage("GIF89a") == "");
}
