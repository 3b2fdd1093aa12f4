// SPDX-License-Identifier: Apache-2.0
// Raw rows become int8 and, where the network asks for it, are averaged down.
//   pictures   x = p >> 1                                                            p: uint8, channels interleaved
//   series     x = clamp((v - offset[c] + 2^(shift[c]-1)) >> shift[c], -128, 127)    v: int16, shift[c]: 1..15
//              x = clamp((v - offset[c]) << -shift[c], -128, 127)                    shift[c]: -7..0
#ifndef TINYSPARSE_1_0_MCU_INPUT_HPP
#define TINYSPARSE_1_0_MCU_INPUT_HPP
#include "line.hpp"
#include "port.hpp"
#include "requantise.hpp"

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

/// What is subtracted from a raw value before a shift to the right: the offset less the rounding half.
TINYSPARSE_INLINE int32_t series_centre(int16_t offset, int8_t shift) {
    return shift > 0 ? int32_t(offset) - (int32_t(1) << (shift - 1)) : int32_t(offset);
}

/// shifted_value() in 16 bits, from series_centre() where that fits them, with a shift known to the compiler: 20 cycles
/// of an AVR rather than 150. The difference is one of 17 bits; where it leaves 16, its sign is the raw value's, and a
/// shift of up to 8 clamps it.
template <int8_t shift> TINYSPARSE_INLINE int8_t centred_value(int16_t raw, int16_t centre) {
    const int16_t difference = int16_t(uint16_t(raw) - uint16_t(centre));
    const int8_t high = int8_t(raw >> 8);
    const bool leaves = int8_t((high ^ int8_t(centre >> 8)) & (high ^ int8_t(difference >> 8))) < 0;
    if (shift > 8) // half of the difference has 16 bits
        return requantise(int16_t((difference >> 1) ^ (leaves ? int16_t(-32768) : int16_t(0))),
                          uint8_t(shift > 8 ? shift - 1 : 8), -128);
    if (leaves) return high < 0 ? int8_t(-128) : int8_t(127);
    if (shift > 0) return requantise(difference, uint8_t(shift > 0 ? shift : 1), -128);
    const int16_t limit = int16_t(128 >> (shift > 0 ? 0 : -shift));
    if (difference < -limit) return -128;
    if (difference >= limit) return 127;
    return int8_t(uint8_t(difference) << (shift > 0 ? 0 : -shift));
}

/// Channel after channel of a moment or a pixel, as int8.
/// centred: a table has the centre of each channel, and its shift where they differ.
template <class Geometry, bool centred> struct Channels {
    const Geometry& geometry;
    typename Geometry::Count channel;
    TINYSPARSE_INLINE explicit Channels(const Geometry& g) : geometry(g), channel(0) {}
    TINYSPARSE_INLINE void begin() {}
    TINYSPARSE_INLINE int8_t value(typename Geometry::Raw raw) const { return geometry.value(raw, channel); }
    TINYSPARSE_INLINE void end() { ++channel; }
};
template <class Geometry> struct Channels<Geometry, true> {
    const uint8_t* table;
    int16_t centre;
    int8_t shift;
    TINYSPARSE_INLINE explicit Channels(const Geometry&) : table(Geometry::centres()), centre(0), shift(0) {}
    TINYSPARSE_INLINE void begin() {
        const uint8_t low = read_flash_step(table);
        centre = int16_t(uint16_t(low) | uint16_t(uint16_t(read_flash_step(table)) << 8));
        if (Geometry::shifts_differ) shift = int8_t(read_flash_step(table));
    }
    TINYSPARSE_INLINE int8_t value(int16_t raw) const { return Geometry::value(raw, centre, shift); }
    TINYSPARSE_INLINE void end() {}
};

/// Takes raw row number `row` into the ring of input rows. sums: for rows whose average is unfinished.
template <class Geometry>
TINYSPARSE_NOINLINE void input_row(const Geometry& g, const typename Geometry::Raw* raw, typename Geometry::Count row,
                                   typename Geometry::PoolSum* sums, int8_t* ring) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    typedef typename Geometry::PoolSum Sum;
    const Count out = Count(row / g.pool_height), phase = Count(row - Count(out * g.pool_height));
    if (out >= g.out_height) return; // a leftover row
    int8_t* output =
        ring + ring_offset<Size>(out, Count(g.ring), Count(g.out_height), Size(Size(g.out_width) * g.channels));
    for (Count x = g.out_width; x != 0; --x, raw += Size(g.pool_width - 1) * g.channels) {
        Channels<Geometry, Geometry::centred> channels(g);
        for (Count left = g.channels; left != 0; --left, ++raw, ++output, channels.end()) {
            channels.begin();
            if (g.pool_width == 1 && g.pool_height == 1) {
                *output = channels.value(*raw);
                continue;
            }
            Sum sum = phase == 0 ? Sum(0) : *sums;
            const typename Geometry::Raw* next = raw;
            for (Count i = g.pool_width; i != 0; --i, next += g.channels) sum = Sum(sum + channels.value(*next));
            if (Count(phase + 1) == g.pool_height)
                *output = averaged(sum, g.pool_multiplier, g.pool_shift);
            else
                *sums = sum;
            if (g.pool_height > 1) ++sums;
        }
    }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
