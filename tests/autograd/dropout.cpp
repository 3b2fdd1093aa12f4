// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/dropout.hpp"
#include "gradient_check.hpp"
#include <doctest/doctest.h>
#include <vector>

using namespace tinysparse;
using namespace tinysparse::autograd;
using test::check_gradients;

namespace {

/// What dropout makes of ones: all elements of all samples, in training mode unless told otherwise.
std::vector<float> dropped_ones(const DropoutOptions& options, std::uint64_t step, Mode mode = Mode::training,
                                std::size_t threads = 1) {
    const Shape shape{4, 5, 3};
    Graph graph(48);
    Variable &x = graph.variable(shape), &y = graph.variable(shape);
    Dropout& dropout = graph.record<Dropout>(x, options, y);
    graph.record<LinearLoss>(y);
    graph.finish();
    std::vector<float> all;
    for (std::size_t g = 0; g < 3; ++g)
        tensor::for_rows(shape, [&](int c, int row) {
            std::fill_n(x.value.group(g).row(c, row), shape.width, tensor::broadcast(1));
        });
    Team team(threads);
    dropout.set_step(step);
    graph.forward(mode, team);
    for (std::size_t g = 0; g < 3; ++g)
        tensor::for_rows(shape, [&](int c, int row) {
            for (int p = 0; p < shape.width; ++p)
                for (std::size_t s = 0; s < 16; ++s) all.push_back(y.value.group(g).row(c, row)[p][s]);
        });
    return all;
}

} // namespace

TEST_CASE("dropout passes the gradient check") {
    for (const std::size_t samples : {16u, 21u})
        check_gradients({3, 4, 5},
                        [](Graph& graph, Variable& x) -> Variable& {
                            Variable& y = graph.variable(x.shape);
                            graph.record<Dropout>(x, DropoutOptions{.rate = 0.3}, y).set_step(7);
                            return y;
                        },
                        {.samples = samples});
}

TEST_CASE("dropout drops its share and keeps the mean") {
    for (const double rate : {0.1, 0.25, 0.5, 0.9}) {
        CAPTURE(rate);
        double dropped = 0, sum = 0, count = 0;
        for (std::uint64_t step = 0; step < 20; ++step)
            for (const float value : dropped_ones({.rate = rate}, step)) {
                REQUIRE((value == 0 || value == doctest::Approx(1 / (1 - rate)).epsilon(0.02)));
                dropped += value == 0;
                sum += double(value);
                ++count;
            }
        const double deviation = std::sqrt(rate * (1 - rate) / count); // of the share, and the step of 1/256
        CHECK(std::abs(dropped / count - rate) < 4 * deviation + 0.5 / 256);
        CHECK(std::abs(sum / count - 1) < 4 * deviation / (1 - rate));
    }
}

TEST_CASE("evaluation drops nothing") {
    for (const float value : dropped_ones({.rate = 0.7}, 3, Mode::evaluation)) REQUIRE(value == 1);
}

TEST_CASE("masks depend on seed, step and layer, every sample has its own, and threads change nothing") {
    const DropoutOptions options{.rate = 0.5, .seed = 3, .layer = 2};
    const auto reference = dropped_ones(options, 11);
    CHECK(dropped_ones(options, 11) == reference);
    CHECK(dropped_ones(options, 11, Mode::training, 3) == reference);
    CHECK(dropped_ones(options, 12) != reference);
    CHECK(dropped_ones({.rate = 0.5, .seed = 4, .layer = 2}, 11) != reference);
    CHECK(dropped_ones({.rate = 0.5, .seed = 3, .layer = 1}, 11) != reference);
    std::vector<std::vector<float>> samples(48);
    for (std::size_t i = 0; i < reference.size(); ++i) samples[i / (60 * 16) * 16 + i % 16].push_back(reference[i]);
    std::sort(samples.begin(), samples.end());
    CHECK(std::adjacent_find(samples.begin(), samples.end()) == samples.end());
}
