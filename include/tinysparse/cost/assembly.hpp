// SPDX-License-Identifier: Apache-2.0
// Cost of the loops of mcu/assembly.hpp, instruction by instruction: cycles as in the data sheet of the ATmega, two
// bytes per word. If values decide the path, the mean over typical networks is taken: one sum in twenty is outside the
// range of int8.
#pragma once
#include <algorithm>
#include <vector>

#include "tinysparse/cost/counts.hpp"
#include "tinysparse/fixed/device.hpp"

namespace tinysparse::cost {

/// A sequence of instructions of an AVR.
struct Instructions {
    double cycles = 0, words = 0; ///< words: of two bytes in program memory.
    /// Appends instructions.
    Instructions& operator+=(const Instructions& other) {
        cycles += other.cycles;
        words += other.words;
        return *this;
    }
};

/// The loop that computes a window's layer on chips with assembly. bits: per weight.
inline Path path_of(const fixed::WindowGeometry& g, const fixed::DeviceKernel& kernel, int bits) {
    if (kernel.sum_bytes != 2 || g.depth > 255) return Path::wide;
    const bool stores = g.pooling == net::Pooling::none && !g.has_residual;
    if (kernel.paired) return stores && bits != 2 ? Path::pairs : Path::pointwise;
    return stores && g.kernel_height == 3 && g.kernel_width == 3 && g.depth == 1 ? Path::lines : Path::window;
}

namespace detail {

inline constexpr double product_cycles = 4, product_words = 3, load_cycles = 2;

/// Fetching the next weight. With 4 bits every second weight needs a new byte, with 2 bits every fourth.
inline Instructions weight(int bits) {
    return bits == 8 ? Instructions{3, 1} : bits == 4 ? Instructions{9, 9} : Instructions{9.5, 12};
}
inline Instructions two_weights(int bits) {
    return bits == 8 ? Instructions{6, 2} : bits == 4 ? Instructions{9, 7} : Instructions{19, 24};
}

inline Instructions requantisation(int shift, bool relu) {
    const double cut = relu ? 2 : 0, right = shift - 8, left = 8 - shift;
    return shift >= 8 ? Instructions{right + cut, right + cut}
                      : Instructions{3 * left + 1 + 0.05 * 3 + cut, 3 * left + 4 + cut};
}

/// How often the base pointer moves over the offsets 0, step, 2 step ..., and where it ends: an offset reaches 63
/// bytes. start: position of the pointer after the first move.
struct Reach {
    int moves = 0, base = 0;
};
inline Reach reach(int count, int step, int start = 0) {
    Reach result{0, start};
    for (int i = 1; i < count; ++i)
        if (i * step - result.base > 63) {
            ++result.moves;
            result.base = i * step;
        }
    return result;
}

inline Instructions stores(int count, int step, int shift, bool relu) {
    const Instructions one = requantisation(shift, relu);
    const double moves = 2 * reach(count, step).moves;
    return {count * (one.cycles + 2) + moves, count * (one.words + 1) + moves};
}

/// Input values outside the row, over all blocks of a line, and the products that they would take part in.
struct Outside {
    double loads = 0, products = 0;
};
inline Outside outside(const fixed::WindowGeometry& g) {
    Outside result;
    for (int x = 0;;) {
        const int column = x * g.stride - g.pad_left;
        for (int tap = 0; tap < g.taps(); ++tap) {
            if (column + tap >= 0 && column + tap < g.in_width) continue;
            result.loads += 1;
            for (int position = 0; position < g.block; ++position)
                if (tap >= position * g.stride && tap < position * g.stride + g.kernel_width) result.products += 1;
        }
        if (x + g.block >= g.width) return result;
        x = std::min(x + g.block, g.width - g.block);
    }
}

/// One kernel row of one channel over all blocks of a line, without its weights. words: code of one block.
inline Instructions taps(const fixed::WindowGeometry& g) {
    const double moves = 2 * reach(g.taps(), g.in_channels).moves, products = double(g.block) * g.kernel_width,
                 edges = g.pad_left + g.pad_right;
    const Outside left_out = outside(g);
    return {g.blocks() * (load_cycles * g.taps() + product_cycles * products + moves + 2 * edges) -
                left_out.loads * (load_cycles - 1) - product_cycles * left_out.products,
            g.taps() + product_words * products + moves + 2 * edges};
}

/// One output of a row on Path::lines.
inline Instructions line(const fixed::WindowGeometry& g, int bits, int shift, bool relu) {
    const double packed = bits < 8 ? 12 : 0, edges = g.pad_left + g.pad_right > 0 ? 1 : 0;
    const bool clipped = g.pad_top > 0 || (g.rows - 1) * g.stride + 3 > g.in_height;
    const double overlap = g.blocks() * g.block > g.width ? 1 : 0, after = g.pad_right > 0 ? 1 : 0;
    // Over a single channel the pointer walks to the start of the next block, past values left of the row as well.
    const bool walks = g.in_channels == 1;
    const bool there = walks || reach(g.taps(), g.in_channels).base == g.block * g.stride * g.in_channels;
    const double moves = there ? 2 : 4, passed = walks ? 2 * g.pad_left : 0;
    const Instructions row = taps(g), end = stores(g.block, g.outputs, shift, relu);
    Instructions sum;
    sum.cycles = 8 + 4 + packed + 9 * weight(bits).cycles + 4 + (clipped ? 10 : 2) + 20 + 2 + (g.pad_left > 0 ? 2 : 0) +
                 3 * (row.cycles + passed) + g.blocks() * (2 + 4 + 3 * moves + edges + end.cycles + 2 + 6) +
                 (g.blocks() - 1) * 3 * std::min(1.0, overlap + after) + 14 * overlap + 2 * after + 1;
    sum.words = 4 + 2 + packed / 2 + 9 * weight(bits).words + 2 + (clipped ? 12 : 1) + 10 + 2 +
                (g.pad_left > 0 ? 2 : 0) + 1 + 4 + 3 * (row.words + moves) + edges + end.words + 2 + 3 +
                2 * std::min(1.0, overlap + after) + 14 * overlap + 2 * after + 2;
    return sum;
}

/// Two outputs of a row on Path::pairs.
inline Instructions pair(const fixed::WindowGeometry& g, int bits, int shift, bool relu) {
    const int step = g.in_channels * g.stride, unroll = g.depth % 2 == 0 && (g.block - 1) * step < 63 ? 2 : 1;
    const double moves = 2 * reach(g.block, step).moves, overlap = g.blocks() * g.block > g.width ? 1 : 0;
    const bool near = bits == 8 && moves == 0;
    const Instructions weights = two_weights(bits), end = stores(g.block, g.outputs, shift, relu);
    const double channel = weights.cycles + g.block * (load_cycles + 2 * product_cycles) + moves;
    Instructions sum;
    sum.cycles = 8 + 20 + 2 + 1 +
                 g.blocks() * (2 + 8 + 1 + g.depth * channel + g.depth / unroll * (near ? 5 : 6) - 1 + 2 +
                               2 * end.cycles + 2 + 2 + 2 + 2 + 2 + 6) +
                 (g.blocks() - 1) * 3 * overlap + 4 * overlap;
    sum.words = 4 + 10 + 2 + 1 + 8 + 1 + unroll * (weights.words + g.block * (1 + 2 * product_words) + moves) +
                (near ? 3 : 5) + 2 + 2 * end.words + 2 + 2 + 2 + 2 + 2 + 4 + 6 * overlap + 1 + 3;
    return sum;
}

/// Two outputs of a block on Path::pointwise.
inline Instructions pointwise(const fixed::WindowGeometry& g, int bits) {
    const double moves = 2 * reach(g.block, g.in_channels * g.stride).moves;
    const Instructions weights = two_weights(bits);
    return {4 + 2 + g.depth * (weights.cycles + g.block * (load_cycles + 2 * product_cycles) + moves + 6) - 1 + 5,
            2 + 2 + weights.words + g.block * (1 + 2 * product_words) + moves + 5 + 3};
}

/// One output of a row on Path::window: all its blocks over `rows` kernel rows.
inline Instructions window(const fixed::WindowGeometry& g, int bits, double rows) {
    const bool several = g.depth > 1;
    const Instructions row = taps(g), one = weight(bits);
    const double channel = row.cycles + g.blocks() * (g.kernel_width * one.cycles + (several ? 6 : 0));
    return {g.blocks() * 9 + rows * (g.depth * channel + g.blocks() * 10) - g.blocks(),
            4 + (several ? 6 : 0) + g.kernel_width * one.words + row.words + 3 + 3};
}

/// One row of a dense layer, a block of `block` outputs.
inline Instructions dense(int row_size, int run, int outputs, int block, int bits) {
    const int unroll = row_size % 2 == 0 && run % 2 == 0 ? 2 : 1;
    const bool paired = bits == 4 && block % 2 == 0 && outputs % 2 == 0;
    const Instructions one = weight(bits), two = two_weights(bits);
    const Instructions input =
        paired ? Instructions{2 + block / 2 * (two.cycles + 2 * product_cycles),
                              1 + block / 2 * (two.words + 2 * product_words)}
               : Instructions{2 + block * (one.cycles + product_cycles), 1 + block * (one.words + product_words)};
    const double loop = (row_size > 255 * unroll ? 1 : 0) + (bits == 8 ? 3 : 4);
    return {row_size * input.cycles + row_size / unroll * loop, unroll * input.words + 4};
}

/// Reading one list entry: the number of inputs to skip, and the weight.
inline Instructions entry(fixed::Format format) {
    return format == fixed::Format::csr      ? Instructions{8, 4}
           : format == fixed::Format::nibble ? Instructions{11, 9}
                                             : Instructions{10, 8};
}
inline constexpr double header_cycles = 9.5, header_words = 9;

/// One row of a layer that gathers from lists; outputs, headers and entries are counted over this row. sets: the
/// assembly runs list by list, and the code around each list is C++.
inline Instructions sparse_row(fixed::Format format, double outputs, double headers, double entries, bool sets) {
    const Instructions one = entry(format);
    if (sets)
        return {2 * outputs + 15 * headers + entries * (one.cycles + load_cycles + product_cycles + 0.75),
                15 + 4 * (one.words + 1 + product_words) + 2 + 2};
    return {11 + 9 * outputs + headers * (header_cycles + 23) + 7 * (headers - outputs) +
                entries * (one.cycles + load_cycles + product_cycles + 1.5),
            3 + 3 + header_words + 2 * (one.words + 1 + product_words) + 2 + 3 + 12 + 5 + 3 + 3};
}

/// One output at a block of positions from lists: `rows` lists that have `headers` headers and `entries` entries in
/// all.
inline Instructions sparse_block(const fixed::WindowGeometry& g, fixed::Format format, double rows, double headers,
                                 double entries) {
    const int steps = reach(g.block, g.in_channels * g.stride, 1).moves;
    const double moves = steps > 0 ? 2 * (steps + 1) : 0; // including the move back
    const Instructions one = entry(format);
    return {8 + rows * 11 + headers * (header_cycles + 2) +
                entries * (one.cycles + g.block * (load_cycles + product_cycles) + moves + 2),
            2 + 4 + header_words + 2 * (one.words + g.block * (1 + product_words) + moves) + 3 + 5 + 3};
}

} // namespace detail
} // namespace tinysparse::cost
