// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution kernels for one group: every channel has its own window.
//   x (C,H,W)   w (C,kh,kw)   y (C,H',W')
//   forward          y[c][p]  = b[c] + sum over k of w[c][k] * x[c][stride p + k - pad]
//   weight gradient  dw[c][k] = sum over samples and positions p of dy[c][p] * x[c][stride p + k - pad]
//   input gradient   dx = the forward kernel over dy with every window turned around, or dy scattered over dx
// As plain loops: tensor/reference.hpp.
//
// Speed: two rows of 3 or 4 outputs share their rows of x, and the outputs of a row share their values of x: 24 loads
// feed 72 multiply-adds of a 3x3 window.
#pragma once
#include <cassert>

#include "tinysparse/tensor/bias.hpp"
#include "tinysparse/tensor/convolution_gradient.hpp"

namespace tinysparse::tensor {

namespace detail {

/// What a block of rows x pixels of one channel reads and writes.
struct DepthwiseBlock {
    const Lane* x; ///< first row and column under the window of the first pixel
    std::ptrdiff_t x_row;
    const float* weights;
    int kernel_height;
    Range rows; ///< Of x, from there, that lie inside the picture.
    float bias;
    Lane* y; ///< first pixel
    std::ptrdiff_t y_row;
    bool accumulate; ///< add to y instead of overwriting it
    float low;       ///< what is less is stored as that: 0 for a ReLU, else -infinity
};

/// sums[p] += sum over kx of weights[kx] * values[p * Stride + kx]
template <int Columns, int Pixels, int Stride>
inline void depthwise_row(const Lane* values, const float* weights, Lane (&sums)[Pixels]) {
#pragma GCC unroll 8
    for (int kx = 0; kx < Columns; ++kx) {
        const Lane weight = broadcast(weights[kx]);
#pragma GCC unroll 8
        for (int p = 0; p < Pixels; ++p) sums[p] += weight * values[p * Stride + kx];
    }
}

/// Each row of x is row r of the window for the first row of outputs, row r - 1 for the second.
template <int Columns, int Rows, int Pixels, int Stride> void depthwise_block(const DepthwiseBlock& b) {
    static_assert(Rows <= 2);
    Lane sums[Rows][Pixels];
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row)
#pragma GCC unroll 8
        for (int p = 0; p < Pixels; ++p) sums[row][p] = b.accumulate ? b.y[row * b.y_row + p] : broadcast(b.bias);
    for (int r = b.rows.begin; r < b.rows.end; ++r) {
        const Lane* x = b.x + r * b.x_row;
        Lane values[(Pixels - 1) * Stride + Columns];
#pragma GCC unroll 16
        for (int v = 0; v < (Pixels - 1) * Stride + Columns; ++v) values[v] = in_register(x[v]);
        if (Rows == 1 || r < b.kernel_height)
            depthwise_row<Columns, Pixels, Stride>(values, b.weights + r * Columns, sums[0]);
        if (Rows == 2 && r > 0)
            depthwise_row<Columns, Pixels, Stride>(values, b.weights + (r - 1) * Columns, sums[Rows - 1]);
    }
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row)
#pragma GCC unroll 8
        for (int p = 0; p < Pixels; ++p) b.y[row * b.y_row + p] = at_least(broadcast(b.low), sums[row][p]);
}

using DepthwiseKernel = void (*)(const DepthwiseBlock&);
/// Rows of outputs in a block with stride 1; with stride 2 they share too little. If a Lane is four registers, larger
/// blocks are a tenth faster and take twice as long to compile.
inline constexpr int depthwise_block_rows = lane_is_few_registers ? 2 : 1;
inline constexpr int depthwise_pixels = lane_is_few_registers ? 4 : 2;

/// The kernels of one window for this number of rows: [pixels - 1].
template <int Columns, int Rows, int Stride, int... Index>
constexpr auto depthwise_table(std::integer_sequence<int, Index...>) {
    return std::array<DepthwiseKernel, sizeof...(Index)>{depthwise_block<Columns, Rows, Index + 1, Stride>...};
}

/// Computes one row of outputs of one channel, or with stride 1 all rows of a block.
template <int Columns, int Stride> void depthwise_rows(DepthwiseBlock block, int rows, int width) {
    using Sizes = std::make_integer_sequence<int, depthwise_pixels>;
    static constexpr auto one_row = depthwise_table<Columns, 1, Stride>(Sizes{});
    static constexpr auto more_rows = depthwise_table < Columns, Stride == 1 ? depthwise_block_rows : 1,
                          Stride > (Sizes{});
    for_blocks(width, depthwise_pixels, [&](int, int pixels) {
        (rows > 1 ? more_rows : one_row)[std::size_t(pixels - 1)](block);
        block.x += pixels * Stride;
        block.y += pixels;
    });
}

/// Kernel for windows of any width: those over all positions, which have few outputs.
inline void depthwise_rows_any(const Window& window, DepthwiseBlock block, int width) {
    for (int p = 0; p < width; ++p, block.x += window.stride) {
        Lane total = block.accumulate ? block.y[p] : broadcast(block.bias);
        for (int ky = block.rows.begin; ky < block.rows.end; ++ky)
            for (int kx = 0; kx < window.kernel_width; ++kx)
                total += block.weights[ky * window.kernel_width + kx] * block.x[ky * block.x_row + kx];
        block.y[p] = at_least(broadcast(block.low), total);
    }
}

using DepthwiseRows = void (*)(DepthwiseBlock, int, int);
/// The kernel for a width and a stride of 1 or 2; null if there is none.
inline DepthwiseRows depthwise_rows_of(int columns, int stride) {
    assert(stride == 1 || stride == 2);
    if (columns == 3) return stride == 1 ? depthwise_rows<3, 1> : depthwise_rows<3, 2>;
    if (columns == 5) return stride == 1 ? depthwise_rows<5, 1> : depthwise_rows<5, 2>;
    if (columns == 7) return stride == 1 ? depthwise_rows<7, 1> : depthwise_rows<7, 2>;
    return nullptr;
}

} // namespace detail

/// y = depthwise convolution of x, for one group. weights [channels][kernel_height][kernel_width].
/// With `accumulate` the result is added to y, without bias.
inline void depthwise_forward(const WindowMap& map, ConstView x, std::span<const float> weights, View y,
                              const Finish& finish = {}, bool accumulate = false) {
    const auto& [window, in, out] = map;
    const detail::DepthwiseRows kernel = detail::depthwise_rows_of(window.kernel_width, window.stride);
    const int most_rows = kernel && window.stride == 1 ? detail::depthwise_block_rows : 1;
    detail::DepthwiseBlock block{};
    block.x_row = x.row_stride;
    block.kernel_height = window.kernel_height;
    block.y_row = y.row_stride;
    block.accumulate = accumulate;
    block.low = detail::lowest(finish.relu);
    for (int channel = 0; channel < out.channels; ++channel) {
        block.weights = weights.data() + channel * window.size();
        block.bias = finish.bias.empty() ? 0.0f : finish.bias[std::size_t(channel)];
        for (int row = 0, rows = 0; row < out.height; row += rows) {
            rows = std::min(most_rows, out.height - row);
            const int top = row * window.stride - window.pad_top;
            block.rows = {std::max(0, -top), std::min(window.kernel_height + rows - 1, in.height - top)};
            block.x = x.row(channel, top) - window.pad_left;
            block.y = y.row(channel, row);
            if (kernel)
                kernel(block, rows, out.width);
            else
                detail::depthwise_rows_any(window, block, out.width);
        }
    }
}

/// dx += w * dy, window by window, clipped at the edges. It is the input gradient for strides and for windows over all
/// positions, for which turning the window around would mostly multiply zeros.
inline void depthwise_scatter(const WindowMap& map, std::span<const float> weights, ConstView dy, View dx) {
    const Window& window = map.window;
    const net::Shape &in = map.in, &out = map.out;
    for_rows(out, [&](int channel, int row) {
        const float* own = weights.data() + channel * window.size();
        for (int ky = 0; ky < window.kernel_height; ++ky) {
            const int y = row * window.stride + ky - window.pad_top;
            if (y < 0 || y >= in.height) continue;
            Lane* to = dx.row(channel, y);
            const Lane* from = dy.row(channel, row);
            for (int p = 0; p < out.width; ++p) {
                const int left = p * window.stride - window.pad_left;
                const int first = std::max(0, -left), last = std::min(window.kernel_width, in.width - left);
                for (int kx = first; kx < last; ++kx) to[left + kx] += own[ky * window.kernel_width + kx] * from[p];
            }
        }
    });
}

namespace detail {

/// Weight gradient of one row of one channel's window: `Columns` sums. Four positions at a time share their values: 4 +
/// 3 + Columns loads feed 4 Columns multiply-adds. For windows wide enough to keep the pipes full.
template <int Columns>
void depthwise_gradient_row(const Window& window, const ConstView& x, const net::Shape& out, const ConstView& dy,
                            float* dweights) {
    Lane sums[Columns] = {};
    // Values are read once and views passed by reference: this runs for each window row of each channel.
    const Lane *x_first = x.row(0, 0), *dy_first = dy.row(0, 0);
    const std::ptrdiff_t x_row = x.row_stride, dy_row = dy.row_stride;
    for (int y = 0; y < out.height; ++y) {
        const Lane *from = x_first + y * window.stride * x_row, *gradients = dy_first + y * dy_row;
        int p = 0;
        for (; window.stride == 1 && p + 4 <= out.width; p += 4, from += 4, gradients += 4) {
            Lane values[Columns + 3];
#pragma GCC unroll 16
            for (int v = 0; v < Columns + 3; ++v) values[v] = from[v];
#pragma GCC unroll 8
            for (int q = 0; q < 4; ++q) {
                const Lane gradient = gradients[q];
#pragma GCC unroll 8
                for (int c = 0; c < Columns; ++c) sums[c] += gradient * values[q + c];
            }
        }
        for (; p < out.width; ++p, from += window.stride, ++gradients)
#pragma GCC unroll 8
            for (int c = 0; c < Columns; ++c) sums[c] += *gradients * from[c];
    }
#pragma GCC unroll 8
    for (int c = 0; c < Columns; ++c) dweights[c] = sum(sums[c]);
}

using DepthwiseGradientRow = void (*)(const Window&, const ConstView&, const net::Shape&, const ConstView&, float*);
/// The kernel for a width; null if there is none. If a Lane is one register, three rows of a window of width 3 fit
/// together into the registers of a convolution's kernel, which is faster.
inline DepthwiseGradientRow depthwise_gradient_row_of(int columns) {
    if constexpr (!lane_is_register)
        if (columns == 3) return depthwise_gradient_row<3>;
    if (columns == 5) return depthwise_gradient_row<5>;
    if (columns == 7) return depthwise_gradient_row<7>;
    return nullptr;
}

} // namespace detail

/// dweights = gradient of the weights from one group; overwrites.
inline void depthwise_weight_gradient(const WindowMap& map, ConstView x, ConstView dy, std::span<float> dweights) {
    const auto& [window, in, out] = map;
    const WindowMap one_channel{window, {1, in.height, in.width}, {1, out.height, out.width}};
    const detail::DepthwiseGradientRow row = detail::depthwise_gradient_row_of(window.kernel_width);
    for (int c = 0; c < out.channels; ++c) {
        const std::span<float> own = dweights.subspan(std::size_t(c * window.size()), std::size_t(window.size()));
        if (!row) { // a convolution of each channel by itself
            convolution_weight_gradient(one_channel, {x.row(c, 0), x.row_stride, x.channel_stride},
                                        {dy.row(c, 0), dy.row_stride, dy.channel_stride}, own);
            continue;
        }
        for (int ky = 0; ky < window.kernel_height; ++ky)
            row(window, {x.row(c, ky - window.pad_top) - window.pad_left, x.row_stride, x.channel_stride}, out,
                {dy.row(c, 0), dy.row_stride, dy.channel_stride}, own.data() + ky * window.kernel_width);
    }
}

} // namespace tinysparse::tensor
