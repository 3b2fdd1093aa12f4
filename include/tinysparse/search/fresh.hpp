// SPDX-License-Identifier: Apache-2.0
// Fresh trainings of a network: those made with seeds of their own, without inherited weights, after the network was
// chosen (schedule.hpp). The training that a front has is the best of several on the validation part, so its score is
// too good on average; nobody chose among the others, so that their mean says what such a training scores.
#pragma once
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "tinysparse/base/moments.hpp"
#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

/// True if `other` is a fresh training of the record's network: with another seed, to its end, and at least as long. A
/// shorter one would have lost by its length, too. Whether it holds the limits says nothing of its score.
inline bool is_fresh_training(const Record& other, const Record& record) {
    return other.trial.origin == Origin::repeat && !other.outcome.failure && other.trial.key == record.trial.key &&
           other.trial.epochs >= record.trial.epochs;
}

/// What fresh trainings of a network say; errors on the validation part, of the run's kind.
struct FreshTrainings {
    std::size_t count = 0;
    std::optional<double> mean_error;
    std::optional<double> deviation; ///< Sample standard deviation of the errors, if there are two.
    /// Mean error of the fresh trainings but for the chosen one, less the error of that: by how much its score is
    /// better than theirs. Nothing if there are no others.
    std::optional<double> loss_by_selection;
};

/// The fresh trainings of the network of `chosen`, which is no failure, among all records of a run.
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
