// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/picture_folder.hpp"
#include "helpers.hpp"
#include "tinysparse/base/png.hpp"
#include "tinysparse/base/text.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

TEST_CASE("without support for pictures the Error says what to do") {
    const Folder folder;
    folder.write("cat/1.png", "");
    CHECK(is_picture_folder(folder.path));
    CHECK(error_of([&] { read_picture_folder(folder.path, parse_spec("x"), {}); }) ==
          folder.path + ": this program was built without support for pictures; convert them to .npy or IDX");
}

#if TINYSPARSE_TEST_IMAGES
namespace {
std::string png(int height, int width, int channels, std::uint8_t value) {
    const std::vector<std::uint8_t> pixels(std::size_t(height * width * channels), value);
    return encode_png(std::uint32_t(width), std::uint32_t(height), std::uint32_t(channels), pixels);
}
using Bytes = std::vector<std::uint8_t>;
} // namespace

TEST_CASE("a folder for each class; classes that are numbers in the order of the numbers") {
    const Folder folder;
    folder.write("10/a.png", png(2, 3, 1, 10));
    folder.write("10/b.PNG", png(2, 3, 1, 11));
    folder.write("9/c.png", png(2, 3, 1, 9));
    folder.write("9/notes.txt", "nothing");
    make_folder(folder.path + "/empty");
    const Dataset set = read_picture_folder(folder.path, parse_spec("x"), support());
    CHECK(set.class_names == std::vector<std::string>{"9", "10"});
    CHECK(set.shape == Shape{1, 2, 3});
    CHECK(set.train.labels == Bytes{1, 1, 0});
    CHECK(set.train.pixels[0] == 10);
    CHECK(set.warnings == std::vector<std::string>{folder.path + "/empty: no pictures in this folder"});
}

TEST_CASE("parts above the classes, different sizes, one colour among grays, unreadable files") {
    const Folder folder;
    folder.write("train/cat/a.png", png(4, 4, 3, 200));
    folder.write("train/dog/b.pgm", "P5\n2 1\n255\n\x10\x20");
    folder.write("train/dog/broken.jpg", "no picture");
    folder.write("Test/cat/c.png", png(8, 2, 1, 7));
    folder.write("valid/dog/d.png", png(1, 1, 1, 9));
    const Dataset set = read_picture_folder(folder.path, parse_spec("x,size=2x2"), support());
    CHECK(set.shape == Shape{1, 2, 2});
    CHECK(set.class_names == std::vector<std::string>{"cat", "dog"});
    CHECK(set.train.samples == 2);
    CHECK(set.train.pixels == Bytes{200, 200, 200, 200, 16, 32, 16, 32});
    CHECK(set.test.pixels == Bytes(4, 7));
    CHECK(set.validation.labels == Bytes{1});
    REQUIRE(set.warnings.size() == 1);
    CHECK(set.warnings[0].find(folder.path + "/train/dog/broken.jpg: left out: no picture of a known kind; ") == 0);

    const Dataset plain = read_picture_folder(folder.path, parse_spec("x"), support());
    CHECK(plain.shape == Shape{1, 32, 32});
    CHECK(plain.warnings.back() ==
          "pictures of 4 different sizes, such as 1x1 and 1x2, were averaged to 32x32, whatever "
          "their proportions; size=HEIGHTxWIDTH chooses another size");
    CHECK(set.notes.back() ==
          "pictures of 4 different sizes, such as 1x1 and 1x2, were averaged to 2x2, whatever their "
          "proportions");
}

namespace {
/// A folder of two classes, each of `each` pictures of 4x4, gray or in colour.
void write_classes(const Folder& folder, int each, const std::string& picture) {
    for (const char* name : {"cat", "dog"})
        for (int i = 0; i < each; ++i) folder.write(text(name, "/", i, ".png"), picture);
}
std::string colour_4x4() {
    Bytes pixels;
    for (int i = 0; i < 16; ++i) pixels.insert(pixels.end(), {200, 100, 50});
    return encode_png(4, 4, 3, pixels);
}
using Sentences = std::vector<std::string>;
} // namespace

TEST_CASE("one picture of another size is named and changes no other") {
    const Folder folder;
    write_classes(folder, 3, png(4, 4, 1, 100));
    folder.write("dog/odd.png", png(8, 2, 1, 50));
    const Dataset set = read_picture_folder(folder.path, parse_spec("x"), support());
    CHECK(set.shape == Shape{1, 4, 4});
    CHECK(set.warnings ==
          Sentences{folder.path + "/dog/odd.png: the picture is 8x2, all others are 4x4; it was averaged to 4x4"});
    CHECK(read_picture_folder(folder.path, parse_spec("x,size=2x2"), support()).warnings ==
          Sentences{folder.path + "/dog/odd.png: the picture is 8x2, all others are 4x4; it was averaged to 4x4"});
    folder.write("cat/odd.png", png(4, 5, 1, 50));
    CHECK(read_picture_folder(folder.path, parse_spec("x"), support()).warnings ==
          Sentences{"2 of 8 pictures are not 4x4 as the others, such as " + folder.path +
                    "/cat/odd.png, which is 4x5; they were averaged to 4x4"});
}

TEST_CASE("a few pictures in colour among gray ones become gray, and are named") {
    const Folder folder;
    write_classes(folder, 3, png(4, 4, 1, 100));
    const Dataset before = read_picture_folder(folder.path, parse_spec("x"), support());
    folder.write("dog/red.png", colour_4x4());
    const Dataset set = read_picture_folder(folder.path, parse_spec("x"), support());
    CHECK(set.shape == Shape{1, 4, 4});
    CHECK(Bytes(set.train.pixels.begin(), set.train.pixels.end() - 16) == before.train.pixels);
    CHECK(set.train.pixels.back() == mcu::luma(200, 100, 50));
    CHECK(set.warnings ==
          Sentences{folder.path + "/dog/red.png: the picture is in colour, all others are gray; it took "
                                  "the luma of the colours"});
    folder.write("cat/gray.png", png(4, 4, 3, 77)); // three channels, no colours: nothing is lost
    CHECK(read_picture_folder(folder.path, parse_spec("x"), support()).warnings == set.warnings);
    folder.write("cat/red.png", colour_4x4());
    CHECK(read_picture_folder(folder.path, parse_spec("x"), support()).warnings ==
          Sentences{"2 of 9 pictures are in colour, such as " + folder.path +
                    "/cat/red.png, the others are gray; they took the luma of the colours"});
}

TEST_CASE("a few gray pictures among others in colour are named; half and half is in colour") {
    const Folder folder;
    write_classes(folder, 2, colour_4x4());
    folder.write("dog/gray.png", png(4, 4, 1, 9));
    const Dataset set = read_picture_folder(folder.path, parse_spec("x"), support());
    CHECK(set.shape == Shape{3, 4, 4});
    CHECK(Bytes(set.train.pixels.end() - 48, set.train.pixels.end()) == Bytes(48, 9));
    CHECK(set.warnings == Sentences{folder.path + "/dog/gray.png: the picture is gray, all others are in colour; it "
                                                  "took the same value for all three colours"});
    for (const char* name : {"cat/1.png", "cat/g.png"}) folder.write(name, png(4, 4, 1, 9));
    CHECK(read_picture_folder(folder.path, parse_spec("x"), support()).shape.channels == 3);
    folder.write("cat/h.png", png(4, 4, 1, 9));
    CHECK(read_picture_folder(folder.path, parse_spec("x"), support()).shape.channels == 1);
}

TEST_CASE("pictures of other kinds are counted by ending, or named by what they are") {
    const Folder folder;
    write_classes(folder, 2, png(4, 4, 1, 100));
    for (const char* name : {"cat/a.gif", "dog/b.webp", "dog/c.WebP", "dog/d.HEIC", "cat/e.tif"})
        folder.write(name, "x");
    folder.write("cat/list.txt", "x");
    folder.write("cat/really.heic", png(4, 4, 1, 5));
    folder.write("cat/zero.jpg", "");
    folder.write("dog/phone.jpg", std::string("\0\0\0\x18"
                                              "ftypheic",
                                              12));
    folder.write("dog/phone2.jpg", std::string("\0\0\0\x18"
                                               "ftypheic",
                                               12));
    const Dataset set = read_picture_folder(folder.path, parse_spec("x"), support());
    CHECK(set.train.samples == 5);
    CHECK(set.warnings ==
          Sentences{"5 pictures were left out: 1 .gif, 1 .heic, 1 .tif, 2 .webp; only PNG, JPEG, BMP and PNM (PBM, "
                    "PGM, PPM, PAM) are read, convert the others to PNG or JPEG",
                    folder.path + "/cat/zero.jpg: left out: the file is empty",
                    folder.path + "/dog/phone.jpg and 1 more: left out: it is a HEIC picture, which is not read; "
                                  "convert it to PNG or JPEG"});
    CHECK(set.notes == Sentences{"files whose names promise another kind are PNG, JPEG, BMP and PNM (PBM, PGM, PPM, "
                                 "PAM) by their first bytes and were read: 1 .heic",
                                 "1 .txt file left out, not being pictures"});
}

TEST_CASE("classes of which nothing can be read") {
    const Folder folder;
    write_classes(folder, 1, png(4, 4, 1, 100));
    folder.write("hen/a.heic", "x");
    const Sentences said = read_picture_folder(folder.path, parse_spec("x"), support()).warnings;
    CHECK(said.back() == "the class hen is missing, since none of its pictures can be read");
    folder.write("dog/0.png", "x");
    CHECK(error_of([&] {
              read_picture_folder(folder.path, parse_spec("x"), support());
          }).find(folder.path + ": only pictures of the class cat can be read; ") == 0);
    const Folder other;
    other.write("h/1.webp", "RIFF1234WEBP");
    other.write("v/1.webp", "RIFF1234WEBP");
    CHECK(error_of([&] { read_picture_folder(other.path, parse_spec("x"), support()); }) ==
          other.path + ": the pictures in the folders h, v are 2 .webp; only PNG, JPEG, BMP and PNM (PBM, PGM, PPM, "
                       "PAM) are read, convert them to PNG or JPEG");
}

TEST_CASE("a folder of which nothing can be read is an Error with the first reason") {
    const Folder folder;
    folder.write("cat/a.png", "x");
    CHECK(error_of([&] { read_picture_folder(folder.path, parse_spec("x"), support()); })
              .find(folder.path + ": none of the pictures can be read; the first: " + folder.path +
                    "/cat/a.png: left out: ") == 0);
}

TEST_CASE("of many reasons the first eight are said") {
    tinysparse::data::detail::LeftOut files;
    for (int i = 0; i < 12; ++i) files.push_back({text("f", i), text("byte ", i)});
    files.push_back({"g", "byte 3"});
    const Sentences said = tinysparse::data::detail::left_out_sentences(files);
    REQUIRE(said.size() == 9);
    CHECK(said[0] == "f0: left out: byte 0");
    CHECK(said[3] == "f3 and 1 more: left out: byte 3");
    CHECK(said[8] == "4 pictures were left out for other reasons");
}

TEST_CASE("samples of 16 bits of which the upper ones are never used") {
    const auto pgm = [](int first, int second) {
        return "P5 2 1 65535\n" + std::string{char(first >> 8), char(first), char(second >> 8), char(second)};
    };
    const Folder folder;
    folder.write("cat/a.pgm", pgm(16, 4095));
    folder.write("dog/b.pgm.gz", gzip_stored(pgm(2048, 1024)));
    const Dataset dark = read_picture_folder(folder.path, parse_spec("x"), support());
    CHECK(dark.train.pixels == Bytes{0, 15, 8, 4});
    CHECK(dark.warnings == Sentences{"samples of 16 bits, as in " + folder.path +
                                     "/cat/a.pgm, are at most 4095, so that the pictures are dark; bits=12 makes 4095 "
                                     "white"});
    const Dataset set = read_picture_folder(folder.path, parse_spec("x,bits=12"), support());
    CHECK(set.train.pixels == Bytes{1, 255, 128, 64});
    CHECK(set.warnings.empty());
    CHECK(read_picture_folder(folder.path, parse_spec("x,bits=11"), support()).warnings ==
          Sentences{"values above 2047, up to 4095, became white by bits=11"});
    folder.write("dog/c.pgm", pgm(0, 65535));
    CHECK(read_picture_folder(folder.path, parse_spec("x"), support()).warnings.empty());
    const Folder bytes;
    write_classes(bytes, 1, png(4, 4, 1, 100));
    CHECK(read_picture_folder(bytes.path, parse_spec("x,bits=12"), support()).warnings ==
          Sentences{"bits=12 has no effect: no picture has samples of 16 bits"});
}

TEST_CASE("pictures turned by their orientation are counted, and their sizes are those that are seen") {
    const std::string blocks = read_file(TINYSPARSE_TEST_FIXTURES "/blocks.jpg");
    std::string turned = blocks;
    turned.insert(20, std::string("\xff\xe1\0\x22"
                                  "Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0",
                                  36));
    const Folder folder;
    folder.write("cat/a.jpg", blocks);
    folder.write("cat/b.JPG", blocks);
    folder.write("dog/c.jpeg", turned);
    const Dataset set = read_picture_folder(folder.path, parse_spec("x"), support());
    CHECK(set.shape == Shape{1, 16, 24});
    CHECK(set.notes == Sentences{"1 picture was turned by its EXIF orientation"});
    REQUIRE(set.warnings.size() == 1);
    CHECK(set.warnings[0] ==
          folder.path + "/dog/c.jpeg: the picture is 24x16, all others are 16x24; it was averaged to 16x24");
}
#endif
