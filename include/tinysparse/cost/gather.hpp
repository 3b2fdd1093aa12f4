// SPDX-License-Identifier: Apache-2.0
// Counts the kernels of mcu/gather.hpp, and of mcu/sparse.hpp over whole rows: layers whose outputs see the whole
// input.
#pragma once
#include <cstddef>

#include "tinysparse/cost/counter.hpp"
#include "tinysparse/cost/direct.hpp"

namespace tinysparse::cost::detail {

/// Lists of nonzero weights.
inline void count_gathered_lists(Counter& counter, std::size_t index, const fixed::GatherGeometry& g,
                                 const CountedKernel& kernel) {
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    const double rows = g.in_height;
    counter.frames.add(Frames::gathered_lists, 0);
    w[Work::sparse_gathered_rows] += rows;
    c[Code::sparse_gathers + std::size_t(kernel.format == fixed::Format::csr      ? 0
                                         : kernel.format == fixed::Format::nibble ? 1
                                                                                  : 2)] += 1;
    if (counter.assembly) {
        counter.add(sparse_row(kernel.format, g.outputs, kernel.headers / rows, kernel.entries / rows, kernel.sets),
                    rows);
    } else {
        w[Work::gathered_lists] += rows * g.outputs;
        w[Work::gathered_headers] += kernel.headers;
        w[Work::gathered_entries] += kernel.entries;
        if (kernel.format == fixed::Format::ternary)
            w[Work::gathered_ternary] += kernel.entries;
        else
            counter.products(index, kernel.entries, 1, 1);
    }
}

/// Depthwise kernels as large as their input.
inline void count_gathered_depthwise(Counter& counter, std::size_t index, const fixed::GatherGeometry& g,
                                     const CountedKernel& kernel, int bits) {
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    const double rows = g.in_height;
    counter.frames.add(Frames::whole_depthwise, 0);
    w[Work::whole_rows] += rows;
    w[Work::whole_channels] += rows * g.outputs * ((g.in_width + kernel.run - 1) / kernel.run);
    w[Work::whole_products + format_of(bits)] += rows * g.row_size;
    if (bits > 2) counter.products(index, rows * g.row_size, kernel.nonzero, kernel.negative);
    c[Code::whole_layers] += 1;
    if (bits < 8) c[Code::whole_packed] += 1;
}

inline void count_gathered_dense(Counter& counter, std::size_t index, const fixed::GatherGeometry& g,
                                 const CountedKernel& kernel, int bits) {
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    const double rows = g.in_height;
    const int full = g.outputs / kernel.block, rest = g.outputs % kernel.block;
    const double runs = (g.row_size + kernel.run - 1) / kernel.run;
    counter.frames.add(counter.assembly && kernel.direct ? Frames::direct_dense : Frames::dense, 0);
    w[Work::dense_rows] += rows;
    c[Code::dense_layers] += 1;
    if (counter.assembly && kernel.direct) {
        counter.add(wide_dense(g.row_size, kernel.block), rows * full);
        if (rest > 0) counter.add(wide_dense(g.row_size, rest), rows);
        w[Work::direct_dense] += rows * (full + (rest > 0 ? 1 : 0));
        c[Code::direct_dense] += 1;
        return;
    }
    w[Work::dense_blocks] += rows * (full + (rest > 0 ? 1 : 0)) * runs;
    if (!kernel.sets) w[Work::dense_spills] += rows * g.outputs * runs;
    if (counter.assembly) {
        counter.add(dense(g.row_size, kernel.run, g.outputs, kernel.block, bits), rows * full);
        if (rest > 0) counter.add(dense(g.row_size, kernel.run, g.outputs, rest, bits), rows);
    } else {
        w[Work::dense_products + format_of(bits)] += rows * g.row_size * g.outputs;
        if (bits > 2) counter.products(index, rows * g.row_size * g.outputs, kernel.nonzero, kernel.negative);
        c[Code::dense_weights + format_of(bits)] += kernel.block + rest;
    }
    if (rest > 0) c[Code::dense_rests] += 1;
    c[Code::dense_outputs] += kernel.block + rest;
    if (runs > 1) c[Code::dense_runs] += 1;
}

/// A tree head. Every path has the same number of nodes and rows; the number of list entries is the mean over all
/// paths.
inline void count_tree(Counter& counter, std::size_t index, const fixed::GatherGeometry& g, const CountedKernel& kernel,
                       int bits) {
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    const double rows = net::tree::path_rows(g.tree_depth, g.outputs), outputs = g.outputs * (g.tree_depth + 1.0);
    const double shifts = kernel.score_shift % 8 + kernel.tanh_shift % 8;
    const bool dense = kernel.format == fixed::Format::dense, narrow = kernel.sum_bytes == 2;
    counter.frames.add(dense ? Frames::trees : Frames::list_trees, 0);
    w[Work::tree_nodes] += g.tree_depth + 1;
    w[Work::tree_outputs] += outputs;
    w[Work::tree_shifts] += outputs * shifts;
    c[Code::trees] += 1;
    if (g.tree_depth > 0) c[Code::tree_levels] += 1;
    if (dense) {
        w[Work::tree_runs] += rows * ((g.row_size + kernel.run - 1) / kernel.run);
        if (bits < 8) w[Work::tree_packed] += rows;
        if (bits < 8) c[Code::tree_packed] += 1;
        if (counter.assembly)
            counter.add(cost::detail::dense(g.row_size, kernel.run, g.outputs, 1, bits), rows);
        else
            w[Work::dense_products + format_of(bits)] += rows * g.row_size;
        if (bits > 2) counter.products(index, rows * g.row_size, kernel.nonzero, kernel.negative);
        if (!counter.assembly && bits == 4) w[Work::tree_nibbles] += rows * g.row_size;
        return;
    }
    w[narrow ? Work::tree_lists : Work::tree_wide_lists] += rows;
    c[narrow ? Code::tree_lists : Code::tree_wide_lists] += 1;
    if (counter.assembly) {
        counter.add(sparse_row(kernel.format, rows, kernel.headers, kernel.entries, narrow), 1);
    } else {
        w[Work::gathered_headers] += kernel.headers;
        w[Work::gathered_entries] += kernel.entries;
        w[kernel.format == fixed::Format::ternary ? Work::gathered_ternary : Work::tree_entries] += kernel.entries;
        if (kernel.format != fixed::Format::ternary) counter.products(index, kernel.entries, 1, 1);
    }
}

inline void count_gather(Counter& counter, std::size_t index, const CountedKernel& kernel) {
    const fixed::GatherGeometry g = counter.layout.gather(index);
    const int bits = counter.layout.spec().layers[index].bits;
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    const double rows = g.in_height;
    w[Work::steps] += rows;
    // If there is one row, straight-line code begins its sums itself.
    if (kernel.sets) {
        w[Work::set_outputs] += g.outputs;
        c[Code::set_layers] += 1;
    } else if (kernel.format != fixed::Format::straight || !g.alone) {
        w[Work::begun_outputs] += g.outputs;
    }
    if (g.tree_depth != net::no_tree) {
        count_tree(counter, index, g, kernel, bits);
    } else if (kernel.format == fixed::Format::straight) {
        counter.frames.add(counter.assembly ? Frames::gathered_lists : Frames::straight, 0);
        w[Work::assembly] += kernel.line_cycles;
    } else if (kernel.format != fixed::Format::dense) {
        count_gathered_lists(counter, index, g, kernel);
    } else if (g.depthwise) {
        count_gathered_depthwise(counter, index, g, kernel, bits);
    } else {
        count_gathered_dense(counter, index, g, kernel, bits);
    }
    if (g.head) {
        if (g.adds) c[Code::extra_heads] += 1;
    } else {
        w[Work::gathered_outputs] += g.outputs;
        c[Code::hidden_gathers] += 1;
    }
    if (g.has_residual) c[Code::residuals] += 1;
    counter.ring(g.in_ring, g.in_height, 0, g.in_height);
}

} // namespace tinysparse::cost::detail
