// SPDX-License-Identifier: Apache-2.0
// The options of train for the training itself: schedule, regularisation, augmentation, distillation. Tables hold name,
// range and member of each; that of augmentations is in data/augmentation.hpp. The defaults are those of the library.
#pragma once
#include "arguments.hpp"
#include "quantities.hpp"
#include "tinysparse/quantise/train.hpp"

namespace tinysparse::cli {

/// A number that an option of train sets.
struct TrainingNumber {
    const char *name, *value, *help; ///< As Option has them.
    double low, high;
    enum class Kind { number, whole, share } kind;
    void (*set)(quantise::TrainOptions&, double);
};

inline const std::vector<TrainingNumber>& training_numbers() {
    using Options = quantise::TrainOptions;
    using Kind = TrainingNumber::Kind;
    static const std::vector<TrainingNumber> all{
        {"warm-up", "N", "Steps in which the learning rate rises from 0, at most a tenth of all steps (500).", 0, 1e6,
         Kind::whole, [](Options& o, double x) { o.warm_up_steps = int(x); }},
        {"weight-decay", "X", "Weight decay of adamw (decoupled) or sgd, 0 to 1 (0).", 0, 1, Kind::number,
         [](Options& o, double x) { o.weight_decay = x; }},
        {"label-smoothing", "SHARE", "Share of the target that is spread over all classes, 0 to 0.99 (0).", 0, 0.99,
         Kind::share, [](Options& o, double x) { o.label_smoothing = x; }},
        {"dropout", "SHARE", "Share of the inputs of every dense layer that is dropped, 0 to 0.99 (0).", 0, 0.99,
         Kind::share, [](Options& o, double x) { o.dropout = x; }},
        {"ema", "DECAY",
         "Decay of the moving average of the weights that becomes the result, such as 0.99; 0 turns it off (0).", 0,
         0.999999, Kind::number, [](Options& o, double x) { o.average_decay = x; }},
        {"distillation", "X", "Weight of the teacher's answers relative to the labels, 0.001 to 100 (1).", 0.001, 100,
         Kind::number, [](Options& o, double x) { o.distillation = x; }},
        {"temperature", "X", "Temperature that softens the teacher's answers, 0.1 to 100 (4).", 0.1, 100, Kind::number,
         [](Options& o, double x) { o.temperature = x; }}};
    return all;
}

/// The options of the tables.
inline std::vector<Option> training_options() {
    std::vector<Option> options{
        {"schedule", "NAME", "Schedule of the learning rate: cosine or one-cycle (cosine).", 0, false, false,
         names_of(nn::schedules)},
        {"teacher", "MODEL", "Model whose float answers are learned in addition to the labels (distillation)."}};
    for (const TrainingNumber& number : training_numbers()) options.push_back({number.name, number.value, number.help});
    for (const data::AugmentationInfo& info : data::augmentations) {
        const char* usual = info.name == "shift" ? "1; 0 for numbers and trees" : "0";
        options.push_back({std::string(info.name), std::string(info.unit),
                           text(info.what, info.is_switch() ? "." : text(", 0 to ", info.most, " (", usual, ")."))});
    }
    return options;
}

/// Sets the augmentations that were given. Throws UsageError for numbers out of range.
inline void set_augmentation(const Arguments& arguments, data::Augmentation& augmentation) {
    for (const data::AugmentationInfo& info : data::augmentations) {
        if (info.is_switch())
            info.set(augmentation, arguments.has(info.name));
        else if (info.whole) {
            if (const auto given = arguments.number<int>(info.name, 0, int(info.most))) info.set(augmentation, *given);
        } else if (const auto given = arguments.number<double>(info.name, 0, info.most)) {
            info.set(augmentation, *given);
        }
    }
}

/// Sets the given options; the rest stays as it is. Throws UsageError for numbers out of range, and for options that
/// have no effect.
inline void set_training(const Arguments& arguments, quantise::TrainOptions& options) {
    for (const TrainingNumber& number : training_numbers()) {
        if (number.kind == TrainingNumber::Kind::whole) {
            if (const auto given = arguments.number<int>(number.name, int(number.low), int(number.high)))
                number.set(options, *given);
        } else if (number.kind == TrainingNumber::Kind::share) {
            if (const auto word = arguments.value(number.name))
                number.set(options, parse_share(text("--", number.name), *word, number.low, number.high));
        } else if (const auto given = arguments.number<double>(number.name, number.low, number.high)) {
            number.set(options, *given);
        }
    }
    set_augmentation(arguments, options.augmentation);
    if (const auto name = arguments.value("schedule")) options.schedule = row_named(nn::schedules, *name)->value;
    if (arguments.has("weight-decay") && options.optimiser == nn::OptimiserKind::adam)
        throw UsageError("--weight-decay needs --optimiser adamw or sgd; adam has none");
    for (const char* name : {"distillation", "temperature"})
        if (arguments.has(name) && !arguments.has("teacher"))
            throw UsageError(text("--", name, " needs --teacher MODEL"));
}

/// The teacher as a float network for batches of `batch` samples.
inline std::unique_ptr<nn::Network> teacher_of(const fixed::Model& model, int batch) {
    if (model.float_layers.empty())
        throw Error("the teacher carries no float weights; use a model that train or search wrote");
    auto network = std::make_unique<nn::Network>(quantise::folded_spec(model.network.spec),
                                                 nn::NetworkOptions{.batch = std::size_t(batch)});
    quantise::set_parameters(*network, model.float_layers);
    return network;
}

} // namespace tinysparse::cli
