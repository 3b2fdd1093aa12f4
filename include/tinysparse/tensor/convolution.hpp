// SPDX-License-Identifier: Apache-2.0
// Convolution kernels for one group of 16 samples.
//   forward          y[o][p]  = b[o] + sum over i, k of w[o][i][k] * x[i][stride p + k - pad]
//   weight gradient  dw[o][i][k] = sum over samples and positions p of dy[o][p] * x[i][stride p + k - pad]
//   input gradient   dx = the same forward kernel over dy (spread out by the stride) with the weights turned around:
//                    w'[i][o][k] = w[o][i][kernel - 1 - k], padding kernel - 1 - pad
//
// Speed: 4 outputs x up to 6 pixels of partial sums stay in registers, so one load of x feeds 4 multiply-adds and one
// weight feeds 6; a machine with 32 vector registers then runs at 95 % of its multiply-add peak.
// x must have a halo as wide as the window reaches beyond its edge.
#pragma once
#include <array>
#include <cassert>
#include <limits>
#include <span>
#include <utility>

#include "tinysparse/tensor/tensor.hpp"

namespace tinysparse::tensor {

/// How a window moves over a picture, by a stride of 1 or 2. Padding is what lies before the first position; what lies
/// behind follows.
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

inline constexpr int block_outputs = 4, block_pixels = lane_is_register ? 6 : 1;

/// Splits `length` into the fewest pieces of at most `most`, as equal as can be: 16 is 6 + 5 + 5.
template <class Body> void for_blocks(int length, int most, Body body) {
    const int pieces = (length + most - 1) / most;
    for (int piece = 0, begin = 0; piece < pieces; ++piece) {
        const int size = (length - begin + pieces - piece - 1) / (pieces - piece);
        body(begin, size);
        begin += size;
    }
}

/// A tap is one weight of a window: an input channel and a place in the kernel. Where its x lies, from the first one
/// under the window, and where the weight lies, from the first of its output.
struct Tap {
    std::int32_t x, weight;
};
inline constexpr int most_taps = 512; ///< That are taken in one go.

/// begin .. end-1
struct Range {
    int begin = 0, end = 0;
    bool operator==(const Range&) const = default;
};

/// The rows of a window that lie inside a picture of so many rows, at output row `row`. At least one: of a window
/// wholly outside, a row in the halo.
inline Range rows_inside(const Window& window, int height, int row) {
    const int top = row * window.stride - window.pad_top;
    const int begin = std::clamp(-top, 0, window.kernel_height - 1);
    return {begin, std::clamp(height - top, begin + 1, window.kernel_height)};
}

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

inline float lowest(bool relu) { return relu ? 0.0f : -std::numeric_limits<float>::infinity(); }
/// x, or `low` where x is less; what is not a number stays so, that a training can see it has diverged.
inline Lane at_least(Lane low, Lane x) { return select(low > x, low, x); }

/// One loop over the taps with all sums in registers: 4 x 6 sums, 4 weights and 1 value are 29 of 32. The other loops
/// are unrolled too, as the compiler keeps in memory what it indexes in a loop.
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

/// Writes the taps of some channels and kernel rows in the order of their weights; returns how many.
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

/// What a block of outputs x kernel rows x kernel columns of one input's weight gradient reads and writes.
struct GradientBlock {
    const Lane* x; ///< under the first weight of the block at the first position
    std::ptrdiff_t x_row;
    int stride;
    const Lane* dy; ///< of the first output
    std::ptrdiff_t dy_row, dy_channel;
    int height, width; ///< of dy
    float* dweights;   ///< of the first weight of the block
    std::ptrdiff_t weights_output, weights_row;
};

/// At each position every dy meets every x: Outputs x Rows x Columns products from Outputs + Rows x Columns loads. Of
/// those loads only Outputs + Rows come from beyond the fastest cache, since neighbouring positions share the others.
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

/// Kernel rows and columns that a block of the weight gradient takes at most.
inline constexpr int gradient_rows = lane_is_register ? 3 : 1, gradient_columns = lane_is_register ? 6 : 3;
/// How many outputs it then takes so that its sums stay in registers.
constexpr int gradient_outputs(int rows, int columns) { return std::min(block_outputs, 24 / (rows * columns)); }

/// The kernels of all block sizes: [outputs - 1][columns - 1]. Where the sums would not stay in registers: null.
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
template <int Outputs, int Inputs>
void pointwise_gradient_block(const Lane* x, std::ptrdiff_t x_row, std::ptrdiff_t x_channel, int stride, const Lane* dy,
                              std::ptrdiff_t dy_row, std::ptrdiff_t dy_channel, int height, int width, float* dweights,
                              std::ptrdiff_t weights_output) {
    Lane sums[Outputs][Inputs] = {};
    for (int y = 0; y < height; ++y) {
        const Lane* in = x + y * stride * x_row;
        const Lane* out = dy + y * dy_row;
        for (int p = 0; p < width; ++p, in += stride, ++out) {
            Lane gradient[Outputs];
#pragma GCC unroll 8
            for (int o = 0; o < Outputs; ++o) gradient[o] = in_register(out[o * dy_channel]);
#pragma GCC unroll 8
            for (int i = 0; i < Inputs; ++i) {
                const Lane value = in_register(in[i * x_channel]);
#pragma GCC unroll 8
                for (int o = 0; o < Outputs; ++o) sums[o][i] += gradient[o] * value;
            }
        }
    }
#pragma GCC unroll 8
    for (int o = 0; o < Outputs; ++o)
#pragma GCC unroll 8
        for (int i = 0; i < Inputs; ++i) dweights[o * weights_output + i] = sum(sums[o][i]);
}

using PointwiseGradientKernel = void (*)(const Lane*, std::ptrdiff_t, std::ptrdiff_t, int, const Lane*, std::ptrdiff_t,
                                         std::ptrdiff_t, int, int, float*, std::ptrdiff_t);
template <int... Index> constexpr auto pointwise_gradient_table(std::integer_sequence<int, Index...>) {
    return std::array<PointwiseGradientKernel, sizeof...(Index)>{
        pointwise_gradient_block<Index / pointwise_inputs + 1, Index % pointwise_inputs + 1>...};
}

} // namespace detail

/// y = convolution of x, for one group. weights [outputs][in.channels][kernel_height][kernel_width]; bias [outputs] or
/// empty. With `accumulate` the result is added to y (and no bias is used); with `relu` y = max(0, result).
inline void convolution_forward(const Window& window, const net::Shape& in, ConstView x, std::span<const float> weights,
                                std::span<const float> bias, const net::Shape& out, View y, bool accumulate = false,
                                bool relu = false) {
    static constexpr auto table =
        detail::convolution_table(std::make_integer_sequence<int, detail::block_outputs * detail::block_pixels>{});
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
            block.bias = bias.empty() ? nullptr : bias.data() + o;
            for (int row = first_row; row < end_row; ++row)
                detail::for_blocks(out.width, detail::block_pixels, [&](int begin, int size) {
                    block.x = x.row(0, row * window.stride - window.pad_top) + begin * window.stride - window.pad_left;
                    block.y = y.row(o, row) + begin;
                    table[std::size_t((outputs - 1) * detail::block_pixels + size - 1)](block);
                });
        }
    };
    // Rows of outputs whose windows reach equally far into the picture have the same taps: those at the edges fewer.
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
            block.low = detail::lowest(relu && first + channels >= in.channels);
            run_rows(row, end_row);
        }
    }
}

namespace detail {

inline void pointwise_weight_gradient(const Window& window, const net::Shape& in, ConstView x, const net::Shape& out,
                                      ConstView dy, std::span<float> dweights) {
    static constexpr auto table =
        pointwise_gradient_table(std::make_integer_sequence<int, block_outputs * pointwise_inputs>{});
    for (int o = 0; o < out.channels; o += block_outputs)
        for (int i = 0; i < in.channels; i += pointwise_inputs) {
            const int outputs = std::min(block_outputs, out.channels - o);
            const int inputs = std::min(pointwise_inputs, in.channels - i);
            table[std::size_t((outputs - 1) * pointwise_inputs + inputs - 1)](
                x.row(i, 0), x.row_stride, x.channel_stride, window.stride, dy.row(o, 0), dy.row_stride,
                dy.channel_stride, out.height, out.width, dweights.data() + o * in.channels + i, in.channels);
        }
}

} // namespace detail

/// dweights = gradient of the weights from one group; overwrites. dy is the gradient of y.
inline void convolution_weight_gradient(const Window& window, const net::Shape& in, ConstView x, const net::Shape& out,
                                        ConstView dy, std::span<float> dweights) {
    static constexpr auto one_row = detail::weight_gradient_table<1>(detail::GradientIndices{});
    static constexpr auto more_rows = detail::weight_gradient_table<detail::gradient_rows>(detail::GradientIndices{});
    if (window.size() == 1) return detail::pointwise_weight_gradient(window, in, x, out, dy, dweights);
    detail::GradientBlock block{};
    block.x_row = x.row_stride;
    block.stride = window.stride;
    block.dy_row = dy.row_stride;
    block.dy_channel = dy.channel_stride;
    block.height = out.height;
    block.width = out.width;
    block.weights_output = std::ptrdiff_t(in.channels) * window.size();
    block.weights_row = window.kernel_width;
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

namespace detail {

/// The sum of value(p) for p in 0..width-1 onto four chains, since a sum must wait for the one before it.
template <class Value> inline void sum_row(int width, Lane (&totals)[4], Value value) {
    int p = 0;
    for (; p + 4 <= width; p += 4)
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) totals[k] += value(p + k);
    for (; p < width; ++p) totals[0] += value(p);
}

inline Lane sum_of(const Lane (&totals)[4]) { return (totals[0] + totals[1]) + (totals[2] + totals[3]); }

} // namespace detail

/// dbias[o] = sum over samples and positions of dy[o], from one group; overwrites.
inline void bias_gradient(const net::Shape& out, ConstView dy, std::span<float> dbias) {
    for (int o = 0; o < out.channels; ++o) {
        Lane totals[4] = {};
        for (int y = 0; y < out.height; ++y) {
            const Lane* row = dy.row(o, y);
            detail::sum_row(out.width, totals, [&](int p) { return row[p]; });
        }
        dbias[std::size_t(o)] = sum(detail::sum_of(totals));
    }
}

/// The same for y that a ReLU gave: sets dy to 0 where y is 0 first. dbias may be empty.
inline void relu_gradient(const net::Shape& out, ConstView y, View dy, std::span<float> dbias) {
    for (int o = 0; o < out.channels; ++o) {
        Lane totals[4] = {};
        for (int row = 0; row < out.height; ++row) {
            const Lane* values = y.row(o, row);
            Lane* gradients = dy.row(o, row);
            detail::sum_row(out.width, totals,
                            [&](int p) { return gradients[p] = select(values[p] > Lane{}, gradients[p], Lane{}); });
        }
        if (!dbias.empty()) dbias[std::size_t(o)] = sum(detail::sum_of(totals));
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
