// SPDX-License-Identifier: Apache-2.0
// Cross-layer equalisation (Nagel, van Baalen, Blankevoort, Welling 2019, section 4.1): ReLU and linear layers are
// positively homogeneous, so channel c of a layer may be scaled by s_c > 0 and the weights that read it by 1 / s_c
// without any change of function. The scales are chosen so that one power-of-two step fits all channels of a layer:
//   s_c = sqrt(r2_c / r1_c),   r1_c, r2_c the largest weights of the channel on its two sides
// Then, layer by layer, the scale is chosen so that the best step for the layer's weights is a power of two. A tree
// uses only the sign of theta z, so every theta is first scaled to the largest weight of the other rows.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "tinysparse/fixed/check.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/net/connections.hpp"

namespace tinysparse::quantise {

namespace detail {

inline float largest(const std::vector<float>& weights, std::size_t first, std::size_t count) {
    float result = 0;
    for (std::size_t k = first; k < first + count; ++k) result = std::max(result, std::abs(weights[k]));
    return result;
}

/// Multiplies the output channel `channel` of layer `index` by `scale`, and divides the weights that read it.
inline void scale_channel(const net::Spec& spec, const net::Shapes& shapes, std::vector<fixed::FloatLayer>& layers,
                          std::size_t index, std::size_t channel, float scale) {
    fixed::FloatLayer& own = layers[index];
    const std::size_t fan_in = own.weights.size() / std::size_t(spec.layers[index].outputs);
    for (std::size_t k = 0; k < fan_in; ++k) own.weights[channel * fan_in + k] *= scale;
    if (!own.biases.empty()) own.biases[channel] *= scale;
    for (const std::size_t reader : net::readers(spec, index))
        net::for_input_channel(spec.layers[reader], shapes.layers[reader], channel,
                               [&](std::size_t, std::size_t first, std::size_t count) {
                                   for (std::size_t k = first; k < first + count; ++k)
                                       layers[reader].weights[k] /= scale;
                               });
}

/// Scales every theta of a tree so that its largest weight equals that of the rows of W and V.
inline void scale_paths(const net::Layer& tree, std::vector<float>& weights) {
    const std::size_t inputs = weights.size() / std::size_t(net::weight_rows(tree));
    const auto row = [&](int index) { return std::size_t(index) * inputs; };
    float scores = 0;
    for (int k = 0; k < net::tree::nodes(tree.tree_depth); ++k)
        scores = std::max(scores, largest(weights, row(net::tree::first_score(tree.tree_depth, tree.outputs, k)),
                                          2 * std::size_t(tree.outputs) * inputs));
    for (int k = 0; k < net::tree::internal(tree.tree_depth); ++k) {
        const std::size_t first = row(net::tree::first_row(tree.tree_depth, tree.outputs, k));
        const float path = largest(weights, first, inputs);
        if (path > 0 && scores > 0)
            for (std::size_t i = first; i < first + inputs; ++i) weights[i] *= scores / path;
    }
}

/// Squared error of rounding weights to multiples of `step` within +-limit.
inline double rounding_error(const std::vector<float>& weights, double step, double limit) {
    double error = 0;
    for (const float weight : weights) {
        const double rounded = std::clamp(std::floor(double(weight) / step + 0.5), -limit, limit) * step;
        error += (double(weight) - rounded) * (double(weight) - rounded);
    }
    return error;
}

/// The step with the least squared error, of 64 steps a factor of 2^(1/32) apart, downwards from the largest weight's.
inline double best_step(const std::vector<float>& weights, double limit) {
    const double coarsest = double(largest(weights, 0, weights.size())) / limit;
    double best = coarsest, best_error = rounding_error(weights, coarsest, limit);
    for (int i = 1; i < 64; ++i) {
        const double step = coarsest * std::exp2(-i / 32.0), error = rounding_error(weights, step, limit);
        if (error < best_error) {
            best = step;
            best_error = error;
        }
    }
    return best;
}

} // namespace detail

/// Changes scales as described at the top of this file; the function of the network stays the same. Channels that enter
/// residual sums keep theirs, since both sides of a sum would have to change together. Throws Error as
/// fixed::check_floats() does.
inline void equalise(const net::Spec& spec, std::vector<fixed::FloatLayer>& layers) {
    fixed::check_floats(spec, layers);
    const net::Shapes shapes = net::shapes(spec);
    const auto is_free = [&](std::size_t i) {
        return !net::readers(spec, i).empty() && !net::enters_residual(spec, i);
    };
    // A channel with next to no weights compared to the others of its layer gives a constant or nothing, as after
    // pruning. Scaled up to the size of the others, its bias would need the whole range of the layer's biases.
    std::vector<float> least;
    for (const fixed::FloatLayer& layer : layers)
        least.push_back(0x1p-16f * detail::largest(layer.weights, 0, layer.weights.size()));
    const auto scale_all_paths = [&] {
        for (std::size_t i = 0; i < layers.size(); ++i)
            if (net::is_tree(spec.layers[i])) detail::scale_paths(spec.layers[i], layers[i].weights);
    };
    scale_all_paths();
    for (int sweep = 0; sweep < 20; ++sweep) // alternating between neighbours converges within a few sweeps
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (!is_free(i)) continue;
            const std::size_t outputs = std::size_t(spec.layers[i].outputs),
                              fan_in = layers[i].weights.size() / outputs;
            for (std::size_t c = 0; c < outputs; ++c) {
                const float before = detail::largest(layers[i].weights, c * fan_in, fan_in);
                float after = 0;
                for (const std::size_t reader : net::readers(spec, i)) {
                    float read = 0;
                    net::for_input_channel(spec.layers[reader], shapes.layers[reader], c,
                                           [&](std::size_t, std::size_t first, std::size_t count) {
                                               read = std::max(read,
                                                               detail::largest(layers[reader].weights, first, count));
                                           });
                    if (read > least[reader]) after = std::max(after, read);
                }
                if (before > least[i] && after > 0)
                    detail::scale_channel(spec, shapes, layers, i, c, std::sqrt(after / before));
            }
        }
    scale_all_paths(); // columns of z have changed
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const double step = detail::best_step(layers[i].weights, fixed::weight_limit(spec.layers[i].bits));
        if (!is_free(i) || !(step > 0)) continue;
        const float scale = float(std::exp2(std::round(std::log2(step))) / step);
        for (std::size_t c = 0; c < std::size_t(spec.layers[i].outputs); ++c)
            detail::scale_channel(spec, shapes, layers, i, c, scale);
    }
}

} // namespace tinysparse::quantise
