// SPDX-License-Identifier: Apache-2.0
// The kernel of a layer: the part of its input that one output sums over. Weights are stored as
// [output][depth][height][width] (for a tree head as [row][depth], net/tree.hpp).
#pragma once
#include "tinysparse/net/spec.hpp"

namespace tinysparse::net {

/// The weights of one output, as a block.
struct Kernel {
    std::size_t height = 1, width = 1; ///< Size of the window; for a dense layer, of its whole input.
    std::size_t depth = 1;             ///< Input channels that one output reads.
    /// Weights of one output that read the same channel.
    std::size_t area() const { return height * width; }
    std::size_t size() const { return depth * area(); } ///< Weights of one output.
};

/// The kernel of a layer; that of a dense layer covers its whole input.
inline Kernel kernel(const Layer& layer, const LayerShapes& shapes) {
    const std::size_t depth = reads_one_channel(layer) ? 1 : std::size_t(shapes.in.channels);
    if (layer.kind == Kind::dense) return {std::size_t(shapes.in.height), std::size_t(shapes.in.width), depth};
    return {std::size_t(layer.kernel_height), std::size_t(layer.kernel_width), depth};
}

/// True if every output sums over the whole input: a dense layer, or a convolution whose window covers all positions
/// and sees no padding.
inline bool sums_over_all(const Layer& layer, const LayerShapes& shapes) {
    if (layer.kind == Kind::dense) return true;
    return layer.kind == Kind::convolution && layer.kernel_height == shapes.in.height &&
           layer.kernel_width == shapes.in.width && !sees_padding(layer);
}

} // namespace tinysparse::net
