// SPDX-License-Identifier: Apache-2.0
// Counts the kernel of mcu/input.hpp: rows of raw values, averaged down.
#pragma once
#include <algorithm>

#include "tinysparse/cost/counter.hpp"

namespace tinysparse::cost::detail {

/// Largest sides of the pools that the tables of coefficients were fitted to. Larger pools are counted in cycles, as
/// simulated for 64x64 pictures of one and of three channels and pools of 4 to 16.
inline constexpr int largest_fitted_pool = 3;

/// A series in 16 bits, its rows in assembly; shifts of 6 and 7, as for most sensors.
inline void count_series(Counter& counter, const fixed::InputGeometry& g) {
    const double rows = counter.layout.spec().input.height, values = double(g.out_width) * g.channels;
    auto& cycles = counter.work.counts[Work::assembly];
    cycles += 110 * rows + 23 * values * rows;
    counter.code.counts[Code::assembly] += 70;
    if (g.pool_height > 1) {
        cycles += 11 * values * g.out_height * g.pool_height + 42 * values * g.out_height;
        counter.code.counts[Code::assembly] += 130;
        if (!is_power(g.pool_height)) counter.work.counts[Work::pool_fractions] += values * g.out_height;
        if (!is_power(g.pool_height)) counter.code.counts[Code::fraction_input] += 1;
    }
    counter.ring(g.ring, g.out_height, 0, g.out_height, rows / std::max(1, g.out_height));
}

inline void count_input(Counter& counter) {
    const fixed::InputGeometry g = counter.layout.input();
    if (counter.layout.series() && g.pool_width == 1 && counter.assembly) return count_series(counter, g);
    const int area = g.pool_height * g.pool_width;
    const double rows = counter.layout.spec().input.height, values = double(g.out_width) * g.channels;
    counter.work.counts[Work::input_rows] += rows;
    const double taken = area > 1 ? values * g.pool_width * g.out_height * g.pool_height : values * rows;
    const double outputs = values * g.out_height * g.pool_height; // rows of each output
    if (std::max(g.pool_height, g.pool_width) > largest_fitted_pool) {
        counter.work.counts[Work::assembly] +=
            g.channels == 1 ? 11.5 * taken + 25 * outputs : 13 * taken + 40 * outputs;
    } else {
        counter.work.counts[area > 1 ? Work::input_pooled_values : Work::input_values] += taken;
        if (area > 1) counter.work.counts[Work::input_pooled_outputs] += outputs;
    }
    if (area > 1) {
        counter.code.counts[Code::pooled_input] += 1;
        if (!is_power(area)) {
            counter.code.counts[Code::fraction_input] += 1;
            counter.work.counts[Work::pool_fractions] += values * g.out_height;
        }
    }
    if (counter.layout.series()) {
        counter.work.counts[Work::series_values] += taken;
        counter.code.counts[Code::series_input] += 1;
    }
    counter.ring(g.ring, g.out_height, 0, g.out_height, rows / std::max(1, g.out_height));
}

} // namespace tinysparse::cost::detail
