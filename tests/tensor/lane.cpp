// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/tensor/lane.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::tensor;

TEST_CASE("floor, sum and select of Lanes are those of their samples") {
    Lane x{};
    for (std::size_t s = 0; s < lane_samples; ++s) x[s] = float(s) * 0.75f - 6.0f;
    float total = 0;
    for (std::size_t s = 0; s < lane_samples; ++s) {
        CHECK(tensor::floor(x)[s] == std::floor(x[s]));
        total += x[s];
    }
    CHECK(tensor::floor(broadcast(-1e-9f))[0] == -1.0f);
    CHECK(sum(x) == total);
    CHECK(maximum(x, Lane{})[0] == 0.0f);
    CHECK(minimum(x, Lane{})[0] == -6.0f);
}
