// SPDX-License-Identifier: Apache-2.0
// Random scalarisations: one number from several objectives, with weights drawn anew for every proposal, so that in the
// long run every part of the front minimises one of them. They are used with a function drawn from the posterior
// (Thompson sampling), after Paria, Kandasamy, Poczos 2020 and SpArSe (Fedorov et al. 2019).
//   augmented Tchebyshev   s = max_k w_k g_k + 0.05 sum_k w_k g_k,   g_k = (f_k - ideal_k) / range_k,  w ~ Dirichlet(1)
//   hypervolume            s = -min_k max(0, (r_k - f_k) / w_k)^m,   w uniform on the positive part of the unit sphere;
//                          the mean over w of the best -s, times pi^(m/2) / (2^m Gamma(m/2 + 1)), is the hypervolume
//                          (Zhang and Golovin 2020)
// Both are minimised.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/mobo/pareto.hpp"

namespace tinysparse::mobo {

/// Weights that sum to 1; all such weights are equally likely (Dirichlet(1)).
inline std::vector<double> simplex_weights(std::size_t count, Random& random) {
    std::vector<double> weights(count);
    double sum = 0;
    for (double& weight : weights) sum += weight = -std::log(1 - random.uniform());
    for (double& weight : weights) weight /= sum;
    return weights;
}

/// A direction of length 1 with positive coordinates; all are equally likely.
inline std::vector<double> sphere_weights(std::size_t count, Random& random) {
    std::vector<double> weights(count);
    double square = 0;
    for (double& weight : weights) {
        weight = std::max(std::fabs(random.normal()), 1e-12);
        square += weight * weight;
    }
    for (double& weight : weights) weight /= std::sqrt(square);
    return weights;
}

/// Best and worst value of each objective over some points, by which scalarisations normalise.
struct ObjectiveRange {
    Point ideal, worst; ///< Smallest and largest value of each objective.

    /// Throws Error if there are no points or one of them has another length or NaN.
    explicit ObjectiveRange(std::span<const Point> points) {
        if (points.empty()) throw Error("the range of no points was asked for; give at least one");
        ideal = worst = points[0];
        for (std::size_t i = 0; i < points.size(); ++i) {
            check_point(points[i], ideal.size(), i);
            for (std::size_t k = 0; k < ideal.size(); ++k) {
                ideal[k] = std::min(ideal[k], points[i][k]);
                worst[k] = std::max(worst[k], points[i][k]);
            }
        }
    }
    /// Objective k with the ideal at 0 and the worst at 1; differences are kept if both are equal.
    double scaled(double value, std::size_t k) const {
        const double range = worst[k] - ideal[k];
        return (value - ideal[k]) / (range > 0 ? range : 1.0);
    }
};

/// Augmented Tchebyshev value of a point, to be minimised; weights are positive. Throws Error unless each has one
/// value per objective of the range.
inline double tchebyshev(std::span<const double> point, std::span<const double> weights, const ObjectiveRange& range) {
    check_length(point, range.ideal.size(), "a point");
    check_length(weights, range.ideal.size(), "weights");
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::size_t k = 0; k < point.size(); ++k) {
        const double term = weights[k] * range.scaled(point[k], k);
        largest = std::max(largest, term);
        sum += term;
    }
    return largest + 0.05 * sum;
}

/// The sign is reversed outside the reference, so that the nearer point is the better one there too.
inline double hypervolume_scalarisation(std::span<const double> point, std::span<const double> weights,
                                        std::span<const double> reference) {
    check_length(point, reference.size(), "a point");
    check_length(weights, reference.size(), "weights");
    double smallest = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < point.size(); ++k)
        smallest = std::min(smallest, (reference[k] - point[k]) / weights[k]);
    return smallest > 0 ? -std::pow(smallest, double(point.size())) : -smallest;
}

/// Objectives as one number, to be minimised.
using Scalarisation = std::function<double(std::span<const double>)>;

/// tchebyshev() with weights drawn now, measured by the range of `front`, which has at least one point.
inline Scalarisation random_tchebyshev(std::span<const Point> front, Random& random) {
    const ObjectiveRange range(front);
    return [weights = simplex_weights(front[0].size(), random), range](std::span<const double> point) {
        return tchebyshev(point, weights, range);
    };
}

/// hypervolume_scalarisation() with weights drawn now.
inline Scalarisation random_hypervolume(const Point& reference, Random& random) {
    return [weights = sphere_weights(reference.size(), random), reference](std::span<const double> point) {
        return hypervolume_scalarisation(point, weights, reference);
    };
}

} // namespace tinysparse::mobo
