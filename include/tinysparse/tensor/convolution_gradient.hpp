// SPDX-License-Identifier: Apache-2.0
// Gradients of a convolution, for one group of 16 samples.
//   x (C,H,W)   dy (O,H',W')   w (O,C,kh,kw)
//   weight gradient  dw[o][i][k] = sum over samples and positions p of dy[o][p] * x[i][stride p + k - pad]
//   input gradient   dx = the forward kernel over dy, spread out by the stride, with the weights turned around:
//                    w'[i][o][k] = w[o][i][kernel - 1 - k], padding kernel - 1 - pad, as turned() says
#pragma once
#include <array>
#include <span>
#include <utility>

#include "tinysparse/tensor/window.hpp"

namespace tinysparse::tensor {

namespace detail {

/// What a block of the weight gradient reads and writes: outputs x kernel rows x kernel columns of one input, or with a
/// 1x1 window outputs x inputs.
struct GradientBlock {
    const Lane* x; ///< under the first weight of the block at the first position
    std::ptrdiff_t x_row, x_channel;
    int stride;
    const Lane* dy; ///< of the first output
    std::ptrdiff_t dy_row, dy_channel;
    int height, width; ///< of dy
    float* dweights;   ///< of the first weight of the block
    std::ptrdiff_t weights_output, weights_row;
};

/// At each position every dy meets every x: Outputs x Rows x Columns products from Outputs + Rows x Columns loads. Only
/// Outputs + Rows of those loads come from beyond the fastest cache, since neighbouring positions share the others.
template <int Outputs, int Rows, int Columns> void weight_gradient_block(const GradientBlock& b) {
    Lane sums[Outputs][Rows][Columns] = {};
    for (int y = 0; y < b.height; ++y) {
        const Lane* in = b.x + y * b.stride * b.x_row;
        const Lane *out = b.dy + y * b.dy_row, *const end = out + b.width;
        do {
            Lane gradient[Outputs];
#pragma GCC unroll 8
            for (int o = 0; o < Outputs; ++o) gradient[o] = in_register(out[o * b.dy_channel]);
#pragma GCC unroll 8
            for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 8
                for (int c = 0; c < Columns; ++c) {
                    const Lane value = in_register(in[r * b.x_row + c]);
#pragma GCC unroll 8
                    for (int o = 0; o < Outputs; ++o) sums[o][r][c] += gradient[o] * value;
                }
            in += b.stride;
        } while (++out != end);
    }
#pragma GCC unroll 8
    for (int o = 0; o < Outputs; ++o)
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 8
            for (int c = 0; c < Columns; ++c)
                b.dweights[o * b.weights_output + r * b.weights_row + c] = sum(sums[o][r][c]);
}

using GradientKernel = void (*)(const GradientBlock&);

/// Most kernel rows and columns in one block of the weight gradient.
inline constexpr int gradient_rows = lane_is_register ? 3 : 1, gradient_columns = lane_is_register ? 6 : 3;
/// Number of outputs in a block of this size, chosen so that its sums stay in registers.
constexpr int gradient_outputs(int rows, int columns) { return std::min(block_outputs, 24 / (rows * columns)); }

/// The kernels of all block sizes: [outputs - 1][columns - 1]; null if the sums would not stay in registers.
template <int Rows, int... Index> constexpr auto weight_gradient_table(std::integer_sequence<int, Index...>) {
    const auto kernel = []<int Outputs, int Columns>() -> GradientKernel {
        if constexpr (Outputs <= gradient_outputs(Rows, Columns))
            return weight_gradient_block<Outputs, Rows, Columns>;
        else
            return nullptr;
    };
    return std::array<GradientKernel, sizeof...(Index)>{
        kernel.template operator()<Index / gradient_columns + 1, Index % gradient_columns + 1>()...};
}

using GradientIndices = std::make_integer_sequence<int, block_outputs * gradient_columns>;

inline constexpr int pointwise_inputs = lane_is_register ? 4 : 2;

/// Weight gradient of a 1x1 window: 4 outputs x 4 inputs share their loads.
template <int Outputs, int Inputs> void pointwise_gradient_block(const GradientBlock& b) {
    Lane sums[Outputs][Inputs] = {};
    for (int y = 0; y < b.height; ++y) {
        const Lane* in = b.x + y * b.stride * b.x_row;
        const Lane* out = b.dy + y * b.dy_row;
        for (int p = 0; p < b.width; ++p, in += b.stride, ++out) {
            Lane gradient[Outputs];
#pragma GCC unroll 8
            for (int o = 0; o < Outputs; ++o) gradient[o] = in_register(out[o * b.dy_channel]);
#pragma GCC unroll 8
            for (int i = 0; i < Inputs; ++i) {
                const Lane value = in_register(in[i * b.x_channel]);
#pragma GCC unroll 8
                for (int o = 0; o < Outputs; ++o) sums[o][i] += gradient[o] * value;
            }
        }
    }
#pragma GCC unroll 8
    for (int o = 0; o < Outputs; ++o)
#pragma GCC unroll 8
        for (int i = 0; i < Inputs; ++i) b.dweights[o * b.weights_output + i] = sum(sums[o][i]);
}

template <int... Index> constexpr auto pointwise_gradient_table(std::integer_sequence<int, Index...>) {
    return std::array<GradientKernel, sizeof...(Index)>{
        pointwise_gradient_block<Index / pointwise_inputs + 1, Index % pointwise_inputs + 1>...};
}

/// A block with the members that all blocks of a weight gradient share; x, dy and dweights are still unset.
inline GradientBlock gradient_block(const WindowMap& map, ConstView x, ConstView dy) {
    GradientBlock block{};
    block.x_row = x.row_stride;
    block.x_channel = x.channel_stride;
    block.stride = map.window.stride;
    block.dy_row = dy.row_stride;
    block.dy_channel = dy.channel_stride;
    block.height = map.out.height;
    block.width = map.out.width;
    block.weights_output = std::ptrdiff_t(map.in.channels) * map.window.size();
    block.weights_row = map.window.kernel_width;
    return block;
}

inline void pointwise_weight_gradient(const WindowMap& map, ConstView x, ConstView dy, std::span<float> dweights) {
    static constexpr auto table =
        pointwise_gradient_table(std::make_integer_sequence<int, block_outputs * pointwise_inputs>{});
    const net::Shape &in = map.in, &out = map.out;
    GradientBlock block = gradient_block(map, x, dy);
    for (int o = 0; o < out.channels; o += block_outputs)
        for (int i = 0; i < in.channels; i += pointwise_inputs) {
            const int outputs = std::min(block_outputs, out.channels - o);
            const int inputs = std::min(pointwise_inputs, in.channels - i);
            block.x = x.row(i, 0);
            block.dy = dy.row(o, 0);
            block.dweights = dweights.data() + o * in.channels + i;
            table[std::size_t((outputs - 1) * pointwise_inputs + inputs - 1)](block);
        }
}

} // namespace detail

/// dweights = gradient of the weights from one group; overwrites. dy is the gradient of y.
inline void convolution_weight_gradient(const WindowMap& map, ConstView x, ConstView dy, std::span<float> dweights) {
    static constexpr auto one_row = detail::weight_gradient_table<1>(detail::GradientIndices{});
    static constexpr auto more_rows = detail::weight_gradient_table<detail::gradient_rows>(detail::GradientIndices{});
    const Window& window = map.window;
    const net::Shape &in = map.in, &out = map.out;
    if (window.size() == 1) return detail::pointwise_weight_gradient(map, x, dy, dweights);
    detail::GradientBlock block = detail::gradient_block(map, x, dy);
    for (int i = 0; i < in.channels; ++i)
        for (int ky = 0; ky < window.kernel_height;) {
            const bool few = window.kernel_width <= 3 || out.channels == 1; // so that the sums stay in registers
            const int rows = few && window.kernel_height - ky >= detail::gradient_rows ? detail::gradient_rows : 1;
            detail::for_blocks(window.kernel_width, detail::gradient_columns, [&](int kx, int columns) {
                const int most = detail::gradient_outputs(rows, columns);
                for (int o = 0; o < out.channels; o += most) {
                    const int outputs = std::min(most, out.channels - o);
                    block.x = x.row(i, ky - window.pad_top) + kx - window.pad_left;
                    block.dy = dy.row(o, 0);
                    block.dweights =
                        dweights.data() + o * block.weights_output + i * window.size() + ky * window.kernel_width + kx;
                    (rows > 1 ? more_rows
                              : one_row)[std::size_t((outputs - 1) * detail::gradient_columns + columns - 1)](block);
                }
            });
            ky += rows;
        }
}

/// The weights of the convolution that gives the input gradient: [inputs][outputs][kernel turned around].
inline void turn_weights(const Window& window, int inputs, int outputs, std::span<const float> weights,
                         std::span<float> turned) {
    const int size = window.size();
    for (int o = 0; o < outputs; ++o)
        for (int i = 0; i < inputs; ++i)
            for (int k = 0; k < size; ++k)
                turned[std::size_t((i * outputs + o) * size + size - 1 - k)] =
                    weights[std::size_t((o * inputs + i) * size + k)];
}

/// Spreads dy out by the stride, with zeros between: target[c][stride y][stride x] = dy[c][y][x]. The elements between
/// must already be zero and stay so.
inline void spread(const WindowMap& map, ConstView dy, View target) {
    const int stride = map.window.stride;
    for_rows(map.out, [&, width = map.out.width](int channel, int y) {
        const Lane* from = dy.row(channel, y);
        Lane* to = target.row(channel, y * stride);
        for (int p = 0; p < width; ++p) to[p * stride] = from[p];
    });
}

} // namespace tinysparse::tensor
