// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/net/kernel.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::net;

TEST_CASE("a kernel is the window and the channels that one output sums over") {
    const auto check = [](const char* line, std::size_t height, std::size_t width, std::size_t depth) {
        CAPTURE(line);
        const Spec spec = parse(line, {4, 5, 6});
        const Kernel own = kernel(spec.layers[0], shapes(spec).layers[0]);
        CHECK(own.height == height);
        CHECK(own.width == width);
        CHECK(own.depth == depth);
        CHECK(own.area() == height * width);
        CHECK(own.size() == height * width * depth);
    };
    check("C3k5x3 F2", 5, 3, 4);
    check("C3k1 F2", 1, 1, 4);
    check("D5x3 F2", 5, 3, 1);
    check("DG F2", 5, 6, 1);
    check("F2", 5, 6, 4); // the whole input
}

TEST_CASE("a layer sums over all of its input if its window does, without padding") {
    const auto over_all = [](const char* line) {
        const Spec spec = parse(line, {4, 3, 3});
        return sums_over_all(spec.layers[0], shapes(spec).layers[0]);
    };
    CHECK(over_all("F2"));
    CHECK(over_all("C5k3v F2"));
    CHECK_FALSE(over_all("C5k3 F2")); // "same": nine positions, most of which see padding
    CHECK_FALSE(over_all("C5k1 F2"));
    CHECK_FALSE(over_all("DG F2")); // each output reads one channel
    const Spec spec = parse("DG C5k1 F2", {4, 3, 3});
    CHECK(sums_over_all(spec.layers[1], shapes(spec).layers[1])); // a pointwise layer of one position
}
