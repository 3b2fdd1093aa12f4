// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/judge/student.hpp"
#include <doctest/doctest.h>
#include <limits>
#include <numbers>

using namespace tinysparse;
using namespace tinysparse::judge;

TEST_CASE("critical values of Student's t are those of published tables") {
    // Abramowitz and Stegun 1964, "Handbook of mathematical functions", table 26.10.
    const struct {
        double freedom, at_90, at_95, at_99, at_999;
    } published[] = {{1, 6.314, 12.706, 63.657, 636.619}, {2, 2.920, 4.303, 9.925, 31.598},
                     {3, 2.353, 3.182, 5.841, 12.924},    {4, 2.132, 2.776, 4.604, 8.610},
                     {5, 2.015, 2.571, 4.032, 6.869},     {7, 1.895, 2.365, 3.499, 5.408},
                     {9, 1.833, 2.262, 3.250, 4.781},     {11, 1.796, 2.201, 3.106, 4.437},
                     {30, 1.697, 2.042, 2.750, 3.646},    {120, 1.658, 1.980, 2.617, 3.373}};
    for (const auto& row : published) {
        CAPTURE(row.freedom);
        CHECK(std::abs(student_critical_value(0.90, row.freedom) - row.at_90) <= 0.0006);
        CHECK(std::abs(student_critical_value(0.95, row.freedom) - row.at_95) <= 0.0006);
        CHECK(std::abs(student_critical_value(0.99, row.freedom) - row.at_99) <= 0.0006);
        CHECK(std::abs(student_critical_value(0.999, row.freedom) - row.at_999) <= 0.0011); // the table has 31.598
    }
    CHECK(student_critical_value(0.95, 1e7) == doctest::Approx(1.959964).epsilon(1e-6)); // the normal distribution
    CHECK(student_critical_value(0, 3) <= std::numeric_limits<double>::min());
}

TEST_CASE("p values of Student's t equal its closed forms for one, two and four degrees of freedom") {
    for (const double t : {1e-8, 0.01, 0.5, 1.0, 1.9, 2.1, 7.0, 300.0, 1e6})
        for (const double sign : {1.0, -1.0}) {
            CAPTURE(t);
            const double one = 2 / std::numbers::pi * std::atan(1 / t);
            CHECK(student_p_value(sign * t, 1) == doctest::Approx(one).epsilon(1e-12));
            // 1 - t / root = 2 / (root (root + t)) keeps its digits for large t.
            const double root = std::sqrt(2 + t * t);
            CHECK(student_p_value(sign * t, 2) == doctest::Approx(2 / (root * (root + t))).epsilon(1e-12));
            const double s = t / std::sqrt(4 + t * t); // P(|T| <= t) = s (3 - s^2) / 2
            CHECK(student_p_value(sign * t, 4) == doctest::Approx(1 - s * (3 - s * s) / 2).epsilon(1e-12));
        }
    CHECK(student_p_value(0, 5) == 1);
    CHECK(student_p_value(std::numeric_limits<double>::infinity(), 5) == 0);
}

TEST_CASE("a critical value has the p value that it was asked for") {
    for (const double freedom : {1.0, 3.5, 8.0, 200.0})
        for (const double level : {0.1, 0.5, 0.95, 0.9917, 0.999999}) {
            CAPTURE(freedom);
            CAPTURE(level);
            const double t = student_critical_value(level, freedom);
            CHECK(student_p_value(t, freedom) == doctest::Approx(1 - level).epsilon(1e-9));
        }
}

TEST_CASE("the incomplete beta function is a sum of binomial probabilities for whole numbers, and an integral") {
    // I_x(a, b) = sum of C(n, j) x^j (1 - x)^(n - j) for j = a .. n, n = a + b - 1
    for (int a = 1; a <= 12; a += 3)
        for (int b = 1; b <= 40; b += 7)
            for (const double x : {0.003, 0.2, 0.5, 0.77, 0.99}) {
                const int n = a + b - 1;
                double sum = 0, term = std::pow(1 - x, n);
                for (int j = 0; j <= n; ++j) {
                    if (j >= a) sum += term;
                    term *= x / (1 - x) * (n - j) / (j + 1);
                }
                CAPTURE(a);
                CAPTURE(b);
                CAPTURE(x);
                CHECK(std::abs(incomplete_beta(x, a, b) - sum) < 1e-12);
            }
    // Halves, as Student's t has them: midpoint rule over u with x = u^2, whose integrand is smooth at 0.
    for (const double b : {0.5, 3.5, 20.5}) {
        const double a = 0.5, x = 0.3, end = std::sqrt(x);
        const int steps = 20000;
        double sum = 0;
        for (int i = 0; i < steps; ++i) {
            const double u = end * (i + 0.5) / steps;
            sum += 2 * std::pow(1 - u * u, b - 1) * end / steps;
        }
        const double beta = std::tgamma(a) * std::tgamma(b) / std::tgamma(a + b);
        CHECK(incomplete_beta(x, a, b) == doctest::Approx(sum / beta).epsilon(1e-8));
    }
    CHECK(incomplete_beta(0, 2, 3) == 0);
    CHECK(incomplete_beta(1, 2, 3) == 1);
}

TEST_CASE("what is no level, no number or no number of degrees of freedom is refused") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(student_critical_value(1, 5), "level 1: expected 0 or more, and less than 1", Error);
    CHECK_THROWS_AS(student_critical_value(nan, 5), Error);
    CHECK_THROWS_WITH_AS(student_p_value(2, 0),
                         "p value of t 2 with 0 degrees of freedom: expected a number, and 1 to 1e7 degrees of freedom",
                         Error);
    CHECK_THROWS_AS(student_p_value(nan, 5), Error);
    CHECK_THROWS_AS(student_p_value(2, 1e8), Error);
    CHECK_THROWS_WITH_AS(incomplete_beta(1.5, 2, 3),
                         "incomplete beta of x 1.5, a 2, b 3: expected x from 0 to 1, a and b above 0 and at most 1e7",
                         Error);
    CHECK_THROWS_AS(incomplete_beta(0.5, 0, 3), Error);
    CHECK_THROWS_AS(incomplete_beta(0.5, 2, nan), Error);
}
