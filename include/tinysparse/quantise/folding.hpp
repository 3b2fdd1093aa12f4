// SPDX-License-Identifier: Apache-2.0
// From a trained float network to plain weights and biases.
//   folding     w' = w gamma / sqrt(variance + epsilon),  b' = beta - mean gamma / sqrt(variance + epsilon)
//   absorption  a linear layer's bias moves through the next layer's weights into its bias: b2' = b2 + sum w2 b1, exact
//               where no padding cuts windows short. Linear depthwise layers thus need no bias bytes.
#pragma once
#include <vector>

#include "tinysparse/fixed/model.hpp"
#include "tinysparse/nn/network.hpp"

namespace tinysparse::quantise {

/// The weights and biases of a free network, its batch normalisation folded with the running statistics.
inline std::vector<fixed::FloatLayer> fold(nn::Network& network) {
    std::vector<fixed::FloatLayer> folded;
    for (const nn::Network::Layer& layer : network.layers()) {
        fixed::FloatLayer result;
        result.weights = layer.weights->value;
        if (layer.biases) result.biases = layer.biases->value;
        if (const autograd::BatchNormalisation* normalisation = layer.normalisation.get()) {
            const std::size_t channels = normalisation->gamma.value.size(), fan_in = result.weights.size() / channels;
            result.biases.resize(channels);
            for (std::size_t c = 0; c < channels; ++c) {
                const double scale = double(normalisation->gamma.value[c]) /
                                     std::sqrt(double(normalisation->running_variance[c]) + normalisation->epsilon);
                result.biases[c] =
                    float(double(normalisation->beta.value[c]) - double(normalisation->running_mean[c]) * scale);
                for (std::size_t k = 0; k < fan_in; ++k)
                    result.weights[c * fan_in + k] = float(double(result.weights[c * fan_in + k]) * scale);
            }
        }
        folded.push_back(std::move(result));
    }
    return folded;
}

/// Layers that read the output of layer `index`, as input.
inline std::vector<std::size_t> readers(const net::Spec& spec, std::size_t index) {
    std::vector<std::size_t> result;
    for (std::size_t i = index + 1; i < spec.layers.size(); ++i)
        if (spec.layers[i].input == int(index)) result.push_back(i);
    return result;
}

/// True where the output of layer `index` enters a residual sum, its own or another layer's.
inline bool enters_residual(const net::Spec& spec, std::size_t index) {
    if (spec.layers[index].residual != net::none) return true;
    for (const net::Layer& layer : spec.layers)
        if (layer.residual == int(index)) return true;
    return false;
}

/// Where the weights for input channel `channel` stand: calls body(output, first, count) for each run of them.
template <class Body>
void for_input_channel(const net::Layer& layer, const net::LayerShapes& shapes, std::size_t channel, Body body) {
    const std::size_t window = layer.kind == net::Kind::dense
                                   ? std::size_t(shapes.in.height) * std::size_t(shapes.in.width)
                                   : std::size_t(layer.kernel_height) * std::size_t(layer.kernel_width);
    if (layer.kind == net::Kind::depthwise) {
        body(channel, channel * window, window);
        return;
    }
    const std::size_t inputs = std::size_t(shapes.in.channels);
    for (std::size_t o = 0; o < std::size_t(layer.outputs); ++o) body(o, (o * inputs + channel) * window, window);
}

/// Moves the biases of linear layers into the biases of the layers that read them, where that is exact; they end empty.
inline void absorb_biases(const net::Spec& spec, std::vector<fixed::FloatLayer>& layers) {
    const net::Shapes shapes = net::shapes(spec);
    const auto sees_padding = [&](std::size_t i) {
        const net::Layer& layer = spec.layers[i];
        return layer.kind != net::Kind::dense && layer.padding == net::Padding::same &&
               (layer.kernel_height > 1 || layer.kernel_width > 1);
    };
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const std::vector<std::size_t> readers_of = readers(spec, i);
        if (layers[i].biases.empty() || spec.layers[i].activation == net::Activation::relu || readers_of.empty() ||
            enters_residual(spec, i) || std::any_of(readers_of.begin(), readers_of.end(), sees_padding))
            continue;
        for (const std::size_t reader : readers_of) {
            fixed::FloatLayer& next = layers[reader];
            next.biases.resize(std::size_t(spec.layers[reader].outputs));
            for (std::size_t c = 0; c < layers[i].biases.size(); ++c)
                for_input_channel(spec.layers[reader], shapes.layers[reader], c,
                                  [&](std::size_t output, std::size_t first, std::size_t count) {
                                      for (std::size_t k = first; k < first + count; ++k)
                                          next.biases[output] += next.weights[k] * layers[i].biases[c];
                                  });
        }
        layers[i].biases.clear();
    }
}

} // namespace tinysparse::quantise
