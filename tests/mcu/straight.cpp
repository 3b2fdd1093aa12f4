// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mcu.hpp"
#include <cstdint>
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("the words of straight-line code load values and add products") {
    const std::int8_t x[80] = {7, -3, 100, 5};
    std::int16_t s0 = 10, s1 = -20;
    TINYSPARSE_PRODUCTS(2, x,
                        TINYSPARSE_VALUE(2) TINYSPARSE_ADD(0) TINYSPARSE_SUBTRACT(1) TINYSPARSE_TIMES(100)
                            TINYSPARSE_ADD_PRODUCT(1) TINYSPARSE_VALUE(1) TINYSPARSE_TIMES(4)
                                TINYSPARSE_SUBTRACT_PRODUCT(0) TINYSPARSE_MOVE(3) TINYSPARSE_VALUE(0) TINYSPARSE_ADD(1))
    CHECK(s0 == 10 + 100 + 12);
    CHECK(s1 == -20 - 100 + 10000 + 5);
    std::int32_t sums[3] = {1, 1, 1};
    TINYSPARSE_SET(2, sums + 1)
    CHECK(sums[0] == 1);
    CHECK(sums[1] == s0);
    CHECK(sums[2] == s1);
}

TEST_CASE("values that may be negative are told from those that may not") {
    const std::int8_t x[70] = {7, -3, 100, 5};
    std::int16_t s0 = 0, s1 = 1000;
    TINYSPARSE_SIGNED_SIGNS(2, x,
                            TINYSPARSE_SIGNED_PLAIN(1) TINYSPARSE_PLUS(0) TINYSPARSE_MINUS(1) TINYSPARSE_SIGNS_MOVE(2)
                                TINYSPARSE_SIGNED_PLAIN(0) TINYSPARSE_MINUS(0))
    CHECK(s0 == -103);
    CHECK(s1 == 1003);
    TINYSPARSE_SIGNS(1, x, TINYSPARSE_PLAIN(0) TINYSPARSE_PLUS(0))
    CHECK(s0 == -96);
}

TEST_CASE("wide sums hold what 16 bits do not") {
    const std::int8_t x[] = {127, -128};
    mcu::Int24 s0 = 4000000;
    TINYSPARSE_WIDE(1, x,
                    TINYSPARSE_VALUE(0) TINYSPARSE_WIDE_TIMES(127) TINYSPARSE_WIDE_ADD(0) TINYSPARSE_WIDE_ADD(0)
                        TINYSPARSE_WIDE_ADD(0) TINYSPARSE_VALUE(1) TINYSPARSE_WIDE_TIMES(127)
                            TINYSPARSE_WIDE_SUBTRACT(0))
    CHECK(s0 == 4000000 + 3 * 127 * 127 + 127 * 128);
}

namespace {
template <int kernel, int stride_of, int pad, int width_of> struct Columns : mcu::WindowLayer<std::uint8_t> {
    static constexpr std::uint8_t kernel_width = kernel, stride = stride_of, pad_left = pad, pad_right = pad;
    static constexpr Count in_width = width_of;
};

template <class Geometry> void check_columns() {
    for (int position = 0; position * Geometry::stride < Geometry::in_width; ++position) {
        CAPTURE(position);
        const unsigned found = mcu::columns_inside(Geometry(), std::uint8_t(position));
        for (int column = 0; column < Geometry::kernel_width; ++column) {
            const int place = position * Geometry::stride - Geometry::pad_left + column;
            CHECK(((found >> column) & 1) == (place >= 0 && place < Geometry::in_width ? 1u : 0u));
        }
    }
}
} // namespace

TEST_CASE("columns of the kernel that meet no input are found at every position") {
    check_columns<Columns<3, 1, 1, 9>>();
    check_columns<Columns<7, 2, 3, 12>>();
    check_columns<Columns<5, 1, 2, 1>>();
    check_columns<Columns<7, 1, 3, 255>>(); // as wide as a counter of one byte allows
    check_columns<Columns<1, 2, 0, 4>>();
}
