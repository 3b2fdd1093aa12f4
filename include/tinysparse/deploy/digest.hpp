// SPDX-License-Identifier: Apache-2.0
// One number for what a network computes, so that a board can say whose logits it answers with.
#pragma once
#include <cstdint>

#include "tinysparse/base/hash.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/net/notation.hpp"

namespace tinysparse::deploy {

/// FNV-1a over the notation, the input and all integers of the network.
inline std::uint64_t network_digest(const fixed::Network& network) {
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
    for (const fixed::Layer& layer : network.layers) {
        numbers(layer.weights);
        numbers(layer.biases);
        for (const int value : {layer.bias_shift, layer.shift, layer.own_shift, layer.residual_shift})
            hash.update(std::uint64_t(value));
    }
    return hash.value();
}

} // namespace tinysparse::deploy
