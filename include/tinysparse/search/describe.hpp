// SPDX-License-Identifier: Apache-2.0
// The data in a run's head: the judge of networks, the range of meaningful errors, the lengths of training, and notes
// for the user.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/data/describe.hpp"
#include "tinysparse/data/folds.hpp"
#include "tinysparse/judge/numbers.hpp"
#include "tinysparse/nn/input_shape.hpp"
#include "tinysparse/search/augmentation.hpp"
#include "tinysparse/search/run.hpp"

namespace tinysparse::search {

/// Optimiser steps per epoch, the unit for lengths of training: those of a pass in batches of 64. A training has that
/// number of steps whatever its batch, since a small set is passed through in few.
inline std::size_t steps_of_epoch(const data::Dataset& set) { return std::max<std::size_t>(1, set.train.samples / 64); }

namespace detail {

/// Factor that shortens trainings so that the budget holds `trainings` of the first length, of `steps` each; at least a
/// third, and 1 without a budget. Networks of the space do some 80 operations per position; a core does some 7 billion
/// operations per second in training.
inline double shortening(const data::Dataset& set, const Goal& goal, double trainings, double steps, double batch) {
    if (!goal.budget_seconds) return 1;
    const double seconds = steps * batch * 80 * double(set.shape.height) * double(set.shape.width) / 7e9;
    return std::clamp(*goal.budget_seconds * goal.jobs / (trainings * seconds), 1.0 / 3, 1.0);
}

} // namespace detail

/// Epochs to screen, to confirm and for final trainings, without folds: 3, 10 and 25 for 54 000 samples. Smaller sets
/// are passed through more often, by the root of the ratio. If a budget is too short for some 200 trainings of the
/// first length, all three are shorter. A search by trials has no budget and keeps its lengths.
inline Fidelities lengths_of_training(const data::Dataset& set, const Goal& goal) {
    const double samples = double(set.train.samples);
    double factor = std::clamp(std::sqrt(54000 / samples), 1.0, 12.0);
    factor *= detail::shortening(set, goal, 200, 3 * factor * samples / 64, 64);
    const auto epochs = [&](double wanted) { return std::max(1, int(std::lround(wanted * factor))); };
    return {epochs(3), epochs(10), epochs(25)};
}

/// Likewise with folds: 900, 1350 and 2700 steps for up to 5000 samples, more for more. The first length is that of one
/// fold, the others are those of all folds. They are near each other, because short trainings rank small sets badly.
inline Fidelities lengths_with_folds(const data::Dataset& set, const Goal& goal) {
    double steps = 900 * std::pow(std::max(1.0, double(set.train.samples) / 5000), 0.91);
    steps *= detail::shortening(set, goal, 60, steps, 32);
    const auto epochs = [&](double times) {
        return std::max(1, int(std::lround(times * steps / double(steps_of_epoch(set)))));
    };
    return {epochs(1), epochs(1.5), epochs(3)};
}

namespace detail {

/// Names of the classes without samples in a part.
inline std::vector<std::string> absent_classes(const data::Split& part, const std::vector<std::string>& class_names) {
    const std::vector<std::size_t> counts = data::class_counts(part, class_names.size());
    std::vector<std::string> absent;
    for (std::size_t c = 0; c < counts.size(); ++c)
        if (counts[c] == 0) absent.push_back(class_names[c]);
    return absent;
}

} // namespace detail

/// Advice to use another kind of error than the plain one; nothing unless one class has more than 90 % of the training
/// samples.
inline std::optional<std::string> advice(const data::Dataset& set) {
    if (set.answers_numbers()) return std::nullopt;
    const std::vector<std::size_t> counts = data::class_counts(set.train, set.classes());
    const auto largest = std::max_element(counts.begin(), counts.end());
    const double share = double(*largest) / double(set.train.samples);
    if (share <= 0.9) return std::nullopt;
    return text(fixed_decimals(100 * share, 1), " % of the training samples are of class ",
                set.class_names[std::size_t(largest - counts.begin())],
                ", so that always answering it looks good; --error balanced counts every class alike");
}

namespace detail {

/// Fills in the range of meaningful errors for classes.
inline void describe_classes(RunHead& head, const data::Dataset& set) {
    const std::vector<std::string> absent = absent_classes(set.validation, set.class_names);
    if (head.error != judge::ErrorKind::plain && !absent.empty())
        head.data_notes.push_back(text("note: ", judge::info(head.error).score,
                                       " leaves out what has no validation sample: ", join(absent, ", ")));
    head.smallest_error = judge::smallest_error(head.validation_counts, head.error);
    head.trivial_error = std::max(judge::trivial_error(head.validation_counts, head.error), 2 * head.smallest_error);
}

/// Likewise for numbers. An output of eight bits cannot resolve a ten-thousandth of the deviation.
inline void describe_numbers(RunHead& head, const data::Dataset& set) {
    const data::Split& judged = set.validation;
    if (!judge::error({set.quantities.size(), judged.targets, judged.targets, {}}))
        throw Error(text(set.name, ": the target numbers are all alike in the validation part, ", judged.samples,
                         " samples; nothing can be chosen by it, give a larger one with val="));
    head.smallest_error = 1e-4;
    head.trivial_error = 1;
}

} // namespace detail

/// Fills in the judge of networks: folds of training and validation part, if there are enough samples and the
/// validation part is too small, or else the validation part.
inline void describe_judges(RunHead& head, const data::Dataset& set) {
    data::Folds folds;
    if (data::should_have_folds(set)) {
        folds = data::folds_of(set);
        if (folds.count == 0)
            head.data_notes.push_back(
                text("note: networks are judged by the ", set.validation.samples,
                     " samples of the validation part alone: a class has too few samples or groups for folds"));
    }
    head.folds = folds.count;
    head.folds_digest = folds.count > 0 ? folds.digest() : 0;
    head.refit = head.refit && folds.count > 0;
    const data::Split judged = folds.count > 0 ? data::joined(set) : set.validation;
    head.validation_counts = data::class_counts(judged, set.strata());
    head.validation_groups = data::count_groups(judged);
}

/// Fills in what a run's head says of its data: the shape of the space's networks, digest, the range of meaningful
/// errors, the size of the validation part, notes, and lengths of training. Throws Error if the set is not whole
/// (data::check), or if there are no validation samples, by which everything is chosen.
inline void describe(RunHead& head, const Goal& goal, const data::Dataset& set) {
    data::check(set);
    const data::Split& judged = set.validation;
    if (judged.samples == 0 || set.train.samples == 0)
        throw Error(text(set.name, ": a search needs training and validation samples, there are ", set.train.samples,
                         " and ", judged.samples, "; ", data::cure_of_empty_validation(set)));
    head.data_digest = set.digest;
    head.space.input = nn::input_shape(set);
    head.space.classes = int(set.outputs());
    describe_augmentation(head.space, set);
    head.data_notes = data::remarks(set);
    describe_judges(head, set);
    if (head.answers_numbers() != set.answers_numbers())
        throw Error(text(set.name, ": the error ", judge::info(head.error).name, " is for ",
                         set.answers_numbers() ? "classes, and the answers are numbers; theirs is rmse"
                                               : "numbers, and the answers are classes"));
    if (set.answers_numbers())
        detail::describe_numbers(head, set);
    else
        detail::describe_classes(head, set);
    head.fidelities = head.folds > 0 ? lengths_with_folds(set, goal) : lengths_of_training(set, goal);
}

/// Throws Error if the data are not those that the run began with.
inline void check_data(const RunHead& head, const data::Dataset& set) {
    const net::Shape shape = nn::input_shape(set), own = head.space.input;
    if (shape != own || std::size_t(head.space.classes) != set.outputs())
        throw Error(text(set.name, ": samples are ", shape.channels, "x", shape.height, "x", shape.width, " with ",
                         set.outputs(), " outputs, those that the run began with ", own.channels, "x", own.height, "x",
                         own.width, " with ", head.space.classes, "; bring the old data back or begin a new run"));
    if (head.data_digest != set.digest)
        throw Error(text(set.name, ": the data are not those that the run began with: digest ", hexadecimal(set.digest),
                         ", not ", hexadecimal(head.data_digest), "; bring the old data back or begin a new run"));
}

} // namespace tinysparse::search
