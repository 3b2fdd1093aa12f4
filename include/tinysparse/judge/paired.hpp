// SPDX-License-Identifier: Apache-2.0
// Means with Student's intervals, one at a time or several judged together.
//   mean +- t_level(n - 1) s / sqrt(n) of n values with standard deviation s (Student 1908). Differences of pairs are
// such values: anything that both sides of a pair share, such as a seed or an hour of the machine, cancels.
// Several means, each of which may be 0 (Holm 1979): of m p values in ascending order the k-th is compared with alpha /
// (m - k + 1). From the first that is larger on, no mean is shown to differ from 0. The interval of that mean and of
// all after it has the level 1 - alpha / (m - k + 1) of its place; the means before it have the level of their own
// place. So an interval excludes 0 exactly if Holm's test shows that the mean is not 0.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "tinysparse/base/moments.hpp"
#include "tinysparse/base/sort.hpp"
#include "tinysparse/judge/interval.hpp"
#include "tinysparse/judge/student.hpp"

namespace tinysparse::judge {

/// The mean of some values and what it tells about the true mean.
struct Mean {
    std::size_t count = 0;
    double mean = 0;                 ///< 0 if there are no values.
    std::optional<double> deviation; ///< Standard deviation; needs two values.
    std::optional<double> p_value;   ///< Two-sided, for a true mean of 0. Without spread 0, or 1 if the mean is 0.

    /// Student's interval at a level such as 0.95; no value for fewer than two values.
    std::optional<Interval> interval(double level) const {
        if (!deviation) return std::nullopt;
        const double half = student_critical_value(level, double(count) - 1) * *deviation / std::sqrt(double(count));
        return Interval{mean - half, mean + half};
    }
};

/// Mean of values, such as the differences of pairs. Throws Error if one is not finite.
inline Mean mean_of(std::span<const double> values) {
    Moments moments;
    for (const double value : values) {
        if (!std::isfinite(value)) throw Error(text("mean of values: expected finite numbers, found ", value));
        moments.add(value);
    }
    Mean result{values.size(), values.empty() ? 0 : moments.mean(), std::nullopt, std::nullopt};
    if (values.size() < 2) return result;
    result.deviation = std::sqrt(moments.sample_variance());
    const double error = *result.deviation / std::sqrt(double(values.size()));
    result.p_value = error > 0          ? student_p_value(result.mean / error, double(values.size()) - 1)
                     : result.mean == 0 ? 1
                                        : 0;
    return result;
}

/// Holm's result for one of several p values.
struct Adjusted {
    double p_value; ///< Adjusted for the number of values: below alpha if the test shows a difference.
    double level;   ///< Level of the interval, such as 0.99.
};

/// Holm's procedure at a family-wise error of alpha, in the order given. Throws Error unless all are shares.
inline std::vector<Adjusted> holm(std::span<const double> p_values, double alpha = 0.05) {
    if (!(alpha > 0 && alpha < 1)) throw Error(text("alpha ", alpha, ": expected a number above 0 and below 1"));
    for (const double p : p_values)
        if (!(p >= 0 && p <= 1)) throw Error(text("p value ", p, ": expected 0 to 1"));
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    sort_stably(order, [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
    std::vector<Adjusted> adjusted(p_values.size(), {1, 1 - alpha});
    double largest = 0, share = 0;
    bool shown = true;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const double left = double(order.size() - k), p = p_values[order[k]];
        if (shown) share = alpha / left;
        shown = shown && p <= share;
        largest = std::max(largest, std::min(1.0, left * p));
        adjusted[order[k]] = {largest, 1 - share};
    }
    return adjusted;
}

} // namespace tinysparse::judge
