// SPDX-License-Identifier: Apache-2.0
#include "random_spec.hpp"
#include <algorithm>
#include <vector>

namespace plain {

net::Spec random_spec(const net::Shape& input, Random& random, int most_layers) {
    const auto one_of = [&](std::initializer_list<int> values) {
        return values.begin()[random.below(std::uint32_t(values.size()))];
    };
    net::Spec spec;
    spec.input = input;
    if (random.chance(0.3)) spec.downsample_height = 1 + int(random.below(std::uint32_t(std::min(3, input.height))));
    if (random.chance(0.3)) spec.downsample_width = 1 + int(random.below(std::uint32_t(std::min(3, input.width))));
    std::vector<net::Shape> outs;
    const net::Shape picture{input.channels, input.height / spec.downsample_height,
                             input.width / spec.downsample_width};
    const auto of = [&](int layer) { return layer == net::picture ? picture : outs[std::size_t(layer)]; };
    const int layers = int(random.below(std::uint32_t(most_layers + 1)));
    for (int i = 0; i < layers; ++i) {
        net::Layer layer;
        layer.input = i == 0 || random.chance(0.85) ? i - 1 : int(random.below(std::uint32_t(i + 1))) - 1;
        const net::Shape in = of(layer.input);
        layer.kind = random.chance(0.4)   ? net::Kind::depthwise
                     : random.chance(0.1) ? net::Kind::dense
                                          : net::Kind::convolution;
        layer.outputs = layer.kind == net::Kind::depthwise ? in.channels : 1 + int(random.below(9));
        layer.bits = one_of({8, 8, 4, 2});
        layer.activation = random.chance(0.4) ? net::Activation::linear : net::Activation::relu;
        layer.batch_normalisation = layer.kind != net::Kind::dense;
        if (layer.kind != net::Kind::dense) {
            if (random.chance(0.1)) {
                layer.padding = net::Padding::valid;
                layer.kernel_height = in.height;
                layer.kernel_width = in.width;
            } else {
                layer.kernel_height = one_of({1, 1, 3, 3, 3, 5, 7});
                layer.kernel_width = random.chance(0.8) ? layer.kernel_height : one_of({1, 3, 5, 7});
                if (random.chance(0.3) && layer.kernel_height <= in.height && layer.kernel_width <= in.width)
                    layer.padding = net::Padding::valid;
            }
            layer.stride = random.chance(0.3) ? 2 : 1;
            const net::Shape operation = net::detail::layer_shapes("", layer, in).operation;
            if (random.chance(0.4)) { // a residual from any earlier output of the same shape
                std::vector<int> fitting;
                for (int j = 0; j < i; ++j)
                    if (of(j) == operation) fitting.push_back(j);
                if (!fitting.empty()) layer.residual = fitting[random.below(std::uint32_t(fitting.size()))];
            }
            if (random.chance(0.4)) {
                layer.pooling = random.chance(0.5) ? net::Pooling::maximum : net::Pooling::average;
                const bool global = random.chance(0.2);
                layer.pool_height = global ? operation.height : std::min(operation.height, one_of({1, 2, 2, 2, 3, 4}));
                layer.pool_width =
                    global ? operation.width
                           : std::min(operation.width, random.chance(0.7) ? layer.pool_height : one_of({1, 2, 3}));
            }
        }
        spec.layers.push_back(layer);
        outs.push_back(net::detail::layer_shapes("", layer, in).out);
    }
    // What nobody reads yet gets a head, and now and then another layer does.
    const int classes = 1 + int(random.below(12));
    for (int i = layers - 1; i >= net::picture; --i) {
        const bool unread = i == net::picture ? layers == 0 : net::is_output(spec, std::size_t(i));
        if (!unread && !random.chance(0.1)) continue;
        net::Layer head;
        head.kind = net::Kind::dense;
        head.batch_normalisation = false;
        head.activation = net::Activation::linear;
        head.input = i;
        head.outputs = classes;
        head.bits = one_of({8, 4, 2});
        spec.layers.push_back(head);
    }
    return spec;
}

net::Shape random_picture(Random& random) {
    const auto side = [&] { return random.chance(0.15) ? 1 : 1 + int(random.below(14)); };
    return {random.chance(0.6) ? 1 : 3, side(), side()};
}

} // namespace plain
