// SPDX-License-Identifier: Apache-2.0
// From a Genome to the Spec that it stands for, and the key by which equal networks are recognised.
#pragma once
#include <algorithm>
#include <string>

#include "tinysparse/base/text.hpp"
#include "tinysparse/net/averaging.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/space/genome.hpp"

namespace tinysparse::space {

namespace detail {

/// Builds a Spec layer by layer and keeps the shape that leaves the last one.
class SpecBuilder {
  public:
    SpecBuilder(const Space& space, const Genome& genome) : genome_(genome) {
        spec_.input = space.input;
        spec_.downsample_height = std::min(genome.front.downsampling, space.input.height);
        spec_.downsample_width = std::min(genome.front.downsampling, space.input.width);
        shape_ = {space.input.channels, space.input.height / spec_.downsample_height,
                  space.input.width / spec_.downsample_width};
        check_average(spec_.downsample_height, spec_.downsample_width);
    }

    void convolution(int width, int kernel, int stride) {
        net::Layer layer;
        layer.kind = net::Kind::convolution;
        layer.outputs = width;
        window(layer, kernel);
        layer.stride = shape_.height == 1 && shape_.width == 1 ? 1 : stride;
        push(layer);
    }
    void depthwise(int kernel, bool linear) {
        if (shape_.height == 1 && shape_.width == 1) return; // one position: the pointwise layer says it all
        net::Layer layer;
        layer.kind = net::Kind::depthwise;
        layer.outputs = shape_.channels;
        layer.activation = linear ? net::Activation::linear : net::Activation::relu;
        layer.batch_normalisation = !linear; // the layer behind a linear one can undo any scale
        window(layer, kernel);
        push(layer);
    }
    /// One unit of a stage; with `residual` its input is added where the shapes are equal.
    void unit(const Unit& unit, bool residual) {
        const net::Shape before = shape_;
        const int source = int(spec_.layers.size()) - 1;
        if (unit.kind == UnitKind::separable) depthwise(unit.kernel, unit.linear);
        convolution(unit.width, unit.kind == UnitKind::convolution ? unit.kernel : 1, 1);
        if (residual && shape_ == before) spec_.layers.back().residual = source;
    }
    void pool(net::Pooling kind, int window) {
        const int height = std::min(window, shape_.height), width = std::min(window, shape_.width);
        if (kind == net::Pooling::none || height * width == 1) return;
        net::Layer& layer = spec_.layers.back();
        layer.pooling = kind;
        layer.pool_height = height;
        layer.pool_width = width;
        if (kind == net::Pooling::average) check_average(height, width);
        shape_ = {shape_.channels, shape_.height / height, shape_.width / width};
    }
    void global_average() { pool(net::Pooling::average, std::max(shape_.height, shape_.width)); }
    void all_positions() {
        if (shape_.height == 1 && shape_.width == 1) return;
        net::Layer layer;
        layer.kind = net::Kind::depthwise;
        layer.outputs = shape_.channels;
        layer.kernel_height = shape_.height;
        layer.kernel_width = shape_.width;
        layer.padding = net::Padding::valid;
        layer.activation = net::Activation::linear;
        layer.batch_normalisation = false;
        push(layer);
    }
    void dense(int outputs) {
        net::Layer layer;
        layer.kind = net::Kind::dense;
        layer.outputs = outputs;
        layer.batch_normalisation = false;
        layer.activation = net::Activation::linear;
        push(layer);
    }
    net::Spec finish() {
        net::shapes(spec_);
        return std::move(spec_);
    }

  private:
    /// Taps that would only ever see padding are cut off: a series (width 1) has kernels of k x 1.
    void window(net::Layer& layer, int kernel) const {
        layer.kernel_height = std::min(kernel, 2 * shape_.height - 1);
        layer.kernel_width = std::min(kernel, 2 * shape_.width - 1);
    }
    void push(net::Layer layer) {
        layer.bits = genome_.bits;
        layer.input = int(spec_.layers.size()) - 1;
        shape_ = net::detail::layer_shapes(text("layer ", spec_.layers.size() + 1, ": "), layer, shape_).out;
        spec_.layers.push_back(layer);
    }
    static void check_average(int height, int width) { net::averaging(height * width); }

    const Genome& genome_;
    net::Spec spec_;
    net::Shape shape_;
};

} // namespace detail

/// The network of a Genome. Throws Error for the few that have none: an average over too many positions.
inline net::Spec express(const Genome& genome, const Space& space) {
    detail::SpecBuilder builder(space, genome);
    builder.convolution(genome.front.width, genome.front.kernel, genome.front.stride);
    builder.pool(genome.front.pooling, genome.front.pool);
    for (std::size_t i = 0; i < genome.stages.size(); ++i) {
        const Stage& stage = genome.stages[i];
        for (const Unit& unit : stage.units) builder.unit(unit, stage.residual);
        // A layer has one pooling: the global average takes the place of the last stage's.
        const bool last = i + 1 == genome.stages.size();
        if (last && genome.end.kind == EndKind::average)
            builder.global_average();
        else
            builder.pool(stage.pooling, stage.pool);
    }
    if (genome.end.kind == EndKind::positions) builder.all_positions();
    if (genome.end.kind != EndKind::flat && genome.end.width > 0) builder.convolution(genome.end.width, 1, 1);
    builder.dense(space.classes);
    return builder.finish();
}

/// What makes two Genomes the same to a training: network and training, and nothing that has no effect.
/// Throws Error as express() does.
inline std::string key(const Genome& genome, const Space& space) {
    const Training& training = genome.training;
    return text(net::notation(express(genome, space)), " | lr ", training.learning_rate, " batch ", training.batch,
                " shift ", training.shift);
}

} // namespace tinysparse::space
