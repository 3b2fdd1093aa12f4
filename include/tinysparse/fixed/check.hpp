// SPDX-License-Identifier: Apache-2.0
// Checks that the integers of a network fit its Spec. Training and model files only produce such networks; a network
// that a program built itself is checked before anything is proven or run with it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/net/notation.hpp"

namespace tinysparse::fixed {

/// Ranges of a layer's constants, in memory and in model files.
inline constexpr int largest_shift = 14, largest_bias_shift = 24, largest_residual_shift = 15;
inline constexpr int least_input_shift = -7, largest_input_shift = 15;

namespace detail {

inline void check_range(const std::string& where, std::string_view what, int value, int low, int high) {
    if (value < low || value > high) throw Error(text(where, what, " ", value, " is not in ", low, "..", high));
}

inline void check_layer(const std::string& where, const Layer& layer, const net::Layer& spec,
                        const net::LayerShapes& shapes, bool head) {
    const std::size_t outputs = std::size_t(spec.outputs), weights = net::weights(spec, shapes);
    if (layer.weights.size() != weights)
        throw Error(text(where, layer.weights.size(), " weights, its shape asks for ", weights));
    const bool tree = net::is_tree(spec);
    check_range(where, "bias_bytes", layer.bias_bytes, 0, tree ? 0 : 2);
    if (layer.biases.size() != (layer.bias_bytes ? outputs : 0))
        throw Error(text(where, layer.biases.size(), " biases of ", layer.bias_bytes, " bytes for ", outputs,
                         " outputs; there is one for each, or none of 0 bytes"));
    const int largest = weight_limit(spec.bits);
    for (const std::int8_t weight : layer.weights) check_range(where, "weight", weight, -largest, largest);
    for (const std::int16_t bias : layer.biases)
        if (layer.bias_bytes == 1) check_range(where, "bias of one byte", bias, -128, 127);
    check_range(where, "bias_shift", layer.bias_shift, 0, largest_bias_shift);
    check_range(where, "shift", layer.shift, head ? 0 : 1, head ? 0 : largest_shift);
    check_range(where, "score_shift", layer.score_shift, tree ? 1 : 0, tree ? largest_shift : 0);
    check_range(where, "tanh_shift", layer.tanh_shift, tree ? 1 : 0, tree ? largest_shift : 0);
    check_range(where, "own_shift", layer.own_shift, 0, largest_residual_shift);
    check_range(where, "residual_shift", layer.residual_shift, 0, largest_residual_shift);
    if (layer.own_shift && layer.residual_shift)
        throw Error(text(where, "own_shift and residual_shift are both above 0"));
}

} // namespace detail

/// Throws Error unless there is a layer for each of the Spec, with the number of weights and biases that its shape
/// needs and all constants in their ranges, and an offset and a shift for each channel of a series. shapes: of the
/// Spec.
inline void check(const Network& network, const net::Shapes& shapes) {
    const std::size_t count = network.spec.layers.size();
    if (network.layers.size() != count)
        throw Error(text("the network has ", network.layers.size(), " layers of integers for ", count, " of its Spec"));
    for (std::size_t i = 0; i < count; ++i)
        detail::check_layer(text("layer ", i + 1, ": "), network.layers[i], network.spec.layers[i], shapes.layers[i],
                            net::is_output(network.spec, i));
    const Input& input = network.input;
    const std::size_t channels = input.series ? std::size_t(network.spec.input.channels) : 0;
    if (input.offset.size() != channels || input.shift.size() != channels)
        throw Error(text("input: ", input.offset.size(), " offsets and ", input.shift.size(), " shifts, expected ",
                         channels, " of each"));
    for (const std::int8_t shift : input.shift)
        detail::check_range("input: ", "shift", shift, least_input_shift, largest_input_shift);
}

/// Throws Error unless there is a layer for each of the Spec, with the number of weights that its shape needs, and a
/// bias for each output or none.
inline void check_floats(const net::Spec& spec, const std::vector<FloatLayer>& layers) {
    const net::Shapes shapes = net::shapes(spec);
    if (layers.size() != spec.layers.size())
        throw Error(text("weights of ", layers.size(), " layers for a network of ", spec.layers.size()));
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const std::size_t weights = net::weights(spec.layers[i], shapes.layers[i]), biases = layers[i].biases.size();
        if (layers[i].weights.size() != weights || (biases != 0 && biases != std::size_t(spec.layers[i].outputs)))
            throw Error(text("layer ", i + 1, ": ", layers[i].weights.size(), " weights and ", biases, " biases for ",
                             weights, " and ", spec.layers[i].outputs));
    }
}

/// Throws Error unless a model file could hold the model: a Spec that passes net::check, integers that pass check(),
/// float layers for all layers or none, names for all classes or none, or target numbers, channels for all of a series
/// or none, and a sample of the network's size with all logits, or none.
inline void check(const Model& model) {
    const Network& network = model.network;
    net::check(network.spec);
    const net::Shapes shapes = net::shapes(network.spec);
    check(network, shapes);
    if (!model.float_layers.empty()) check_floats(network.spec, model.float_layers);
    for (std::size_t i = 0; i < model.float_layers.size(); ++i)
        if (const std::size_t mask = model.float_layers[i].mask.size();
            mask != 0 && mask != model.float_layers[i].weights.size())
            throw Error(
                text("layer ", i + 1, ": a mask of ", mask, " weights for ", model.float_layers[i].weights.size()));
    const std::size_t outputs = std::size_t(shapes.classes), size = network.spec.input.size();
    const auto expect = [](std::string_view what, std::size_t found, std::size_t expected) {
        if (found != 0 && found != expected) throw Error(text(found, " ", what, ", expected ", expected, " or none"));
    };
    expect("class names", model.class_names.size(), outputs);
    expect("target numbers", model.quantities.size(), outputs);
    expect("channels", model.channels.size(), network.input.offset.size());
    const GoldenSample& golden = model.golden;
    expect("pixels of the golden sample", golden.picture.size(), network.input.series ? 0 : size);
    expect("values of the golden sample", golden.series.size(), network.input.series ? size : 0);
    expect("logits of the golden sample", golden.logits.size(), outputs);
    if (golden.label < 0 || std::size_t(golden.label) >= outputs)
        throw Error(text("the golden sample has label ", golden.label, ", the network ", outputs, " outputs"));
    if (!golden.logits.empty() && golden.picture.empty() && golden.series.empty())
        throw Error("the golden sample has logits and no elements");
    const HeldOut& held_out = model.held_out;
    expect("held-out logits", held_out.logits.size(), held_out.labels.size() * outputs);
    expect("held-out targets", held_out.targets.size(), held_out.labels.size() * model.quantities.size());
}

} // namespace tinysparse::fixed
