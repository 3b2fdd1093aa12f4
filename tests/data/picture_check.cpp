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

TEST_CASE("JPEG is walked to its end mark, past a thumbnail that has one of its own") {
    const std::string start = "\xff\xd8", end = "\xff\xd9";
    const std::string thumbnail = std::string("\xff\xe1\0\x06", 4) + start + end;
    const std::string scan = std::string("\xff\xda\0\x02", 4) + std::string("ab\xff\0c\xff\xd3", 7) + "d";
    CHECK(picture_damage(start + thumbnail + scan + "\xff" + end + "trailing") == "");
    CHECK(picture_damage(start + thumbnail + scan) == "the file is cut short: no end mark up to byte 22");
    CHECK(picture_damage(start + "x" + end) == "byte 2: expected a JPEG marker");
    CHECK(picture_damage(start) != "");
    CHECK(picture_damage(start + std::string("\xff\xe1\0\x01", 4) + end) != ""); // a length below its own two bytes
    const auto tables = [&](std::string counts, const std::string& symbols) {
        counts.resize(16);
        const std::string content = std::string(1, '\0') + counts + symbols;
        return start + std::string("\xff\xc4\0", 3) + char(content.size() + 2) + content + end;
    };
    CHECK(picture_damage(tables("\2\1", "abc")) == "");
    CHECK(picture_damage(tables("\2\1", "ab")) == "byte 4: the Huffman tables are damaged");
    CHECK(picture_damage(tables("\2\1", "abcd")) == "byte 4: the Huffman tables are damaged");
    CHECK(picture_damage(tables("\xff\xff", "abcd")) == "byte 4: the Huffman tables are damaged");
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
    CHECK(picture_damage("P5 # 9\r1 99999999999 255\n") == "byte 13: a number in the header is above 65535");
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
