// SPDX-License-Identifier: Apache-2.0
// Functions drawn from the posterior.
// At given points, jointly and for any kernel: f = mean + C z, C C^T the posterior covariance of the points, z normal.
// Everywhere, for kernels with a spectral density, by Matheron's rule (Wilson et al. 2020):
//   f(x) = m(x) + phi(x)^T w + k(x)^T K_y^-1 (y - m - Phi w - e),   phi_i(x) = sqrt(2 s2 / M) cos(omega_i^T x + b_i)
// omega_i from the spectral density, b_i uniform in 0..2 pi, w_i normal, e the noise.
#pragma once
#include <cmath>
#include <cstddef>
#include <map>
#include <numbers>
#include <span>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/process.hpp"

namespace tinysparse::gp {

/// One function of the posterior, drawn at the points that are asked for. All values belong to the same function, and a
/// point that is asked for again gets the same value again. The process must not change meanwhile; it and the random
/// numbers must outlive this.
class DrawnFunction {
  public:
    /// Draws nothing yet; numbers are taken from `random` when points are first asked for.
    DrawnFunction(const GaussianProcess& process, Random& random) : process_(&process), random_(&random) {}

    /// The values at the rows of `points`. O(n^2 N + N^3) if N points were asked for so far.
    std::vector<double> operator()(const Matrix& points) {
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < points.rows; ++i) {
            const auto row = points.row_span(i);
            const auto [known, is_new] = place_.try_emplace({row.begin(), row.end()}, place_.size());
            if (is_new) asked_.append_row(row);
            places.push_back(known->second);
        }
        if (values_.size() < asked_.rows) draw();
        std::vector<double> out;
        for (const std::size_t place : places) out.push_back(values_[place]);
        return out;
    }

  private:
    /// f = mean + C z. C is lower triangular, so a value depends only on the points asked for before it, and stays.
    void draw() {
        std::vector<Prediction> predictions;
        Matrix covariance = process_->joint(asked_, predictions);
        // Points that are nearly equal make the matrix singular: they get a little noise.
        if (values_.empty())
            for (const Prediction& p : predictions) jitter_ += 1e-9 * p.variance / double(predictions.size());
        for (std::size_t i = 0; i < asked_.rows; ++i) covariance(i, i) += jitter_;
        Cholesky factor;
        factor.factorise(covariance);
        while (normals_.size() < asked_.rows) normals_.push_back(random_->normal());
        for (std::size_t i = values_.size(); i < asked_.rows; ++i)
            values_.push_back(predictions[i].mean + dot(factor.row(i), normals_.data(), i + 1) +
                              process_->mean_function()(asked_.row_span(i)));
    }

    const GaussianProcess* process_;
    Random* random_;
    Matrix asked_; ///< Every point asked for so far, once.
    std::map<std::vector<double>, std::size_t> place_;
    std::vector<double> values_, normals_;
    double jitter_ = 0;
};

/// One function of the posterior at every row of `pool`. O(n^2 N + N^3) for a pool of N.
inline std::vector<double> sample_on_pool(const GaussianProcess& process, const Matrix& pool, Random& random) {
    return DrawnFunction(process, random)(pool);
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

    /// The function at each row of points, in the unit of the outputs.
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
