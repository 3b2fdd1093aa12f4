// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution kernels for one group: every channel has a window of its own, weights [channels][kernel].
//   y[c][p] = b[c] + sum over k of w[c][k] * x[c][stride p + k - pad]
// The input gradient is this kernel again, over dy spread out by the stride, with every window turned around.
//
// Speed: a row of the window loads pixels + kernel - 1 values once and uses them kernel times from registers.
#pragma once
#include "tinysparse/tensor/convolution.hpp"

namespace tinysparse::tensor {

namespace detail {

inline constexpr int depthwise_pixels = 4;

/// One row of a window over `Pixels` outputs: sums[p] += sum over kx of weights[kx] * x[p * Stride + kx].
template <int Columns, int Pixels, int Stride>
inline void depthwise_row(const Lane* x, const float* weights, Lane (&sums)[Pixels]) {
    Lane values[(Pixels - 1) * Stride + Columns];
#pragma GCC unroll 16
    for (int v = 0; v < (Pixels - 1) * Stride + Columns; ++v) values[v] = x[v];
#pragma GCC unroll 8
    for (int kx = 0; kx < Columns; ++kx)
#pragma GCC unroll 8
        for (int p = 0; p < Pixels; ++p) sums[p] += weights[kx] * values[p * Stride + kx];
}

template <int Columns, int Pixels, int Stride>
void depthwise_block(const Lane* x, std::ptrdiff_t x_row, const float* weights, int kernel_height, Lane start, Lane* y,
                     bool accumulate) {
    Lane sums[Pixels];
    for (int p = 0; p < Pixels; ++p) sums[p] = accumulate ? y[p] : start;
    for (int ky = 0; ky < kernel_height; ++ky)
        depthwise_row<Columns, Pixels, Stride>(x + ky * x_row, weights + ky * Columns, sums);
    for (int p = 0; p < Pixels; ++p) y[p] = sums[p];
}

/// One row of outputs of one channel, for a kernel width known at compile time.
template <int Columns, int Stride>
void depthwise_output_row(const Lane* x, std::ptrdiff_t x_row, const float* weights, int kernel_height, float bias,
                          Lane* y, int width, bool accumulate) {
    const Lane start = broadcast(bias);
    int p = 0;
    for (; p + depthwise_pixels <= width; p += depthwise_pixels)
        depthwise_block<Columns, depthwise_pixels, Stride>(x + p * Stride, x_row, weights, kernel_height, start, y + p,
                                                           accumulate);
    if (p + 2 <= width) {
        depthwise_block<Columns, 2, Stride>(x + p * Stride, x_row, weights, kernel_height, start, y + p, accumulate);
        p += 2;
    }
    if (p < width)
        depthwise_block<Columns, 1, Stride>(x + p * Stride, x_row, weights, kernel_height, start, y + p, accumulate);
}

/// The same for any kernel width: windows over all positions, which have few outputs.
inline void depthwise_output_row_any(const Window& window, const Lane* x, std::ptrdiff_t x_row, const float* weights,
                                     float bias, Lane* y, int width, bool accumulate) {
    for (int p = 0; p < width; ++p, x += window.stride) {
        Lane total = accumulate ? y[p] : broadcast(bias);
        for (int ky = 0; ky < window.kernel_height; ++ky)
            for (int kx = 0; kx < window.kernel_width; ++kx)
                total += weights[ky * window.kernel_width + kx] * x[ky * x_row + kx];
        y[p] = total;
    }
}

using DepthwiseRow = void (*)(const Lane*, std::ptrdiff_t, const float*, int, float, Lane*, int, bool);
/// The kernel for a width and stride, or null where there is none.
inline DepthwiseRow depthwise_row_kernel(int columns, int stride) {
    switch (columns * 2 + stride - 1) {
    case 2:
        return depthwise_output_row<1, 1>;
    case 3:
        return depthwise_output_row<1, 2>;
    case 6:
        return depthwise_output_row<3, 1>;
    case 7:
        return depthwise_output_row<3, 2>;
    case 10:
        return depthwise_output_row<5, 1>;
    case 11:
        return depthwise_output_row<5, 2>;
    case 14:
        return depthwise_output_row<7, 1>;
    case 15:
        return depthwise_output_row<7, 2>;
    default:
        return nullptr;
    }
}

/// Weight gradient of one row of the window of one channel: `Columns` sums, four positions at a time.
template <int Columns>
void depthwise_gradient_row(const Lane* x, std::ptrdiff_t x_row, int stride, const Lane* dy, std::ptrdiff_t dy_row,
                            int height, int width, float* dweights) {
    Lane sums[Columns] = {};
    for (int y = 0; y < height; ++y) {
        const Lane* in = x + y * stride * x_row;
        const Lane* out = dy + y * dy_row;
        int p = 0;
        if (stride == 1)
            for (; p + 4 <= width; p += 4, in += 4, out += 4) {
                Lane values[Columns + 3];
#pragma GCC unroll 16
                for (int v = 0; v < Columns + 3; ++v) values[v] = in[v];
#pragma GCC unroll 8
                for (int q = 0; q < 4; ++q) {
                    const Lane gradient = out[q];
#pragma GCC unroll 8
                    for (int c = 0; c < Columns; ++c) sums[c] += gradient * values[q + c];
                }
            }
        for (; p < width; ++p, in += stride, ++out) {
            const Lane gradient = *out;
#pragma GCC unroll 8
            for (int c = 0; c < Columns; ++c) sums[c] += gradient * in[c];
        }
    }
    for (int c = 0; c < Columns; ++c) dweights[c] = sum(sums[c]);
}

} // namespace detail

/// y = depthwise convolution of x, for one group. weights [channels][kernel_height][kernel_width]; bias [channels] or
/// empty. With `accumulate` the result is added to y (and no bias is used).
inline void depthwise_forward(const Window& window, ConstView x, std::span<const float> weights,
                              std::span<const float> bias, const net::Shape& out, View y, bool accumulate = false) {
    const detail::DepthwiseRow kernel = detail::depthwise_row_kernel(window.kernel_width, window.stride);
    for_rows(out, [&](int channel, int row) {
        const Lane* in = x.row(channel, row * window.stride - window.pad_top) - window.pad_left;
        const float* own = weights.data() + channel * window.size();
        const float start = bias.empty() ? 0.0f : bias[std::size_t(channel)];
        if (kernel)
            kernel(in, x.row_stride, own, window.kernel_height, start, y.row(channel, row), out.width, accumulate);
        else
            detail::depthwise_output_row_any(window, in, x.row_stride, own, start, y.row(channel, row), out.width,
                                             accumulate);
    });
}

/// dx += w * dy, window by window, clipped at the edges: the input gradient for strides and for windows over all
/// positions, where turning the window around would mostly multiply zeros.
inline void depthwise_scatter(const Window& window, const net::Shape& in, std::span<const float> weights,
                              const net::Shape& out, ConstView dy, View dx) {
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

/// dweights = gradient of the weights from one group; overwrites.
inline void depthwise_weight_gradient(const Window& window, ConstView x, const net::Shape& out, ConstView dy,
                                      std::span<float> dweights) {
    for (int channel = 0; channel < out.channels; ++channel)
        for (int ky = 0; ky < window.kernel_height; ++ky) {
            const Lane* in = x.row(channel, ky - window.pad_top) - window.pad_left;
            float* own = dweights.data() + channel * window.size() + ky * window.kernel_width;
            const auto run = [&](auto kernel, int kx) {
                kernel(in + kx, x.row_stride, window.stride, dy.row(channel, 0), dy.row_stride, out.height, out.width,
                       own + kx);
            };
            switch (window.kernel_width) {
            case 3:
                run(detail::depthwise_gradient_row<3>, 0);
                break;
            case 5:
                run(detail::depthwise_gradient_row<5>, 0);
                break;
            case 7:
                run(detail::depthwise_gradient_row<7>, 0);
                break;
            default:
                for (int kx = 0; kx < window.kernel_width; ++kx) run(detail::depthwise_gradient_row<1>, kx);
            }
        }
}

} // namespace tinysparse::tensor
