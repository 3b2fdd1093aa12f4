// SPDX-License-Identifier: Apache-2.0
// RBF and Matern kernels with a length-scale for each dimension (automatic relevance determination):
//   s = sum_k (x_k - x'_k)^2 / l_k^2        ds/dlog l_k = -2 (x_k - x'_k)^2 / l_k^2
// Parameters: log l, one per role. Inputs should have range 0..1, for which the prior of the length-scale is made.
#pragma once
#include <cmath>
#include <string>
#include <utility>

#include "tinysparse/gp/distance_kernel.hpp"

namespace tinysparse::gp {

/// A kernel of the distance between points, with one length-scale per role.
class Stationary : public DistanceKernel {
  public:
    /// Length-scales begin at the modes of their priors. Throws Error if the roles do not fit the columns.
    Stationary(Columns columns, Profile profile) : DistanceKernel(std::move(columns), profile) {
        for (std::size_t role = 0; role < columns_.roles(); ++role)
            parameters_.push_back(lengthscale_parameter(text("lengthscale ", role), columns_.size()));
    }
    std::unique_ptr<Kernel> clone() const override { return std::make_unique<Stationary>(*this); }

    /// Draws frequencies. RBF: z / l, z normal. Matern: z / l * sqrt(2 nu / chi2_(2 nu)), a Student density.
    std::vector<double> draw_frequency(Random& random, std::size_t columns) const override {
        double stretch = 1;
        if (profile_ != Profile::rbf) {
            const int degrees = profile_ == Profile::matern32 ? 3 : 5; // 2 nu
            double chi2 = 0;
            for (int i = 0; i < degrees; ++i) {
                const double z = random.normal();
                chi2 += z * z;
            }
            stretch = std::sqrt(degrees / chi2);
        }
        std::vector<double> frequency(columns, 0.0);
        for (std::size_t k = 0; k < columns_.size(); ++k)
            frequency[columns_.index[k]] += random.normal() * stretch / lengthscale(k);
        return frequency;
    }

  protected:
    /// Length-scale of the k-th column, in its unit.
    double lengthscale(std::size_t k) const { return std::exp(value_of(columns_.role_of(k))); }

    Matrix features(const Matrix& x) const override {
        Matrix out(columns_.size(), x.rows);
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            const double inverse = 1 / lengthscale(k);
            for (std::size_t i = 0; i < x.rows; ++i) out(k, i) = x(i, columns_.index[k]) * inverse;
        }
        return out;
    }
    std::size_t distance_features() const override { return columns_.size(); }

    void add_distance_gradient(const Matrix& features, std::size_t i, std::span<const double> slopes,
                               std::span<double> gradient) const override {
        for (std::size_t k = 0; k < columns_.size(); ++k)
            gradient[columns_.role_of(k)] -= 2 * weighted_squares(features(k, i), features.row(k), slopes.data(), i);
    }

    void add_point_gradient(const Matrix& point, const Matrix& features, std::span<const double> slopes,
                            std::span<double> gradient) const override {
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            double sum = 0;
            for (std::size_t j = 0; j < slopes.size(); ++j) sum += slopes[j] * (point(k, 0) - features(k, j));
            gradient[columns_.index[k]] += 2 * sum / lengthscale(k);
        }
    }
};

} // namespace tinysparse::gp
