// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/squared_error.hpp"
#include "tinysparse/base/random.hpp"
#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;
using namespace tinysparse::autograd;

namespace {

float& entry(const tensor::View& view, int k, std::size_t s) { return reinterpret_cast<float*>(view.row(k, 0))[s]; }

/// Three outputs for each sample and their targets, random, in a graph of their own.
struct Fitted {
    Graph graph;
    Variable& outputs;
    SquaredError& loss;
    Team team{1};

    Fitted(std::size_t samples, float weight)
        : graph(samples), outputs(graph.variable({3, 1, 1})), loss(graph.record<SquaredError>(outputs, weight)) {
        graph.finish();
        Random random(6);
        for (std::size_t i = 0; i < samples; ++i)
            for (int k = 0; k < 3; ++k) {
                outputs.at(i, k) = float(3 * random.normal());
                entry(loss.targets(i / 16), k, i % 16) = float(3 * random.normal());
            }
    }
    double value() {
        graph.forward(Mode::training, team);
        return loss.loss();
    }
};

} // namespace

TEST_CASE("the squared error is the mean over samples and outputs, times its weight") {
    Fitted fitted(19, 0.5f);
    double sum = 0;
    for (std::size_t i = 0; i < 19; ++i)
        for (int k = 0; k < 3; ++k)
            sum += std::pow(double(fitted.outputs.at(i, k)) - double(entry(fitted.loss.targets(i / 16), k, i % 16)), 2);
    CHECK(fitted.value() == doctest::Approx(0.5 * sum / 57));
}

TEST_CASE("the squared error has the gradient that differences of its loss give") {
    for (const std::size_t samples : {16u, 19u}) {
        CAPTURE(samples);
        Fitted fitted(samples, 0.7f);
        entry(fitted.outputs.value.group(0), 0, 0) = 1.5f;
        for (std::size_t s = samples % 16; samples > 16 && s < 16; ++s) // unused lanes
            for (int k = 0; k < 3; ++k)
                entry(fitted.outputs.value.group(1), k, s) = std::numeric_limits<float>::infinity();
        fitted.graph.step(fitted.team);
        for (std::size_t i = 0; i < samples; ++i)
            for (int k = 0; k < 3; ++k) {
                float& output = fitted.outputs.at(i, k);
                const float old = output;
                output = old + 0.125f;
                const double above = fitted.value();
                output = old - 0.125f;
                const double below = fitted.value();
                output = old;
                CHECK(entry(fitted.outputs.gradient.group(i / 16), k, i % 16) ==
                      doctest::Approx((above - below) / 0.25).epsilon(1e-5).scale(0.01));
            }
        for (std::size_t s = samples % 16; samples > 16 && s < 16; ++s)
            for (int k = 0; k < 3; ++k) CHECK(entry(fitted.outputs.gradient.group(1), k, s) == 0);
    }
}

TEST_CASE("a second loss on the same outputs adds to the gradient") {
    Graph graph(16);
    Variable& outputs = graph.variable({1, 1, 1});
    SquaredError &first = graph.record<SquaredError>(outputs), &second = graph.record<SquaredError>(outputs, 3.0f);
    graph.finish();
    for (std::size_t s = 0; s < 16; ++s) {
        outputs.at(s, 0) = 2;
        entry(first.targets(0), 0, s) = 1;
        entry(second.targets(0), 0, s) = 4;
    }
    Team team(1);
    graph.step(team);
    for (std::size_t s = 0; s < 16; ++s) // 2 (2 - 1) / 16 + 3 * 2 (2 - 4) / 16
        CHECK(entry(outputs.gradient.group(0), 0, s) == doctest::Approx(-10.0 / 16));
}
