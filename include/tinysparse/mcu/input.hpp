// SPDX-License-Identifier: Apache-2.0
// Converts raw rows to int8 and averages them down if the network asks for it.
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

/// 0..255 to 0..127.
TINYSPARSE_INLINE int8_t picture_value(uint8_t raw) { return int8_t(raw >> 1); }

/// shift: 1..15.
TINYSPARSE_INLINE int8_t series_value(int16_t raw, int16_t offset, int8_t shift) {
    const int32_t value = (int32_t(raw) - offset + (int32_t(1) << (shift - 1))) >> shift;
    return value < -128 ? int8_t(-128) : value > 127 ? int8_t(127) : int8_t(value);
}

/// The same for networks that shift some channels left. shift: -7..15.
TINYSPARSE_INLINE int8_t shifted_value(int16_t raw, int16_t offset, int8_t shift) {
    if (shift > 0) return series_value(raw, offset, shift);
    const int32_t centred = int32_t(raw) - offset;
    if (centred < -128) return -128; // a left shift only moves it further away
    if (centred > 127) return 127;
    const int16_t value = int16_t(int16_t(centred) * (1 << -shift)); // at most 128 * 128
    return value < -128 ? int8_t(-128) : value > 127 ? int8_t(127) : int8_t(value);
}

/// The value that is subtracted from a raw value before a right shift: the offset minus the rounding half.
TINYSPARSE_INLINE int32_t series_centre(int16_t offset, int8_t shift) {
    return shift > 0 ? int32_t(offset) - (int32_t(1) << (shift - 1)) : int32_t(offset);
}

/// shifted_value() in 16 bits, from series_centre() if that fits them, with a shift known to the compiler: 20 cycles of
/// an AVR instead of 150. The difference has 17 bits. If it does not fit 16, its sign is the raw value's, and a shift
/// of up to 8 clamps it.
template <int8_t shift> TINYSPARSE_INLINE int8_t centred_value(int16_t raw, int16_t centre) {
    const int16_t difference = int16_t(uint16_t(raw) - uint16_t(centre));
    const int8_t high = int8_t(raw >> 8);
    const bool leaves = int8_t((high ^ int8_t(centre >> 8)) & (high ^ int8_t(difference >> 8))) < 0;
    if (shift > 8) // half of the difference fits 16 bits
        return requantise(int16_t((difference >> 1) ^ (leaves ? int16_t(-32768) : int16_t(0))),
                          uint8_t(shift > 8 ? shift - 1 : 8), -128);
    if (leaves) return high < 0 ? int8_t(-128) : int8_t(127);
    if (shift > 0) return requantise(difference, uint8_t(shift > 0 ? shift : 1), -128);
    const int16_t limit = int16_t(128 >> (shift > 0 ? 0 : -shift));
    if (difference < -limit) return -128;
    if (difference >= limit) return 127;
    return int8_t(uint8_t(difference) << (shift > 0 ? 0 : -shift));
}

/// Raw values in program memory, used like a pointer to them; values of 16 bits have the low byte first.
template <class Raw> struct FlashRow {
    const uint8_t* at;
    /// The value, read from program memory.
    TINYSPARSE_INLINE Raw operator*() const { return sizeof(Raw) == 1 ? Raw(read_flash(at)) : Raw(read_flash_16(at)); }
    /// Moves on by this number of values.
    TINYSPARSE_INLINE FlashRow& operator+=(uint16_t values) {
        at += values * sizeof(Raw);
        return *this;
    }
    /// Moves on by one value.
    TINYSPARSE_INLINE FlashRow& operator++() { return *this += 1; }
};

/// A row of a series whose shifts are constants, in runs of channels with equal shift. Row: const int16_t* or
/// FlashRow<int16_t>. adds: values are added to sums of 16 bits at `target`; otherwise they are stored there.
template <bool adds, class Row> struct SeriesRow {
    const uint8_t* centres; ///< In program memory, 16 bits for each channel.
    Row raw;
    int8_t* target;

    /// The next `count` channels, at least one.
    template <int8_t shift> TINYSPARSE_INLINE void run(uint8_t count) {
        for (; count != 0; --count, centres += 2, ++raw) {
            const int8_t value = centred_value<shift>(*raw, read_flash_16(centres));
            if (adds)
                *reinterpret_cast<int16_t*>(target) = int16_t(*reinterpret_cast<int16_t*>(target) + value);
            else
                *target = value;
            target += adds ? 2 : 1;
        }
    }
};

#if TINYSPARSE_SERIES_ASSEMBLY
template <bool adds> struct SeriesRow<adds, const int16_t*> {
    const uint8_t* centres;
    const int16_t* raw;
    int8_t* target;

    template <int8_t shift> TINYSPARSE_INLINE void run(uint8_t count) {
        // A value takes 21 cycles at a shift of 7, and 11 more if it is added to a sum. They are: two bytes of a centre
        // and two of the value (10), their difference (2), a check for 17 bits (1), 3 per bit of the left shift that
        // brings the value into the high byte, the store (2) and the loop (3). The carry, which is the sign of a value
        // outside the range, clamps it.
        const int16_t* from = raw;
        __asm__ volatile(
            " push r28\n push r29\n movw r28, %[target]\n rjmp 1f\n"
            "4: sec\n brlt 6f\n clc\n6: ldi r21, 127\n brcc 5f\n inc r21\n5: rjmp 3f\n"
            "1: lpm r18, Z+\n lpm r19, Z+\n ld r20, X+\n ld r21, X+\n sub r20, r18\n sbc r21, r19\n"
            " .if %[shift] > 8\n sec\n brlt 2f\n clc\n2: ror r21\n .rept %[shift] - 9\n asr r21\n .endr\n"
            " .else\n brvs 4b\n .if %[shift] > 0\n .rept 8 - %[shift]\n lsl r20\n rol r21\n brvs 6b\n .endr\n"
            " .else\n mov r18, r20\n lsl r18\n sbc r18, r18\n cp r18, r21\n breq 2f\n lsl r21\n rjmp 6b\n"
            "2:\n .rept 0 - %[shift]\n lsl r20\n brvs 6b\n .endr\n mov r21, r20\n .endif\n .endif\n3:\n"
            " .if %[adds]\n mov r18, r21\n lsl r18\n sbc r18, r18\n ld r19, Y\n add r19, r21\n st Y+, r19\n ld r19, Y\n"
            " adc r19, r18\n st Y+, r19\n .else\n st Y+, r21\n .endif\n dec %[count]\n brne 1b\n"
            " movw %[target], r28\n pop r29\n pop r28\n"
            : [count] "+l"(count), [target] "+l"(target), "+z"(centres), "+x"(from)
            : [adds] "n"(adds), [shift] "n"(shift)
            : "r18", "r19", "r20", "r21", "memory");
        raw = from;
    }
};
#endif

/// A row of input in the way that input_row() takes it. centred: a series whose shifts are constants, with one value in
/// each column of a pool and pool sums of 16 bits.
template <class Geometry, bool centred> struct InputRow {
    template <class Row>
    static TINYSPARSE_INLINE void run(const Geometry& g, Row raw, typename Geometry::Count phase,
                                      typename Geometry::PoolSum* sums, int8_t* output) {
        typedef typename Geometry::Count Count;
        typedef typename Geometry::Size Size;
        typedef typename Geometry::PoolSum Sum;
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
};
template <class Geometry> struct InputRow<Geometry, true> {
    template <class Row>
    static TINYSPARSE_INLINE void run(const Geometry& g, Row raw, typename Geometry::Count phase, int16_t* sums,
                                      int8_t* output) {
        typedef typename Geometry::Size Size;
        static constexpr bool averages = Geometry::pool_height > 1;
        if (averages && phase == 0)
            for (Size i = 0; i < Size(g.out_width) * g.channels; ++i) sums[i] = 0;
        SeriesRow<averages, Row> row = {nullptr, raw, averages ? reinterpret_cast<int8_t*>(sums) : output};
        for (typename Geometry::Count x = g.out_width; x != 0; --x) {
            row.centres = Geometry::centres();
            Geometry::moment(row);
        }
        if (averages && typename Geometry::Count(phase + 1) == g.pool_height)
            for (Size i = Size(g.out_width) * g.channels; i != 0; --i)
                *output++ = averaged(*sums++, g.pool_multiplier, g.pool_shift);
    }
};

/// Takes raw row number `row` into the ring of input rows. Row: const Raw* or FlashRow<Raw>. sums: for rows with an
/// unfinished average.
template <class Geometry, class Row>
TINYSPARSE_NOINLINE void input_row(const Geometry& g, Row raw, typename Geometry::Count row,
                                   typename Geometry::PoolSum* sums, int8_t* ring) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    const Count out = Count(row / g.pool_height), phase = Count(row - Count(out * g.pool_height));
    if (out >= g.out_height) return; // a row that the averaging drops
    int8_t* output =
        ring + ring_offset<Size>(out, Count(g.ring), Count(g.out_height), Size(Size(g.out_width) * g.channels));
    InputRow<Geometry, Geometry::centred>::run(g, raw, phase, sums, output);
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
