// SPDX-License-Identifier: Apache-2.0
// Counts the work after the sums of an operation, mcu/finish.hpp: requantisation, residual sum, pooling.
#pragma once
#include <cmath>
#include <cstddef>

#include "tinysparse/cost/counter.hpp"

namespace tinysparse::cost::detail {

inline void count_requantisation(Counter& counter, const fixed::DeviceKernel& kernel, bool relu, double positions,
                                 double times, double copies) {
    const std::size_t wide = kernel.sum_bytes == 2 ? 0 : 1;
    const double bits = std::abs(kernel.shift - 8);
    const auto add = [&](std::size_t worked, std::size_t written, double share) {
        counter.work.counts[worked + wide] += share * positions * times;
        counter.code.counts[written + wide] += share * positions * copies;
    };
    add(Work::finished, Code::finished, 1);
    if (kernel.shift < 8) add(Work::small_shifts, Code::small_shifts, 1);
    add(Work::shifted_bits, Code::shifted_bits, bits);
    if (!relu) add(Work::signed_positions, Code::signed_positions, 1);
}

/// Pools; they are computed in registers if they keep step with the blocks.
inline void count_pooling(Counter& counter, std::size_t index, const fixed::WindowGeometry& g,
                          const fixed::DeviceKernel& kernel, double times, double copies) {
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    const double cells = kernel.cells;
    const double overlap = 1 - double(g.width) / (g.blocks() * g.block); // averages omit the overlap
    if (cells == 0) {
        w[Work::stray_positions] += times * g.block * (1 - overlap);
        c[Code::stray_pools] += 1;
    } else if (g.pooling == net::Pooling::maximum) {
        w[Work::maximum_cells] += times * cells;
        w[Work::maximum_positions] += times * (g.block - cells);
    } else {
        w[Work::average_cells] += times * cells;
        w[Work::average_positions] += times * (g.block - cells);
    }
    if (g.pooling == net::Pooling::maximum) {
        c[Code::maximum_pools] += 1;
        c[Code::maximum_cells] += copies * cells;
        return;
    }
    c[Code::average_pools] += 1;
    c[Code::average_cells] += copies * cells;
    const bool wide = counter.layout.plan().layers[index].pool_sum_bytes == 4;
    if (g.average.multiplier != 1 || wide) w[Work::pool_fractions] += double(g.out_height) * g.out_width * g.outputs;
    if (wide) w[Work::wide_average_cells] += times * std::max(1.0, cells);
    if (g.average.multiplier != 1) c[Code::fraction_pools] += 1;
    if (wide) c[Code::wide_pools] += 1;
}

/// The work after the sums of `times` blocks of one output; `copies` of it are compiled in.
inline void count_finish(Counter& counter, std::size_t index, const fixed::WindowGeometry& g,
                         const fixed::DeviceKernel& kernel, double times, double copies, bool relu) {
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    const bool narrow = kernel.sum_bytes == 2, pools = g.pooling != net::Pooling::none;
    const double cells = kernel.cells;
    if (narrow && !pools && !g.has_residual && counter.assembly) {
        counter.add(detail::stores(g.block, g.outputs, kernel.shift, relu), times, copies);
        return;
    }
    const bool by_largest = g.pooling == net::Pooling::maximum && cells > 0 && !g.has_residual;
    count_requantisation(counter, kernel, relu, by_largest ? cells : g.block, times, copies);
    if (g.has_residual) {
        w[Work::residual_values] += times * g.block;
        c[Code::residuals] += 1;
        c[Code::residual_positions] += copies * g.block;
        counter.ring(g.residual_ring, g.residual_height, 0, g.rows);
    }
    if (!pools) return;
    count_pooling(counter, index, g, kernel, times, copies);
}

} // namespace tinysparse::cost::detail
