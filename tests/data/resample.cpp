// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/resample.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;

namespace {
/// Brute force: every input element is a block of to_height x to_width dots, every output element the mean of the dots
/// it covers, which are from_height x from_width.
template <class Element>
std::vector<Element> by_dots(const std::vector<Element>& in, int height, int width, int to_height, int to_width) {
    std::vector<Element> out;
    for (int y = 0; y < to_height; ++y)
        for (int x = 0; x < to_width; ++x) {
            double sum = 0;
            for (int dy = 0; dy < height; ++dy)
                for (int dx = 0; dx < width; ++dx)
                    sum += in[std::size_t((y * height + dy) / to_height * width + (x * width + dx) / to_width)];
            out.push_back(Element(std::floor(sum / (height * width) + 0.5)));
        }
    return out;
}
} // namespace

TEST_CASE("the area average equals the mean over fine dots, for smaller, larger and odd sizes") {
    Random random(3, "area");
    for (const auto& [from_height, from_width] : {std::pair(28, 28), {7, 5}, {1, 1}, {3, 9}, {1, 13}})
        for (const auto& [to_height, to_width] : {std::pair(14, 14), {5, 7}, {1, 1}, {9, 3}, {2, 28}}) {
            const std::string sizes = text(from_height, 'x', from_width, " to ", to_height, 'x', to_width);
            CAPTURE(sizes);
            std::vector<std::uint8_t> pixels(std::size_t(from_height * from_width));
            std::vector<std::int16_t> values(pixels.size());
            for (auto& pixel : pixels) pixel = std::uint8_t(random());
            for (auto& value : values) value = std::int16_t(random());
            const AreaAverage average(from_height, from_width, to_height, to_width);
            std::vector<std::uint8_t> small(average.to_plane());
            std::vector<std::int16_t> short_values(average.to_plane());
            average(pixels.data(), small.data());
            average(values.data(), short_values.data());
            CHECK(small == by_dots(pixels, from_height, from_width, to_height, to_width));
            CHECK(short_values == by_dots(values, from_height, from_width, to_height, to_width));
        }
}

TEST_CASE("series are averaged in time in all parts and channels") {
    Dataset set;
    set.class_names = {"any"};
    set.shape = {2, 2, 1};
    set.element = ElementType::int16;
    set.train = {1, {}, {-5, 4, 10, 21}, {0}};
    set.test = {1, {}, {1, 2, 5, 5}, {0}};
    average_in_time(set, 1);
    CHECK(set.shape == Shape{2, 1, 1});
    CHECK(set.train.values == std::vector<std::int16_t>{0, 16}); // -0.5 and 15.5 are rounded up
    CHECK(set.test.values == std::vector<std::int16_t>{2, 5});
}
