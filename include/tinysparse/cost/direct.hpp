// SPDX-License-Identifier: Apache-2.0
// Cost of the loops of mcu/wide_assembly.hpp and mcu/column_assembly.hpp, instruction by instruction, as assembly.hpp
// does for sums of 16 bits. The compiler's code around them is counted and has measured coefficients. Columns in C++
// are counted here as well.
#pragma once
#include <algorithm>
#include <cstddef>

#include "tinysparse/cost/finish.hpp"

namespace tinysparse::cost::detail {

inline constexpr double wide_product_cycles = 6, wide_product_words = 5;

/// Like requantisation(), for a sum of 24 bits.
inline Instructions wide_requantisation(int shift, bool relu) {
    const double cut = relu ? 2 : 0, right = std::max(0, shift - 8), left = std::max(0, 8 - shift);
    return {2 * right + 5 + 3 * left + 0.05 * 4 + cut, 2 * right + 12 + 3 * left + cut};
}

/// One kernel row of one channel over all blocks of a line, with its weights. words: code of one block.
inline Instructions wide_taps(const fixed::WindowGeometry& g) {
    const double moves = 2 * reach(g.taps(), g.in_channels).moves, products = double(g.block) * g.kernel_width,
                 edges = g.pad_left + g.pad_right;
    return {g.blocks() *
                (3.0 * g.kernel_width + load_cycles * g.taps() + wide_product_cycles * products + moves + 2 * edges),
            g.kernel_width + g.taps() + wide_product_words * products + moves + 2 * edges};
}

/// Whether assembly makes whole lines, see UsesWideLines of mcu/lines.hpp.
inline bool makes_wide_lines(const fixed::WindowGeometry& g, const fixed::DeviceKernel& kernel) {
    const int blocks = g.blocks(), last = g.width - g.block;
    const bool inside =
        blocks == 1 || (g.block * g.stride >= g.pad_left && (last - (blocks - 2) * g.block) * g.stride >= g.pad_right);
    return inside && g.kernel_width <= 5 && !g.has_residual &&
           (g.pooling == net::Pooling::none || (g.pooling == net::Pooling::maximum && kernel.cells > 0));
}

/// One output of a line, `rows` kernel rows.
inline Instructions wide_line(const fixed::WindowGeometry& g, const fixed::DeviceKernel& kernel, double rows,
                              bool relu) {
    const bool plane = g.kernel_height == 3 && g.kernel_width == 3 && g.in_channels == 1;
    const Instructions taps = wide_taps(g), one = wide_requantisation(kernel.shift, relu);
    const bool pooled = g.pooling == net::Pooling::maximum;
    const double cells = pooled ? kernel.cells : g.block, larger = g.block - cells;
    const double store = cells * (one.cycles + (pooled ? 7 : 2)) + 5.5 * larger;
    const double store_words = cells * (one.words + (pooled ? 5 : 1)) + 6 * larger;
    const double overlap = g.blocks() * g.block > g.width ? 1 : 0, blocks = g.blocks();
    if (plane) // nine weights per line, absent rows like others
        return {60 + 3 * taps.cycles - 27 * blocks +
                    blocks * (7 + 2.0 * (g.block - 1) + 3 * 10 + store + 2 * cells + 12) + 30 * overlap,
                48 + 3 * (taps.words - 3) + 2.0 * (g.block - 1) + 3 * 6 + store_words + 2 * cells + 24 * overlap + 12};
    const int unroll = g.depth % 2 == 0 && (g.taps() - 1) * g.in_channels < 63 ? 2 : 1;
    const bool several = g.depth > 1;
    const double channel = taps.cycles + (several ? 6.0 * blocks / unroll : 0);
    return {26 + blocks * (12 + 2.0 * (g.block - 1) + store + 20) +
                rows * (g.depth * channel + blocks * (several ? 18 : 16)) + (20.0 + 14 * g.kernel_height) * overlap,
            30 + 2.0 * (g.block - 1) + unroll * taps.words + (several ? 8 : 0) + 10 + store_words + 20 +
                overlap * (7.0 + 7 * g.kernel_height)};
}

/// One output of a block of positions, `rows` kernel rows, requantised.
inline Instructions wide_block(const fixed::WindowGeometry& g, const fixed::DeviceKernel& kernel, double rows,
                               bool relu) {
    const Instructions taps = wide_taps(g), one = wide_requantisation(kernel.shift, relu);
    const double several = g.depth > 1 ? 1 : 0, block = taps.cycles / g.blocks();
    return {14 + 2.0 * g.block + rows * (g.depth * (block + 6 * several) + 8 + 2 * several) +
                g.block * (one.cycles + 1),
            8 + 2.0 * g.block + taps.words + 8 * several + 8 + g.block * (one.words + 1)};
}

/// The work after assembly has requantised values. After narrow sums it is contained in their coefficients.
inline void count_values(Counter& counter, std::size_t index, const fixed::WindowGeometry& g,
                         const CountedKernel& kernel, double times, double copies) {
    CountedKernel values = kernel;
    values.sum_bytes = 2;
    values.shift = 8;
    const std::size_t size = std::size_t(g.block - 1);
    counter.work.counts[Work::narrow_blocks + size] += times;
    counter.work.counts[Work::finished_blocks + size] += times;
    count_finish(counter, index, g, values, times, copies, true);
}

/// Windows whose products are added to sums of 24 bits at once. inside: as kernel_rows_inside().
inline void count_direct(Counter& counter, std::size_t index, const fixed::WindowGeometry& g,
                         const CountedKernel& kernel, double inside) {
    const bool relu = counter.layout.spec().layers[index].activation == net::Activation::relu && !g.has_residual;
    const double rows = g.rows, outputs = g.outputs;
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    if (makes_wide_lines(g, kernel)) {
        counter.add(wide_line(g, kernel, inside / rows, relu), rows * outputs);
        w[Work::rows + std::size_t(Path::lines)] += rows;
        c[Code::windows + std::size_t(Path::lines)] += 1;
        counter.frame(Frames::direct_lines, g);
        w[Work::direct_lines] += rows * outputs;
        w[Work::direct_line_rows] += inside * outputs;
        c[g.kernel_width == 1 ? Code::direct_lines_1 : Code::direct_lines] += 1;
        return;
    }
    const double blocks = rows * g.blocks();
    counter.add(wide_block(g, kernel, inside / rows, relu), blocks * outputs);
    w[Work::rows + std::size_t(Path::window)] += rows;
    c[Code::windows + std::size_t(Path::window)] += 1;
    w[Work::blocks] += blocks;
    w[Work::edges] += blocks * (g.pad_left + g.pad_right);
    c[Code::edges] += g.pad_left + g.pad_right;
    counter.frame(Frames::direct_blocks, g, g.depthwise ? 3 : 2);
    w[Work::direct_blocks] += blocks;
    w[Work::direct_block_rows] += blocks * g.kernel_height;
    w[Work::direct_outputs] += blocks * outputs;
    if (g.depthwise) w[Work::direct_depthwise_rows] += blocks * outputs * g.kernel_height;
    c[Code::direct_blocks] += 1;
    if (g.pooling == net::Pooling::none && !g.has_residual) {
        w[Work::direct_stores] += blocks * outputs * g.block;
        return;
    }
    count_values(counter, index, g, kernel, blocks * outputs, 1);
}

/// What a group of a column in assembly does.
struct ColumnGroup {
    int size;
    bool swaps, several, by_rows; ///< Multiplies whole bytes; has more groups after it; counts rows one by one.

    ColumnGroup(const fixed::WindowGeometry& g, const CountedKernel& kernel, int group, int bits)
        : size(group), swaps(bits == 4 && group % 2 == 0 && !g.depthwise),
          several(group == kernel.group && g.outputs >= 2 * group), by_rows(g.kernel_height * steps(g, kernel) > 255) {}
    /// Rounds of the loop over a kernel row's values.
    static int steps(const fixed::WindowGeometry& g, const CountedKernel& kernel) {
        return std::max(1, g.depth / (kernel.unroll * (kernel.pairs ? 2 : 1)));
    }
};

/// One round of that loop.
inline Instructions column_round(const fixed::WindowGeometry& g, const CountedKernel& kernel, const ColumnGroup& group,
                                 int bits) {
    const bool wide = kernel.sum_bytes == 3;
    const double product = wide ? wide_product_cycles : product_cycles,
                 words = wide ? wide_product_words : product_words;
    const double weight_cycles = bits == 8     ? 3
                                 : group.swaps ? 2
                                 : bits == 4   ? 4.5
                                               : 4.75,
                 weight_words = bits == 8 || group.swaps ? 1
                                : bits == 4              ? 3.5
                                                         : 4;
    const double output = kernel.pairs ? 17 : weight_cycles + product,
                 output_words = kernel.pairs ? 11 : weight_words + words;
    const double values = g.depthwise ? group.size : kernel.pairs ? 2 : 1, sum = group.swaps ? 1 : 0;
    const double body_words = kernel.unroll * (values + 3 * sum + group.size * output_words) + (g.depthwise ? 2 : 0);
    return {kernel.unroll * (load_cycles * values + 4 * sum + group.size * output) + (g.depthwise ? 2 : 0) +
                (body_words < 62 ? 3 : 4),
            body_words + 3};
}

/// A group of outputs at a position of a column, `rows` kernel rows.
inline Instructions column_group(const fixed::WindowGeometry& g, const CountedKernel& kernel, const ColumnGroup& group,
                                 int bits, double rows, bool relu, int bias_shift) {
    const bool wide = kernel.sum_bytes == 3;
    const Instructions one = wide ? wide_requantisation(kernel.shift, relu) : requantisation(kernel.shift, relu);
    const Instructions round = column_round(g, kernel, group, bits);
    const double solve = group.swaps ? 8.5 : 0, biases = kernel.bias_bytes > 0 ? 8 : 0;
    const double bias = kernel.bias_bytes == 0 ? 2 : 10 + (wide ? 3 : 2) * bias_shift + (wide ? 2 : 0);
    const bool pooled = g.pooling == net::Pooling::maximum && !g.has_residual, ring = g.in_ring < g.in_height;
    const double store = one.cycles + (pooled ? 8 : 2), store_words = one.words + (wide ? 0 : 1) + (pooled ? 6 : 1);
    const double turns = ring ? std::min(1.0, (rows - 1) / g.in_ring) : 0; // how often a kernel reaches over its end
    const double around = 22 + biases + (wide ? 2 : 0) + (group.swaps ? 6 : 0) + (ring ? 9 : 0) +
                          (group.several ? 18 : 0) + (g.depthwise ? 10 : 0);
    return {around + 8 * turns + group.size * (bias + solve + store) +
                rows * (ColumnGroup::steps(g, kernel) * round.cycles + (group.by_rows ? 5 : 0)),
            around / 2 + 12 + group.size * (bias - 2 + solve * 0.75 + store_words) + round.words};
}

/// The code around the groups of a column.
inline void count_column_code(Counter& counter, const fixed::WindowGeometry& g, const CountedKernel& kernel, int bits) {
    auto& c = counter.code.counts;
    const std::size_t narrow_frame = g.depthwise ? Frames::depthwise_columns : Frames::columns;
    const std::size_t wide_frame = g.depthwise ? Frames::wide_depthwise_columns : Frames::wide_columns;
    counter.frame(kernel.sum_bytes > 2 ? wide_frame : narrow_frame, g, counter.assembly ? 0 : 1);
    c[Code::columns] += 1;
    c[Code::column_groups] += g.outputs % kernel.group > 0 ? 2 : 1;
    if (bits < 8) c[Code::column_packed] += 1;
    if (g.depthwise) c[Code::column_depthwise] += 1;
    if (kernel.pairs) c[Code::column_pairs] += 1;
}

/// A convolution or depthwise layer over a column. inside: as kernel_rows_inside().
inline void count_column(Counter& counter, std::size_t index, const fixed::WindowGeometry& g,
                         const CountedKernel& kernel, double inside) {
    const net::Layer& layer = counter.layout.spec().layers[index];
    const bool relu = layer.activation == net::Activation::relu && !g.has_residual;
    const double rows = g.rows;
    const int full = g.outputs / kernel.group, rest = g.outputs % kernel.group;
    auto& w = counter.work.counts;
    const bool finishes = g.pooling == net::Pooling::average || g.has_residual; // group by group, in C++
    const auto add = [&](int group, double groups) {
        counter.add(column_group(g, kernel, {g, kernel, group, layer.bits}, layer.bits, inside / rows, relu, 0),
                    rows * groups);
        w[Work::column_groups] += rows * (finishes ? groups : 1);
    };
    add(kernel.group, full);
    if (rest > 0) add(rest, 1);
    w[Work::column_rows] += rows;
    count_column_code(counter, g, kernel, layer.bits);
    if (!finishes) return;
    count_values(counter, index, g, kernel, rows * g.outputs, kernel.group + rest);
}

/// The same in C++, whose loops over a group are not written out.
inline void count_plain_column(Counter& counter, std::size_t index, const fixed::WindowGeometry& g,
                               const CountedKernel& kernel, double inside) {
    const net::Layer& layer = counter.layout.spec().layers[index];
    const double rows = g.rows, groups = (g.outputs + kernel.group - 1) / kernel.group;
    const double products = inside * g.depth * g.outputs;
    auto& w = counter.work.counts;
    w[Work::column_rows] += rows;
    w[Work::column_kernel_rows] += inside * groups;
    w[Work::column_groups] += rows * groups;
    w[Work::column_steps] += inside * groups * g.depth / (kernel.pairs ? 2 : 1);
    w[Work::column_outputs] += rows * g.outputs;
    w[Work::column_products + format_of(layer.bits)] += products;
    if (kernel.sum_bytes > 2) w[Work::column_wide_products] += products;
    if (g.depthwise) w[Work::column_depthwise_rows] += inside * g.outputs;
    if (layer.bits > 2) counter.products(index, products, kernel.nonzero, kernel.negative);
    counter.code.counts[Code::plain_columns] += 1;
    count_column_code(counter, g, kernel, layer.bits);
    count_finish(counter, index, g, kernel, rows * g.outputs, g.outputs % kernel.group > 0 ? 2 : 1,
                 layer.activation == net::Activation::relu && !g.has_residual);
}

/// One row of a dense layer, a block of `block` outputs, in sums of 24 bits.
inline Instructions wide_dense(int row_size, int block) {
    const int unroll = row_size % 2 == 0 ? 2 : 1;
    const double input = load_cycles + block * (3 + wide_product_cycles), words = 1 + block * (1 + wide_product_words);
    return {62 + 25.0 * block + row_size * input + row_size / unroll * (unroll * words < 62 ? 4 : 5),
            55 + 16.0 * block + unroll * words};
}

} // namespace tinysparse::cost::detail
