// SPDX-License-Identifier: Apache-2.0
// The task of a search: the space, the measures, the limits, and the lengths of training.
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>

#include "tinysparse/base/random.hpp"
#include "tinysparse/mobo/pareto.hpp"
#include "tinysparse/search/measures.hpp"
#include "tinysparse/search/trial.hpp"
#include "tinysparse/space/sample.hpp"

namespace tinysparse::search {

/// Epochs of the three lengths of training: to screen, to confirm, and final.
struct Fidelities {
    int screen = 3, confirm = 10, final = 25; ///< Epochs, ascending.
    bool operator==(const Fidelities&) const = default;
};

/// The task of a search, the same from its first trial to its last.
struct Problem {
    space::Space space;
    Objectives objectives = {Measure::error, Measure::model_size, Measure::working_memory};
    Limits limits;
    Fidelities fidelities;
    double trivial_error = 0.9;    ///< Least error of a constant answer.
    double smallest_error = 0.001; ///< Errors below this count as this: half of the smallest step of the validation
                                   ///< part.
    /// Costs of a genome before it is trained; error stays unknown. Called by one thread at a time.
    std::function<Measures(const space::Genome&)> estimate;
    std::size_t folds = 0; ///< As in RunHead.
    Measures largest = {}; ///< Largest costs of random networks within the limits; nothing if unknown.
    std::vector<space::Genome> portfolio = {}; ///< Genomes to begin with, in this order; empty for none.
};

/// Variance of the logarithm of an error, from its standard error; 0 if that is not known.
inline double log_error_variance(const Outcome& outcome, double smallest_error) {
    const double error = std::max(outcome.measures[Measure::error].value(), smallest_error);
    const double relative = outcome.error_se.value_or(0) / error;
    return relative * relative;
}

/// True if an error is below that of the constant answer by more than rounding: the network has learned something.
inline bool beats_constant(double error, double trivial_error) { return error < trivial_error - 1e-12; }

/// The least value of a cost that its logarithm distinguishes: a microsecond, a byte, a cycle ...
inline double least_cost(Measure cost) { return cost == Measure::milliseconds ? 1e-3 : 1; }

/// The logarithms of the objectives. All costs among them must be known.
inline mobo::Point objective_point(const Problem& problem, const Measures& measures, double error) {
    mobo::Point point;
    for (const Measure objective : problem.objectives)
        point.push_back(objective == Measure::error
                            ? std::log(std::max(error, problem.smallest_error))
                            : std::log(std::max(measures[objective].value(), least_cost(objective))));
    return point;
}

/// The hypervolume's reference for the error, as a logarithm. It lies two ninths of the way from the best error to the
/// trivial one on the log scale. Below the trivial error itself most of the volume would go to tiny networks that are
/// wrong half of the time.
inline double error_reference(double best, double trivial) {
    constexpr double share = 2.0 / 9;
    return std::log(best) + share * (std::log(trivial) - std::log(best));
}

/// The largest costs among a thousand random networks within the limits; nothing if none is within them.
inline Measures largest_costs(const Problem& problem, std::uint64_t seed) {
    Random random(seed, "largest");
    Measures largest;
    for (int draw = 0; draw < 1000; ++draw) try {
            const Measures costs = problem.estimate(space::sample(problem.space, random));
            if (!within(costs, problem.limits)) continue;
            for (const Measure objective : problem.objectives)
                if (costs[objective]) largest[objective] = std::max(largest[objective].value_or(0), *costs[objective]);
        } catch (const Error&) { // the device cannot run this one
        }
    return largest;
}

/// Throws Error if an objective or a limit is not known before a network is trained (the error is learned), or if none
/// of a thousand networks drawn with `seed` has costs at all. `target` is named in the message; empty: none.
inline void check_measures(const Problem& problem, std::uint64_t seed, const std::string& target) {
    Random random(seed, "measures");
    std::optional<Measures> known;
    std::string why_not;
    for (int draw = 0; !known && draw < 1000; ++draw) try {
            known = problem.estimate(space::sample(problem.space, random));
        } catch (const Error& reason) {
            why_not = reason.what();
        }
    if (!known) throw Error(text("no network of the space can be costed; of the last one tried: ", why_not));
    const auto check = [&](Measure measure, const char* what) {
        if (measure != Measure::error && !(*known)[measure])
            throw Error(text(name_of(measure), " cannot be ", what,
                             " here: it is not known before a network is trained",
                             target.empty() ? "" : text(" for the target ", target)));
    };
    for (const Measure objective : problem.objectives) check(objective, "an objective");
    for (const auto& [measure, limit] : problem.limits) check(measure, "a limit");
}

} // namespace tinysparse::search
