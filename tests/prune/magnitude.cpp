// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/prune/magnitude.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("the threshold of a layer is a number of its standard deviations, as they were when the phase began") {
    nn::Network network(net::parse("F2 F2", {1, 1, 2}), {.batch = 16});
    network.layers()[0].weights->value = {1, 2, 3, 6};   // mean 3, squared deviations 4 + 1 + 0 + 9
    network.layers()[1].weights->value = {-1, 1, -1, 1}; // deviation 1
    prune::MagnitudeOptions options;
    options.schedule = prune::MagnitudeSchedule::one_shot;
    options.threshold = 0.5;
    prune::Magnitude pruner(options);
    pruner.attach(network);
    network.layers()[0].weights->value = {-1, 2, 0.5f, 7}; // training goes on
    const prune::Ranking ranking = pruner.rank();
    CHECK(ranking.scores[0] == std::vector<float>{1, 2, 0.5f, 7});
    CHECK(ranking.thresholds[0][0] == doctest::Approx(0.5 * std::sqrt(14.0 / 4)));
    CHECK(ranking.thresholds[1][0] == doctest::Approx(0.5));
    CHECK(prune::decide(network.spec(), ranking, std::nullopt)[0].weights == std::vector<std::uint8_t>{1, 1, 0, 1});
}
