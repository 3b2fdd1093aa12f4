// SPDX-License-Identifier: Apache-2.0
// Counts that follow from shapes alone: weights and multiply-accumulates.
#pragma once
#include "tinysparse/net/kernel.hpp"

namespace tinysparse::net {

/// Weights of one layer, biases not counted: rows * depth * height * width of the kernel.
inline std::size_t weights(const Layer& layer, const LayerShapes& shapes) {
    return std::size_t(weight_rows(layer)) * kernel(layer, shapes).size();
}

/// Multiply-accumulates of one layer for one sample, including those with padding zeros, as papers count them. For a
/// tree, those of one path.
inline std::size_t macs(const Layer& layer, const LayerShapes& shapes) {
    if (is_tree(layer))
        return std::size_t(tree::path_rows(layer.tree_depth, layer.outputs)) * kernel(layer, shapes).size();
    return weights(layer, shapes) * std::size_t(shapes.operation.height) * std::size_t(shapes.operation.width);
}

/// Weights of the whole network, biases not counted.
inline std::size_t weights(const Spec& spec) {
    const Shapes all = shapes(spec);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < spec.layers.size(); ++i) sum += weights(spec.layers[i], all.layers[i]);
    return sum;
}

/// Multiply-adds of one sample in the whole network.
inline std::size_t macs(const Spec& spec) {
    const Shapes all = shapes(spec);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < spec.layers.size(); ++i) sum += macs(spec.layers[i], all.layers[i]);
    return sum;
}

} // namespace tinysparse::net
