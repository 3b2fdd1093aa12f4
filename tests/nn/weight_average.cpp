// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/nn/weight_average.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::nn;

TEST_CASE("a weight average is the recursion by hand, for weights and for running statistics") {
    Network network(net::parse("C2k1 F2", {1, 2, 2}), {});
    network.initialise(1);
    auto& weight = network.layers()[1].weights->value[3];
    auto& variance = network.layers()[0].normalisation->running_variance[1];
    weight = 5; // before the first step: forgotten to a tenth by the first update, as t / (t + 9) is 1/10
    variance = 1;
    WeightAverage average(network, 0.2);
    const double weights[3] = {1, 2, 4}, variances[3] = {3, 3, 2};
    double expected_weight = 5, expected_variance = 1;
    for (int step = 1; step <= 3; ++step) {
        weight = float(weights[step - 1]);
        variance = float(variances[step - 1]);
        average.update();
        const double decay = std::min(0.2, step / (step + 9.0));
        expected_weight = decay * expected_weight + (1 - decay) * weights[step - 1];
        expected_variance = decay * expected_variance + (1 - decay) * variances[step - 1];
        CHECK(double(weight) == weights[step - 1]); // the training itself is left alone
    }
    CHECK(average.steps() == 3);
    average.apply();
    CHECK(double(weight) == doctest::Approx(expected_weight));
    CHECK(double(variance) == doctest::Approx(expected_variance));
}
