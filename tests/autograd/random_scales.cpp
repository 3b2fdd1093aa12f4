// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/random_scales.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::autograd;

TEST_CASE("scales have the mean and variance that their parameters say") {
    for (const ScaleKind kind : {ScaleKind::normal, ScaleKind::log_normal}) {
        CAPTURE(int(kind));
        const bool normal = kind == ScaleKind::normal;
        Graph graph(64);
        Parameter& parameter = graph.parameter("scales", scale_parameters(2, kind));
        RandomScales scales(graph, ScalePosterior(parameter, 2, kind), {});
        // normal: means 1, 2, variances 0.25, 1; log-normal: of the logarithm mean 0.3, variance 0.25 * (4 * 0.16)
        const float log = std::log(0.16f);
        parameter.value = normal ? std::vector<float>{1, 2, std::log(0.25f), 0}
                                 : std::vector<float>{0.2f, 0.2f, 0.2f, 0.2f, log, log, log, log, 0.1f, 0.1f, log, log};
        scales.allocate(4);
        scales.prepare();
        double sum[2] = {}, squares[2] = {}, count = 0;
        for (std::uint64_t step = 0; step < 300; ++step)
            for (std::size_t group = 0; group < 4; ++group) {
                const Lane* z = scales.draw(group, step, Mode::training);
                CHECK(z == scales.drawn(group));
                for (std::size_t s = 0; s < 16; ++s) {
                    ++count;
                    for (int g = 0; g < 2; ++g) {
                        const double drawn = normal ? double(z[g][s]) : std::log(double(z[g][s]));
                        sum[g] += drawn;
                        squares[g] += drawn * drawn;
                    }
                }
            }
        for (int g = 0; g < 2; ++g) {
            const double mean = normal ? 1.0 + g : 0.3, variance = normal ? (g ? 1.0 : 0.25) : 0.16;
            CHECK(std::abs(sum[g] / count - mean) < 4 * std::sqrt(variance / count));
            CHECK(std::abs(squares[g] / count - mean * mean - variance) < 0.05 * (mean * mean + variance));
        }
        const double expected = normal ? 1 : std::exp(0.3 + 0.08); // in evaluation: the mean of z
        CHECK(scales.draw(0, 7, Mode::evaluation)[0][5] == doctest::Approx(expected).epsilon(1e-5));
    }
}
