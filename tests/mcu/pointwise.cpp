// SPDX-License-Identifier: Apache-2.0
#include "window_case.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using window_case::Case;
using window_case::Geometry;

namespace {
net::Layer pointwise(int outputs, int stride = 1) {
    net::Layer layer;
    layer.kind = net::Kind::convolution;
    layer.outputs = outputs;
    layer.kernel_height = layer.kernel_width = 1;
    layer.stride = stride;
    return layer;
}
} // namespace

TEST_CASE("pairs of outputs give the sums of the plain loops, an odd last output too") {
    Random random(1, "pairs", 0);
    for (const int outputs : {1, 2, 3, 6})
        for (const int channels : {1, 2, 9}) {
            CAPTURE(outputs);
            CAPTURE(channels);
            Case layer(pointwise(outputs), {channels, 2, 5}, 25, random);
            layer.layer.shift = 6;
            CHECK(layer.found<Geometry<std::int16_t, 1, 1, 1, 8, true>>() == layer.expected());
            CHECK(layer.found<Geometry<std::int16_t, 1, 1, 2, 8, true>>() == layer.expected());
            CHECK(layer.found<Geometry<std::int16_t, 1, 1, 3, 8, true>>() == layer.expected());
            CHECK(layer.found<Geometry<std::int32_t, 1, 1, 4, 8, true>>() == layer.expected());
            CHECK(layer.found<Geometry<std::int32_t, 1, 1, 4, 8, false>>() == layer.expected());
        }
}

TEST_CASE("pairs read packed weights and step over positions") {
    Random random(2, "packed", 0);
    for (const int outputs : {2, 5}) {
        CAPTURE(outputs);
        const Case nibbles(pointwise(outputs), {3, 2, 6}, 7, random), ternary(pointwise(outputs), {5, 2, 6}, 1, random);
        CHECK(nibbles.found<Geometry<std::int16_t, 1, 1, 4, 4, true>>() == nibbles.expected());
        CHECK(ternary.found<Geometry<std::int16_t, 1, 1, 3, 2, true>>() == ternary.expected());
        const Case strided(pointwise(outputs, 2), {3, 3, 7}, 20, random);
        CHECK(strided.found<Geometry<std::int16_t, 1, 2, 3, 8, true>>() == strided.expected());
    }
}
