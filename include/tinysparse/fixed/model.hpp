// SPDX-License-Identifier: Apache-2.0
// Model: a trained network with everything a person or a program later wants to know of it. This is what a model file
// holds, what `show` prints and what `export` turns into a header.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/channel.hpp"
#include "tinysparse/base/quantity.hpp"
#include "tinysparse/fixed/network.hpp"

namespace tinysparse::fixed {

/// Float parameters of one layer after batch normalisation was folded, before rounding; from them training goes on.
struct FloatLayer {
    std::vector<float> weights, biases; ///< In the order of Layer::weights; biases empty where the layer has none.
    std::vector<std::uint8_t> mask;     ///< 0 where a weight was pruned, else 1; empty: nothing was pruned.
};

/// One picture (or series) of the validation set in raw form, and the logits that every platform must give for it.
struct GoldenSample {
    std::vector<std::uint8_t> picture; ///< [height][width][channel], as the device takes rows; empty for a series
    std::vector<std::int16_t> series;  ///< [time][channel]; empty for a picture
    std::vector<std::int32_t> logits;
    int label = 0;
};

/// What networks with this recipe said of samples that they were not trained on: those of one fold, or of all. Nothing
/// else tells how sure an answer must be to be believed.
struct HeldOut {
    std::vector<float> logits;        ///< [samples][outputs], in real units.
    std::vector<std::uint8_t> labels; ///< True classes; all 0 if numbers are answered.
    std::vector<float> targets;       ///< [samples][quantities] then.

    bool operator==(const HeldOut&) const = default;
};

struct Model {
    Network network;
    std::vector<FloatLayer> float_layers; ///< One for each layer.
    std::vector<std::string> class_names; ///< Empty if they are not known, or if numbers are answered.
    std::vector<Quantity> quantities;     ///< Numbers that are answered, one for each output; empty: classes are.
    std::string data;                     ///< The SPEC that was trained on.
    std::uint64_t data_digest = 0;        ///< Digest of the data set, see data::Dataset.
    std::vector<Channel> channels; ///< One for each channel of a series; empty for pictures and if it is not known.
    std::optional<double> sampling_rate; ///< Moments per second of a series, if the data say it.
    std::vector<std::string> data_notes; ///< What was odd about the data, one sentence each.
    std::vector<std::string> duties;     ///< What a device's program has to do with every sample itself.
    std::uint64_t seed = 0;
    int epochs = 0;            ///< Passes over the training part; the last may be a part of one.
    int accumulator_bits = 24; ///< 16: training kept every layer's sums within 16 bits; 24: it promised no such thing.
    std::string command;       ///< The command that made it.
    std::string trained_on = {}; ///< Samples that it has seen, if these are others than the training part.
    /// Shares of right answers, 0..1; the integer network's but for the first.
    std::optional<double> float_accuracy, validation_accuracy, test_accuracy;
    /// In their place, if numbers are answered: root mean squared error of each, in its unit; empty: not measured.
    std::vector<double> float_rmse, validation_rmse, test_rmse;
    GoldenSample golden;
    HeldOut held_out; ///< Of models of a search with folds; else empty.
};

} // namespace tinysparse::fixed
