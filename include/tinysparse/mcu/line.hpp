// SPDX-License-Identifier: Apache-2.0
// What follows an operation, one output channel of one row at a time:
//   residual sum    y = limited(round(y * 2^-own_shift) + round(r * 2^-residual_shift), lowest)
//   pooling         the maximum, or (sum * multiplier + 2^(shift-1)) >> shift over pool_height x pool_width
// and the store into the output's ring of rows. Leftover rows and columns of a pooling never get here.
#ifndef TINYSPARSE_1_0_MCU_LINE_HPP
#define TINYSPARSE_1_0_MCU_LINE_HPP
#include "port.hpp"
#include "requantise.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

enum Pooling : uint8_t { no_pooling, maximum_pooling, average_pooling };

/// Where row `row` lies in a ring of `ring` rows.
template <class Size, class Count>
TINYSPARSE_INLINE Size ring_offset(Count row, Count ring, Count height, Size row_bytes) {
    return ring >= height ? Size(Size(row) * row_bytes)
           : ring == 1    ? Size(0)
                          : Size(Size(Count(row % ring)) * row_bytes);
}

/// The mean of an area from its sum. Powers of two have multiplier 1; an area of one shift 0.
template <class Sum> TINYSPARSE_INLINE int8_t averaged(Sum sum, uint8_t multiplier, uint8_t shift) {
    if (shift == 0) return int8_t(sum);
    if (multiplier == 1 && sizeof(Sum) == 2) return int8_t(int16_t(sum + (int16_t(1) << (shift - 1))) >> shift);
    return int8_t((int32_t(sum) * multiplier + (int32_t(1) << (shift - 1))) >> shift);
}

/// Adds the residual's row to the line.
template <class Geometry>
TINYSPARSE_INLINE void add_residual(const Geometry& g, int8_t* line, typename Geometry::Count length,
                                    const int8_t* other, typename Geometry::Size step) {
    for (; length != 0; --length, ++line, other += step)
        *line = limited(int16_t(rounding_shift(*line, g.own_shift) + rounding_shift(*other, g.residual_shift)),
                        g.residual_lowest);
}

/// The maximum so far, kept in the output itself.
template <class Geometry>
TINYSPARSE_INLINE void pool_maximum(const Geometry& g, const int8_t* line, bool first, int8_t* output) {
    typedef typename Geometry::Count Count;
    for (Count left = g.out_width; left != 0; --left, output += g.outputs) {
        int8_t largest = first ? int8_t(-128) : *output;
        for (Count i = g.pool_width; i != 0; --i, ++line)
            if (*line > largest) largest = *line;
        *output = largest;
    }
}

/// Sums of unfinished rows wait in `sums`, which pools of height 1 do without.
template <class Geometry>
TINYSPARSE_INLINE void pool_average(const Geometry& g, const int8_t* line, bool first, bool last,
                                    typename Geometry::PoolSum* sums, int8_t* output) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::PoolSum Sum;
    for (Count left = g.out_width; left != 0; --left, output += g.outputs) {
        Sum sum = first ? Sum(0) : *sums;
        for (Count i = g.pool_width; i != 0; --i, ++line) sum = Sum(sum + *line);
        if (last)
            *output = averaged(sum, g.pool_multiplier, g.pool_shift);
        else
            *sums = sum;
        if (g.pool_height > 1) sums += g.outputs;
    }
}

/// All that follows the operation, for one output channel. row: of the operation. output: the row that it goes to.
template <class Geometry>
TINYSPARSE_NOINLINE void finish_line(const Geometry& g, int8_t* line, typename Geometry::Count phase,
                                     const int8_t* residual, typename Geometry::PoolSum* sums, int8_t* output) {
    typedef typename Geometry::Count Count;
    if (g.has_residual) add_residual(g, line, Count(g.width), residual, g.outputs);
    if (g.pooling == maximum_pooling) {
        pool_maximum(g, line, phase == 0, output);
    } else if (g.pooling == average_pooling) {
        pool_average(g, line, phase == 0, Count(phase + 1) == g.pool_height, sums, output);
    } else {
        for (Count left = g.width; left != 0; --left, output += g.outputs) *output = *line++;
    }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
