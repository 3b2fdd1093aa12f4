// SPDX-License-Identifier: Apache-2.0
// One layer of a window on random numbers, run by the kernels of mcu/ and by the plain loops of fixed/reference.hpp.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/fixed/order.hpp"
#include "tinysparse/fixed/reference.hpp"
#include "tinysparse/mcu.hpp"

namespace window_case {
using namespace tinysparse;

/// What a kernel has written out; all else is known when it runs.
template <class SumOfKernel, std::uint8_t width_of_kernel, std::uint8_t stride_of_kernel, std::uint8_t positions,
          std::uint8_t bits = 8, bool pairs = false>
struct Geometry : mcu::WindowLayer<std::uint8_t> {
    using Sum = SumOfKernel;
    using Reader = mcu::WeightReader<bits>;
    static constexpr std::uint8_t kernel_width = width_of_kernel, stride = stride_of_kernel, block = positions,
                                  kernel_height_limit = 7;
    static constexpr bool paired = pairs;

    std::uint8_t in_height, in_width, in_channels, in_ring, kernel_height, pad_top, pad_left, pad_right, depth, outputs,
        rows, width, out_height, out_width, out_ring, shift, run = 0;
    std::int8_t lowest;
    bool depthwise;
    std::vector<std::uint8_t> table;
    std::vector<std::int16_t> biases;

    const std::uint8_t* weights() const { return table.data(); }
    std::int16_t bias(Count output) const { return biases[output]; }
};

/// A layer of random numbers. largest: of its weights.
struct Case {
    net::Layer spec;
    net::Shape in, out;
    fixed::Layer layer;
    fixed::reference::Picture input;

    Case(const net::Layer& own, const net::Shape& shape, int largest, Random& random)
        : spec(own), in(shape), out{own.outputs, net::windows(in.height, own.kernel_height, own.stride, own.padding),
                                    net::windows(in.width, own.kernel_width, own.stride, own.padding)},
          input{shape} {
        const int depth = spec.kind == net::Kind::depthwise ? 1 : in.channels;
        const auto within = [&](int limit) { return int(random.below(std::uint32_t(2 * limit + 1))) - limit; };
        for (int n = 0; n < spec.outputs * depth * spec.kernel_height * spec.kernel_width; ++n)
            layer.weights.push_back(std::int8_t(within(largest)));
        for (int o = 0; o < spec.outputs; ++o) layer.biases.push_back(std::int16_t(within(100)));
        layer.shift = 4;
        for (std::int64_t& value : input.values) value = within(127);
    }

    /// What the plain loops give, [channel][row][column].
    std::vector<std::int64_t> expected() const {
        fixed::reference::Picture result = fixed::reference::sums(spec, layer, input, out);
        fixed::reference::finish(spec, layer, nullptr, result);
        return result.values;
    }

    /// What the kernel gives, row by row, in the same order.
    template <class Geometry> std::vector<std::int64_t> found(int run = 0) const {
        const Geometry g = geometry<Geometry>(run);
        std::vector<std::int8_t> pixels, results(out.size(), 99);
        for (int y = 0; y < in.height; ++y)
            for (int x = 0; x < in.width; ++x)
                for (int c = 0; c < in.channels; ++c) pixels.push_back(std::int8_t(input.at(c, y, x)));
        const mcu::Streams<Geometry> streams = {pixels.data(), g.in_height, nullptr, 0, results.data(), nullptr};
        std::uint8_t made = 0;
        while (mcu::window_step<mcu::WindowRow>(g, made, streams)) {
        }
        std::vector<std::int64_t> values;
        for (int c = 0; c < out.channels; ++c)
            for (int n = 0; n < out.height * out.width; ++n)
                values.push_back(results[std::size_t(n * out.channels + c)]);
        return values;
    }

  private:
    template <class Geometry> Geometry geometry(int run) const {
        Geometry g;
        g.in_height = g.in_ring = std::uint8_t(in.height);
        g.in_width = std::uint8_t(in.width);
        g.in_channels = std::uint8_t(in.channels);
        g.kernel_height = std::uint8_t(spec.kernel_height);
        g.pad_top = std::uint8_t(net::padding_before(spec.kernel_height, spec.padding));
        g.pad_left = std::uint8_t(net::padding_before(spec.kernel_width, spec.padding));
        g.pad_right =
            std::uint8_t(std::max(0, (out.width - 1) * spec.stride + spec.kernel_width - g.pad_left - in.width));
        g.depthwise = spec.kind == net::Kind::depthwise;
        g.depth = g.depthwise ? std::uint8_t(1) : g.in_channels;
        g.outputs = std::uint8_t(out.channels);
        g.rows = g.out_height = g.out_ring = std::uint8_t(out.height);
        g.width = g.out_width = std::uint8_t(out.width);
        g.shift = std::uint8_t(layer.shift);
        g.lowest = spec.activation == net::Activation::relu ? 0 : -128;
        g.run = std::uint8_t(run);
        g.biases = layer.biases;
        g.table = fixed::pack(ordered(Geometry::paired), Geometry::Reader::bits);
        return g;
    }
    /// Weights in the order of use.
    std::vector<std::int8_t> ordered(bool paired) const {
        const int depth = spec.kind == net::Kind::depthwise ? 1 : in.channels;
        const auto at = [&](int o, int c, int y, int x) {
            return layer.weights[std::size_t(((o * depth + c) * spec.kernel_height + y) * spec.kernel_width + x)];
        };
        std::vector<std::int8_t> all;
        for (int begin = 0; begin < spec.outputs; begin += paired ? 2 : 1)
            for (int y = 0; y < spec.kernel_height; ++y)
                for (int c = 0; c < depth; ++c)
                    for (int x = 0; x < spec.kernel_width; ++x)
                        for (int o = begin; o < std::min(begin + (paired ? 2 : 1), spec.outputs); ++o)
                            all.push_back(at(o, c, y, x));
        return all;
    }
};

} // namespace window_case
