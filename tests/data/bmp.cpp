// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/bmp.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

namespace {
using Bytes = std::vector<std::uint8_t>;

/// A BMP after Microsoft's description: BITMAPFILEHEADER, BITMAPINFOHEADER, `colours` (masks or palette), rows.
std::string bmp(int width, int height, int bits, int packing, const std::string& colours, const std::string& rows,
                std::uint32_t header = 40, std::uint32_t colours_used = 0) {
    std::string info = little_endian(header, 4) + little_endian(std::uint32_t(width), 4) +
                       little_endian(std::uint32_t(height), 4) + little_endian(1, 2) +
                       little_endian(std::uint64_t(bits), 2) + little_endian(std::uint64_t(packing), 4) +
                       little_endian(rows.size(), 4) + little_endian(0, 8) + little_endian(colours_used, 4) +
                       little_endian(0, 4) + colours;
    if (info.size() < header) info.resize(header); // later headers hold the masks first
    const std::size_t begin = 14 + info.size();
    return "BM" + little_endian(begin + rows.size(), 4) + little_endian(0, 4) + little_endian(begin, 4) + info + rows;
}
/// The first header, of OS/2: 12 bytes, palette of three bytes each.
std::string os2_bmp(int width, int height, int bits, const std::string& palette, const std::string& rows) {
    const std::size_t begin = 26 + palette.size();
    return "BM" + little_endian(begin + rows.size(), 4) + little_endian(0, 4) + little_endian(begin, 4) +
           little_endian(12, 4) + little_endian(std::uint64_t(width), 2) + little_endian(std::uint64_t(height), 2) +
           little_endian(1, 2) + little_endian(std::uint64_t(bits), 2) + palette + rows;
}
Bytes bmp_pixels(std::string_view bytes) {
    Picture picture, seen;
    std::string reason;
    CHECK_MESSAGE(decode_bmp(bytes, picture, reason), reason);
    CHECK(inspect_bmp(bytes, seen, reason));
    CHECK(seen.width == picture.width);
    CHECK(seen.height == picture.height);
    CHECK(picture.channels == 3);
    return picture.pixels;
}
std::string bmp_refusal(std::string_view bytes) {
    Picture picture;
    std::string reason;
    CHECK_FALSE(decode_bmp(bytes, picture, reason));
    return reason;
}
/// Gray palette: entry i is `step` * i.
std::string grays(int count, int step) {
    std::string out;
    for (int i = 0; i < count; ++i) out += std::string(3, char(i * step)) + '\0';
    return out;
}
/// One of three equal channels.
Bytes gray(std::string_view bytes) {
    Bytes out;
    const Bytes all = bmp_pixels(bytes);
    for (std::size_t i = 0; i < all.size(); i += 3) {
        CHECK(all[i] == all[i + 2]);
        out.push_back(all[i]);
    }
    return out;
}
std::string masks(std::initializer_list<std::uint32_t> list) {
    std::string out;
    for (const std::uint32_t mask : list) out += little_endian(mask, 4);
    return out;
}
} // namespace

TEST_CASE("palettes of 1, 2, 4 and 8 bits") {
    CHECK(gray(bmp(3, 2, 1, 0, grays(2, 200), std::string("\xa0\0\0\0\x40\0\0\0", 8))) ==
          Bytes{0, 200, 0, 200, 0, 200});
    CHECK(gray(bmp(5, 1, 2, 0, grays(4, 80), std::string("\x1b\x80\0\0", 4))) == Bytes{0, 80, 160, 240, 160});
    CHECK(gray(bmp(3, 1, 4, 0, grays(16, 17), std::string("\x0f\x20\0\0", 4))) == Bytes{0, 255, 34});
    CHECK(gray(bmp(3, 2, 8, 0, grays(256, 1), std::string("\1\2\3\0\4\5\xff\0", 8))) ==
          Bytes{4, 5, 255, 1, 2, 3}); // from the bottom up
    CHECK(bmp_pixels(bmp(1, 1, 8, 0, std::string("\1\2\3\0", 4), std::string(4, '\0'))) == Bytes{3, 2, 1});
    // What the palette does not hold is black.
    CHECK(gray(bmp(2, 1, 8, 0, grays(2, 50), std::string("\1\2\0\0", 4), 40, 2)) == Bytes{50, 0});
}

TEST_CASE("rows from the top down, headers of OS/2 and later ones of Windows") {
    CHECK(gray(bmp(3, -2, 8, 0, grays(256, 1), std::string("\1\2\3\0\4\5\xff\0", 8))) == Bytes{1, 2, 3, 4, 5, 255});
    CHECK(bmp_pixels(os2_bmp(2, 1, 1, std::string("\0\0\0\1\2\3", 6), std::string("\x40\0\0\0", 4))) ==
          Bytes{0, 0, 0, 3, 2, 1});
    CHECK(bmp_pixels(os2_bmp(1, 2, 24, "", std::string("\1\2\3\0\4\5\6\0", 8))) == Bytes{6, 5, 4, 3, 2, 1});
    for (const std::uint32_t header : {52u, 56u, 64u, 108u, 124u}) {
        CAPTURE(header);
        CHECK(bmp_pixels(bmp(1, 1, 24, 0, "", std::string("\1\2\3\0", 4), header)) == Bytes{3, 2, 1});
    }
}

TEST_CASE("16, 24 and 32 bits, with masks and without") {
    // 5 bits each: red 31, green 16, blue 1. The highest bit means nothing.
    CHECK(bmp_pixels(bmp(2, 1, 16, 0, "", little_endian(0xfe01, 2) + little_endian(0x0000, 2))) ==
          Bytes{255, 132, 8, 0, 0, 0});
    CHECK(bmp_pixels(bmp(2, 1, 16, 3, masks({0xf800, 0x07e0, 0x001f}),
                         little_endian(0xfc00, 2) + little_endian(0x001f, 2))) == Bytes{255, 130, 0, 0, 0, 255});
    CHECK(bmp_pixels(bmp(2, 1, 24, 0, "", std::string("\1\2\3\4\5\6\0\0", 8))) == Bytes{3, 2, 1, 6, 5, 4});
    CHECK(bmp_pixels(bmp(1, 1, 32, 0, "", std::string("\1\2\3\4", 4))) ==
          Bytes{3, 2, 1}); // the fourth byte means nothing
    CHECK(bmp_pixels(bmp(1, 1, 32, 3, masks({0x3ff00000, 0x000ffc00, 0x000003ff}), little_endian(0x200ffc00, 4))) ==
          Bytes{128, 255, 0});
    // Alpha by its mask, over white; one that is 0 everywhere is not meant.
    const std::string rgba = masks({0xff, 0xff00, 0xff0000, 0xff000000});
    CHECK(bmp_pixels(bmp(2, 1, 32, 3, rgba, std::string("\x64\x32\xff\x80\x01\x02\x03\x00", 8), 56)) ==
          Bytes{177, 152, 255, 255, 255, 255});
    CHECK(bmp_pixels(bmp(1, 1, 32, 6, rgba, std::string("\x64\x32\xff\x80", 4))) == Bytes{177, 152, 255});
    CHECK(bmp_pixels(bmp(1, 1, 32, 3, rgba, std::string("\1\2\3\0", 4), 108)) == Bytes{1, 2, 3});
}

TEST_CASE("run lengths of 8 and 4 bits") {
    // 3 times 7, end of row; single values 1 2 3 filled to a word, end of the picture.
    const std::string runs("\x03\x07\0\0\0\x03\1\2\3\0\0\1", 12);
    CHECK(gray(bmp(3, 2, 8, 1, grays(256, 1), runs)) == Bytes{1, 2, 3, 7, 7, 7});
    // A step of one to the right and one up; what is skipped has the first colour. What is beyond a row is dropped.
    CHECK(gray(bmp(3, 2, 8, 1, grays(256, 1), std::string("\1\x09\0\2\1\1\5\x08\0\1", 10))) == Bytes{0, 0, 8, 9, 0, 0});
    // Nibbles: 5 of 1 and 2 in turn; single values 3 4 5 in two bytes.
    CHECK(gray(bmp(5, 2, 4, 2, grays(16, 1), std::string("\5\x12\0\0\0\3\x34\x50\0\1", 10))) ==
          Bytes{3, 4, 5, 0, 0, 1, 2, 1, 2, 1});
    CHECK(gray(bmp(2, 1, 8, 1, grays(256, 1), std::string("\2\3\0\0", 4))) == Bytes{3, 3}); // all rows are there
    CHECK(bmp_refusal(bmp(2, 2, 8, 1, grays(256, 1), std::string("\2\3\0\0", 4)))
              .find("the file is cut short: its run lengths end before the picture") == 0);
}

TEST_CASE("what is not read is named") {
    const std::string end = ", which is not read; save it without compression, or as PNG";
    CHECK(bmp_refusal(bmp(1, 1, 0, 4, "", "JPEG")) == "it is a BMP around a JPEG" + end);
    CHECK(bmp_refusal(bmp(1, 1, 0, 5, "", "PNG.")) == "it is a BMP around a PNG" + end);
    CHECK(bmp_refusal(bmp(1, 1, 1, 3, grays(2, 9), "1234", 64)) == "it is a Huffman-coded BMP of OS/2" + end);
    CHECK(bmp_refusal(bmp(1, 1, 24, 4, "", "1234", 64)) == "it is a BMP of 24-bit run lengths of OS/2" + end);
    CHECK(bmp_refusal(bmp(1, 1, 64, 0, "", "12345678")) == "it is a BMP of 64 bits a pixel" + end);
    CHECK(bmp_refusal(bmp(1, 1, 3, 0, "", "1234")) == "a BMP of 3 bits a pixel, packing 0, is not known");
}

TEST_CASE("damaged files say what is wrong") {
    const std::string good = bmp(2, -1, 24, 0, "", counting(8));
    CHECK(bmp_pixels(good) == Bytes{2, 1, 0, 5, 4, 3});
    for (std::size_t length = 2; length < good.size(); ++length) CHECK(bmp_refusal(good.substr(0, length)) != "");
    CHECK(bmp_refusal(good.substr(0, 61)) == "the file is cut short: its rows need 62 bytes, it has 61");
    CHECK(bmp_refusal("BM") == "the file is cut short: byte 2 is inside the header");
    CHECK(bmp_refusal(bmp(0, 1, 24, 0, "", counting(8))) ==
          "the BMP header says 0 x 1 pixels; expected 1 to 65535 a side");
    CHECK(bmp_refusal(bmp(1, -2147483647 - 1, 24, 0, "", counting(8))).find("the BMP header says 1 x -2147483648") ==
          0);
    CHECK(bmp_refusal(bmp(1, 1, 8, 0, "", counting(4))) ==
          "the BMP header is damaged: its colours do not lie between it and the pixels");
    CHECK(bmp_refusal(bmp(1, 1, 32, 3, masks({0, 0, 0}), counting(4))).find("the BMP header is damaged") == 0);
    CHECK(bmp_refusal(bmp(20000, 20000, 8, 1, grays(256, 1), counting(8))) ==
          "it has 20000 x 20000 pixels, more than 64 million");
    CHECK(bmp_refusal(bmp(8000, 8000, 8, 1, grays(256, 1), counting(8))) ==
          "it announces more pixels than its bytes can hold");
}
