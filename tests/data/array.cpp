// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/array.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

namespace {
template <class Item>
Array array(std::vector<std::size_t> dimensions, std::vector<Item> items, std::string name = "x") {
    return {std::move(name), std::move(dimensions), std::move(items)};
}
Array labels(std::vector<std::uint8_t> items) { return array({items.size()}, items, "y"); }

template <class Item>
Dataset one(std::vector<std::size_t> dimensions, std::vector<Item> items, std::optional<Layout> layout = {},
            std::optional<Shape> shape = {}) {
    std::vector<std::uint8_t> y(dimensions[0], 1);
    return dataset_from_arrays({{Part::train, array(dimensions, items), labels(y)}}, layout, shape);
}
using Bytes = std::vector<std::uint8_t>;
using Shorts = std::vector<std::int16_t>;
using Floats = std::vector<float>;
} // namespace

TEST_CASE("what an array of samples means follows from its dimensions and number type") {
    CHECK(one({1, 2, 3}, Bytes(6)).shape == Shape{1, 2, 3});
    CHECK(one({1, 5}, Bytes(5)).shape == Shape{1, 5, 1});
    const Dataset interleaved = one({1, 1, 2, 3}, Bytes{1, 2, 3, 4, 5, 6});
    CHECK(interleaved.shape == Shape{3, 1, 2});
    CHECK(interleaved.train.pixels == Bytes{1, 4, 2, 5, 3, 6});
    const Dataset planes = one({1, 3, 1, 5}, Bytes(15));
    CHECK(planes.shape == Shape{3, 1, 5});
    const Dataset nct = one({1, 2, 3}, Shorts{1, 2, 3, 4, 5, 6});
    CHECK(nct.is_series());
    CHECK(nct.shape == Shape{2, 3, 1});
    CHECK(nct.train.values == Shorts{1, 2, 3, 4, 5, 6});
    const Dataset ntc = one({1, 3, 2}, Shorts{1, 2, 3, 4, 5, 6}, Layout::ntc);
    CHECK(ntc.shape == Shape{2, 3, 1});
    CHECK(ntc.train.values == Shorts{1, 3, 5, 2, 4, 6});
    CHECK(one({1, 2, 3}, Bytes{1, 2, 3, 4, 5, 255}, Layout::nct).train.values == Shorts{1, 2, 3, 4, 5, 255});
    CHECK(one({1, 6}, Bytes(6), {}, Shape{1, 2, 3}).shape == Shape{1, 2, 3});
    CHECK(one({1, 6}, Shorts{1, 2, 3, 4, 5, 6}, Layout::ntc, Shape{2, 3, 1}).train.values == Shorts{1, 3, 5, 2, 4, 6});
    CHECK(interleaved.class_names == std::vector<std::string>{"1"});
}

TEST_CASE("real numbers become raw elements by one factor for all parts") {
    CHECK(one({1, 1, 3}, Floats{0, 0.5f, 1}).train.pixels == Bytes{0, 128, 255});
    CHECK(one({1, 1, 3}, Floats{0, 127.6f, 255}).train.pixels == Bytes{0, 128, 255});
    const Dataset whole = one({1, 3}, Floats{-5, 1023, 0});
    CHECK(whole.train.values == Shorts{-5, 1023, 0}); // readings of a converter stay as they are
    CHECK(whole.channels == std::vector<tinysparse::Channel>{{"", 0, 1}});
    std::vector<LabelledArrays> parts{{Part::train, array({1, 2}, Floats{0.25f, -1}), labels({0})},
                                      {Part::test, array({1, 2}, Floats{3.5f, 0}), labels({0})}};
    const Dataset real = dataset_from_arrays(parts);
    CHECK(real.channels ==
          std::vector<tinysparse::Channel>{{"", 0, 8192}}); // 3.5 * 8192 = 28672, the largest power that fits
    CHECK(real.train.values == Shorts{2048, -8192});
    CHECK(real.test.values == Shorts{28672, 0});
    CHECK(one({1, 1}, Floats{1e30f}).train.values[0] > 16000);
    CHECK(error_of([] {
              one({1, 1, 2}, Floats{-1, 3});
          }) == "x: the values of pictures lie in -1 to 3, expected 0 to 1 or 0 to 255; undo the "
                "standardisation or scale them. If they are series, layout=nct or layout=ntc says so; a program "
                "gives .shape = {channels, moments, 1}, here perhaps {1, 2, 1}");
    CHECK(error_of([] {
              one({1, 2}, Floats{0, std::numeric_limits<float>::infinity()});
          }) == "x: sample 0, element 1 is inf, expected a finite number; take the sample out, or put a number there");
}

TEST_CASE("arrays that cannot be a data set are refused with the numbers") {
    CHECK(error_of([] { one({3}, Bytes(3)); }) ==
          "x: the array is 3, expected samples x height x width, or that and channels");
    CHECK(error_of([] {
              one({1, 2, 2, 2}, Shorts(8));
          }) == "x: the array is 1x2x2x2, expected samples x channels x time, or samples x time");
    CHECK(error_of([] {
              one({1, 5, 5, 5}, Bytes(125));
          }) ==
          "x: the array is 1x5x5x5, expected 1 to 4 channels, as the last dimension or the one after the samples");
    CHECK(error_of([] {
              one({1, 0, 5}, Bytes());
          }) == "x: the array is 1x0x5, expected samples of 1 to 16777216 elements");
    CHECK(error_of([] { one({0, 2, 2}, Bytes()); }) == "x: the array has no samples");
    CHECK(error_of([] {
              one({1, 7}, Bytes(7), {}, Shape{1, 2, 3});
          }) == "x: the array is 1x7, shape= asks for samples x 6");
    CHECK(error_of([] {
              dataset_from_arrays({{Part::train, array({2, 1, 1}, Bytes(2)), labels({1})}});
          }) == "y: 1 labels for the 2 samples of x; the two files do not belong together");
    CHECK(error_of([] {
              std::vector<std::uint8_t> all(256);
              std::iota(all.begin(), all.end(), std::uint8_t{0});
              dataset_from_arrays({{Part::train, array({256, 1, 1}, Bytes(256)), labels(all)}});
          }) == "y: 256 different labels, at most 255 are possible; are they classes? task=regression, or .targets in "
                "a program, "
                "learns them as numbers");
    CHECK(error_of([] {
              dataset_from_arrays({{Part::train, array({1, 1, 1}, Bytes(1)), array({1}, Floats{0.5f}, "y")}});
          }) == "y: label 0 is 0.5, expected a whole number; task=regression learns numbers");
    CHECK(error_of([] {
              dataset_from_arrays({{Part::train, array({1, 1, 2}, Bytes(2)), labels({0})},
                                   {Part::test, array({1, 2, 1}, Bytes(2), "t"), labels({0})}});
          }) == "t: the array is 1x2x1, that of x is 1x1x2; all parts must have the same shape and number type");
}

TEST_CASE("classes are the labels that occur, whatever their numbers") {
    const Dataset set =
        dataset_from_arrays({{Part::train, array({3, 1, 1}, Bytes(3)), array({3}, Floats{2, -1, 7}, "y")},
                             {Part::test, array({1, 1, 1}, Bytes(1)), array({1}, Floats{9}, "y")}});
    CHECK(set.class_names == std::vector<std::string>{"-1", "2", "7", "9"});
    CHECK(set.train.labels == Bytes{1, 0, 2});
    CHECK(set.test.labels == Bytes{3});
}

TEST_CASE("0/1 pictures reach white, in whole numbers too; black ones stay black") {
    CHECK(one({1, 1, 2}, Bytes{0, 1}).train.pixels == Bytes{0, 255});
    CHECK(one({1, 1, 2}, Bytes{0, 2}).train.pixels == Bytes{0, 2});
    CHECK(one({1, 1, 2}, Bytes{0, 0}).train.pixels == Bytes{0, 0});
}
