// SPDX-License-Identifier: Apache-2.0
// Weighted least squares, with coefficients that are not negative if asked for:
//   minimise over x (or x >= 0):  sum of ((counts . x - wanted) / weight)^2 + ridge * sum_i (scale_i x_i)^2
// by coordinate descent on the normal equations. scale_i is the root mean square of count i over its weights, so that
// the pull to zero is alike for all counts; it decides what the samples do not determine.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace tinysparse::calibrate {

/// One equation: counts . x is about `wanted`, in units of `weight`.
struct Equation {
    const double* counts;
    double wanted, weight;
};

/// Signs of the coefficients. Free ones are nearer to what is measured: counts go together, and one takes back what
/// another has too much. A bound of the time needs those that are not negative.
enum class Signs { free, not_negative };

/// The coefficients. known: a count whose coefficient is 1; `size` for none.
inline std::vector<double> fit(const std::vector<Equation>& equations, std::size_t size, std::size_t known, Signs signs,
                               double ridge) {
    const double samples = double(equations.size());
    std::vector<double> scale(size, 0);
    for (const Equation& own : equations)
        for (std::size_t i = 0; i < size; ++i) scale[i] += std::pow(own.counts[i] / own.weight, 2) / samples;
    for (double& value : scale) value = std::sqrt(value);
    std::vector<std::vector<double>> a(size, std::vector<double>(size, 0));
    std::vector<double> b(size, 0), x(size, 0), row(size);
    for (const Equation& own : equations) {
        for (std::size_t i = 0; i < size; ++i)
            row[i] = scale[i] > 0 && i != known ? own.counts[i] / own.weight / scale[i] : 0;
        const double wanted = (own.wanted - (known < size ? own.counts[known] : 0)) / own.weight;
        for (std::size_t i = 0; i < size; ++i) {
            if (row[i] == 0) continue;
            for (std::size_t j = 0; j < size; ++j) a[i][j] += row[i] * row[j] / samples;
            b[i] += row[i] * wanted / samples;
        }
    }
    for (int sweep = 0; sweep < 20000; ++sweep) {
        double largest = 0;
        for (std::size_t i = 0; i < size; ++i) {
            if (a[i][i] == 0) continue;
            double rest = b[i];
            for (std::size_t j = 0; j < size; ++j)
                if (j != i) rest -= a[i][j] * x[j];
            const double best = rest / (a[i][i] + ridge), next = signs == Signs::free ? best : std::max(0.0, best);
            largest = std::max(largest, std::abs(next - x[i]));
            x[i] = next;
        }
        if (largest < 1e-9) break;
    }
    for (std::size_t i = 0; i < size; ++i) x[i] = scale[i] > 0 ? x[i] / scale[i] : 0;
    if (known < size) x[known] = 1;
    return x;
}

/// A stack's depth is that of the deepest of its frames. Frames of one sample: their kinds, and bytes that are known.
struct Depth {
    const double* frames; ///< By kind: known bytes, negative if the sample has no such frame.
    double bytes;
};

/// Bytes of each kind of frame, whole numbers, such that the sum of |deepest - measured| is least that coordinate
/// descent finds, from 0 on.
inline std::vector<double> fit_frames(const std::vector<Depth>& depths, std::size_t kinds) {
    constexpr int deepest_frame = 120;
    std::vector<double> own(kinds, 0);
    const auto miss = [&](const Depth& depth, std::size_t kind, double value) {
        double deepest = 0;
        for (std::size_t k = 0; k < kinds; ++k)
            if (depth.frames[k] >= 0) deepest = std::max(deepest, depth.frames[k] + (k == kind ? value : own[k]));
        return std::abs(deepest - depth.bytes);
    };
    for (int sweep = 0; sweep < 30; ++sweep) {
        bool changed = false;
        for (std::size_t kind = 0; kind < kinds; ++kind) {
            double best = own[kind], least = -1;
            for (int value = 0; value <= deepest_frame; ++value) {
                double sum = 1e-3 * value;
                for (const Depth& depth : depths)
                    if (depth.frames[kind] >= 0) sum += miss(depth, kind, value);
                if (least < 0 || sum < least) least = sum, best = value;
            }
            changed = changed || best != own[kind];
            own[kind] = best;
        }
        if (!changed) break;
    }
    return own;
}

} // namespace tinysparse::calibrate
