// SPDX-License-Identifier: Apache-2.0
// A budget of bytes for weights as they are stored, including lists of nonzero weights, and biases. The stored size of
// a network is known only for integers. So the masks are chosen by a sketch of the integers, and what
// quantisation-aware training changes is corrected at its beginning and end by pruning the smallest weights.
#pragma once
#include <functional>

#include "tinysparse/prune/magnitude.hpp"
#include "tinysparse/quantise/folding.hpp"
#include "tinysparse/quantise/integers.hpp"

namespace tinysparse::quantise {

/// A limit on the stored bytes of weights and biases, and how they are counted.
struct WeightBudget {
    std::size_t bytes = 0;                                         ///< 0: there is no budget.
    std::function<std::size_t(const fixed::Network&)> stored = {}; ///< Bytes that the weights of a network take.
};

/// Approximate integers of a free network with its present weights and these masks, to count their bytes: biases have
/// one byte and shifts may have any size. Throws Error as fold() and equalise() do.
inline fixed::Network sketch(nn::Network& network, const prune::Masks& masks, const fixed::Input& input) {
    prune::check_masks(network.spec(), masks);
    fixed::Network result{folded_spec(network.spec()), input, {}};
    std::vector<fixed::FloatLayer> layers = fold(network);
    for (std::size_t i = 0; i < layers.size(); ++i)
        for (std::size_t k = 0; k < layers[i].weights.size(); ++k) layers[i].weights[k] *= float(masks[i].weights[k]);
    absorb_biases(result.spec, layers);
    equalise(result.spec, layers);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const net::Layer& spec = result.spec.layers[i];
        const double limit = fixed::weight_limit(spec.bits), step = detail::best_step(layers[i].weights, limit);
        const double scale = step > 0 ? std::exp2(-std::round(std::log2(step))) : 1.0;
        fixed::Layer layer;
        for (const float weight : layers[i].weights)
            layer.weights.push_back(std::int8_t(std::clamp(std::floor(double(weight) * scale + 0.5), -limit, limit)));
        layer.bias_bytes = layers[i].biases.empty() ? 0 : 1;
        layer.biases.resize(layers[i].biases.size());
        layer.shift = net::is_output(result.spec, i) ? 0 : 7;
        if (net::is_tree(spec)) layer.score_shift = layer.tanh_shift = 7;
        result.layers.push_back(std::move(layer));
    }
    return result;
}

/// Prunes the smallest weights of a network on grids until its integers fit the budget, if there is one. The masks
/// already apply; they are updated. Throws Error if not even one weight per layer fits.
inline void trim(nn::Network& rounded, const std::vector<nn::LayerGrids>& grids, const fixed::Input& input,
                 const WeightBudget& budget, prune::Masks& masks) {
    if (budget.bytes == 0) return;
    const fixed::Network whole = to_integers(rounded, grids, input);
    if (budget.stored(whole) <= budget.bytes) return;
    const auto stored = [&](const prune::Masks& kept) {
        fixed::Network network = whole;
        for (std::size_t i = 0; i < kept.size(); ++i)
            for (std::size_t k = 0; k < kept[i].weights.size(); ++k)
                if (!kept[i].weights[k]) network.layers[i].weights[k] = 0;
        return budget.stored(network);
    };
    masks = prune::decide_within(rounded.spec(), prune::layer_adaptive_ranking(rounded), budget.bytes, stored);
    prune::apply_masks(masks, rounded);
}

} // namespace tinysparse::quantise
