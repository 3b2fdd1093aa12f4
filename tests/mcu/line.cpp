// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mcu/line.hpp"
#include "tinysparse/mcu/input.hpp"
#include "tinysparse/net/averaging.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("averages of every area come within one step of the true mean and never leave int8") {
    for (const int area : {1, 2, 3, 4, 6, 9, 12, 16, 25, 49, 64, 100, 196, 255}) {
        const net::Averaging mean = net::averaging(area);
        CAPTURE(area);
        int wrong = 0;
        for (int sum = -128 * area; sum <= 127 * area; ++sum) {
            const int found = mcu::averaged(std::int32_t(sum), std::uint8_t(mean.multiplier), std::uint8_t(mean.shift));
            wrong += std::abs(found - double(sum) / area) > 1.0;
            if (sum >= -32768 && sum + area / 2 <= 32767)
                wrong +=
                    mcu::averaged(std::int16_t(sum), std::uint8_t(mean.multiplier), std::uint8_t(mean.shift)) != found;
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("a ring keeps the newest rows") {
    CHECK(mcu::ring_offset<std::uint16_t>(std::uint8_t(0), std::uint8_t(3), std::uint8_t(28), std::uint16_t(100)) == 0);
    CHECK(mcu::ring_offset<std::uint16_t>(std::uint8_t(5), std::uint8_t(3), std::uint8_t(28), std::uint16_t(100)) ==
          200);
    CHECK(mcu::ring_offset<std::uint16_t>(std::uint8_t(5), std::uint8_t(1), std::uint8_t(28), std::uint16_t(100)) == 0);
    CHECK(mcu::ring_offset<std::uint16_t>(std::uint8_t(5), std::uint8_t(7), std::uint8_t(7), std::uint16_t(100)) ==
          500);
}

TEST_CASE("a row's place in a ring is its remainder, for counts of every size") {
    int wrong = 0;
    for (int ring = 1; ring <= 255; ++ring)
        for (int row = 0; row <= 255; ++row) {
            wrong += mcu::ring_slot(std::uint8_t(row), std::uint8_t(ring)) != row % ring;
            wrong += mcu::ring_slot(std::uint16_t(row * 257), std::uint16_t(ring)) != row * 257 % ring;
        }
    CHECK(wrong == 0);
}

TEST_CASE("raw values become int8 as the arithmetic says") {
    CHECK(mcu::picture_value(0) == 0);
    CHECK(mcu::picture_value(1) == 0);
    CHECK(mcu::picture_value(255) == 127);
    int wrong = 0;
    for (int shift = 1; shift <= 10; ++shift)
        for (const int offset : {-32768, -500, 0, 17, 32767})
            for (int raw = -32768; raw <= 32767; raw += 11) {
                const double value = std::floor((double(raw) - offset) / std::ldexp(1.0, shift) + 0.5);
                wrong += mcu::series_value(std::int16_t(raw), std::int16_t(offset), std::int8_t(shift)) !=
                         int(std::min(127.0, std::max(-128.0, value)));
            }
    CHECK(wrong == 0);
}

TEST_CASE("series are shifted both ways, whatever value, offset and shift are") {
    int wrong = 0;
    for (int shift = -7; shift <= 15; ++shift)
        for (const int offset : {-32768, -32767, -129, -128, -1, 0, 1, 127, 128, 943, 32640, 32767})
            for (int raw = -32768; raw <= 32767; ++raw) {
                const double value = std::floor((double(raw) - offset) * std::ldexp(1.0, -shift) + 0.5);
                wrong += mcu::shifted_value(std::int16_t(raw), std::int16_t(offset), std::int8_t(shift)) !=
                         int(std::min(127.0, std::max(-128.0, value)));
            }
    CHECK(wrong == 0);
}

namespace {

/// Values at one shift that differ from the formula in floats, over all raw values and several offsets.
template <int shift> int wrong_centred_values() {
    int wrong = 0;
    for (const int offset : {-32768, -32767, -16385, -129, -128, -1, 0, 1, 127, 128, 943, 16384, 32640, 32767}) {
        const std::int32_t centre = mcu::series_centre(std::int16_t(offset), std::int8_t(shift));
        if (centre < -32768) continue; // values of this channel have 32 bits
        for (int raw = -32768; raw <= 32767; ++raw) {
            const double value = std::floor((double(raw) - offset) * std::ldexp(1.0, -shift) + 0.5);
            wrong += mcu::centred_value<std::int8_t(shift)>(std::int16_t(raw), std::int16_t(centre)) !=
                     int(std::min(127.0, std::max(-128.0, value)));
        }
    }
    return wrong + wrong_centred_values<shift - 1>();
}
template <> int wrong_centred_values<-8>() { return 0; }

} // namespace

TEST_CASE("series in 16 bits have the same values, whatever value, offset and shift are") {
    CHECK(wrong_centred_values<15>() == 0);
}
