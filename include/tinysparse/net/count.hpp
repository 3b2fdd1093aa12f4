// SPDX-License-Identifier: Apache-2.0
// Counts that follow from shapes alone: weights and multiply-accumulates.
#pragma once
#include "tinysparse/net/spec.hpp"

namespace tinysparse::net {

/// Weights of one layer, biases not counted.
///   convolution: outputs * inputs * kernel_height * kernel_width; depthwise: channels * kernel; dense: outputs *
///   inputs
inline std::size_t weights(const Layer& layer, const LayerShapes& shapes) {
    const std::size_t outputs = std::size_t(layer.outputs);
    const std::size_t window = std::size_t(layer.kernel_height) * std::size_t(layer.kernel_width);
    switch (layer.kind) {
    case Kind::convolution:
        return outputs * std::size_t(shapes.in.channels) * window;
    case Kind::depthwise:
        return outputs * window;
    case Kind::dense:
        break;
    }
    return outputs * shapes.in.size();
}

/// Multiply-accumulates of one layer for one sample, those with padding zeros included, as papers count them.
inline std::size_t macs(const Layer& layer, const LayerShapes& shapes) {
    return weights(layer, shapes) * std::size_t(shapes.operation.height) * std::size_t(shapes.operation.width);
}

inline std::size_t weights(const Spec& spec) {
    const Shapes all = shapes(spec);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < spec.layers.size(); ++i) sum += weights(spec.layers[i], all.layers[i]);
    return sum;
}

inline std::size_t macs(const Spec& spec) {
    const Shapes all = shapes(spec);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < spec.layers.size(); ++i) sum += macs(spec.layers[i], all.layers[i]);
    return sum;
}

} // namespace tinysparse::net
