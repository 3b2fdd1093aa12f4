// SPDX-License-Identifier: Apache-2.0
#include "plain_network.hpp"
#include "tinysparse/net/averaging.hpp"
#include <cmath>

namespace plain {

namespace {

/// [channel][height][width]
struct Picture {
    net::Shape shape;
    std::vector<std::int64_t> values;
    std::int64_t& at(int c, int y, int x) { return values[std::size_t((c * shape.height + y) * shape.width + x)]; }
    std::int64_t at(int c, int y, int x) const { return const_cast<Picture*>(this)->at(c, y, x); }
};
Picture blank(const net::Shape& shape) { return {shape, std::vector<std::int64_t>(shape.size())}; }

/// floor((value + 2^(shift-1)) / 2^shift), the division done in exact integers.
std::int64_t rounded(std::int64_t value, int shift) {
    if (shift == 0) return value;
    const std::int64_t divisor = std::int64_t{1} << shift, with_half = value + divisor / 2;
    return (with_half - ((with_half % divisor) + divisor) % divisor) / divisor;
}
std::int64_t clamped(std::int64_t value, std::int64_t lowest) {
    return std::min<std::int64_t>(127, std::max(lowest, value));
}

std::int64_t mean(std::int64_t sum, int area) {
    const net::Averaging averaging = net::averaging(area);
    return rounded(sum * averaging.multiplier, averaging.shift);
}

Picture pool(const Picture& in, net::Pooling kind, int height, int width) {
    Picture out = blank({in.shape.channels, in.shape.height / height, in.shape.width / width});
    for (int c = 0; c < out.shape.channels; ++c)
        for (int y = 0; y < out.shape.height; ++y)
            for (int x = 0; x < out.shape.width; ++x) {
                std::int64_t sum = 0, largest = -128;
                for (int dy = 0; dy < height; ++dy)
                    for (int dx = 0; dx < width; ++dx) {
                        sum += in.at(c, y * height + dy, x * width + dx);
                        largest = std::max(largest, in.at(c, y * height + dy, x * width + dx));
                    }
                out.at(c, y, x) = kind == net::Pooling::maximum ? largest : mean(sum, height * width);
            }
    return out;
}

/// The sums of a layer's operation, bias included.
Picture sums(const net::Layer& spec, const fixed::Layer& layer, const Picture& in, const net::Shape& out_shape) {
    const bool dense = spec.kind == net::Kind::dense;
    const int height = dense ? in.shape.height : spec.kernel_height, width = dense ? in.shape.width : spec.kernel_width;
    const int depth = spec.kind == net::Kind::depthwise ? 1 : in.shape.channels;
    const int top = dense ? 0 : net::padding_before(height, spec.padding),
              left = dense ? 0 : net::padding_before(width, spec.padding);
    Picture out = blank(out_shape);
    for (int o = 0; o < out_shape.channels; ++o)
        for (int y = 0; y < out_shape.height; ++y)
            for (int x = 0; x < out_shape.width; ++x) {
                std::int64_t sum = layer.biases.empty() ? 0
                                                        : std::int64_t{layer.biases[std::size_t(o)]} *
                                                              (std::int64_t{1} << layer.bias_shift);
                for (int c = 0; c < depth; ++c)
                    for (int ky = 0; ky < height; ++ky)
                        for (int kx = 0; kx < width; ++kx) {
                            const int iy = y * spec.stride - top + ky, ix = x * spec.stride - left + kx;
                            if (iy < 0 || ix < 0 || iy >= in.shape.height || ix >= in.shape.width) continue;
                            sum += layer.weights[std::size_t(((o * depth + c) * height + ky) * width + kx)] *
                                   in.at(spec.kind == net::Kind::depthwise ? o : c, iy, ix);
                        }
                out.at(o, y, x) = sum;
            }
    return out;
}

template <class Raw> std::vector<std::int32_t> logits_of(const fixed::Network& network, const std::vector<Raw>& raw) {
    const net::Shapes shapes = net::shapes(network.spec);
    const net::Shape in = network.spec.input;
    Picture picture = blank(in);
    for (int y = 0; y < in.height; ++y)
        for (int x = 0; x < in.width; ++x)
            for (int c = 0; c < in.channels; ++c) {
                const std::int64_t value = raw[std::size_t((y * in.width + x) * in.channels + c)];
                picture.at(c, y, x) = network.input.series
                                          ? clamped(rounded(value - network.input.offset[std::size_t(c)],
                                                            network.input.shift[std::size_t(c)]),
                                                    -128)
                                          : value / 2;
            }
    picture = pool(picture, net::Pooling::average, network.spec.downsample_height, network.spec.downsample_width);
    std::vector<Picture> outputs;
    const auto of = [&](int layer) -> const Picture& {
        return layer == net::picture ? picture : outputs[std::size_t(layer)];
    };
    std::vector<std::int32_t> result(std::size_t(shapes.classes));
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const net::Layer& spec = network.spec.layers[i];
        const fixed::Layer& layer = network.layers[i];
        Picture out = sums(spec, layer, of(spec.input), shapes.layers[i].operation);
        if (net::is_output(network.spec, i)) {
            for (std::size_t o = 0; o < result.size(); ++o) result[o] += std::int32_t(out.values[o]);
            outputs.push_back(out);
            continue;
        }
        const std::int64_t lowest = spec.activation == net::Activation::relu ? 0 : -128;
        for (std::size_t n = 0; n < out.values.size(); ++n) {
            std::int64_t& value = out.values[n];
            value = clamped(rounded(value, layer.shift), spec.residual == net::none ? lowest : -128);
            if (spec.residual != net::none)
                value = clamped(rounded(value, layer.own_shift) +
                                    rounded(of(spec.residual).values[n], layer.residual_shift),
                                lowest);
        }
        if (spec.pooling != net::Pooling::none) out = pool(out, spec.pooling, spec.pool_height, spec.pool_width);
        outputs.push_back(out);
    }
    return result;
}

} // namespace

std::vector<std::int32_t> logits(const fixed::Network& network, const std::vector<std::uint8_t>& raw) {
    return logits_of(network, raw);
}
std::vector<std::int32_t> logits(const fixed::Network& network, const std::vector<std::int16_t>& raw) {
    return logits_of(network, raw);
}

fixed::Network random_network(const net::Spec& spec, Random& random, bool series) {
    fixed::Network network;
    network.spec = spec;
    const net::Shapes shapes = net::shapes(spec);
    if (series) {
        network.input.series = true;
        for (int c = 0; c < spec.input.channels; ++c) {
            network.input.offset.push_back(std::int16_t(int(random.below(2000)) - 1000));
            network.input.shift.push_back(std::uint8_t(1 + random.below(10)));
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
