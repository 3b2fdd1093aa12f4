// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/textures.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;

TEST_CASE("textures: sample i of a seed is the same in a set of any size") {
    const Dataset few = synthetic_textures(16, 5), many = synthetic_textures(40, 5);
    CHECK(std::equal(few.train.pixels.begin(), few.train.pixels.end(), many.train.pixels.begin()));
    CHECK(few.train.pixels != synthetic_textures(16, 6).train.pixels);
    CHECK(few.class_names.size() == 8);
}

TEST_CASE("the waves of a texture run as its class says") {
    // Mean squared difference of neighbours, over many samples: large along the direction in which the wave changes.
    const Dataset set = synthetic_textures(400, 1);
    std::vector<double> across(8), down(8), falling(8), rising(8);
    for (std::size_t i = 0; i < 400; ++i)
        for (std::size_t y = 1; y < 27; ++y)
            for (std::size_t x = 1; x < 27; ++x) {
                const auto at = [&](std::size_t row, std::size_t column) {
                    return double(set.train.pixels[(i * 28 + row) * 28 + column]);
                };
                const auto square = [](double value) { return value * value; };
                const std::size_t c = set.train.labels[i];
                across[c] += square(at(y, x + 1) - at(y, x - 1));
                down[c] += square(at(y + 1, x) - at(y - 1, x));
                falling[c] += square(at(y + 1, x + 1) - at(y - 1, x - 1));
                rising[c] += square(at(y - 1, x + 1) - at(y + 1, x - 1));
            }
    for (const std::size_t fine : {0u, 1u}) {
        CHECK(across[0 + fine] > 1.5 * down[0 + fine]);
        CHECK(falling[2 + fine] > 1.5 * rising[2 + fine]);
        CHECK(down[4 + fine] > 1.5 * across[4 + fine]);
        CHECK(rising[6 + fine] > 1.5 * falling[6 + fine]);
    }
    for (const std::size_t direction : {0u, 2u, 4u, 6u})
        CHECK(across[direction] + down[direction] > across[direction + 1] + down[direction + 1]);
}
