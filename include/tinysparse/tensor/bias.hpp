// SPDX-License-Identifier: Apache-2.0
// The steps after the sums of a linear kernel: the bias of each output, a ReLU, and the gradients of both:
//   y = max(0, sums + b)   dsums = dy where y > 0, else 0   db[o] = sum over samples and positions of dsums[o]
#pragma once
#include <limits>
#include <span>

#include "tinysparse/tensor/tensor.hpp"

namespace tinysparse::tensor {

/// What a linear kernel does with its sums.
struct Finish {
    std::span<const float> bias = {}; ///< One number per output channel that is added, or empty.
    bool relu = false;                ///< Stores max(0, result).
};

namespace detail {

/// The bias of output `first` and of those behind it, or null.
inline const float* bias_from(const Finish& finish, int first) {
    return finish.bias.empty() ? nullptr : finish.bias.data() + first;
}

inline float lowest(bool relu) { return relu ? 0.0f : -std::numeric_limits<float>::infinity(); }
/// x, or `low` if x is less. NaN stays NaN, so that a training can see that it diverged.
inline Lane at_least(LaneArgument low, LaneArgument x) { return select(low > x, low, x); }

/// The sum of value(p) for p in 0..width-1, on four chains, since a sum must wait for the one before it.
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
            const auto value = [&](int p) __attribute__((always_inline)) { return row[p]; };
            detail::sum_row(out.width, totals, value);
        }
        dbias[std::size_t(o)] = sum(detail::sum_of(totals));
    }
}

/// The same for y after a ReLU: first sets dy to 0 where y is 0. dbias may be empty.
inline void relu_gradient(const net::Shape& out, ConstView y, View dy, std::span<float> dbias) {
    for (int o = 0; o < out.channels; ++o) {
        Lane totals[4] = {};
        for (int row = 0; row < out.height; ++row) {
            const Lane* values = y.row(o, row);
            Lane* gradients = dy.row(o, row);
            const auto passed = [&](int p) __attribute__((always_inline)) {
                return gradients[p] = select(values[p] > Lane{}, gradients[p], Lane{});
            };
            detail::sum_row(out.width, totals, passed);
        }
        if (!dbias.empty()) dbias[std::size_t(o)] = sum(detail::sum_of(totals));
    }
}

} // namespace tinysparse::tensor
