// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/prepare.hpp"
#include "helpers.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {

std::vector<std::uint8_t> random_picture(const Shape& shape, Random& random) {
    std::vector<std::uint8_t> picture(shape.size());
    for (std::uint8_t& value : picture) value = std::uint8_t(random());
    return picture;
}

/// Planes of one picture after the preparation.
std::vector<std::uint8_t> prepared(const PicturePreparation& preparation, const std::vector<std::uint8_t>& picture) {
    std::vector<std::uint8_t> planes(preparation.out().size());
    preparation(picture, planes.data());
    return planes;
}

/// Two training pictures of one value each.
Dataset set_of_pictures(const Shape& shape) {
    Dataset set;
    set.name = "pictures";
    set.shape = shape;
    set.class_names = {"a", "b"};
    set.train = {2, std::vector<std::uint8_t>(shape.size(), 10), {}, {0, 1}};
    set.train.pixels.resize(2 * shape.size(), 200);
    return set;
}

std::string sentence(const std::vector<std::string>& all) {
    REQUIRE(all.size() == 1);
    return all[0];
}

} // namespace

TEST_CASE("pictures of more than 64 a side are shrunk by the smallest whole factor to at most 32") {
    CHECK(automatic_shrink(64, 64) == 1);
    CHECK(automatic_shrink(65, 1) == 3);
    CHECK(automatic_shrink(96, 96) == 3);
    CHECK(automatic_shrink(480, 640) == 20);
    CHECK(automatic_shrink(1, 128) == 4);
    const PicturePreparation vga({3, 480, 640}, preparation_of(parse_spec("x"), {3, 480, 640}));
    CHECK(vga.out() == Shape{3, 24, 32});
    CHECK(vga.camera() == Camera{Pixels::rgb, 480, 640, 20, 20});
    const PicturePreparation line({1, 2, 300}, preparation_of(parse_spec("x"), {1, 2, 300}));
    CHECK(line.out() == Shape{1, 1, 30}); // blocks of 2x10: no side of a picture is lost
    CHECK(PicturePreparation({1, 28, 28}, preparation_of(parse_spec("x"), {1, 28, 28})).idle());
    CHECK(PicturePreparation({3, 90, 90}, preparation_of(parse_spec("x,size=90x90"), {3, 90, 90})).idle());
}

TEST_CASE("whole factors go to the device, others to its caller") {
    Dataset set = set_of_pictures({1, 66, 67});
    prepare(set, parse_spec("x"));
    CHECK(set.shape == Shape{1, 22, 22});
    CHECK(set.camera == Camera{Pixels::gray, 66, 67, 3, 3});
    CHECK(sentence(set.notes) == "pictures are shrunk from 66x67 to 22x22, the mean of 3x3 pixels each; 0 rows and 1 "
                                 "columns at the lower and right edge are left out; size=HEIGHTxWIDTH chooses another "
                                 "size");
    CHECK(set.duties.empty());
    CHECK(set.train.pixels.size() == 2 * 22 * 22);
    CHECK(set.train.pixels.front() == 10);
    CHECK(set.train.pixels.back() == 200);

    Dataset fraction = set_of_pictures({3, 10, 10});
    prepare(fraction, parse_spec("x,size=4x5"));
    CHECK(fraction.shape == Shape{3, 4, 5});
    CHECK_FALSE(fraction.camera);
    CHECK(sentence(fraction.duties) ==
          "average pictures from 10x10 to 4x5: a new value is the mean of the old ones that it covers, those that it "
          "covers in part by their share, rounded half up");

    Dataset gray = set_of_pictures({3, 8, 8});
    prepare(gray, parse_spec("x,gray,size=4x4"));
    CHECK(gray.camera == Camera{Pixels::gray, 8, 8, 2, 2});
    CHECK(sentence(gray.duties).starts_with("make gray of colours: (299 R + 587 G + 114 B + 500) / 1000"));

    Dataset camera = set_of_pictures({3, 8, 8});
    prepare(camera, parse_spec("x,gray,pixels=rgb565"));
    CHECK(camera.camera == Camera{Pixels::rgb565, 8, 8, 1, 1});
    CHECK(camera.shape == Shape{1, 8, 8});
    CHECK(camera.duties.empty());
}

TEST_CASE("a block of more pixels than a sum holds is averaged exactly, but not on a device") {
    const PicturePreparation huge({1, 5000, 5000}, {false, false, std::pair(1, 1), {}});
    CHECK_FALSE(huge.camera());
    CHECK(prepared(huge, std::vector<std::uint8_t>(25000000, 255)) == std::vector<std::uint8_t>{255});
    const PicturePreparation largest({1, 4096, 4096}, {false, false, std::pair(1, 1), {}});
    CHECK(largest.camera());
    CHECK(prepared(largest, std::vector<std::uint8_t>(4096 * 4096, 255)) == std::vector<std::uint8_t>{255});
}

TEST_CASE("pieces of a picture are at most 65535") {
    CHECK(camera_piece({Pixels::gray, 3, 5}) == 15);
    CHECK(camera_piece({Pixels::gray, 480, 640}) == 64);
    for (const Camera& camera : {Camera{Pixels::rgb, 2048, 2048}, Camera{Pixels::rgb565, 16384, 16384}}) {
        const std::size_t piece = camera_piece(camera);
        CHECK((camera.pixel_count() + piece - 1) / piece <= 65535);
        CHECK(piece <= 8192);
    }
}

TEST_CASE("the stage of a device and the exact area average agree on whole factors") {
    Random random(9, "prepare");
    for (const int channels : {1, 3})
        for (const auto& [height, width] : {std::pair(6, 8), {1, 1}, {3, 2}}) {
            const Shape from{channels, height * 5, width * 3};
            const std::vector<std::uint8_t> picture = random_picture(from, random);
            const PicturePreparation preparation(from, {false, false, std::pair(height, width), {}});
            CHECK(preparation.camera());
            const std::vector<std::uint8_t> planes = prepared(preparation, picture);
            const AreaAverage average(from.height, from.width, height, width);
            std::vector<std::uint8_t> expected(preparation.out().size());
            for (std::size_t c = 0; c < std::size_t(channels); ++c)
                average(picture.data() + c, expected.data() + c * average.to_plane(), std::size_t(channels));
            CHECK(planes == expected);
        }
}

TEST_CASE("colours lose their bits first, then become luma, then are averaged") {
    Random random(10, "order");
    const Shape from{3, 2, 2};
    const std::vector<std::uint8_t> picture = random_picture(from, random);
    int sum = 0;
    for (std::size_t i = 0; i < 12; i += 3) {
        const int red = picture[i] & 0xf8, green = picture[i + 1] & 0xfc, blue = picture[i + 2] & 0xf8;
        sum += (299 * (red | red >> 5) + 587 * (green | green >> 6) + 114 * (blue | blue >> 5) + 500) / 1000;
    }
    const std::vector<std::uint8_t> planes = prepared({from, {true, true, std::pair(1, 1), {}}}, picture);
    CHECK(planes == std::vector<std::uint8_t>{std::uint8_t((sum + 2) / 4)});
    // The same where the size is none that a device makes: 2x2 to 1x2 and back are whole, 2x2 to 3x3 is not.
    CHECK_FALSE(PicturePreparation(from, {true, true, std::pair(3, 3), {}}).camera());
    // Gray pictures before a camera of colours are three equal ones.
    CHECK(prepared({{1, 1, 1}, {true, false, {}, {}}}, {7}) == std::vector<std::uint8_t>{0, 4, 0});
}

TEST_CASE("a model decides what the text does not say") {
    Request request = parse_spec("x");
    request.model = PictureInput{1, 24, 32, Camera{Pixels::rgb565, 481, 640, 20, 20}};
    const PicturePreparation same({3, 481, 640}, preparation_of(request, {3, 481, 640}));
    CHECK(same.camera() == request.model->camera);
    CHECK(same.out() == Shape{1, 24, 32});
    const PicturePreparation half({3, 240, 320}, preparation_of(request, {3, 240, 320}));
    CHECK(half.camera() == Camera{Pixels::rgb565, 240, 320, 10, 10});
    CHECK(PicturePreparation({3, 100, 100}, preparation_of(request, {3, 100, 100})).out() == Shape{1, 24, 32});
    request.size = {12, 16};
    CHECK(PicturePreparation({3, 481, 640}, preparation_of(request, {3, 481, 640})).out() == Shape{1, 12, 16});
}

TEST_CASE("a gray model makes gray of whatever its camera gives") {
    Request request = parse_spec("x");
    request.model = PictureInput{1, 4, 4, Camera{Pixels::rgb565, 4, 4, 1, 1}};
    for (const int channels : {1, 3}) {
        const Shape from{channels, 4, 4};
        CHECK(PicturePreparation(from, preparation_of(request, from)).out() == Shape{1, 4, 4});
    }
}

TEST_CASE("notes say what is true alone") {
    Dataset same = set_of_pictures({1, 8, 8});
    prepare(same, parse_spec("x,pixels=rgb565,gray"));
    CHECK(same.notes.empty()); // nothing is shrunk
    CHECK(same.warnings.empty());
    Dataset gray = set_of_pictures({1, 8, 8});
    prepare(gray, parse_spec("x,pixels=rgb565"));
    CHECK(gray.shape == Shape{3, 8, 8});
    CHECK(sentence(gray.warnings) ==
          "the pictures are gray, and the network would read three channels of them; add gray");
    Dataset cut = set_of_pictures({1, 16, 15});
    prepare(cut, parse_spec("x,shrink=7"));
    CHECK(sentence(cut.notes) == "pictures are shrunk from 16x15 to 2x2, the mean of 7x7 pixels each; 2 rows and 1 "
                                 "columns at the lower and right edge are left out");
    Dataset whole = set_of_pictures({1, 14, 14});
    prepare(whole, parse_spec("x,shrink=7"));
    CHECK(whole.notes.empty()); // as it was asked for
    Dataset four = set_of_pictures({4, 96, 98});
    prepare(four, parse_spec("x"));
    CHECK(sentence(four.notes) == "pictures are averaged from 96x98 to 24x24; size=HEIGHTxWIDTH chooses another size");
    CHECK(four.duties.size() == 1);
}

TEST_CASE("what cannot be is refused") {
    CHECK(error_of([] {
              preparation_of(parse_spec("x,shrink=9"), {1, 8, 7});
          }) == "data 'x,shrink=9': shrink=9: the pictures are 8x7");
    CHECK(error_of([] {
              prepare(*std::make_unique<Dataset>(set_of_pictures({2, 4, 4})), parse_spec("x,gray"));
          }) == "gray needs 3 channels, the pictures have 2");
    CHECK(error_of([] { parse_spec("x,pixels=rgb888"); }) ==
          "data 'x,pixels=rgb888': pixels=rgb888: expected rgb565; without this key pixels have 8 bits");
    CHECK(error_of([] {
              preparation_of(parse_spec("x,size=4x4,shrink=2"), {1, 8, 8});
          }) == "data 'x,size=4x4,shrink=2': give size= or shrink=, not both");
    // Two values for a pixel are no colours: they are averaged, but not on a device.
    Dataset two = set_of_pictures({2, 4, 4});
    prepare(two, parse_spec("x,size=2x2"));
    CHECK(two.shape == Shape{2, 2, 2});
    CHECK_FALSE(two.camera);
    CHECK(two.duties.size() == 1);
}
