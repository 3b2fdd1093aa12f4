// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/picture_folder.hpp"
#include "helpers.hpp"
#include "tinysparse/base/png.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

TEST_CASE("without support for pictures the Error says what to do") {
    const Folder folder;
    folder.write("cat/1.png", "");
    CHECK(is_picture_folder(folder.path));
    CHECK(error_of([&] { read_picture_folder(folder.path, {}, {}); }) ==
          folder.path + ": this program was built without support for pictures; convert them to .npy or IDX");
}

#if TINYSPARSE_TEST_IMAGES
namespace {
std::string png(int height, int width, int channels, std::uint8_t value) {
    const std::vector<std::uint8_t> pixels(std::size_t(height * width * channels), value);
    return encode_png(std::uint32_t(width), std::uint32_t(height), std::uint32_t(channels), pixels);
}
/// 24 bits, bottom row first, rows filled to 4 bytes.
std::string bmp_2x1(std::string_view blue_green_red) {
    return "BM" + little_endian(54 + 8, 4) + little_endian(0, 4) + little_endian(54, 4) + little_endian(40, 4) +
           little_endian(2, 4) + little_endian(1, 4) + little_endian(1, 2) + little_endian(24, 2) +
           little_endian(0, 4) + little_endian(8, 4) + little_endian(2835, 4) + little_endian(2835, 4) +
           little_endian(0, 8) + std::string(blue_green_red) + std::string(2, '\0');
}
/// An 8x8 gray JPEG by hand: all quantisers 8, one DC code '0' (6 bits follow), one AC code '0' (end of block), and
/// the data 0 110010 0: DC 50, so that every pixel is 128 + 50 * 8 / 8 = 178.
std::string jpeg_8x8_178() {
    const std::string tables = std::string(1, '\0') + std::string(64, '\x08');
    const std::string one_code = std::string(1, '\1') + std::string(15, '\0');
    return "\xff\xd8" + ("\xff\xdb" + std::string("\0\x43", 2)) + tables +
           std::string("\xff\xc0\0\x0b\x08\0\x08\0\x08\x01\x01\x11\0", 13) + std::string("\xff\xc4\0\x14\0", 5) +
           one_code + "\x06" + std::string("\xff\xc4\0\x14\x10", 5) + one_code + std::string("\0", 1) +
           std::string("\xff\xda\0\x08\x01\x01\0\0\x3f\0", 10) + "\x64" + "\xff\xd9";
}
Picture decoded(std::string_view bytes) {
    Picture picture;
    std::string reason;
    REQUIRE_MESSAGE(support().decode(bytes, picture, reason), reason);
    return picture;
}
using Bytes = std::vector<std::uint8_t>;
} // namespace

TEST_CASE("pictures of every format, gray, RGB and alpha over white") {
    CHECK(decoded("P5\n2 1\n255\n\x10\x20").pixels == Bytes{16, 32});
    CHECK(decoded("P6\n1 1\n255\n\x10\x20\x30").pixels == Bytes{16, 32, 48});
    CHECK(decoded(bmp_2x1("\x01\x02\x03\x04\x05\x06")).pixels == Bytes{3, 2, 1, 6, 5, 4});
    const Picture jpeg = decoded(jpeg_8x8_178());
    CHECK(jpeg.channels == 1);
    CHECK(jpeg.pixels == Bytes(64, 178));
    // Made with Python's zlib: RGBA 2x2 and gray with alpha 2x1.
    const Picture rgba = decoded(from_hex(
        "89504e470d0a1a0a0000000d494844520000000200000002080600000072b60d24000000144944415478da63f8cfc000420d608a4b44"
        "ee3f00378005b88434fb250000000049454e44ae426082"));
    CHECK(rgba.channels == 3);
    CHECK(rgba.pixels == Bytes{255, 0, 0, 127, 127, 255, 255, 255, 255, 10, 20, 30});
    const Picture gray_alpha =
        decoded(from_hex("89504e470d0a1a0a0000000d49484452000000020000000108040000005e2bb7010000000d"
                         "4944415478da6348f99fc20000055a01c81df6f65a0000000049454e44ae426082"));
    CHECK(gray_alpha.channels == 1);
    CHECK(gray_alpha.pixels == Bytes{100, 255});
    Picture picture;
    std::string reason;
    CHECK_FALSE(support().decode("GIF89a", picture, reason));
    CHECK(reason.find("no PNG, JPEG, BMP or PNM: ") == 0);
}

TEST_CASE("a folder for each class; classes that are numbers in the order of the numbers") {
    const Folder folder;
    folder.write("10/a.png", png(2, 3, 1, 10));
    folder.write("10/b.PNG", png(2, 3, 1, 11));
    folder.write("9/c.png", png(2, 3, 1, 9));
    folder.write("9/notes.txt", "nothing");
    make_folder(folder.path + "/empty");
    const Dataset set = read_picture_folder(folder.path, {}, support());
    CHECK(set.class_names == std::vector<std::string>{"9", "10"});
    CHECK(set.shape == Shape{1, 2, 3});
    CHECK(set.train.labels == Bytes{1, 1, 0});
    CHECK(set.train.pixels[0] == 10);
    CHECK(set.warnings == std::vector<std::string>{folder.path + "/empty: no pictures in this folder"});
}

TEST_CASE("parts above the classes, different sizes, gray among colours, unreadable files") {
    const Folder folder;
    folder.write("train/cat/a.png", png(4, 4, 3, 200));
    folder.write("train/dog/b.pgm", "P5\n2 1\n255\n\x10\x20");
    folder.write("train/dog/broken.jpg", "no picture");
    folder.write("Test/cat/c.png", png(8, 2, 1, 7));
    folder.write("valid/dog/d.png", png(1, 1, 1, 9));
    const Dataset set = read_picture_folder(folder.path, std::pair(2, 2), support());
    CHECK(set.shape == Shape{3, 2, 2});
    CHECK(set.class_names == std::vector<std::string>{"cat", "dog"});
    CHECK(set.train.samples == 2);
    CHECK(set.train.pixels == Bytes{200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, //
                                    16,  32,  16,  32,  16,  32,  16,  32,  16,  32,  16,  32});
    CHECK(set.test.pixels == Bytes(12, 7));
    CHECK(set.validation.labels == Bytes{1});
    REQUIRE(set.warnings.size() == 1);
    CHECK(set.warnings[0].find(folder.path + "/train/dog/broken.jpg: left out: no PNG, JPEG, BMP or PNM") == 0);

    const Dataset plain = read_picture_folder(folder.path, {}, support());
    CHECK(plain.shape == Shape{3, 32, 32});
    CHECK(plain.warnings.back() == "pictures of different sizes, up to 8x4, were averaged to 32x32; size=HEIGHTxWIDTH "
                                   "chooses another");
}

TEST_CASE("a folder of which nothing can be read is an Error with the first reason") {
    const Folder folder;
    folder.write("cat/a.png", "x");
    CHECK(error_of([&] { read_picture_folder(folder.path, {}, support()); })
              .find(folder.path + ": none of the pictures can be read; the first: " + folder.path +
                    "/cat/a.png: left out: ") == 0);
}
#endif
