// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/numbers.hpp"
#include <bit>
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::fixed;

TEST_CASE("a logit is worth its exponent and the scale of its quantity, from the origin on") {
    Network network;
    network.layers.resize(2);
    network.layers[1].output_exponent = -10;
    const std::vector<Quantity> quantities = {{"a", 100, 4}, {"b", -0.5f, 0x1p-20f}};
    CHECK(logit_scale(network, quantities[0]) == 0x1p-8f);
    const std::vector<std::int32_t> logits = {0, 1 << 20, 256, -3};
    CHECK(numbers_of(network, quantities, logits) ==
          std::vector<float>{100, 0.5f - 1 + 0x1p-10f, 101, -0.5f - 3 * 0x1p-30f});
}

TEST_CASE("only the sum is rounded, as in the exact sum rounded once") {
    // 3e5 + 12345 * 2^-9 in floats: the exact sum has 24 bits and more, and is rounded to the nearest float.
    const float number = mcu::number_of_logit(12345, 3e5f, 0x1p-9f);
    CHECK(number == float(3e5 + 12345.0 / 512));
    for (std::int32_t logit = -70000; logit < 70000; logit += 977)
        for (const float origin : {0.1f, -1234.5f, 1e9f, 1e-9f})
            for (const float scale : {0x1p-14f, 0x1p3f, 0x1p-40f})
                CHECK(std::bit_cast<std::uint32_t>(mcu::number_of_logit(logit, origin, scale)) ==
                      std::bit_cast<std::uint32_t>(float(double(origin) + double(logit) * double(scale))));
}
