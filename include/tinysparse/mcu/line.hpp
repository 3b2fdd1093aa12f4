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

/// row % ring without a division, for which chips need a hundred cycles and more: a byte times the inverse of the ring
/// gives a quotient that is one too small at most; otherwise a few subtractions do.
template <class Count> TINYSPARSE_INLINE Count ring_slot(Count row, Count ring) {
    typedef typename Wider<Count>::Type Wide;
    if ((ring & (ring - 1)) == 0) return Count(row & (ring - 1));
    if (TINYSPARSE_MULTIPLIES && sizeof(Count) == 1) {
        row = Count(row - Count((uint16_t(row) * uint8_t(256 / ring)) >> 8) * ring);
        return row < ring ? row : Count(row - ring);
    }
    while (row >= Wide(Wide(ring) * 16)) row = Count(row - ring * 16);
    while (row >= Wide(Wide(ring) * 4)) row = Count(row - ring * 4);
    while (row >= ring) row = Count(row - ring);
    return row;
}

/// The place of row `row`, of `height`, in a ring of `ring` rows.
template <class Count> TINYSPARSE_INLINE Count ring_place(Count row, Count ring, Count height) {
    return ring >= height ? row : ring == 1 ? Count(0) : ring_slot(row, ring);
}
/// The same in bytes.
template <class Size, class Count>
TINYSPARSE_INLINE Size ring_offset(Count row, Count ring, Count height, Size row_bytes) {
    return Size(Size(ring_place(row, ring, height)) * row_bytes);
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
