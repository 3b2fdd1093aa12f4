// SPDX-License-Identifier: Apache-2.0
// Warps bring each raw dimension to 0..1. A warped kernel takes raw points and applies them first. Whole numbers are
// rounded inside the kernel (Garrido-Merchan and Hernandez-Lobato 2020), so that everything between two roundings is
// the same point:
//   real         u = (x - low) / (high - low)
//   log_real     u = (log x - log low) / (log high - log low)
//   integer      u = (round(x) + 1/2 - low) / (high - low + 1)
//   log_integer  u = (log round(x) - log(low - 1/2)) / (log(high + 1/2) - log(low - 1/2))
//   category     u = round(x), unchanged: for Hamming kernels, which only compare
#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/gp/kernel.hpp"

namespace tinysparse::gp {

/// How one raw dimension becomes a number in 0..1, and its range.
struct Warp {
    /// What values a dimension has, and whether their logarithms are used.
    enum class Kind { real, log_real, integer, log_integer, category };
    Kind kind = Kind::real;
    double low = 0, high = 1; ///< Both belong to the range.

    /// Real numbers in low..high. Like the next three it throws Error if the range is empty.
    static Warp real(double low, double high) { return checked({Kind::real, low, high}); }
    /// Real numbers in low..high, low > 0, on a logarithmic scale.
    static Warp log_real(double low, double high) { return checked({Kind::log_real, low, high}); }
    /// Whole numbers low..high, both included.
    static Warp integer(double low, double high) { return checked({Kind::integer, low, high}); }
    /// Whole numbers low..high, low > 0, on a logarithmic scale.
    static Warp log_integer(double low, double high) { return checked({Kind::log_integer, low, high}); }
    /// The categories 0 .. count-1.
    static Warp category(std::size_t count) { return checked({Kind::category, 0, double(count) - 1}); }

    /// True for whole numbers and categories.
    bool is_discrete() const { return kind != Kind::real && kind != Kind::log_real; }

    /// Raw value to 0..1 (a category stays what it is); inactive stays inactive.
    double to_unit(double x) const {
        if (x == inactive) return x;
        if (kind == Kind::category) return std::round(x);
        return (scaled(is_discrete() ? std::round(x) : x) - bottom()) / (top() - bottom());
    }

    /// The raw value at u in 0..1; whole numbers are rounded, so every one of them has its own interval.
    double from_unit(double u) const {
        if (kind == Kind::category) return std::min(high, std::floor(u * (high + 1)));
        const double between = bottom() + u * (top() - bottom());
        const double x = is_log() ? std::exp(between) : between;
        return std::clamp(is_discrete() ? std::round(x) : x, low, high);
    }

    /// d to_unit / dx; 0 for whole numbers and categories, which change in steps.
    double slope(double x) const {
        if (is_discrete() || x == inactive) return 0;
        return (is_log() ? 1 / x : 1.0) / (top() - bottom());
    }

  private:
    static Warp checked(Warp warp) {
        const bool log_range = warp.kind == Kind::log_real || warp.kind == Kind::log_integer;
        const bool empty = warp.is_discrete() ? !(warp.low <= warp.high) : !(warp.low < warp.high);
        if (empty || !std::isfinite(warp.low) || !std::isfinite(warp.high))
            throw Error(text("the range ", warp.low, "..", warp.high, " of a dimension is empty; give low < high"));
        if (log_range && !(warp.kind == Kind::log_integer ? warp.low >= 1 : warp.low > 0))
            throw Error(text("the range ", warp.low, "..", warp.high,
                             " cannot have a log scale; begin above 0, or at 1 for whole numbers"));
        return warp;
    }
    bool is_log() const { return kind == Kind::log_real || kind == Kind::log_integer; }
    double margin() const { return is_discrete() ? 0.5 : 0.0; } // half a step at either end
    double scaled(double x) const { return is_log() ? std::log(x) : x; }
    double bottom() const { return scaled(low - margin()); }
    double top() const { return scaled(high + margin()); }
};

/// A kernel on raw points: every column passes through its warp first. The inner kernel sees 0..1, as the ranges of the
/// warps are known, and adapts to no points.
class Warped : public Kernel {
  public:
    /// warps: one per column of the raw points. Copies the inner kernel.
    Warped(const Kernel& inner, std::vector<Warp> warps) : inner_(inner.clone()), warps_(std::move(warps)) {}
    /// Copies the inner kernel too.
    Warped(const Warped& other) : inner_(other.inner_->clone()), warps_(other.warps_) {}
    std::unique_ptr<Kernel> clone() const override { return std::make_unique<Warped>(*this); }

    void append_parameters(std::vector<Parameter>& out) const override { inner_->append_parameters(out); }
    void set_parameters(std::span<const double> values) override { inner_->set_parameters(values); }

    void check(const Matrix& x) const override {
        if (x.columns != warps_.size())
            throw Error(text("points have ", x.columns, " columns, the kernel has ", warps_.size(),
                             " warps; give one warp per column"));
        for (std::size_t i = 0; i < x.rows; ++i)
            for (std::size_t k = 0; k < x.columns; ++k) {
                if (std::isnan(x(i, k))) throw Error(text("row ", i, ": column ", k, " is NaN; leave the point out"));
                const double slack = 1e-9 * (warps_[k].high - warps_[k].low);
                if (x(i, k) != inactive && !(x(i, k) >= warps_[k].low - slack && x(i, k) <= warps_[k].high + slack))
                    throw Error(text("row ", i, ": column ", k, " is ", x(i, k), ", outside its range ", warps_[k].low,
                                     "..", warps_[k].high, "; widen the range or leave the point out"));
            }
        inner_->check(features_input(x));
    }
    void cross(const Matrix& a, const Matrix& b, Matrix& out) const override {
        inner_->cross(features_input(a), features_input(b), out);
    }
    void gram(const Matrix& x, Matrix& out) const override { inner_->gram(features_input(x), out); }
    double diagonal(std::span<const double> x) const override { return inner_->diagonal(to_unit(x)); }
    void add_gradient(const Matrix& x, const Matrix& weights, std::span<double> gradient) const override {
        inner_->add_gradient(features_input(x), weights, gradient);
    }
    void add_input_gradient(std::span<const double> point, const Matrix& x, std::span<const double> coefficients,
                            std::span<double> gradient) const override {
        std::vector<double> inner(point.size(), 0.0);
        inner_->add_input_gradient(to_unit(point), features_input(x), coefficients, inner);
        for (std::size_t k = 0; k < point.size(); ++k) gradient[k] += inner[k] * warps_[k].slope(point[k]);
    }
    std::vector<double> draw_frequency(Random& random, std::size_t columns) const override {
        return inner_->draw_frequency(random, columns);
    }
    Matrix features_input(const Matrix& x) const override {
        Matrix out = x;
        for (std::size_t i = 0; i < x.rows; ++i)
            for (std::size_t k = 0; k < x.columns; ++k) out(i, k) = warps_[k].to_unit(x(i, k));
        return out;
    }

  private:
    std::vector<double> to_unit(std::span<const double> point) const {
        std::vector<double> out(point.begin(), point.end());
        for (std::size_t k = 0; k < out.size(); ++k) out[k] = warps_[k].to_unit(out[k]);
        return out;
    }

    std::unique_ptr<Kernel> inner_;
    std::vector<Warp> warps_;
};

} // namespace tinysparse::gp
