// SPDX-License-Identifier: Apache-2.0
// Counts the kernels of mcu/taps.hpp that are in C++: wide sums, and all sums on chips without assembly.
#pragma once
#include <algorithm>
#include <cstddef>

#include "tinysparse/cost/counter.hpp"

namespace tinysparse::cost::detail {

/// Quantities that determine the counts of a layer of wide sums.
struct WideSums {
    std::size_t index; ///< Index of the layer.
    const fixed::WindowGeometry& g;
    const CountedKernel& kernel;
    int bits;
    double rows_inside; ///< Kernel rows that lie inside the input, summed over the operation's rows.

    std::size_t kind() const { return wide_kind(kernel); }
    std::size_t form() const { return wide_form(kernel); }
    double inside() const { return rows_inside * g.outputs; }
    double block_rows() const { return inside() * g.blocks(); }
    double taps() const { return block_rows() * g.depth; }
};

/// Sums of 16 bits over runs of channels, added to the wide ones.
inline void count_spills(Counter& counter, const WideSums& sums) {
    const fixed::WindowGeometry& g = sums.g;
    const double block_rows = sums.block_rows();
    const int run = std::min(g.depth, sums.kernel.run), runs = (g.depth + run - 1) / run;
    auto& w = counter.work.counts;
    w[Work::spills] += block_rows * runs * g.block;
    w[Work::spilled_blocks] += block_rows * runs;
    if (sums.kernel.sum_bytes == 4) w[Work::wide_32_bits] += block_rows * runs * g.block;
    if (sums.bits < 8) w[Work::packed_runs] += block_rows * runs;
    if (run < g.depth) counter.code.counts[Code::several_runs] += 1;
}

/// The same runs if they are in assembly.
inline void count_runs(Counter& counter, const WideSums& sums) {
    auto& c = counter.code.counts;
    const int run = std::min(sums.g.depth, sums.kernel.run);
    fixed::WindowGeometry part = sums.g;
    part.depth = run;
    counter.add(window(part, sums.bits, 1), sums.inside() * (sums.g.depth / run));
    part.depth = sums.g.depth % run;
    if (part.depth > 0) counter.add(window(part, sums.bits, 1), sums.inside());
    c[Code::wide_blocks + sums.form()] += 1;
    if (part.depth > 0) c[Code::run_rests] += 1;
    if (sums.kernel.sum_bytes == 4) c[Code::wide_32_bits] += 1;
}

/// Loads, weights and products in C++.
inline void count_taps(Counter& counter, const WideSums& sums) {
    const fixed::WindowGeometry& g = sums.g;
    const std::size_t kind = sums.kind(), format = format_of(sums.bits);
    const bool large = g.kernel_width >= 5;
    const double inside = sums.inside(), taps = sums.taps();
    const Outside outside = detail::outside(g);
    auto& w = counter.work.counts;
    w[Work::taps + sums.form()] += taps;
    const double products = taps * g.kernel_width * g.block - inside * g.depth * outside.products;
    w[(large ? Work::large_products : Work::products) + kind] += products;
    if (sums.bits == 2)
        w[Work::ternary_products] += products;
    else
        counter.products(sums.index, products, sums.kernel.nonzero, sums.kernel.negative);
    w[(large ? Work::large_weights : Work::weights) + 3 * kind + format] += taps * g.kernel_width;
    if (g.depth > 1) w[Work::channel_steps + kind] += taps;
    w[g.in_channels == 1 ? std::size_t(Work::loads) : Work::strided_loads + kind] +=
        taps * g.taps() - inside * g.depth * outside.loads;
    w[Work::edge_checks] += taps * (g.pad_left + g.pad_right);
    if (sums.kernel.sum_bytes == 4 && kind == 1) w[Work::wide_32_products] += products;
}

/// Code of the loads, weights and products in C++.
inline void count_tap_code(Counter& counter, const WideSums& sums) {
    const fixed::WindowGeometry& g = sums.g;
    const std::size_t kind = sums.kind(), format = format_of(sums.bits);
    auto& c = counter.code.counts;
    c[Code::wide_blocks + sums.form()] += 1;
    c[Code::taps + kind] += g.taps();
    c[Code::products + kind] += g.kernel_width * g.block;
    if (sums.bits == 2) c[Code::ternary_products] += g.kernel_width * g.block;
    if (sums.kernel.paired) c[Code::pairs] += g.block;
    c[Code::weights + 3 * kind + format] += g.kernel_width;
    if (g.kernel_width >= 5) c[Code::large + kind] += 1;
    if (g.depth > 1) c[Code::channel_loops + kind] += 1;
    if (g.in_channels > 1) c[Code::strided_taps] += g.taps();
    if (g.in_channels > 63) c[Code::far_taps] += g.taps();
    c[Code::edge_taps] += g.pad_left + g.pad_right;
    if (g.depth == 1 && !g.depthwise) c[Code::single_channel] += 1;
    if (sums.kernel.sum_bytes == 4) c[Code::wide_32_bits] += 1;
}

inline void count_wide(Counter& counter, const WideSums& sums) {
    auto& w = counter.work.counts;
    w[Work::wide_blocks + sums.form()] += double(sums.g.rows) * sums.g.outputs * sums.g.blocks();
    w[Work::block_rows + sums.kind()] += sums.block_rows();
    const bool in_runs = sums.kind() == 0;
    if (in_runs) count_spills(counter, sums);
    if (in_runs && counter.assembly) {
        count_runs(counter, sums);
        return;
    }
    count_taps(counter, sums);
    count_tap_code(counter, sums);
}

} // namespace tinysparse::cost::detail
