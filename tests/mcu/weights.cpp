// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mcu/weights.hpp"
#include "tinysparse/fixed/order.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {
template <std::uint8_t bits> void check_reader(int largest) {
    std::vector<std::int8_t> weights;
    for (int i = 0; i < 37; ++i) weights.push_back(std::int8_t(i * 7 % (2 * largest + 1) - largest));
    const auto bytes = fixed::pack(weights, bits);
    CHECK(bytes.size() == (weights.size() * bits + 7) / 8);
    for (std::size_t begin = 0; begin < weights.size(); ++begin) {
        CAPTURE(begin);
        mcu::WeightReader<bits> reader(bytes.data(), std::uint16_t(begin));
        for (std::size_t i = begin; i < weights.size(); ++i) CHECK(reader.next() == weights[i]);
        for (std::size_t count = 0; begin + 1 + count < weights.size(); ++count) {
            CAPTURE(count);
            mcu::WeightReader<bits> skipping(bytes.data(), std::uint16_t(begin));
            skipping.next();
            skipping.skip(std::uint16_t(count));
            for (std::size_t i = begin + 1 + count; i < weights.size(); ++i) CHECK(skipping.next() == weights[i]);
        }
    }
}
} // namespace

TEST_CASE("packed weights are read back from any place on") {
    check_reader<8>(127);
    check_reader<4>(7);
    check_reader<2>(1);
}

TEST_CASE("the bytes are those that the format says") {
    const std::vector<std::int8_t> weights = {-7, 7, 0};
    CHECK(fixed::pack(weights, 4) == std::vector<std::uint8_t>{0xF1, 0x08});
    const std::vector<std::int8_t> ternary = {-1, 0, 1, -1, 1};
    CHECK(fixed::pack(ternary, 2) == std::vector<std::uint8_t>{0x24, 0x02});
}
