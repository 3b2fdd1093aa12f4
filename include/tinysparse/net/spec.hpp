// SPDX-License-Identifier: Apache-2.0
// Spec: the one description of a network, with shapes only, no weights. Training, search, cost and code are derived
// from it.
//
// A layer here is one convolution, depthwise or dense operation together with the batch normalisation, residual sum,
// activation and pooling that follow it, and cost/measures.hpp counts it as one layer:
//   y = pool(activation(normalise(operation(x)) + residual))
// Layers stand in the order of evaluation and may read any earlier one, so a Spec is a directed acyclic graph.
// Dense layers that no layer reads are heads: their outputs add up to the logits. A tree (net/tree.hpp) must be the
// only head.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/net/tree.hpp"

namespace tinysparse::net {

/// Channels x height x width of a picture or of a layer's output. A time series has width 1 and time as height.
struct Shape {
    int channels = 1, height = 1, width = 1;
    /// Values in all channels.
    std::size_t size() const { return std::size_t(channels) * std::size_t(height) * std::size_t(width); }
    bool operator==(const Shape&) const = default;
};

/// The operation of a layer; a dense layer reads its whole input.
enum class Kind : std::uint8_t { convolution, depthwise, dense };
inline constexpr const char* kind_names[] = {"convolution", "depthwise", "dense"};
/// The kind in messages and tables.
constexpr const char* name_of(Kind kind) { return kind_names[std::size_t(kind)]; }

/// same: zeros around the input, so that stride 1 keeps its size; valid: only windows that lie inside.
enum class Padding : std::uint8_t { same, valid };
/// What follows the sum, and the residual if there is one.
enum class Activation : std::uint8_t { linear, relu };
/// What follows the activation; blocks do not overlap.
enum class Pooling : std::uint8_t { none, maximum, average, count };

inline constexpr int picture = -1; ///< Layer::input of a layer that reads the network's input.
inline constexpr int none = -1;    ///< Layer::residual of a layer that adds nothing.
inline constexpr int no_tree = -1; ///< Layer::tree_depth of a layer that is no tree.

/// One operation with what follows it: normalisation, residual sum, activation, pooling.
struct Layer {
    Kind kind = Kind::convolution;
    int outputs = 1; ///< Output channels; a depthwise layer has those of its input.
    int kernel_height = 1, kernel_width = 1;
    int stride = 1;
    Padding padding = Padding::same;
    /// Between operation and residual; folded into the weights after the float part of a training.
    bool batch_normalisation = true;
    Activation activation = Activation::relu;
    Pooling pooling = Pooling::none;
    int pool_height = 1, pool_width = 1;
    int bits = 8;             ///< Bits per weight in fixed point: 8, 4 or 2 (ternary).
    int input = picture;      ///< Index of the layer that is read, or picture.
    int residual = none;      ///< Index of the layer whose output is added before the activation, or none.
    int tree_depth = no_tree; ///< Depth of a tree head (a dense layer whose weights are those of a tree), or no_tree.
    bool operator==(const Layer&) const = default;

    /// A convolution with batch normalisation, as "C8k3" or "C8k3L" of the notation.
    static Layer convolution(int outputs, int kernel = 3, Activation activation = Activation::relu) {
        return {.outputs = outputs, .kernel_height = kernel, .kernel_width = kernel, .activation = activation};
    }
    /// One filter for each of `channels`, the channels of its input, as "D3" or "D3L". It is normalised if a ReLU
    /// follows; the layer behind a linear one can undo any scale.
    static Layer depthwise(int channels, int kernel = 3, Activation activation = Activation::relu) {
        Layer layer = convolution(channels, kernel, activation);
        layer.kind = Kind::depthwise;
        layer.batch_normalisation = activation == Activation::relu;
        return layer;
    }
    /// A dense layer, never normalised: linear, as "F10" at the end of a network, which gives the logits. A dense layer
    /// that others read usually has a ReLU.
    static Layer dense(int outputs, Activation activation = Activation::linear) {
        return {.kind = Kind::dense, .outputs = outputs, .batch_normalisation = false, .activation = activation};
    }
    /// A tree head of Bonsai, as "T10d3" (net/tree.hpp): depth 0..6.
    static Layer tree(int classes, int depth) {
        Layer layer = dense(classes);
        layer.tree_depth = depth;
        return layer;
    }
    /// The layer with a kernel of separate height and width.
    Layer with_kernel(int height, int width) const {
        Layer layer = *this;
        layer.kernel_height = height;
        layer.kernel_width = width;
        return layer;
    }
    /// The layer with pooling; width 0 means as wide as high.
    Layer with_pooling(Pooling kind_of_pooling, int height, int width = 0) const {
        Layer layer = *this;
        layer.pooling = kind_of_pooling;
        layer.pool_height = height;
        layer.pool_width = width == 0 ? height : width;
        return layer;
    }
};

/// A network without weights: input shape and layers.
struct Spec {
    Shape input;                                     ///< As the data set has it.
    int downsample_height = 1, downsample_width = 1; ///< Average pooling of the picture before the first layer.
    std::vector<Layer> layers = {};
    bool operator==(const Spec&) const = default;

    /// Adds a layer that reads the last one, or the picture if it is the first. On a series, an input of width 1, a
    /// square kernel or pool becomes 1 wide, as in the notation: Layer::convolution(8, 5) is 5 high and 1 wide.
    Spec& append(Layer layer) {
        layer.input = int(layers.size()) - 1;
        if (input.width == 1) {
            if (layer.kernel_width == layer.kernel_height) layer.kernel_width = 1;
            if (layer.pool_width == layer.pool_height) layer.pool_width = 1;
        }
        layers.push_back(layer);
        return *this;
    }
};

/// Shapes of a layer's input, of its operation's output, and of its output after pooling.
struct LayerShapes {
    Shape in, operation, out; ///< Channels, height and width.
};

/// Every shape of a network: the picture after downsampling, then one entry for each layer.
struct Shapes {
    Shape picture; ///< The input after downsampling.
    std::vector<LayerShapes> layers;
    int classes = 0;
    /// Output of a layer, or the downsampled picture for net::picture.
    const Shape& of(int layer) const { return layer == net::picture ? picture : layers[std::size_t(layer)].out; }
};

/// Output length of a window of length kernel that steps over `length` positions. `same`: ceil(in / stride);
/// `valid`: floor((in - kernel) / stride) + 1.
constexpr int windows(int length, int kernel, int stride, Padding padding) {
    return padding == Padding::same ? (length + stride - 1) / stride : (length - kernel) / stride + 1;
}

/// Zeros above (or left of) the first position under `same` padding: floor((kernel - 1) / 2).
constexpr int padding_before(int kernel, Padding padding) { return padding == Padding::same ? (kernel - 1) / 2 : 0; }

/// True if each output reads only the input channel of its own number.
constexpr bool reads_one_channel(const Layer& layer) { return layer.kind == Kind::depthwise; }

/// True for a tree head.
constexpr bool is_tree(const Layer& layer) { return layer.tree_depth != no_tree; }

/// Rows of the weight matrix: one per output, except for a tree head.
constexpr int weight_rows(const Layer& layer) {
    return is_tree(layer) ? tree::rows(layer.tree_depth, layer.outputs) : layer.outputs;
}

/// True if some windows reach beyond the input.
constexpr bool sees_padding(const Layer& layer) {
    return layer.kind != Kind::dense && layer.padding == Padding::same &&
           (layer.kernel_height > 1 || layer.kernel_width > 1);
}

/// True if the layer has one window, unpadded and as large as its input. This holds for every dense layer.
constexpr bool covers_input(const Layer& layer, const Shape& in) {
    return layer.kind == Kind::dense ||
           (layer.padding == Padding::valid && layer.kernel_height == in.height && layer.kernel_width == in.width);
}

/// True if no other layer reads layer `index`, as input or as residual.
inline bool is_output(const Spec& spec, std::size_t index) {
    for (const Layer& layer : spec.layers)
        if (layer.input == int(index) || layer.residual == int(index)) return false;
    return true;
}

namespace detail {

inline std::string dimensions(const Shape& shape) { return text(shape.height, "x", shape.width); }

inline void check_window(const std::string& where, const Layer& layer, const Shape& in) {
    for (const int kernel : {layer.kernel_height, layer.kernel_width})
        if (!covers_input(layer, in) && (kernel < 1 || kernel > 7 || kernel % 2 == 0))
            throw Error(text(where, "kernel ", layer.kernel_height, "x", layer.kernel_width,
                             " is not allowed; use an odd size from 1 to 7, or that of its input, ", dimensions(in)));
    if (layer.stride < 1 || layer.stride > 2) throw Error(text(where, "stride ", layer.stride, " is not 1 or 2"));
    if (layer.padding == Padding::valid && (layer.kernel_height > in.height || layer.kernel_width > in.width))
        throw Error(text(where, "kernel ", layer.kernel_height, "x", layer.kernel_width, " is larger than its input ",
                         dimensions(in), "; use padding 'same' or a smaller kernel"));
}

inline Shape pooled(const std::string& where, const Layer& layer, const Shape& in) {
    if (layer.pooling == Pooling::none) return in;
    if (layer.pool_height < 1 || layer.pool_width < 1 || layer.pool_height > in.height || layer.pool_width > in.width)
        throw Error(text(where, "pooling ", layer.pool_height, "x", layer.pool_width, " does not fit its input ",
                         dimensions(in), "; use a smaller pool or fewer strides before it"));
    return {in.channels, in.height / layer.pool_height, in.width / layer.pool_width};
}

inline void check_tree(const std::string& where, const Layer& layer, const Shape& in) {
    if (layer.kind != Kind::dense) throw Error(text(where, "a ", name_of(layer.kind), " layer is no tree"));
    if (layer.tree_depth < 0 || layer.tree_depth > tree::max_depth)
        throw Error(text(where, "depth ", layer.tree_depth, " of a tree is not in 0..", tree::max_depth));
    if (in.height != 1 || in.width != 1)
        throw Error(text(where, "a tree reads a dense layer, not positions of ", dimensions(in),
                         "; write its projection before it, such as F10L"));
    if (weight_rows(layer) > 65535)
        throw Error(text(where, "a tree of depth ", layer.tree_depth, " over ", layer.outputs, " classes has ",
                         weight_rows(layer), " rows of weights, at most 65535"));
}

inline LayerShapes layer_shapes(const std::string& where, const Layer& layer, const Shape& in) {
    if (layer.kind > Kind::dense || layer.padding > Padding::valid || layer.activation > Activation::relu ||
        layer.pooling >= Pooling::count)
        throw Error(text(where, "its kind, padding, activation or pooling does not exist"));
    if (layer.outputs < 1 || layer.outputs > 65535)
        throw Error(text(where, "width ", layer.outputs, " is not in 1..65535"));
    if (layer.bits != 8 && layer.bits != 4 && layer.bits != 2)
        throw Error(text(where, "weights of ", layer.bits, " bits are not known; use 8, 4 or 2"));
    if (is_tree(layer)) check_tree(where, layer, in);
    if (layer.kind == Kind::dense) {
        if (layer.pooling != Pooling::none) throw Error(text(where, "a dense layer has no positions left to pool"));
        const Shape out{layer.outputs, 1, 1};
        return {in, out, out};
    }
    check_window(where, layer, in);
    if (reads_one_channel(layer) && layer.outputs != in.channels)
        throw Error(
            text(where, "a depthwise layer keeps the channels of its input: ", in.channels, ", not ", layer.outputs));
    const Shape operation{layer.outputs, windows(in.height, layer.kernel_height, layer.stride, layer.padding),
                          windows(in.width, layer.kernel_width, layer.stride, layer.padding)};
    return {in, operation, pooled(where, layer, operation)};
}

} // namespace detail

/// Largest number of layers in a network: the device's counters are bytes.
inline constexpr std::size_t max_layers = 254;

/// All shapes of a network. Throws Error naming the layer (counted from 1) that does not fit. check() of notation.hpp
/// is stricter: a Spec that passes there can be trained, saved and exported.
inline Shapes shapes(const Spec& spec) {
    const auto check_side = [](const char* name, int value) {
        if (value < 1 || value > 65535) throw Error(text("the input's ", name, " ", value, " is not in 1..65535"));
    };
    check_side("channel count", spec.input.channels);
    check_side("height", spec.input.height);
    check_side("width", spec.input.width);
    if (spec.layers.empty()) throw Error("the network has no layers; it needs at least a dense one, such as F10");
    if (spec.layers.size() > max_layers)
        throw Error(text("the network has ", spec.layers.size(), " layers; a device counts up to ", max_layers));
    Layer downsampling;
    downsampling.pooling = Pooling::average;
    downsampling.pool_height = spec.downsample_height;
    downsampling.pool_width = spec.downsample_width;
    Shapes all;
    all.picture = detail::pooled("input: ", downsampling, spec.input);
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const Layer& layer = spec.layers[i];
        const std::string where = text("layer ", i + 1, ": ");
        if (layer.input < picture || layer.input >= int(i) || layer.residual < none || layer.residual >= int(i))
            throw Error(text(where, "reads a layer that does not come before it"));
        all.layers.push_back(detail::layer_shapes(where, layer, all.of(layer.input)));
        const LayerShapes& own = all.layers.back();
        if (layer.residual != none && all.of(layer.residual) != own.operation)
            throw Error(text(where, "adds ", all.of(layer.residual).channels, " channels of ",
                             detail::dimensions(all.of(layer.residual)), " to its own ", own.operation.channels, " of ",
                             detail::dimensions(own.operation), "; a residual needs equal shapes"));
        if (is_tree(layer) && (i + 1 < spec.layers.size() || all.classes != 0))
            throw Error(text(where, "a tree is the only head of a network and its last layer"));
        if (!is_output(spec, i)) continue;
        if (layer.kind != Kind::dense || layer.residual != none)
            throw Error(text(where, "its output is read by nobody; end the network with a dense layer, such as F10"));
        if (all.classes != 0 && all.classes != layer.outputs)
            throw Error(text(where, "this head gives ", layer.outputs, " logits, an earlier one ", all.classes));
        all.classes = layer.outputs;
    }
    return all;
}

} // namespace tinysparse::net
