// SPDX-License-Identifier: Apache-2.0
// The evaluator of real searches: trains a genome into fixed point, measures what it costs, and writes the model.
#pragma once
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tinysparse/cost/device.hpp"
#include "tinysparse/data/describe.hpp"
#include "tinysparse/fixed/digest.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/judge/numbers.hpp"
#include "tinysparse/quantise/grids.hpp"
#include "tinysparse/quantise/train.hpp"
#include "tinysparse/search/augmentation.hpp"
#include "tinysparse/search/search.hpp"
#include "tinysparse/search/transplant.hpp"

namespace tinysparse::search {

/// Epochs to screen, to confirm and for good: 3, 10 and 25 for 54 000 samples. Smaller sets are passed through more
/// often, by the root of the ratio; and where a budget is too short for some 600 epochs, all three are shorter, down to
/// a third. A search by trials has no budget and is as long as it is.
inline Fidelities lengths_of_training(const data::Dataset& set, const Goal& goal) {
    const double samples = double(set.train.samples);
    double factor = std::clamp(std::sqrt(54000 / samples), 1.0, 12.0);
    if (goal.budget_seconds) {
        // Networks of the space do some 80 operations a pixel; a core does some 7 billion of them a second in training.
        const double epoch = samples * 80 * double(set.shape.height) * double(set.shape.width) / 7e9;
        factor *= std::clamp(*goal.budget_seconds * goal.jobs / (epoch * factor) / 600, 1.0 / 3, 1.0);
    }
    const auto epochs = [&](double wanted) { return std::max(1, int(std::lround(wanted * factor))); };
    return {epochs(3), epochs(10), epochs(25)};
}

/// Number of groups that samples belong to; 0 if all are independent.
inline std::size_t count_groups(const data::Split& part) {
    return std::set<std::uint32_t>(part.groups.begin(), part.groups.end()).size();
}

namespace detail {

/// Names of the classes that a part has no sample of.
inline std::vector<std::string> absent_classes(const data::Split& part, const std::vector<std::string>& class_names) {
    const std::vector<std::size_t> counts = data::class_counts(part, class_names.size());
    std::vector<std::string> absent;
    for (std::size_t c = 0; c < counts.size(); ++c)
        if (counts[c] == 0) absent.push_back(class_names[c]);
    return absent;
}

} // namespace detail

/// Why another kind of error than the plain one is worth a thought; nothing unless one class has more than 90 % of the
/// training samples.
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

/// The errors of head.error that mean something for classes.
inline void describe_classes(RunHead& head, const data::Dataset& set) {
    const std::vector<std::string> absent = absent_classes(set.validation, set.class_names);
    if (head.error != judge::ErrorKind::plain && !absent.empty())
        head.data_notes.push_back(text("note: ", judge::info(head.error).score,
                                       " leaves out what has no validation sample: ", join(absent, ", ")));
    head.smallest_error = judge::smallest_error(head.validation_counts, head.error);
    head.trivial_error = std::max(judge::trivial_error(head.validation_counts, head.error), 2 * head.smallest_error);
}

/// The same for numbers. A ten-thousandth of the deviation is less than an output of eight bits can tell.
inline void describe_numbers(RunHead& head, const data::Dataset& set) {
    const data::Split& judged = set.validation;
    if (!judge::error({set.quantities.size(), judged.targets, judged.targets, {}}))
        throw Error(text(set.name, ": the numbers to answer are all alike in the validation part, ", judged.samples,
                         " samples; nothing can be chosen by it, give a larger one with val="));
    head.smallest_error = 1e-4;
    head.trivial_error = 1;
}

} // namespace detail

/// Fills in what a run's head says of its data: the shape of the space's networks, digest, the errors of head.error
/// that mean something, what the validation part consists of, notes, and lengths of training. Throws Error if the set
/// is not whole (data::check), or if there are no validation samples, which everything is chosen by.
inline void describe(RunHead& head, const Goal& goal, const data::Dataset& set) {
    data::check(set);
    const data::Split& judged = set.validation;
    if (judged.samples == 0 || set.train.samples == 0)
        throw Error(text(set.name, ": a search needs training and validation samples, there are ", set.train.samples,
                         " and ", judged.samples, "; give val=0.1"));
    head.data_digest = set.digest;
    head.space.input = {set.shape.channels, set.shape.height, set.shape.width};
    head.space.classes = int(set.outputs());
    describe_augmentation(head.space, set);
    head.validation_counts = data::class_counts(judged, set.strata());
    head.validation_groups = count_groups(judged);
    head.data_notes = data::remarks(set);
    if (head.answers_numbers() != set.answers_numbers())
        throw Error(text(set.name, ": the error ", judge::info(head.error).name, " is for ",
                         set.answers_numbers() ? "classes, and the answers are numbers; theirs is rmse"
                                               : "numbers, and the answers are classes"));
    if (set.answers_numbers())
        detail::describe_numbers(head, set);
    else
        detail::describe_classes(head, set);
    head.fidelities = lengths_of_training(set, goal);
}

/// Throws Error if the data are not those that the run began with.
inline void check_data(const RunHead& head, const data::Dataset& set) {
    const net::Shape shape{set.shape.channels, set.shape.height, set.shape.width}, own = head.space.input;
    if (shape != own || std::size_t(head.space.classes) != set.outputs())
        throw Error(text(set.name, ": samples are ", shape.channels, "x", shape.height, "x", shape.width, " with ",
                         set.outputs(), " outputs, those that the run began with ", own.channels, "x", own.height, "x",
                         own.width, " with ", head.space.classes, "; bring the old data back or begin a new run"));
    if (head.data_digest != set.digest)
        throw Error(text(set.name, ": the data are not those that the run began with: digest ", hexadecimal(set.digest),
                         ", not ", hexadecimal(head.data_digest), "; bring the old data back or begin a new run"));
}

/// What a trial's training is asked for.
inline quantise::TrainOptions train_options(const Trial& trial, const space::Space& space) {
    const space::Training& training = trial.genome.training;
    quantise::TrainOptions options;
    options.epochs = genome_epochs(trial.genome, trial.epochs);
    options.batch = training.batch;
    // Inherited weights are near where they should be: half the rate keeps them there.
    options.learning_rate = training.learning_rate * (trial.inherits ? 0.5 : 1);
    options.label_smoothing = training.label_smoothing;
    if (training.weight_decay > 0) {
        options.optimiser = nn::OptimiserKind::adamw;
        options.weight_decay = training.weight_decay;
    }
    options.augmentation = augmentation_of(training, space);
    options.seed = trial.seed;
    if (const space::Pruning& pruning = trial.genome.pruning; pruning.active()) {
        options.pruning.emplace();
        options.pruning->method = *pruning.method;
        options.pruning->keep = pruning.by_threshold() ? std::nullopt : std::optional(pruning.keep);
        options.pruning->seed = trial.seed;
    }
    return options;
}

/// Costs of a genome before it is trained. Of the weights that its pruning budget leaves, each layer is expected to
/// have its even share, and no channel is expected to leave.
inline Measures estimated_costs(const space::Genome& genome, const space::Space& space, const cost::Target& target,
                                const InputKind& kind) {
    const net::Spec spec = space::express(genome, space);
    const double keep = genome.pruning.active() ? double(genome.pruning.keep) : 1.0;
    return measures_of(cost::costs(spec, target, kind, 1, keep));
}

/// What a trial begins from: its parent's weights, brought into the trial's network.
inline std::optional<Inheritance> inheritance(const Trial& trial, const space::Genome& parent,
                                              const fixed::Model& model, const space::Space& space) {
    Random random(trial.seed, "inherit");
    return inherit(trial.genome, {parent, model.network.spec, model.float_layers, largest_values(model.network)}, space,
                   random);
}

/// Nothing of what a training of classes is asked for that means nothing for numbers, and no augmentation: a number may
/// belong to the place and the moment.
inline void train_for_numbers(quantise::TrainOptions& options) {
    options.label_smoothing = 0;
    options.augmentation = {};
}

/// What the numbers of a trained network on the validation part are worth.
inline void judge_numbers(Outcome& outcome, const quantise::Trained& trained, const data::Dataset& set) {
    const data::Split& part = set.validation;
    const judge::NumberVerdict verdict =
        judge::verdict(judge::Numbers{set.quantities.size(), part.targets, trained.validation_numbers, part.groups},
                       std::vector<std::string>(set.quantities.size()));
    outcome.measures[Measure::error] = *verdict.error;
    outcome.validation_interval = verdict.error_interval;
    for (const judge::Fit& fit : verdict.fits) outcome.numbers.push_back({fit.rmse, fit.mae, *fit.r2});
}

/// What the answers of a trained network on the validation part are worth. describe() saw to it that there are some.
inline void judge_answers(Outcome& outcome, const quantise::Trained& trained, const data::Dataset& set,
                          judge::ErrorKind kind) {
    if (set.answers_numbers()) return judge_numbers(outcome, trained, set);
    const data::Split& part = set.validation;
    const judge::Answers answers{set.classes(), part.labels, trained.validation_answers, part.groups};
    const judge::ConfusionMatrix matrix = answers.matrix();
    outcome.measures[Measure::error] = judge::error(matrix, kind);
    outcome.validation_accuracy = judge::accuracy(matrix);
    outcome.validation_interval = judge::accuracy_interval(answers);
    outcome.float_accuracy = trained.float_validation_accuracy;
}

/// Measures a model on the test part, notes it in the model, and gives the share of right answers, or the error of
/// numbers if there is one.
inline std::optional<double> test_model(fixed::Model& model, const data::Dataset& set) {
    const auto lowered = fixed::lower(model.network);
    if (!set.answers_numbers()) {
        model.test_accuracy = quantise::accuracy_by_grids(lowered, set, set.test);
        return model.test_accuracy;
    }
    const std::vector<float> numbers = quantise::numbers_by_grids(lowered, model.quantities, set, set.test);
    model.test_rmse = nn::rmse(set.test, numbers);
    return judge::error({set.quantities.size(), set.test.targets, numbers, {}});
}

/// True if the file holds the model of a record: whole, of its training, and with its weights if it says which.
/// Throws SystemError if the machine refuses to read it.
inline bool holds_model(const Record& record, const std::string& path) {
    try {
        const fixed::Model model = fixed::load_model(path);
        const std::optional<std::uint64_t>& weights = record.outcome.weights_digest;
        return model.seed == record.trial.seed && (!weights || fixed::weights_digest(model) == weights);
    } catch (const SystemError& error) {
        for (const int code : {ENOENT, ENOTDIR, EISDIR, ELOOP, EIO})
            if (error.code() == code) return false;
        throw;
    } catch (const Error&) {
        return false;
    }
}

/// The data and the target must live as long. `command` goes into the models. Throws Error if the set is not whole
/// (data::check) or not of the shape of the space's networks, which describe() fills in.
inline Evaluator make_evaluator(const data::Dataset& set, const RunHead& head, const cost::Target& target,
                                std::string command) {
    data::check(set);
    if (head.space.input != net::Shape{set.shape.channels, set.shape.height, set.shape.width} ||
        std::size_t(head.space.classes) != set.outputs())
        throw Error(text(set.name, ": the run's networks are for other data; describe() fills in its head"));
    Evaluator evaluator;
    evaluator.estimate = [space = head.space, &target, kind = set.input_kind()](const space::Genome& genome) {
        return estimated_costs(genome, space, target, kind);
    };
    evaluator.evaluate = [space = head.space, kind = head.error, notes = head.data_notes, &set, &target, command,
                          weights = nn::class_weights(head.class_weights, set.train, set.classes())](
                             const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
        quantise::TrainOptions options = train_options(trial, space);
        options.class_weights = weights;
        if (set.answers_numbers()) train_for_numbers(options);
        options.stop = stop;
        Outcome outcome;
        fixed::Model begin;
        if (trial.inherits && files.parent) {
            if (auto taken = inheritance(trial, files.parent_genome, fixed::load_model(*files.parent), space)) {
                begin.float_layers = std::move(taken->layers);
                outcome.inherited = taken->share;
                options.init = &begin;
            }
        }
        quantise::Trained trained = quantise::train(space::express(trial.genome, space), set, options);
        outcome.stopped = trained.stopped;
        if (trained.stopped) return outcome;
        outcome.seconds = trained.seconds;
        outcome.measures = measures_of(cost::costs(*trained.lowered, target));
        judge_answers(outcome, trained, set, kind);
        // A forward pass is a third of a training step; the rest is what preparing takes.
        outcome.test_seconds = trained.seconds / options.epochs * double(set.test.samples) / double(set.train.samples);
        trained.model.command = command;
        trained.model.data_notes = notes;
        fixed::save_model(files.model, trained.model);
        outcome.weights_digest = fixed::weights_digest(trained.model);
        return outcome;
    };
    evaluator.holds = holds_model;
    evaluator.margins = cost::margins(target);
    evaluator.test = [&set](const Record&, const std::string& path) {
        fixed::Model model = fixed::load_model(path);
        const std::optional<double> result = test_model(model, set);
        fixed::save_model(path, model);
        return result;
    };
    return evaluator;
}
Evaluator make_evaluator(const data::Dataset&&, const RunHead&, const cost::Target&, std::string) = delete;
Evaluator make_evaluator(const data::Dataset&, const RunHead&, const cost::Target&&, std::string) = delete;

} // namespace tinysparse::search
