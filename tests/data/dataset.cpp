// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/base/random.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;

TEST_CASE("a pixel loses its lowest bit on the integer grid") {
    for (int p = 0; p < 256; ++p) CHECK(input_value(std::uint8_t(p)) == p / 2);
}

TEST_CASE("a value of a series is rounded and clamped as the formula in real numbers says") {
    for (const int shift : {1, 3, 10})
        for (const int offset : {-32768, -77, 0, 5, 32767})
            for (int v = -32768; v <= 32767; v += 13) {
                const double real = std::floor((v - offset) / std::ldexp(1.0, shift) + 0.5);
                const double clamped = real < -128 ? -128 : real > 127 ? 127 : real;
                REQUIRE(input_value(std::int16_t(v), std::int16_t(offset), shift) == clamped);
            }
}

TEST_CASE("the normalisation of a series centres each channel and clips at most one value in a thousand") {
    Random random(1, "series");
    const Shape shape{3, 50, 1};
    Split train;
    train.samples = 40;
    train.labels.assign(40, 0);
    for (std::size_t sample = 0; sample < 40; ++sample)
        for (int c = 0; c < 3; ++c)
            for (int t = 0; t < 50; ++t)
                train.values.push_back(c == 0   ? std::int16_t(1000 + random.normal() * 300)
                                       : c == 1 ? std::int16_t(random.below(2) ? 32767 : -32768)
                                                : std::int16_t(-5));
    train.values[0] = 32767; // one outlier in channel 0
    const Normalisation normalisation = normalisation_of(train, shape);
    REQUIRE(normalisation.offset.size() == 3);
    CHECK(std::abs(normalisation.offset[0] - 1000) < 60);
    CHECK(normalisation.shift[0] == 3); // 128 * 8 = 1024 is 3.4 standard deviations, 512 would be 1.7
    CHECK(normalisation.shift[1] == 9); // at 8 half of the values, 32767 / 256, would be rounded to 128
    CHECK(normalisation.offset[2] == -5);
    CHECK(normalisation.shift[2] == 1);
    std::vector<std::int8_t> grid(150);
    input_values(std::span(train.values).subspan(150, 150), normalisation, grid);
    for (std::size_t i = 0; i < 150; ++i)
        CHECK(grid[i] == input_value(train.values[150 + i], normalisation.offset[i / 50], normalisation.shift[i / 50]));
}

TEST_CASE("the mean of a series is rounded to the nearest whole number, below zero too") {
    Split train;
    train.samples = 1;
    train.values = {-3, -4, -4, -4}; // mean -3.75
    CHECK(normalisation_of(train, {1, 4, 1}).offset[0] == -4);
    train.values = {-3, -3, -3, -4}; // mean -3.25
    CHECK(normalisation_of(train, {1, 4, 1}).offset[0] == -3);
}

TEST_CASE("the digest sees every label, element, name and length, and nothing else") {
    Dataset set;
    set.name = "a";
    set.shape = {1, 2, 1};
    set.class_names = {"ab", "c"};
    set.train = {2, {1, 2, 3, 4}, {}, {0, 1}};
    const std::uint64_t digest = digest_of(set);
    const auto changed = [&](auto change) {
        Dataset other = set;
        change(other);
        return digest_of(other) != digest;
    };
    CHECK(changed([](Dataset& s) { s.train.pixels[3] = 5; }));
    CHECK(changed([](Dataset& s) { s.train.labels[1] = 0; }));
    CHECK(changed([](Dataset& s) { s.shape = {1, 1, 2}; }));
    CHECK(changed([](Dataset& s) { std::swap(s.class_names[0], s.class_names[1]); }));
    CHECK(changed(
        [](Dataset& s) { s.class_names[1].insert(0, 1, s.class_names[0].back()), s.class_names[0].pop_back(); }));
    CHECK(changed([](Dataset& s) { std::swap(s.train, s.test); }));
    CHECK_FALSE(changed([](Dataset& s) { s.name += "b"; }));
}
