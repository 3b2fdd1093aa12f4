// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/prune/sparse_vd.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("the penalty is the KL of all weights over the samples, warmed up linearly; weights rank by -log alpha") {
    prune::SparseVd pruner({.samples = 50, .strength = 2, .warm_up = 0.2, .threshold = 3});
    nn::NetworkOptions recording;
    recording.batch = 16;
    pruner.record(recording);
    nn::Network network(net::parse("F2", {1, 1, 2}), recording);
    pruner.attach(network);
    const double theta[] = {0.5, -2, 0.1, 1e-9}, log_variance[] = {-3, -1, 0, 2};
    for (const auto& parameter : network.graph().parameters())
        if (parameter->name.starts_with("log variances"))
            for (std::size_t k = 0; k < 4; ++k) parameter->value[k] = float(log_variance[k]);
    double kl = 0, log_alpha[4];
    for (std::size_t k = 0; k < 4; ++k) {
        network.layers()[0].weights->value[k] = float(theta[k]);
        log_alpha[k] = log_variance[k] - std::log(theta[k] * theta[k] + 1e-14);
        // Molchanov, Ashukha, Vetrov 2017, equation 14, with log alpha clipped to -8..8.
        const double clipped = std::clamp(log_alpha[k], -8.0, 8.0);
        kl += 0.5 * std::log(1 + std::exp(-clipped)) + 0.63576 - 0.63576 / (1 + std::exp(-1.8732 - 1.48695 * clipped));
    }
    for (const auto& [progress, warm] : {std::pair{0.0, 0.0}, {0.05, 0.25}, {0.2, 1.0}, {0.9, 1.0}}) {
        pruner.begin(progress, 0);
        CHECK(pruner.penalty() == doctest::Approx(2.0 / 50 * warm * kl).epsilon(1e-5));
    }
    const prune::Ranking ranking = pruner.rank();
    for (std::size_t k = 0; k < 4; ++k)
        CHECK(double(ranking.scores[0][k]) == doctest::Approx(-log_alpha[k]).epsilon(1e-4));
    CHECK(ranking.thresholds[0][0] == -3);
}
