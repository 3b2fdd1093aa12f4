// SPDX-License-Identifier: Apache-2.0
// Covariance functions: the interface that all kernels share, and the radial profiles of most of them.
//
// A point is a row of doubles. A dimension that a point does not have (the width of a missing layer) holds
// gp::inactive. A kernel looks only at the columns that it was given, so that products and sums can share the work: an
// arc kernel on conditional numbers times a Hamming kernel on categories is a kernel on mixed conditional spaces.
//
// With s a squared distance, r = sqrt(s) (Rasmussen and Williams 2006, chapter 4):
//   RBF          exp(-s/2)                              d/ds = -exp(-s/2)/2
//   Matern-3/2   (1 + sqrt3 r) exp(-sqrt3 r)            d/ds = -3/2 exp(-sqrt3 r)
//   Matern-5/2   (1 + sqrt5 r + 5/3 s) exp(-sqrt5 r)    d/ds = -5/6 (1 + sqrt5 r) exp(-sqrt5 r)
#pragma once
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/matrix.hpp"
#include "tinysparse/gp/parameter.hpp"

namespace tinysparse::gp {

/// The value of a dimension that a point does not have.
inline constexpr double inactive = -std::numeric_limits<double>::infinity();

/// A covariance function with hyper-parameters and the gradients that fits and acquisitions need.
class Kernel {
  public:
    virtual ~Kernel() = default;
    /// A copy with the same hyper-parameters.
    virtual std::unique_ptr<Kernel> clone() const = 0;

    /// Appends the hyper-parameters in a fixed order; set_parameters() takes their values in the same order.
    virtual void append_parameters(std::vector<Parameter>& out) const = 0;
    /// values: on the unbounded scale, as many as append_parameters() appends.
    virtual void set_parameters(std::span<const double> values) = 0;
    /// The hyper-parameters with names, values, bounds and priors.
    std::vector<Parameter> parameters() const {
        std::vector<Parameter> out;
        append_parameters(out);
        return out;
    }

    /// Takes from the points what the priors, the bounds and the first values of the hyper-parameters depend on, such
    /// as the range of an input. GaussianProcess::condition() and fit() call it. Most kernels need nothing.
    virtual void adapt(const Matrix& /*x*/) {}

    /// Throws Error with the row if a point cannot be used: NaN, or no value in a column that needs one.
    virtual void check(const Matrix& x) const = 0;

    /// out [a.rows][b.rows]: k(a_i, b_j)
    virtual void cross(const Matrix& a, const Matrix& b, Matrix& out) const = 0;
    /// The lower triangle of k(x_i, x_j), [x.rows][x.rows]; values above it are undefined.
    virtual void gram(const Matrix& x, Matrix& out) const = 0;
    /// k(x, x)
    virtual double diagonal(std::span<const double> x) const = 0;

    /// gradient[p] += sum over j <= i of weights(i, j) * d k(x_i, x_j) / d parameter p
    virtual void add_gradient(const Matrix& x, const Matrix& weights, std::span<double> gradient) const = 0;
    /// gradient[k] += sum over i of coefficients[i] * d k(point, x_i) / d point_k. Adds nothing for categories, for
    /// whole numbers (k changes with them only in steps) and for inactive dimensions.
    virtual void add_input_gradient(std::span<const double> point, const Matrix& x,
                                    std::span<const double> coefficients, std::span<double> gradient) const = 0;

    /// A frequency of the kernel's spectral density, one value per column, for random Fourier features of the points
    /// that features_input() gives. Throws Error for kernels without one: arc and Hamming kernels, and sums.
    virtual std::vector<double> draw_frequency(Random&, std::size_t /*columns*/) const {
        throw Error("this kernel has no spectral density to draw from; use joint samples on a pool instead");
    }
    /// The points of draw_frequency(): for a warped kernel, those after the warps.
    virtual Matrix features_input(const Matrix& x) const { return x; }

    /// k(a, b) of two points; slow, for tests and examples.
    double operator()(std::span<const double> a, std::span<const double> b) const {
        Matrix left(0, a.size()), right(0, b.size()), out;
        left.append_row(a);
        right.append_row(b);
        cross(left, right, out);
        return out(0, 0);
    }
};

/// Squared exponential, or Matern with smoothness 3/2 or 5/2.
enum class Profile { rbf, matern32, matern52 };

/// k as a function of the squared distance; 1 at 0.
inline double profile_value(Profile profile, double s) {
    if (profile == Profile::rbf) return std::exp(-0.5 * s);
    if (profile == Profile::matern32) {
        const double z = std::sqrt(3.0 * s);
        return (1 + z) * std::exp(-z);
    }
    const double z = std::sqrt(5.0 * s);
    return (1 + z + z * z / 3) * std::exp(-z);
}

/// dk/ds, finite at 0.
inline double profile_slope(Profile profile, double s) {
    if (profile == Profile::rbf) return -0.5 * std::exp(-0.5 * s);
    if (profile == Profile::matern32) return -1.5 * std::exp(-std::sqrt(3.0 * s));
    const double z = std::sqrt(5.0 * s);
    return -5.0 / 6.0 * (1 + z) * std::exp(-z);
}

/// The columns that a kernel looks at. Columns of one role share their hyper-parameters (for example the widths of all
/// layers), which keeps the number of parameters small while there are few points.
struct Columns {
    std::vector<std::size_t> index; ///< Columns of the points, counted from 0.
    std::vector<std::size_t> role;  ///< 0 .. roles-1, one per column; empty: each column has its own role.

    /// Columns 0 .. count-1, each with its own role.
    static Columns all(std::size_t count) {
        Columns columns;
        for (std::size_t k = 0; k < count; ++k) columns.index.push_back(k);
        return columns;
    }
    /// Number of columns.
    std::size_t size() const { return index.size(); }
    /// Role of the k-th column.
    std::size_t role_of(std::size_t k) const { return role.empty() ? k : role[k]; }
    /// Number of roles, and so of hyper-parameters of each kind.
    std::size_t roles() const {
        std::size_t count = 0;
        for (std::size_t k = 0; k < size(); ++k) count = std::max(count, role_of(k) + 1);
        return count;
    }
};

} // namespace tinysparse::gp
