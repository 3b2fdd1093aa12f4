// SPDX-License-Identifier: Apache-2.0
// The three stages of a search, and what each does next.
//   1  25 %   new networks of the whole space, unpruned, trained shortly: a third of them random, so that what the
//             others descend from is not settled by the few that came first
//   2  35 %   children of the front, trained shortly; the best third of each length is trained at the next length
//             (successive halving, Li et al. 2018, made asynchronous and ranked by Pareto front and hypervolume), which
//             a third of the trials are
//   3  40 %   first a quarter of it: widths, bits, pruning and training of the front are refined; then the front is
//             trained for good, the largest exclusive hypervolume first, each network once, then with a second and a
//             third seed
// In a run with folds the first length is trained with one fold alone, the others with all, and no network with a
// second seed.
#pragma once
#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <vector>

#include "tinysparse/search/acquisition.hpp"

namespace tinysparse::search {

inline constexpr double end_of_stage_1 = 0.25, end_of_stage_2 = 0.60, end_of_refinement = 0.70;
inline constexpr std::size_t most_seeds = 3;

/// What to train next, before it has a number and a seed.
struct Proposal {
    int stage = 1;
    Origin origin = Origin::random;
    int epochs = 1;
    Candidate candidate;
};

/// How many epochs of a record's network, at most those asked for, still end in time;
/// 0 where too few would to be worth it.
using FittingEpochs = std::function<int(const Record&, int epochs)>;

namespace detail {

/// Trials, finished or not, of which `condition` holds.
template <class Condition> std::size_t count_trials(const View& view, Condition condition) {
    std::size_t count = 0;
    for (const Record* record : view.records()) count += condition(record->trial);
    for (const Trial* trial : view.pending()) count += condition(*trial);
    return count;
}

/// Trials of one genome with at least so many epochs.
inline std::size_t trainings(const View& view, const std::string& key, int epochs) {
    return count_trials(view, [&](const Trial& trial) { return trial.key == key && trial.epochs >= epochs; });
}

inline Proposal again(const View& view, const Record& record, int stage, Origin origin, int epochs) {
    const Trial& trial = record.trial;
    return {stage, origin, epochs, {trial.genome, trial.key, view.corrections().of(record.outcome), trial.number}};
}

/// The best network of those trained for `from` epochs that belongs to the best third, was not trained longer, and
/// still can be. Of one rank those of the largest exclusive hypervolume come first. In a run with folds, of which few
/// trainings have time, it is those of the least error, and every other time ranks do not count: on the few samples of
/// one fold the best network is easily dominated by the luck of a smaller one.
inline const Record* promotable(const View& view, int from, int to, const FittingEpochs& fitting_epochs) {
    std::vector<const Record*> rung;
    std::vector<mobo::Point> points;
    for (const Record* record : view.records())
        if (record->feasible && record->trial.epochs == from) {
            rung.push_back(record);
            points.push_back(
                objective_point(view.problem(), view.corrections().of(record->outcome), view.at_top(*record)));
        }
    const std::vector<std::size_t> ranks = mobo::pareto_ranks(points);
    const std::vector<double> shares = mobo::exclusive_contributions(points, view.reference());
    std::vector<std::size_t> order(rung.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const bool folded = view.problem().folds > 0;
    const auto is_promotion = [](const Trial& trial) { return trial.origin == Origin::promotion; };
    const bool by_error = folded && count_trials(view, is_promotion) % 2 == 0;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (!by_error && ranks[a] != ranks[b]) return ranks[a] < ranks[b];
        return folded ? points[a][0] < points[b][0] : shares[a] > shares[b];
    });
    for (std::size_t i = 0; i < order.size() / 3; ++i)
        if (view.matters(points[order[i]]) && trainings(view, rung[order[i]]->trial.key, to) == 0 &&
            fitting_epochs(*rung[order[i]], to) == to)
            return rung[order[i]];
    return nullptr;
}

/// True where fewer than a third of the trials of stages 2 and 3 were promotions: these take as long as three of the
/// others, so that half of the time goes into new networks, which are what promotions live on.
inline bool promotion_is_due(const View& view) {
    const auto later = [](const Trial& trial) { return trial.stage > 1; };
    const auto promoted = [&](const Trial& trial) { return later(trial) && trial.origin == Origin::promotion; };
    return 3 * count_trials(view, promoted) <= count_trials(view, later);
}

/// True if fewer than a third of all trials were random, or two thirds where trainings on few samples, of which draws
/// have most to tell, are searched as well.
inline bool random_network_is_due(const View& view) {
    const std::size_t thirds = view.problem().space.is_small() ? 2 : 1;
    return 3 * count_trials(view, [](const Trial& trial) { return trial.origin == Origin::random; }) <=
           thirds * (view.records().size() + view.pending().size());
}

/// What the acquisition proposes in this stage, or a random network in the first one. Short trainings say little of
/// pruning, which therefore begins with the second stage, or where all unpruned networks were tried.
inline Candidate new_network(const View& view, Acquisition& acquisition, int stage, Random& random) {
    if (stage == 3) return acquisition.propose(view, space::Edits::refinement, random);
    if (stage == 1) try {
            if (random_network_is_due(view)) return spread_candidate(view, space::Edits::dense, random);
            return acquisition.propose(view, space::Edits::dense, random);
        } catch (const Exhausted&) {
        }
    return acquisition.propose(view, space::Edits::all, random);
}

/// The member of the front that most deserves a training for good: fewest of them so far, then the largest exclusive
/// hypervolume, or in a run with folds, of which few trainings have time, the least error. Nothing where each had its
/// seeds, or too little time is left.
inline const Record* finalist(const View& view, const FittingEpochs& fitting_epochs) {
    const bool folded = view.problem().folds > 0;
    const Individual* best = nullptr;
    const std::size_t most = folded ? 1 : most_seeds; // five folds show what a seed changes
    std::size_t fewest = most;
    double largest = -1;
    for (const std::size_t i : view.front()) {
        const Individual& individual = view.individuals()[i];
        if (folded && individual.record->outcome.folds.empty()) continue; // one fold is no reason for a long training
        const std::size_t count = trainings(view, individual.record->trial.key, view.problem().fidelities.final);
        const double share = folded ? 1 - individual.error : view.contributions()[i];
        if (count > fewest || (count == fewest && (share <= largest || fewest == most))) continue;
        if (fitting_epochs(*individual.record, view.problem().fidelities.final) == 0) continue;
        best = &individual;
        fewest = count;
        largest = share;
    }
    return best ? best->record : nullptr;
}

} // namespace detail

inline int stage_at(double progress) { return progress < end_of_stage_1 ? 1 : progress < end_of_stage_2 ? 2 : 3; }

/// What to do at `progress` (0..1) of the run. A pure function of its arguments. Throws Exhausted.
inline Proposal next_proposal(const View& view, Acquisition& acquisition, double progress, Random& random,
                              const FittingEpochs& fitting_epochs) {
    const Fidelities& fidelities = view.problem().fidelities;
    const int stage = stage_at(progress);
    if (progress >= end_of_refinement)
        if (const Record* record = detail::finalist(view, fitting_epochs)) {
            const bool first = detail::trainings(view, record->trial.key, fidelities.final) == 0;
            return detail::again(view, *record, stage, first ? Origin::promotion : Origin::repeat,
                                 fitting_epochs(*record, fidelities.final));
        }
    const auto promotion = [&]() -> std::optional<Proposal> {
        if (stage == 1) return std::nullopt;
        const Record* record = detail::promotable(view, fidelities.screen, fidelities.confirm, fitting_epochs);
        if (!record) return std::nullopt;
        return detail::again(view, *record, stage, Origin::promotion, fidelities.confirm);
    };
    if (detail::promotion_is_due(view))
        if (const auto promoted = promotion()) return *promoted;
    try {
        Candidate candidate = detail::new_network(view, acquisition, stage, random);
        const Origin origin = candidate.parent ? Origin::mutation : Origin::random;
        return {stage, origin, fidelities.screen, std::move(candidate)};
    } catch (const Exhausted&) {
        if (const auto promoted = promotion()) return *promoted;
        throw;
    }
}

} // namespace tinysparse::search
