// SPDX-License-Identifier: Apache-2.0
// Cost of straight-line code, counted from the steps that the exporter writes: cycles of one sample as in the data
// sheet of the ATmega, and words of code. A step costs what its assembly in mcu/straight.hpp costs. The compiler's code
// around a group (constants that sums begin with, their stores, saved registers) has its average cost.
#pragma once
#include <algorithm>
#include <cstddef>

#include "tinysparse/cost/assembly.hpp"
#include "tinysparse/fixed/straight.hpp"

namespace tinysparse::cost {

namespace detail {

inline Instructions straight_step(const fixed::StraightStep& step, const fixed::StraightLine& line) {
    using Step = fixed::StraightStep;
    const bool wide = line.sums == fixed::StraightSums::wide;
    switch (step.kind) {
    case Step::move:
        return {2, 2};
    case Step::value:
        return line.sums == fixed::StraightSums::signs && line.signed_input ? Instructions{5, 4} : Instructions{2, 1};
    case Step::times:
        return wide ? Instructions{4, 3} : Instructions{3, 2};
    case Step::add:
    case Step::subtract:
        return {2, 2};
    default:
        return wide ? Instructions{3, 3} : Instructions{2, 2};
    }
}

inline Instructions straight_block(const fixed::StraightBlock& block, const fixed::StraightLine& line) {
    Instructions sum = line.sums == fixed::StraightSums::signs ? Instructions{1, 1} : Instructions{3, 3};
    for (const fixed::StraightStep& step : block.steps) sum += straight_step(step, line);
    return sum;
}

/// Setting sums to their first values: two or three constants each; the lower registers need one instruction more.
inline Instructions straight_begin(const fixed::StraightGroup& group, const fixed::StraightLine& line) {
    const double each = line.sums == fixed::StraightSums::wide ? 5 : 3, sums = double(group.outputs);
    return {each * sums, each * sums};
}

/// Saving and restoring the registers of a function that holds `sums` sums, its call and return.
inline Instructions straight_frame(double sums, bool wide) {
    const double registers = std::min(18.0, (wide ? 4 : 2) * sums);
    return {4 * registers + 8, 2 * registers + 3};
}

inline Instructions straight_rows(const fixed::StraightLine& line, double rows) {
    const bool wide = line.sums == fixed::StraightSums::wide;
    Instructions sum;
    std::size_t most = 0;
    for (const fixed::StraightGroup& group : line.groups) {
        most = std::max(most, group.outputs);
        const double sums = double(group.outputs);
        const Instructions begin = straight_begin(group, line), end = !line.sets ? Instructions{24, 18}
                                                                      : wide     ? Instructions{11, 7}
                                                                                 : Instructions{10, 6};
        sum += {rows * (begin.cycles + end.cycles * sums), begin.words + end.words * sums};
        for (const fixed::StraightBlock& block : group.blocks) sum += straight_block(block, line);
        if (rows > 1) sum += {50 * rows, 15 + 4 * rows}; // to the row's code and back
    }
    const Instructions frame = straight_frame(double(most), wide);
    sum += {rows * frame.cycles, frame.words};
    return sum;
}

/// Positions of an axis at which the kernel's row or column `k` meets the input.
inline double straight_positions(int positions, int stride, int pad, int size, int k) {
    double met = 0;
    for (int i = 0; i < positions; ++i) met += i * stride - pad + k >= 0 && i * stride - pad + k < size ? 1 : 0;
    return met;
}

/// Requantisation as compiled: half of the sums below a ReLU are negative, and one in twenty is outside the range of a
/// linear layer.
inline Instructions compiled_requantisation(int shift, bool relu) {
    const double cut = relu ? 2 : 0, right = shift - 7;
    if (shift >= 8) return {right + cut, right + cut};
    const double shifts = shift >= 4 ? 2 * (8 - shift) : 2 * shift + 1;
    return relu ? Instructions{0.5 * (4 + shifts) + 0.5 * 8, 7 + shifts}
                : Instructions{0.95 * (6 + shifts) + 0.05 * 9, 9 + shifts};
}

/// The work after the sum of one output at a position.
inline Instructions straight_output(const fixed::WindowGeometry& g, const fixed::DeviceKernel& kernel, bool relu) {
    Instructions sum = compiled_requantisation(kernel.shift, relu);
    if (kernel.sum_bytes > 2) sum += {6, 14};
    sum += g.pooling == net::Pooling::average   ? Instructions{22.0 + 24.0 / (g.pool_height * g.pool_width), 22}
           : g.pooling == net::Pooling::maximum ? Instructions{11, 13}
                                                : Instructions{6, 6};
    if (g.has_residual) sum += {42, 12};
    return sum;
}

inline Instructions straight_window(const fixed::StraightLine& line, const fixed::WindowGeometry& g) {
    const double positions = double(g.rows) * g.width;
    Instructions sum;
    std::size_t most = 0;
    for (const fixed::StraightGroup& group : line.groups) {
        most = std::max(most, group.outputs);
        const Instructions begin = straight_begin(group, line);
        sum += {positions * begin.cycles, begin.words};
        int row = -1;
        for (const fixed::StraightBlock& block : group.blocks) {
            const Instructions own = straight_block(block, line);
            const double met_rows = straight_positions(g.rows, g.stride, g.pad_top, g.in_height, block.row);
            const bool column = block.column >= 0;
            const double met_columns =
                column ? straight_positions(g.width, g.stride, g.pad_left, g.in_width, block.column) : double(g.width);
            sum += {met_rows * met_columns * (own.cycles + 2), own.words + 1};
            if (column) sum += {met_rows * g.width * 3, 4}; // test whether the column meets the input
            if (block.row == row) continue;
            row = block.row;
            sum += {met_rows * g.width * 5 + positions * (g.pad_top > 0 ? 6 : 0), g.pad_top > 0 ? 12.0 : 6.0};
        }
    }
    if (g.pad_left + g.pad_right > 0) sum += {45 * positions, 30}; // tests of the columns
    const Instructions frame = straight_frame(double(most), line.sums == fixed::StraightSums::wide);
    const double function = (g.pooling == net::Pooling::average ? 60 : 0) + (g.average.multiplier != 1 ? 40 : 0) +
                            (g.has_residual ? 90 : 0); // shared by all outputs
    sum += {g.rows * frame.cycles, frame.words + 35 + function};
    return sum;
}

} // namespace detail

/// Cost of the products of a layer, over a whole sample, without the work after the sums.
inline Instructions straight_cost(const fixed::StraightLine& line, const fixed::Layout& layout, std::size_t index) {
    return layout.gathers(index) ? detail::straight_rows(line, layout.gather(index).in_height)
                                 : detail::straight_window(line, layout.window(index, 1));
}

} // namespace tinysparse::cost
