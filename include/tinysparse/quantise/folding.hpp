// SPDX-License-Identifier: Apache-2.0
// From a trained float network to plain weights and biases.
//   folding     w' = w gamma / sqrt(variance + epsilon),  b' = beta - mean gamma / sqrt(variance + epsilon)
//               (Jacob et al. 2018, section 3)
//   absorption  the bias of a linear layer moves through the next layer's weights into its bias: b2' = b2 + sum w2 b1.
//               It is exact if no padding cuts windows short. So linear depthwise layers need no bias bytes. The
//               constant part of a channel that hardly varies moves in the same way (Nagel, van Baalen, Blankevoort,
//               Welling 2019, section 4.1.3). Otherwise equalisation enlarges it with the channel's small weights, and
//               steps that hold it are too coarse for the other channels of the layer.
#pragma once
#include <cmath>
#include <vector>

#include "tinysparse/fixed/check.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/net/connections.hpp"
#include "tinysparse/nn/network.hpp"

namespace tinysparse::quantise {

/// The weights and biases of a free network, with its batch normalisation folded by the running statistics.
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

namespace detail {

/// Adds `value`, by which all outputs of a channel become smaller, to the biases of the layers that read it.
inline void add_to_readers(const net::Spec& spec, const net::Shapes& shapes, std::vector<fixed::FloatLayer>& layers,
                           std::size_t index, std::size_t channel, float value) {
    for (const std::size_t reader : net::readers(spec, index)) {
        fixed::FloatLayer& next = layers[reader];
        next.biases.resize(std::size_t(spec.layers[reader].outputs));
        net::for_input_channel(spec.layers[reader], shapes.layers[reader], channel,
                               [&](std::size_t output, std::size_t first, std::size_t count) {
                                   for (std::size_t k = first; k < first + count; ++k)
                                       next.biases[output] += next.weights[k] * value;
                               });
    }
}

} // namespace detail

/// A channel hardly varies if its mean is this many standard deviations above 0. It keeps a quarter of them.
inline constexpr double constant_deviations = 16;

/// Moves the constant parts of ReLU channels that hardly vary into the biases of the layers that read them. `layers`:
/// fold(network). Mean and deviation of a channel are beta and gamma of its batch normalisation.
inline void absorb_constants(nn::Network& network, std::vector<fixed::FloatLayer>& layers) {
    const net::Spec& spec = network.spec();
    const net::Shapes shapes = net::shapes(spec);
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const autograd::BatchNormalisation* normalisation = network.layers()[i].normalisation.get();
        if (!normalisation || spec.layers[i].activation != net::Activation::relu || !net::passes_constants_on(spec, i))
            continue;
        for (std::size_t c = 0; c < layers[i].biases.size(); ++c) {
            const float mean = normalisation->beta.value[c], deviation = std::abs(normalisation->gamma.value[c]);
            if (!(mean > float(constant_deviations) * deviation)) continue;
            const float constant = mean - float(constant_deviations / 4) * deviation;
            layers[i].biases[c] -= constant;
            detail::add_to_readers(spec, shapes, layers, i, c, constant);
        }
    }
}

/// Moves the biases of linear layers into the biases of the layers that read them, if that is exact; they are empty
/// afterwards. Throws Error as fixed::check_floats() does.
inline void absorb_biases(const net::Spec& spec, std::vector<fixed::FloatLayer>& layers) {
    fixed::check_floats(spec, layers);
    const net::Shapes shapes = net::shapes(spec);
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        if (layers[i].biases.empty() || !net::passes_bias_on(spec, i)) continue;
        for (std::size_t c = 0; c < layers[i].biases.size(); ++c)
            detail::add_to_readers(spec, shapes, layers, i, c, layers[i].biases[c]);
        layers[i].biases.clear();
    }
}

} // namespace tinysparse::quantise
