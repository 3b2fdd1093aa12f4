// SPDX-License-Identifier: Apache-2.0
// Counts the kernel of mcu/input.hpp: rows of raw values, averaged down.
#pragma once
#include <algorithm>

#include "tinysparse/cost/counter.hpp"

namespace tinysparse::cost::detail {

/// Largest sides of the pools that the tables of coefficients were fitted to. Larger pools are counted in cycles, as
/// simulated for 64x64 pictures of one and of three channels and pools of 4 to 16.
inline constexpr int largest_fitted_pool = 3;

/// Cycles that assembly takes for a value of a channel with that shift: two bytes of a centre and two of the value,
/// their difference, a shift of one or two bytes with a check per bit, the store and the loop.
inline double series_cycles(int shift) {
    return 17 + (shift > 8 ? shift - 5.0 : shift > 0 ? 1 + 3.0 * (8 - shift) : 10 - 2.0 * shift);
}

/// A series in 16 bits, its rows in assembly on every chip.
inline void count_series(Counter& counter, const CountedInput& input, const fixed::InputGeometry& g) {
    const double rows = double(g.out_height) * g.pool_height, columns = g.out_width;
    auto& w = counter.work.counts;
    auto& c = counter.code.counts;
    counter.frames.add(g.pool_height > 1 ? Frames::pooled_series : Frames::series, 0);
    w[Work::series_rows] += rows;
    w[Work::series_runs] += rows * columns * double(input.runs.size());
    c[Code::series_centred] += 1;
    c[Code::series_runs] += double(input.runs.size());
    for (const fixed::Centres::Run& run : input.runs)
        w[Work::assembly] += rows * columns * run.channels * (series_cycles(run.shift) + (g.pool_height > 1 ? 11 : 0));
    if (g.pool_height > 1) {
        const double sums = columns * g.channels * g.out_height;
        w[Work::series_sums] += sums;
        c[Code::series_averages] += 1;
        if (!is_power(g.pool_height)) w[Work::pool_fractions] += sums;
        if (!is_power(g.pool_height)) c[Code::fraction_input] += 1;
    }
    counter.ring(g.ring, g.out_height, 0, g.out_height, rows / std::max(1, g.out_height));
}

inline void count_input(Counter& counter, const CountedInput& input) {
    const fixed::InputGeometry g = counter.layout.input();
    if (input.centred) return count_series(counter, input, g);
    const int area = g.pool_height * g.pool_width;
    const double rows = counter.layout.spec().input.height, values = double(g.out_width) * g.channels;
    counter.work.counts[Work::input_rows] += rows;
    counter.frames.add(counter.layout.series() ? Frames::wide_series
                       : area > 1              ? Frames::pooled_pictures
                                               : Frames::pictures,
                       0);
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
        counter.work.counts[Work::series_shifts] += taken * input.shift;
        counter.code.counts[Code::series_input] += 1;
    }
    counter.ring(g.ring, g.out_height, 0, g.out_height, rows / std::max(1, g.out_height));
}

} // namespace tinysparse::cost::detail
