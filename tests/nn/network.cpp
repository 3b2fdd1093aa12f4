// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/nn/network.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("initial weights have the variance 2 / fan-in ahead of a ReLU and 1 / fan-in elsewhere, and no bias") {
    nn::Network network(net::parse("C40k3v D3L F30 F10", {3, 8, 8}), {.batch = 16});
    network.initialise(5);
    const double expected[] = {2.0 / (3 * 9), 1.0 / 9, 2.0 / (40 * 36), 1.0 / 30};
    for (std::size_t i = 0; i < 4; ++i) {
        const std::vector<float>& weights = network.layers()[i].weights->value;
        double sum = 0, squares = 0;
        for (const float weight : weights) {
            sum += double(weight);
            squares += double(weight) * double(weight);
        }
        const double count = double(weights.size());
        CAPTURE(i);
        CHECK(std::abs(sum / count) < 4 * std::sqrt(expected[i] / count));
        CHECK(std::abs(squares / count / expected[i] - 1) < 4 * std::sqrt(2 / count)); // a chi-squared distribution
        if (network.layers()[i].biases)
            for (const float bias : network.layers()[i].biases->value) CHECK(bias == 0);
    }
}
