// SPDX-License-Identifier: Apache-2.0
// Places of rows in their rings, and the arithmetic of means and residual sums.
#ifndef TINYSPARSE_1_0_MCU_LINE_HPP
#define TINYSPARSE_1_0_MCU_LINE_HPP
#include "port.hpp"
#include "requantise.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// Pooling of a layer's rows as they are made.
enum Pooling : uint8_t { no_pooling, maximum_pooling, average_pooling };

/// row % ring in a few subtractions; chips without a division need a hundred cycles and more for one.
template <class Count> TINYSPARSE_INLINE Count ring_slot(Count row, Count ring) {
    typedef typename Wider<Count>::Type Wide;
    if ((ring & (ring - 1)) == 0) return Count(row & (ring - 1));
    while (row >= Wide(Wide(ring) * 16)) row = Count(row - ring * 16);
    while (row >= Wide(Wide(ring) * 4)) row = Count(row - ring * 4);
    while (row >= ring) row = Count(row - ring);
    return row;
}

/// The place of row `row` in a ring of `ring` rows.
template <class Size, class Count>
TINYSPARSE_INLINE Size ring_offset(Count row, Count ring, Count height, Size row_bytes) {
    return ring >= height ? Size(Size(row) * row_bytes)
           : ring == 1    ? Size(0)
                          : Size(Size(ring_slot(row, ring)) * row_bytes);
}

/// The mean of an area from its sum. Powers of two have multiplier 1; an area of one has shift 0.
template <class Sum> TINYSPARSE_INLINE int8_t averaged(Sum sum, uint8_t multiplier, uint8_t shift) {
    if (shift == 0) return int8_t(sum);
    if (multiplier == 1 && sizeof(Sum) == 2) return int8_t(int16_t(sum + (int16_t(1) << (shift - 1))) >> shift);
    return int8_t((int32_t(sum) * multiplier + (int32_t(1) << (shift - 1))) >> shift);
}

/// Adds a residual to adjacent values, for layers that gather.
template <class Geometry>
TINYSPARSE_INLINE void add_residual(const Geometry& g, int8_t* values, typename Geometry::Count length,
                                    const int8_t* other) {
    for (; length != 0; --length, ++values, ++other) *values = residual_sum(g, *values, *other);
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
