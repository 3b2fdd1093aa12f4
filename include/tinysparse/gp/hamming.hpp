// SPDX-License-Identifier: Apache-2.0
// Exponential Hamming kernel for categories, with one weight per dimension:
//   k(x, x') = exp(-sum_k w_k [x_k != x'_k])        ds/dlog w_k = 2 w_k [x_k != x'_k]   with s = 2 sum, k = exp(-s/2)
// Positive definite as a product of (1 - c) [x = x'] + c, 0 < c < 1. Categories are compared for equality only; an
// inactive dimension is one more category. Parameters: log w, one for each role, prior N(log(1/d), 1.5^2).
#pragma once
#include <cmath>
#include <utility>

#include "tinysparse/gp/distance_kernel.hpp"

namespace tinysparse::gp {

/// A kernel for columns whose values are category numbers.
class Hamming : public DistanceKernel {
  public:
    /// columns: those with categories. Throws Error if the roles do not fit them.
    explicit Hamming(Columns columns) : DistanceKernel(std::move(columns), Profile::rbf) {
        const double centre = -std::log(double(std::max<std::size_t>(columns_.size(), 1)));
        for (std::size_t role = 0; role < columns_.roles(); ++role)
            parameters_.push_back(
                {text("weight ", role), centre, std::log(1e-4), std::log(20.0), Prior::normal(centre, 1.5)});
    }
    std::unique_ptr<Kernel> clone() const override { return std::make_unique<Hamming>(*this); }

  protected:
    /// w of the k-th column.
    double weight(std::size_t k) const { return std::exp(value_of(columns_.role_of(k))); }

    bool takes(double) const override { return true; }
    Matrix features(const Matrix& x) const override {
        Matrix out(columns_.size(), x.rows);
        for (std::size_t k = 0; k < columns_.size(); ++k)
            for (std::size_t i = 0; i < x.rows; ++i) out(k, i) = x(i, columns_.index[k]);
        return out;
    }
    std::size_t distance_features() const override { return columns_.size(); }

    void squared_distances(const Matrix& a, std::size_t i, const Matrix& b, std::size_t count,
                           double* out) const override {
        std::fill_n(out, count, 0.0);
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            const double here = a(k, i), step = 2 * weight(k);
            const double* there = b.row(k);
            for (std::size_t j = 0; j < count; ++j) out[j] += here != there[j] ? step : 0.0;
        }
    }

    void add_distance_gradient(const Matrix& features, std::size_t i, std::span<const double> slopes,
                               std::span<double> gradient) const override {
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            double sum = 0;
            for (std::size_t j = 0; j < i; ++j) sum += features(k, j) != features(k, i) ? slopes[j] : 0.0;
            gradient[columns_.role_of(k)] += 2 * weight(k) * sum;
        }
    }
    void add_point_gradient(const Matrix&, const Matrix&, std::span<const double>, std::span<double>) const override {}
};

} // namespace tinysparse::gp
