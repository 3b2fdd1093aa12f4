// SPDX-License-Identifier: Apache-2.0
// Dense kernels for one group. The input, a picture of [channels][height][width], is read as one vector of `inputs`.
//   x (C,H,W)   w (O,C,H,W)   y (O,1,1)
//   forward          y[o]     = b[o] + sum_i w[o][i] * x[i]
//   weight gradient  dw[o][i] = sum over samples of dy[o] * x[i]
//   input gradient   dx[i]    = sum_o w[o][i] * dy[o]
// As plain loops: tensor/reference.hpp.
//
// Speed: forward and input gradient hold 8 sums in registers. The weight gradient sums over the 16 samples of a Lane,
// which vectors do badly, so x is transposed once to [samples][inputs] and neighbouring inputs fill a vector instead.
#pragma once
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "tinysparse/tensor/bias.hpp"

namespace tinysparse::tensor {

namespace detail {

inline constexpr int dense_outputs = lane_is_register ? 8 : 4;

/// y of `Outputs` outputs: one value of x and `Outputs` weights feed that number of sums.
template <int Outputs>
void dense_block(const net::Shape& in, ConstView x, const float* weights, const float* bias, View y, bool relu) {
    const std::ptrdiff_t inputs = std::ptrdiff_t(in.size());
    Lane sums[Outputs] = {};
    for (int c = 0; c < in.channels; ++c)
        for (int row = 0; row < in.height; ++row) {
            const Lane *value = x.row(c, row), *const end = value + in.width;
            do {
                const Lane held = in_register(*value);
#pragma GCC unroll 8
                for (int o = 0; o < Outputs; ++o) sums[o] += weights[o * inputs] * held;
                ++weights;
            } while (++value != end);
        }
#pragma GCC unroll 8
    for (int o = 0; o < Outputs; ++o) {
        const Lane total = sums[o] + broadcast(bias ? bias[o] : 0.0f);
        *y.row(o, 0) = relu ? maximum(total, Lane{}) : total;
    }
}

/// Weight gradients of `Outputs` outputs. samples: x transposed, 16 inputs side by side.
template <int Outputs>
void dense_gradient_rows(const Lane* samples, ConstView dy, float* dweights, std::size_t inputs) {
    float gradient[lane_samples][Outputs];
    for (int o = 0; o < Outputs; ++o)
        for (std::size_t s = 0; s < lane_samples; ++s) gradient[s][o] = (*dy.row(o, 0))[s];
    for (std::size_t first = 0; first < inputs; first += lane_samples) {
        Lane sums[Outputs] = {};
        for (std::size_t s = 0; s < lane_samples; ++s) {
            const Lane held = in_register(samples[first + s]);
#pragma GCC unroll 8
            for (int o = 0; o < Outputs; ++o) sums[o] += gradient[s][o] * held;
        }
        const std::size_t used = std::min(lane_samples, inputs - first);
#pragma GCC unroll 8
        for (int o = 0; o < Outputs; ++o) {
            float* const to = dweights + std::size_t(o) * inputs + first;
            if (used == lane_samples) // one store, not a call
                std::memcpy(to, &sums[o], sizeof(Lane));
            else
                std::memcpy(to, &sums[o], used * sizeof(float));
        }
    }
}

/// Calls body(first output, number) for blocks of at most dense_outputs outputs, of sizes as equal as possible. A sum
/// must wait for its last multiply-add, so blocks of few sums are slow.
template <class Body> void for_output_blocks(int outputs, Body body) {
    const int blocks = (outputs + dense_outputs - 1) / dense_outputs;
    for (int block = 0; block < blocks; ++block) {
        const int first = outputs * block / blocks;
        body(first, outputs * (block + 1) / blocks - first);
    }
}

/// x as [inputs / 16][samples] vectors of 16 neighbouring inputs; the last block is padded with zeros.
inline void transpose_inputs(const net::Shape& in, ConstView x, std::span<Lane> blocks) {
    std::size_t at = 0;
    Lane block[lane_samples];
    const auto flush = [&](std::size_t first) {
        transpose(block);
        std::copy_n(block, lane_samples, blocks.begin() + std::ptrdiff_t(first));
    };
    for_rows(in, [&](int channel, int y) {
        const Lane* row = x.row(channel, y);
        for (int p = 0; p < in.width; ++p) {
            block[at % lane_samples] = row[p];
            if (++at % lane_samples == 0) flush(at - lane_samples);
        }
    });
    if (at % lane_samples == 0) return;
    const std::size_t first = at - at % lane_samples;
    for (; at % lane_samples != 0; ++at) block[at % lane_samples] = Lane{};
    flush(first);
}

} // namespace detail

/// Lanes of scratch that dense_weight_gradient needs for x of this shape.
inline std::size_t dense_scratch(const net::Shape& in) {
    return (in.size() + lane_samples - 1) / lane_samples * lane_samples;
}

/// y[outputs] (channel by channel) = weights [outputs][inputs] times x.
inline void dense_forward(const net::Shape& in, ConstView x, std::span<const float> weights, int outputs, View y,
                          const Finish& finish = {}) {
    static constexpr auto table = []<int... Index>(std::integer_sequence<int, Index...>) {
        return std::array{detail::dense_block<Index + 1>...};
    }
    (std::make_integer_sequence<int, detail::dense_outputs>{});
    detail::for_output_blocks(outputs, [&](int o, int count) {
        table[std::size_t(count - 1)](in, x, weights.data() + std::size_t(o) * in.size(), detail::bias_from(finish, o),
                                      {y.row(o, 0), y.row_stride, y.channel_stride}, finish.relu);
    });
}

/// dx = transposed weights times dy; added to dx with `accumulate`.
inline void dense_input_gradient(const net::Shape& in, std::span<const float> weights, int outputs, ConstView dy,
                                 View dx, bool accumulate) {
    const std::ptrdiff_t inputs = std::ptrdiff_t(in.size());
    const float* column = weights.data();
    for_rows(in, [&](int channel, int y) {
        Lane* row = dx.row(channel, y);
        int p = 0;
        for (; p + 4 <= in.width; p += 4, column += 4) {
            Lane sums[4];
            for (int k = 0; k < 4; ++k) sums[k] = accumulate ? row[p + k] : Lane{};
            for (int o = 0; o < outputs; ++o) {
                const Lane gradient = *dy.row(o, 0);
#pragma GCC unroll 4
                for (int k = 0; k < 4; ++k) sums[k] += column[o * inputs + k] * gradient;
            }
            for (int k = 0; k < 4; ++k) row[p + k] = sums[k];
        }
        for (; p < in.width; ++p, ++column) {
            Lane total = accumulate ? row[p] : Lane{};
            for (int o = 0; o < outputs; ++o) total += column[o * inputs] * *dy.row(o, 0);
            row[p] = total;
        }
    });
}

/// dweights = gradient of the weights from one group; overwrites. scratch: dense_scratch(in) Lanes.
inline void dense_weight_gradient(const net::Shape& in, ConstView x, int outputs, ConstView dy,
                                  std::span<float> dweights, std::span<Lane> scratch) {
    static constexpr auto table = []<int... Index>(std::integer_sequence<int, Index...>) {
        return std::array{detail::dense_gradient_rows<Index + 1>...};
    }
    (std::make_integer_sequence<int, detail::dense_outputs>{});
    detail::transpose_inputs(in, x, scratch);
    detail::for_output_blocks(outputs, [&](int o, int count) {
        table[std::size_t(count - 1)](scratch.data(), {dy.row(o, 0), dy.row_stride, dy.channel_stride},
                                      dweights.data() + std::size_t(o) * in.size(), in.size());
    });
}

} // namespace tinysparse::tensor
