// SPDX-License-Identifier: Apache-2.0
// From a Spec and data to a Model: float training with batch normalisation, then folding, equalisation and calibration,
// then quantisation-aware training on the grids of the integer network (Jacob et al. 2018, section 3), all under one
// learning-rate schedule. Pruning happens in the float part; the network is compacted, and its zeros stay zeros.
#pragma once
#include <cmath>
#include <numeric>

#include "tinysparse/base/moments.hpp"
#include "tinysparse/fixed/lowered.hpp"
#include "tinysparse/fixed/samples.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/prune/train.hpp"
#include "tinysparse/quantise/budget.hpp"
#include "tinysparse/quantise/folding.hpp"
#include "tinysparse/quantise/integers.hpp"
#include "tinysparse/quantise/settling.hpp"

namespace tinysparse::quantise {

/// Settings of a whole training: floats, pruning if asked for, then integers.
struct TrainOptions : nn::TrainerOptions {
    double quantise_from = 0.5; ///< Share of the steps after which training goes on in fixed point; 1: never.
    int threads = 1;            ///< Threads of the training; results do not depend on it.
    const fixed::Model* init =
        nullptr; ///< Training begins from its float weights; same shapes as the Spec. Pruned weights stay 0.
    /// Weights of the first layer that training keeps except for their common scale; empty: they are trained. Pruning
    /// may remove some of them.
    std::vector<float> fixed_first = {};
    std::function<bool()> stop = {};                     ///< Asked before every step; true ends the training there.
    std::function<void(const nn::Epoch&)> progress = {}; ///< Called after each epoch.
    prune::Pruning pruning = {};                         ///< Empty: no weight is pruned.
    std::function<void(const prune::Progress&)> prune_progress = {}; ///< Used for `progress` in the float part.
    WeightBudget budget = {};    ///< Budget of a training that prunes, in place of the share that the pruning keeps.
    bool posterior_bits = false; ///< Layers get 4 or 8 bits, as the posterior of a Bayesian method supports.
    int accumulator_bits = 24;   ///< Bits that every sum on the device fits: 24 or 16, see quantise/accumulator.hpp.
};

/// The integer network with its accuracies, and what pruning left.
struct Trained {
    fixed::Model model;
    std::shared_ptr<const fixed::Lowered> lowered; ///< The model's network, proven.
    /// Class answered for each validation sample by the integer network, and by the same weights without any rounding.
    std::vector<std::uint8_t> validation_answers, float_validation_answers;
    /// Used instead of classes if numbers are answered: [samples][quantities].
    std::vector<float> validation_numbers, float_validation_numbers;
    /// Share of right answers; nothing if the data have no validation part or the answers are numbers.
    std::optional<double> validation_accuracy, float_validation_accuracy;
    double seconds = 0;
    bool stopped = false;                   ///< True if stop() ended it; the model is then the one at that step.
    std::vector<prune::LayerReport> pruned; ///< What pruning left of each layer of the Spec, before compaction.
    std::vector<int> bits;                  ///< Bits per layer that the posterior of a Bayesian method supports.
};

namespace detail {

/// Makes a free network compute the same as folded weights: batch normalisation gets the statistics of the samples, and
/// the gamma and beta that undo them.
inline void unfold(nn::Network& network, const fixed::Model& model, const data::Dataset& set, Team& team) {
    for (std::size_t i = 0; i < network.layers().size(); ++i)
        if (model.float_layers.size() != network.layers().size() ||
            model.float_layers[i].weights.size() != network.layers()[i].weights->value.size())
            throw Error(text("the model to begin from is another network: ", net::notation(model.network.spec)));
    nn::Network folded(folded_spec(network.spec()), {.batch = 256, .keep_sums = true});
    set_parameters(folded, model.float_layers);
    set_parameters(network, model.float_layers);
    nn::Loader loader(set, folded.spec());
    std::vector<std::uint32_t> order(std::min<std::size_t>(256, set.train.samples));
    std::iota(order.begin(), order.end(), 0u);
    loader.load(set.train, order, folded);
    folded.graph().forward(autograd::Mode::evaluation, team);
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
        autograd::BatchNormalisation* normalisation = network.layers()[i].normalisation.get();
        if (!normalisation) continue;
        const autograd::Variable& values = *folded.layers()[i].operation;
        for (int c = 0; c < values.shape.channels; ++c) {
            Moments moments;
            for (std::size_t s = 0; s < order.size(); ++s)
                for (int y = 0; y < values.shape.height; ++y)
                    for (int p = 0; p < values.shape.width; ++p)
                        moments.add(double(values.value.group(s / 16).row(c, y)[p][s % 16]));
            const std::size_t k = std::size_t(c);
            const double mean = moments.mean(), variance = moments.variance();
            const float bias = model.float_layers[i].biases.empty() ? 0.0f : model.float_layers[i].biases[k];
            normalisation->running_mean[k] = float(mean) - bias;
            normalisation->running_variance[k] = float(variance);
            normalisation->gamma.value[k] = float(std::sqrt(variance + normalisation->epsilon));
            normalisation->beta.value[k] = float(mean);
        }
    }
}

/// Gives the first layer its fixed weights, with `keeps_size` at the size of its present ones, and stops its training.
inline void fix_first(nn::Network& network, const std::vector<float>& fixed, bool keeps_size) {
    if (fixed.empty()) return;
    nn::Network::Layer& first = network.layers().front();
    std::vector<float>& weights = first.weights->value;
    if (weights.size() != fixed.size())
        throw Error(text("the first layer has ", weights.size(), " weights, not the ", fixed.size(), " to fix"));
    const auto size = [](const std::vector<float>& values) {
        return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
    };
    const double own = size(weights), scale = keeps_size && own > 0 ? own / size(fixed) : 1;
    for (std::size_t i = 0; i < fixed.size(); ++i) weights[i] = float(scale * double(fixed[i]));
    first.weights->rate_scale = 0;
    if (first.biases) first.biases->rate_scale = 0;
}

/// Scales each layer's rate by the same factor as its weights. Adam moves every weight by about the learning rate,
/// whatever the weight's size, and folding and equalisation changed the sizes.
inline void scale_rates(nn::Network& free, nn::Network& rounded) {
    const auto size = [](const std::vector<float>& values) {
        double squares = 0;
        for (const float value : values) squares += double(value) * double(value);
        return std::sqrt(squares / double(std::max<std::size_t>(1, values.size())));
    };
    for (std::size_t i = 0; i < free.layers().size(); ++i) {
        const double before = size(free.layers()[i].weights->value), after = size(rounded.layers()[i].weights->value);
        const float scale = before > 0 && after > 0 ? float(after / before) : 1.0f;
        rounded.layers()[i].weights->rate_scale = scale * free.layers()[i].weights->rate_scale;
        if (rounded.layers()[i].biases)
            rounded.layers()[i].biases->rate_scale = scale * free.layers()[i].weights->rate_scale;
    }
}

/// A validation sample (or a training one if there are none) in the device's order, with its logits: those of the
/// network on grids, which are the integer network's logits times a power of two.
inline fixed::GoldenSample golden_sample(nn::Network& rounded, const fixed::Network& network, const data::Dataset& set,
                                         Team& team) {
    const data::Split& part = set.validation.samples ? set.validation : set.train;
    fixed::GoldenSample golden;
    golden.label = part.labels[0];
    const std::size_t size = set.shape.size();
    if (set.is_series())
        fixed::device_order<std::int16_t>(std::span(part.values).first(size), network.spec.input, golden.series);
    else
        fixed::device_order<std::uint8_t>(std::span(part.pixels).first(size), network.spec.input, golden.picture);
    const std::uint32_t first = 0;
    nn::Loader(set, network.spec).load(part, std::span(&first, 1), rounded);
    rounded.graph().forward(autograd::Mode::evaluation, team);
    const int exponent = network.layers.back().output_exponent; // every head has that of the last layer
    for (int k = 0; k < rounded.logits().shape.channels; ++k)
        golden.logits.push_back(
            std::int32_t(std::lround(std::ldexp((*rounded.logits().value.group(0).row(k, 0))[0], -exponent))));
    return golden;
}

/// True for a model with pruned weights.
inline bool has_masks(const fixed::Model* model) {
    return model && std::any_of(model->float_layers.begin(), model->float_layers.end(),
                                [](const fixed::FloatLayer& layer) { return !layer.mask.empty(); });
}

/// The float part of a training that prunes; `free` is the compacted network afterwards. True if stop() ended it.
inline bool prune_floats(nn::Trainer& trainer, std::unique_ptr<nn::Network>& free, const TrainOptions& options,
                         const fixed::Input& input, std::size_t steps, Trained& result) {
    prune::Pruning pruning = options.pruning;
    pruning->weight_bytes = options.budget.bytes;
    if (options.budget.bytes > 0)
        pruning->stored = [&](nn::Network& network, const prune::Masks& masks) {
            return options.budget.stored(sketch(network, masks, input));
        };
    prune::Pruned pruned = pruning.train(trainer, free, steps, {options.stop, options.prune_progress});
    result.pruned = std::move(pruned.layers);
    result.bits = std::move(pruned.bits);
    return pruned.stopped;
}

/// An optimiser that keeps pruned weights at 0; the plain one if nothing was pruned.
inline std::unique_ptr<nn::Optimiser> keeping(const prune::Masks& masks, nn::Network& network,
                                              const TrainOptions& options) {
    auto optimiser = nn::make_optimiser(network, options);
    if (masks.empty()) return optimiser;
    return std::make_unique<prune::MaskedOptimiser>(std::move(optimiser), network, masks);
}

} // namespace detail

namespace detail {

inline void check_task(const net::Spec& spec, const data::Dataset& set, const TrainOptions& options) {
    data::check(set);
    if (options.threads < 1) throw Error(text("threads ", options.threads, " is not at least 1"));
    if (!(options.quantise_from >= 0 && options.quantise_from <= 1))
        throw Error(text("quantise_from ", options.quantise_from, " is not in 0..1"));
    fixed::check_accumulator_bits(options.accumulator_bits);
    if (options.budget.bytes > 0 && (!options.budget.stored || !options.pruning))
        throw Error("a budget of bytes needs a pruning, and a function that says what is stored");
    if (const std::size_t outputs = std::size_t(net::shapes(spec).classes); outputs != set.outputs())
        throw Error(text("the network has ", outputs, " outputs, but the data have ", set.outputs(),
                         set.answers_numbers() ? " target numbers" : " classes"));
}

/// Trains a network that is not pruned up to step `turn`; with `keeps_zeros`, zero weights stay zero. True if stop()
/// ended it.
inline bool train_floats(nn::Trainer& trainer, nn::Network& free, const TrainOptions& options, std::size_t turn,
                         bool keeps_zeros) {
    const prune::Masks masks = keeps_zeros ? prune::nonzeros(free) : prune::Masks{};
    return trainer.run(free, *keeping(masks, free, options), {0, turn, options.stop, options.progress}) < turn;
}

/// Copies the parameters of a network on grids into `layers`, with the masks, if there are any.
inline void take_parameters(std::vector<fixed::FloatLayer>& layers, nn::Network& rounded, const prune::Masks& masks) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
        layers[i].weights = rounded.layers()[i].weights->value;
        if (rounded.layers()[i].biases) layers[i].biases = rounded.layers()[i].biases->value;
        if (!masks.empty()) layers[i].mask = masks[i].weights;
    }
}

/// Sets the bits of each layer to those that its posterior needs.
inline void take_bits(net::Spec& spec, const Trained& trained) {
    for (std::size_t i = 0; i < trained.bits.size(); ++i) spec.layers[i].bits = trained.bits[i] <= 4 ? 4 : 8;
}

/// Judges the network on grids, and the same weights without any rounding, on the validation part.
inline void take_answers(Trained& result, nn::Trainer& trainer, nn::Network& rounded, nn::Network& floating,
                         const data::Split& validation) {
    if (trainer.recording().numbers) {
        result.validation_numbers = trainer.numbers(rounded, validation);
        result.float_validation_numbers = trainer.numbers(floating, validation);
        result.model.validation_rmse = nn::rmse(validation, result.validation_numbers);
        result.model.float_rmse = nn::rmse(validation, result.float_validation_numbers);
        return;
    }
    result.validation_answers = trainer.answers(rounded, validation);
    result.float_validation_answers = trainer.answers(floating, validation);
    result.validation_accuracy = nn::accuracy(validation, result.validation_answers);
    result.float_validation_accuracy = nn::accuracy(validation, result.float_validation_answers);
    result.model.validation_accuracy = result.validation_accuracy;
    result.model.float_accuracy = result.float_validation_accuracy;
}

/// Notes in the model where it comes from.
inline void take_origin(fixed::Model& model, const data::Dataset& set, const nn::Trainer& trainer) {
    model.class_names = set.class_names;
    model.quantities = set.quantities;
    model.data = set.name;
    model.data_digest = set.digest;
    model.channels = set.channels;
    model.sampling_rate = set.sampling_rate;
    model.data_notes = set.notes;
    model.duties = set.duties;
    model.seed = trainer.options().seed;
    model.epochs = trainer.epochs();
}

} // namespace detail

/// Trains a network and quantises it. Gives the same model for any number of threads. Throws Error for data that are
/// not whole (data::check), a Spec that does not fit them or that a model file could not hold (net::check), options out
/// of range, and a loss or weights that are not finite. Whatever can be checked before the training is checked then.
/// Sums that the device could not hold do not arise: quantise/accumulator.hpp keeps them within bounds.
inline Trained train(const net::Spec& dense_spec, const data::Dataset& set, const TrainOptions& options) {
    detail::check_task(dense_spec, set, options);
    Team team{std::size_t(options.threads)};
    nn::Trainer trainer(set, dense_spec, options, team);
    nn::NetworkOptions recording = trainer.recording();
    auto free = std::make_unique<nn::Network>(dense_spec, recording);
    free->initialise(options.seed);
    if (options.init) detail::unfold(*free, *options.init, set, team);
    detail::fix_first(*free, options.fixed_first, options.init != nullptr);
    const bool keeps_zeros = options.pruning || detail::has_masks(options.init);
    const std::size_t turn = std::size_t(std::llround(options.quantise_from * double(trainer.steps())));
    Trained result;
    bool stopped = options.pruning ? detail::prune_floats(trainer, free, options, input_of(set), turn, result)
                                   : detail::train_floats(trainer, *free, options, turn, keeps_zeros);
    net::Spec spec = free->spec();
    if (options.posterior_bits) detail::take_bits(spec, result);

    std::vector<fixed::FloatLayer> layers = fold(*free);
    absorb_constants(*free, layers);
    absorb_biases(spec, layers);
    equalise(spec, layers);
    const std::vector<nn::LayerGrids> grids =
        calibrate(spec, layers, set, team,
                  {.accumulator_bits = options.accumulator_bits, .keeps_first = !options.fixed_first.empty()});
    recording.grids = &grids;
    nn::Network rounded(folded_spec(spec), recording);
    set_parameters(rounded, layers);
    detail::scale_rates(*free, rounded);
    prune::Masks masks = keeps_zeros ? prune::nonzeros(rounded) : prune::Masks{};
    trim(rounded, grids, input_of(set), options.budget, masks);
    const SumBounds bounds(spec, grids, set.is_series(), options.accumulator_bits);
    bounds.keep(rounded);
    if (!stopped) {
        auto settling = std::make_unique<SettlingOptimiser>(detail::keeping(masks, rounded, options), rounded,
                                                            trainer.steps() - turn);
        BoundedOptimiser optimiser(std::move(settling), rounded, bounds);
        stopped = trainer.run(rounded, optimiser, {.begin = turn, .stop = options.stop, .progress = options.progress}) <
                  trainer.steps();
    }
    result.stopped = stopped;
    trim(rounded, grids, input_of(set), options.budget, masks);
    bounds.keep(rounded); // an average over steps keeps the bounds of none
    fixed::Model& model = result.model;
    model.network = to_integers(rounded, grids, input_of(set));
    model.network.spec = spec;
    detail::take_parameters(layers, rounded, masks);
    nn::Network floating(folded_spec(spec), {.batch = std::size_t(options.batch)});
    set_parameters(floating, layers);
    model.float_layers = std::move(layers);
    detail::take_origin(model, set, trainer);
    if (set.validation.samples > 0) detail::take_answers(result, trainer, rounded, floating, set.validation);
    result.lowered = std::make_shared<const fixed::Lowered>(model.network);
    model.accumulator_bits = options.accumulator_bits;
    fixed::check_accumulator(*result.lowered, model.accumulator_bits);
    model.golden = detail::golden_sample(rounded, model.network, set, team);
    result.seconds = trainer.seconds();
    return result;
}

} // namespace tinysparse::quantise
