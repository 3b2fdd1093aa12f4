// SPDX-License-Identifier: Apache-2.0
// What a proposal may look at: the trials that are finished, those under way, and what all of them amount to so far.
//
// Errors at few epochs are too large, so networks are compared at the top fidelity: the error of a training falls with
// a power of its epochs, the median of those that networks trained more than once showed. Points are logarithms, since
// half the error and half the size are worth as much anywhere: (log error, log cost, log cost).
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/mobo/pareto.hpp"
#include "tinysparse/search/measures.hpp"
#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

/// Epochs of the three lengths of training: to screen, to confirm, and for good.
struct Fidelities {
    int screen = 3, confirm = 10, final = 25;
    bool operator==(const Fidelities&) const = default;
};

/// The task of a search, the same from its first trial to its last.
struct Problem {
    space::Space space;
    Objectives objectives = {Measure::error, Measure::model_size, Measure::working_memory};
    Limits limits;
    Fidelities fidelities;
    double trivial_error = 0.9;    ///< Of always answering the most frequent class.
    double smallest_error = 0.001; ///< That the validation part can tell from none: half a sample.
    /// Costs of a genome before it is trained; error stays unknown. Called by one thread at a time.
    std::function<Measures(const space::Genome&)> estimate;
    /// What random networks within the limits cost at most; nothing where that is not known.
    Measures largest = {};
};

/// The logarithms of the objectives. Every cost among them is known.
inline mobo::Point objective_point(const Problem& problem, const Measures& measures, double error) {
    mobo::Point point;
    for (const Measure objective : problem.objectives)
        point.push_back(objective == Measure::error ? std::log(std::max(error, problem.smallest_error))
                                                    : std::log(std::max(measures[objective].value(), 1.0)));
    return point;
}

/// The hypervolume's reference of the error, its logarithm: a fifth of the way from the best error to the trivial one
/// on the log scale, and a little beyond, so that points on the bound have a volume too. Tiny networks that are wrong
/// half of the time would have most of the volume below the trivial error itself.
inline double error_reference(double best, double trivial) {
    constexpr double share = 0.2, beyond = 0.1;
    return (1 - share) * std::log(best) + share * std::log(trivial) + beyond;
}

/// One network of the search with the best that is known of it.
struct Individual {
    const Record* record; ///< Of its longest training; the best of several with that length.
    double error;         ///< Projected to the top fidelity.
    mobo::Point point;
};

class View {
  public:
    /// Records in the order of their numbers. `pending` are proposed and not finished, or not to be looked at yet.
    View(const Problem& problem, std::vector<const Record*> records, std::vector<const Trial*> pending)
        : problem_(&problem), records_(std::move(records)), pending_(std::move(pending)) {
        for (const Record* record : records_) keys_.insert(record->trial.key);
        for (const Trial* trial : pending_) keys_.insert(trial->key);
        find_exponents();
        find_individuals();
        find_reference();
        std::vector<mobo::Point> points;
        for (const Individual& individual : individuals_) points.push_back(individual.point);
        contributions_ = mobo::exclusive_contributions(points, reference_);
        const std::vector<std::size_t> best = mobo::non_dominated(points);
        for (const std::size_t i : best)
            if (matters(points[i])) front_.push_back(i);
        if (front_.empty()) front_ = best; // nothing has learned yet: the best there is has children all the same
    }

    const Problem& problem() const { return *problem_; }
    const std::vector<const Record*>& records() const { return records_; }
    const std::vector<const Trial*>& pending() const { return pending_; }
    bool seen(const std::string& key) const { return keys_.contains(key); }

    /// Feasible networks, one for each key, in the order of the keys' first trials.
    const std::vector<Individual>& individuals() const { return individuals_; }
    /// Indices of those that no other dominates and whose error is below the reference; of all that no other dominates
    /// where no error is. Not empty where there are any individuals.
    const std::vector<std::size_t>& front() const { return front_; }
    /// Exclusive hypervolume of each individual below reference(); 0 off the front.
    const std::vector<double>& contributions() const { return contributions_; }
    /// Logarithms: an error between the best so far and the trivial one, nearer to the best, so that networks that
    /// hardly learn draw no attention; twice the limits of the costs, or twice the largest that random networks have.
    const mobo::Point& reference() const { return reference_; }

    /// True where the error is below the reference: small, but hopeless networks get no second training.
    bool matters(const mobo::Point& point) const { return point[0] < reference_[0]; }

    /// What the error after `epochs` (those of the ancestors included) would be at the top fidelity, by two powers of
    /// the epochs: one up to the middle fidelity, one beyond it.
    double projected(double error, int epochs) const {
        const Fidelities& fidelities = problem_->fidelities;
        const auto way = [&](int from, int to) { // that is left of it, on the scale of logarithms
            return epochs >= to ? 0.0 : std::log(double(to) / std::max(epochs, from));
        };
        return error * std::exp(exponents_[0] * way(fidelities.screen, fidelities.confirm) +
                                exponents_[1] * way(fidelities.confirm, fidelities.final));
    }

  private:
    /// Medians of log(error ratio) / log(epochs ratio) over pairs of trainings of one network, those nearer to the
    /// first two fidelities and those nearer to the last two. Epochs are those of the whole line: networks that begin
    /// from their parents' weights have less of the way before them than those that begin afresh.
    void find_exponents() {
        std::map<std::string, std::map<int, double>> errors; // the best by key and epochs
        for (const Record* record : records_) {
            if (record->outcome.failure) continue;
            const double error = std::max(*record->outcome.measures[Measure::error], problem_->smallest_error);
            double& best = errors[record->trial.key].try_emplace(record->trial.line_epochs, error).first->second;
            best = std::min(best, error);
        }
        std::array<std::vector<double>, 2> exponents;
        for (const auto& [key, by_epochs] : errors)
            for (auto longer = by_epochs.begin(); longer != by_epochs.end(); ++longer) {
                if (longer == by_epochs.begin()) continue;
                const auto& [epochs, error] = *std::prev(longer);
                const bool beyond = double(epochs) * longer->first > std::pow(problem_->fidelities.confirm, 2);
                exponents[beyond].push_back(std::log(longer->second / error) /
                                            std::log(double(longer->first) / epochs));
            }
        for (std::size_t i = 0; i < 2; ++i) {
            std::vector<double>& of = exponents[i];
            if (of.size() < 3) continue;
            std::nth_element(of.begin(), of.begin() + std::ptrdiff_t(of.size() / 2), of.end());
            exponents_[i] = of[of.size() / 2];
        }
    }

    void find_individuals() {
        std::map<std::string, std::size_t> index;
        for (const Record* record : records_) {
            if (!record->feasible) continue;
            const double error = *record->outcome.measures[Measure::error];
            const auto [place, is_new] = index.try_emplace(record->trial.key, individuals_.size());
            if (is_new) individuals_.push_back({nullptr, 0, {}});
            Individual& individual = individuals_[place->second];
            const Record* other = individual.record;
            if (other && (other->trial.line_epochs > record->trial.line_epochs ||
                          (other->trial.line_epochs == record->trial.line_epochs &&
                           *other->outcome.measures[Measure::error] <= error)))
                continue;
            const double at_top = projected(error, record->trial.line_epochs);
            individual = {record, at_top, objective_point(*problem_, record->outcome.measures, at_top)};
        }
    }

    void find_reference() {
        double best = problem_->trivial_error;
        for (const Individual& individual : individuals_) best = std::min(best, individual.error);
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
                log_largest = std::log(std::max(limit->second, 1.0));
            else
                for (const Individual& individual : individuals_)
                    log_largest = std::max(log_largest, individual.point[k]);
            // Twice that: one at its limit is not worthless. What was tried so far would be no bound by itself: where
            // the first few are small, larger ones were worth nothing and would never be tried.
            reference_.push_back(log_largest + std::log(2.0));
        }
    }

    const Problem* problem_;
    std::vector<const Record*> records_;
    std::vector<const Trial*> pending_;
    std::set<std::string> keys_;
    // Before three networks have shown it: what tiny networks on digits do on average.
    std::array<double, 2> exponents_{-0.36, -0.18};
    std::vector<Individual> individuals_;
    std::vector<std::size_t> front_;
    std::vector<double> contributions_;
    mobo::Point reference_;
};

} // namespace tinysparse::search
