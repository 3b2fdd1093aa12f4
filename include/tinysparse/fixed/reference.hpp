// SPDX-License-Identifier: Apache-2.0
// The function of an integer network as plain loops over whole pictures, with sums of 64 bits; read this first. Devices
// and the Evaluator run the kernels of mcu/, and tests compare these with this code.
//
//   input     x = p >> 1 of a picture, clamp(round((v - offset) / 2^shift)) of a series (shift may be negative), then
//             averaged down
//   sums      s = bias * 2^bias_shift + sum of weight * x; x is 0 outside of the picture
//   finish    y = clamp(round(s / 2^shift)), to 0..127 after a ReLU, else to -128..127
//   residual  y = clamp(round(y / 2^own_shift) + round(r / 2^residual_shift)); the ReLU comes after the sum
//   pooling   the largest y of each window, or round(sum * multiplier / 2^shift)
//   tree      logit = sum over the path of clamp(round(W z / 2^score_shift)) * round(127 tanh(v / 32)), v =
//             clamp(round(V z / 2^tanh_shift)); from node k to 2k + 2 if theta z > 0, else to 2k + 1
// round(a / 2^n) is floor(a / 2^n + 1/2). Heads add their sums into the logits.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "tinysparse/fixed/network.hpp"
#include "tinysparse/net/averaging.hpp"

namespace tinysparse::fixed::reference {

/// [channel][height][width]
struct Picture {
    net::Shape shape;
    std::vector<std::int64_t> values = std::vector<std::int64_t>(shape.size());

    /// Value of channel c at row y and column x.
    std::int64_t& at(int c, int y, int x) { return values[place(c, y, x)]; }
    /// The same for constant values.
    std::int64_t at(int c, int y, int x) const { return values[place(c, y, x)]; }

  private:
    std::size_t place(int c, int y, int x) const { return std::size_t((c * shape.height + y) * shape.width + x); }
};

/// floor(value / 2^shift + 1/2), with an exact integer division; value * 2^-shift if shift is negative.
inline std::int64_t rounded(std::int64_t value, int shift) {
    if (shift <= 0) return value * (std::int64_t{1} << -shift);
    const std::int64_t divisor = std::int64_t{1} << shift, with_half = value + divisor / 2;
    return (with_half - ((with_half % divisor) + divisor) % divisor) / divisor;
}

/// The value within lowest..127; lowest is 0 with a ReLU and -128 without.
inline std::int64_t clamped(std::int64_t value, std::int64_t lowest) {
    return std::clamp<std::int64_t>(value, lowest, 127);
}

/// The value as the 32 bits that a device has at most for a sum. Throws Error if it does not fit.
inline std::int32_t checked(std::int64_t value) {
    if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max())
        throw Error(text("a sum of ", value, " does not fit 32 bits; fixed::prove refuses such a network"));
    return std::int32_t(value);
}

/// One output of a window for each height x width values; leftover rows and columns are dropped.
inline Picture pool(const Picture& in, net::Pooling kind, int height, int width) {
    const net::Averaging mean = net::averaging(height * width);
    Picture out{{in.shape.channels, in.shape.height / height, in.shape.width / width}};
    for (int c = 0; c < out.shape.channels; ++c)
        for (int y = 0; y < out.shape.height; ++y)
            for (int x = 0; x < out.shape.width; ++x) {
                std::int64_t sum = 0, largest = -128;
                for (int dy = 0; dy < height; ++dy)
                    for (int dx = 0; dx < width; ++dx) {
                        const std::int64_t value = in.at(c, y * height + dy, x * width + dx);
                        sum += value;
                        largest = std::max(largest, value);
                    }
                out.at(c, y, x) = kind == net::Pooling::maximum ? largest : rounded(sum * mean.multiplier, mean.shift);
            }
    return out;
}

/// The sums of a layer's operation, bias included. Throws Error if one does not fit 32 bits.
inline Picture sums(const net::Layer& spec, const Layer& layer, const Picture& in, const net::Shape& out_shape) {
    const bool dense = spec.kind == net::Kind::dense, depthwise = spec.kind == net::Kind::depthwise;
    const int height = dense ? in.shape.height : spec.kernel_height, width = dense ? in.shape.width : spec.kernel_width;
    const int depth = depthwise ? 1 : in.shape.channels;
    const int top = dense ? 0 : net::padding_before(height, spec.padding),
              left = dense ? 0 : net::padding_before(width, spec.padding);
    Picture out{out_shape};
    for (int o = 0; o < out_shape.channels; ++o)
        for (int y = 0; y < out_shape.height; ++y)
            for (int x = 0; x < out_shape.width; ++x) {
                std::int64_t sum = 0;
                if (!layer.biases.empty()) sum = layer.biases[std::size_t(o)] * (std::int64_t{1} << layer.bias_shift);
                for (int c = 0; c < depth; ++c)
                    for (int ky = 0; ky < height; ++ky)
                        for (int kx = 0; kx < width; ++kx) {
                            const int iy = y * spec.stride - top + ky, ix = x * spec.stride - left + kx;
                            if (iy < 0 || ix < 0 || iy >= in.shape.height || ix >= in.shape.width) continue;
                            const int weight = ((o * depth + c) * height + ky) * width + kx;
                            sum += layer.weights[std::size_t(weight)] * in.at(depthwise ? o : c, iy, ix);
                        }
                out.at(o, y, x) = checked(sum);
            }
    return out;
}

/// The logits of a tree head from the sums of all rows of all nodes, see net/tree.hpp.
inline Picture tree(const net::Layer& spec, const Layer& layer, const Picture& sums) {
    Picture out{{spec.outputs, 1, 1}};
    const int depth = spec.tree_depth;
    for (int node = 0; node < net::tree::nodes(depth);) {
        const int scores = net::tree::first_score(depth, spec.outputs, node), gates = scores + spec.outputs;
        for (int c = 0; c < spec.outputs; ++c) {
            const std::int64_t score = rounded(sums.at(scores + c, 0, 0), layer.score_shift),
                               v = rounded(sums.at(gates + c, 0, 0), layer.tanh_shift);
            const double gate = std::tanh(double(std::clamp<std::int64_t>(v, -127, 127)) / 32);
            out.at(c, 0, 0) += std::clamp<std::int64_t>(score, -4096, 4095) * std::int64_t(std::round(127 * gate));
        }
        const bool right = !net::tree::is_leaf(depth, node) && sums.at(scores - 1, 0, 0) > 0;
        node = 2 * node + (right ? 2 : 1);
    }
    return out;
}

/// The work after the sums, except pooling. residual: of the same shape, or null.
inline void finish(const net::Layer& spec, const Layer& layer, const Picture* residual, Picture& out) {
    const std::int64_t lowest = spec.activation == net::Activation::relu ? 0 : -128;
    for (std::size_t n = 0; n < out.values.size(); ++n) {
        std::int64_t& value = out.values[n];
        value = clamped(rounded(value, layer.shift), residual ? -128 : lowest);
        if (residual)
            value =
                clamped(rounded(value, layer.own_shift) + rounded(residual->values[n], layer.residual_shift), lowest);
    }
}

/// Raw: std::uint8_t for pictures, std::int16_t for series. raw: [height][width][channel].
template <class Raw> Picture input(const Network& network, const std::vector<Raw>& raw) {
    const net::Spec& spec = network.spec;
    Picture picture{spec.input};
    std::size_t next = 0;
    for (int y = 0; y < spec.input.height; ++y)
        for (int x = 0; x < spec.input.width; ++x)
            for (int c = 0; c < spec.input.channels; ++c) {
                const std::int64_t value = raw[next++];
                const std::size_t channel = std::size_t(c);
                picture.at(c, y, x) =
                    network.input.series
                        ? clamped(rounded(value - network.input.offset[channel], network.input.shift[channel]), -128)
                        : value / 2;
            }
    return pool(picture, net::Pooling::average, spec.downsample_height, spec.downsample_width);
}

/// The logits of one sample. raw: in device order, [height][width][channel]. Throws Error if a sum does not fit 32
/// bits.
template <class Raw> std::vector<std::int32_t> logits(const Network& network, const std::vector<Raw>& raw) {
    const net::Shapes shapes = net::shapes(network.spec);
    const Picture picture = input(network, raw);
    std::vector<Picture> outputs;
    const auto of = [&](int layer) -> const Picture& {
        return layer == net::picture ? picture : outputs[std::size_t(layer)];
    };
    std::vector<std::int32_t> result(std::size_t(shapes.classes));
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const net::Layer& spec = network.spec.layers[i];
        net::Shape rows = shapes.layers[i].operation;
        rows.channels = net::weight_rows(spec);
        Picture out = sums(spec, network.layers[i], of(spec.input), rows);
        if (net::is_tree(spec)) out = tree(spec, network.layers[i], out);
        if (net::is_output(network.spec, i)) {
            for (std::size_t o = 0; o < result.size(); ++o) result[o] = checked(result[o] + out.values[o]);
        } else {
            finish(spec, network.layers[i], spec.residual == net::none ? nullptr : &of(spec.residual), out);
            if (spec.pooling != net::Pooling::none) out = pool(out, spec.pooling, spec.pool_height, spec.pool_width);
        }
        outputs.push_back(std::move(out));
    }
    return result;
}

} // namespace tinysparse::fixed::reference
