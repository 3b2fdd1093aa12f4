// SPDX-License-Identifier: Apache-2.0
// The best of a pool of candidates whose costs are known: one objective has a Gaussian process, the others are
// computed. This is how networks are proposed: mutate what is on the front, count the bytes of every mutant, train the
// one whose expected hypervolume improvement is largest.
//
// Trials that still run are fantasies (Kriging believer, Ginsbourger et al. 2010): they count as if they had ended with
// the mean that is predicted for them, so that nothing is proposed twice and each of a batch seeks another improvement.
#pragma once
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "tinysparse/gp/process.hpp"
#include "tinysparse/mobo/known_costs.hpp"
#include "tinysparse/mobo/scalarise.hpp"

namespace tinysparse::mobo {

/// Candidates, one per row: what the process sees of them, and the objectives after the first.
struct Pool {
    gp::Matrix points;
    std::vector<Point> costs;
};

namespace detail {
/// [first, costs ...]
inline Point with_costs(double first, std::span<const double> costs) {
    Point point = {first};
    point.insert(point.end(), costs.begin(), costs.end());
    return point;
}

inline void check_pool(const Pool& pool) {
    if (pool.points.rows != pool.costs.size())
        throw Error(text("a pool has ", pool.points.rows, " points and the costs of ", pool.costs.size(),
                         "; give one point of costs per candidate"));
}
} // namespace detail

/// Takes the pending trials into the process and the front as fantasies.
inline void add_fantasies(gp::GaussianProcess& process, ParetoArchive& front, const Pool& pending) {
    detail::check_pool(pending);
    for (std::size_t i = 0; i < pending.points.rows; ++i) {
        const double mean = process.predict(pending.points.row_span(i)).mean;
        process.append(pending.points.row_span(i), mean);
        front.insert(detail::with_costs(mean, pending.costs[i]));
    }
}

/// Expected hypervolume improvement of every candidate. `front` holds [first objective, costs ...] of finished trials.
inline std::vector<double> ehvi_of_pool(const gp::GaussianProcess& process, const ParetoArchive& front,
                                        std::span<const double> reference, const Pool& pool) {
    detail::check_pool(pool);
    EhviKnownCosts ehvi(front.points(), reference);
    const std::vector<gp::Prediction> predictions = process.predict(pool.points);
    std::vector<double> out(predictions.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = ehvi(predictions[i].mean, std::sqrt(predictions[i].variance), pool.costs[i]);
    return out;
}

/// Positions of `count` candidates, the best first: each has the largest expected hypervolume improvement once the
/// pending trials and those chosen before it are fantasies. Fewer when the pool is smaller.
/// Process and front are copies.
inline std::vector<std::size_t> choose_by_ehvi(gp::GaussianProcess process, ParetoArchive front,
                                               std::span<const double> reference, const Pool& pool,
                                               const Pool& pending = {}, std::size_t count = 1) {
    add_fantasies(process, front, pending);
    std::vector<std::size_t> chosen;
    while (chosen.size() < std::min(count, pool.costs.size())) {
        std::vector<double> values = ehvi_of_pool(process, front, reference, pool);
        for (const std::size_t i : chosen) values[i] = -1;
        const std::size_t best = std::size_t(std::max_element(values.begin(), values.end()) - values.begin());
        chosen.push_back(best);
        if (chosen.size() < count) {
            Pool one{gp::Matrix(0, pool.points.columns), {pool.costs[best]}};
            one.points.append_row(pool.points.row_span(best));
            add_fantasies(process, front, one);
        }
    }
    return chosen;
}

/// Position of the candidate that a random augmented Tchebyshev scalarisation likes best. `objectives` are those of the
/// candidates, modelled ones drawn from their posteriors (gp::sample_on_pool); `front` sets ideal and range.
inline std::size_t choose_by_tchebyshev(std::span<const Point> objectives, std::span<const Point> front,
                                        Random& random) {
    if (objectives.empty()) throw Error("no candidates to choose from; give at least one");
    const ObjectiveRange range(front.empty() ? objectives : front);
    const std::vector<double> weights = simplex_weights(objectives[0].size(), random);
    std::size_t best = 0;
    for (std::size_t i = 1; i < objectives.size(); ++i)
        if (tchebyshev(objectives[i], weights, range) < tchebyshev(objectives[best], weights, range)) best = i;
    return best;
}

/// The same by a random hypervolume scalarisation, for which the reference is fixed.
inline std::size_t choose_by_hypervolume(std::span<const Point> objectives, std::span<const double> reference,
                                         Random& random) {
    if (objectives.empty()) throw Error("no candidates to choose from; give at least one");
    const std::vector<double> weights = sphere_weights(reference.size(), random);
    std::size_t best = 0;
    for (std::size_t i = 1; i < objectives.size(); ++i)
        if (hypervolume_scalarisation(objectives[i], weights, reference) <
            hypervolume_scalarisation(objectives[best], weights, reference))
            best = i;
    return best;
}

} // namespace tinysparse::mobo
