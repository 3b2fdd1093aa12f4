// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "tinysparse/base/random.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/quantise/settling.hpp"

using namespace tinysparse;

namespace {

struct Idle final : nn::Optimiser {
    void step(double) override {}
};

constexpr float step_of_weights = 0.25f;

/// Two dense layers on grids, weights of the first anywhere between the steps.
struct Rounded {
    nn::Network network;

    explicit Rounded(const char* line) : network(net::parse(line, {1, 2, 2}), recording()) {
        Random random(3, "settling");
        for (nn::Network::Layer& layer : network.layers())
            for (float& weight : layer.weights->value) weight = float(random.uniform(-1.5, 1.5));
    }
    std::vector<float>& weights(std::size_t layer) { return network.layers()[layer].weights->value; }

    static nn::NetworkOptions recording() {
        static const std::vector<nn::LayerGrids> grids = [] {
            nn::LayerGrids one;
            one.weights = {-2, -7, 7};
            one.own = one.output = {-3, 0, 127};
            return std::vector<nn::LayerGrids>{one, one};
        }();
        nn::NetworkOptions options;
        options.batch = 4;
        options.grids = &grids;
        return options;
    }
};

float nearest_step(float weight) { return step_of_weights * std::floor(weight / step_of_weights + 0.5f); }

} // namespace

TEST_CASE("weights of four bits end near the steps that they are rounded to, those of eight stay where they are") {
    Rounded rounded("F5b4 F3b8");
    const std::vector<float> first = rounded.weights(0), second = rounded.weights(1);
    const int steps = 10000;
    quantise::SettlingOptimiser optimiser(std::make_unique<Idle>(), rounded.network, steps);
    for (int t = 0; t < steps; ++t) optimiser.step(0.01);
    // 1 - x <= exp(-x), and all pulls together are 5.
    const double left = std::exp(-quantise::SettlingOptimiser::largest_pull * steps / 2);
    REQUIRE(left < 0.01);
    // Nearer than this the pull is less than what a float of 1 to 2 can change by.
    const double resolution = 0.5 * std::ldexp(1.0, -23) / quantise::SettlingOptimiser::largest_pull;
    for (std::size_t i = 0; i < first.size(); ++i) {
        CHECK(nearest_step(rounded.weights(0)[i]) == nearest_step(first[i]));
        CHECK(std::abs(rounded.weights(0)[i] - nearest_step(first[i])) <=
              left * std::abs(first[i] - nearest_step(first[i])) + resolution);
    }
    CHECK(rounded.weights(1) == second);
}

TEST_CASE("weights of a short training are left to it") {
    Rounded rounded("F5b4 F3b4");
    const std::vector<float> first = rounded.weights(0);
    quantise::SettlingOptimiser optimiser(std::make_unique<Idle>(), rounded.network, 100);
    for (int t = 0; t < 100; ++t) optimiser.step(0.01);
    for (std::size_t i = 0; i < first.size(); ++i)
        CHECK(std::abs(rounded.weights(0)[i] - first[i]) <= 0.051 * std::abs(nearest_step(first[i]) - first[i]) + 1e-6);
}

TEST_CASE("weights are hardly drawn at first, most at the end") {
    Rounded rounded("F5b4 F3b4");
    quantise::SettlingOptimiser optimiser(std::make_unique<Idle>(), rounded.network, 1000);
    const auto share_of_a_step = [&] {
        const float before = rounded.weights(0)[0];
        optimiser.step(0.01);
        return double(rounded.weights(0)[0] - before) / double(nearest_step(before) - before);
    };
    const double early = share_of_a_step();
    for (int t = 1; t < 100; ++t) optimiser.step(0.01);
    const double later = share_of_a_step();
    CHECK(early < 1e-5);
    CHECK(later > 50 * early);
}

TEST_CASE("after each step the distance to the grid is less by the factor of its formula") {
    Rounded rounded("F5b4 F3b4");
    const std::vector<float> first = rounded.weights(0);
    const int steps = 4000;
    quantise::SettlingOptimiser optimiser(std::make_unique<Idle>(), rounded.network, steps);
    double factor = 1; // product of 1 - pull t / T
    for (int t = 1; t <= steps / 2; ++t) {
        optimiser.step(0.01);
        factor *= 1 - quantise::SettlingOptimiser::largest_pull * t / steps;
    }
    for (std::size_t i = 0; i < first.size(); ++i) {
        const double before = double(first[i] - nearest_step(first[i]));
        CHECK(double(rounded.weights(0)[i] - nearest_step(first[i])) == doctest::Approx(factor * before).epsilon(1e-3));
    }
}
