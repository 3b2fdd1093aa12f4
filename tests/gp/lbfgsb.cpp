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
        CHECK(found.stop == Stop::gradient);
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
    CHECK(nowhere.stop == Stop::not_finite);
    CHECK(nowhere.evaluations == 1);
    const auto cliff = [](std::span<const double> x, std::span<double> gradient) { // falls towards the edge at 1
        gradient[0] = x[0] < 1 ? -1 : std::numeric_limits<double>::quiet_NaN();
        return x[0] < 1 ? -x[0] : std::numeric_limits<double>::quiet_NaN();
    };
    CHECK(minimise(cliff, {-5}, lower, upper).x[0] == doctest::Approx(1).epsilon(0.05));
}

TEST_CASE("a line that bends the wrong way is followed with growing steps: 1 - exp(-x^2 / 2) from far off") {
    const auto bump = [](std::span<const double> x, std::span<double> gradient) {
        const double e = std::exp(-x[0] * x[0] / 2);
        gradient[0] = x[0] * e;
        return 1 - e;
    };
    for (const double start : {4.0, -3.0, 4.5})
        for (const double bound : {5.0, infinity}) {
            CAPTURE(start);
            const Minimum found = minimise(bump, {start}, std::vector{-bound}, std::vector{bound});
            CHECK(std::fabs(found.x[0]) < 1e-4);
            CHECK(found.evaluations < 30);
            CHECK(found.stop == Stop::gradient);
        }
}

TEST_CASE("a step is extended up to the bound that is in its way") {
    const auto plane = [](std::span<const double> x, std::span<double> gradient) {
        gradient[0] = -1e-3;
        gradient[1] = 2e-3;
        return -1e-3 * x[0] + 2e-3 * x[1];
    };
    const Minimum found = minimise(plane, {0, 0}, std::vector{-5.0, -70.0}, std::vector{900.0, 8.0});
    CHECK(found.x == std::vector{900.0, -70.0});
    CHECK(found.evaluations < 20);
    CHECK(found.stop == Stop::gradient); // none is left inside the bounds
}

TEST_CASE("every step holds the strong Wolfe conditions") {
    // Along the line from 0 by step, for lines that fall and rise at very different lengths.
    for (const double length : {1e-3, 0.1, 1.0, 30.0, 1e4}) {
        CAPTURE(length);
        const auto on_line = [&](double step) {
            const double t = step / length; // t^4/4 - t + sin(t) / 3
            return gp::detail::LinePoint{
                step, t * t * t * t / 4 - t + std::sin(t) / 3, (t * t * t - 1 + std::cos(t) / 3) / length, {}, {}};
        };
        const gp::detail::LinePoint start = on_line(0), found = gp::detail::wolfe_search(start, 1, 1e10, on_line);
        CHECK(found.value <= start.value + 1e-4 * found.step * start.slope);
        CHECK(std::fabs(found.slope) <= 0.9 * std::fabs(start.slope));
    }
}

TEST_CASE("a minimisation says why it ended") {
    const std::vector<double> lower = {-10, -10}, upper = {10, 10}, start = {-1.2, 1};
    CHECK(minimise(rosenbrock, start, lower, upper, {.iterations = 3}).stop == Stop::iterations);
    CHECK(minimise(rosenbrock, start, lower, upper, {.gradient_tolerance = 0, .decrease_tolerance = 1e-3}).stop ==
          Stop::decrease);
    const auto flat = [](std::span<const double>, std::span<double> gradient) {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        return 7.0;
    };
    const Minimum nothing = minimise(flat, start, lower, upper);
    CHECK(nothing.stop == Stop::gradient);
    CHECK(nothing.x == start);
    CHECK(nothing.evaluations == 1);
    const auto wrong = [](std::span<const double> x, std::span<double> gradient) { // the gradient of -f
        gradient[0] = -2 * x[0];
        gradient[1] = -2 * x[1];
        return x[0] * x[0] + x[1] * x[1];
    };
    const Minimum fooled = minimise(wrong, start, lower, upper);
    CHECK(fooled.stop == Stop::line_search);
    CHECK(fooled.x == start);
}
