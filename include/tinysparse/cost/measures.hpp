// SPDX-License-Identifier: Apache-2.0
// Sizes of a network in bytes, in two ways of counting. By this library's layers, pooling included:
//   model_size        sum over layers of ceil(nonzeros * bits / 8) + bias bytes
//   working_memory_1  max over layers of |x| + |w|        |w|: the layer's share of model_size
//   working_memory_2  max over layers of |x| + |y|
// As Fedorov et al. 2019 (SpArSe, section 3) and later papers that compare with them count:
//   paper_model_size      nonzero weights, one byte each, no biases
//   paper_working_memory  max over layers of |x| + |w| and |x| + |y|; pooling is a layer of its own, |w| as above
// |x| and |y|: one byte per element. x holds the layer's input and every earlier output that a later layer still
// needs; y is the layer's output. Averaging the picture down counts as a layer without weights.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "tinysparse/fixed/check.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/net/connections.hpp"
#include "tinysparse/net/count.hpp"

namespace tinysparse::cost {

/// The stored weights of one layer.
struct LayerWeights {
    std::size_t nonzeros = 0, weights = 0, bias_bytes = 0;
    int bits = 8;
    std::size_t table_bytes = 0; ///< Bytes of weights in program memory, with zeros, lists and their offsets.
    /// Bytes of model size: nonzero weights at their bits, rounded up, and biases.
    std::size_t size() const { return (nonzeros * std::size_t(bits) + 7) / 8 + bias_bytes; }
    /// Bytes as the chip stores them.
    std::size_t stored() const { return table_bytes + bias_bytes; }
};

/// Bytes of weights that are all stored.
inline std::size_t dense_bytes(std::size_t weights, int bits) { return (weights * std::size_t(bits) + 7) / 8; }

/// Sizes and counts that need no chip; docs/measures.md defines them.
struct Measures {
    /// Bytes, except for nonzeros (weights) and macs (per sample).
    std::size_t model_size = 0, weight_bytes = 0, working_memory_1 = 0, working_memory_2 = 0, nonzeros = 0, macs = 0;
    std::size_t paper_working_memory = 0; ///< Bytes, as the SpArSe paper counts.
    /// The larger of both models of working memory, in bytes.
    std::size_t working_memory() const { return std::max(working_memory_1, working_memory_2); }
    /// Bytes, as the SpArSe paper counts: one per nonzero weight.
    std::size_t paper_model_size() const { return nonzeros; }
};

/// Weights of a trained network, every weight stored.
inline std::vector<LayerWeights> layer_weights(const fixed::Network& network) {
    std::vector<LayerWeights> all;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const fixed::Layer& layer = network.layers[i];
        const auto zeros = std::count(layer.weights.begin(), layer.weights.end(), std::int8_t{0});
        all.push_back({layer.weights.size() - std::size_t(zeros), layer.weights.size(),
                       std::size_t(layer.bias_bytes) * std::size_t(network.spec.layers[i].outputs),
                       network.spec.layers[i].bits, dense_bytes(layer.weights.size(), network.spec.layers[i].bits)});
    }
    return all;
}

/// Weights of an untrained network: none is zero, and every bias that is not merged into others has `bias_bytes` bytes.
inline std::vector<LayerWeights> layer_weights(const net::Spec& spec, const net::Shapes& shapes, int bias_bytes) {
    std::vector<LayerWeights> all;
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const std::size_t weights = net::weights(spec.layers[i], shapes.layers[i]);
        const std::size_t biases = net::passes_bias_on(spec, i) || net::is_tree(spec.layers[i])
                                       ? 0
                                       : std::size_t(bias_bytes) * std::size_t(spec.layers[i].outputs);
        all.push_back({weights, weights, biases, spec.layers[i].bits, dense_bytes(weights, spec.layers[i].bits)});
    }
    return all;
}

/// The measures of a network whose layers store these weights. Throws Error unless there is one entry per layer.
inline Measures measures(const net::Spec& spec, const net::Shapes& shapes, const std::vector<LayerWeights>& stored) {
    if (stored.size() != spec.layers.size())
        throw Error(text("what ", stored.size(), " layers store, for a network of ", spec.layers.size()));
    Measures result;
    std::vector<int> last_reader(spec.layers.size() + 1, -1); // of producer + 1
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        last_reader[std::size_t(spec.layers[i].input + 1)] = int(i);
        if (spec.layers[i].residual != net::none) last_reader[std::size_t(spec.layers[i].residual + 1)] = int(i);
    }
    const auto paper = [&](std::size_t x, std::size_t y, std::size_t w) {
        result.paper_working_memory = std::max({result.paper_working_memory, x + w, x + y});
    };
    const auto note = [&](std::size_t x, std::size_t y, std::size_t w) {
        result.working_memory_1 = std::max(result.working_memory_1, x + w);
        result.working_memory_2 = std::max(result.working_memory_2, x + y);
    };
    if (spec.downsample_height * spec.downsample_width > 1) {
        note(spec.input.size(), shapes.picture.size(), 0);
        paper(spec.input.size(), shapes.picture.size(), 0);
    }
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        std::size_t x = 0, kept = 0; // kept: what later layers still need
        for (int producer = net::picture; producer < int(i); ++producer) {
            const int last = last_reader[std::size_t(producer + 1)];
            if (last >= int(i)) x += shapes.of(producer).size();
            if (last > int(i)) kept += shapes.of(producer).size();
        }
        const std::size_t y = shapes.layers[i].out.size(), unpooled = shapes.layers[i].operation.size();
        note(x, y, stored[i].size());
        paper(x, unpooled, stored[i].nonzeros);
        if (spec.layers[i].pooling != net::Pooling::none) paper(kept + unpooled, y, 0);
        result.model_size += stored[i].size();
        result.weight_bytes += stored[i].stored();
        result.nonzeros += stored[i].nonzeros;
        result.macs += net::macs(spec.layers[i], shapes.layers[i]);
    }
    return result;
}

/// The measures of a trained network. Throws Error as fixed::check() does.
inline Measures measures(const fixed::Network& network) {
    const net::Shapes shapes = net::shapes(network.spec);
    fixed::check(network, shapes);
    return measures(network.spec, shapes, layer_weights(network));
}

} // namespace tinysparse::cost
