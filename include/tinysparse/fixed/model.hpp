// SPDX-License-Identifier: Apache-2.0
// Model: a trained network with everything that a person or a program may later want to know about it. A model file
// holds it, `show` prints it, and `export` turns it into a header.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/channel.hpp"
#include "tinysparse/base/quantity.hpp"
#include "tinysparse/fixed/network.hpp"

namespace tinysparse::fixed {

/// Float parameters of one layer after batch normalisation was folded, before rounding; training continues from them.
struct FloatLayer {
    std::vector<float> weights, biases; ///< In the order of Layer::weights; biases are empty if the layer has none.
    std::vector<std::uint8_t> mask;     ///< 0 where a weight was pruned, else 1; empty: nothing was pruned.
};

/// One picture (or series) of the validation set in raw form, and the logits that every platform must compute for it.
struct GoldenSample {
    std::vector<std::uint8_t> picture; ///< [height][width][channel], as the device takes rows; empty for a series
    std::vector<std::int16_t> series;  ///< [time][channel]; empty for a picture
    std::vector<std::int32_t> logits;  ///< One per output.
    int label = 0;                     ///< Class of the sample.
};

/// Answers of networks with this recipe to samples on which they were not trained: those of one fold, or of all. Only
/// such answers can tell how confident an answer must be to be accepted.
struct HeldOut {
    std::vector<float> logits;        ///< [samples][outputs], in real units.
    std::vector<std::uint8_t> labels; ///< True classes; all 0 if the targets are numbers.
    std::vector<float> targets;       ///< [samples][quantities], if the targets are numbers.

    bool operator==(const HeldOut&) const = default;
};

/// A trained network with what its user must know: the contents of a model file.
struct Model {
    Network network;
    std::vector<FloatLayer> float_layers; ///< One for each layer.
    std::vector<std::string> class_names; ///< Empty if unknown, or if the targets are numbers.
    std::vector<Quantity> quantities;     ///< Predicted numbers, one for each output; empty for classes.
    std::string data;                     ///< The SPEC of the training data.
    std::uint64_t data_digest = 0;        ///< Digest of the data set, see data::Dataset.
    std::vector<Channel> channels;        ///< One for each channel of a series; empty for pictures and if unknown.
    std::optional<double> sampling_rate;  ///< Moments per second of a series, if the data state it.
    std::vector<std::string> data_notes;  ///< Peculiarities of the data, one sentence each.
    std::vector<std::string> duties;      ///< Processing that a device's program must do for every sample.
    std::uint64_t seed = 0;
    int epochs = 0;              ///< Passes over the training part; the last may be partial.
    int accumulator_bits = 24;   ///< 16 if training kept every layer's sums within 16 bits; else 24.
    std::string command;         ///< The command that made it.
    std::string trained_on = {}; ///< Its training samples, if they are not the training part.
    /// Shares of right answers, 0..1, of the integer network; only the first is of the float network.
    std::optional<double> float_accuracy, validation_accuracy, test_accuracy;
    /// If numbers are predicted, these instead: root mean squared error of each, in its unit; empty: not measured.
    std::vector<double> float_rmse, validation_rmse, test_rmse;
    GoldenSample golden; ///< A sample of the validation part with its logits.
    HeldOut held_out;    ///< For models of a search with folds; else empty.
};

} // namespace tinysparse::fixed
