// SPDX-License-Identifier: Apache-2.0
// The evidence (log marginal likelihood) of a Gaussian process
// and its gradient (Rasmussen and Williams 2006, 5.8, 5.9):
//   K_y = K + noise I + D,  alpha = K_y^-1 y        D: known noise variances of the outputs, a diagonal
//   log p(y) = -1/2 y^T alpha - sum log L_ii - n/2 log 2 pi
//   d/dt     = 1/2 sum over i, j of (alpha alpha^T - K_y^-1)_ij dK_ij/dt;   dK/dlog noise = noise I
#pragma once
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/gp/cholesky.hpp"
#include "tinysparse/gp/kernel.hpp"

namespace tinysparse::gp {

/// Evidence of y at x; the mean is already subtracted from y. gradient, if given, has room for kernel parameters + 1
/// values: the kernel parameters in their order, then the log noise variance. own_noise: known variances, one per
/// output or none. Throws Error if the covariance cannot be factored, or if there is not one output per point.
inline double evidence(const Kernel& kernel, double noise_variance, const Matrix& x, std::span<const double> y,
                       std::span<double> gradient = {}, std::span<const double> own_noise = {}) {
    const std::size_t n = x.rows;
    if (y.size() != n || (!own_noise.empty() && own_noise.size() != n))
        throw Error(text("the evidence of ", n, " points was asked for with ", y.size(), " outputs and ",
                         own_noise.size(),
                         " variances; give an output for each point, and a variance for each or none"));
    Matrix k;
    kernel.gram(x, k);
    for (std::size_t i = 0; i < n; ++i) k(i, i) += noise_variance + (own_noise.empty() ? 0.0 : own_noise[i]);
    Cholesky factor;
    factor.factorise(k);
    std::vector<double> alpha(y.begin(), y.end());
    factor.solve(alpha);
    // The constant is log(2 pi) / 2.
    const double value =
        -0.5 * dot(y.data(), alpha.data(), n) - factor.half_log_determinant() - 0.918938533204672742 * double(n);
    if (gradient.empty()) return value;

    std::fill(gradient.begin(), gradient.end(), 0.0);
    Matrix weights = factor.inverse();
    double trace = 0;
    for (std::size_t i = 0; i < n; ++i) {
        double* row = weights.row(i);
        for (std::size_t j = 0; j <= i; ++j) row[j] = alpha[i] * alpha[j] - row[j];
        row[i] *= 0.5; // pairs i > j stand for two entries, the diagonal for one
        trace += row[i];
    }
    kernel.add_gradient(x, weights, gradient.first(gradient.size() - 1));
    gradient.back() = noise_variance * trace;
    return value;
}

} // namespace tinysparse::gp
