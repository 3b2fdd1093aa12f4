// SPDX-License-Identifier: Apache-2.0
// Probabilities with which draws and edits take each pruning method: even at first, then by success. Probability
// matching (Thierens 2005, An adaptive pursuit strategy for allocating operator probabilities): a method's probability
// is proportional to its quality, but at least a smallest one, so that no method is given up for good.
//
// Departure: the quality is not a moving average of rewards but a mean over the whole run, because each method prunes
// only a few of its networks.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

#include "tinysparse/prune/method.hpp"
#include "tinysparse/space/space.hpp"

namespace tinysparse::space {

/// Probabilities in the order of prune::methods.
using PruningOdds = std::array<double, prune::method_count>;

/// All methods are equally likely.
inline constexpr PruningOdds even_odds = [] {
    PruningOdds odds{};
    odds.fill(1.0 / double(prune::method_count));
    return odds;
}();

/// True if the space has networks that the method prunes: with a budget, or by its own threshold.
inline bool allows(const Space& space, prune::Method method) {
    return space.has(Gene::pruning_method, 1 + int(method)) &&
           (space[Gene::keep].low < 1 || (space[Gene::keep].high >= 1 && prune::info(method).decides));
}

/// True if the space has networks without a method.
inline bool has_unpruned(const Space& space) { return space.has(Gene::pruning_method, 0); }

/// True if the space has a pruned network.
inline bool has_pruned(const Space& space) {
    return std::any_of(std::begin(prune::methods), std::end(prune::methods),
                       [&](const prune::MethodInfo& row) { return allows(space, row.method); });
}

/// The odds with 0 for every method that the space does not allow. They need not add up to 1.
inline PruningOdds restricted(PruningOdds odds, const Space& space) {
    for (const prune::MethodInfo& row : prune::methods)
        if (!allows(space, row.method)) odds[std::size_t(row.method)] = 0;
    return odds;
}

/// Results of one method.
struct PruningTrials {
    std::size_t tried = 0;      ///< Number of networks.
    std::size_t successful = 0; ///< Number of networks that were useful, such as members of the front.
};

/// Least probability of every method that the space allows.
inline constexpr double least_pruning_odds = 0.05;
static_assert(least_pruning_odds * double(prune::method_count) < 1);

/// Probabilities of the K methods that the space allows, 0 for the others; all 0 if it allows none. Never throws.
///   quality = (1 + successful) / (2 + tried)                 the mean of a beta posterior, 1/2 for untried methods
///   probability = p_min + (1 - K p_min) quality / sum of qualities               Thierens 2005, probability matching
inline PruningOdds matched_odds(const std::array<PruningTrials, prune::method_count>& trials, const Space& space) {
    PruningOdds odds{};
    for (std::size_t i = 0; i < odds.size(); ++i)
        odds[i] = (1.0 + double(trials[i].successful)) / (2.0 + double(trials[i].tried));
    odds = restricted(odds, space);
    const double sum = std::accumulate(odds.begin(), odds.end(), 0.0);
    const auto allowed = double(std::count_if(odds.begin(), odds.end(), [](double quality) { return quality > 0; }));
    for (double& odd : odds)
        if (odd > 0) odd = least_pruning_odds + (1 - allowed * least_pruning_odds) * odd / sum;
    return odds;
}

} // namespace tinysparse::space
