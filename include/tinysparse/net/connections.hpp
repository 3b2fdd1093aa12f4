// SPDX-License-Identifier: Apache-2.0
// Connections in a Spec: the layers that read a layer, and the weights that connect a channel of a layer's input with
// one of its output. The weights are stored in runs, one per pair of channels, each as long as the kernel's area:
//   first weight of (output o, input c) = (o * depth + c) * area, with c = 0 if an output reads one channel only
// For a tree head, the outputs here are the rows of its weights.
#pragma once
#include <algorithm>
#include <vector>

#include "tinysparse/net/kernel.hpp"

namespace tinysparse::net {

/// Calls body(output channel, input channel, first weight, count) for every run of weights, in the order in which they
/// are stored.
template <class Body> void for_connections(const Layer& layer, const LayerShapes& shapes, Body body) {
    const Kernel own = kernel(layer, shapes);
    for (std::size_t o = 0; o < std::size_t(weight_rows(layer)); ++o)
        for (std::size_t c = 0; c < own.depth; ++c)
            body(o, reads_one_channel(layer) ? o : c, (o * own.depth + c) * own.area(), own.area());
}

/// Calls body(output channel, first weight, count) for the runs of one input channel.
template <class Body>
void for_input_channel(const Layer& layer, const LayerShapes& shapes, std::size_t channel, Body body) {
    const Kernel own = kernel(layer, shapes);
    if (reads_one_channel(layer)) return body(channel, channel * own.area(), own.area());
    for (std::size_t o = 0; o < std::size_t(weight_rows(layer)); ++o)
        body(o, (o * own.depth + channel) * own.area(), own.area());
}

/// Layers that read the output of layer `index` as input.
inline std::vector<std::size_t> readers(const Spec& spec, std::size_t index) {
    std::vector<std::size_t> result;
    for (std::size_t i = index + 1; i < spec.layers.size(); ++i)
        if (spec.layers[i].input == int(index)) result.push_back(i);
    return result;
}

/// True if the output of layer `index` enters a residual sum, its own or another layer's.
inline bool enters_residual(const Spec& spec, std::size_t index) {
    if (spec.layers[index].residual != none) return true;
    return std::any_of(spec.layers.begin(), spec.layers.end(),
                       [&](const Layer& layer) { return layer.residual == int(index); });
}

/// True if a constant part of the outputs of layer `index` can move through the weights that read them into the biases
/// of later layers, without any change of function. This holds outside of residual sums if the readers see no padding
/// and have biases (a tree has none).
inline bool passes_constants_on(const Spec& spec, std::size_t index) {
    const std::vector<std::size_t> behind = readers(spec, index);
    return !behind.empty() && !enters_residual(spec, index) &&
           std::none_of(behind.begin(), behind.end(),
                        [&](std::size_t i) { return sees_padding(spec.layers[i]) || is_tree(spec.layers[i]); });
}

/// True if this holds for the bias of layer `index`, which is such a constant part if the layer is linear.
inline bool passes_bias_on(const Spec& spec, std::size_t index) {
    return spec.layers[index].activation == Activation::linear && passes_constants_on(spec, index);
}

} // namespace tinysparse::net
