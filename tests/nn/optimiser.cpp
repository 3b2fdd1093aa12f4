// SPDX-License-Identifier: Apache-2.0
// Optimisers against steps computed from the papers' formulas as they stand there, in double.
#include "tinysparse/nn/optimiser.hpp"
#include <array>
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::nn;
using autograd::Parameter;

namespace {

constexpr std::array<double, 4> gradients = {0.5, -2.0, 0.25, 1.5};
constexpr double start = 3.0, rate = 0.1;

/// The value of one weight after each of the gradients.
template <class Make> std::array<double, 4> walk(Make make, float rate_scale = 1) {
    Parameter weight("weight", 1);
    weight.value[0] = float(start);
    weight.rate_scale = rate_scale;
    const auto optimiser = make(Parameters{&weight});
    std::array<double, 4> values{};
    for (std::size_t t = 0; t < gradients.size(); ++t) {
        weight.gradient[0] = float(gradients[t]);
        optimiser->step(rate);
        values[t] = double(weight.value[0]);
    }
    return values;
}

auto sgd(SgdOptions options) {
    return [options](Parameters parameters) { return std::make_unique<Sgd>(std::move(parameters), options); };
}
auto adam(AdamOptions options) {
    return [options](Parameters parameters) { return std::make_unique<Adam>(std::move(parameters), options); };
}

} // namespace

TEST_CASE("SGD takes the steps of its formula") {
    SUBCASE("without momentum it goes down the gradient") {
        const auto values = walk(sgd({.momentum = 0}));
        CHECK(values[0] == doctest::Approx(3.0 - 0.1 * 0.5));
        CHECK(values[1] == doctest::Approx(3.0 - 0.1 * 0.5 + 0.1 * 2.0));
    }
    SUBCASE("classical momentum moves by the velocity") {
        const auto values = walk(sgd({.momentum = 0.9, .nesterov = false}));
        CHECK(values[0] == doctest::Approx(3.0 - 0.1 * 0.5));
        CHECK(values[1] == doctest::Approx(2.95 - 0.1 * (0.9 * 0.5 - 2.0)));
        CHECK(values[2] == doctest::Approx(3.105 - 0.1 * (0.9 * -1.55 + 0.25)));
    }
    SUBCASE("Nesterov momentum looks one step ahead") {
        const auto values = walk(sgd({.momentum = 0.9}));
        CHECK(values[0] == doctest::Approx(3.0 - 0.1 * (0.5 + 0.9 * 0.5)));
        CHECK(values[1] == doctest::Approx(2.905 - 0.1 * (-2.0 + 0.9 * (0.9 * 0.5 - 2.0))));
    }
    SUBCASE("weight decay adds to the gradient") {
        CHECK(walk(sgd({.momentum = 0, .weight_decay = 0.2}))[0] == doctest::Approx(3.0 - 0.1 * (0.5 + 0.2 * 3.0)));
    }
}

TEST_CASE("Adam and AdamW take the steps of their algorithms") {
    for (const double decay : {0.0, 0.3}) {
        CAPTURE(decay);
        const auto values = walk(adam({.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = decay}));
        double w = start, m = 0, v = 0;
        for (std::size_t t = 0; t < gradients.size(); ++t) { // Kingma and Ba 2015, algorithm 1
            const double g = gradients[t];
            m = 0.8 * m + 0.2 * g;
            v = 0.95 * v + 0.05 * g * g;
            const double corrected_m = m / (1 - std::pow(0.8, double(t + 1)));
            const double corrected_v = v / (1 - std::pow(0.95, double(t + 1)));
            w -= rate * (corrected_m / (std::sqrt(corrected_v) + 1e-3) + decay * w);
            CHECK(values[t] == doctest::Approx(w).epsilon(1e-6));
        }
    }
}

TEST_CASE("the first step of Adam moves every weight by the rate, whatever its gradient") {
    for (const float gradient : {1e-4f, 1.0f, 1e4f}) {
        Parameter weights("weights", 37); // more than two vectors and a rest
        std::fill(weights.gradient.begin(), weights.gradient.end(), gradient);
        Adam(Parameters{&weights}).step(0.01);
        for (const float value : weights.value) CHECK(double(value) == doctest::Approx(-0.01).epsilon(1e-3));
    }
}

TEST_CASE("a parameter's rate scale multiplies its steps") {
    const auto scaled = walk(adam({}), 0.5f), whole = walk(adam({}));
    CHECK(start - scaled[0] == doctest::Approx(0.5 * (start - whole[0])).epsilon(1e-5));
    CHECK(start - walk(sgd({}), 0.5f)[0] == doctest::Approx(0.5 * (start - walk(sgd({}))[0])).epsilon(1e-5));
}
