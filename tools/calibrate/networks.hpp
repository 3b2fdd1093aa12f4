// SPDX-License-Identifier: Apache-2.0
// Random networks as searches make them, with weights as after training, for pictures and for series. Each has a
// number, from which everything about it follows.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/fixed/program.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/net/notation.hpp"

namespace tinysparse::calibrate {

/// Number of the first pruned network. Every fourth of them is a projection and a tree head.
constexpr std::uint64_t first_pruned = 1000000;

struct RandomNetwork {
    fixed::Network network;
    std::vector<fixed::Format> formats;
    data::Split samples;
};

/// One of the items; repeat an item to make it more frequent.
template <class Item> Item one_of(Random& random, std::initializer_list<Item> items) {
    return items.begin()[random.below(std::uint32_t(items.size()))];
}

/// A front layer, separable or full convolutions with pools between, an end.
inline std::string picture_line(Random& random, bool small) {
    const auto pool = [&] { return one_of<std::string>(random, {" A2", " A2", " M2"}); };
    std::string line;
    if (random.chance(0.3)) line += one_of<std::string>(random, {"A2 ", "A2 ", "A3 "});
    line += text("C", 1 + random.below(small ? 8 : 10), "k", one_of(random, {3, 3, 3, 5, 7, 1}),
                 random.chance(0.3) ? "s2" : "");
    if (random.chance(0.5)) line += pool();
    const int blocks = int(random.below(small ? 3 : 4));
    for (int block = 0; block < blocks; ++block) {
        const int kind = int(random.below(5));
        const std::string outputs = text(2 + random.below(15));
        if (kind < 3)
            line += text(" D", one_of(random, {3, 3, 5, 7}), random.chance(0.1) ? "s2" : "",
                         random.chance(0.7) ? "L" : "", " C", outputs, "k1");
        else if (kind == 3)
            line += text(" C", outputs, "k", one_of(random, {3, 3, 5}), random.chance(0.2) ? "v" : "");
        else
            line += text(" C", outputs, "k1 =r", block, " D3L C", outputs, "k1 +r", block);
        if (random.chance(0.35)) line += pool();
    }
    line += one_of<std::string>(random, {" G", "", " DG", " A2 DGL"});
    if (random.chance(0.15)) line += text(" F", 4 + random.below(20));
    return line + text(" F", one_of(random, {2, 6, 10, 10, 26}));
}

/// An average over moments, convolutions over time with pools between, an end.
inline std::string series_line(Random& random, bool small) {
    const auto outputs = [&] { return text(2 + random.below(small ? 11 : 23)); };
    const auto pool = [&] { return one_of<std::string>(random, {" M2", " M4", " M2", " A2"}); };
    const auto layer = [&] {
        if (random.chance(0.4))
            return text("D", one_of(random, {3, 5, 7}), random.chance(0.3) ? "s2" : "", random.chance(0.7) ? "L" : "",
                        " C", outputs(), "k1");
        return text("C", outputs(), "k", one_of(random, {3, 3, 5, 7, 9}), random.chance(0.3) ? "s2" : "");
    };
    std::string line;
    if (random.chance(0.5)) line += one_of<std::string>(random, {"A2 ", "A2 ", "A4 ", "A4 ", "A3 ", "A8 "});
    line += layer();
    if (random.chance(0.6)) line += pool();
    for (int left = int(random.below(3)); left > 0; --left) {
        line += " " + layer();
        if (random.chance(0.5)) line += pool();
    }
    line += one_of<std::string>(random, {"", "", " G", " DGL", " DG"});
    if (random.chance(0.15)) line += text(" F", 4 + random.below(20));
    return line + text(" F", one_of(random, {2, 6, 6, 12}));
}

/// A projection and a tree head.
inline std::string tree_line(Random& random) {
    return text(random.chance(0.5) ? "A2 " : "", "F", 2 + random.below(30), "L T", 2 + random.below(9), "d",
                random.below(5));
}

/// Offsets and shifts of a series: three neighbouring channels, the axes of a sensor, mostly share a shift. One in
/// eight is converted in 32 bits.
inline void set_channels(fixed::Input& input, int channels, Random& random) {
    input.series = true;
    const bool alike = random.chance(0.9);
    int shift = 0;
    for (int c = 0; c < channels; ++c) {
        if (c % 3 == 0 || !alike) shift = 4 + int(random.below(6));
        input.offset.push_back(std::int16_t(int(random.below(400)) - 200));
        input.shift.push_back(std::int8_t(shift));
    }
    if (random.chance(0.12)) input.offset[0] = -32760; // less the rounding half it needs 32 bits
}

/// Weights as after training: normal, cut at the largest that the bits hold. Shifts clamp few values, since clamped
/// values take a shorter way.
inline fixed::Network with_weights(const net::Spec& spec, Random& random, bool series) {
    const net::Shapes shapes = net::shapes(spec);
    fixed::Network network;
    network.spec = spec;
    if (series) set_channels(network.input, spec.input.channels, random);
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const net::Layer& own = spec.layers[i];
        fixed::Layer layer;
        const double largest = own.bits == 8 ? 127 : own.bits == 4 ? 7 : 1;
        const double spread = largest * random.uniform(0.25, 0.6);
        layer.weights.resize(net::weights(own, shapes.layers[i]));
        for (std::int8_t& weight : layer.weights)
            weight = std::int8_t(std::clamp(std::round(random.normal() * spread), -largest, largest));
        const bool tree = net::is_tree(own);
        layer.bias_bytes = tree ? 0 : int(random.below(3));
        for (int o = 0; layer.bias_bytes > 0 && o < own.outputs; ++o)
            layer.biases.push_back(std::int16_t(int(random.below(200)) - 100));
        layer.bias_shift = layer.bias_bytes == 1 ? int(random.below(4)) : 0;
        const double taps = double(layer.weights.size()) / net::weight_rows(own), sum = spread * 40 * std::sqrt(taps);
        if (tree) {
            layer.score_shift = std::clamp(int(std::round(std::log2(sum / 1500))), 1, 14);
            layer.tanh_shift = std::clamp(int(std::round(std::log2(sum / 40))), 1, 14);
        }
        if (!net::is_output(spec, i)) layer.shift = std::clamp(int(std::round(std::log2(sum / 40))), 1, 14);
        if (own.residual != net::none) layer.own_shift = int(random.below(2));
        network.layers.push_back(std::move(layer));
    }
    return network;
}

/// Sets weights to zero, and chooses among the formats that then hold each layer.
inline std::vector<fixed::Format> prune(fixed::Network& network, Random& random, const cost::Target& target) {
    const double keep = random.uniform(0.05, 0.6);
    std::vector<fixed::Format> formats;
    for (fixed::Layer& layer : network.layers)
        for (std::int8_t& weight : layer.weights)
            if (!random.chance(keep)) weight = 0;
    const fixed::Lowered lowered(network);
    for (std::size_t i = 0; i < lowered.size(); ++i) {
        std::vector<fixed::Format> possible = {fixed::Format::dense};
        for (const fixed::Format format : fixed::sparse_formats)
            if (fixed::encode_lists(lowered, i, format)) possible.push_back(format);
        // Otherwise its words are assembly and counted.
        const auto line = target.multiplies ? std::nullopt : fixed::straight_line(lowered, i);
        if (line && line->sums == fixed::StraightSums::signs) possible.push_back(fixed::Format::straight);
        formats.push_back(possible[random.below(std::uint32_t(possible.size()))]);
    }
    return formats;
}

/// Three samples. Pictures are dark with bright places; series swing around their offsets and seldom leave the range.
inline data::Split random_samples(const fixed::Input& input, const net::Shape& shape, Random& random) {
    data::Split split;
    split.samples = 3;
    split.labels.assign(3, 0);
    const std::size_t moments = std::size_t(shape.height) * std::size_t(shape.width);
    for (std::size_t i = 0; i < 3 * shape.size(); ++i) {
        if (!input.series) {
            split.pixels.push_back(random.chance(0.6) ? 0 : std::uint8_t(random.below(256)));
            continue;
        }
        const std::size_t channel = i / moments % std::size_t(shape.channels); // values are [channel][time]
        const double swing = random.normal() * 45 * double(1 << input.shift[channel]);
        split.values.push_back(std::int16_t(std::clamp(input.offset[channel] + swing, -32768.0, 32767.0)));
    }
    return split;
}

/// The network of that number for the chip; a third of them are for series. Throws Error, or gives nothing, if the
/// random choices make no network that fits the chip's memory.
inline std::optional<RandomNetwork> random_network(std::uint64_t number, const cost::Target& target) {
    Random random(2, "calibration", number);
    const bool series = random.chance(1.0 / 3), small = target.ram <= 512;
    const net::Shape input =
        series  ? net::Shape{1 + int(random.below(small ? 3 : 9)), 32 + int(random.below(97)), 1}
        : small ? one_of<net::Shape>(random, {{1, 28, 28}, {1, 28, 28}, {1, 14, 14}, {3, 12, 12}, {1, 20, 17}})
                : one_of<net::Shape>(random, {{1, 28, 28}, {1, 28, 28}, {3, 32, 32}, {1, 14, 14}, {1, 20, 17}});
    // Most bytes of memory, beside a row of the input and the stack.
    const std::size_t most = small ? 440 - std::size_t(input.width * input.channels) * (series ? 2 : 1) : 1850;
    const bool tree = number >= first_pruned && number % 4 == 3;
    net::Spec spec = net::parse(tree     ? tree_line(random)
                                : series ? series_line(random, small)
                                         : picture_line(random, small),
                                input, one_of(random, {8, 8, 4, 4, 2}));
    for (net::Layer& layer : spec.layers)
        if (random.chance(0.15)) layer.bits = one_of(random, {8, 4, 2});
    RandomNetwork made;
    made.network = with_weights(spec, random, series);
    if (fixed::plan(spec, made.network.input.kind()).bytes() > most) return std::nullopt;
    made.formats.assign(spec.layers.size(), fixed::Format::dense);
    if (number >= first_pruned) made.formats = prune(made.network, random, target);
    made.samples = random_samples(made.network.input, input, random);
    return made;
}

} // namespace tinysparse::calibrate
