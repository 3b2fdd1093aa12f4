// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/element_scale.hpp"
#include "gradient_check.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::autograd;

TEST_CASE("scales of elements pass the gradient check with the noise held fixed") {
    for (const ScaleKind kind : {ScaleKind::normal, ScaleKind::log_normal})
        for (const std::size_t samples : {16u, 21u}) {
            CAPTURE(int(kind));
            CAPTURE(samples);
            test::check_gradients({3, 2, 4},
                                  [&](Graph& graph, Variable& x) -> Variable& {
                                      Variable& y = graph.variable(x.shape);
                                      Parameter& scales =
                                          graph.parameter("scales", scale_parameters(x.shape.size(), kind));
                                      const ScalePosterior posterior(scales, x.shape.size(), kind);
                                      graph.record<ElementScale>(x, posterior, NoiseOptions{5, 1}, y).set_step(3);
                                      return y;
                                  },
                                  {.samples = samples, .parameter_step = 0.02});
        }
}

TEST_CASE("an element whose scale is 0 takes part with next to nothing and has finite gradients") {
    Graph graph(16);
    Variable &x = graph.variable({2, 1, 1}), &y = graph.variable({2, 1, 1});
    Parameter& scales = graph.parameter("scales", scale_parameters(2, ScaleKind::normal));
    graph.record<ElementScale>(x, ScalePosterior(scales, 2, ScaleKind::normal), NoiseOptions{}, y);
    graph.record<LinearLoss>(y);
    graph.finish();
    scales.value = {0, 1, -200, -200}; // no noise at all
    for (int c = 0; c < 2; ++c) *x.value.group(0).row(c, 0) = tensor::broadcast(3);
    Team team(1);
    graph.step(team);
    double dy = 0; // dmu = sum x dy, with z = 0 as with any other
    for (std::size_t s = 0; s < 16; ++s) {
        CHECK(std::abs((*y.value.group(0).row(0, 0))[s]) < 1e-18f);
        dy += double((*y.gradient.group(0).row(0, 0))[s]);
    }
    CHECK(scales.gradient[0] == doctest::Approx(3 * dy).epsilon(1e-5));
}
