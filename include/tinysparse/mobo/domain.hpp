// SPDX-License-Identifier: Apache-2.0
// The set of points that proposals come from: one warp per dimension, and constraints that are known in advance. It
// draws points and mutants, and maximises acquisitions: over a pool first, then by L-BFGS-B over the real dimensions
// and by steps over the others.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/combine.hpp"
#include "tinysparse/gp/hamming.hpp"
#include "tinysparse/gp/lbfgsb.hpp"
#include "tinysparse/gp/stationary.hpp"
#include "tinysparse/gp/warp.hpp"
#include "tinysparse/mobo/sobol.hpp"

namespace tinysparse::mobo {

/// A set of points, each a row of raw values: one per dimension, whole numbers and categories whole.
struct Domain {
    std::vector<gp::Warp> dimensions; ///< Kind and range of each value.
    /// True if a point may be proposed; empty: every point may. Called with raw points.
    std::function<bool(std::span<const double>)> feasible{};

    /// True if the constraints allow a raw point.
    bool allows(std::span<const double> point) const { return !feasible || feasible(point); }

    /// The raw point at a point of the unit cube.
    std::vector<double> from_unit(std::span<const double> unit) const {
        std::vector<double> out(unit.size());
        for (std::size_t k = 0; k < out.size(); ++k) out[k] = dimensions[k].from_unit(unit[k]);
        return out;
    }

    /// A neighbour of a point: one dimension always changes and every other with probability 1/d. Numbers change by a
    /// normal step of `width` on the unit scale (whole numbers by at least one), categories to any other.
    std::vector<double> mutant(std::span<const double> point, double width, Random& random) const {
        std::vector<double> out(point.begin(), point.end());
        const std::size_t d = dimensions.size(), certain = random.below(std::uint32_t(d));
        for (std::size_t k = 0; k < d; ++k)
            if (k == certain || random.chance(1.0 / double(d))) out[k] = changed(k, out[k], width, random);
        return out;
    }

    /// The kernel for such points: Matern-5/2, or another profile, on the numbers times Hamming on the categories.
    std::unique_ptr<gp::Kernel> kernel(gp::Profile profile = gp::Profile::matern52) const {
        gp::Columns numbers, categories;
        for (std::size_t k = 0; k < dimensions.size(); ++k)
            (dimensions[k].kind == gp::Warp::Kind::category ? categories : numbers).index.push_back(k);
        const gp::Stationary on_numbers(numbers, profile);
        const gp::Hamming on_categories(categories);
        if (categories.index.empty()) return gp::Warped(on_numbers, dimensions).clone();
        if (numbers.index.empty()) return gp::Warped(on_categories, dimensions).clone();
        return gp::Warped(gp::Product(on_numbers, on_categories), dimensions).clone();
    }

  private:
    double changed(std::size_t k, double value, double width, Random& random) const {
        const gp::Warp& warp = dimensions[k];
        if (warp.kind == gp::Warp::Kind::category) {
            const auto count = std::uint32_t(warp.high + 1);
            return count < 2 ? value : std::fmod(value + 1 + random.below(count - 1), double(count));
        }
        const double unit = warp.to_unit(value), step = width * random.normal();
        const double moved = warp.from_unit(std::clamp(unit + step, 0.0, 1.0));
        if (moved != value) return moved;
        if (!warp.is_discrete()) return warp.from_unit(std::clamp(unit - step, 0.0, 1.0)); // it was at an end
        const double next = value + (step < 0 ? -1.0 : 1.0), other = value - (step < 0 ? -1.0 : 1.0);
        return next >= warp.low && next <= warp.high ? next : std::clamp(other, warp.low, warp.high);
    }
};

/// The function that is maximised. Larger is better; minus infinity is allowed.
struct Acquisition {
    /// Values of all rows of a pool.
    std::function<std::vector<double>(const gp::Matrix&)> of_pool;
    /// Value of one point, with its gradient by raw coordinates; without it, real dimensions are not refined.
    std::function<double(std::span<const double>, std::span<double>)> with_gradient{};
    /// True for a function that exists on one pool only, like a joint sample; it cannot be climbed.
    bool pool_only = false;
};

/// Effort of maximise().
struct MaximiseOptions {
    std::size_t spread = 512;    ///< Pool points over the whole domain.
    std::size_t mutants = 512;   ///< Pool points around the given ones.
    std::size_t climbs = 8;      ///< Starts of the local search.
    std::size_t iterations = 60; ///< Iterations per climb.
};

namespace detail {

/// Runs L-BFGS-B on the unit scale over the real dimensions of `point`; the others stay.
inline double climb_reals(const Domain& domain, const Acquisition& acquisition, std::size_t iterations,
                          std::vector<double>& point) {
    const std::size_t d = point.size();
    std::vector<double> start(d), lower(d), upper(d), raw = point, raw_gradient(d);
    std::vector<bool> real(d);
    for (std::size_t k = 0; k < d; ++k) {
        real[k] = !domain.dimensions[k].is_discrete();
        start[k] = real[k] ? domain.dimensions[k].to_unit(point[k]) : 0;
        lower[k] = 0;
        upper[k] = real[k] ? 1 : 0;
    }
    const auto place = [&](std::span<const double> unit) {
        for (std::size_t k = 0; k < d; ++k)
            if (real[k]) raw[k] = domain.dimensions[k].from_unit(unit[k]);
    };
    const auto negative = [&](std::span<const double> unit, std::span<double> gradient) {
        place(unit);
        std::fill(raw_gradient.begin(), raw_gradient.end(), 0.0);
        const double value = domain.allows(raw) ? acquisition.with_gradient(raw, raw_gradient)
                                                : -std::numeric_limits<double>::infinity();
        for (std::size_t k = 0; k < d; ++k)
            gradient[k] = real[k] ? -raw_gradient[k] / domain.dimensions[k].slope(raw[k]) : 0;
        return -value;
    };
    const gp::Minimum found =
        gp::minimise(negative, start, lower, upper,
                     {.iterations = iterations, .gradient_tolerance = 1e-6, .decrease_tolerance = 1e-9});
    if (!std::isfinite(found.value)) return -found.value;
    place(found.x);
    point = raw;
    return -found.value;
}

/// All points that differ from `point` by one step of one whole number or by one category.
inline gp::Matrix discrete_neighbours(const Domain& domain, std::span<const double> point) {
    gp::Matrix out(0, point.size());
    const auto add = [&](std::size_t k, double value) {
        std::vector<double> moved(point.begin(), point.end());
        moved[k] = value;
        if (domain.allows(moved)) out.append_row(moved);
    };
    for (std::size_t k = 0; k < point.size(); ++k) {
        const gp::Warp& warp = domain.dimensions[k];
        if (warp.kind == gp::Warp::Kind::category) {
            for (double c = 0; c <= warp.high; ++c)
                if (c != point[k]) add(k, c);
        } else if (warp.is_discrete()) {
            if (point[k] > warp.low) add(k, point[k] - 1);
            if (point[k] < warp.high) add(k, point[k] + 1);
        }
    }
    return out;
}

/// Points over the whole domain, and mutants of `around`, that satisfy the constraints and are not taken. If only a
/// small share of the domain is allowed, it draws up to sixteen times as many.
inline gp::Matrix first_pool(const Domain& domain, std::span<const std::vector<double>> around,
                             std::span<const std::vector<double>> taken, Random& random,
                             const MaximiseOptions& options) {
    gp::Matrix pool(0, domain.dimensions.size());
    const auto add = [&](const std::vector<double>& point) {
        if (domain.allows(point) && std::find(taken.begin(), taken.end(), point) == taken.end()) pool.append_row(point);
    };
    Sobol sobol(domain.dimensions.size(), std::uint64_t(random()) << 32 | random());
    for (std::size_t i = 0; i < 16 * options.spread && pool.rows < options.spread; ++i) add(domain.from_unit(sobol()));
    const std::size_t wanted = pool.rows + (around.empty() ? 0 : options.mutants);
    for (std::size_t i = 0; i < 16 * options.mutants && pool.rows < wanted; ++i)
        add(domain.mutant(around[random.below(std::uint32_t(around.size()))], 0.3 * std::pow(0.01, random.uniform()),
                          random));
    return pool;
}

/// Moves a point uphill until neither a climb over its real dimensions nor a step of another one improves it. Returns
/// its value, which is at least `value`.
inline double climb(const Domain& domain, const Acquisition& acquisition, std::size_t iterations, double value,
                    std::vector<double>& point) {
    const bool any_real = std::any_of(domain.dimensions.begin(), domain.dimensions.end(),
                                      [](const gp::Warp& warp) { return !warp.is_discrete(); });
    for (int round = 0; round < 10; ++round) {
        if (any_real && acquisition.with_gradient)
            value = std::max(value, climb_reals(domain, acquisition, iterations, point));
        const gp::Matrix neighbours = discrete_neighbours(domain, point);
        if (neighbours.rows == 0) break;
        const std::vector<double> values = acquisition.of_pool(neighbours);
        const auto top = std::max_element(values.begin(), values.end());
        if (!(*top > value)) break;
        value = *top;
        const double* row = neighbours.row(std::size_t(top - values.begin()));
        point.assign(row, row + neighbours.columns);
    }
    return value;
}

} // namespace detail

/// A point of the domain with a large acquisition value, not one of `taken`; nothing if no allowed point was found.
/// Good points are likely to be near those of `around` (the front).
inline std::optional<std::vector<double>> maximise(const Domain& domain, const Acquisition& acquisition,
                                                   std::span<const std::vector<double>> around,
                                                   std::span<const std::vector<double>> taken, Random& random,
                                                   const MaximiseOptions& options = {}) {
    const gp::Matrix pool = detail::first_pool(domain, around, taken, random, options);
    if (pool.rows == 0) return std::nullopt;
    const std::vector<double> values = acquisition.of_pool(pool);
    std::vector<std::size_t> order(pool.rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
    std::vector<double> best(pool.row(order[0]), pool.row(order[0]) + pool.columns);
    if (acquisition.pool_only) return best;
    double best_value = values[order[0]];
    // Only the better one of neighbours in the order starts, so that the climbs do not all end at the same point.
    std::size_t climbs = 0;
    for (std::size_t i = 0; i < order.size() && climbs < options.climbs;
         i += i < options.climbs / 2 ? 1 : 1 + i / 4, ++climbs) {
        std::vector<double> point(pool.row(order[i]), pool.row(order[i]) + pool.columns);
        const double value = detail::climb(domain, acquisition, options.iterations, values[order[i]], point);
        if (value > best_value && std::find(taken.begin(), taken.end(), point) == taken.end()) {
            best_value = value;
            best = point;
        }
    }
    return best;
}

} // namespace tinysparse::mobo
