// SPDX-License-Identifier: Apache-2.0
// Convolution kernels for one group of 16 samples.
//   forward          y[o][p]  = b[o] + sum over i, k of w[o][i][k] * x[i][stride p + k - pad]
//   weight gradient  dw[o][i][k] = sum over samples and positions p of dy[o][p] * x[i][stride p + k - pad]
//   input gradient   dx = the same forward kernel over dy (spread out by the stride) with the weights turned around:
//                    w'[i][o][k] = w[o][i][kernel - 1 - k], padding kernel - 1 - pad
//
// Speed: 4 outputs x up to 7 pixels of partial sums stay in registers, so one load of x feeds 4 multiply-adds and one
// weight feeds 7; a machine with 32 vector registers then runs at 90 % of its multiply-add peak.
// x must have a halo as wide as the window reaches beyond its edge.
#pragma once
#include <array>
#include <span>
#include <utility>

#include "tinysparse/tensor/tensor.hpp"

namespace tinysparse::tensor {

/// How a window moves over a picture. Padding is what lies before the first position; what lies behind follows.
struct Window {
    int kernel_height = 1, kernel_width = 1, stride = 1, pad_top = 0, pad_left = 0;
    int size() const { return kernel_height * kernel_width; }
};

inline Window window_of(const net::Layer& layer) {
    return {layer.kernel_height, layer.kernel_width, layer.stride,
            net::padding_before(layer.kernel_height, layer.padding),
            net::padding_before(layer.kernel_width, layer.padding)};
}

/// The halo that an input of shape `in` needs so that no position of a window reads outside of it.
inline Halo halo_for(const Window& window, const net::Shape& in, const net::Shape& out) {
    const int below = (out.height - 1) * window.stride + window.kernel_height - window.pad_top - in.height;
    const int right = (out.width - 1) * window.stride + window.kernel_width - window.pad_left - in.width;
    return {std::max({0, below, window.pad_top}), std::max({0, right, window.pad_left})};
}

namespace detail {

inline constexpr int block_outputs = 4, block_pixels = 7;

/// Splits `length` into the fewest pieces of at most block_pixels, as equal as can be: 16 is 6 + 5 + 5.
template <class Body> void for_blocks(int length, Body body) {
    const int pieces = (length + block_pixels - 1) / block_pixels;
    for (int piece = 0, begin = 0; piece < pieces; ++piece) {
        const int size = (length - begin + pieces - piece - 1) / (pieces - piece);
        body(begin, size);
        begin += size;
    }
}

/// What a block of outputs x pixels reads and writes.
struct Block {
    const Lane* x;        ///< channel 0, first row and column under the window of the first pixel
    const float* weights; ///< of the first output
    const float* bias;    ///< of the first output, or null
    Lane* y;              ///< first output, first pixel
    std::ptrdiff_t x_row, x_channel, y_channel, weights_output;
    int inputs, kernel_height, kernel_width;
    bool accumulate; ///< add to y instead of overwriting it
};

template <int Outputs, int Pixels, int Stride> void convolution_block(const Block& b) {
    Lane sums[Outputs][Pixels];
    for (int o = 0; o < Outputs; ++o)
        for (int p = 0; p < Pixels; ++p)
            sums[o][p] = b.accumulate ? b.y[o * b.y_channel + p] : broadcast(b.bias ? b.bias[o] : 0.0f);
    const float* weights = b.weights;
    for (int i = 0; i < b.inputs; ++i)
        for (int ky = 0; ky < b.kernel_height; ++ky) {
            const Lane* x = b.x + i * b.x_channel + ky * b.x_row;
            for (int kx = 0; kx < b.kernel_width; ++kx, ++x, ++weights)
#pragma GCC unroll 8
                for (int p = 0; p < Pixels; ++p) {
                    const Lane value = x[p * Stride];
#pragma GCC unroll 8
                    for (int o = 0; o < Outputs; ++o) sums[o][p] += weights[o * b.weights_output] * value;
                }
        }
    for (int o = 0; o < Outputs; ++o)
        for (int p = 0; p < Pixels; ++p) b.y[o * b.y_channel + p] = sums[o][p];
}

using BlockKernel = void (*)(const Block&);

/// The kernels of all block sizes: [outputs - 1][pixels - 1].
template <int Stride, int... Index> constexpr auto convolution_table(std::integer_sequence<int, Index...>) {
    return std::array<BlockKernel, sizeof...(Index)>{
        convolution_block<Index / block_pixels + 1, Index % block_pixels + 1, Stride>...};
}

/// Partial sums of the weight gradient for `Outputs` outputs, one input and `Columns` neighbouring kernel columns.
template <int Outputs, int Columns>
void weight_gradient_block(const Lane* x, std::ptrdiff_t x_row, int stride, const Lane* dy, std::ptrdiff_t dy_row,
                           std::ptrdiff_t dy_channel, int height, int width, float* dweights,
                           std::ptrdiff_t weights_output) {
    Lane sums[Outputs][Columns] = {};
    for (int y = 0; y < height; ++y) {
        const Lane* in = x + y * stride * x_row;
        const Lane* out = dy + y * dy_row;
        for (int p = 0; p < width; ++p, in += stride, ++out)
#pragma GCC unroll 8
            for (int o = 0; o < Outputs; ++o) {
                const Lane gradient = out[o * dy_channel];
#pragma GCC unroll 8
                for (int c = 0; c < Columns; ++c) sums[o][c] += gradient * in[c];
            }
    }
    for (int o = 0; o < Outputs; ++o)
        for (int c = 0; c < Columns; ++c) dweights[o * weights_output + c] = sum(sums[o][c]);
}

using WeightGradientKernel = void (*)(const Lane*, std::ptrdiff_t, int, const Lane*, std::ptrdiff_t, std::ptrdiff_t,
                                      int, int, float*, std::ptrdiff_t);
template <int... Index> constexpr auto weight_gradient_table(std::integer_sequence<int, Index...>) {
    return std::array<WeightGradientKernel, sizeof...(Index)>{
        weight_gradient_block<Index / block_pixels + 1, Index % block_pixels + 1>...};
}

using BlockIndices = std::make_integer_sequence<int, block_outputs * block_pixels>;

/// Weight gradient of a 1x1 window: 4 outputs x 4 inputs share their loads.
template <int Outputs, int Inputs>
void pointwise_gradient_block(const Lane* x, std::ptrdiff_t x_row, std::ptrdiff_t x_channel, int stride, const Lane* dy,
                              std::ptrdiff_t dy_row, std::ptrdiff_t dy_channel, int height, int width, float* dweights,
                              std::ptrdiff_t weights_output) {
    Lane sums[Outputs][Inputs] = {};
    for (int y = 0; y < height; ++y) {
        const Lane* in = x + y * stride * x_row;
        const Lane* out = dy + y * dy_row;
        for (int p = 0; p < width; ++p, in += stride, ++out)
#pragma GCC unroll 8
            for (int o = 0; o < Outputs; ++o) {
                const Lane gradient = out[o * dy_channel];
#pragma GCC unroll 8
                for (int i = 0; i < Inputs; ++i) sums[o][i] += gradient * in[i * x_channel];
            }
    }
    for (int o = 0; o < Outputs; ++o)
        for (int i = 0; i < Inputs; ++i) dweights[o * weights_output + i] = sum(sums[o][i]);
}

using PointwiseGradientKernel = void (*)(const Lane*, std::ptrdiff_t, std::ptrdiff_t, int, const Lane*, std::ptrdiff_t,
                                         std::ptrdiff_t, int, int, float*, std::ptrdiff_t);
template <int... Index> constexpr auto pointwise_gradient_table(std::integer_sequence<int, Index...>) {
    return std::array<PointwiseGradientKernel, sizeof...(Index)>{
        pointwise_gradient_block<Index / block_outputs + 1, Index % block_outputs + 1>...};
}

} // namespace detail

/// y = convolution of x, for one group. weights [outputs][in.channels][kernel_height][kernel_width]; bias [outputs] or
/// empty. With `accumulate` the result is added to y (and no bias is used).
inline void convolution_forward(const Window& window, const net::Shape& in, ConstView x, std::span<const float> weights,
                                std::span<const float> bias, const net::Shape& out, View y, bool accumulate = false) {
    static constexpr auto stride_1 = detail::convolution_table<1>(detail::BlockIndices{});
    static constexpr auto stride_2 = detail::convolution_table<2>(detail::BlockIndices{});
    const auto& table = window.stride == 1 ? stride_1 : stride_2;
    detail::Block block{};
    block.x_row = x.row_stride;
    block.x_channel = x.channel_stride;
    block.y_channel = y.channel_stride;
    block.weights_output = std::ptrdiff_t(in.channels) * window.size();
    block.inputs = in.channels;
    block.kernel_height = window.kernel_height;
    block.kernel_width = window.kernel_width;
    block.accumulate = accumulate;
    for (int o = 0; o < out.channels; o += detail::block_outputs) {
        const int outputs = std::min(detail::block_outputs, out.channels - o);
        block.weights = weights.data() + o * block.weights_output;
        block.bias = bias.empty() ? nullptr : bias.data() + o;
        for (int row = 0; row < out.height; ++row)
            detail::for_blocks(out.width, [&](int begin, int size) {
                block.x = x.row(0, row * window.stride - window.pad_top) + begin * window.stride - window.pad_left;
                block.y = y.row(o, row) + begin;
                table[std::size_t((outputs - 1) * detail::block_pixels + size - 1)](block);
            });
    }
}

/// dweights = gradient of the weights from one group; overwrites. dy is the gradient of y.
inline void convolution_weight_gradient(const Window& window, const net::Shape& in, ConstView x, const net::Shape& out,
                                        ConstView dy, std::span<float> dweights) {
    static constexpr auto table = detail::weight_gradient_table(detail::BlockIndices{});
    static constexpr auto pointwise = detail::pointwise_gradient_table(
        std::make_integer_sequence<int, detail::block_outputs * detail::block_outputs>{});
    const std::ptrdiff_t weights_output = std::ptrdiff_t(in.channels) * window.size();
    for (int o = 0; o < out.channels; o += detail::block_outputs) {
        const int outputs = std::min(detail::block_outputs, out.channels - o);
        float* const own = dweights.data() + o * weights_output;
        if (window.size() == 1) {
            for (int i = 0; i < in.channels; i += detail::block_outputs) {
                const int inputs = std::min(detail::block_outputs, in.channels - i);
                pointwise[std::size_t((outputs - 1) * detail::block_outputs + inputs - 1)](
                    x.row(i, 0), x.row_stride, x.channel_stride, window.stride, dy.row(o, 0), dy.row_stride,
                    dy.channel_stride, out.height, out.width, own + i, weights_output);
            }
            continue;
        }
        for (int i = 0; i < in.channels; ++i)
            for (int ky = 0; ky < window.kernel_height; ++ky)
                detail::for_blocks(window.kernel_width, [&](int kx, int columns) {
                    table[std::size_t((outputs - 1) * detail::block_pixels + columns - 1)](
                        x.row(i, ky - window.pad_top) + kx - window.pad_left, x.row_stride, window.stride, dy.row(o, 0),
                        dy.row_stride, dy.channel_stride, out.height, out.width,
                        own + (i * window.kernel_height + ky) * window.kernel_width + kx, weights_output);
                });
    }
}

/// dbias[o] = sum over samples and positions of dy[o], from one group; overwrites.
inline void bias_gradient(const net::Shape& out, ConstView dy, std::span<float> dbias) {
    for (int o = 0; o < out.channels; ++o) {
        Lane total{};
        for (int y = 0; y < out.height; ++y) {
            const Lane* row = dy.row(o, y);
            for (int p = 0; p < out.width; ++p) total += row[p];
        }
        dbias[std::size_t(o)] = sum(total);
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

/// The window of the convolution that gives the input gradient.
inline Window turned_window(const Window& window) {
    return {window.kernel_height, window.kernel_width, 1, window.kernel_height - 1 - window.pad_top,
            window.kernel_width - 1 - window.pad_left};
}

/// Spreads dy out by the stride, with zeros between: target[c][stride y][stride x] = dy[c][y][x]. What lies between in
/// the target must be zero already and stays so.
inline void spread(const net::Shape& out, int stride, ConstView dy, View target) {
    for_rows(out, [&](int channel, int y) {
        const Lane* from = dy.row(channel, y);
        Lane* to = target.row(channel, y * stride);
        for (int p = 0; p < out.width; ++p) to[p * stride] = from[p];
    });
}

} // namespace tinysparse::tensor
