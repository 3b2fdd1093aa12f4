// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/gp/lbfgsb.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::gp;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
double rosenbrock(std::span<const double> x, std::span<double> gradient) {
    double sum = 0;
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
        const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
        sum += 100 * a * a + b * b;
        gradient[i] += -400 * a * x[i] - 2 * b;
        gradient[i + 1] += 200 * a;
    }
    return sum;
}
} // namespace

TEST_CASE("Rosenbrock's valley is followed to its end") {
    for (const std::size_t n : {2u, 10u}) {
        const std::vector<double> lower(n, -infinity), upper(n, infinity);
        const Minimum found = minimise(rosenbrock, std::vector<double>(n, -1.2), lower, upper, {.iterations = 300});
        CAPTURE(n);
        for (const double x : found.x) CHECK(x == doctest::Approx(1.0).epsilon(1e-4));
        CHECK(found.evaluations < 200);
    }
}

TEST_CASE("a bound that cuts the valley holds the minimum: x_1 <= 0.5 gives 0.25 and (1 - 0.5)^2") {
    const std::vector<double> lower = {-2, -2}, upper = {0.5, 2};
    const Minimum found = minimise(rosenbrock, {-1.2, 1}, lower, upper);
    CHECK(found.x[0] == 0.5);
    CHECK(found.x[1] == doctest::Approx(0.25).epsilon(1e-5));
    CHECK(found.value == doctest::Approx(0.25).epsilon(1e-9));
}

TEST_CASE("bounded convex quadratics end at the point that satisfies the optimality conditions") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Random random(seed, "quadratic");
        const std::size_t n = 12;
        Matrix a(n, n);
        std::vector<double> b(n), lower(n), upper(n), start(n);
        for (double& value : a.values) value = random.normal();
        for (std::size_t i = 0; i < n; ++i) {
            b[i] = 3 * random.normal();
            lower[i] = -random.uniform();
            upper[i] = random.uniform();
            start[i] = random.normal(); // outside as well: moved in first
        }
        const auto f = [&](std::span<const double> x, std::span<double> gradient) {
            double value = 0; // |A x|^2 / 2 + |x|^2 / 20 - b x
            for (std::size_t i = 0; i < n; ++i) gradient[i] = 0.1 * x[i] - b[i];
            for (std::size_t i = 0; i < n; ++i) {
                const double product = dot(a.row(i), x.data(), n);
                value += 0.5 * product * product + 0.05 * x[i] * x[i] - b[i] * x[i];
                add_scaled(gradient.data(), product, a.row(i), n);
            }
            return value;
        };
        const Minimum found = minimise(f, start, lower, upper, {.iterations = 500, .gradient_tolerance = 1e-9});
        std::vector<double> gradient(n);
        f(found.x, gradient);
        CAPTURE(seed);
        for (std::size_t i = 0; i < n; ++i) {
            if (found.x[i] == lower[i])
                CHECK(gradient[i] >= -1e-6);
            else if (found.x[i] == upper[i])
                CHECK(gradient[i] <= 1e-6);
            else
                CHECK(std::fabs(gradient[i]) < 1e-5);
        }
    }
}

TEST_CASE("places without a value are avoided, a start without one comes back") {
    const auto logarithm = [](std::span<const double> x, std::span<double> gradient) { // x - log x, nothing below 0
        gradient[0] = 1 - 1 / x[0];
        return x[0] > 0 ? x[0] - std::log(x[0]) : infinity;
    };
    const std::vector<double> lower = {-10}, upper = {10};
    CHECK(minimise(logarithm, {5}, lower, upper).x[0] == doctest::Approx(1).epsilon(1e-4));
    const Minimum nowhere = minimise(logarithm, {-5}, lower, upper);
    CHECK(nowhere.x[0] == -5);
    CHECK(nowhere.value == infinity);
}
