// SPDX-License-Identifier: Apache-2.0
// Trainer: mini-batch training of a network on a data set, step by step over one learning-rate schedule. A training may
// change its network on the way (from floats to grids, from dense to pruned): each phase runs a range of the steps.
#pragma once
#include <chrono>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "tinysparse/base/threads.hpp"
#include "tinysparse/nn/loader.hpp"
#include "tinysparse/nn/optimiser.hpp"
#include "tinysparse/nn/schedule.hpp"

namespace tinysparse::nn {

enum class OptimiserKind : std::uint8_t { adam, adamw, sgd };

struct TrainerOptions {
    int epochs = 20;
    int batch = 64;
    double learning_rate = 0.03; ///< The peak of the schedule.
    OptimiserKind optimiser = OptimiserKind::adam;
    ScheduleKind schedule = ScheduleKind::cosine;
    int warm_up_steps = 500; ///< At most a tenth of all steps.
    double weight_decay = 0;
    data::Augmentation augmentation{};
    std::uint64_t seed = 1;
};

/// What is told after each epoch.
struct Epoch {
    int index = 0, epochs = 0; ///< index counts from 1
    double loss = 0;           ///< Mean over the epoch's training batches.
    double training_accuracy = 0;
    double learning_rate = 0;
    double seconds = 0; ///< Since the trainer was made.
};

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
    /// Throws Error where the data has no training samples or an option is out of range.
    Trainer(const data::Dataset& set, const net::Spec& spec, const TrainerOptions& options, Team& team)
        : set_(set), options_(options), team_(team), loader_(set, spec), order_(set.train.samples) {
        if (set.train.samples == 0) throw Error(text(set.name, ": there are no training samples"));
        if (options.epochs < 1) throw Error(text("training takes at least 1 epoch, not ", options.epochs));
        if (options.batch < 1 || options.batch > 4096) throw Error(text("batch ", options.batch, " is not in 1..4096"));
        if (!(options.learning_rate > 0)) throw Error(text("learning rate ", options.learning_rate, " is not above 0"));
        data::check_augmentation(options.augmentation, set.element);
        steps_per_epoch_ = std::max<std::size_t>(1, set.train.samples / std::size_t(options.batch));
        schedule_ = {options.schedule, options.learning_rate, steps(), 0};
        schedule_.warm_up_steps = std::min(std::size_t(std::max(0, options.warm_up_steps)), steps() / 10);
    }

    /// Of the whole training. A last batch that would not be full is dropped; a set smaller than a batch is one batch.
    std::size_t steps() const { return steps_per_epoch_ * std::size_t(options_.epochs); }

    /// Runs steps begin..end-1 of the schedule. Returns the step it stopped at: `end`, or less where stop() said so
    /// (asked before each step). Throws Error where the loss is not finite.
    std::size_t run(Network& network, Optimiser& optimiser, std::size_t begin, std::size_t end,
                    const std::function<bool()>& stop, const std::function<void(const Epoch&)>& progress) {
        for (std::size_t step = begin; step < end; ++step) {
            if (stop && stop()) return step;
            const std::size_t epoch = step / steps_per_epoch_, within = step % steps_per_epoch_;
            if (within == 0 || step == begin) start_epoch(epoch);
            const std::size_t batch = std::min(std::size_t(options_.batch), order_.size());
            const Loader::Augmenting augmenting{options_.augmentation, options_.seed, std::uint32_t(epoch)};
            loader_.load(set_.train, std::span(order_).subspan(within * batch, batch), network,
                         options_.augmentation == data::Augmentation{} ? nullptr : &augmenting);
            network.graph().forward(autograd::Mode::training, team_);
            network.graph().backward(team_);
            optimiser.step(schedule_(step));
            const double loss = network.loss().loss();
            if (!std::isfinite(loss))
                throw Error(text("training diverged in epoch ", epoch + 1,
                                 ": the loss is no longer finite; "
                                 "use a learning rate below ",
                                 options_.learning_rate));
            loss_ += loss * double(batch);
            correct_ += network.loss().correct();
            seen_ += batch;
            if (within + 1 == steps_per_epoch_ && progress)
                progress({int(epoch) + 1, options_.epochs, loss_ / double(seen_), double(correct_) / double(seen_),
                          schedule_(step), seconds()});
        }
        return end;
    }

    /// Share of right answers of a network, in evaluation mode, 0..1; 0 for an empty part.
    double accuracy(Network& network, const data::Split& part) {
        std::vector<std::uint32_t> indices(part.samples);
        std::iota(indices.begin(), indices.end(), 0u);
        std::size_t correct = 0;
        for (std::size_t first = 0; first < indices.size(); first += network.graph().batch()) {
            const std::size_t count = std::min(network.graph().batch(), indices.size() - first);
            loader_.load(part, std::span(indices).subspan(first, count), network);
            network.graph().forward(autograd::Mode::evaluation, team_);
            correct += network.loss().correct();
        }
        return part.samples ? double(correct) / double(part.samples) : 0;
    }

    Loader& loader() { return loader_; }
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

  private:
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
    std::vector<std::uint32_t> order_;
    std::size_t steps_per_epoch_ = 1;
    Schedule schedule_;
    double loss_ = 0;
    std::size_t correct_ = 0, seen_ = 0;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace tinysparse::nn
