// SPDX-License-Identifier: Apache-2.0
// The three stages of a search, and what each does next.
//   1  25 %   new networks of the whole space, unpruned, trained shortly. A third of them are random, so that the few
//             that came first do not decide what the others descend from
//   2  35 %   children of the front, trained shortly. The best third of each length is trained at the next length
//             (successive halving, Li et al. 2018, made asynchronous and ranked by Pareto front and hypervolume); these
//             are a third of the trials
//   3  40 %   the first quarter refines widths, bits, pruning and training of the front. Then the front gets its final
//             trainings, each network once: the least error first, then the largest exclusive hypervolume. Then the
//             one of the least error and the three of the largest exclusive hypervolume are trained with three fresh
//             seeds each, which give the score of a training that nobody chose. Late in a run these come first, so
//             that a short run has some, too
// In a run with folds the first length is trained with one fold alone, the others with all folds, and no network with a
// fresh seed. Trial 0 is the linear classifier, the baseline. If all networks of the space were tried, the trainings of
// the later stages follow at once.
#pragma once
#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/search/acquisition.hpp"
#include "tinysparse/search/training_time.hpp"

namespace tinysparse::search {

/// Shares of the run at which stages end, and that at which trainings of finalists begin.
inline constexpr double end_of_stage_1 = 0.25, end_of_stage_2 = 0.60, end_of_refinement = 0.70;
/// Beyond this progress, fresh seeds of networks with a final training come before further final trainings.
inline constexpr double fresh_seeds_first = 0.88;
/// Number of networks that get fresh seeds, besides the one of the least error, and of seeds for each.
inline constexpr std::size_t chosen_by_hypervolume = 3, fresh_seeds = 3;

/// The next training, before it has a number and a seed.
struct Proposal {
    int stage = 1; ///< 1..3, as in Trial.
    Origin origin = Origin::random;
    int epochs = 1; ///< Usual epochs for its length of training.
    Candidate candidate;
};

/// Number of epochs of a record's network, at most those asked for, that still end in time; 0 if too few would to be
/// worthwhile.
using FittingEpochs = std::function<int(const Record&, int epochs)>;

namespace detail {

/// Calls body(trial) for each trial, finished or not.
template <class Body> void for_trials(const View& view, Body body) {
    for (const Record* record : view.records()) body(record->trial);
    for (const Trial* trial : view.pending()) body(*trial);
}

/// Number of trials, finished or not, that satisfy `condition`.
template <class Condition> std::size_t count_trials(const View& view, Condition condition) {
    std::size_t count = 0;
    for_trials(view, [&](const Trial& trial) { count += condition(trial); });
    return count;
}

/// Trials of one genome with at least this number of epochs.
inline std::size_t trainings(const View& view, const std::string& key, int epochs) {
    return count_trials(view, [&](const Trial& trial) { return trial.key == key && trial.epochs >= epochs; });
}

inline Proposal again(const View& view, const Record& record, int stage, Origin origin, int epochs) {
    const Trial& trial = record.trial;
    return {stage, origin, epochs, {trial.genome, trial.key, view.corrections().of(record.outcome), trial.number}};
}

/// The best network of the best third of these that was not trained for `to` epochs and still can be; nullptr if none.
/// Among equal ranks the largest exclusive hypervolume comes first, divided by how much longer its recipe makes the
/// training. In a run with folds, in which few trainings have time, it is the least error, and every other time ranks
/// do not count: on the few samples of one fold a smaller network easily dominates the best one by luck.
inline const Record* best_to_promote(const View& view, const std::vector<const Record*>& rung, int to,
                                     const FittingEpochs& fitting_epochs) {
    std::vector<mobo::Point> points;
    for (const Record* record : rung)
        points.push_back(objective_point(view.problem(), view.corrections().of(record->outcome), view.at_top(*record)));
    const std::vector<std::size_t> ranks = mobo::pareto_ranks(points);
    std::vector<double> shares = mobo::exclusive_contributions(points, view.reference());
    for (std::size_t i = 0; i < rung.size(); ++i) shares[i] /= recipe_factor(rung[i]->trial.genome);
    std::vector<std::size_t> order(rung.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const bool folded = view.problem().folds > 0;
    const auto is_promotion = [](const Trial& trial) { return trial.origin == Origin::promotion; };
    const bool by_error = folded && count_trials(view, is_promotion) % 2 == 0;
    sort_stably(order, [&](std::size_t a, std::size_t b) {
        if (!by_error && ranks[a] != ranks[b]) return ranks[a] < ranks[b];
        return folded ? points[a][0] < points[b][0] : shares[a] > shares[b];
    });
    for (std::size_t i = 0; i < order.size() / 3; ++i)
        if (view.matters(points[order[i]]) && trainings(view, rung[order[i]]->trial.key, to) == 0 &&
            fitting_epochs(*rung[order[i]], to) == to)
            return rung[order[i]];
    return nullptr;
}

/// The network that is promoted from `from` to `to` epochs; nullptr if none can be. In a run with folds a network comes
/// first whose promotion leaves time for three others like it. Otherwise two networks that take long, each trained
/// five times, fill a run of a minute and are its whole front.
inline const Record* promotable(const View& view, int from, int to, const FittingEpochs& fitting_epochs) {
    std::vector<const Record*> rung, quick;
    for (const Record* record : view.records()) {
        if (!record->feasible || record->trial.epochs != from) continue;
        rung.push_back(record);
        if (fitting_epochs(*record, 4 * to) == 4 * to) quick.push_back(record);
    }
    const bool folded = view.problem().folds > 0;
    const Record* best = folded ? best_to_promote(view, quick, to, fitting_epochs) : nullptr;
    return best ? best : best_to_promote(view, rung, to, fitting_epochs);
}

/// True if fewer than a third of the trials of stages 2 and 3 were promotions. A promotion takes as long as three other
/// trials, so half of the time goes into new networks, from which promotions are chosen.
inline bool promotion_is_due(const View& view) {
    const auto later = [](const Trial& trial) { return trial.stage > 1; };
    const auto promoted = [&](const Trial& trial) { return later(trial) && trial.origin == Origin::promotion; };
    return 3 * count_trials(view, promoted) <= count_trials(view, later);
}

/// The next genome of the portfolio that was not tried and meets the limits, with a probability that falls from a half
/// to 0 over the first stage; at most half of that stage's trials are such. They show early what is possible; later the
/// run's own networks know more.
inline std::optional<Candidate> portfolio_candidate(const View& view, Random& random) {
    const std::vector<space::Genome>& genomes = view.problem().portfolio;
    if (genomes.empty() || !random.chance(0.5 * (1 - view.progress() / end_of_stage_1))) return std::nullopt;
    const std::size_t had = count_trials(view, [](const Trial& trial) { return trial.origin == Origin::portfolio; });
    if (2 * had > view.records().size() + view.pending().size()) return std::nullopt;
    for (const space::Genome& genome : genomes)
        if (auto candidate = admit(view, genome)) return candidate;
    return std::nullopt;
}

/// True if fewer than a third of all trials were random or from the portfolio; or two thirds if the search also covers
/// trainings on few samples, for which draws tell the most.
inline bool random_network_is_due(const View& view) {
    const std::size_t thirds = view.problem().space.is_small() ? 2 : 1;
    return 3 * count_trials(view, [](const Trial& trial) { return begins_afresh(trial.origin); }) <=
           thirds * (view.records().size() + view.pending().size());
}

/// The acquisition's proposal in this stage, or a random network in the first one. Short trainings tell little about
/// pruning, which therefore begins with the second stage, or after all unpruned networks were tried.
inline Candidate new_network(const View& view, Acquisition& acquisition, int stage, Random& random) {
    if (stage == 3) return acquisition.propose(view, space::Edits::refinement, random);
    if (stage == 1) try {
            if (random_network_is_due(view)) {
                // Trainings on few samples tell more than sizes: after some spread draws, draws come as they are.
                if (view.problem().space.is_small() && !knows_too_little(view))
                    return random_candidate(view, space::Edits::dense, random);
                return spread_candidate(view, space::Edits::dense, random);
            }
            return acquisition.propose(view, space::Edits::dense, random);
        } catch (const Exhausted&) {
        }
    return acquisition.propose(view, space::Edits::all, random);
}

/// Puts the network of the record with the least error first, and adds it if it is not among the members. `--pick best`
/// names it, so it matters most, also if a longer training of it did worse and put it behind others.
inline std::vector<std::size_t> with_least_error_first(const View& view, std::vector<std::size_t> members) {
    if (const auto best = view.best()) {
        std::erase(members, *best);
        members.insert(members.begin(), *best);
    }
    return members;
}

/// Individuals that get a final training, in this order: the one of the least error, then the front by its exclusive
/// hypervolume. In a run with folds, in which few trainings have time, the front by its error; a network that only one
/// fold has judged is not worth a long training.
inline std::vector<std::size_t> finalists(const View& view) {
    const std::vector<Individual>& individuals = view.individuals();
    std::vector<std::size_t> members = view.front();
    if (view.problem().folds > 0) {
        std::erase_if(members, [&](std::size_t i) { return individuals[i].record->outcome.folds.empty(); });
        sort_stably(members, [&](std::size_t a, std::size_t b) { return individuals[a].error < individuals[b].error; });
        return members;
    }
    sort_stably(members,
                [&](std::size_t a, std::size_t b) { return view.contributions()[a] > view.contributions()[b]; });
    return with_least_error_first(view, std::move(members));
}

/// The final training of the first finalist that had none and for which there is time; nothing if there is none.
inline std::optional<Proposal> final_training(const View& view, int stage, const FittingEpochs& fitting_epochs) {
    const int final = view.problem().fidelities.final;
    for (const std::size_t i : finalists(view)) {
        const Record& record = *view.individuals()[i].record;
        if (trainings(view, record.trial.key, final) > 0) continue;
        if (const int epochs = fitting_epochs(record, final); epochs > 0)
            return again(view, record, stage, Origin::promotion, epochs);
    }
    return std::nullopt;
}

/// Individuals that get fresh seeds: the one of the least error, then those of the largest exclusive hypervolume.
inline std::vector<std::size_t> chosen_members(const View& view) {
    std::vector<std::size_t> chosen = view.front();
    sort_stably(chosen,
                [&](std::size_t a, std::size_t b) { return view.contributions()[a] > view.contributions()[b]; });
    chosen.resize(std::min(chosen.size(), chosen_by_hypervolume));
    return with_least_error_first(view, std::move(chosen));
}

/// A fresh training of the chosen member that had the fewest: as long as its final training, which must at least have
/// begun. Nothing if each had its seeds, or none ends in time.
inline std::optional<Proposal> fresh_training(const View& view, int stage, const FittingEpochs& fitting_epochs) {
    if (view.problem().folds > 0) return std::nullopt; // the folds show the effect of a seed
    std::optional<Proposal> best;
    std::size_t fewest = fresh_seeds;
    for (const std::size_t i : chosen_members(view)) {
        const Record& record = *view.individuals()[i].record;
        int epochs = 0;
        for_trials(view, [&](const Trial& trial) {
            if (trial.key == record.trial.key && trial.origin != Origin::repeat)
                epochs = std::max(epochs, trial.epochs);
        });
        if (epochs < view.problem().fidelities.final) continue;
        const std::size_t had = count_trials(view, [&](const Trial& trial) {
            return trial.key == record.trial.key && trial.origin == Origin::repeat && trial.epochs >= epochs;
        });
        if (had >= fewest || fitting_epochs(record, epochs) != epochs) continue;
        best = again(view, record, stage, Origin::repeat, epochs);
        fewest = had;
    }
    return best;
}

/// The trainings at the end of a run: a final one for every finalist, and some more with fresh seeds.
inline std::optional<Proposal> training_for_good(const View& view, int stage, const FittingEpochs& fitting_epochs) {
    if (view.progress() >= fresh_seeds_first)
        if (auto fresh = fresh_training(view, stage, fitting_epochs)) return fresh;
    if (auto first = final_training(view, stage, fitting_epochs)) return first;
    return fresh_training(view, stage, fitting_epochs);
}

} // namespace detail

/// Stage of a run of which this share is over: 1, 2 or 3.
inline int stage_at(double progress) { return progress < end_of_stage_1 ? 1 : progress < end_of_stage_2 ? 2 : 3; }

/// The linear classifier, trained for the second length, whether it meets the limits or not; nothing if the data do not
/// allow such a network.
inline std::optional<Proposal> baseline(const Problem& problem) {
    const space::Genome genome = space::linear_genome(problem.space);
    try {
        return Proposal{1,
                        Origin::baseline,
                        problem.fidelities.confirm,
                        {genome, space::key(genome, problem.space), problem.estimate(genome), std::nullopt}};
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// The next training. A pure function of its arguments. Throws Exhausted.
inline Proposal next_proposal(const View& view, Acquisition& acquisition, Random& random,
                              const FittingEpochs& fitting_epochs) {
    const Fidelities& fidelities = view.problem().fidelities;
    const int stage = stage_at(view.progress());
    if (view.progress() >= end_of_refinement)
        if (auto trained = detail::training_for_good(view, stage, fitting_epochs)) return *trained;
    const auto promotion = [&]() -> std::optional<Proposal> {
        const Record* record = detail::promotable(view, fidelities.screen, fidelities.confirm, fitting_epochs);
        if (!record) return std::nullopt;
        return detail::again(view, *record, stage, Origin::promotion, fidelities.confirm);
    };
    if (stage > 1 && detail::promotion_is_due(view))
        if (const auto promoted = promotion()) return *promoted;
    if (stage == 1)
        if (auto candidate = detail::portfolio_candidate(view, random))
            return {stage, Origin::portfolio, fidelities.screen, std::move(*candidate)};
    try {
        Candidate candidate = detail::new_network(view, acquisition, stage, random);
        const Origin origin = candidate.parent ? Origin::mutation : Origin::random;
        return {stage, origin, fidelities.screen, std::move(candidate)};
    } catch (const Exhausted&) { // what is left of the run is for longer trainings
        if (const auto promoted = promotion()) return *promoted;
        if (auto trained = detail::training_for_good(view, stage, fitting_epochs)) return *trained;
        throw;
    }
}

} // namespace tinysparse::search
