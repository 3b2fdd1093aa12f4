// SPDX-License-Identifier: Apache-2.0
// Bonsai trees and budgets of bytes in `train`: options and messages.
#pragma once
#include <cmath>
#include <string>

#include "quantities.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/nn/input_shape.hpp"
#include "tinysparse/quantise/train.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

/// "depth=3,projection=10[,sharpness=10][,soft=0.15]".
struct Bonsai {
    int depth = 3, projection = 10;
    double sharpness = 10, soft = 0.15; ///< As in nn::TrainerOptions.

    /// Throws UsageError for unknown keys and for numbers out of range.
    explicit Bonsai(std::string_view words) {
        for (const std::string& word : split(words, ',')) {
            const std::size_t equals = word.find('=');
            const std::string key = word.substr(0, equals);
            const std::string value = equals == word.npos ? "" : word.substr(equals + 1);
            if (key == "depth")
                depth = int(number(key, value, 0, net::tree::max_depth, true));
            else if (key == "projection")
                projection = int(number(key, value, 1, 255, true));
            else if (key == "sharpness")
                sharpness = number(key, value, 1, 10000, false);
            else if (key == "soft")
                soft = number(key, value, 0, 0.99, false);
            else
                throw UsageError(
                    text("--bonsai: the key '", key, "' is not known; known are depth, projection, sharpness, soft"));
        }
    }

    /// The projection is a convolution over the whole input, so a dense layer, with normalisation in training. The
    /// normalisation takes the place of the standardised features of the paper.
    net::Spec spec(const data::Dataset& set, int bits) const {
        net::Spec spec{nn::input_shape(set)};
        net::Layer all = net::Layer::convolution(projection, 1, net::Activation::linear)
                             .with_kernel(set.shape.height, set.shape.width);
        all.padding = net::Padding::valid;
        spec.append(all).append(net::Layer::tree(int(set.outputs()), depth));
        for (net::Layer& layer : spec.layers) layer.bits = bits;
        net::check(spec);
        return spec;
    }

  private:
    static double number(const std::string& key, const std::string& value, double low, double high, bool whole) {
        const auto parsed = parse_number<double>(value);
        if (!parsed || !(*parsed >= low && *parsed <= high) || (whole && *parsed != std::floor(*parsed)))
            throw UsageError(text("--bonsai: ", key, "=", value, " is not ", whole ? "a whole number" : "a number",
                                  " from ", low, " to ", high));
        return *parsed;
    }
};

/// The budget of --weight-bytes, in bytes of weights and biases as an export stores them.
inline quantise::WeightBudget weight_budget(std::string_view word) {
    const double bytes = parse_bytes("--weight-bytes", word);
    if (!(bytes >= 1 && bytes <= 1e9))
        throw UsageError(text("--weight-bytes ", word, ": expected a size from 1 B to 1 GB"));
    return {std::size_t(bytes), [](const fixed::Network& network) {
                return cost::costs(fixed::Lowered(network), cost::target("none")).weight_bytes;
            }};
}

/// Bytes that are stored, and bytes as Bonsai's authors count them: four per number, eight with its index in matrices
/// less than half of which is left.
inline std::string budget_words(const fixed::Lowered& lowered, const quantise::WeightBudget& budget) {
    std::size_t nonzeros = 0, counted = 0;
    for (const cost::LayerWeights& layer : cost::layer_weights(lowered.network())) {
        nonzeros += layer.nonzeros;
        counted += layer.nonzeros * (2 * layer.nonzeros < layer.weights ? 8 : 4);
    }
    for (const fixed::Layer& layer : lowered.network().layers) counted += 4 * layer.biases.size();
    return text(report::grouped(budget.stored(lowered.network())), " B stored of ", report::grouped(budget.bytes),
                " B, indices and biases included; ", report::grouped(nonzeros),
                " nonzero weights: with 4 B each, and 4 B per index in sparse layers, ", report::grouped(counted),
                " B as Bonsai's authors count\n");
}

} // namespace tinysparse::cli
