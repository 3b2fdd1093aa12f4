// SPDX-License-Identifier: Apache-2.0
#include "random_network.hpp"
#include <algorithm>
#include <cmath>

namespace plain {

fixed::Network random_network(const net::Spec& spec, Random& random, bool series) {
    fixed::Network network;
    network.spec = spec;
    const net::Shapes shapes = net::shapes(spec);
    if (series) {
        network.input.series = true;
        for (int c = 0; c < spec.input.channels; ++c) {
            network.input.offset.push_back(std::int16_t(int(random.below(2000)) - 1000));
            network.input.shift.push_back(std::int8_t(int(random.below(18)) - 7));
        }
    }
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const net::Layer& own = spec.layers[i];
        const net::Shape in = shapes.layers[i].in;
        fixed::Layer layer;
        const int taps = own.kind == net::Kind::dense ? int(in.size())
                                                      : own.kernel_height * own.kernel_width *
                                                            (own.kind == net::Kind::depthwise ? 1 : in.channels);
        int largest = own.bits == 8 ? 127 : own.bits == 4 ? 7 : 1;
        if (own.bits == 8 && random.chance(0.4))
            largest = 1 + int(random.below(20)); // small enough for narrow sums at times
        for (int n = 0; n < taps * net::weight_rows(own); ++n)
            layer.weights.push_back(std::int8_t(int(random.below(std::uint32_t(2 * largest + 1))) - largest));
        layer.bias_bytes = net::is_tree(own) ? 0 : int(random.below(3));
        layer.bias_shift = layer.bias_bytes == 1 ? int(random.below(6)) : 0;
        for (int o = 0; layer.bias_bytes > 0 && o < own.outputs; ++o)
            layer.biases.push_back(std::int16_t(int(random.below(255)) - 127));
        const double spread = std::sqrt(double(taps)) * largest * 40.0;
        if (!net::is_output(spec, i))
            layer.shift =
                int(std::min(14.0, std::max(1.0, std::floor(std::log2(spread / 60.0) + random.uniform(-1, 1)))));
        if (net::is_tree(own)) {
            layer.score_shift =
                int(std::clamp(std::floor(std::log2(spread / 2000) + random.uniform(-1, 1)), 1.0, 14.0));
            layer.tanh_shift = int(std::clamp(std::floor(std::log2(spread / 40) + random.uniform(-1, 1)), 1.0, 14.0));
        }
        if (own.residual != net::none)
            (random.chance(0.5) ? layer.own_shift : layer.residual_shift) = int(random.below(3));
        network.layers.push_back(layer);
    }
    return network;
}

fixed::Network random_tree(Random& random) {
    const int depth = int(random.below(5)), classes = 1 + int(random.below(10)), inputs = 1 + int(random.below(40));
    net::Spec spec{.input = {random.chance(0.6) ? 1 : 3, 1 + int(random.below(6)), 1 + int(random.below(6))}};
    spec.append(net::Layer::dense(inputs, random.chance(0.8) ? net::Activation::linear : net::Activation::relu));
    spec.append(net::Layer::tree(classes, depth));
    for (net::Layer& layer : spec.layers) layer.bits = 8 >> random.below(3);
    fixed::Network network = random_network(spec, random);
    const double keep = random.chance(0.2) ? 1 : random.uniform(0, 1);
    for (std::int8_t& weight : network.layers[1].weights)
        if (!random.chance(keep)) weight = 0;
    const auto clear = [&](int first, int rows) {
        std::fill_n(network.layers[1].weights.begin() + first * inputs, rows * inputs, std::int8_t{0});
    };
    for (int node = 0; node < net::tree::nodes(depth); ++node) {
        const int first = net::tree::first_row(depth, classes, node);
        if (random.chance(0.1)) clear(first, net::tree::first_score(depth, classes, node) + 2 * classes - first);
        if (random.chance(0.2)) clear(first + int(random.below(std::uint32_t(2 * classes))), 1);
    }
    return network;
}

void thin_out(fixed::Network& network, double keep, Random& random) {
    for (fixed::Layer& layer : network.layers)
        for (std::int8_t& weight : layer.weights)
            if (!random.chance(keep)) weight = 0;
}

} // namespace plain
