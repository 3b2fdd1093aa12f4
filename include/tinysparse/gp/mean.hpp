// SPDX-License-Identifier: Apache-2.0
// Mean functions of a Gaussian process: the values that it returns to far from its data.
//   constant   the mean of the outputs, which standardisation subtracts: m(x) = 0
//   linear     m(x) = a + b (x_i - mean x_i) + c (x_j - mean x_j) in two columns i and j, by least squares with a ridge
//              that keeps few points from steep slopes: (Z^T Z + ridge I) (b, c) = Z^T (y - a), Z centred, a = mean y
// The linear mean is estimated first, and the process models the residuals (universal kriging; Rasmussen and Williams
// 2006, section 2.7).
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "tinysparse/gp/matrix.hpp"

namespace tinysparse::gp {

/// A mean function with what fit() has estimated of it; it begins as the constant.
class Mean {
  public:
    /// 0 everywhere, on outputs whose mean was subtracted.
    static Mean constant() { return {}; }
    /// A linear mean in these two columns, which every point must have.
    static Mean linear(std::size_t first, std::size_t second) {
        Mean mean;
        mean.linear_ = true;
        mean.columns_ = {first, second};
        return mean;
    }

    /// Estimates the mean from points [n][dimensions] and their outputs. Throws Error if a point lacks a column.
    void fit(const Matrix& points, std::span<const double> outputs) {
        if (!linear_) return;
        const auto [i, j] = columns_;
        const double count = double(std::max<std::size_t>(outputs.size(), 1));
        centre_ = {};
        offset_ = 0;
        for (std::size_t n = 0; n < outputs.size(); ++n) {
            for (const std::size_t column : columns_)
                if (column >= points.columns || !std::isfinite(points(n, column)))
                    throw Error(text("row ", n, ": column ", column,
                                     " of a linear mean is not there; use columns that every point has"));
            centre_[0] += points(n, i) / count;
            centre_[1] += points(n, j) / count;
            offset_ += outputs[n] / count;
        }
        constexpr double ridge = 0.02;
        double a = ridge, b = 0, c = ridge, u = 0, v = 0; // [a b; b c] slope = [u v]
        for (std::size_t n = 0; n < outputs.size(); ++n) {
            const double x = points(n, i) - centre_[0], z = points(n, j) - centre_[1], y = outputs[n] - offset_;
            a += x * x;
            b += x * z;
            c += z * z;
            u += x * y;
            v += z * y;
        }
        const double determinant = a * c - b * b;
        slope_ = {(c * u - b * v) / determinant, (a * v - b * u) / determinant};
    }

    /// m at a point.
    double operator()(std::span<const double> point) const {
        if (!linear_) return 0;
        return offset_ + slope_[0] * (point[columns_[0]] - centre_[0]) + slope_[1] * (point[columns_[1]] - centre_[1]);
    }
    /// Adds the slopes, which are the same at every point.
    void add_gradient(std::span<double> gradient) const {
        if (!linear_) return;
        for (std::size_t k = 0; k < 2; ++k) gradient[columns_[k]] += slope_[k];
    }

  private:
    bool linear_ = false;
    std::array<std::size_t, 2> columns_{};
    std::array<double, 2> centre_{}, slope_{};
    double offset_ = 0;
};

} // namespace tinysparse::gp
