// SPDX-License-Identifier: Apache-2.0
// Counts the kernels of mcu/sparse.hpp over windows: lists of nonzero weights.
#pragma once
#include <algorithm>
#include <cstddef>

#include "tinysparse/cost/counter.hpp"
#include "tinysparse/cost/finish.hpp"

namespace tinysparse::cost::detail {

/// Blocks of a row that reach beyond it.
inline double clipped_blocks(const fixed::WindowGeometry& g) {
    double clipped = 0;
    for (int x = 0;;) {
        const int column = x * g.stride - g.pad_left;
        if (column < 0 || column + g.taps() > g.in_width) clipped += 1;
        if (x + g.block >= g.width) break;
        x = std::min(x + g.block, g.width - g.block);
    }
    return clipped;
}

/// Lists read in C++. kind: as in list_kinds. blocks: number of blocks in a row.
inline void count_lists(Counter& counter, std::size_t index, const fixed::WindowGeometry& g,
                        const CountedKernel& kernel, double rows_inside, std::size_t kind, double blocks) {
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    const double rows = g.rows;
    const double times = blocks * rows_inside / g.kernel_height;
    w[Work::list_outputs + kind] += blocks * rows * g.outputs;
    w[Work::list_headers + kind] += times * kernel.headers;
    w[Work::list_entries + kind] += times * kernel.entries;
    w[Work::list_products + kind] += times * kernel.entries * g.block;
    if (kernel.format == fixed::Format::nibble) w[Work::nibble_entries] += times * kernel.entries;
    if (kernel.format == fixed::Format::ternary)
        w[Work::ternary_entries] += times * kernel.entries;
    else
        counter.products(index, times * kernel.entries * g.block, 1, 1);
    c[Code::list_windows + kind] += 1;
    c[Code::list_positions + kind] += g.block;
    if (kernel.format == fixed::Format::nibble) c[Code::nibble_windows] += 1;
    if (kernel.format == fixed::Format::ternary) c[Code::ternary_windows] += g.block;
}

/// Lists of nonzero weights. Blocks that reach beyond the row, and wide sums, are in C++.
inline void count_sparse(Counter& counter, std::size_t index, const fixed::WindowGeometry& g,
                         const CountedKernel& kernel, double rows_inside) {
    const bool narrow = kernel.sum_bytes == 2, padded = g.pad_left + g.pad_right > 0;
    const bool relu = counter.layout.spec().layers[index].activation == net::Activation::relu && !g.has_residual;
    const double rows = g.rows, lists = double(g.kernel_height) * g.outputs;
    const double clipped = clipped_blocks(g);
    // If one block is the whole row, the compiler knows whether it reaches beyond the row.
    const bool plain = g.blocks() > 1 || clipped == 0, checked = padded && (g.blocks() > 1 || clipped > 0);
    auto& w = counter.work.counts;
    w[Work::sparse_rows] += rows;
    w[Work::sparse_blocks] += rows * g.blocks();
    w[Work::skipped_headers] += (rows - rows_inside / g.kernel_height) * g.blocks() * kernel.headers;
    if (kernel.bias_bytes > 0)
        w[kernel.bias_bytes == 1 ? Work::biases_1 : Work::biases_2] += rows * g.blocks() * g.outputs;
    if (plain && narrow && counter.assembly) {
        const double times = (g.blocks() - clipped) * rows * g.outputs, of_output = rows_inside / rows / lists;
        w[Work::sparse_outputs] += times;
        const std::size_t format = kernel.format == fixed::Format::csr      ? 0
                                   : kernel.format == fixed::Format::nibble ? 1
                                                                            : 2;
        w[Work::sparse_entries + format] += times * of_output * kernel.entries;
        w[Work::sparse_headers] += times * of_output * kernel.headers;
        w[Work::sparse_products] += times * of_output * kernel.entries * g.block;
        if (g.pooling != net::Pooling::none || g.has_residual) w[Work::sparse_finished] += times * g.block;
        counter.code.counts[Code::sparse_windows] += 1;
        counter.add(
            sparse_block(g, kernel.format, rows_inside / rows, of_output * kernel.headers, of_output * kernel.entries),
            times);
    } else if (plain) {
        count_lists(counter, index, g, kernel, rows_inside, narrow ? 3 : 1, g.blocks() - clipped);
    }
    if (checked) count_lists(counter, index, g, kernel, rows_inside, narrow ? 0 : 2, clipped);
    const double times = rows * g.blocks() * g.outputs;
    const std::size_t size = std::size_t(g.block - 1);
    if (narrow && (g.pooling != net::Pooling::none || g.has_residual)) w[Work::finished_blocks + size] += times;
    count_finish(counter, index, g, kernel, times, plain && checked ? 2 : 1, relu);
}

} // namespace tinysparse::cost::detail
