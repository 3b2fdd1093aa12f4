// SPDX-License-Identifier: Apache-2.0
// The integer network as a float network on grids: the reverse of integers.hpp. All of its sums are below 2^24, so
// float gives exactly the logits of the integer kernels, for 16 samples at a time and about ten times as fast.
#pragma once
#include <cmath>
#include <cstddef>
#include <vector>

#include "tinysparse/base/threads.hpp"
#include "tinysparse/fixed/lowered.hpp"
#include "tinysparse/nn/answers.hpp"
#include "tinysparse/nn/loader.hpp"
#include "tinysparse/quantise/calibration.hpp"

namespace tinysparse::quantise {

/// The grids on which the network's integers lie, one per layer. Shifts and exponents must belong together, as
/// quantise() leaves them. Throws Error as fixed::check() does.
inline std::vector<nn::LayerGrids> grids_of(const fixed::Network& network) {
    fixed::check(network, net::shapes(network.spec));
    std::vector<nn::LayerGrids> all;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const fixed::Layer& layer = network.layers[i];
        const net::Layer& spec = network.spec.layers[i];
        const float limit = float(fixed::weight_limit(spec.bits)), bias = layer.bias_bytes == 1 ? 128 : 32768;
        const int input = spec.input == net::picture ? fixed::input_exponent
                                                     : network.layers[std::size_t(spec.input)].output_exponent;
        const int sum = input + layer.weight_exponent;
        nn::LayerGrids grids;
        grids.weights = {layer.weight_exponent, -limit, limit};
        grids.has_bias = layer.bias_bytes > 0;
        grids.biases = {sum + layer.bias_shift, -bias, bias - 1};
        if (net::is_tree(spec)) grids.own = detail::score_grid(sum + layer.score_shift);
        if (!net::is_output(network.spec, i)) {
            const float low = spec.activation == net::Activation::relu ? 0.0f : -128.0f;
            grids.own = {sum + layer.shift, spec.residual == net::none ? low : -128.0f, 127};
            grids.output = {layer.output_exponent, low, 127};
        }
        if (spec.pooling == net::Pooling::average) {
            const net::Averaging average = net::averaging(spec.pool_height * spec.pool_width);
            grids.average = {layer.output_exponent, average.multiplier, average.shift};
        }
        all.push_back(grids);
    }
    return all;
}

/// Integers as the values that they represent.
inline std::vector<fixed::FloatLayer> values_of(const fixed::Network& network,
                                                const std::vector<nn::LayerGrids>& grids) {
    if (grids.size() != network.layers.size())
        throw Error(text("grids of ", grids.size(), " layers for a network of ", network.layers.size()));
    std::vector<fixed::FloatLayer> all;
    for (std::size_t i = 0; i < grids.size(); ++i) {
        fixed::FloatLayer values;
        for (const std::int8_t weight : network.layers[i].weights)
            values.weights.push_back(std::ldexp(float(weight), grids[i].weights.exponent));
        for (const std::int16_t bias : network.layers[i].biases)
            values.biases.push_back(std::ldexp(float(bias), grids[i].biases.exponent));
        all.push_back(std::move(values));
    }
    return all;
}

namespace detail {
/// The result of ask(network on grids, loader, team).
template <class Ask> auto by_grids(const fixed::Lowered& lowered, const data::Dataset& set, const Ask& ask) {
    const fixed::Network& network = lowered.network();
    const std::vector<nn::LayerGrids> grids = grids_of(network);
    nn::Network rounded(folded_spec(network.spec), {.batch = 256, .grids = &grids});
    set_parameters(rounded, values_of(network, grids));
    nn::Loader loader(set, network.spec);
    if (set.is_series()) loader.normalise_by({network.input.offset, network.input.shift});
    Team team(1);
    return ask(rounded, loader, team);
}
} // namespace detail

/// Class that the integer network answers for each sample of a part of the set, exactly as its device does: it reads a
/// series by its own offsets and shifts, not by the set's, which differ if it was trained on a fold or on all samples.
/// Throws Error if the set is not whole or has another shape, or if the part cannot belong to it.
inline std::vector<std::uint8_t> answers_by_grids(const fixed::Lowered& lowered, const data::Dataset& set,
                                                  const data::Split& part) {
    return detail::by_grids(lowered, set, [&](nn::Network& network, nn::Loader& loader, Team& team) {
        return nn::answers(network, loader, part, team);
    });
}

/// Likewise for numbers, [samples][quantities].
inline std::vector<float> numbers_by_grids(const fixed::Lowered& lowered, const std::vector<Quantity>& quantities,
                                           const data::Dataset& set, const data::Split& part) {
    if (const int outputs = lowered.layout().shapes().classes; quantities.size() != std::size_t(outputs))
        throw Error(text(quantities.size(), " target numbers for a network of ", outputs, " outputs"));
    return detail::by_grids(lowered, set, [&](nn::Network& network, nn::Loader& loader, Team& team) {
        return nn::numbers_of(nn::logits(network, loader, part, team), quantities);
    });
}

/// The logits of each sample in real units, [samples][outputs].
inline std::vector<float> logits_by_grids(const fixed::Lowered& lowered, const data::Dataset& set,
                                          const data::Split& part) {
    return detail::by_grids(lowered, set, [&](nn::Network& network, nn::Loader& loader, Team& team) {
        return nn::logits(network, loader, part, team);
    });
}

} // namespace tinysparse::quantise
