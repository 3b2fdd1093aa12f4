// SPDX-License-Identifier: Apache-2.0
// Counts the kernels of mcu/window.hpp: rows of convolution, depthwise and pointwise layers.
#pragma once
#include <algorithm>
#include <cstddef>

#include "tinysparse/cost/counter.hpp"
#include "tinysparse/cost/direct.hpp"
#include "tinysparse/cost/finish.hpp"
#include "tinysparse/cost/sparse.hpp"
#include "tinysparse/cost/straight.hpp"
#include "tinysparse/cost/taps.hpp"

namespace tinysparse::cost::detail {

/// Kernel rows that lie inside the input, summed over the operation's rows.
inline double kernel_rows_inside(const fixed::WindowGeometry& g) {
    double sum = 0;
    for (int y = 0; y < g.rows; ++y) {
        const int top = y * g.stride - g.pad_top;
        sum += std::min(top + g.kernel_height, g.in_height) - std::max(top, 0);
    }
    return sum;
}

/// Code whose operands are the weights, position by position; its bytes are counted as stored ones.
inline void count_straight(Counter& counter, std::size_t index, const fixed::WindowGeometry& g,
                           const CountedKernel& kernel) {
    const bool relu = counter.layout.spec().layers[index].activation == net::Activation::relu && !g.has_residual;
    const double rows = g.rows;
    const Instructions each = straight_output(g, kernel, relu);
    counter.work.counts[Work::assembly] += kernel.line_cycles + rows * g.width * g.outputs * each.cycles;
    counter.work.counts[Work::sparse_rows] += rows;
    counter.code.counts[Code::assembly] += 2 * g.outputs * each.words;
    if (g.has_residual) counter.ring(g.residual_ring, g.residual_height, 0, g.rows);
}

/// Rows of a window: their steps, rings and divisions. inside: kernel_rows_inside; walks: as those of mcu/finish.hpp.
inline void count_rows(Counter& counter, const fixed::WindowGeometry& g, double inside, bool walks) {
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    w[Work::steps] += g.rows;
    if (!walks) w[Work::kernel_rows] += inside;
    for (int y = 0; y < g.rows && g.in_ring < g.in_height; ++y)
        counter.turn(std::max(0, y * g.stride - g.pad_top), g.in_ring, 1);
    if (g.in_ring < g.in_height && !is_power(g.in_ring)) c[Code::rings] += 1;
    counter.ring(g.out_ring, g.out_height, 0, g.out_height, g.pool_height);
    if (!is_power(g.pool_height)) c[Code::small_divisions] += 1;
    if (g.kernel_height > 1 && !walks) c[Code::several_rows] += 1;
    if (g.stride > 1) c[Code::strided] += 1;
}

/// A window whose weights are all stored.
struct DenseWindow {
    const fixed::WindowGeometry& g;
    const CountedKernel& kernel;
    int bits;
    Path path;
    bool relu;
    double by_block = g.outputs, lines = 0, pairs = 0; ///< Outputs one by one, in whole lines, in pairs.

    DenseWindow(const fixed::WindowGeometry& geometry, const CountedKernel& own, const net::Layer& layer, bool assembly)
        : g(geometry), kernel(own), bits(layer.bits), path(assembly ? path_of(g, kernel, bits) : Path::wide),
          relu(layer.activation == net::Activation::relu && !g.has_residual) {
        if (path == Path::lines) lines = g.outputs, by_block = 0;
        if (path == Path::pairs || path == Path::pointwise) pairs = g.outputs / 2, by_block = g.outputs % 2;
    }
    /// Outputs finished block by block.
    double blocked() const { return by_block + (path == Path::pointwise ? 2 * pairs : 0); }
};

inline void count_path(Counter& counter, Path path, double outputs, double times, int bits) {
    counter.work.counts[Work::outputs + std::size_t(path)] += outputs * times;
    if (bits < 8) counter.work.counts[Work::packed_outputs + std::size_t(path)] += outputs * times;
}

/// Setting the first value of each output's sum, by the path that it takes.
inline void count_paths(Counter& counter, const DenseWindow& window) {
    const fixed::WindowGeometry& g = window.g;
    const Path path = window.path;
    const double rows = g.rows, lines = window.lines, pairs = window.pairs, by_block = window.by_block;
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    count_path(counter, Path::lines, lines, rows, window.bits);
    count_path(counter, path == Path::pairs ? Path::pairs : Path::pointwise, pairs,
               path == Path::pairs ? rows : rows * g.blocks(), window.bits);
    count_path(counter, path == Path::wide ? Path::wide : Path::window, by_block, rows * g.blocks(), window.bits);
    w[Work::rows + std::size_t(path)] += rows;
    c[Code::windows + std::size_t(path)] += 1;
    if (g.outputs % 2 > 0 && pairs > 0) c[Code::odd_pairs] += 1;
    const double starts = path == Path::lines ? lines : path == Path::pairs ? 2 * pairs : 0;
    const double begun = rows * (starts + g.blocks() * window.blocked());
    const int bias_bytes = window.kernel.bias_bytes;
    if (bias_bytes > 0) w[bias_bytes == 1 ? Work::biases_1 : Work::biases_2] += begun;
    if (g.depthwise) c[Code::depthwise] += 1;
}

/// The loops in assembly that make whole lines, or pairs of outputs.
inline void count_lines(Counter& counter, const DenseWindow& window) {
    const fixed::WindowGeometry& g = window.g;
    const int bits = window.bits, shift = window.kernel.shift;
    const double rows = g.rows;
    if (window.path == Path::lines) counter.add(line(g, bits, shift, window.relu), rows * window.lines);
    if (window.path == Path::pairs) counter.add(pair(g, bits, shift, window.relu), rows * window.pairs);
    if (window.path == Path::pointwise) counter.add(pointwise(g, bits), rows * g.blocks() * window.pairs);
}

/// Outputs that are finished block by block. inside: kernel_rows_inside.
inline void count_blocks(Counter& counter, std::size_t index, const DenseWindow& window, double inside) {
    const fixed::WindowGeometry& g = window.g;
    const double rows = g.rows, by_block = window.by_block, blocked = window.blocked();
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    w[Work::blocks] += rows * g.blocks();
    w[Work::edges] += rows * g.blocks() * (g.pad_left + g.pad_right);
    c[Code::edges] += g.pad_left + g.pad_right;
    for (int y = 0; y < g.rows && by_block > 0; ++y) {
        const int top = y * g.stride - g.pad_top;
        if (top < 0 || top + g.kernel_height > g.in_height)
            w[window.bits == 8 ? Work::skips : Work::packed_skips] += g.blocks() * by_block;
    }
    if (window.path != Path::wide && by_block > 0)
        counter.add(detail::window(g, window.bits, inside / rows), rows * by_block);
    const std::size_t size = std::size_t(g.block - 1);
    const bool narrow = window.kernel.sum_bytes == 2;
    if (narrow) {
        w[Work::narrow_blocks + size] += rows * g.blocks() * blocked;
        if (g.pooling != net::Pooling::none || g.has_residual)
            w[Work::finished_blocks + size] += rows * g.blocks() * blocked;
    }
    if (window.path == Path::wide) count_wide(counter, {index, g, window.kernel, window.bits, inside});
    const double copies = (window.path == Path::pointwise ? 2 : 0) + (by_block > 0 ? 1 : 0);
    if (narrow) c[Code::narrow_positions] += copies * g.block;
    count_finish(counter, index, g, window.kernel, rows * g.blocks() * blocked, copies, window.relu);
}

inline void count_window(Counter& counter, std::size_t index, CountedKernel kernel) {
    const net::Layer& layer = counter.layout.spec().layers[index];
    if (!counter.assembly)
        static_cast<fixed::DeviceKernel&>(kernel) = fixed::without_assembly(kernel, counter.layout.window(index, 1));
    const fixed::WindowGeometry g = counter.layout.window(index, kernel.block);
    const double inside = kernel_rows_inside(g);
    count_rows(counter, g, inside, counter.assembly && kernel.group > 0);
    if (kernel.format == fixed::Format::straight) {
        // Where it multiplies it has not been measured: its frame is like that of lists.
        counter.frame(counter.assembly ? Frames::lists : Frames::straight, g);
        count_straight(counter, index, g, kernel);
    } else if (kernel.format != fixed::Format::dense) {
        counter.frame(Frames::lists, g);
        count_sparse(counter, index, g, kernel, inside);
    } else if (kernel.group > 0) {
        if (counter.assembly)
            count_column(counter, index, g, kernel, inside);
        else
            count_plain_column(counter, index, g, kernel, inside);
    } else if (counter.assembly && kernel.direct) {
        count_direct(counter, index, g, kernel, inside);
    } else {
        const DenseWindow window(g, kernel, layer, counter.assembly);
        const bool runs = window.path == Path::wide && wide_kind(kernel) == 0;
        counter.frame(runs ? Frames::runs : Frames::windows + 3 * std::size_t(window.path), g);
        count_paths(counter, window);
        count_lines(counter, window);
        if (window.blocked() > 0) count_blocks(counter, index, window, inside);
    }
}

} // namespace tinysparse::cost::detail
