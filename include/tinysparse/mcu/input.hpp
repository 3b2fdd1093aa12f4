// SPDX-License-Identifier: Apache-2.0
// Raw rows become int8 and, where the network asks for it, are averaged down.
//   pictures   x = p >> 1                                                            p: uint8, channels interleaved
//   series     x = clamp((v - offset[c] + 2^(shift[c]-1)) >> shift[c], -128, 127)    v: int16, shift[c]: 1..15
//              x = clamp((v - offset[c]) << -shift[c], -128, 127)                    shift[c]: -7..0
#ifndef TINYSPARSE_1_0_MCU_INPUT_HPP
#define TINYSPARSE_1_0_MCU_INPUT_HPP
#include "line.hpp"
#include "port.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

TINYSPARSE_INLINE int8_t picture_value(uint8_t raw) { return int8_t(raw >> 1); }

/// shift: 1..15.
TINYSPARSE_INLINE int8_t series_value(int16_t raw, int16_t offset, int8_t shift) {
    const int32_t value = (int32_t(raw) - offset + (int32_t(1) << (shift - 1))) >> shift;
    return value < -128 ? int8_t(-128) : value > 127 ? int8_t(127) : int8_t(value);
}

/// The same for networks that shift some channels left: shift: -7..15.
TINYSPARSE_INLINE int8_t shifted_value(int16_t raw, int16_t offset, int8_t shift) {
    if (shift > 0) return series_value(raw, offset, shift);
    const int32_t centred = int32_t(raw) - offset;
    if (centred < -128) return -128; // a shift to the left only takes it further
    if (centred > 127) return 127;
    const int16_t value = int16_t(int16_t(centred) * (1 << -shift)); // at most 128 * 128
    return value < -128 ? int8_t(-128) : value > 127 ? int8_t(127) : int8_t(value);
}

/// Raw values in program memory, walked like a pointer to them; those of 16 bits have the low byte first.
template <class Raw> struct FlashRow {
    const uint8_t* at;
    TINYSPARSE_INLINE Raw operator*() const { return sizeof(Raw) == 1 ? Raw(read_flash(at)) : Raw(read_flash_16(at)); }
    TINYSPARSE_INLINE FlashRow& operator+=(uint16_t values) {
        at += values * sizeof(Raw);
        return *this;
    }
    TINYSPARSE_INLINE FlashRow& operator++() { return *this += 1; }
};

/// Takes raw row number `row` into the ring of input rows. Row: const Raw* or FlashRow<Raw>. sums: for rows whose
/// average is unfinished.
template <class Geometry, class Row>
TINYSPARSE_NOINLINE void input_row(const Geometry& g, Row raw, typename Geometry::Count row,
                                   typename Geometry::PoolSum* sums, int8_t* ring) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    typedef typename Geometry::PoolSum Sum;
    const Count out = Count(row / g.pool_height), phase = Count(row - Count(out * g.pool_height));
    if (out >= g.out_height) return; // a leftover row
    int8_t* output =
        ring + ring_offset<Size>(out, Count(g.ring), Count(g.out_height), Size(Size(g.out_width) * g.channels));
    for (Count x = g.out_width; x != 0; --x, raw += Size(g.pool_width - 1) * g.channels)
        for (Count channel = 0; channel < g.channels; ++channel, ++raw, ++output) {
            if (g.pool_width == 1 && g.pool_height == 1) {
                *output = g.value(*raw, channel);
                continue;
            }
            Sum sum = phase == 0 ? Sum(0) : *sums;
            Row next = raw;
            for (Count i = g.pool_width; i != 0; --i, next += g.channels) sum = Sum(sum + g.value(*next, channel));
            if (Count(phase + 1) == g.pool_height)
                *output = averaged(sum, g.pool_multiplier, g.pool_shift);
            else
                *sums = sum;
            if (g.pool_height > 1) ++sums;
        }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
