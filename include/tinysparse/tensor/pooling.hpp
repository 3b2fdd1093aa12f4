// SPDX-License-Identifier: Apache-2.0
// Pooling kernels for one group: windows of height x width side by side; leftover rows and columns are dropped.
//   maximum  y = max of the window; the gradient goes to the first position that holds the maximum
//   average  y = sum of the window / area; the gradient is shared out evenly
#pragma once
#include <type_traits>

#include "tinysparse/tensor/tensor.hpp"

namespace tinysparse::tensor {

/// Size of a pooling window, which is also its stride.
struct Pool {
    int height = 2, width = 2;
    /// Values that one output is made of.
    int area() const { return height * width; }
};

/// A pool with its input and output shapes: `out` is `in` divided by the window, rounded down.
struct PoolMap {
    Pool pool;
    net::Shape in, out; ///< Shapes of x and y.
};

namespace detail {

/// Calls body(constant height, constant width) for the common 2x2 windows, else body(pool.height, pool.width). Loops of
/// constant length are unrolled.
template <class Body> void for_window(const Pool& pool, Body body) {
    if (pool.height == 2 && pool.width == 2)
        body(std::integral_constant<int, 2>{}, std::integral_constant<int, 2>{});
    else
        body(pool.height, pool.width);
}

/// Clears dx in leftover rows and columns, which get no gradient.
inline void clear_leftovers(const PoolMap& map, View dx) {
    const auto& [pool, in, out] = map;
    if (out.height * pool.height != in.height || out.width * pool.width != in.width)
        for_rows(in, [&, width = in.width](int channel, int row) { std::fill_n(dx.row(channel, row), width, Lane{}); });
}

} // namespace detail

/// y = the largest value of each window.
inline void maximum_pool_forward(const PoolMap& map, ConstView x, View y) {
    const net::Shape& out = map.out;
    detail::for_window(map.pool, [&](auto height, auto width) {
        for_rows(out, [&](int channel, int row) {
            const Lane* from = x.row(channel, row * height);
            Lane* to = y.row(channel, row);
            for (int p = 0; p < out.width; ++p, from += width) {
                Lane best = *from;
                for (int wy = 0; wy < height; ++wy)
                    for (int wx = 0; wx < width; ++wx) best = maximum(best, from[wy * x.row_stride + wx]);
                to[p] = best;
            }
        });
    });
}

/// Writes every element of dx: zeros where a value was not the maximum. With `accumulate` it adds instead.
inline void maximum_pool_backward(const PoolMap& map, ConstView x, ConstView y, ConstView dy, View dx,
                                  bool accumulate) {
    const net::Shape& out = map.out;
    if (!accumulate) detail::clear_leftovers(map, dx);
    detail::for_window(map.pool, [&](auto height, auto width) {
        for_rows(out, [&](int channel, int row) {
            const Lane *values = x.row(channel, row * height), *best = y.row(channel, row);
            const Lane* gradients = dy.row(channel, row);
            Lane* to = dx.row(channel, row * height);
            for (int p = 0; p < out.width; ++p, values += width, to += width) {
                Lane left = gradients[p]; // gradients that have not yet found their maximum
                for (int wy = 0; wy < height; ++wy)
                    for (int wx = 0; wx < width; ++wx) {
                        const LaneMask is_best = values[wy * x.row_stride + wx] == best[p];
                        const Lane found = select(is_best, left, Lane{});
                        Lane& target = to[wy * dx.row_stride + wx];
                        target = accumulate ? target + found : found;
                        left = select(is_best, Lane{}, left);
                    }
            }
        });
    });
}

/// y = the sum over each window times `factor`: 1 / area for the average.
inline void sum_pool_forward(const PoolMap& map, ConstView x, float factor, View y) {
    const net::Shape& out = map.out;
    detail::for_window(map.pool, [&](auto height, auto width) {
        for_rows(out, [&](int channel, int row) {
            const Lane* from = x.row(channel, row * height);
            Lane* to = y.row(channel, row);
            for (int p = 0; p < out.width; ++p, from += width) {
                Lane total{};
                for (int wy = 0; wy < height; ++wy)
                    for (int wx = 0; wx < width; ++wx) total += from[wy * x.row_stride + wx];
                to[p] = factor * total;
            }
        });
    });
}

/// dx = factor * dy of the window, 0 in dropped rows and columns. With `accumulate` it adds instead.
inline void sum_pool_backward(const PoolMap& map, ConstView dy, float factor, View dx, bool accumulate) {
    const net::Shape& out = map.out;
    if (!accumulate) detail::clear_leftovers(map, dx);
    detail::for_window(map.pool, [&](auto height, auto width) {
        for_rows(out, [&](int channel, int row) {
            const Lane* from = dy.row(channel, row);
            Lane* to = dx.row(channel, row * height);
            for (int p = 0; p < out.width; ++p, to += width) {
                const Lane share = factor * from[p];
                for (int wy = 0; wy < height; ++wy)
                    for (int wx = 0; wx < width; ++wx) {
                        Lane& target = to[wy * dx.row_stride + wx];
                        target = accumulate ? target + share : share;
                    }
            }
        });
    });
}

} // namespace tinysparse::tensor
