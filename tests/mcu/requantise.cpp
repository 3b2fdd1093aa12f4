// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mcu/requantise.hpp"
#include <cmath>
#include <cstdint>
#include <doctest/doctest.h>
#include <initializer_list>

using namespace tinysparse;

namespace {
/// clamp(floor(sum / 2^shift)) in floating point, which is exact here.
int expected(double sum, int shift, int lowest) {
    const double quotient = std::floor(sum / std::ldexp(1.0, shift));
    return int(std::min(127.0, std::max(double(lowest), quotient)));
}
} // namespace

TEST_CASE("requantisation of every 16-bit sum at every shift is the floor of the quotient, clamped") {
    int wrong = 0;
    for (int shift = 1; shift <= 14; ++shift)
        for (const int lowest : {0, -128})
            for (int sum = -32768; sum <= 32767; ++sum)
                wrong += mcu::requantise(std::int16_t(sum), std::uint8_t(shift), std::int8_t(lowest)) !=
                         expected(sum, shift, lowest);
    CHECK(wrong == 0);
}

TEST_CASE("requantisation of wide sums agrees up to the proven bound of 2^24") {
    int wrong = 0;
    for (int shift = 1; shift <= 14; ++shift)
        for (const int lowest : {0, -128})
            for (std::int64_t sum = -(1 << 24); sum <= 1 << 24; sum += sum > -40000 && sum < 40000 ? 1 : 977)
                wrong += mcu::requantise(std::int32_t(sum), std::uint8_t(shift), std::int8_t(lowest)) !=
                         expected(double(sum), shift, lowest);
    CHECK(wrong == 0);
}

TEST_CASE("the rounding shift of residuals rounds halves up, for negative values too") {
    int wrong = 0;
    for (int shift = 0; shift <= 14; ++shift)
        for (int value = -128; value <= 127; ++value)
            wrong += mcu::rounding_shift(std::int16_t(value), std::uint8_t(shift)) !=
                     int(std::floor(value / std::ldexp(1.0, shift) + 0.5));
    CHECK(wrong == 0);
    CHECK(mcu::limited(300, 0) == 127);
    CHECK(mcu::limited(-5, 0) == 0);
    CHECK(mcu::limited(-300, -128) == -128);
    CHECK(mcu::limited(-5, -128) == -5);
}
