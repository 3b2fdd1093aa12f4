// SPDX-License-Identifier: Apache-2.0
// A training that prunes, in three phases of one learning-rate schedule: dense training; training with the pruning
// method; and, after its masks are decided, fine-tuning of the remaining weights.
#pragma once
#include "tinysparse/nn/trainer.hpp"
#include "tinysparse/prune/compact.hpp"
#include "tinysparse/prune/factories.hpp"

namespace tinysparse::prune {

/// Report after each epoch of a training that prunes.
struct Progress {
    nn::Epoch epoch;
    const char* phase = "dense"; ///< dense, prune or fine-tune
    double penalty = 0;          ///< Penalty of the method, per sample, in nats.
    double kept = 1;             ///< Share of all weights that would stay if the masks were decided now.
};

/// What a caller hears of a training that prunes, and how it ends one.
struct Callbacks {
    std::function<bool()> stop = {}; ///< Asked before every step; true ends the training there.
    std::function<void(const Progress&)> progress = {};
};

/// Result of a training that prunes; the weights are in the network that was passed.
struct Pruned {
    Masks masks;                     ///< Masks of the network as it is afterwards.
    std::vector<LayerReport> layers; ///< What remains of each layer of the original Spec.
    std::vector<int> bits;           ///< Bits that the method proposes, one per such layer; or empty.
    bool stopped = false;            ///< True if stop() ended it; the network is then the one at that step, masked.
};

/// Steps begin..end-1 of a training.
struct Steps {
    std::size_t begin = 0, end = 0;
};

/// Runs the pruning phase on `network`, which then has the method's weights, unmasked. Calls decided(pruner) before the
/// method's own state, such as noise, is dropped. False if stop() ended it.
inline bool run_pruning(nn::Trainer& trainer, nn::Network& network, Pruner& pruner, const Steps& steps,
                        const Callbacks& callbacks, const std::function<void(Pruner&)>& decided) {
    nn::NetworkOptions recording = trainer.recording();
    pruner.record(recording);
    nn::Network changed(network.spec(), recording);
    copy_parameters(network, changed);
    pruner.attach(changed);
    PruningOptimiser optimiser(nn::make_optimiser(changed, trainer.options()), pruner, steps.begin, steps.end);
    const std::size_t total = net::weights(network.spec());
    const auto progress = [&](const nn::Epoch& epoch) {
        if (!callbacks.progress) return;
        callbacks.progress({epoch, "prune", pruner.penalty(), double(kept(pruner.current())) / double(total)});
    };
    const bool finished =
        trainer.run(changed, optimiser, {steps.begin, steps.end, callbacks.stop, progress}) == steps.end;
    decided(pruner);
    pruner.finish(network);
    return finished;
}

/// Trains the masked network further. share: of the weights that remain, for the callback. False if stop() ended it.
inline bool fine_tune(nn::Trainer& trainer, nn::Network& network, const Masks& masks, double share, const Steps& steps,
                      const Callbacks& callbacks) {
    MaskedOptimiser optimiser(nn::make_optimiser(network, trainer.options()), network, masks);
    const auto progress = [&](const nn::Epoch& epoch) {
        if (callbacks.progress) callbacks.progress({epoch, "fine-tune", 0.0, share});
    };
    return trainer.run(network, optimiser, {steps.begin, steps.end, callbacks.stop, progress}) == steps.end;
}

namespace detail {
/// Masks within the budget of bytes for a network with this ranking.
inline Masks within_bytes(nn::Network& network, const Ranking& ranking, const Options& options) {
    return decide_within(network.spec(), ranking, options.weight_bytes,
                         [&](const Masks& masks) { return options.stored(network, masks); });
}
/// The options of the pruning phase. With a budget of bytes they have the share that it would allow if the weights that
/// are large now stay; the share of the end is decided anew.
inline Options with_share(nn::Network& network, Options options) {
    if (options.weight_bytes == 0) return options;
    const std::size_t allowed = kept(within_bytes(network, layer_adaptive_ranking(network), options));
    options.keep = double(allowed) / double(net::weights(network.spec()));
    return options;
}
} // namespace detail

/// Trains `network`, initialised and in its free form, for steps 0..end-1 of the trainer's schedule, and prunes it on
/// the way. With `compacts` the network is compact()ed before its fine-tuning, which is then faster, and ends with
/// another Spec. Throws Error for options out of range, and the Errors of the Trainer.
inline Pruned train(nn::Trainer& trainer, std::unique_ptr<nn::Network>& network, const Options& options,
                    std::size_t end, const Callbacks& callbacks = {}, bool compacts = true) {
    if (!network) throw Error("there is no network to prune; record one and initialise it");
    if (end > trainer.steps())
        throw Error(text("steps 0 to ", end, " are not in 0..", trainer.steps(), ", the training's"));
    check(options);
    const Phase phase = options.phase.value_or(info(options.method).phase);
    detail::with_share(*network, options); // an impossible budget is refused ahead of the training
    const std::size_t first = std::size_t(std::llround(phase.begin * double(end)));
    const std::size_t last = std::size_t(std::llround(phase.end * double(end)));
    const auto progress = [&](const nn::Epoch& epoch) {
        if (callbacks.progress) callbacks.progress({epoch, "dense", 0.0, 1.0});
    };
    bool finished = trainer.run(*network, *nn::make_optimiser(*network, trainer.options()),
                                {0, first, callbacks.stop, progress}) == first;
    const std::unique_ptr<Pruner> pruner = make_pruner(detail::with_share(*network, options), trainer.samples());
    Pruned result;
    const net::Spec spec = network->spec();
    const auto decided = [&](Pruner& own) {
        if (options.weight_bytes > 0) own.finish(*network); // the stored size depends on the weights
        result.masks = options.weight_bytes > 0 ? detail::within_bytes(*network, own.rank(), options)
                                                : decide(spec, own.rank(), options.keep);
        result.bits = own.bits(result.masks);
    };
    finished =
        run_pruning(trainer, *network, *pruner, {first, finished ? last : first}, callbacks, decided) && finished;
    for (std::size_t i = 0; i < result.masks.size(); ++i)
        if (finished && kept(result.masks[i]) == 0)
            throw Error(text(name_of(options.method), " left no weight in layer ", i + 1,
                             options.keep ? "; keep more, or prune with less strength"
                                          : "; lower the threshold or the strength"));
    apply_masks(result.masks, *network);
    result.layers = report(spec, result.masks);
    const double share = double(kept(result.masks)) / double(net::weights(spec));
    if (compacts) {
        network = compact(*network);
        result.masks = nonzeros(*network);
    }
    if (finished) finished = fine_tune(trainer, *network, result.masks, share, {last, end}, callbacks);
    result.stopped = !finished;
    return result;
}

/// Optional options for pruning, as in std::optional. They hold train() as a pointer, so that the methods are compiled
/// only into programs that give such options: they are a fifth of the code of a training.
class Pruning {
  public:
    Pruning() = default;
    /// Takes the options, if there are any.
    Pruning(std::optional<Options> options) : options_(std::move(options)), train_(&prune::train) {}
    /// Takes the options.
    Pruning(Options options) : Pruning(std::optional(std::move(options))) {}
    /// Replaces the options by the defaults and returns them, to be changed.
    Options& emplace() { return *(*this = Options{}).options_; }

    /// True if there are options.
    explicit operator bool() const { return options_.has_value(); }
    /// The options; there must be some.
    const Options* operator->() const { return &*options_; }
    /// The options, to be changed; there must be some.
    Options* operator->() { return &*options_; }

    /// Calls train() with these options, compacting. There must be options.
    Pruned train(nn::Trainer& trainer, std::unique_ptr<nn::Network>& network, std::size_t end,
                 const Callbacks& callbacks) const {
        return train_(trainer, network, *options_, end, callbacks, true);
    }

  private:
    std::optional<Options> options_;
    decltype(&prune::train) train_ = nullptr;
};

} // namespace tinysparse::prune
