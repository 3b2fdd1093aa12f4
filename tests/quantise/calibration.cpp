// SPDX-License-Identifier: Apache-2.0
// The choice of steps, against the squared errors of really rounding and clipping every value.
#include "tinysparse/quantise/calibration.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

/// Squared error of the nearest multiples of `step` between low and high of them.
double squared_error(const std::vector<float>& values, double step, double low, double high) {
    double sum = 0;
    for (const float value : values) {
        const double multiple = std::min(high, std::max(low, double(std::lround(double(value) / step))));
        sum += (double(value) - multiple * step) * (double(value) - multiple * step);
    }
    return sum;
}

/// Values of a normal distribution, or the sizes of one with a long tail.
std::vector<float> draw(std::size_t count, bool tail, Random& random) {
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i)
        values.push_back(float(tail ? -std::log(1 - random.uniform()) : random.normal()));
    return values;
}

} // namespace

TEST_CASE("the step of weights has nearly the least squared error of all steps down to a quarter of the coarsest") {
    Random random(1, "weights");
    for (const double limit : {127.0, 7.0, 1.0})
        for (const bool tail : {false, true}) {
            const std::vector<float> weights = draw(3000, tail, random);
            double coarsest = 0; // clips nothing
            for (const float weight : weights) coarsest = std::max(coarsest, std::abs(double(weight)) / limit);
            double least = squared_error(weights, coarsest, -limit, limit);
            for (int i = 100; i < 400; ++i)
                least = std::min(least, squared_error(weights, coarsest * i / 400, -limit, limit));
            const double step = quantise::detail::best_step(weights, limit);
            CAPTURE(limit);
            CAPTURE(tail);
            CHECK(squared_error(weights, step, -limit, limit) < 1.02 * least);
            CHECK(step <= coarsest);
            if (limit < 127) CHECK(step < 0.95 * coarsest); // clipping the largest pays
        }
    CHECK(quantise::detail::best_step({0, 0}, 7) == 0);
}

TEST_CASE("the exponent of activations has nearly the least squared error of all powers of two") {
    Random random(2, "activations");
    int clipped = 0;
    for (const double scale : {0.013, 1.0, 37.0})
        for (const double outlier : {0.0, 60.0})
            for (int round = 0; round < 5; ++round) {
                std::vector<float> values = draw(4000, round % 2 == 1, random);
                if (outlier > 0) values[7] = float(outlier);
                quantise::detail::Magnitudes magnitudes;
                for (float& value : values) {
                    value = std::abs(value) * float(scale);
                    magnitudes.add(value);
                }
                const int chosen = magnitudes.best_exponent(127);
                double least = squared_error(values, std::exp2(chosen), 0, 127);
                for (int exponent = chosen - 6; exponent <= chosen + 6; ++exponent)
                    least = std::min(least, squared_error(values, std::exp2(exponent), 0, 127));
                CAPTURE(scale);
                CAPTURE(outlier);
                CAPTURE(chosen);
                CHECK(squared_error(values, std::exp2(chosen), 0, 127) < 1.15 * least);
                clipped += double(*std::max_element(values.begin(), values.end())) > 127.5 * std::exp2(chosen);
            }
    CHECK(clipped > 0); // or nothing was weighed
    CHECK(quantise::detail::Magnitudes().best_exponent(127) == 0);
}
