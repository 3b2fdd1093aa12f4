// SPDX-License-Identifier: Apache-2.0
// The portfolio of one search: the genomes of space/portfolio.hpp, conformed to its input and within its limits, in
// greedy order of cover. With V_s(A) the hypervolume on set s of the genomes A, by their errors on s and their costs in
// this search, the next genome is the one with the largest sum over s of V_s(A + genome) / V_s(all). Greedy covers are
// near the best ones of their size (Nemhauser, Wolsey, Fisher 1978), and any beginning of the order is one.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/search/problem.hpp"
#include "tinysparse/space/express.hpp"
#include "tinysparse/space/portfolio.hpp"

namespace tinysparse::search {

namespace detail {

inline bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// For each set the points of the same genomes, in the same order.
using PointsOfSets = std::vector<std::vector<mobo::Point>>;

/// The indices of the genomes in greedy order of cover. On each set a point counts if its first coordinate, the
/// logarithm of the error, is below a bound of the set. In the other coordinates the reference is a little beyond the
/// worst point, so that this point counts too. Genomes that cover nothing come last.
inline std::vector<std::size_t> by_cover(const PointsOfSets& points_of_sets, const std::vector<double>& error_bounds) {
    struct Cover {
        const std::vector<mobo::Point>* points;
        mobo::Point reference;
        double whole, so_far = 0;
        std::vector<mobo::Point> chosen{};
    };
    std::vector<Cover> covers;
    for (const std::vector<mobo::Point>& points : points_of_sets) {
        mobo::Point reference = points.at(0);
        for (const mobo::Point& point : points)
            for (std::size_t k = 0; k < point.size(); ++k) reference[k] = std::max(reference[k], point[k]);
        for (double& bound : reference) bound += 0.1;
        reference[0] = error_bounds.at(covers.size());
        covers.push_back({&points, reference, mobo::hypervolume(points, reference)});
    }
    const auto with = [](const Cover& cover, std::size_t i) {
        std::vector<mobo::Point> points = cover.chosen;
        points.push_back((*cover.points)[i]);
        return mobo::hypervolume(points, cover.reference);
    };
    std::vector<std::size_t> order, left(points_of_sets.at(0).size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    while (!left.empty()) {
        const auto gain = [&](std::size_t i) {
            double sum = 0;
            for (const Cover& cover : covers)
                sum += cover.whole > 0 ? (with(cover, i) - cover.so_far) / cover.whole : 0;
            return sum;
        };
        std::size_t best = 0;
        double most = -1;
        for (std::size_t at = 0; at < left.size(); ++at)
            if (const double own = gain(left[at]); own > most) {
                most = own;
                best = at;
            }
        for (Cover& cover : covers) {
            cover.so_far = with(cover, left[best]);
            cover.chosen.push_back((*cover.points)[left[best]]);
        }
        order.push_back(left[best]);
        left.erase(left.begin() + std::ptrdiff_t(best));
    }
    return order;
}

/// The genome with every width multiplied by the largest of 1, 0.9, 0.8 ... 0.3 that meets the limits, and its costs;
/// nothing if none does.
inline std::optional<std::pair<space::Genome, Measures>> narrowed_to_limits(const space::Genome& genome,
                                                                            const Problem& problem) {
    for (int tenths = 10; tenths >= 3; --tenths) {
        space::Genome narrower = genome;
        space::for_genes(narrower, [&](space::Gene gene, auto& value) {
            if (gene == space::Gene::front_width || gene == space::Gene::unit_width)
                value = std::max(1, int(value) * tenths / 10);
        });
        narrower = space::conformed(std::move(narrower), problem.space);
        const Measures costs = problem.estimate(narrower);
        if (within(costs, problem.limits)) return std::pair(std::move(narrower), costs);
    }
    return std::nullopt;
}

/// The sets by whose errors genomes are judged: those with the same kind of samples as the space, or all if none of
/// these is left.
inline std::vector<std::size_t> judging_sets(const space::Space& space, const std::vector<std::string>& without) {
    std::vector<std::size_t> all, alike;
    for (std::size_t s = 0; s < space::portfolio_set_count; ++s) {
        if (has(without, space::portfolio_sets[s].name)) continue;
        all.push_back(s);
        if (space::portfolio_sets[s].samples == space.augments) alike.push_back(s);
    }
    return alike.empty() ? all : alike;
}

} // namespace detail

/// Genomes to begin with, in greedy order of cover, without those of the sets `without`, whose errors do not count
/// either. Empty if no genome meets the limits.
inline std::vector<space::Genome> portfolio(const Problem& problem, const std::vector<std::string>& without) {
    const std::vector<std::size_t> sets = detail::judging_sets(problem.space, without);
    std::vector<space::Genome> genomes;
    detail::PointsOfSets points(sets.size());
    std::vector<double> least(sets.size(), 1);
    std::set<std::string> keys;
    for (const space::PortfolioMember& member : space::portfolio_members()) {
        if (detail::has(without, member.set)) continue;
        try {
            auto fitting = detail::narrowed_to_limits(space::conformed(member.genome, problem.space), problem);
            if (!fitting || !keys.insert(space::key(fitting->first, problem.space)).second) continue;
            for (std::size_t i = 0; i < sets.size(); ++i) {
                const double error = member.errors[sets[i]] / 100;
                points[i].push_back(objective_point(problem, fitting->second, error));
                least[i] = std::min(least[i], error);
            }
            genomes.push_back(std::move(fitting->first));
        } catch (const Error&) { // the input has no such network, or the device cannot run it
        }
    }
    std::vector<space::Genome> ordered;
    if (genomes.empty()) return ordered;
    std::vector<double> bounds;
    for (std::size_t i = 0; i < sets.size(); ++i)
        bounds.push_back(error_reference(least[i], space::portfolio_sets[sets[i]].trivial_error / 100));
    for (const std::size_t i : detail::by_cover(points, bounds)) ordered.push_back(genomes[i]);
    return ordered;
}

} // namespace tinysparse::search
