// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/prune/scale_prior.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>
#include <memory>

using namespace tinysparse;

namespace {

/// A parameter with random numbers for the scales of `groups` groups.
std::unique_ptr<autograd::Parameter> random_scales(std::size_t groups, autograd::ScaleKind kind) {
    auto parameter = std::make_unique<autograd::Parameter>("scales", autograd::scale_parameters(groups, kind));
    Random random(8, "scales");
    for (float& value : parameter->value) value = float(random.uniform(-1.5, 1));
    parameter->gradient.assign(parameter->value.size(), 0.0f);
    return parameter;
}

} // namespace

TEST_CASE("the divergence of scales has the gradient that central differences give") {
    const prune::NormalJeffreys jeffreys;
    const prune::Horseshoe horseshoe(0.3);
    for (const prune::ScalePrior* prior :
         {static_cast<const prune::ScalePrior*>(&jeffreys), static_cast<const prune::ScalePrior*>(&horseshoe)}) {
        CAPTURE(int(prior->kind()));
        const auto parameter = random_scales(4, prior->kind());
        const prune::ScalePosterior scales(*parameter, 4, prior->kind());
        prior->add_kl_gradient(scales, 0.5f);
        for (std::size_t k = 0; k < parameter->value.size(); ++k) {
            CAPTURE(k);
            const float old = parameter->value[k], up = old + 1e-3f, down = old - 1e-3f;
            parameter->value[k] = up;
            const double above = prior->kl(scales);
            parameter->value[k] = down;
            const double below = prior->kl(scales);
            parameter->value[k] = old;
            CHECK(double(parameter->gradient[k]) ==
                  doctest::Approx(0.5 * (above - below) / double(up - down)).epsilon(2e-3));
        }
    }
}

TEST_CASE("normal-Jeffreys: a scale of pure noise costs nothing, scores low and is left where it is") {
    const prune::NormalJeffreys prior;
    autograd::Parameter parameter("scales", 4);
    parameter.gradient.assign(4, 0.0f);
    const prune::ScalePosterior scales(parameter, 2, prior.kind());
    parameter.value = {1e-3f, 1, 0, -5}; // means, then logarithms of variances
    CHECK(prior.score(scales, 0) == doctest::Approx(2 * std::log(1e-3)));
    CHECK(prior.score(scales, 1) == doctest::Approx(5));
    prior.add_kl_gradient(scales, 1);
    CHECK(parameter.gradient[0] == 0); // log alpha is beyond 8
    CHECK(parameter.gradient[2] == 0);
    CHECK(parameter.gradient[3] < 0);
}

TEST_CASE("horseshoe: the score is the logarithm of the mode, where the density of z is largest") {
    const prune::Horseshoe prior;
    const auto parameter = random_scales(3, prior.kind());
    const prune::ScalePosterior scales(*parameter, 3, prior.kind());
    for (std::size_t g = 0; g < 3; ++g) {
        const double mean = double(scales.mean(g)), variance = scales.variance<double>(g);
        const auto log_density = [&](double log_z) {
            return -(log_z - mean) * (log_z - mean) / (2 * variance) - log_z;
        };
        const double mode = prior.score(scales, g);
        CHECK(log_density(mode) > log_density(mode + 1e-3));
        CHECK(log_density(mode) > log_density(mode - 1e-3));
    }
}
