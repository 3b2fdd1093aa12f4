// SPDX-License-Identifier: Apache-2.0
// From a trained float network to plain weights and biases.
//   folding     w' = w gamma / sqrt(variance + epsilon),  b' = beta - mean gamma / sqrt(variance + epsilon)
//               (Jacob et al. 2018, section 3)
//   absorption  the bias of a linear layer moves through the next layer's weights into its bias: b2' = b2 + sum w2 b1.
//               It is exact if no padding cuts windows short. So linear depthwise layers need no bias bytes.
#pragma once
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

/// Moves the biases of linear layers into the biases of the layers that read them, if that is exact; they are empty
/// afterwards. Throws Error as fixed::check_floats() does.
inline void absorb_biases(const net::Spec& spec, std::vector<fixed::FloatLayer>& layers) {
    fixed::check_floats(spec, layers);
    const net::Shapes shapes = net::shapes(spec);
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        if (layers[i].biases.empty() || !net::passes_bias_on(spec, i)) continue;
        for (const std::size_t reader : net::readers(spec, i)) {
            fixed::FloatLayer& next = layers[reader];
            next.biases.resize(std::size_t(spec.layers[reader].outputs));
            for (std::size_t c = 0; c < layers[i].biases.size(); ++c)
                net::for_input_channel(spec.layers[reader], shapes.layers[reader], c,
                                       [&](std::size_t output, std::size_t first, std::size_t count) {
                                           for (std::size_t k = first; k < first + count; ++k)
                                               next.biases[output] += next.weights[k] * layers[i].biases[c];
                                       });
        }
        layers[i].biases.clear();
    }
}

} // namespace tinysparse::quantise
