// SPDX-License-Identifier: Apache-2.0
// Fresh trainings of a network: those with other seeds, without inherited weights, made after the network was chosen
// (schedule.hpp). The training on a front is the best of several on the validation part, so its score is too good on
// average. Nobody chose among the fresh ones, so their mean is the score that such a training has on average.
#pragma once
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "tinysparse/base/moments.hpp"
#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

/// True if `other` is a fresh training of the record's network: with another seed, to its end, and at least as long. A
/// shorter one would also lose by its length. Whether it holds the limits does not matter to its score.
inline bool is_fresh_training(const Record& other, const Record& record) {
    return other.trial.origin == Origin::repeat && !other.outcome.failure && other.trial.key == record.trial.key &&
           other.trial.epochs >= record.trial.epochs;
}

/// Scores of the fresh trainings of a network; errors on the validation part, of the run's kind.
struct FreshTrainings {
    std::size_t count = 0;
    std::optional<double> mean_error;
    std::optional<double> deviation; ///< Sample standard deviation of the errors, if there are two.
    /// Mean error of the other fresh trainings less the error of the chosen training: the amount by which its score is
    /// better. Nothing if there are no others.
    std::optional<double> loss_by_selection;
};

/// The fresh trainings, among all records of a run, of the network of `chosen`, which must not be a failure.
inline FreshTrainings fresh_trainings(const std::vector<Record>& records, const Record& chosen) {
    Moments all, others;
    for (const Record& record : records) {
        if (!is_fresh_training(record, chosen)) continue;
        const double error = record.outcome.measures[Measure::error].value();
        all.add(error);
        if (record.trial.number != chosen.trial.number) others.add(error);
    }
    FreshTrainings fresh;
    fresh.count = std::size_t(all.count());
    if (all.count() > 0) fresh.mean_error = all.mean();
    if (all.count() > 1) fresh.deviation = std::sqrt(all.sample_variance());
    if (others.count() > 0) fresh.loss_by_selection = others.mean() - chosen.outcome.measures[Measure::error].value();
    return fresh;
}

} // namespace tinysparse::search
