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
