// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/prune/filter.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("filters are scored by their L1 norms over the layer's mean norm, worked out by hand") {
    nn::Network network(net::parse("C3k1 F2", {2, 1, 1}), {.batch = 16});
    network.layers()[0].weights->value = {1, -1, 2, 2, -3, 3}; // norms 2, 4, 6
    network.layers()[1].weights->value.assign(6, 1);
    prune::FilterL1 pruner;
    pruner.attach(network);
    const prune::Ranking ranking = pruner.rank();
    REQUIRE(ranking.groups.size() == 3); // the classes stay
    const double scores[] = {0.5, 1, 1.5};
    for (std::size_t c = 0; c < 3; ++c) {
        CHECK(ranking.groups[c].score == doctest::Approx(scores[c]));
        REQUIRE(ranking.groups[c].members.size() == 1);
        CHECK(ranking.groups[c].members[0].layer == 0);
        CHECK(ranking.groups[c].members[0].index == c);
    }
}

TEST_CASE("channels that a residual sum binds have the mean of their scores") {
    nn::Network network(net::parse("C2k1 =a C2k1 +a F2", {1, 1, 1}), {.batch = 16});
    network.layers()[0].weights->value = {1, 3};       // shares of the mean norm: 0.5, 1.5
    network.layers()[1].weights->value = {4, 0, 0, 4}; // 1, 1
    prune::FilterL1 pruner;
    pruner.attach(network);
    const prune::Ranking ranking = pruner.rank();
    REQUIRE(ranking.groups.size() == 2);
    CHECK(ranking.groups[0].score == doctest::Approx(0.75));
    CHECK(ranking.groups[1].score == doctest::Approx(1.25));
    CHECK(ranking.groups[0].members.size() == 2);
}
