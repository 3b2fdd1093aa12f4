// SPDX-License-Identifier: Apache-2.0
// From a Genome to its Spec, the role of each layer in it, and the key by which equal networks are recognised.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "tinysparse/base/text.hpp"
#include "tinysparse/net/averaging.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/space/augmentation.hpp"
#include "tinysparse/space/genome.hpp"

namespace tinysparse::space {

/// The role of a layer in its Genome.
struct Role {
    /// Which part of the Genome the layer was made from.
    enum class Part : std::uint8_t {
        gray,
        front,
        first, ///< First layer of a unit: its depthwise layer, or the bottleneck's pointwise one.
        main,  ///< Main layer of a unit, which has its width.
        head_positions,
        head,
        positions,
        end,
        hidden,
        logits
    } part = Part::front;    ///< What the layer was made from.
    int stage = 0, unit = 0; ///< Set for `first` and `main`; heads have the stage only.
    bool operator==(const Role&) const = default;
};

/// The network of a Genome.
struct Expression {
    net::Spec spec;
    std::vector<Role> roles; ///< One per layer.
};

namespace detail {

/// Builds a Spec layer by layer and keeps track of the shape at the end of the main path.
class SpecBuilder {
  public:
    explicit SpecBuilder(const Space& space, const Front& front) {
        net::Spec& spec = out_.spec;
        spec.input = space.input;
        spec.downsample_height = std::min(front.downsampling, space.input.height);
        spec.downsample_width = std::min(front.downsampling, space.input.width);
        shape_ = {space.input.channels, space.input.height / spec.downsample_height,
                  space.input.width / spec.downsample_width};
        check_average(spec.downsample_height, spec.downsample_width);
    }

    const net::Shape& shape() const { return shape_; }
    bool one_position() const { return shape_.height == 1 && shape_.width == 1; }

    void convolution(Role role, int bits, int width, int kernel, int stride = 1, bool linear = false) {
        net::Layer layer;
        layer.kind = net::Kind::convolution;
        layer.outputs = width;
        layer.bits = bits;
        window(layer, kernel);
        layer.stride = one_position() ? 1 : stride;
        if (linear) {
            layer.activation = net::Activation::linear;
            layer.batch_normalisation = false;
        }
        push(role, layer);
    }
    void depthwise(Role role, int bits, int kernel, bool linear) {
        if (one_position() || kernel == 1) return; // one position: the pointwise layer does all the work
        net::Layer layer;
        layer.kind = net::Kind::depthwise;
        layer.outputs = shape_.channels;
        layer.bits = bits;
        layer.activation = linear ? net::Activation::linear : net::Activation::relu;
        layer.batch_normalisation = !linear; // the layer behind a linear one can undo any scale
        window(layer, kernel);
        push(role, layer);
    }
    /// Adds one unit of a stage; with `residual` its input is added if the shapes are equal.
    void unit(const Unit& unit, bool residual, int stage, int index) {
        const net::Shape before = shape_;
        const int source = last_;
        const Role first{Role::Part::first, stage, index}, main{Role::Part::main, stage, index};
        const bool narrows = unit.kind == UnitKind::bottleneck;
        if (unit.kind == UnitKind::separable) depthwise(first, unit.bits, unit.kernel, unit.linear);
        if (narrows) convolution(first, unit.bits, std::max(1, shape_.channels / unit.squeeze), 1, 1, unit.linear);
        const bool spatial = narrows || unit.kind == UnitKind::convolution;
        convolution(main, unit.bits, unit.width, spatial ? unit.kernel : 1);
        if (residual && shape_ == before) out_.spec.layers.back().residual = source;
    }
    void pool(net::Pooling kind, int window) {
        const int height = std::min(window, shape_.height), width = std::min(window, shape_.width);
        if (kind == net::Pooling::none || height * width == 1) return;
        net::Layer& layer = out_.spec.layers.back();
        layer.pooling = kind;
        layer.pool_height = height;
        layer.pool_width = width;
        if (kind == net::Pooling::average) check_average(height, width);
        shape_ = {shape_.channels, shape_.height / height, shape_.width / width};
    }
    void global_average() { pool(net::Pooling::average, std::max(shape_.height, shape_.width)); }
    void all_positions(Role role, int bits) {
        if (one_position()) return;
        net::Layer layer;
        layer.kind = net::Kind::depthwise;
        layer.outputs = shape_.channels;
        layer.bits = bits;
        layer.kernel_height = shape_.height;
        layer.kernel_width = shape_.width;
        layer.padding = net::Padding::valid;
        layer.activation = net::Activation::linear;
        layer.batch_normalisation = false;
        push(role, layer);
    }
    void dense(Role role, int bits, int outputs, bool hidden = false) {
        net::Layer layer;
        layer.kind = net::Kind::dense;
        layer.outputs = outputs;
        layer.bits = bits;
        layer.batch_normalisation = false;
        layer.activation = hidden ? net::Activation::relu : net::Activation::linear;
        push(role, layer);
    }
    /// Adds logits here, beside those of the end; the main path continues from before the head.
    void head(int stage, int bits, int classes) {
        const net::Shape before = shape_;
        const int source = last_;
        all_positions({Role::Part::head_positions, stage, 0}, bits);
        dense({Role::Part::head, stage, 0}, bits, classes);
        shape_ = before;
        last_ = source;
    }
    Expression finish() {
        net::shapes(out_.spec);
        return std::move(out_);
    }

  private:
    /// Cuts off taps that would only ever see padding: a series (width 1) has kernels of k x 1.
    void window(net::Layer& layer, int kernel) const {
        layer.kernel_height = std::min(kernel, 2 * shape_.height - 1);
        layer.kernel_width = std::min(kernel, 2 * shape_.width - 1);
    }
    void push(Role role, net::Layer layer) {
        std::vector<net::Layer>& layers = out_.spec.layers;
        layer.input = last_;
        shape_ = net::detail::layer_shapes(text("layer ", layers.size() + 1, ": "), layer, shape_).out;
        last_ = int(layers.size());
        layers.push_back(layer);
        out_.roles.push_back(role);
    }
    static void check_average(int height, int width) { net::averaging(height * width); }

    Expression out_;
    net::Shape shape_;
    int last_ = net::picture; ///< The layer that the next one reads.
};

} // namespace detail

/// The network of a Genome, and the roles of its layers. Throws Error for the few Genomes without a network: those with
/// an average over too many positions.
inline Expression expressed(const Genome& genome, const Space& space) {
    using Part = Role::Part;
    const Front& front = genome.front;
    const End& end = genome.end;
    if (genome.is_linear()) {
        detail::SpecBuilder builder(space, {.downsampling = 1});
        builder.dense({Part::logits}, end.bits, space.classes);
        return builder.finish();
    }
    detail::SpecBuilder builder(space, front);
    if (front.gray != Gray::none && space.input.channels > 1)
        builder.convolution({Part::gray}, front.bits, 1, 1, 1, true);
    builder.convolution({Part::front}, front.bits, front.width, front.kernel, front.stride);
    builder.pool(front.pooling, front.pool);
    for (std::size_t i = 0; i < genome.stages.size(); ++i) {
        const Stage& stage = genome.stages[i];
        for (std::size_t j = 0; j < stage.units.size(); ++j)
            builder.unit(stage.units[j], stage.residual, int(i), int(j));
        // A layer has one pooling: the global average takes the place of the last stage's.
        const bool last = i + 1 == genome.stages.size();
        if (last && end.kind == EndKind::average)
            builder.global_average();
        else
            builder.pool(stage.pooling, stage.pool);
        if (stage.head && !last) builder.head(int(i), end.bits, space.classes);
    }
    if (end.kind == EndKind::positions) builder.all_positions({Part::positions}, end.bits);
    if (end.kind != EndKind::flat && end.width > 0) builder.convolution({Part::end}, end.bits, end.width, 1);
    if (end.hidden > 0) builder.dense({Part::hidden}, end.bits, end.hidden, true);
    builder.dense({Part::logits}, end.bits, space.classes);
    return builder.finish();
}

/// The network of a Genome alone.
inline net::Spec express(const Genome& genome, const Space& space) { return expressed(genome, space).spec; }

/// True if the network begins with the luma of its three colours, whose weights are not trained.
inline bool has_luma(const Genome& genome, const Space& space) {
    return !genome.is_linear() && genome.front.gray == Gray::luma && space.input.channels == 3 && space.input.width > 1;
}

/// The part of a key() that is the network.
inline std::string_view network_of(std::string_view key) { return key.substr(0, key.find(" | ")); }

/// A text that is equal for Genomes with the same training: network, training and pruning, without genes that have no
/// effect. Throws Error as express() does.
inline std::string key(const Genome& genome, const Space& space) {
    const Training& training = genome.training;
    std::string out =
        text(net::notation(express(genome, space)), " | lr ", training.learning_rate, " batch ", training.batch);
    if (has_luma(genome, space)) out += " luma";
    if (training.steps != 100) out += text(" steps ", training.steps, "%");
    if (training.weight_decay > 0) out += text(" decay ", training.weight_decay);
    if (training.label_smoothing > 0) out += text(" smoothing ", training.label_smoothing);
    if (takes_effect(Gene::shift, space)) out += text(" shift ", training.shift);
    if (takes_effect(Gene::flip, space) && training.flip) out += " flip";
    for (const AugmentationGene& own : augmentation_genes)
        if (takes_effect(own.gene, space) && training.*own.strength > 0)
            out += text(' ', detail::short_name(own.gene), ' ', training.*own.strength);
    if (genome.pruning.active()) out += " | " + genome.pruning.name();
    return out;
}

} // namespace tinysparse::space
