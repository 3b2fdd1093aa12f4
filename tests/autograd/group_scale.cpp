// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/group_scale.hpp"
#include "gradient_check.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::autograd;
using test::check_gradients;

TEST_CASE("group scales pass the gradient check with the noise held fixed") {
    for (const auto kind : {GroupScale::Kind::normal, GroupScale::Kind::log_normal})
        for (const auto of : {GroupScale::Groups::channels, GroupScale::Groups::elements})
            for (const std::size_t samples : {16u, 21u}) {
                CAPTURE(int(kind));
                CAPTURE(int(of));
                check_gradients({3, 2, 4},
                                [&](Graph& graph, Variable& x) -> Variable& {
                                    Variable& y = graph.variable(x.shape);
                                    Parameter& scales = graph.parameter(
                                        "scales", GroupScale::parameters(GroupScale::groups(x.shape, of), kind));
                                    graph.record<GroupScale>(x, scales, kind, of, NoiseOptions{5, 1}, y).set_step(3);
                                    return y;
                                },
                                {.samples = samples, .step = 1e-3, .tolerance = 5e-3});
            }
}

TEST_CASE("scales have the mean and variance that their parameters say, one value for a whole channel of a sample") {
    for (const auto kind : {GroupScale::Kind::normal, GroupScale::Kind::log_normal}) {
        CAPTURE(int(kind));
        Graph graph(64);
        Variable &x = graph.variable({2, 1, 3}), &y = graph.variable({2, 1, 3});
        Parameter& scales = graph.parameter("scales", GroupScale::parameters(2, kind));
        GroupScale& scale = graph.record<GroupScale>(x, scales, kind, GroupScale::Groups::channels, NoiseOptions{}, y);
        graph.record<test::LinearLoss>(y);
        graph.finish();
        // normal: means 1, 2, variances 0.25, 1; log-normal: of the logarithm mean 0.3, variance 0.25 * (4 * 0.16)
        scales.value = kind == GroupScale::Kind::normal ? std::vector<float>{1, 2, std::log(0.25f), 0}
                                                        : std::vector<float>{0.2f,
                                                                             0.2f,
                                                                             0.2f,
                                                                             0.2f,
                                                                             std::log(0.16f),
                                                                             std::log(0.16f),
                                                                             std::log(0.16f),
                                                                             std::log(0.16f),
                                                                             0.1f,
                                                                             0.1f,
                                                                             std::log(0.16f),
                                                                             std::log(0.16f)};
        for (std::size_t g = 0; g < 4; ++g)
            for (int c = 0; c < 2; ++c) std::fill_n(x.value.group(g).row(c, 0), 3, tensor::broadcast(1));
        Team team(1);
        double sum[2] = {}, squares[2] = {}, count = 0;
        for (std::uint64_t step = 0; step < 300; ++step) {
            scale.set_step(step);
            graph.forward(Mode::training, team);
            for (std::size_t g = 0; g < 4; ++g)
                for (std::size_t s = 0; s < 16; ++s) {
                    ++count;
                    for (int c = 0; c < 2; ++c) {
                        const double z = double(y.value.group(g).row(c, 0)[0][s]);
                        REQUIRE(y.value.group(g).row(c, 0)[2][s] == float(z));
                        const double drawn = kind == GroupScale::Kind::normal ? z : std::log(z);
                        sum[c] += drawn;
                        squares[c] += drawn * drawn;
                    }
                }
        }
        for (int c = 0; c < 2; ++c) {
            const double mean = kind == GroupScale::Kind::normal ? 1.0 + c : 0.3;
            const double variance = kind == GroupScale::Kind::normal ? (c ? 1.0 : 0.25) : 0.16;
            CHECK(std::abs(sum[c] / count - mean) < 4 * std::sqrt(variance / count));
            CHECK(std::abs(squares[c] / count - mean * mean - variance) < 0.05 * (mean * mean + variance));
        }
        graph.forward(Mode::evaluation, team); // the mean of z
        const double expected = kind == GroupScale::Kind::normal ? 1 : std::exp(0.3 + 0.08);
        CHECK(y.value.group(0).row(0, 0)[1][5] == doctest::Approx(expected).epsilon(1e-5));
    }
}
