// SPDX-License-Identifier: Apache-2.0
// Pooling kernels for one group: windows of height x width side by side, leftover rows and columns are dropped.
//   maximum  y = max of the window; the gradient goes to the first position that holds the maximum
//   average  y = sum of the window / area; the gradient is shared out evenly
#pragma once
#include "tinysparse/tensor/tensor.hpp"

namespace tinysparse::tensor {

struct Pool {
    int height = 2, width = 2;
    int area() const { return height * width; }
};

inline void maximum_pool_forward(const Pool& pool, ConstView x, const net::Shape& out, View y) {
    for_rows(out, [&](int channel, int row) {
        Lane* to = y.row(channel, row);
        for (int p = 0; p < out.width; ++p) {
            Lane best = x.row(channel, row * pool.height)[p * pool.width];
            for (int dy = 0; dy < pool.height; ++dy)
                for (int dx = 0; dx < pool.width; ++dx)
                    best = maximum(best, x.row(channel, row * pool.height + dy)[p * pool.width + dx]);
            to[p] = best;
        }
    });
}

/// Writes every element of dx: zeros where a value was not the maximum. With `accumulate` it adds instead.
inline void maximum_pool_backward(const Pool& pool, const net::Shape& in, ConstView x, const net::Shape& out,
                                  ConstView y, ConstView dy, View dx, bool accumulate) {
    if (!accumulate && (out.height * pool.height != in.height || out.width * pool.width != in.width))
        for_rows(in, [&](int channel, int row) { std::fill_n(dx.row(channel, row), in.width, Lane{}); });
    for_rows(out, [&](int channel, int row) {
        for (int p = 0; p < out.width; ++p) {
            const Lane best = y.row(channel, row)[p];
            Lane left = dy.row(channel, row)[p]; // what has not yet found its maximum
            for (int wy = 0; wy < pool.height; ++wy)
                for (int wx = 0; wx < pool.width; ++wx) {
                    const int at = p * pool.width + wx;
                    const LaneMask is_best = x.row(channel, row * pool.height + wy)[at] == best;
                    const Lane found = select(is_best, left, Lane{});
                    Lane& to = dx.row(channel, row * pool.height + wy)[at];
                    to = accumulate ? to + found : found;
                    left = select(is_best, Lane{}, left);
                }
        }
    });
}

/// y = the sum over each window times `factor`: 1 / area for the average.
inline void sum_pool_forward(const Pool& pool, ConstView x, const net::Shape& out, float factor, View y) {
    for_rows(out, [&](int channel, int row) {
        Lane* to = y.row(channel, row);
        for (int p = 0; p < out.width; ++p) {
            Lane total{};
            for (int wy = 0; wy < pool.height; ++wy)
                for (int wx = 0; wx < pool.width; ++wx)
                    total += x.row(channel, row * pool.height + wy)[p * pool.width + wx];
            to[p] = factor * total;
        }
    });
}

/// dx = factor * dy of the window, 0 in dropped rows and columns. With `accumulate` it adds instead.
inline void sum_pool_backward(const Pool& pool, const net::Shape& in, const net::Shape& out, ConstView dy, float factor,
                              View dx, bool accumulate) {
    if (!accumulate && (out.height * pool.height != in.height || out.width * pool.width != in.width))
        for_rows(in, [&](int channel, int row) { std::fill_n(dx.row(channel, row), in.width, Lane{}); });
    for_rows(out, [&](int channel, int row) {
        const Lane* from = dy.row(channel, row);
        for (int wy = 0; wy < pool.height; ++wy) {
            Lane* to = dx.row(channel, row * pool.height + wy);
            for (int p = 0; p < out.width; ++p)
                for (int wx = 0; wx < pool.width; ++wx) {
                    Lane& target = to[p * pool.width + wx];
                    target = accumulate ? target + factor * from[p] : factor * from[p];
                }
        }
    });
}

} // namespace tinysparse::tensor
