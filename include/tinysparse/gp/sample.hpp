// SPDX-License-Identifier: Apache-2.0
// Functions drawn from the posterior.
// On a pool of points, jointly and for any kernel: f = mean + C z, C C^T the posterior covariance of the pool, z
// normal. Everywhere, for kernels with a spectral density, by Matheron's rule (Wilson et al. 2020):
//   f(x) = m(x) + phi(x)^T w + k(x)^T K_y^-1 (y - m - Phi w - e),   phi_i(x) = sqrt(2 s2 / M) cos(omega_i^T x + b_i)
// omega_i from the spectral density, b_i uniform in 0..2 pi, w_i normal, e the noise.
#pragma once
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/process.hpp"

namespace tinysparse::gp {

/// One function of the posterior at every row of `pool`. O(n^2 N + N^3) for a pool of N.
inline std::vector<double> sample_on_pool(const GaussianProcess& process, const Matrix& pool, Random& random) {
    std::vector<Prediction> predictions;
    Matrix covariance = process.joint(pool, predictions);
    // Points so near to each other that they are one and the same make the matrix singular:
    // a little noise of their own.
    double mean_variance = 0;
    for (const Prediction& p : predictions) mean_variance += p.variance / double(predictions.size());
    for (std::size_t i = 0; i < pool.rows; ++i) covariance(i, i) += 1e-9 * mean_variance;
    Cholesky factor;
    factor.factorise(covariance);
    std::vector<double> normals(pool.rows), out(pool.rows);
    for (double& z : normals) z = random.normal();
    for (std::size_t i = 0; i < pool.rows; ++i)
        out[i] =
            predictions[i].mean + dot(factor.row(i), normals.data(), i + 1) + process.mean_function()(pool.row_span(i));
    return out;
}

/// One function of the posterior that can be evaluated anywhere, O(M + n) each. Keeps a reference to the process.
class Path {
  public:
    /// Throws Error when the kernel has no spectral density.
    Path(const GaussianProcess& process, Random& random, std::size_t features = 512)
        : process_(process), frequencies_(features, process.points().columns), phases_(features), weights_(features),
          update_(process.standardised()) {
        if (process.size() == 0) throw Error("a path needs at least one point; condition the process first");
        for (std::size_t i = 0; i < features; ++i) {
            const auto frequency = process.kernel().draw_frequency(random, frequencies_.columns);
            std::copy(frequency.begin(), frequency.end(), frequencies_.row(i));
            phases_[i] = random.uniform(0, 2 * std::numbers::pi);
            weights_[i] = random.normal();
        }
        amplitude_ = std::sqrt(2 * process.kernel().diagonal(process.points().row_span(0)) / double(features));
        const std::vector<double> prior = prior_values(process.points());
        for (std::size_t i = 0; i < update_.size(); ++i)
            update_[i] -= prior[i] + std::sqrt(process.noise_variance()) * random.normal();
        process.factor().solve(update_);
    }

    std::vector<double> operator()(const Matrix& points) const {
        Matrix k;
        process_.kernel().cross(points, process_.points(), k);
        std::vector<double> out = prior_values(points);
        for (std::size_t j = 0; j < points.rows; ++j)
            out[j] = process_.output_mean() +
                     process_.output_scale() * (out[j] + dot(k.row(j), update_.data(), update_.size())) +
                     process_.mean_function()(points.row_span(j));
        return out;
    }

  private:
    std::vector<double> prior_values(const Matrix& points) const {
        const Matrix inputs = process_.kernel().features_input(points);
        std::vector<double> out(points.rows, 0.0);
        for (std::size_t j = 0; j < points.rows; ++j)
            for (std::size_t i = 0; i < weights_.size(); ++i)
                out[j] += amplitude_ * weights_[i] *
                          std::cos(dot(frequencies_.row(i), inputs.row(j), inputs.columns) + phases_[i]);
        return out;
    }

    const GaussianProcess& process_;
    Matrix frequencies_;
    std::vector<double> phases_, weights_, update_;
    double amplitude_ = 0;
};

} // namespace tinysparse::gp
