// SPDX-License-Identifier: Apache-2.0
// The sizes that the kernels of mcu/ work with, computed from the shapes. On the host they are plain members, in an
// exported header constants; the cost model counts with them.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "tinysparse/fixed/plan.hpp"
#include "tinysparse/net/averaging.hpp"

namespace tinysparse::fixed {

/// Geometry of one layer with a moving kernel. Members have the names that the kernels use.
struct WindowGeometry {
    bool depthwise = false;
    int in_height = 1, in_width = 1, in_channels = 1, in_ring = 1; ///< in_ring: input rows that are kept.
    int kernel_height = 1, kernel_width = 1, stride = 1, pad_top = 0, pad_left = 0;
    int depth = 1; ///< Channels that one output sums over.
    int outputs = 1;
    int rows = 1, width = 1; ///< Size of the operation's output, without what the pooling drops.
    int block = 1;           ///< Positions computed at once.
    int pad_right = 0;       ///< Input values of a block that may lie right of the row.
    net::Pooling pooling = net::Pooling::none;
    int pool_height = 1, pool_width = 1;
    net::Averaging average;                          ///< Set if pooling is net::Pooling::average.
    int out_height = 1, out_width = 1, out_ring = 1; ///< After pooling; out_ring: output rows that are kept.
    bool has_residual = false;
    /// Size of the output that is added; residual_ring: its rows that are kept.
    int residual_ring = 1, residual_height = 1, residual_width = 1;

    /// Input values of one row that a block of positions reads.
    int taps() const { return (block - 1) * stride + kernel_width; }
    /// Blocks of a row, the last of which may overlap the one before.
    int blocks() const { return (width + block - 1) / block; }
};

/// Geometry of one layer that gathers its input row by row.
struct GatherGeometry {
    bool depthwise = false;
    int in_height = 1, in_width = 1, in_channels = 1, in_ring = 1; ///< in_ring: input rows that are kept.
    int row_size = 1;                                              ///< Values of an input row.
    int outputs = 1;
    bool head = false, adds = false; ///< It gives logits; and it is not the first to do so.
    bool alone = false;              ///< It has a single row, and no other layer adds to its sums.
    bool has_residual = false;
    int tree_depth = net::no_tree; ///< Depth of a tree head, or net::no_tree.
};

/// Geometry of the input.
struct InputGeometry {
    /// ring: rows that are kept; pool: of the downsampling.
    int ring = 1, out_height = 1, out_width = 1, channels = 1, pool_height = 1, pool_width = 1;
    net::Averaging average; ///< Rounding of the downsampling.
};

/// Shapes and memory plan of a Spec, and the geometry of its layers.
class Layout {
  public:
    /// Throws Error as net::shapes does, and for a camera that does not produce the Spec's input. The Spec must outlive
    /// this.
    Layout(const net::Spec& spec, const InputKind& kind)
        : spec_(spec), kind_(checked(spec, kind)), shapes_(net::shapes(spec)), plan_(fixed::plan(spec, shapes_, kind)) {
    }
    Layout(net::Spec&&, const InputKind&) = delete;

    /// The network's layers as they were asked for.
    const net::Spec& spec() const { return spec_; }
    bool series() const { return kind_.series; } ///< The input is int16.
    /// The camera whose pictures the device averages, if there is one.
    const std::optional<Camera>& camera() const { return kind_.camera; }
    /// Shapes of all layers and of the picture.
    const net::Shapes& shapes() const { return shapes_; }
    /// Buffers in the working memory, whose sizes depend on the shapes alone.
    const Plan& plan() const { return plan_; }
    /// True if the layer needs its whole input at once and adds it up row by row.
    bool gathers(std::size_t index) const { return fixed::gathers(spec_.layers[index], shapes_.layers[index]); }

    /// Geometry of the raw input and its averaging.
    InputGeometry input() const {
        const net::Shape& out = shapes_.picture;
        return {plan_.picture.ring,
                out.height,
                out.width,
                out.channels,
                spec_.downsample_height,
                spec_.downsample_width,
                net::averaging(spec_.downsample_height * spec_.downsample_width)};
    }

    /// `block`: positions to compute at once, at most the width.
    WindowGeometry window(std::size_t index, int block) const {
        const net::Layer& layer = spec_.layers[index];
        const net::LayerShapes& own = shapes_.layers[index];
        WindowGeometry g;
        g.depthwise = net::reads_one_channel(layer);
        g.in_height = own.in.height;
        g.in_width = own.in.width;
        g.in_channels = own.in.channels;
        g.in_ring = plan_.of(layer.input).ring;
        g.kernel_height = layer.kernel_height;
        g.kernel_width = layer.kernel_width;
        g.stride = layer.stride;
        g.pad_top = net::padding_before(layer.kernel_height, layer.padding);
        g.pad_left = net::padding_before(layer.kernel_width, layer.padding);
        g.depth = g.depthwise ? 1 : g.in_channels;
        g.outputs = layer.outputs;
        g.pooling = layer.pooling;
        if (layer.pooling != net::Pooling::none) {
            g.pool_height = layer.pool_height;
            g.pool_width = layer.pool_width;
        }
        if (layer.pooling == net::Pooling::average) g.average = net::averaging(layer.pool_height * layer.pool_width);
        g.out_height = own.out.height;
        g.out_width = own.out.width;
        g.out_ring = plan_.layers[index].ring;
        g.rows = g.out_height * g.pool_height;
        g.width = g.out_width * g.pool_width;
        g.block = std::min(block, g.width);
        const int last = (g.width - g.block) * g.stride - g.pad_left + g.taps();
        g.pad_right = std::clamp(last - g.in_width, 0, g.taps());
        g.has_residual = layer.residual != net::none;
        if (g.has_residual) {
            g.residual_ring = plan_.of(layer.residual).ring;
            g.residual_height = own.operation.height;
            g.residual_width = own.operation.width;
        }
        return g;
    }

    /// Geometry of a layer that gathers; its buffers are those of the plan.
    GatherGeometry gather(std::size_t index) const {
        const net::Layer& layer = spec_.layers[index];
        const net::Shape& in = shapes_.layers[index].in;
        GatherGeometry g;
        g.depthwise = net::reads_one_channel(layer);
        g.in_height = in.height;
        g.in_width = in.width;
        g.in_channels = in.channels;
        g.in_ring = plan_.of(layer.input).ring;
        g.row_size = in.width * in.channels;
        g.outputs = layer.outputs;
        g.head = net::is_output(spec_, index);
        g.alone = in.height == 1;
        for (std::size_t i = 0; i < spec_.layers.size() && g.head; ++i) {
            if (i == index || !net::is_output(spec_, i)) continue;
            g.adds |= i < index;
            g.alone = false;
        }
        g.has_residual = layer.residual != net::none;
        g.tree_depth = layer.tree_depth;
        return g;
    }

    /// Rows that a producer (the picture, or a layer's operation) computes per output row.
    int rows_made_for_each(int producer) const {
        if (producer == net::picture) return spec_.downsample_height;
        const net::Layer& layer = spec_.layers[std::size_t(producer)];
        if (gathers(std::size_t(producer))) return shapes_.layers[std::size_t(producer)].in.height;
        return layer.pooling == net::Pooling::none ? 1 : layer.pool_height;
    }

    /// The last layer that reads the producer, or -1.
    int last_reader(int producer) const {
        for (int i = int(spec_.layers.size()) - 1; i > producer; --i) {
            const net::Layer& layer = spec_.layers[std::size_t(i)];
            if (layer.input == producer || (layer.residual == producer && layer.residual != net::none)) return i;
        }
        return -1;
    }

  private:
    static const InputKind& checked(const net::Spec& spec, const InputKind& kind) {
        const net::Shape& in = spec.input;
        if (kind.camera && (kind.series || !kind.camera->makes(in.channels, in.height, in.width)))
            throw Error(text("input: the camera's ", kind.camera->height, "x", kind.camera->width,
                             " pixels do not make what the network reads, ", in.channels, "x", in.height, "x",
                             in.width));
        return kind;
    }

    const net::Spec& spec_;
    InputKind kind_;
    net::Shapes shapes_;
    Plan plan_;
};

} // namespace tinysparse::fixed
