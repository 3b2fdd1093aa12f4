// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/contact_sheet.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

#if TINYSPARSE_TEST_IMAGES
using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {

Picture sheet_of(const Dataset& set, int columns = 16) {
    Picture picture;
    std::string reason;
    REQUIRE_MESSAGE(support().decode(contact_sheet(set, columns), 16, picture, reason), reason);
    return picture;
}

/// One picture of each class, all of the value 200.
Dataset set_of_classes(const Shape& shape, int classes) {
    Dataset set;
    set.shape = shape;
    for (int c = 0; c < classes; ++c) {
        set.class_names.push_back(std::to_string(c));
        set.train.labels.push_back(std::uint8_t(c));
        ++set.train.samples;
    }
    set.train.pixels.assign(set.train.samples * shape.size(), 200);
    return set;
}

} // namespace

TEST_CASE("the contact sheet is a picture with one row for each class") {
    Dataset set;
    set.shape = {1, 1, 2};
    set.class_names = {"a", "b", "c"};
    set.train = {6, {1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 2, 2}, {}, {0, 0, 0, 0, 0, 1}};
    const Picture sheet = sheet_of(set, 4);
    CHECK(sheet.width == 4 * 4 + 2);
    CHECK(sheet.height == 3 * 3 + 2);
    CHECK(sheet.pixels[2 * 18 + 2] == 1);  // the first sample of class a
    CHECK(sheet.pixels[2 * 18 + 14] == 3); // the fourth
    CHECK(sheet.pixels[5 * 18 + 2] == 2);  // the first of class b
    CHECK(sheet.pixels[8 * 18 + 2] == 96); // none of class c
}

TEST_CASE("a series is a plot, 64 high") {
    Dataset series;
    series.shape = {2, 100, 1};
    series.element = ElementType::int16;
    series.class_names = {"a"};
    series.train.samples = 1;
    series.train.labels = {0};
    for (int i = 0; i < 200; ++i) series.train.values.push_back(std::int16_t(i * 300 - 30000));
    const Picture plot = sheet_of(series, 1);
    CHECK(plot.width == 104);
    CHECK(plot.height == 68);
}

TEST_CASE("no side is longer than 2000, whatever the pictures and however many classes") {
    const Picture wide = sheet_of(set_of_classes({3, 48, 300}, 2));
    CHECK(wide.width == 6 * 302 + 2); // fewer columns
    CHECK(wide.height == 2 * 50 + 2);
    const Picture large = sheet_of(set_of_classes({1, 480, 640}, 2));
    CHECK(large.width <= 2000);
    CHECK(large.width == 4 * 322 + 2); // four columns, pictures of half the size
    CHECK(large.pixels[std::size_t(10 * large.width + 10)] == 200);
    for (const int classes : {62, 255}) {
        const Picture many = sheet_of(set_of_classes({1, 64, 64}, classes));
        CHECK(many.height <= 2000);
        CHECK(many.width <= 2000);
    }
    CHECK(sheet_of(set_of_classes({1, 1, 5000}, 1)).width <= 2000);
}
#endif
