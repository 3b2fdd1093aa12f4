// SPDX-License-Identifier: Apache-2.0
// What a proposal may use: the finished trials, the running ones, and their results so far. The baseline is not among
// them: nothing descends from it, and a model of small networks cannot learn from a linear one, whose features have no
// values.
//
// Errors at few epochs are too large, so networks are compared at the top fidelity. A longer training multiplies an
// error e by
//   r^(1 - e / t)      t: error of the constant answer;  r: median over networks trained at both lengths
// so that a network that has learned little is not expected to halve its error: on hard data such networks would seem
// as good as the best. A network that does not beat the constant answer has no error that could be projected; while all
// networks are like that, each may get a longer training. Points are logarithms, since half the error or half the size
// is worth the same everywhere: (log error, log cost, log cost).
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/mobo/pareto.hpp"
#include "tinysparse/search/measuring.hpp"
#include "tinysparse/search/problem.hpp"
#include "tinysparse/space/pruning_odds.hpp"

namespace tinysparse::search {

/// One network of the search with its best known result.
struct Individual {
    const Record* record; ///< Judged by all folds, if it was; its longest training; the best of several equally long
                          ///< ones.
    double error;         ///< View::at_top() of the record.
    mobo::Point point;
};

/// What a proposal may know: a function of the records that are visible to it, and of nothing else.
class View {
  public:
    /// Records are in the order of their numbers. `pending`: trials that are proposed but not finished, or not visible
    /// yet. `progress`: of the run, 0..1.
    View(const Problem& problem, std::vector<const Record*> records, std::vector<const Trial*> pending,
         double progress = 0)
        : problem_(&problem), records_(std::move(records)), pending_(std::move(pending)), progress_(progress),
          corrections_(records_) {
        std::erase_if(records_, [](const Record* record) { return is_baseline(record->trial); });
        std::erase_if(pending_, [](const Trial* trial) { return is_baseline(*trial); });
        for (const Record* record : records_) keys_.insert(record->trial.key);
        for (const Trial* trial : pending_) keys_.insert(trial->key);
        count_networks();
        find_ratios();
        find_individuals();
        find_reference();
        std::vector<mobo::Point> points;
        for (const Individual& individual : individuals_) points.push_back(individual.point);
        contributions_ = mobo::exclusive_contributions(points, reference_);
        const std::vector<std::size_t> best = mobo::non_dominated(points);
        for (const std::size_t i : best)
            if (matters(points[i])) front_.push_back(i);
        find_pruning_odds();
    }

    /// The problem of the search.
    const Problem& problem() const { return *problem_; }
    /// Share of the run that is over, 0..1.
    double progress() const { return progress_; }
    /// All records but the baseline, which pending() leaves out too.
    const std::vector<const Record*>& records() const { return records_; }
    /// Trials that will be finished later.
    const std::vector<const Trial*>& pending() const { return pending_; }
    /// Corrections of predictions by the measured networks.
    const Corrections& corrections() const { return corrections_; }
    /// True if a record or a pending trial has this key.
    bool seen(const std::string& key) const { return keys_.contains(key); }
    /// True if the network of the key had its share of the latest new trials: a third. Then it is the turn of others.
    bool had_its_share(const std::string& key) const {
        const auto found = latest_networks_.find(space::network_of(key));
        return found != latest_networks_.end() && found->second >= latest_trials / 3;
    }

    /// Feasible networks, one per key, in the order of the keys' first trials.
    const std::vector<Individual>& individuals() const { return individuals_; }
    /// Indices of the individuals that matter and that no other dominates. Not empty if there are individuals: while no
    /// network has learned anything, the best one still has children.
    const std::vector<std::size_t>& front() const { return front_; }
    /// Index of the individual whose record has the least error, at any length of training; nothing if there are no
    /// individuals.
    std::optional<std::size_t> best() const { return best_; }
    /// Exclusive hypervolume of each individual below reference(); 0 off the front.
    const std::vector<double>& contributions() const { return contributions_; }
    /// Reference point, in logarithms. For the error it is between the best so far and the trivial error, nearer to the
    /// best, so that networks that hardly learn get no attention; for costs, twice the limits, or twice the largest
    /// cost of random networks.
    const mobo::Point& reference() const { return reference_; }

    /// Probability of each pruning method, by its success: the number of its networks (one per key, failed or
    /// infeasible ones included), and of those that are on the front or were promoted. The run's own objectives judge,
    /// on the trained and compacted network. Promotions count because the front forgets: a method would lose its
    /// success as soon as its own children dominate its networks.
    const space::PruningOdds& pruning_odds() const { return pruning_odds_; }

    /// True if the error is below the reference: small but hopeless networks get no second training. True for all while
    /// no network beats the constant answer.
    bool matters(const mobo::Point& point) const { return point[0] < reference_[0] || !learned_; }

    /// True if no other network of the front is at least as good in all objectives.
    bool would_enter_front(const Record& record) const {
        const mobo::Point point = objective_point(*problem_, corrections_.of(record.outcome), at_top(record));
        return matters(point) && std::none_of(front_.begin(), front_.end(), [&](std::size_t i) {
                   return individuals_[i].record->trial.key != record.trial.key &&
                          mobo::dominates(individuals_[i].point, point);
               });
    }

    /// The projected error at the top fidelity after `epochs`, as usual_epochs() counts them. Between two lengths the
    /// logarithm of the error falls with that of the epochs.
    double projected(double error, int epochs) const {
        const Fidelities& fidelities = problem_->fidelities;
        const auto left = [&](int from, int to) { // share of the way from one length to the next
            if (epochs >= to) return 0.0;
            return epochs <= from ? 1.0 : std::log(double(to) / epochs) / std::log(double(to) / from);
        };
        const double confirmed =
            error * std::pow(ratios_[0], learned_share(error) * left(fidelities.screen, fidelities.confirm));
        return confirmed * std::pow(ratios_[1], learned_share(confirmed) * left(fidelities.confirm, fidelities.final));
    }

    /// Error of a record's network at the top fidelity: projected, or unchanged if it does not beat the constant
    /// answer. In a run with folds one standard error is added, since many are judged by one fold, and the luckiest
    /// would seem the best. The record must not be a failure.
    double at_top(const Record& record) const {
        double error = *record.outcome.measures[Measure::error];
        if (!beats_constant(record)) return error;
        if (problem_->folds > 0) error = std::min(error + record.outcome.error_se.value_or(0), problem_->trivial_error);
        return projected(error, usual_epochs(record.trial));
    }

  private:
    bool beats_constant(const Record& record) const {
        return search::beats_constant(*record.outcome.measures[Measure::error], problem_->trivial_error);
    }

    /// How far an error is below that of the constant answer: 0 if not at all, 1 if it is 0.
    double learned_share(double error) const { return std::max(0.0, 1 - error / problem_->trivial_error); }

    /// Counts the networks of the latest trials, without those that were trained again.
    void count_networks() {
        std::vector<const Trial*> trials = pending_;
        for (const Record* record : records_) trials.push_back(&record->trial);
        std::erase_if(trials, [](const Trial* trial) {
            return trial->origin == Origin::promotion || trial->origin == Origin::repeat;
        });
        std::sort(trials.begin(), trials.end(), [](const Trial* a, const Trial* b) { return a->number > b->number; });
        trials.resize(std::min(trials.size(), latest_trials));
        for (const Trial* trial : trials) ++latest_networks_[std::string(space::network_of(trial->key))];
    }

    /// Finds r of a confirming and of a final training: medians over networks trained at both lengths, without those
    /// that have learned so little that r would be noise.
    void find_ratios() {
        // Used until three networks show it: averages of tiny networks on digits. Lengths of runs with folds are nearer
        // to each other.
        ratios_ = problem_->folds == 0 ? std::array{0.65, 0.85} : std::array{0.9, 0.9};
        std::map<std::string, std::array<double, 3>> errors; // by key and fidelity; 0 if there is none
        for (const Record* record : records_) {
            if (record->outcome.failure || !beats_constant(*record)) continue;
            const int epochs = usual_epochs(record->trial);
            const Fidelities& fidelities = problem_->fidelities;
            const std::size_t rung = epochs < fidelities.confirm ? 0 : epochs < fidelities.final ? 1 : 2;
            double& best = errors.try_emplace(record->trial.key).first->second[rung];
            const double error = std::max(*record->outcome.measures[Measure::error], problem_->smallest_error);
            if (best == 0 || error < best) best = error;
        }
        for (std::size_t rung = 0; rung < 2; ++rung) {
            std::vector<double> ratios;
            for (const auto& [key, of] : errors)
                if (of[rung] > 0 && of[rung + 1] > 0 && learned_share(of[rung]) > 0.1)
                    ratios.push_back(std::pow(of[rung + 1] / of[rung], 1 / learned_share(of[rung])));
            if (ratios.size() < 3) continue;
            std::nth_element(ratios.begin(), ratios.begin() + std::ptrdiff_t(ratios.size() / 2), ratios.end());
            ratios_[rung] = ratios[ratios.size() / 2];
        }
    }

    void find_individuals() {
        std::map<std::string, std::size_t> index;
        double least = 0;
        for (const Record* record : records_) {
            if (!record->feasible) continue;
            const double error = *record->outcome.measures[Measure::error];
            const auto [place, is_new] = index.try_emplace(record->trial.key, individuals_.size());
            if (is_new) individuals_.push_back({nullptr, 0, {}});
            if (!best_ || error < least) {
                best_ = place->second;
                least = error;
            }
            Individual& individual = individuals_[place->second];
            const auto rank = [](const Record& of, double its_error) {
                return std::tuple(of.outcome.folds.size(), of.trial.line_epochs, -its_error);
            };
            const Record* other = individual.record;
            if (other && rank(*other, *other->outcome.measures[Measure::error]) >= rank(*record, error)) continue;
            const double top = at_top(*record);
            individual = {record, top, objective_point(*problem_, corrections_.of(record->outcome), top)};
        }
    }

    void find_reference() {
        double best = problem_->trivial_error;
        for (const Individual& individual : individuals_) best = std::min(best, individual.error);
        learned_ = search::beats_constant(best, problem_->trivial_error);
        best = std::max(best, problem_->smallest_error);
        for (std::size_t k = 0; k < problem_->objectives.size(); ++k) {
            const Measure objective = problem_->objectives[k];
            const auto limit = problem_->limits.find(objective);
            if (objective == Measure::error) {
                reference_.push_back(error_reference(best, problem_->trivial_error));
                continue;
            }
            double log_largest = std::log(std::max(problem_->largest[objective].value_or(0), 1e-9));
            if (limit != problem_->limits.end())
                log_largest = std::log(std::max(limit->second, least_cost(objective)));
            else
                for (const Individual& individual : individuals_)
                    log_largest = std::max(log_largest, individual.point[k]);
            // Twice the largest cost, so that a network at its limit is not worthless. The trials so far are no bound
            // by themselves: if the first few networks are small, larger ones would be worth nothing and never be
            // tried.
            reference_.push_back(log_largest + std::log(2.0));
        }
    }

    void find_pruning_odds() {
        std::map<std::string_view, std::pair<prune::Method, bool>> pruned; // by key; whether it was a success
        for (const Record* record : records_) {
            const Trial& trial = record->trial;
            if (!trial.genome.pruning.active()) continue;
            const auto found = pruned.try_emplace(trial.key, *trial.genome.pruning.method, false).first;
            found->second.second |= trial.origin == Origin::promotion;
        }
        for (const std::size_t i : front_)
            if (const auto found = pruned.find(individuals_[i].record->trial.key); found != pruned.end())
                found->second.second = true;
        std::array<space::PruningTrials, prune::method_count> trials;
        for (const auto& [key, network] : pruned) {
            ++trials[std::size_t(network.first)].tried;
            trials[std::size_t(network.first)].successful += network.second;
        }
        pruning_odds_ = space::matched_odds(trials, problem_->space);
    }

    const Problem* problem_;
    std::vector<const Record*> records_;
    std::vector<const Trial*> pending_;
    double progress_;
    Corrections corrections_;
    std::set<std::string> keys_;
    static constexpr std::size_t latest_trials = 24;
    std::map<std::string, std::size_t, std::less<>> latest_networks_; ///< Number of trials of each network among the
                                                                      ///< latest.
    std::array<double, 2> ratios_{};
    std::vector<Individual> individuals_;
    std::optional<std::size_t> best_;
    std::vector<std::size_t> front_;
    std::vector<double> contributions_;
    mobo::Point reference_;
    space::PruningOdds pruning_odds_{};
    bool learned_ = false; ///< True if an individual beats the constant answer.
};

} // namespace tinysparse::search
