// SPDX-License-Identifier: Apache-2.0
// How much the function of a network changes when its weights move into another one.
#pragma once
#include "tinysparse/quantise/calibration.hpp"
#include "tinysparse/search/transplant.hpp"
#include <doctest/doctest.h>

namespace tinysparse::search::test {

using Layers = std::vector<fixed::FloatLayer>;

/// Weights as an untrained network has them, biases that are not 0.
inline Layers random_layers(const net::Spec& spec, Random& random) {
    const net::Shapes shapes = net::shapes(spec);
    Layers layers(spec.layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        layers[i].weights.resize(net::weights(spec.layers[i], shapes.layers[i]));
        const double fan_in = double(layers[i].weights.size()) / spec.layers[i].outputs;
        for (float& weight : layers[i].weights) weight = float(random.normal() * std::sqrt(2 / fan_in));
        // As after the absorption of biases; inside a bottleneck none, since padding would see it.
        const bool linear = spec.layers[i].activation == net::Activation::linear;
        if (linear && spec.layers[i].kind != net::Kind::dense) continue;
        layers[i].biases.resize(std::size_t(spec.layers[i].outputs));
        for (float& bias : layers[i].biases) bias = float(random.normal() * 0.2);
    }
    return layers;
}

/// The logits of 16 random pictures; if asked for also the largest absolute value that leaves each layer.
inline std::vector<float> logits(const net::Spec& spec, const Layers& layers, std::vector<double>* largest = nullptr) {
    nn::Network network(quantise::folded_spec(spec), {.batch = 16});
    quantise::set_parameters(network, layers);
    Random random(9, "pictures");
    autograd::Variable& input = network.input();
    for (int c = 0; c < input.shape.channels; ++c)
        for (int y = 0; y < input.shape.height; ++y)
            for (int x = 0; x < input.shape.width; ++x)
                for (std::size_t s = 0; s < 16; ++s) input.at(s, c, y, x) = float(random.uniform());
    Team team(1);
    network.graph().forward(autograd::Mode::evaluation, team);
    for (std::size_t i = 0; largest && i < spec.layers.size(); ++i) {
        autograd::Variable& values = *network.layers()[i].output;
        largest->push_back(0);
        for (int c = 0; c < values.shape.channels; ++c)
            for (int y = 0; y < values.shape.height; ++y)
                for (int x = 0; x < values.shape.width; ++x)
                    for (std::size_t s = 0; s < 16; ++s)
                        largest->back() = std::max(largest->back(), double(std::abs(values.at(s, c, y, x))));
    }
    std::vector<float> out;
    for (int k = 0; k < network.logits().shape.channels; ++k)
        for (std::size_t s = 0; s < 16; ++s) out.push_back(network.logits().at(s, k));
    return out;
}

/// The largest difference of logits between parent and child, in units of the logits' size.
inline double change(const space::Genome& parent, const space::Genome& child, const space::Space& own,
                     std::uint64_t seed = 1) {
    Random random(seed, "inherit");
    const net::Spec spec = space::express(parent, own);
    const Layers layers = random_layers(spec, random);
    std::vector<double> values;
    const std::vector<float> before = logits(spec, layers, &values);
    const auto inherited = inherit(child, {parent, spec, layers, values}, own, random);
    REQUIRE(inherited);
    const std::vector<float> after = logits(space::express(child, own), inherited->layers);
    double largest = 0, size = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        largest = std::max(largest, double(std::abs(before[i] - after[i])));
        size = std::max(size, double(std::abs(before[i])));
    }
    return largest / size;
}

} // namespace tinysparse::search::test
