// SPDX-License-Identifier: Apache-2.0
// Student's t distribution (Student 1908): how far the mean of a few values may lie from the true one.
//   P(|T| >= t) = I_x(n/2, 1/2),  x = n / (n + t^2),  for n degrees of freedom
//   I_x(a, b) = x^a (1 - x)^b / (a B(a, b) F),  F = 1 + d_1 / (1 + d_2 / (1 + ...)): the regularised incomplete beta
//   d_2m = m (b - m) x / ((a + 2m - 1)(a + 2m)),  d_2m+1 = -(a + m)(a + b + m) x / ((a + 2m)(a + 2m + 1))
// F is evaluated from the front (Lentz 1976). It converges in about sqrt(max(a, b)) steps if x < (a + 1) / (a + b + 2);
// otherwise I_x(a, b) = 1 - I_1-x(b, a) is used.
#pragma once
#include <cmath>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::judge {

namespace detail {

/// F of I_x(a, b), to the last digits of a double.
inline double beta_fraction(double x, double a, double b) {
    const auto not_zero = [](double value) { return std::abs(value) < 1e-300 ? 1e-300 : value; };
    double fraction = 1, above = 1, below = 0; // ratios of two convergents' numerators, and of their denominators
    for (int k = 1; k < 100000; ++k) {
        const double m = k / 2;
        const double d = k % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                    : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        below = 1 / not_zero(1 + d * below);
        above = not_zero(1 + d / above);
        fraction *= above * below;
        if (std::abs(above * below - 1) < 1e-15) break;
    }
    return fraction;
}

/// I_x(a, b) by the continued fraction, for x above 0 and below 1.
inline double beta_by_fraction(double x, double a, double b) {
    const double log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
    return std::exp(a * std::log(x) + b * std::log1p(-x) - log_beta) / (a * beta_fraction(x, a, b));
}

} // namespace detail

/// The regularised incomplete beta function I_x(a, b), the distribution function of the beta distribution. Throws Error
/// unless a and b are above 0 and at most 1e7, and x is from 0 to 1.
inline double incomplete_beta(double x, double a, double b) {
    if (!(a > 0 && a <= 1e7 && b > 0 && b <= 1e7 && x >= 0 && x <= 1))
        throw Error(text("incomplete beta of x ", x, ", a ", a, ", b ", b,
                         ": expected x from 0 to 1, a and b above 0 and at most 1e7"));
    if (x == 0 || x == 1) return x;
    return x < (a + 1) / (a + b + 2) ? detail::beta_by_fraction(x, a, b) : 1 - detail::beta_by_fraction(1 - x, b, a);
}

/// The two-sided p value P(|T| >= |t|) of a t value. Throws Error unless the degrees of freedom are from 1 to 1e7 and t
/// is a number.
inline double student_p_value(double t, double freedom) {
    if (!(freedom >= 1 && freedom <= 1e7) || std::isnan(t))
        throw Error(text("p value of t ", t, " with ", freedom,
                         " degrees of freedom: expected a number, and 1 to 1e7 degrees of freedom"));
    if (std::isinf(t)) return 0;
    // The smaller of the two shares n / (n + t^2) and t^2 / (n + t^2) has all its digits.
    const double square = t * t, whole = freedom + square;
    return square < freedom ? 1 - incomplete_beta(square / whole, 0.5, freedom / 2)
                            : incomplete_beta(freedom / whole, freedom / 2, 0.5);
}

/// The critical value: t with P(|T| <= t) = level, such as 12.706 for 0.95 and one degree of freedom. Found by
/// bisection of the p value. Throws Error unless the level is from 0 to below 1 and the degrees of freedom are from 1
/// to 1e7.
inline double student_critical_value(double level, double freedom) {
    if (!(level >= 0 && level < 1)) throw Error(text("level ", level, ": expected 0 or more, and less than 1"));
    double low = 0, high = 1;
    while (student_p_value(high, freedom) > 1 - level) {
        low = high;
        high *= 2;
    }
    for (double middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2)
        (student_p_value(middle, freedom) > 1 - level ? low : high) = middle;
    return high;
}

} // namespace tinysparse::judge
