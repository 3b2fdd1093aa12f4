// SPDX-License-Identifier: Apache-2.0
// Kernels that are a radial profile of a sum of squared distances, one term per dimension:
//   k(x, x') = profile(s),   s = sum_k |e_k(x_k) - e_k(x'_k)|^2,   dk/dt = profile'(s) ds/dt
// A kernel of this family embeds each point as features (coordinates whose squared differences are summed) and gives
// the derivative of s by each parameter. The loops over pairs are written here, once.
#pragma once
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/gp/kernel.hpp"

namespace tinysparse::gp {

/// The base of stationary, arc and Hamming kernels, which say what s is.
class DistanceKernel : public Kernel {
  public:
    void append_parameters(std::vector<Parameter>& out) const override {
        out.insert(out.end(), parameters_.begin(), parameters_.end());
    }
    void set_parameters(std::span<const double> values) override {
        assert(values.size() == parameters_.size());
        for (std::size_t p = 0; p < values.size(); ++p) parameters_[p].value = values[p];
    }

    void check(const Matrix& x) const override {
        for (std::size_t i = 0; i < x.rows; ++i)
            for (const std::size_t k : columns_.index) {
                if (k >= x.columns)
                    throw Error(
                        text("the kernel looks at column ", k, ", but points have ", x.columns, " columns; give more"));
                const double value = x(i, k);
                if (std::isnan(value)) throw Error(text("row ", i, ": column ", k, " is NaN; leave the point out"));
                if (!takes(value))
                    throw Error(
                        text("row ", i, ": column ", k, " is ", value,
                             " where this kernel needs a finite number; use an arc kernel for conditional dimensions"));
            }
    }

    void cross(const Matrix& a, const Matrix& b, Matrix& out) const override {
        const Matrix left = features(a), right = features(b);
        out = Matrix(a.rows, b.rows);
        for (std::size_t i = 0; i < a.rows; ++i) {
            squared_distances(left, i, right, b.rows, out.row(i));
            for (std::size_t j = 0; j < b.rows; ++j) out(i, j) = profile_value(profile_, out(i, j));
        }
    }

    void gram(const Matrix& x, Matrix& out) const override {
        const Matrix embedded = features(x);
        if (out.rows != x.rows || out.columns != x.rows) out = Matrix(x.rows, x.rows);
        for (std::size_t i = 0; i < x.rows; ++i) {
            squared_distances(embedded, i, embedded, i, out.row(i));
            for (std::size_t j = 0; j < i; ++j) out(i, j) = profile_value(profile_, out(i, j));
            out(i, i) = 1;
        }
    }

    double diagonal(std::span<const double>) const override { return 1; }

    void add_gradient(const Matrix& x, const Matrix& weights, std::span<double> gradient) const override {
        const Matrix embedded = features(x);
        std::vector<double> slopes(x.rows);
        for (std::size_t i = 0; i < x.rows; ++i) {
            squared_distances(embedded, i, embedded, i, slopes.data());
            for (std::size_t j = 0; j < i; ++j) slopes[j] = weights(i, j) * profile_slope(profile_, slopes[j]);
            add_distance_gradient(embedded, i, slopes, gradient);
        }
    }

    void add_input_gradient(std::span<const double> point, const Matrix& x, std::span<const double> coefficients,
                            std::span<double> gradient) const override {
        Matrix single(0, point.size());
        single.append_row(point);
        const Matrix left = features(single), right = features(x);
        std::vector<double> slopes(x.rows);
        squared_distances(left, 0, right, x.rows, slopes.data());
        for (std::size_t j = 0; j < x.rows; ++j) slopes[j] = coefficients[j] * profile_slope(profile_, slopes[j]);
        add_point_gradient(left, right, slopes, gradient);
    }

    /// k as a function of s.
    Profile profile() const { return profile_; }
    /// Columns of the points that it looks at.
    const Columns& columns() const { return columns_; }

  protected:
    /// columns: their roles are one per column, or none. Throws Error if their numbers differ.
    DistanceKernel(Columns columns, Profile profile) : columns_(std::move(columns)), profile_(profile) {
        if (!columns_.role.empty() && columns_.role.size() != columns_.index.size())
            throw Error(text("a kernel on ", columns_.index.size(), " columns was given ", columns_.role.size(),
                             " roles; give one role per column or none"));
    }

    /// True if a column may hold the value; it is never asked about NaN.
    virtual bool takes(double value) const { return std::isfinite(value); }
    /// Features of the points, feature-major: [distance_features() or more][x.rows].
    virtual Matrix features(const Matrix& x) const = 0;
    /// Number of features that are coordinates of the distance; the kernel uses the rows after them as it likes.
    virtual std::size_t distance_features() const = 0;
    /// Squared distances of point i of `a` to the first `count` points of `b`.
    virtual void squared_distances(const Matrix& a, std::size_t i, const Matrix& b, std::size_t count,
                                   double* out) const {
        std::fill_n(out, count, 0.0);
        for (std::size_t f = 0; f < distance_features(); ++f) {
            const double here = a(f, i);
            const double* there = b.row(f);
            for (std::size_t j = 0; j < count; ++j) out[j] += (here - there[j]) * (here - there[j]);
        }
    }
    /// gradient[p] += sum over j < i of slopes[j] * d s_ij / d parameter p
    virtual void add_distance_gradient(const Matrix& features, std::size_t i, std::span<const double> slopes,
                                       std::span<double> gradient) const = 0;
    /// gradient[column k] += sum over j of slopes[j] * d s(point, x_j) / d point_k; `point` holds one point's features.
    virtual void add_point_gradient(const Matrix& point, const Matrix& features, std::span<const double> slopes,
                                    std::span<double> gradient) const = 0;

    /// Value of a hyper-parameter on its unbounded scale.
    double value_of(std::size_t parameter) const { return parameters_[parameter].value; }

    Columns columns_;
    Profile profile_;
    std::vector<Parameter> parameters_;
};

/// sum over j of slopes[j] * (here - there[j])^2
inline double weighted_squares(double here, const double* there, const double* slopes, std::size_t count) {
    double sums[8] = {};
    std::size_t j = 0;
    for (; j + 8 <= count; j += 8)
        for (std::size_t lane = 0; lane < 8; ++lane) {
            const double difference = here - there[j + lane];
            sums[lane] += slopes[j + lane] * difference * difference;
        }
    double total = 0;
    for (const double sum : sums) total += sum;
    for (; j < count; ++j) total += slopes[j] * (here - there[j]) * (here - there[j]);
    return total;
}

} // namespace tinysparse::gp
