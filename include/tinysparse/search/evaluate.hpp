// SPDX-License-Identifier: Apache-2.0
// The evaluator of real searches: trains a genome into fixed point, measures its costs, and writes the model.
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
#include "tinysparse/fixed/digest.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/nn/input_shape.hpp"
#include "tinysparse/quantise/grids.hpp"
#include "tinysparse/quantise/train.hpp"
#include "tinysparse/search/augmentation.hpp"
#include "tinysparse/search/describe.hpp"
#include "tinysparse/search/evaluator.hpp"
#include "tinysparse/search/judging.hpp"
#include "tinysparse/search/member_answers.hpp"
#include "tinysparse/search/remaining.hpp"
#include "tinysparse/search/transplant.hpp"

namespace tinysparse::search {

/// The options of a trial's training. inherits: it begins from its parent's weights.
inline quantise::TrainOptions train_options(const Trial& trial, const space::Space& space, bool inherits) {
    const space::Training& training = trial.genome.training;
    quantise::TrainOptions options;
    options.batch = training.batch;
    // Inherited weights are near their optimum: half the rate keeps them there.
    options.learning_rate = training.learning_rate * (inherits ? 0.5 : 1);
    options.label_smoothing = training.label_smoothing;
    if (training.weight_decay > 0) {
        options.optimiser = nn::OptimiserKind::adamw;
        options.weight_decay = training.weight_decay;
    }
    options.augmentation = augmentation_of(training, space);
    if (space::has_luma(trial.genome, space)) options.fixed_first = {0.299f, 0.587f, 0.114f}; // Rec. 601
    options.seed = trial.seed;
    if (const space::Pruning& pruning = trial.genome.pruning; pruning.active()) {
        options.pruning.emplace();
        options.pruning->method = *pruning.method;
        options.pruning->keep = pruning.by_threshold() ? std::nullopt : std::optional(pruning.keep);
        options.pruning->seed = trial.seed;
    }
    return options;
}

/// Costs of a genome before it is trained: those of the network that its pruning is expected to leave.
inline Measures estimated_costs(const space::Genome& genome, const space::Space& space, const cost::Target& target,
                                const InputKind& kind) {
    const Remaining left = remaining(genome, space);
    return measures_of(cost::costs(left.spec, target, {.kind = kind, .keep = left.keep}));
}

/// The initial weights of a trial: its parent's weights, brought into the trial's network.
inline std::optional<Inheritance> inheritance(const Trial& trial, const space::Genome& parent,
                                              const fixed::Model& model, const space::Space& space) {
    Random random(trial.seed, "inherit");
    return inherit(trial.genome, {parent, model.network.spec, model.float_layers, largest_values(model.network)}, space,
                   random);
}

/// Switches off the options that have no meaning for numbers, and augmentation: a number may depend on place and
/// moment.
inline void train_for_numbers(quantise::TrainOptions& options) {
    options.label_smoothing = 0;
    options.augmentation = {};
}

/// Measures a model on the test part, notes the result in the model, and returns the share of right answers, or the
/// error of numbers if there is one. The answers are left in `answered`, unless it is null.
inline std::optional<double> test_model(fixed::Model& model, const data::Dataset& set, Answered* answered = nullptr) {
    const auto lowered = fixed::lower(model.network);
    Answered own;
    Answered& given = answered ? *answered : own;
    given.groups = set.test.groups;
    if (!set.answers_numbers()) {
        given.labels = set.test.labels;
        given.answers = quantise::answers_by_grids(lowered, set, set.test);
        model.test_accuracy = nn::accuracy(set.test, given.answers);
        return model.test_accuracy;
    }
    given.targets = set.test.targets;
    given.numbers = quantise::numbers_by_grids(lowered, model.quantities, set, set.test);
    model.test_rmse = nn::rmse(set.test, given.numbers);
    return judge::error({set.quantities.size(), set.test.targets, given.numbers, {}});
}

/// True if the file holds the whole model of a training with this seed, and with these weights if they are known.
/// Throws SystemError if the machine refuses to read it.
inline bool holds_model(const std::string& path, std::uint32_t seed, const std::optional<std::uint64_t>& weights) {
    try {
        const fixed::Model model = fixed::load_model(path);
        return model.seed == seed && (!weights || fixed::weights_digest(model) == weights);
    } catch (const SystemError& error) {
        for (const int code : {ENOENT, ENOTDIR, EISDIR, ELOOP, EIO})
            if (error.code() == code) return false;
        throw;
    } catch (const Error&) {
        return false;
    }
}

/// Likewise for a record's model and those of its other folds, which lie beside it.
inline bool holds_models(const Record& record, const std::string& path) {
    const std::vector<FoldOutcome>& folds = record.outcome.folds;
    if (folds.empty()) return holds_model(path, record.trial.seed, record.outcome.weights_digest);
    for (std::size_t k = 0; k < folds.size(); ++k)
        if (!holds_model(fold_path(path, k), seed_of_fold(record.trial, k), folds[k].weights_digest)) return false;
    return true;
}

namespace detail {

/// Trains networks of one run.
class TrialTrainer {
  public:
    TrialTrainer(const data::Dataset& set, const RunHead& head, const cost::Target& target, std::string command)
        : set_(set), space_(head.space), kind_(head.error), target_(target), notes_(head.data_notes),
          command_(std::move(command)), class_weights_(nn::class_weights(head.class_weights, set.train, set.classes())),
          steps_per_epoch_(steps_of_epoch(set)) {
        if (head.folds == 0) return;
        const data::Folds folds = data::folds_of(set);
        if (folds.count != head.folds || folds.digest() != head.folds_digest)
            throw Error(text(set.name, ": the folds of the data are not those that the run began with"));
        for (std::size_t k = 0; k < folds.count; ++k) folds_.push_back(data::fold(set, folds, k));
        if (head.refit) all_ = data::with_all_to_train(set);
    }

    /// Steps of the trial's training, of all folds together.
    std::size_t steps(const Trial& trial) const {
        return steps_of(genome_epochs(trial.genome, trial.epochs)) * trial.folds;
    }

    Outcome evaluate(const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) const {
        Outcome outcome;
        HeldOut held_out(set_, kind_);
        double inherited = 1;
        for (std::size_t k = 0; k < trial.folds; ++k) {
            const data::Dataset& own = folds_.empty() ? set_ : folds_[k];
            quantise::TrainOptions options = options_of(trial, trial.inherits && k < files.parent_folds);
            options.steps = steps_of(genome_epochs(trial.genome, trial.epochs));
            options.seed = seed_of_fold(trial, k);
            options.stop = stop;
            const std::optional<Begin> begin = begin_of(trial, files, k);
            if (begin) options.init = &begin->model;
            inherited = std::min(inherited, begin ? begin->share : 0.0);
            quantise::Trained trained = quantise::train(space::express(trial.genome, space_), own, options);
            outcome.stopped = trained.stopped;
            if (trained.stopped) return outcome;
            if (!folds_.empty()) {
                trained.model.trained_on = text("all but fold ", k + 1, " of ", folds_.size());
                trained.model.held_out = {quantise::logits_by_grids(*trained.lowered, own, own.validation),
                                          own.validation.labels, own.validation.targets};
            }
            take(outcome, held_out, trained, own.validation, k, trial.folds);
            // A forward pass is a third of a training step; reading and preparing the model takes half as long again.
            outcome.test_seconds +=
                0.5 * trained.seconds * double(set_.test.samples) / (double(*options.steps) * double(options.batch));
            save(trained.model, fold_path(files.model, k));
        }
        outcome.inherited = inherited;
        held_out.judge(outcome);
        return outcome;
    }

    /// Trains on all samples and writes the model to `path`. model_path: of the record's first fold.
    Outcome refit(const Record& record, const std::string& model_path, const std::string& path,
                  const std::function<bool()>& stop) const {
        quantise::TrainOptions options = options_of(record.trial, false);
        options.steps = steps_of(record.trial.line_epochs);
        options.seed = seed_of_refit(record.trial);
        options.stop = stop;
        Outcome outcome;
        quantise::Trained trained = quantise::train(space::express(record.trial.genome, space_), *all_, options);
        outcome.stopped = trained.stopped;
        if (trained.stopped) return outcome;
        outcome.seconds = trained.seconds;
        outcome.measures = measures_of(cost::costs(*trained.lowered, target_));
        outcome.weights_digest = fixed::weights_digest(trained.model);
        trained.model.trained_on = "the training and validation parts";
        trained.model.held_out = held_out_of(record, model_path);
        save(trained.model, path);
        return outcome;
    }

  private:
    /// A parent's weights in a child's network.
    struct Begin {
        fixed::Model model;
        double share;
    };

    quantise::TrainOptions options_of(const Trial& trial, bool inherits) const {
        quantise::TrainOptions options = train_options(trial, space_, inherits);
        options.class_weights = class_weights_;
        if (set_.answers_numbers()) train_for_numbers(options);
        return options;
    }

    /// The answers of all folds' models for the samples that they had not seen.
    static fixed::HeldOut held_out_of(const Record& record, const std::string& model_path) {
        fixed::HeldOut all;
        const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
        for (std::size_t k = 0; k < record.trial.folds; ++k) {
            const fixed::HeldOut own = fixed::load_model(fold_path(model_path, k)).held_out;
            append(all.logits, own.logits);
            append(all.labels, own.labels);
            append(all.targets, own.targets);
        }
        return all;
    }

    /// Steps of a training of `epochs`: the same for every fold and any batch.
    std::size_t steps_of(int epochs) const { return std::size_t(epochs) * steps_per_epoch_; }

    std::optional<Begin> begin_of(const Trial& trial, const TrialFiles& files, std::size_t k) const {
        if (!trial.inherits || !files.parent || k >= files.parent_folds) return std::nullopt;
        const fixed::Model parent = fixed::load_model(fold_path(*files.parent, k));
        auto taken = inheritance(trial, files.parent_genome, parent, space_);
        if (!taken) return std::nullopt;
        Begin begin{{}, taken->share};
        begin.model.float_layers = std::move(taken->layers);
        return begin;
    }

    /// Adds the result of fold k of a number of folds. Costs are those of the best one so far.
    void take(Outcome& outcome, HeldOut& held_out, const quantise::Trained& trained, const data::Split& judged,
              std::size_t k, std::size_t folds) const {
        const double error = held_out.add(judged, trained);
        const std::uint64_t digest = fixed::weights_digest(trained.model);
        if (folds > 1) outcome.folds.push_back({error, digest});
        if (folds == 1 || outcome.best_fold() == k) {
            outcome.measures = measures_of(cost::costs(*trained.lowered, target_));
            outcome.weights_digest = digest;
        }
        outcome.seconds += trained.seconds;
    }

    void save(fixed::Model& model, const std::string& path) const {
        model.command = command_;
        model.data_notes = notes_;
        fixed::save_model(path, model);
    }

    const data::Dataset& set_;
    space::Space space_;
    judge::ErrorKind kind_;
    const cost::Target& target_;
    std::vector<std::string> notes_;
    std::string command_;
    std::vector<float> class_weights_;
    std::size_t steps_per_epoch_;
    std::vector<data::Dataset> folds_; ///< The set, with each fold in turn as its validation part; empty: no folds.
    std::optional<data::Dataset> all_; ///< The set without a validation part, if there are refits.
};

} // namespace detail

/// The evaluator of a run. The data and the target must outlive it. `command` is written into the models. Throws Error
/// if the set is not whole (data::check), has another shape than the space's networks (describe() fills it in), or has
/// other folds.
inline Evaluator make_evaluator(const data::Dataset& set, const RunHead& head, const cost::Target& target,
                                std::string command) {
    data::check(set);
    if (head.space.input != nn::input_shape(set) || std::size_t(head.space.classes) != set.outputs())
        throw Error(text(set.name, ": the run's networks are for other data; describe() fills in its head"));
    const auto trainer = std::make_shared<const detail::TrialTrainer>(set, head, target, std::move(command));
    Evaluator evaluator;
    evaluator.estimate = [space = head.space, &target, kind = set.input_kind()](const space::Genome& genome) {
        return estimated_costs(genome, space, target, kind);
    };
    evaluator.steps = [trainer](const Trial& trial) { return trainer->steps(trial); };
    evaluator.evaluate = [trainer](const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
        return trainer->evaluate(trial, files, stop);
    };
    if (head.folds > 0 && head.refit)
        evaluator.refit = [trainer](const Record& record, const std::string& path, const std::function<bool()>& stop) {
            return trainer->refit(record, path, refit_path(path), stop);
        };
    evaluator.holds = holds_models;
    evaluator.margins = cost::margins(target, set.is_series());
    const auto tested = std::make_shared<TestAnswers>();
    evaluator.test = [&set, tested](const Record&, const std::string& path) {
        fixed::Model model = fixed::load_model(path);
        Answered answered;
        const std::optional<double> result = test_model(model, set, &answered);
        if (set.test.samples > 0) tested->put(path, std::move(answered));
        fixed::save_model(path, model);
        return result;
    };
    evaluator.judge = [member_judge = std::make_shared<const MemberJudge>(set, head), tested](const Record& record,
                                                                                              const std::string& path) {
        return (*member_judge)(record, path, tested->of(deployed_model(path, record)));
    };
    if (head.folds == 0 && set.test.samples > 0)
        evaluator.judging_share = double(set.validation.samples) / double(set.test.samples);
    return evaluator;
}
Evaluator make_evaluator(const data::Dataset&&, const RunHead&, const cost::Target&, std::string) = delete;
Evaluator make_evaluator(const data::Dataset&, const RunHead&, const cost::Target&&, std::string) = delete;

} // namespace tinysparse::search
