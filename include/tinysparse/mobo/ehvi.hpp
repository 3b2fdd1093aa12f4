// SPDX-License-Identifier: Apache-2.0
// Exact expected hypervolume improvement for up to three modelled objectives, its logarithm, and their gradients. Of a
// single objective it is the expected improvement below the best value so far.
// With f_k ~ N(mu_k, sd_k^2) independent and Psi_k(t) = E[(t - f_k)_+] = (t - mu_k) Phi(z) + sd_k phi(z),
// z = (t - mu_k)/sd_k,
//   EHVI = sum over boxes of prod_k [Psi_k(upper_k) - Psi_k(lower_k)]
// over boxes that tile the region that neither the front nor the reference excludes (Yang, Emmerich, Deutz, Back 2019:
// O(n) boxes).
//   dPsi/dmu = -Phi(z),   dPsi/dsd = phi(z)
// Far from the front all of this underflows, and a gradient search stands still. The logarithm does not (Ament et al.
// 2023): each Psi is kept as exp(-z^2/2) times a number of ordinary size, and the boxes are summed relative to the
// largest.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

#include "tinysparse/mobo/pareto.hpp"

namespace tinysparse::mobo {

/// exp(x^2) erfc(x) for x >= 0: a normal tail without its exponential. Relative error below 1e-13.
inline double scaled_erfc(double x) {
    if (x < 25) return std::exp(x * x) * std::erfc(x);
    const double u = 1 / (2 * x * x); // asymptotic series; the omitted terms are below 1e-14 for x of 25 and more
    return std::numbers::inv_sqrtpi / x * (1 - u * (1 - u * (3 - u * (15 - u * (105 - u * 945)))));
}

namespace detail {

/// Psi(t) = value * exp(scale), and its derivatives with the same factor.
struct TailTerm {
    double scale = 0, value = 0, by_mean = 0, by_sd = 0;
};

inline TailTerm tail_term(double t, double mean, double sd) {
    if (t == -std::numeric_limits<double>::infinity()) return {};
    constexpr double inv_sqrt_2pi = 0.3989422804014326779;
    const double z = (t - mean) / sd;
    if (z > -5) {
        const double cumulative = 0.5 * std::erfc(-z * std::numbers::sqrt2 / 2),
                     density = inv_sqrt_2pi * std::exp(-z * z / 2);
        return {0, sd * (density + z * cumulative), -cumulative, density};
    }
    const double cumulative = 0.5 * scaled_erfc(-z * std::numbers::sqrt2 / 2), u = 1 / (z * z);
    // phi + z Phi loses the digits of z^2; from z = -30 on the series is better.
    const double difference =
        z > -30 ? inv_sqrt_2pi + z * cumulative : inv_sqrt_2pi * u * (1 - u * (3 - u * (15 - u * 105)));
    return {-z * z / 2, sd * difference, -cumulative, inv_sqrt_2pi};
}

} // namespace detail

/// Psi(t) = E[(t - f)_+] for f ~ N(mean, sd^2); sd >= 0.
inline double expected_shortfall(double t, double mean, double sd) {
    if (!(sd > 0)) return std::max(t - mean, 0.0);
    const detail::TailTerm term = detail::tail_term(t, mean, sd);
    return term.value * std::exp(term.scale);
}

/// Expected hypervolume improvement over a front, if all objectives are uncertain and independent.
class Ehvi {
  public:
    /// Takes points of the front (dominated and outside points are ignored) and the reference, for one to three
    /// objectives. Throws Error on other numbers of objectives and on NaN.
    Ehvi(std::span<const Point> front, std::span<const double> reference) : objectives_(reference.size()) {
        if (objectives_ < 1 || objectives_ > 3)
            throw Error(
                text("exact expected hypervolume improvement of ", objectives_,
                     " objectives was asked for; it is there for 1 to 3, use a random scalarisation for others"));
        check_point(reference, objectives_, 0);
        std::vector<Point> inside;
        for (std::size_t i = 0; i < front.size(); ++i) {
            check_point(front[i], objectives_, i);
            bool below = true;
            for (std::size_t k = 0; k < objectives_; ++k) below = below && front[i][k] < reference[k];
            if (below) inside.push_back(front[i]);
        }
        if (objectives_ == 1) {
            improve_on_best(inside, reference[0]);
            return;
        }
        // Two objectives count as three, of which the last is the same for all points: one slab.
        decompose(inside, reference);
    }

    /// The expected improvement. sd_k > 0. Throws Error unless both have one value per objective.
    double operator()(std::span<const double> mean, std::span<const double> sd) const {
        check_length(mean, objectives_, "means");
        check_length(sd, objectives_, "standard deviations");
        const Sums sums = sum_boxes(mean, sd);
        return sums.value * std::exp(sums.scale);
    }

    /// Logarithm of the improvement; fills the gradients by mean and sd. Minus infinity only if every box is empty.
    double logarithm(std::span<const double> mean, std::span<const double> sd, std::span<double> by_mean,
                     std::span<double> by_sd) const {
        const Sums sums = sum_boxes(mean, sd);
        for (std::size_t k = 0; k < objectives_; ++k) {
            by_mean[k] = sums.value > 0 ? sums.by_mean[k] / sums.value : 0;
            by_sd[k] = sums.value > 0 ? sums.by_sd[k] / sums.value : 0;
        }
        return sums.scale + std::log(sums.value);
    }

    /// Boxes into which the region that the front leaves free was cut; a call takes time in proportion.
    std::size_t boxes() const { return boxes_.size(); }

  private:
    struct Box {
        std::array<std::uint32_t, 3> lower, upper; // positions in levels_
    };
    struct Sums {
        double scale = 0, value = 0;
        std::array<double, 3> by_mean{}, by_sd{};
    };
    struct Stripe { // x from `left` to the next stripe's left, y below `top`, z from `since` on
        double left, top, since;
    };

    /// One objective: one box, all that is below the best value.
    void improve_on_best(const std::vector<Point>& points, double best) {
        for (const Point& p : points) best = std::min(best, p[0]);
        levels_[0] = {-std::numeric_limits<double>::infinity(), best};
        boxes_.push_back({{0, 0, 0}, {1, 0, 0}});
    }

    /// Sweeps over the last objective: a new point cuts off the stripes under it, and they become boxes.
    void decompose(std::vector<Point>& points, std::span<const double> reference) {
        constexpr double lowest = -std::numeric_limits<double>::infinity();
        const bool flat = objectives_ == 2;
        for (std::size_t k = 0; k < objectives_; ++k) {
            levels_[k] = {lowest, reference[k]};
            for (const Point& p : points) levels_[k].push_back(p[k]);
            std::sort(levels_[k].begin(), levels_[k].end());
            levels_[k].erase(std::unique(levels_[k].begin(), levels_[k].end()), levels_[k].end());
        }
        std::sort(points.begin(), points.end(), [&](const Point& a, const Point& b) { return a.back() < b.back(); });
        std::vector<Stripe> stripes = {{lowest, reference[1], lowest}};
        const auto right = [&](std::size_t s) { return s + 1 < stripes.size() ? stripes[s + 1].left : reference[0]; };
        const auto close = [&](std::size_t s, double z) {
            const Stripe& stripe = stripes[s];
            if (flat || stripe.since < z) add_box({stripe.left, lowest, stripe.since}, {right(s), stripe.top, z});
        };
        for (const Point& p : points) {
            const double z = flat ? lowest : p[2];
            const auto after = std::upper_bound(stripes.begin(), stripes.end(), p[0],
                                                [](double x, const Stripe& stripe) { return x < stripe.left; });
            const std::size_t first = std::size_t(after - stripes.begin()) - 1;
            if (stripes[first].top <= p[1]) continue;
            std::size_t last = first;
            while (last < stripes.size() && stripes[last].top > p[1]) {
                if (!flat) close(last, z);
                ++last;
            }
            const Stripe left{stripes[first].left, stripes[first].top, z};
            const bool keep_left = left.left < p[0];
            const auto begin = stripes.begin() + std::ptrdiff_t(first);
            const auto at = stripes.erase(begin, stripes.begin() + std::ptrdiff_t(last));
            const auto inserted = stripes.insert(at, Stripe{p[0], p[1], z});
            if (keep_left) stripes.insert(inserted, left);
        }
        for (std::size_t s = 0; s < stripes.size(); ++s) close(s, flat ? 0.0 : reference[2]);
    }

    void add_box(const std::array<double, 3>& lower, const std::array<double, 3>& upper) {
        Box box{};
        for (std::size_t k = 0; k < objectives_; ++k) {
            box.lower[k] = position(k, lower[k]);
            box.upper[k] = position(k, upper[k]);
        }
        boxes_.push_back(box);
    }
    std::uint32_t position(std::size_t k, double level) const {
        return std::uint32_t(std::lower_bound(levels_[k].begin(), levels_[k].end(), level) - levels_[k].begin());
    }

    Sums sum_boxes(std::span<const double> mean, std::span<const double> sd) const {
        static thread_local std::array<std::vector<detail::TailTerm>, 3> terms;
        for (std::size_t k = 0; k < objectives_; ++k) {
            terms[k].clear();
            for (const double level : levels_[k]) terms[k].push_back(detail::tail_term(level, mean[k], sd[k]));
        }
        Sums sums;
        for (const Box& box : boxes_) {
            double scale = 0, product = 1;
            std::array<double, 3> value{}, by_mean{}, by_sd{};
            for (std::size_t k = 0; k < objectives_; ++k) {
                const detail::TailTerm &upper = terms[k][box.upper[k]], &lower = terms[k][box.lower[k]];
                const double ratio = lower.value == 0             ? 0
                                     : lower.scale == upper.scale ? 1
                                                                  : std::exp(lower.scale - upper.scale);
                value[k] = upper.value - ratio * lower.value;
                by_mean[k] = upper.by_mean - ratio * lower.by_mean;
                by_sd[k] = upper.by_sd - ratio * lower.by_sd;
                product *= value[k];
                scale += upper.scale;
            }
            if (!(product > 0)) continue;
            if (sums.value == 0) sums.scale = scale;
            if (scale > sums.scale) { // a larger box: the sums so far are rescaled to it
                const double shrink = std::exp(sums.scale - scale);
                sums.value *= shrink;
                for (std::size_t k = 0; k < objectives_; ++k) sums.by_mean[k] *= shrink, sums.by_sd[k] *= shrink;
                sums.scale = scale;
            }
            const double weight = scale == sums.scale ? product : product * std::exp(scale - sums.scale);
            sums.value += weight;
            for (std::size_t k = 0; k < objectives_; ++k) {
                sums.by_mean[k] += weight * by_mean[k] / value[k];
                sums.by_sd[k] += weight * by_sd[k] / value[k];
            }
        }
        return sums;
    }

    std::size_t objectives_;
    std::array<std::vector<double>, 3> levels_; // all coordinates of box corners, sorted
    std::vector<Box> boxes_;
};

} // namespace tinysparse::mobo
