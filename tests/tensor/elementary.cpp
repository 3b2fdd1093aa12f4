// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/tensor/elementary.hpp"
#include "tinysparse/tensor/noise.hpp"
#include <doctest/doctest.h>
#include <vector>

using namespace tinysparse;
using namespace tinysparse::tensor;

TEST_CASE("elementary functions agree with the standard library") {
    double worst_exponential = 0, worst_logarithm = 0, worst_root = 0, worst_turn = 0;
    for (int i = 0; i <= 4000; ++i) {
        const float x = -86.0f + 172.0f * float(i) / 4000, u = float(i) / 4001;
        const float positive = std::exp(x);
        const double power = double(exponential(broadcast(x))[i % 16]), exact = std::exp(double(x));
        worst_exponential = std::max(worst_exponential, std::abs(power / exact - 1));
        const double log = double(logarithm(broadcast(positive))[3]), log_exact = std::log(double(positive));
        worst_logarithm = std::max(worst_logarithm, std::abs(log - log_exact) / std::max(1.0, std::abs(log_exact)));
        const double root = double(inverse_root(broadcast(positive))[5]);
        worst_root = std::max(worst_root, std::abs(root * std::sqrt(double(positive)) - 1));
        Lane sine, cosine;
        sine_cosine_of_turns(broadcast(u), sine, cosine);
        const double angle = 6.283185307179586 * double(u);
        worst_turn = std::max(
            {worst_turn, std::abs(double(sine[0]) - std::sin(angle)), std::abs(double(cosine[15]) - std::cos(angle))});
    }
    CHECK(worst_exponential < 1e-6);
    CHECK(worst_logarithm < 1e-6);
    CHECK(worst_root < 1e-6);
    CHECK(worst_turn < 1e-6);
}

TEST_CASE("what exp cannot hold is taken to the nearest that it can") {
    CHECK(exponential(broadcast(-1000.0f))[0] > 0);
    CHECK(std::isfinite(exponential(broadcast(1000.0f))[0]));
    CHECK(logarithm(broadcast(1.0f))[0] == 0.0f);
    CHECK(exponential(Lane{})[0] == 1.0f);
}

TEST_CASE("lanes of parameters of any number") {
    for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 40u}) {
        std::vector<float> in(size, 2.0f), out(size + 1, -1.0f);
        transform_lanes(
            in, std::span(out).first(size), [](const Lane& x) __attribute__((always_inline)) { return x * 3.0f; });
        for (std::size_t i = 0; i < size; ++i) CHECK(out[i] == 6.0f);
        CHECK(out[size] == -1.0f);
    }
}

TEST_CASE("noise is standard normal: moments and the shares beyond 1, 2 and 3 deviations") {
    NormalNoise noise(1, "test", 0);
    double sum = 0, squares = 0, cubes = 0, fourth = 0, product = 0, last = 0, beyond[3] = {};
    const int lanes = 20000;
    for (int i = 0; i < lanes; ++i) {
        const Lane drawn = noise();
        for (std::size_t s = 0; s < lane_samples; ++s) {
            const double x = double(drawn[s]);
            sum += x;
            squares += x * x;
            cubes += x * x * x;
            fourth += x * x * x * x;
            product += x * last;
            last = x;
            for (int d = 0; d < 3; ++d) beyond[d] += std::abs(x) > d + 1;
        }
    }
    const double n = lanes * 16.0, deviation = 1 / std::sqrt(n);
    CHECK(std::abs(sum / n) < 4 * deviation);
    CHECK(std::abs(squares / n - 1) < 4 * std::sqrt(2.0) * deviation);
    CHECK(std::abs(cubes / n) < 4 * std::sqrt(15.0) * deviation);
    CHECK(std::abs(fourth / n - 3) < 4 * std::sqrt(96.0) * deviation);
    CHECK(std::abs(product / n) < 4 * deviation); // neighbouring samples
    const double expected[3] = {0.317311, 0.045500, 0.002700};
    for (int d = 0; d < 3; ++d) CHECK(std::abs(beyond[d] / n - expected[d]) < 4 * std::sqrt(expected[d]) * deviation);
}
