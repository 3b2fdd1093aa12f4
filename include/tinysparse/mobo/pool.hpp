// SPDX-License-Identifier: Apache-2.0
// Acquisitions over a pool of candidates: the first objective, or the first few, have Gaussian processes; the costs
// after them are computed. A search proposes networks like this: it mutates the networks on the front, counts the bytes
// of every mutant, and trains the one with the largest value.
//
// Running trials are fantasies (Kriging believer, Ginsbourger et al. 2010): they count as if they had ended with their
// predicted mean, so that nothing is proposed twice and each trial of a batch seeks another improvement.
#pragma once
#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/gp/process.hpp"
#include "tinysparse/gp/sample.hpp"
#include "tinysparse/mobo/known_costs.hpp"
#include "tinysparse/mobo/scalarise.hpp"

namespace tinysparse::mobo {

/// Candidates, one per row: their features for the processes, and the objectives that have no process.
struct Pool {
    gp::Matrix points;
    std::vector<Point> costs;
};

namespace detail {
/// [modelled ..., costs ...]
inline Point with_costs(Point modelled, std::span<const double> costs) {
    modelled.insert(modelled.end(), costs.begin(), costs.end());
    return modelled;
}

inline void check_pool(const Pool& pool) {
    if (pool.points.rows != pool.costs.size())
        throw Error(text("a pool has ", pool.points.rows, " points and the costs of ", pool.costs.size(),
                         "; give one point of costs per candidate"));
}
} // namespace detail

/// Adds the pending trials to the processes, one per modelled objective, and to the front, as fantasies.
inline void add_fantasies(std::span<gp::GaussianProcess> processes, ParetoArchive& front, const Pool& pending) {
    detail::check_pool(pending);
    for (std::size_t i = 0; i < pending.points.rows; ++i) {
        Point means;
        for (gp::GaussianProcess& process : processes) {
            means.push_back(process.predict(pending.points.row_span(i)).mean);
            process.append(pending.points.row_span(i), means.back());
        }
        front.insert(detail::with_costs(std::move(means), pending.costs[i]));
    }
}

/// The value of every candidate of a pool; larger is better.
using PoolAcquisition = std::function<std::vector<double>(const Pool&)>;

/// Expected hypervolume improvement. `front` holds [first objective, costs ...] of finished trials and fantasies. The
/// process must outlive the result.
inline PoolAcquisition ehvi_of_pool(const gp::GaussianProcess& process, const ParetoArchive& front,
                                    std::span<const double> reference) {
    return [&process, ehvi = EhviKnownCosts(front.points(), reference)](const Pool& pool) mutable {
        detail::check_pool(pool);
        const std::vector<gp::Prediction> predictions = process.predict(pool.points);
        std::vector<double> values(predictions.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = ehvi(predictions[i].mean, std::sqrt(predictions[i].variance), pool.costs[i]);
        return values;
    };
}

/// Thompson sampling: the negative of a scalarisation. Each modelled objective is a function drawn from its posterior,
/// the same function at every call. Processes and random numbers must outlive the result.
inline PoolAcquisition thompson_of_pool(std::span<const gp::GaussianProcess> processes, Scalarisation scalarisation,
                                        Random& random) {
    std::vector<gp::DrawnFunction> functions;
    for (const gp::GaussianProcess& process : processes) functions.emplace_back(process, random);
    return [functions = std::move(functions), scalarisation = std::move(scalarisation)](const Pool& pool) mutable {
        detail::check_pool(pool);
        std::vector<Point> points(pool.costs.size());
        for (gp::DrawnFunction& function : functions) {
            const std::vector<double> values = function(pool.points);
            for (std::size_t i = 0; i < points.size(); ++i) points[i].push_back(values[i]);
        }
        std::vector<double> values;
        for (std::size_t i = 0; i < points.size(); ++i)
            values.push_back(-scalarisation(detail::with_costs(std::move(points[i]), pool.costs[i])));
        return values;
    };
}

} // namespace tinysparse::mobo
