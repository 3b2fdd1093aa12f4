// SPDX-License-Identifier: Apache-2.0
// Masks: which weights of a network stay. A pruned weight is 0 and stays 0 in all training that follows, in floats and
// in fixed point. A removed channel has neither bias nor normalisation, so that it is 0 as a whole.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "tinysparse/nn/network.hpp"
#include "tinysparse/nn/optimiser.hpp"

namespace tinysparse::prune {

/// Which weights and channels of one layer stay.
struct LayerMask {
    std::vector<std::uint8_t> weights;  ///< 1 if a weight stays, else 0; in the order of the weights.
    std::vector<std::uint8_t> channels; ///< 0 if a whole output channel was removed; empty: none was.
    bool operator==(const LayerMask&) const = default;
};

using Masks = std::vector<LayerMask>; ///< One per layer.

/// Masks that keep everything.
inline Masks all_kept(const net::Spec& spec) {
    const net::Shapes shapes = net::shapes(spec);
    Masks masks(spec.layers.size());
    for (std::size_t i = 0; i < masks.size(); ++i)
        masks[i].weights.assign(net::weights(spec.layers[i], shapes.layers[i]), 1);
    return masks;
}

/// Masks that keep the weights that are not 0.
inline Masks nonzeros(nn::Network& network) {
    Masks masks = all_kept(network.spec());
    for (std::size_t i = 0; i < masks.size(); ++i)
        for (std::size_t k = 0; k < masks[i].weights.size(); ++k)
            masks[i].weights[k] = network.layers()[i].weights->value[k] != 0;
    return masks;
}

/// Number of weights of the layer that stay.
inline std::size_t kept(const LayerMask& mask) {
    return std::size_t(std::count(mask.weights.begin(), mask.weights.end(), 1));
}
/// Number of weights of the network that stay.
inline std::size_t kept(const Masks& masks) {
    std::size_t sum = 0;
    for (const LayerMask& mask : masks) sum += kept(mask);
    return sum;
}

/// Throws Error unless the masks fit a network of this Spec: one per layer, with a number for each weight and, if whole
/// channels were removed, for each output.
inline void check_masks(const net::Spec& spec, const Masks& masks) {
    const net::Shapes shapes = net::shapes(spec);
    if (masks.size() != spec.layers.size())
        throw Error(text(masks.size(), " masks for the ", spec.layers.size(), " layers of a network"));
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const std::size_t weights = net::weights(spec.layers[i], shapes.layers[i]), channels = masks[i].channels.size();
        if (masks[i].weights.size() != weights || (channels != 0 && channels != std::size_t(spec.layers[i].outputs)))
            throw Error(text("layer ", i + 1, ": a mask of ", masks[i].weights.size(), " weights and ", channels,
                             " channels for ", weights, " and ", spec.layers[i].outputs));
    }
}

namespace detail {
/// Sets the pruned weights to 0; the masks must have passed check_masks(). Allocates nothing.
inline void apply_masks(const Masks& masks, nn::Network& network) {
    for (std::size_t i = 0; i < masks.size(); ++i) {
        nn::Network::Layer& layer = network.layers()[i];
        std::vector<float>& weights = layer.weights->value;
        for (std::size_t k = 0; k < weights.size(); ++k)
            if (!masks[i].weights[k]) weights[k] = 0;
        for (std::size_t c = 0; c < masks[i].channels.size(); ++c) {
            if (masks[i].channels[c]) continue;
            if (layer.biases) layer.biases->value[c] = 0;
            if (layer.normalisation) layer.normalisation->gamma.value[c] = layer.normalisation->beta.value[c] = 0;
        }
    }
}

} // namespace detail

/// Sets the pruned weights to 0. Throws Error as check_masks() does.
inline void apply_masks(const Masks& masks, nn::Network& network) {
    check_masks(network.spec(), masks);
    detail::apply_masks(masks, network);
}

/// An optimiser that applies the masks after each step.
class MaskedOptimiser final : public nn::Optimiser {
  public:
    /// The network and the masks must outlive this. Throws Error as check_masks() does.
    MaskedOptimiser(std::unique_ptr<nn::Optimiser> inner, nn::Network& network, const Masks& masks)
        : inner_(std::move(inner)), network_(network), masks_(masks) {
        apply_masks(masks_, network_);
    }
    MaskedOptimiser(std::unique_ptr<nn::Optimiser>, nn::Network&, const Masks&&) = delete;
    void step(double learning_rate) override {
        inner_->step(learning_rate);
        detail::apply_masks(masks_, network_);
    }

  private:
    std::unique_ptr<nn::Optimiser> inner_;
    nn::Network& network_;
    const Masks& masks_;
};

/// Copies weights, biases and normalisation into a network of the same Spec. Throws Error for another Spec.
inline void copy_parameters(nn::Network& from, nn::Network& to) {
    if (from.spec() != to.spec()) throw Error("the weights of a network do not fit one of another Spec");
    for (std::size_t i = 0; i < from.layers().size(); ++i) {
        nn::Network::Layer &source = from.layers()[i], &target = to.layers()[i];
        target.weights->value = source.weights->value;
        target.weights->rate_scale = source.weights->rate_scale;
        if (source.biases) {
            target.biases->value = source.biases->value;
            target.biases->rate_scale = source.biases->rate_scale;
        }
        if (!source.normalisation) continue;
        target.normalisation->gamma.value = source.normalisation->gamma.value;
        target.normalisation->beta.value = source.normalisation->beta.value;
        target.normalisation->running_mean = source.normalisation->running_mean;
        target.normalisation->running_variance = source.normalisation->running_variance;
    }
}

} // namespace tinysparse::prune
