// SPDX-License-Identifier: Apache-2.0
// Trainer: mini-batch training of a network on a data set, step by step over one learning-rate schedule. A training may
// replace its network on the way (floats by grids, dense by pruned): each phase runs a range of the steps.
#pragma once
#include <chrono>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/threads.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/nn/answers.hpp"
#include "tinysparse/nn/loader.hpp"
#include "tinysparse/nn/optimiser.hpp"
#include "tinysparse/nn/schedule.hpp"
#include "tinysparse/nn/weight_average.hpp"

namespace tinysparse::nn {

enum class OptimiserKind : std::uint8_t { adam, adamw, sgd, count };
inline constexpr Named<OptimiserKind> optimisers[] = {
    {OptimiserKind::adam, "adam"}, {OptimiserKind::adamw, "adamw"}, {OptimiserKind::sgd, "sgd"}};
static_assert(has_every_row<&Named<OptimiserKind>::value>(optimisers));

struct TrainerOptions {
    int epochs = 20;                       ///< Passes over the training part.
    std::optional<std::size_t> steps = {}; ///< Replaces `epochs`; the last pass may then be incomplete.
    int batch = 64;
    double learning_rate = 0.03; ///< The peak of the schedule.
    OptimiserKind optimiser = OptimiserKind::adam;
    ScheduleKind schedule = ScheduleKind::cosine;
    int warm_up_steps = 500; ///< At most a tenth of all steps.
    double weight_decay = 0;
    double label_smoothing = 0; ///< Share of the target that all classes get alike, 0 <= x < 1.
    double dropout = 0;         ///< Share of what every dense layer reads that is dropped in training, 0 <= x < 1.
    double average_decay = 0; ///< 0.99: the network ends with the moving average of its weights; 0: with the last ones.
    double tree_soft = 0.15;  ///< Share of the steps in which the paths of a tree are soft and become sharper.
    double tree_sharpness = 10; ///< Sharpness at the end of those steps.
    Network* teacher = nullptr; ///< Sees the same samples; its softened answers are learned besides the labels.
    double distillation = 1;    ///< Weight of the loss against the teacher, if there is one.
    double temperature = 4;     ///< Temperature that softens the teacher's answers.
    std::vector<float> class_weights = {}; ///< Weight of each class's samples in the loss; empty: all are 1.
    data::Augmentation augmentation{};
    std::uint64_t seed = 1;
};

/// Report after each epoch. The last epoch may be shorter, see TrainerOptions::steps.
struct Epoch {
    int index = 0, epochs = 0;               ///< index counts from 1
    double loss = 0;                         ///< Mean over the epoch's training batches.
    std::optional<double> training_accuracy; ///< Nothing if numbers are answered.
    double learning_rate = 0;
    double seconds = 0; ///< Since the trainer was made.
};

/// Options that record a network for a training with these options.
inline NetworkOptions network_options(const TrainerOptions& options) {
    NetworkOptions recording;
    recording.batch = std::size_t(options.batch);
    recording.label_smoothing = float(options.label_smoothing);
    recording.dropout = float(options.dropout);
    recording.dropout_seed = options.seed;
    recording.distillation = options.teacher ? float(options.distillation) : 0.0f;
    recording.temperature = float(options.temperature);
    recording.class_weights = options.class_weights;
    recording.tree_sharpness = float(options.tree_sharpness);
    return recording;
}

/// The optimiser that the options name, over all parameters of a network.
inline std::unique_ptr<Optimiser> make_optimiser(Network& network, const TrainerOptions& options) {
    Parameters parameters;
    for (const auto& parameter : network.graph().parameters()) parameters.push_back(parameter.get());
    if (options.optimiser == OptimiserKind::sgd)
        return std::make_unique<Sgd>(std::move(parameters), SgdOptions{.weight_decay = options.weight_decay});
    AdamOptions adam;
    if (options.optimiser == OptimiserKind::adamw) adam.weight_decay = options.weight_decay;
    return std::make_unique<Adam>(std::move(parameters), adam);
}

class Trainer {
  public:
    static constexpr std::size_t most_steps = 1'000'000'000; ///< Largest value of TrainerOptions::steps.

    /// The set, the team and the options' teacher must outlive this. Throws Error if the data are not whole
    /// (data::check) or have no training samples, for a network that a model file could not hold (net::check), and for
    /// options out of range.
    Trainer(const data::Dataset& set, const net::Spec& spec, const TrainerOptions& options, Team& team)
        : set_(set), options_(options), team_(team), loader_(set, spec, &team), order_(set.train.samples) {
        if (set.train.samples == 0) throw Error(text(set.name, ": there are no training samples"));
        net::check(spec);
        check(options);
        if (set.answers_numbers()) check_numbers(options);
        data::check_augmentation(options.augmentation, set);
        steps_per_epoch_ = std::max<std::size_t>(1, set.train.samples / std::size_t(options.batch));
        schedule_ = {options.schedule, options.learning_rate, steps(), 0};
        schedule_.warm_up_steps = std::min(std::size_t(std::max(0, options.warm_up_steps)), steps() / 10);
        if (options.teacher) teacher_loader_.emplace(set, options.teacher->spec(), &team);
    }
    Trainer(const data::Dataset&&, const net::Spec&, const TrainerOptions&, Team&) = delete;

    const TrainerOptions& options() const { return options_; }
    /// Options that record a network for this training.
    NetworkOptions recording() const {
        NetworkOptions recording = network_options(options_);
        recording.numbers = set_.answers_numbers();
        recording.tree_steps = std::size_t(std::llround(options_.tree_soft * double(steps())));
        return recording;
    }
    std::size_t samples() const { return set_.train.samples; } ///< Number of training samples.
    /// Steps of the whole training. An incomplete last batch is dropped; a set smaller than a batch is one batch.
    std::size_t steps() const { return options_.steps.value_or(steps_per_epoch_ * std::size_t(options_.epochs)); }
    /// Number of passes over the training part, the last of which may be incomplete.
    int epochs() const { return int((steps() + steps_per_epoch_ - 1) / steps_per_epoch_); }

    /// Runs steps begin..end-1 of the schedule. Returns the step at which it stopped: `end`, or less if stop(), asked
    /// before each step, returned true. After the last step of the schedule the network has its averaged weights, if
    /// the options ask for them. Throws Error if the loss or a weight is not finite, if the network was not recorded
    /// with the options of recording(), or for steps beyond the schedule.
    std::size_t run(Network& network, Optimiser& optimiser, std::size_t begin, std::size_t end,
                    const std::function<bool()>& stop, const std::function<void(const Epoch&)>& progress) {
        check_recording(network);
        if (begin > end || end > steps())
            throw Error(text("steps ", begin, " to ", end, " are not in 0..", steps(), ", the training's"));
        if (options_.average_decay > 0 && (!average_ || !average_->is_of(network)))
            average_.emplace(network, options_.average_decay);
        for (std::size_t step = begin; step < end; ++step) {
            if (stop && stop()) return step;
            const std::size_t epoch = step / steps_per_epoch_, within = step % steps_per_epoch_;
            if (within == 0 || step == begin) start_epoch(epoch);
            take_step(network, optimiser, step);
            if (average_) average_->update();
            const bool ends_epoch = within + 1 == steps_per_epoch_ || step + 1 == steps();
            if (ends_epoch && progress)
                progress(
                    {int(epoch) + 1, epochs(), loss_ / double(seen_), training_accuracy(), schedule_(step), seconds()});
        }
        if (average_ && average_->steps() > 0 && end == steps()) average_->apply();
        return end;
    }

    /// Class that a network answers for each sample of a part of the data set, in evaluation mode.
    std::vector<std::uint8_t> answers(Network& network, const data::Split& part) {
        return nn::answers(network, loader_, part, team_);
    }
    /// Numbers that a network answers for each sample of a part, [samples][quantities].
    std::vector<float> numbers(Network& network, const data::Split& part) {
        return numbers_of(nn::logits(network, loader_, part, team_), set_.quantities);
    }
    /// Share of right answers, 0..1; 0 for an empty part.
    double accuracy(Network& network, const data::Split& part) { return nn::accuracy(part, answers(network, part)); }

    Loader& loader() { return loader_; }
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

  private:
    static void check(const TrainerOptions& options) {
        if (!options.steps && options.epochs < 1)
            throw Error(text("training takes at least 1 epoch, not ", options.epochs));
        if (options.steps && (*options.steps < 1 || *options.steps > most_steps))
            throw Error(text("steps ", *options.steps, " are not in 1..", most_steps));
        if (options.batch < 1 || options.batch > 4096) throw Error(text("batch ", options.batch, " is not in 1..4096"));
        if (!(options.learning_rate > 0 && std::isfinite(options.learning_rate)))
            throw Error(text("learning rate ", options.learning_rate, " is not above 0"));
        if (!(options.weight_decay >= 0 && std::isfinite(options.weight_decay)))
            throw Error(text("weight decay ", options.weight_decay, " is not 0 or more"));
        if (options.optimiser >= OptimiserKind::count || options.schedule >= ScheduleKind::count)
            throw Error("the optimiser or the schedule is none of those that there are");
        const auto check_share = [](const char* name, double value) {
            if (!(value >= 0 && value < 1)) throw Error(text(name, " ", value, " is not in 0..1, 1 excluded"));
        };
        check_share("label smoothing", options.label_smoothing);
        check_share("dropout", options.dropout);
        check_share("average decay", options.average_decay);
        check_share("the soft share of a tree's training", options.tree_soft);
        if (!options.teacher) return;
        if (!(options.distillation > 0)) throw Error(text("distillation ", options.distillation, " is not above 0"));
        if (!(options.temperature > 0)) throw Error(text("temperature ", options.temperature, " is not above 0"));
        if (options.teacher->graph().batch() < std::size_t(options.batch))
            throw Error(text("the teacher takes batches of ", options.teacher->graph().batch(), ", the training has ",
                             options.batch, "; record the teacher for as many"));
    }

    static void check_numbers(const TrainerOptions& options) {
        if (options.label_smoothing > 0 || !options.class_weights.empty())
            throw Error("label smoothing and class weights are for classes; the data's answers are numbers");
    }

    std::optional<double> training_accuracy() const {
        return set_.answers_numbers() ? std::nullopt : std::optional(double(correct_) / double(seen_));
    }

    void check_recording(Network& network) const {
        const NetworkOptions wanted = recording(), &own = network.options();
        if (own.label_smoothing != wanted.label_smoothing || own.dropout != wanted.dropout ||
            own.distillation != wanted.distillation || own.class_weights != wanted.class_weights ||
            own.numbers != wanted.numbers)
            throw Error("the network was recorded for other label smoothing, dropout, distillation, class weights or "
                        "answers than the training asks for; record it as Trainer::recording() says");
        if (options_.teacher && options_.teacher->logits().shape != network.logits().shape)
            throw Error(text("the teacher has ", options_.teacher->logits().shape.channels, " classes, the network ",
                             network.logits().shape.channels));
        if (network.graph().batch() < std::size_t(options_.batch) ||
            std::size_t(network.logits().shape.channels) != set_.outputs())
            throw Error(text("the network takes batches of ", network.graph().batch(), " and has ",
                             network.logits().shape.channels, " outputs; the training has batches of ", options_.batch,
                             ", the data ", set_.outputs(), " classes or target numbers"));
    }

    void take_step(Network& network, Optimiser& optimiser, std::size_t step) {
        const std::size_t epoch = step / steps_per_epoch_, within = step % steps_per_epoch_;
        const std::size_t batch = std::min(std::size_t(options_.batch), order_.size());
        const auto samples = std::span<const std::uint32_t>(order_).subspan(within * batch, batch);
        const Loader::Augmenting augmenting{options_.augmentation, options_.seed, std::uint32_t(epoch)};
        const auto* augments = options_.augmentation == data::Augmentation{} ? nullptr : &augmenting;
        loader_.load(set_.train, samples, network, augments);
        if (options_.teacher) ask_teacher(network, samples, augments);
        network.begin_step(step);
        network.graph().step(team_);
        const double loss = network.step_loss();
        if (!std::isfinite(loss))
            throw Error(text("training diverged in epoch ", epoch + 1,
                             ": the loss is no longer finite; use a learning rate below ", options_.learning_rate));
        try {
            optimiser.step(schedule_(step));
        } catch (const Error& error) {
            throw Error(text("training diverged in epoch ", epoch + 1, ": ", error.what()));
        }
        loss_ += loss * double(batch);
        if (!set_.answers_numbers()) correct_ += network.loss().correct();
        seen_ += batch;
    }

    /// Gets the teacher's logits for the next batch of the network.
    void ask_teacher(Network& network, std::span<const std::uint32_t> samples, const Loader::Augmenting* augmenting) {
        Network& teacher = *options_.teacher;
        teacher_loader_->load(set_.train, samples, teacher, augmenting);
        teacher.graph().forward(autograd::Mode::evaluation, team_);
        for (std::size_t group = 0; group * tensor::lane_samples < samples.size(); ++group)
            for (int k = 0; k < teacher.logits().shape.channels; ++k)
                *network.teacher(group).row(k, 0) = *teacher.logits().value.group(group).row(k, 0);
    }

    void start_epoch(std::size_t epoch) {
        std::iota(order_.begin(), order_.end(), 0u);
        Random(options_.seed, "order", epoch).shuffle(std::span(order_));
        loss_ = 0;
        correct_ = seen_ = 0;
    }

    const data::Dataset& set_;
    TrainerOptions options_;
    Team& team_;
    Loader loader_;
    std::optional<Loader> teacher_loader_;
    std::optional<WeightAverage> average_;
    std::vector<std::uint32_t> order_;
    std::size_t steps_per_epoch_ = 1;
    Schedule schedule_;
    double loss_ = 0;
    std::size_t correct_ = 0, seen_ = 0;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace tinysparse::nn
