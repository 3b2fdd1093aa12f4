// SPDX-License-Identifier: Apache-2.0
#include "window_case.hpp"
#include <algorithm>
#include <doctest/doctest.h>

using namespace tinysparse;
using window_case::Case;
using window_case::Geometry;

namespace {

/// A kernel of `height` rows, over inputs of all small sizes that give the kernel a row and a column.
template <std::uint8_t width, std::uint8_t stride> void check_sizes(net::Layer spec, int height) {
    spec.kernel_height = height;
    spec.kernel_width = width;
    spec.stride = stride;
    Random random(width, "sizes", std::uint64_t(height * 8 + stride));
    for (const net::Padding padding : {net::Padding::valid, net::Padding::same})
        for (const int channels : {1, 3})
            for (int rows = 1; rows <= height + 2; ++rows)
                for (int columns = 1; columns <= width + 3; ++columns) {
                    spec.padding = padding;
                    if (padding == net::Padding::valid && (rows < height || columns < width)) continue;
                    spec.outputs = spec.kind == net::Kind::depthwise ? channels : 2;
                    const Case layer(spec, {channels, rows, columns}, 2, random);
                    CAPTURE(int(padding));
                    CAPTURE(channels);
                    CAPTURE(rows);
                    CAPTURE(columns);
                    CHECK(layer.found<Geometry<std::int16_t, width, stride, 1>>() == layer.expected());
                    if (layer.out.width >= 2)
                        CHECK(layer.found<Geometry<std::int16_t, width, stride, 2>>() == layer.expected());
                    if (layer.out.width >= 3)
                        CHECK(layer.found<Geometry<std::int16_t, width, stride, 3>>() == layer.expected());
                }
}

net::Layer of_kind(net::Kind kind) {
    net::Layer layer;
    layer.kind = kind;
    return layer;
}

} // namespace

TEST_CASE(
    "convolutions of every small size equal the plain loops: one row, one column, a kernel as large as its input") {
    for (const int height : {1, 3, 5}) {
        CAPTURE(height);
        check_sizes<1, 1>(of_kind(net::Kind::convolution), height);
        check_sizes<3, 1>(of_kind(net::Kind::convolution), height);
        check_sizes<3, 2>(of_kind(net::Kind::convolution), height);
        check_sizes<5, 1>(of_kind(net::Kind::convolution), height);
    }
}

TEST_CASE("depthwise layers of every small size equal the plain loops") {
    for (const int height : {1, 3}) {
        CAPTURE(height);
        check_sizes<3, 1>(of_kind(net::Kind::depthwise), height);
        check_sizes<3, 2>(of_kind(net::Kind::depthwise), height);
    }
}

TEST_CASE("values are limited from below by 0 after a ReLU, by -128 without one") {
    Random random(4, "limits", 0);
    net::Layer spec = of_kind(net::Kind::convolution);
    spec.kernel_height = spec.kernel_width = 3;
    spec.outputs = 4;
    for (const net::Activation activation : {net::Activation::relu, net::Activation::linear}) {
        spec.activation = activation;
        Case layer(spec, {2, 5, 5}, 10, random);
        layer.layer.shift = 1; // most sums are out of range
        const std::vector<std::int64_t> found = layer.found<Geometry<std::int16_t, 3, 1, 3>>();
        CHECK(found == layer.expected());
        CHECK(*std::min_element(found.begin(), found.end()) == (activation == net::Activation::relu ? 0 : -128));
        CHECK(*std::max_element(found.begin(), found.end()) == 127);
    }
}
