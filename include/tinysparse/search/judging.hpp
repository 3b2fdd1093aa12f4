// SPDX-License-Identifier: Apache-2.0
// Judges the answers of trained networks for samples that they were not trained on: those of the validation part, or of
// every fold in turn, each judged by the network that has not seen it.
//   error      of all answers together, so that a class with few samples in a fold counts no more than elsewhere
//   error_se   the larger of two: the change that other samples (or groups) would make, and the deviation of the folds'
//              errors over the root of their number (Hastie, Tibshirani, Friedman 2009, section 7.10), which includes
//              the luck of the trainings
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tinysparse/base/moments.hpp"
#include "tinysparse/judge/interval.hpp"
#include "tinysparse/judge/numbers.hpp"
#include "tinysparse/quantise/train.hpp"
#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

namespace detail {

/// Standard error of the error of answers; nothing if there are too few samples or groups.
inline std::optional<double> error_se(const judge::Answers& given, judge::ErrorKind kind) {
    const judge::ConfusionMatrix matrix = given.matrix();
    if (kind == judge::ErrorKind::plain && given.groups.empty())
        return judge::share_se(matrix.right(), matrix.samples());
    const judge::Score score = [kind](const judge::ConfusionMatrix& drawn) { return judge::error(drawn, kind); };
    const auto interval = judge::bootstrap(given, std::span(&score, 1)).front();
    return interval ? std::optional(judge::se_of(*interval)) : std::nullopt;
}

} // namespace detail

/// Answers of networks on samples that they were not trained on.
class HeldOut {
  public:
    /// Networks answer for parts of this set, which must outlive this.
    HeldOut(const data::Dataset& set, judge::ErrorKind kind) : set_(set), kind_(kind) {}
    HeldOut(const data::Dataset&&, judge::ErrorKind) = delete;

    /// Adds the validation part of a network, and returns the error there. Throws Error if the target numbers are
    /// all alike in it.
    double add(const data::Split& part, const quantise::Trained& trained) {
        const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
        append(groups_, part.groups);
        float_shares_.add(trained.float_validation_accuracy.value_or(0));
        double error = 0;
        if (set_.answers_numbers()) {
            const auto own = judge::error({set_.quantities.size(), part.targets, trained.validation_numbers, {}});
            if (!own) throw Error(text(set_.name, ": the target numbers are all alike in a validation part"));
            append(targets_, part.targets);
            append(numbers_, trained.validation_numbers);
            error = *own;
        } else {
            const judge::Answers own{set_.classes(), part.labels, trained.validation_answers, {}};
            append(labels_, part.labels);
            append(answers_, trained.validation_answers);
            error = judge::error(own.matrix(), kind_);
        }
        errors_.add(error);
        return error;
    }

    /// Fills in the members of the outcome that come from answers. There must be some.
    void judge(Outcome& outcome) const {
        if (set_.answers_numbers())
            judge_numbers(outcome);
        else
            judge_classes(outcome);
        if (errors_.count() < 2) return;
        const double spread = std::sqrt(errors_.sample_variance() / double(errors_.count()));
        outcome.error_se = std::max(outcome.error_se.value_or(0), spread);
    }

  private:
    void judge_classes(Outcome& outcome) const {
        const judge::Answers all{set_.classes(), labels_, answers_, groups_};
        const judge::ConfusionMatrix matrix = all.matrix();
        outcome.measures[Measure::error] = judge::error(matrix, kind_);
        outcome.error_se = detail::error_se(all, kind_);
        outcome.validation_accuracy = judge::accuracy(matrix);
        outcome.validation_interval = judge::accuracy_interval(all);
        outcome.float_accuracy = float_shares_.mean();
    }

    void judge_numbers(Outcome& outcome) const {
        const judge::NumberVerdict verdict =
            judge::verdict(judge::Numbers{set_.quantities.size(), targets_, numbers_, groups_},
                           std::vector<std::string>(set_.quantities.size()));
        outcome.measures[Measure::error] = *verdict.error;
        outcome.validation_interval = verdict.error_interval;
        if (verdict.error_interval) outcome.error_se = judge::se_of(*verdict.error_interval);
        for (const judge::Fit& fit : verdict.fits) outcome.numbers.push_back({fit.rmse, fit.mae, *fit.r2});
    }

    const data::Dataset& set_;
    judge::ErrorKind kind_;
    std::vector<std::uint8_t> labels_, answers_;
    std::vector<float> targets_, numbers_;
    std::vector<std::uint32_t> groups_;
    Moments errors_, float_shares_;
};

} // namespace tinysparse::search
