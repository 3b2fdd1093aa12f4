// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/net/spec.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::net;

namespace {
/// The first layer of a line that reads 4 channels of 5x6.
Layer layer(const char* line) { return parse(line, {4, 5, 6}).layers[0]; }
} // namespace

TEST_CASE("depthwise layers alone read one channel for each output") {
    CHECK(reads_one_channel(layer("D3 F2")));
    CHECK(reads_one_channel(layer("DG F2")));
    CHECK_FALSE(reads_one_channel(layer("C4k3 F2")));
    CHECK_FALSE(reads_one_channel(layer("F4")));
}

TEST_CASE("windows of more than one position see padding unless it is switched off") {
    CHECK(sees_padding(layer("C4k3 F2")));
    CHECK(sees_padding(layer("D3x1 F2")));
    CHECK_FALSE(sees_padding(layer("C4k1 F2")));
    CHECK_FALSE(sees_padding(layer("C4k3v F2")));
    CHECK_FALSE(sees_padding(layer("F2")));
}

TEST_CASE("dense layers and unpadded windows as large as the input cover it") {
    const Shape in{4, 5, 6};
    CHECK(covers_input(layer("F2"), in));
    CHECK(covers_input(layer("DG F2"), in));
    CHECK(covers_input(layer("C3k5x6v F2"), in));
    CHECK_FALSE(covers_input(layer("C3k5v F2"), in));
    CHECK_FALSE(covers_input(layer("C3k5 F2"), {4, 5, 5})); // padded, so that it has 25 positions
}
