// SPDX-License-Identifier: Apache-2.0
// RBF and Matern kernels with a length-scale for each dimension (automatic relevance determination):
//   s = sum_k (x_k - x'_k)^2 / l_k^2        ds/dlog l_k = -2 (x_k - x'_k)^2 / l_k^2
// Parameters: log l, one per role, l in the unit of the inputs. The prior of l is made for inputs of range 0..1; for
// other inputs it is stretched by their width, so that the same data in another unit lead to the same predictions.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/gp/distance_kernel.hpp"

namespace tinysparse::gp {

/// A kernel of the distance between points, with one length-scale per role.
class Stationary : public DistanceKernel {
  public:
    /// Length-scales begin at the modes of their priors. widths: range of the inputs, high - low, one for each role, in
    /// their unit. Without widths they are taken from the points that GaussianProcess::condition() is given: 1 if they
    /// lie within 0..1 and span a tenth of that or more, or are all equal, and else the range that they span. Throws
    /// Error if the roles do not fit the columns, for another number of widths, or if one is not above 0.
    Stationary(Columns columns, Profile profile, std::vector<double> widths = {})
        : DistanceKernel(std::move(columns), profile), finds_widths_(widths.empty()) {
        if (finds_widths_) widths.assign(columns_.roles(), 1.0);
        if (widths.size() != columns_.roles())
            throw Error(text("a stationary kernel with ", columns_.roles(), " length-scales was given ", widths.size(),
                             " widths; give one for each, or none"));
        for (std::size_t role = 0; role < widths.size(); ++role) {
            if (!(widths[role] > 0 && std::isfinite(widths[role])))
                throw Error(text("the width ", widths[role], " of length-scale ", role, " is not above 0"));
            parameters_.push_back(parameter(role, widths[role]));
        }
    }
    std::unique_ptr<Kernel> clone() const override { return std::make_unique<Stationary>(*this); }

    void set_parameters(std::span<const double> values) override {
        DistanceKernel::set_parameters(values);
        is_set_ = true;
    }

    /// Finds the widths, unless they were given. Length-scales that were set, by a fit or by hand, stay.
    void adapt(const Matrix& x) override {
        if (!finds_widths_) return;
        for (std::size_t role = 0; role < parameters_.size(); ++role) {
            Parameter adapted = parameter(role, width_of(x, role));
            if (is_set_) adapted.value = parameters_[role].value;
            parameters_[role] = std::move(adapted);
        }
    }

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
    /// The length-scale of a role whose inputs have this width.
    Parameter parameter(std::size_t role, double width) const {
        return lengthscale_parameter(text("lengthscale ", role), columns_.size(), width);
    }

    /// The largest width of the role's columns, or 1 if they count as inputs of range 0..1.
    double width_of(const Matrix& x, std::size_t role) const {
        double width = 0;
        bool is_unit = true;
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            if (columns_.role_of(k) != role || x.rows == 0) continue;
            double low = x(0, columns_.index[k]), high = low;
            for (std::size_t i = 1; i < x.rows; ++i) {
                low = std::min(low, x(i, columns_.index[k]));
                high = std::max(high, x(i, columns_.index[k]));
            }
            // Values that differ by rounding alone are equal.
            const bool is_constant = high - low <= 1e-12 * std::max(std::fabs(low), std::fabs(high));
            if (!is_constant) width = std::max(width, high - low);
            is_unit = is_unit && low >= 0 && high <= 1;
        }
        return width == 0 || (is_unit && width >= 0.1) ? 1.0 : width;
    }

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

  private:
    bool finds_widths_, is_set_ = false;
};

} // namespace tinysparse::gp
