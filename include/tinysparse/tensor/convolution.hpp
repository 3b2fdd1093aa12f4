// SPDX-License-Identifier: Apache-2.0
// Convolution for one group of 16 samples.
//   x (C,H,W)   w (O,C,kh,kw)   y (O,H',W')
//   y[o][p] = b[o] + sum over i, k of w[o][i][k] * x[i][stride p + k - pad]
// Gradients: tensor/convolution_gradient.hpp. As plain loops: tensor/reference.hpp.
//
// Speed: 4 outputs x up to 6 pixels of partial sums stay in registers, so one load of x feeds 4 multiply-adds and one
// weight feeds 6; a machine with 32 vector registers then runs at 95 % of its multiply-add peak.
// x must have a halo as wide as the window reaches beyond its edge.
#pragma once
#include <array>
#include <cassert>
#include <span>
#include <utility>

#include "tinysparse/tensor/bias.hpp"
#include "tinysparse/tensor/window.hpp"

namespace tinysparse::tensor {

namespace detail {

inline constexpr int block_pixels = lane_is_register ? 6 : 1;

/// A tap is one weight of a window: an input channel and a place in the kernel. It holds where its x lies, counted from
/// the first x under the window, and where its weight lies, counted from the first weight of its output.
struct Tap {
    std::int32_t x, weight;
};
inline constexpr int most_taps = 512; ///< Most taps handled in one go.

/// What a block of outputs x pixels reads and writes.
struct Block {
    const Lane* x;             ///< channel 0, first row and column under the window of the first pixel
    std::span<const Tap> taps; ///< at least one
    const float* weights;      ///< of the first output
    const float* bias;         ///< of the first output, or null
    Lane* y;                   ///< first output, first pixel
    std::ptrdiff_t stride, y_channel, weights_output;
    bool accumulate; ///< add to y instead of overwriting it
    float low;       ///< what is less is stored as that: 0 for a ReLU, else -infinity
};

/// One loop over the taps with all sums in registers: 4 x 6 sums, 4 weights and 1 value are 29 of 32. The other loops
/// are unrolled too, because the compiler keeps arrays in memory if a loop indexes them.
template <int Outputs, int Pixels> void convolution_block(const Block& b) {
    Lane sums[Outputs][Pixels] = {};
    const Tap *tap = b.taps.data(), *const end = tap + b.taps.size();
    do {
        const Lane* x = b.x + tap->x;
        const float* weights = b.weights + tap->weight;
#pragma GCC unroll 8
        for (int p = 0; p < Pixels; ++p) {
            const Lane value = in_register(x[p * b.stride]);
#pragma GCC unroll 8
            for (int o = 0; o < Outputs; ++o) sums[o][p] += weights[o * b.weights_output] * value;
        }
    } while (++tap != end);
    const Lane low = broadcast(b.low);
    Lane* y = b.y;
    if (b.accumulate)
#pragma GCC unroll 8
        for (int o = 0; o < Outputs; ++o, y += b.y_channel)
#pragma GCC unroll 8
            for (int p = 0; p < Pixels; ++p) y[p] = at_least(low, sums[o][p] + y[p]);
    else
#pragma GCC unroll 8
        for (int o = 0; o < Outputs; ++o, y += b.y_channel) {
            const Lane bias = broadcast(b.bias ? b.bias[o] : 0.0f);
#pragma GCC unroll 8
            for (int p = 0; p < Pixels; ++p) y[p] = at_least(low, sums[o][p] + bias);
        }
}

/// Writes the taps of some channels and kernel rows in the order of their weights; returns their number.
inline std::size_t list_taps(const Window& window, ConstView x, Range channels, Range rows, std::span<Tap> taps) {
    std::size_t count = 0;
    for (int i = channels.begin; i < channels.end; ++i)
        for (int ky = rows.begin; ky < rows.end; ++ky)
            for (int kx = 0; kx < window.kernel_width; ++kx)
                taps[count++] = {std::int32_t(i * x.channel_stride + ky * x.row_stride + kx),
                                 (i * window.kernel_height + ky) * window.kernel_width + kx};
    return count;
}

using BlockKernel = void (*)(const Block&);

/// The kernels of all block sizes: [outputs - 1][pixels - 1].
template <int... Index> constexpr auto convolution_table(std::integer_sequence<int, Index...>) {
    return std::array<BlockKernel, sizeof...(Index)>{
        convolution_block<Index / block_pixels + 1, Index % block_pixels + 1>...};
}

} // namespace detail

/// y = convolution of x, for one group. weights [outputs][in.channels][kernel_height][kernel_width].
/// With `accumulate` the result is added to y, without bias.
inline void convolution_forward(const WindowMap& map, ConstView x, std::span<const float> weights, View y,
                                const Finish& finish = {}, bool accumulate = false) {
    static constexpr auto table =
        detail::convolution_table(std::make_integer_sequence<int, detail::block_outputs * detail::block_pixels>{});
    const Window& window = map.window;
    const net::Shape &in = map.in, &out = map.out;
    assert(window.size() <= detail::most_taps);
    std::array<detail::Tap, detail::most_taps> taps;
    detail::Block block{};
    block.stride = window.stride;
    block.y_channel = y.channel_stride;
    block.weights_output = std::ptrdiff_t(in.channels) * window.size();
    const auto run_rows = [&](int first_row, int end_row) {
        for (int o = 0; o < out.channels; o += detail::block_outputs) {
            const int outputs = std::min(detail::block_outputs, out.channels - o);
            block.weights = weights.data() + o * block.weights_output;
            block.bias = detail::bias_from(finish, o);
            for (int row = first_row; row < end_row; ++row)
                detail::for_blocks(out.width, detail::block_pixels, [&](int begin, int size) {
                    block.x = x.row(0, row * window.stride - window.pad_top) + begin * window.stride - window.pad_left;
                    block.y = y.row(o, row) + begin;
                    table[std::size_t((outputs - 1) * detail::block_pixels + size - 1)](block);
                });
        }
    };
    // Rows of outputs whose windows reach equally far into the picture have the same taps; edge rows have fewer.
    for (int row = 0, end_row; row < out.height; row = end_row) {
        const detail::Range inside = detail::rows_inside(window, in.height, row);
        for (end_row = row + 1; end_row < out.height; ++end_row)
            if (detail::rows_inside(window, in.height, end_row) != inside) break;
        const int channels = detail::most_taps / ((inside.end - inside.begin) * window.kernel_width);
        for (int first = 0; first < in.channels; first += channels) {
            block.taps = std::span<const detail::Tap>(
                taps.data(),
                detail::list_taps(window, x, {first, std::min(first + channels, in.channels)}, inside, taps));
            block.accumulate = accumulate || first > 0;
            block.low = detail::lowest(finish.relu && first + channels >= in.channels);
            run_rows(row, end_row);
        }
    }
}

} // namespace tinysparse::tensor
