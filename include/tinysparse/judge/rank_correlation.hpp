// SPDX-License-Identifier: Apache-2.0
// Spearman's rank correlation (1904): how far two quantities rise together, whatever the shape of the curve. It is the
// correlation of their ranks; equal values share the mean of their ranks.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/moments.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::judge {

/// The rank of each value, from 1; equal values get the mean of their ranks.
inline std::vector<double> mean_ranks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
        while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
        for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = double(begin + end + 1) / 2;
    }
    return ranks;
}

/// Correlation from -1 to 1; no value if there are fewer than three pairs or if all values of one side are equal.
/// Throws Error if the sides differ in length.
inline std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b) {
    if (a.size() != b.size())
        throw Error(text("a rank correlation of ", a.size(), " with ", b.size(), " values; give pairs"));
    if (a.size() < 3) return std::nullopt;
    const std::vector<double> first = mean_ranks(a), second = mean_ranks(b);
    Moments one, other, sum; // cov = (var(a + b) - var(a) - var(b)) / 2
    for (std::size_t i = 0; i < first.size(); ++i) {
        one.add(first[i]);
        other.add(second[i]);
        sum.add(first[i] + second[i]);
    }
    const double scale = std::sqrt(one.variance() * other.variance());
    if (!(scale > 0)) return std::nullopt;
    return std::clamp((sum.variance() - one.variance() - other.variance()) / 2 / scale, -1.0, 1.0);
}

} // namespace tinysparse::judge
