// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/centres.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

/// A series with one channel per shift, and `line` behind it.
std::optional<fixed::Centres> centres(std::vector<std::int16_t> offset, std::vector<std::int8_t> shift,
                                      const char* line = "F1", int width = 1) {
    fixed::Input input;
    input.series = true;
    input.offset = std::move(offset);
    input.shift = std::move(shift);
    const net::Spec spec = net::parse(line, {int(input.shift.size()), 400, width});
    const fixed::Layout layout(spec, input.kind());
    return fixed::centres(layout, input);
}

} // namespace

TEST_CASE("centres are offsets less the rounding half, channels of equal shift stand together") {
    const auto found = centres({10, -20, 30, 40}, {6, 6, 1, -3});
    REQUIRE(found);
    CHECK(found->centre == std::vector<std::int16_t>{10 - 32, -20 - 32, 30 - 1, 40});
    REQUIRE(found->runs.size() == 3);
    CHECK(found->runs[0].channels == 2);
    CHECK(int(found->runs[0].shift) == 6);
    CHECK(found->runs[1].channels == 1);
    CHECK(int(found->runs[2].shift) == -3);
}

TEST_CASE("values have 32 bits where 16 do not hold a centre, a sum, or the code would grow") {
    CHECK(centres({-32768 + 64}, {7}));
    CHECK_FALSE(centres({-32768 + 63}, {7}));                           // its centre is -32769
    CHECK(centres({0, 0, 0, 0, 0, 0}, {1, 2, 1, 2, 1, 2}));             // six runs
    CHECK_FALSE(centres({0, 0, 0, 0, 0, 0, 0}, {1, 2, 1, 2, 1, 2, 1})); // seven
    CHECK(centres({0}, {7}, "A200 F1"));                                // 200 * 128 fits 16 bits
    CHECK_FALSE(centres({0}, {7}, "A300 F1"));
    CHECK(centres({0}, {7}, "A2x1 F1", 4));
    CHECK_FALSE(centres({0}, {7}, "A2 F1", 4)); // two columns are averaged
    const net::Spec picture = net::parse("F1", {1, 2, 2});
    CHECK_FALSE(fixed::centres(fixed::Layout(picture, {}), {}));
}
