// SPDX-License-Identifier: Apache-2.0
#include "window_case.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using window_case::Case;
using window_case::Geometry;

namespace {
net::Layer convolution(int outputs, int kernel) {
    net::Layer layer;
    layer.kind = net::Kind::convolution;
    layer.outputs = outputs;
    layer.kernel_height = layer.kernel_width = kernel;
    return layer;
}
} // namespace

TEST_CASE("blocks of any size give the sums of the plain loops") {
    Random random(1, "blocks", 0);
    for (const int channels : {1, 2, 5}) {
        CAPTURE(channels);
        const Case layer(convolution(3, 3), {channels, 4, 9}, 2, random);
        CHECK(layer.found<Geometry<std::int16_t, 3, 1, 1>>() == layer.expected());
        CHECK(layer.found<Geometry<std::int16_t, 3, 1, 2>>() == layer.expected());
        CHECK(layer.found<Geometry<std::int16_t, 3, 1, 3>>() == layer.expected());
        CHECK(layer.found<Geometry<std::int16_t, 3, 1, 4>>() == layer.expected());
        CHECK(layer.found<Geometry<std::int16_t, 3, 1, 7>>() == layer.expected()); // the whole row
    }
}

TEST_CASE("wide sums do not depend on the run of channels that is added up in 16 bits") {
    Random random(2, "runs", 0);
    for (const int channels : {1, 2, 3, 7}) {
        Case layer(convolution(2, 3), {channels, 3, 6}, 80, random); // 3 * 80 * 127 <= 32767: one channel's row fits
        layer.layer.shift = 10;
        CAPTURE(channels);
        for (const int run : {0, 1}) {
            CAPTURE(run);
            CHECK(layer.found<Geometry<std::int32_t, 3, 1, 4>>(run) == layer.expected());
            CHECK(layer.found<Geometry<mcu::Int24, 3, 1, 3>>(run) == layer.expected());
        }
        Case small(convolution(2, 3), {channels, 3, 6}, 20, random); // 4 channels' rows fit
        for (const int run : {2, 3, 4}) {
            CAPTURE(run);
            CHECK(small.found<Geometry<std::int32_t, 3, 1, 4>>(run) == small.expected());
        }
    }
}

TEST_CASE("weights of 4 and 2 bits are read as those of 8") {
    Random random(3, "bits", 0);
    const Case nibbles(convolution(3, 5), {3, 6, 8}, 7, random), ternary(convolution(3, 5), {3, 6, 8}, 1, random);
    CHECK(nibbles.found<Geometry<std::int32_t, 5, 1, 3, 4>>() == nibbles.expected());
    CHECK(nibbles.found<Geometry<std::int32_t, 5, 1, 3, 8>>() == nibbles.expected());
    CHECK(ternary.found<Geometry<std::int16_t, 5, 1, 2, 2>>() == ternary.expected());
    CHECK(ternary.found<Geometry<std::int16_t, 5, 1, 2, 8>>() == ternary.expected());
}
