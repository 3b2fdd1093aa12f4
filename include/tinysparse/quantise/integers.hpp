// SPDX-License-Identifier: Apache-2.0
// The integer network of a network on grids. Every weight and bias is already a whole number of steps, so this only
// writes them down. The float forward pass on grids and the integer network give the same logits.
#pragma once
#include "tinysparse/quantise/calibration.hpp"

namespace tinysparse::quantise {

namespace detail {

template <class Integer> std::vector<Integer> steps(std::span<const float> values, int exponent) {
    std::vector<Integer> result;
    for (const float value : values) result.push_back(Integer(std::lround(std::ldexp(value, -exponent))));
    return result;
}

} // namespace detail

/// Input format of a data set's samples.
inline fixed::Input input_of(const data::Dataset& set) {
    return {set.is_series(), set.normalisation.offset, set.normalisation.shift, set.camera};
}

/// The integers of a network recorded with these grids. Throws Error unless there is one grid entry per layer.
inline fixed::Network to_integers(nn::Network& network, const std::vector<nn::LayerGrids>& grids,
                                  const fixed::Input& input) {
    if (grids.size() != network.layers().size())
        throw Error(text("grids of ", grids.size(), " layers for a network of ", network.layers().size()));
    fixed::Network result{network.spec(), input, {}};
    for (std::size_t i = 0; i < grids.size(); ++i) {
        const net::Layer& spec = network.spec().layers[i];
        nn::Network::Layer& source = network.layers()[i];
        fixed::Layer layer;
        source.weights->prepare();
        layer.weights = detail::steps<std::int8_t>(source.weights->used(), grids[i].weights.exponent);
        layer.weight_exponent = grids[i].weights.exponent;
        const int sum_exponent = exponent_of(grids, spec.input) + layer.weight_exponent;
        if (source.biases) {
            source.biases->prepare();
            layer.biases = detail::steps<std::int16_t>(source.biases->used(), grids[i].biases.exponent);
            layer.bias_bytes = grids[i].biases.high > 127 ? 2 : 1;
            layer.bias_shift = grids[i].biases.exponent - sum_exponent;
        }
        layer.output_exponent = sum_exponent;
        if (net::is_tree(spec)) {
            layer.score_shift = grids[i].own.exponent - sum_exponent;
            layer.tanh_shift = autograd::tree_tanh_exponent - sum_exponent;
            layer.output_exponent = grids[i].own.exponent + autograd::tree_value_exponent;
        }
        if (!net::is_output(network.spec(), i)) {
            layer.shift = grids[i].own.exponent - sum_exponent;
            layer.output_exponent = grids[i].output.exponent;
            if (spec.residual != net::none) {
                layer.own_shift = layer.output_exponent - grids[i].own.exponent;
                layer.residual_shift = layer.output_exponent - exponent_of(grids, spec.residual);
            }
        }
        result.layers.push_back(std::move(layer));
    }
    return result;
}

} // namespace tinysparse::quantise
