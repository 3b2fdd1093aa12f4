// SPDX-License-Identifier: Apache-2.0
// L-BFGS-B: minimises a smooth function between bounds (Byrd, Lu, Nocedal, Zhu 1995). The Hessian is approximated by
//   B = theta I - W M W^T,   W = [Y, theta S],   M^-1 = [[-D, L^T], [L, theta S^T S]]
// from the last steps S and gradient changes Y. Each iteration finds the generalized Cauchy point (the first minimum of
// the quadratic model along the projected gradient), minimises the model over the variables that are free there, and
// searches the line through that point for a step t, which may be longer, that satisfies the strong Wolfe conditions
//   f(x + t d) <= f(x) + c1 t slope(0),   |slope(t)| <= c2 |slope(0)|,   c1 = 1e-4, c2 = 0.9
// It interpolates values and slopes by cubics (Nocedal and Wright 2006, algorithms 3.5 and 3.6).
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/gp/matrix.hpp"

namespace tinysparse::gp {

/// Where a minimisation ends.
struct MinimiseOptions {
    std::size_t iterations = 100;      ///< Largest number of iterations.
    double gradient_tolerance = 1e-5;  ///< Largest component of the projected gradient.
    double decrease_tolerance = 1e-12; ///< Relative decrease of the value in one iteration.
};

/// Why a minimisation ended.
enum class Stop {
    gradient,    ///< The projected gradient is within its tolerance.
    decrease,    ///< The last iteration gained no more than its tolerance.
    iterations,  ///< The allowed number of iterations was reached.
    line_search, ///< No lower value was found along the gradient: rounding, or a wrong gradient.
    not_finite   ///< The start has no value.
};

/// The lowest point that was found, and how.
struct Minimum {
    std::vector<double> x;
    double value = std::numeric_limits<double>::infinity();
    std::size_t iterations = 0, evaluations = 0;
    Stop stop = Stop::iterations;
};

/// value = f(x, gradient): fills the gradient. Infinity or NaN means that f has no value at x, and x is avoided.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

namespace detail {

/// Solves A x = b by elimination with row exchanges; A is small and square. A zero pivot gives zeros.
inline std::vector<double> solve_small(Matrix a, std::vector<double> b) {
    const std::size_t n = b.size();
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t best = k;
        for (std::size_t i = k + 1; i < n; ++i)
            if (std::fabs(a(i, k)) > std::fabs(a(best, k))) best = i;
        if (a(best, k) == 0) return std::vector<double>(n, 0.0);
        if (best != k) {
            std::swap_ranges(a.row(k), a.row(k) + n, a.row(best));
            std::swap(b[k], b[best]);
        }
        for (std::size_t i = k + 1; i < n; ++i) {
            const double factor = a(i, k) / a(k, k);
            for (std::size_t j = k; j < n; ++j) a(i, j) -= factor * a(k, j);
            b[i] -= factor * b[k];
        }
    }
    for (std::size_t k = n; k-- > 0;) {
        for (std::size_t j = k + 1; j < n; ++j) b[k] -= a(k, j) * b[j];
        b[k] /= a(k, k);
    }
    return b;
}

/// The limited-memory matrix B in its compact form.
class CompactHessian {
  public:
    static constexpr std::size_t memory = 10; ///< Number of latest steps that make up the matrix.

    void clear() {
        steps_.clear();
        changes_.clear();
        theta_ = 1;
    }
    /// Stores a step and the change of the gradient along it, unless the curvature is not clearly positive.
    void update(std::vector<double> step, std::vector<double> change) {
        const std::size_t n = step.size();
        const double curvature = dot(step.data(), change.data(), n), square = dot(change.data(), change.data(), n);
        if (!(curvature > 2.2e-16 * square)) return;
        theta_ = square / curvature;
        steps_.push_back(std::move(step));
        changes_.push_back(std::move(change));
        if (steps_.size() > memory) {
            steps_.pop_front();
            changes_.pop_front();
        }
        const std::size_t m = steps_.size();
        middle_ = Matrix(2 * m, 2 * m);
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < m; ++j) {
                middle_(m + i, m + j) = theta_ * dot(steps_[i].data(), steps_[j].data(), n);
                const double product = dot(steps_[i].data(), changes_[j].data(), n);
                if (i == j) middle_(i, i) = -product;
                if (i > j) middle_(m + i, j) = middle_(j, m + i) = product;
            }
    }

    double theta() const { return theta_; }
    std::size_t width() const { return 2 * steps_.size(); }
    /// Row `i` of W.
    std::vector<double> row(std::size_t i) const {
        const std::size_t m = steps_.size();
        std::vector<double> out(2 * m);
        for (std::size_t j = 0; j < m; ++j) {
            out[j] = changes_[j][i];
            out[m + j] = theta_ * steps_[j][i];
        }
        return out;
    }
    /// M v
    std::vector<double> times_middle(std::vector<double> v) const {
        return v.empty() ? v : solve_small(middle_, std::move(v));
    }

  private:
    std::deque<std::vector<double>> steps_, changes_;
    double theta_ = 1;
    Matrix middle_; // the inverse of M
};

struct CauchyPoint {
    std::vector<double> x, c; // c = W^T (x_cauchy - x)
};

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
    return gp::dot(a.data(), b.data(), a.size());
}

/// Algorithm CP of the paper: walks the projected gradient path from break point to break point.
inline CauchyPoint cauchy_point(std::span<const double> x, std::span<const double> gradient,
                                std::span<const double> lower, std::span<const double> upper,
                                const CompactHessian& hessian) {
    const std::size_t n = x.size();
    std::vector<double> breaks(n), direction(n), p(hessian.width(), 0.0);
    std::vector<std::size_t> order;
    CauchyPoint out{{x.begin(), x.end()}, std::vector<double>(hessian.width(), 0.0)};
    for (std::size_t i = 0; i < n; ++i) {
        const double g = gradient[i];
        breaks[i] = g < 0   ? (x[i] - upper[i]) / g
                    : g > 0 ? (x[i] - lower[i]) / g
                            : std::numeric_limits<double>::infinity();
        direction[i] = breaks[i] > 0 ? -g : 0.0;
        if (breaks[i] > 0) order.push_back(i);
        const auto w = hessian.row(i);
        for (std::size_t j = 0; j < w.size(); ++j) p[j] += w[j] * direction[i];
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return breaks[a] < breaks[b]; });
    double slope = -dot(direction, direction);
    double curvature = -hessian.theta() * slope - dot(p, hessian.times_middle(p));
    if (slope == 0) return out;
    const double smallest = 1e-16 * -hessian.theta() * slope;
    double step = -slope / std::max(curvature, smallest), reached = 0;
    for (const std::size_t b : order) {
        const double length = breaks[b] - reached;
        if (step < length) break;
        const double g = gradient[b], bound = direction[b] > 0 ? upper[b] : lower[b], z = bound - x[b];
        out.x[b] = bound;
        for (std::size_t j = 0; j < p.size(); ++j) out.c[j] += length * p[j];
        const auto w = hessian.row(b);
        const auto middle_c = hessian.times_middle(out.c), middle_p = hessian.times_middle(p),
                   middle_w = hessian.times_middle(w);
        slope += length * curvature + g * g + hessian.theta() * g * z - g * dot(w, middle_c);
        curvature -= hessian.theta() * g * g + 2 * g * dot(w, middle_p) + g * g * dot(w, middle_w);
        for (std::size_t j = 0; j < p.size(); ++j) p[j] += g * w[j];
        direction[b] = 0;
        step = -slope / std::max(curvature, smallest);
        reached = breaks[b];
    }
    step = std::max(step, 0.0);
    for (std::size_t i = 0; i < n; ++i)
        if (direction[i] != 0) out.x[i] = std::clamp(x[i] + (reached + step) * direction[i], lower[i], upper[i]);
    for (std::size_t j = 0; j < p.size(); ++j) out.c[j] += step * p[j];
    return out;
}

/// Direct primal minimisation of the model over the variables strictly between bounds
/// at the Cauchy point (section 5.1).
inline std::vector<double> subspace_minimum(std::span<const double> x, std::span<const double> gradient,
                                            std::span<const double> lower, std::span<const double> upper,
                                            const CompactHessian& hessian, const CauchyPoint& cauchy) {
    const double theta = hessian.theta();
    const std::size_t width = hessian.width();
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (cauchy.x[i] > lower[i] && cauchy.x[i] < upper[i]) free.push_back(i);
    if (free.empty()) return cauchy.x;
    const auto middle_c = hessian.times_middle(cauchy.c);
    std::vector<double> reduced(free.size()), v(width, 0.0);
    Matrix n(width, width); // I - M W^T Z Z^T W / theta, built column by column
    Matrix products(width, width);
    for (std::size_t f = 0; f < free.size(); ++f) {
        const auto w = hessian.row(free[f]);
        reduced[f] = gradient[free[f]] + theta * (cauchy.x[free[f]] - x[free[f]]) - dot(w, middle_c);
        for (std::size_t j = 0; j < width; ++j) {
            v[j] += w[j] * reduced[f];
            for (std::size_t k = 0; k < width; ++k) products(k, j) += w[j] * w[k] / theta;
        }
    }
    v = hessian.times_middle(v);
    for (std::size_t k = 0; k < width; ++k) {
        const auto column = hessian.times_middle({products.row(k), products.row(k) + width}); // symmetric
        for (std::size_t j = 0; j < width; ++j) n(j, k) = (j == k ? 1.0 : 0.0) - column[j];
    }
    if (width > 0) v = solve_small(n, v);
    std::vector<double> step(free.size());
    double share = 1;
    for (std::size_t f = 0; f < free.size(); ++f) {
        const std::size_t i = free[f];
        step[f] = -reduced[f] / theta - dot(hessian.row(i), v) / (theta * theta);
        const double room = step[f] > 0 ? upper[i] - cauchy.x[i] : lower[i] - cauchy.x[i];
        if (step[f] != 0) share = std::min(share, room / step[f]);
    }
    std::vector<double> out = cauchy.x;
    for (std::size_t f = 0; f < free.size(); ++f)
        out[free[f]] = std::clamp(out[free[f]] + share * step[f], lower[free[f]], upper[free[f]]);
    return out;
}

inline double projected_gradient(std::span<const double> x, std::span<const double> gradient,
                                 std::span<const double> lower, std::span<const double> upper) {
    double largest = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        largest = std::max(largest, std::fabs(std::clamp(x[i] - gradient[i], lower[i], upper[i]) - x[i]));
    return largest;
}

/// A point on the line x + step * direction, with the slope along it.
struct LinePoint {
    double step, value, slope;
    std::vector<double> x, gradient;
};

/// Where the cubic through the values and slopes of both points is least; not finite if it has no minimum.
inline double cubic_minimum(const LinePoint& a, const LinePoint& b) {
    const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step);
    const double d2 = std::copysign(std::sqrt(d1 * d1 - a.slope * b.slope), b.step - a.step);
    return b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
}

/// The next step to try within a bracket: `low` has the lower value, `high` bounds the minimum.
inline double step_within(const LinePoint& low, const LinePoint& high) {
    const double width = high.step - low.step;
    if (!std::isfinite(high.value)) return low.step + 0.1 * width;
    double share = (cubic_minimum(low, high) - low.step) / width;
    if (!std::isfinite(share)) // the parabola through both values and the slope at `low`
        share = -low.slope * width / (2 * (high.value - low.value - low.slope * width));
    return low.step + (std::isfinite(share) ? std::clamp(share, 0.1, 0.9) : 0.5) * width;
}

/// The next step to try beyond `to`, if the line still falls there: at most ten times as far again.
inline double step_beyond(const LinePoint& from, const LinePoint& to, double largest) {
    const double length = to.step - from.step, found = (cubic_minimum(from, to) - to.step) / length;
    return std::min(largest, to.step + length * (found > 0 ? std::clamp(found, 1.1, 10.0) : 10.0));
}

/// A point that satisfies the strong Wolfe conditions, or one at the largest step that satisfies the first; else the
/// lowest point found, or `start` itself if none is lower. evaluate(step) gives points.
template <class Evaluate>
LinePoint wolfe_search(const LinePoint& start, double step, double largest, Evaluate evaluate) {
    LinePoint low = start, high = start;
    bool bracketed = false;
    for (int attempt = 0; attempt < 20 && step != low.step; ++attempt) {
        LinePoint next = evaluate(step);
        const bool falls = next.value <= start.value + 1e-4 * step * start.slope && next.value < low.value;
        if (!falls) { // NaN and infinity too
            high = std::move(next);
            bracketed = true;
            step = step_within(low, high);
            continue;
        }
        if (std::fabs(next.slope) <= 0.9 * std::fabs(start.slope)) return next;
        if (!bracketed && next.slope < 0) {
            if (step >= largest) return next;
            step = step_beyond(low, next, largest);
            low = std::move(next);
            continue;
        }
        if (!bracketed || next.slope * (high.step - low.step) >= 0) high = std::move(low);
        bracketed = true;
        low = std::move(next);
        step = step_within(low, high);
    }
    return low;
}

/// The largest step for which x + step * direction is within bounds; at least 1, as x + direction is within.
inline double largest_step(std::span<const double> x, std::span<const double> direction, std::span<const double> lower,
                           std::span<const double> upper) {
    double largest = 1e10;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (direction[i] != 0)
            largest = std::min(largest, ((direction[i] > 0 ? upper[i] : lower[i]) - x[i]) / direction[i]);
    return std::max(1.0, largest);
}

/// The point at `step` along the direction from `at`, moved inside the bounds, with the value and slopes of f.
inline LinePoint point_at(const Objective& f, const LinePoint& at, const std::vector<double>& direction, double step,
                          std::span<const double> lower, std::span<const double> upper) {
    const std::size_t n = at.x.size();
    LinePoint point{step, 0, 0, std::vector<double>(n), std::vector<double>(n)};
    for (std::size_t i = 0; i < n; ++i) point.x[i] = std::clamp(at.x[i] + step * direction[i], lower[i], upper[i]);
    point.value = f(point.x, point.gradient);
    point.slope = dot(direction, point.gradient);
    return point;
}

} // namespace detail

/// A local minimum of f with lower <= x <= upper, from `start` (moved inside the bounds). Bounds may be infinite. If f
/// has no finite value at the start, it returns the start and infinity.
inline Minimum minimise(const Objective& f, std::vector<double> start, std::span<const double> lower,
                        std::span<const double> upper, const MinimiseOptions& options = {}) {
    const std::size_t n = start.size();
    for (std::size_t i = 0; i < n; ++i) start[i] = std::clamp(start[i], lower[i], upper[i]);
    detail::LinePoint at{0, 0, 0, std::move(start), std::vector<double>(n)};
    at.value = f(at.x, at.gradient);
    Minimum result{{}, std::numeric_limits<double>::infinity(), 0, 1};
    const auto stopped = [&](Stop why) {
        result.x = std::move(at.x);
        if (why != Stop::not_finite) result.value = at.value;
        result.stop = why;
        return result;
    };
    if (!std::isfinite(at.value)) return stopped(Stop::not_finite);
    detail::CompactHessian hessian;
    std::vector<double> direction(n), change(n);
    for (; result.iterations < options.iterations; ++result.iterations) {
        if (detail::projected_gradient(at.x, at.gradient, lower, upper) <= options.gradient_tolerance)
            return stopped(Stop::gradient);
        const auto cauchy = detail::cauchy_point(at.x, at.gradient, lower, upper, hessian);
        const auto target = detail::subspace_minimum(at.x, at.gradient, lower, upper, hessian, cauchy);
        for (std::size_t i = 0; i < n; ++i) direction[i] = target[i] - at.x[i];
        at.step = 0;
        at.slope = detail::dot(direction, at.gradient);
        // The first step has no scale yet; later ones are the model's own minimum.
        const double first = hessian.width() == 0 ? std::min(1.0, 1 / std::sqrt(detail::dot(direction, direction))) : 1;
        detail::LinePoint next = at;
        if (at.slope < 0)
            next =
                detail::wolfe_search(at, first, detail::largest_step(at.x, direction, lower, upper), [&](double step) {
                    ++result.evaluations;
                    return detail::point_at(f, at, direction, step, lower, upper);
                });
        if (next.step == 0) {
            if (hessian.width() == 0) return stopped(Stop::line_search);
            hessian.clear(); // rounding spoilt the model: restart from the gradient alone
            continue;
        }
        const double decrease = at.value - next.value;
        for (std::size_t i = 0; i < n; ++i) {
            direction[i] = next.x[i] - at.x[i];
            change[i] = next.gradient[i] - at.gradient[i];
        }
        hessian.update(direction, change);
        at = std::move(next);
        if (decrease <= options.decrease_tolerance * std::max(1.0, std::fabs(at.value))) return stopped(Stop::decrease);
    }
    return stopped(Stop::iterations);
}

} // namespace tinysparse::gp
