// SPDX-License-Identifier: Apache-2.0
// A number that identifies the function of a network, so that a board can report whose logits it answers with, and one
// that identifies all weights of a model, so that a run can tell whether a file has changed.
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

#include "tinysparse/base/hash.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/net/notation.hpp"

namespace tinysparse::fixed {

/// FNV-1a over the notation, the input and all integers of the network.
inline std::uint64_t network_digest(const Network& network) {
    Fnv1a64 hash;
    const auto numbers = [&](const auto& values) {
        hash.update(std::uint64_t(values.size()));
        for (const auto value : values) hash.update(std::uint64_t(std::int64_t(value)));
    };
    const net::Shape& in = network.spec.input;
    hash.update(net::notation(network.spec));
    for (const int size : {in.channels, in.height, in.width, int(network.input.series)})
        hash.update(std::uint64_t(size));
    if (const auto& camera = network.input.camera)
        for (const int value :
             {int(camera->pixels), camera->height, camera->width, camera->block_height, camera->block_width})
            hash.update(std::uint64_t(value));
    numbers(network.input.offset);
    numbers(network.input.shift);
    for (const Layer& layer : network.layers) {
        numbers(layer.weights);
        numbers(layer.biases);
        for (const int value : {layer.bias_shift, layer.shift, layer.own_shift, layer.residual_shift})
            hash.update(std::uint64_t(value));
        if (layer.score_shift != 0)
            for (const int value : {layer.score_shift, layer.tanh_shift}) hash.update(std::uint64_t(value));
    }
    return hash.value();
}

/// FNV-1a over network_digest() and the float weights, biases and masks from which training would continue.
inline std::uint64_t weights_digest(const Model& model) {
    Fnv1a64 hash;
    hash.update(network_digest(model.network));
    for (const FloatLayer& layer : model.float_layers) {
        for (const std::vector<float>* values : {&layer.weights, &layer.biases}) {
            hash.update(std::uint64_t(values->size()));
            for (const float value : *values) hash.update(std::uint64_t(std::bit_cast<std::uint32_t>(value)));
        }
        hash.update(std::uint64_t(layer.mask.size()));
        for (const std::uint8_t kept : layer.mask) hash.update(std::uint64_t(kept));
    }
    return hash.value();
}

} // namespace tinysparse::fixed
