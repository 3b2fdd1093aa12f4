// SPDX-License-Identifier: Apache-2.0
#include "random_network.hpp"
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
        for (int n = 0; n < taps * own.outputs; ++n)
            layer.weights.push_back(std::int8_t(int(random.below(std::uint32_t(2 * largest + 1))) - largest));
        layer.bias_bytes = int(random.below(3));
        layer.bias_shift = layer.bias_bytes == 1 ? int(random.below(6)) : 0;
        for (int o = 0; layer.bias_bytes > 0 && o < own.outputs; ++o)
            layer.biases.push_back(std::int16_t(int(random.below(255)) - 127));
        const double spread = std::sqrt(double(taps)) * largest * 40.0;
        if (!net::is_output(spec, i))
            layer.shift =
                int(std::min(14.0, std::max(1.0, std::floor(std::log2(spread / 60.0) + random.uniform(-1, 1)))));
        if (own.residual != net::none)
            (random.chance(0.5) ? layer.own_shift : layer.residual_shift) = int(random.below(3));
        network.layers.push_back(layer);
    }
    return network;
}

} // namespace plain
