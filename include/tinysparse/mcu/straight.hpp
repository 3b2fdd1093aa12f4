// SPDX-License-Identifier: Apache-2.0
// The macros in which straight-line code is written: layers without loops and tables, where each nonzero weight is an
// operand of an instruction.
//   TINYSPARSE_PRODUCTS(2, x,                       sums s0 and s1 of 16 bits, input values from x on
//       TINYSPARSE_VALUE(3) TINYSPARSE_ADD(0)       s0 += x[3]
//       TINYSPARSE_TIMES(5) TINYSPARSE_ADD_PRODUCT(0) TINYSPARSE_SUBTRACT_PRODUCT(1))
//                                                   s0 += 5 * x[3]; s1 -= 5 * x[3]
// On an AVR all of it is one piece of assembly: 2 cycles for a value, 3 for a product, 2 for each sum that adds it.
// There are three such languages, since their registers differ:
//   SIGNS      weights of 1 and -1 only: PLAIN, PLUS, MINUS; needs no multiplier
//   PRODUCTS   a value is added by itself only if no input value is negative
//   WIDE       sums of 24 bits
// On other machines, and under TINYSPARSE_NO_ASM, the same text is C++ with the same results. No sum can overflow on
// the way: the exporter has proven it for the sum of all |weight * value|.
#ifndef TINYSPARSE_1_0_MCU_STRAIGHT_HPP
#define TINYSPARSE_1_0_MCU_STRAIGHT_HPP
#include "finish.hpp"
#include "line.hpp"
#include "port.hpp"
#include "requantise.hpp"

#if defined(__AVR__) && defined(__GNUC__) && !defined(__clang__) && !defined(TINYSPARSE_NO_ASM)
#define TINYSPARSE_STRAIGHT_ASSEMBLY 1
#else
#define TINYSPARSE_STRAIGHT_ASSEMBLY 0
#endif

// clang-format would lay out strings of assembly as if they were sums.
// clang-format off
#define TINYSPARSE_SUMS_1 "+r"(s0)
#define TINYSPARSE_SUMS_2 TINYSPARSE_SUMS_1, "+r"(s1)
#define TINYSPARSE_SUMS_3 TINYSPARSE_SUMS_2, "+r"(s2)
#define TINYSPARSE_SUMS_4 TINYSPARSE_SUMS_3, "+r"(s3)
#define TINYSPARSE_SUMS_5 TINYSPARSE_SUMS_4, "+r"(s4)
#define TINYSPARSE_SUMS_6 TINYSPARSE_SUMS_5, "+r"(s5)
#define TINYSPARSE_SUMS_7 TINYSPARSE_SUMS_6, "+r"(s6)
#define TINYSPARSE_SUMS_8 TINYSPARSE_SUMS_7, "+r"(s7)
#define TINYSPARSE_SUMS_9 TINYSPARSE_SUMS_8, "+r"(s8)
#define TINYSPARSE_SUMS_10 TINYSPARSE_SUMS_9, "+r"(s9)

#if TINYSPARSE_STRAIGHT_ASSEMBLY
// The value in r0, its high byte in r1.
#define TINYSPARSE_SIGNS(count, input, ...)                                                                            \
    {                                                                                                                  \
        const int8_t* at = input;                                                                                      \
        __asm__ volatile(__VA_ARGS__ : TINYSPARSE_SUMS_##count, "+z"(at) : : "r0", "memory");                          \
    }
#define TINYSPARSE_SIGNED_SIGNS(count, input, ...) TINYSPARSE_SIGNS(count, input, __VA_ARGS__ " clr r1\n")
#define TINYSPARSE_PLAIN(place) " ldd r0, Z + " #place "\n"
#define TINYSPARSE_SIGNED_PLAIN(place) " ldd r0, Z + " #place "\n mov r1, r0\n lsl r1\n sbc r1, r1\n"
#define TINYSPARSE_SIGNS_MOVE(distance) " subi r30, lo8(-(" #distance "))\n sbci r31, hi8(-(" #distance "))\n"
#define TINYSPARSE_PLUS(sum) " add %A" #sum ", r0\n adc %B" #sum ", r1\n"
#define TINYSPARSE_MINUS(sum) " sub %A" #sum ", r0\n sbc %B" #sum ", r1\n"
// The first values of the sums are put into their registers here, once for all branches that follow.
#define TINYSPARSE_HOLD(count) __asm__("" : TINYSPARSE_SUMS_##count);
// Stores the sums as the 32-bit values from `target` on.
#define TINYSPARSE_SET(count, target)                                                                                  \
    __asm__ volatile(TINYSPARSE_SET_##count : TINYSPARSE_SUMS_##count : "z"(target) : "memory");
#define TINYSPARSE_SET_ONE(sum, first, second, third, fourth)                                                          \
    " std Z + " #first ", %A" #sum "\n std Z + " #second ", %B" #sum "\n lsl %B" #sum "\n sbc %B" #sum ", %B" #sum     \
    "\n std Z + " #third ", %B" #sum "\n std Z + " #fourth ", %B" #sum "\n"
#define TINYSPARSE_SET_1 TINYSPARSE_SET_ONE(0, 0, 1, 2, 3)
#define TINYSPARSE_SET_2 TINYSPARSE_SET_1 TINYSPARSE_SET_ONE(1, 4, 5, 6, 7)
#define TINYSPARSE_SET_3 TINYSPARSE_SET_2 TINYSPARSE_SET_ONE(2, 8, 9, 10, 11)
#define TINYSPARSE_SET_4 TINYSPARSE_SET_3 TINYSPARSE_SET_ONE(3, 12, 13, 14, 15)
#define TINYSPARSE_SET_5 TINYSPARSE_SET_4 TINYSPARSE_SET_ONE(4, 16, 17, 18, 19)
#define TINYSPARSE_SET_6 TINYSPARSE_SET_5 TINYSPARSE_SET_ONE(5, 20, 21, 22, 23)
#define TINYSPARSE_SET_7 TINYSPARSE_SET_6 TINYSPARSE_SET_ONE(6, 24, 25, 26, 27)
#define TINYSPARSE_SET_8 TINYSPARSE_SET_7 TINYSPARSE_SET_ONE(7, 28, 29, 30, 31)
#define TINYSPARSE_SET_9 TINYSPARSE_SET_8 TINYSPARSE_SET_ONE(8, 32, 33, 34, 35)
#define TINYSPARSE_SET_10 TINYSPARSE_SET_9 TINYSPARSE_SET_ONE(9, 36, 37, 38, 39)
#else
#define TINYSPARSE_SIGNS(count, input, ...)                                                                            \
    {                                                                                                                  \
        const int8_t* at = input;                                                                                      \
        int16_t value = 0;                                                                                             \
        __VA_ARGS__                                                                                                    \
    }
#define TINYSPARSE_SIGNED_SIGNS(count, input, ...) TINYSPARSE_SIGNS(count, input, __VA_ARGS__)
#define TINYSPARSE_PLAIN(place) value = uint8_t(at[place]);
#define TINYSPARSE_SIGNED_PLAIN(place) value = at[place];
#define TINYSPARSE_SIGNS_MOVE(distance) at += distance;
#define TINYSPARSE_PLUS(sum) s##sum = int16_t(s##sum + value);
#define TINYSPARSE_MINUS(sum) s##sum = int16_t(s##sum - value);
#define TINYSPARSE_HOLD(count)
#define TINYSPARSE_SET(count, target) TINYSPARSE_SET_##count(target)
#define TINYSPARSE_SET_1(target) (target)[0] = s0;
#define TINYSPARSE_SET_2(target) TINYSPARSE_SET_1(target)(target)[1] = s1;
#define TINYSPARSE_SET_3(target) TINYSPARSE_SET_2(target)(target)[2] = s2;
#define TINYSPARSE_SET_4(target) TINYSPARSE_SET_3(target)(target)[3] = s3;
#define TINYSPARSE_SET_5(target) TINYSPARSE_SET_4(target)(target)[4] = s4;
#define TINYSPARSE_SET_6(target) TINYSPARSE_SET_5(target)(target)[5] = s5;
#define TINYSPARSE_SET_7(target) TINYSPARSE_SET_6(target)(target)[6] = s6;
#define TINYSPARSE_SET_8(target) TINYSPARSE_SET_7(target)(target)[7] = s7;
#define TINYSPARSE_SET_9(target) TINYSPARSE_SET_8(target)(target)[8] = s8;
#define TINYSPARSE_SET_10(target) TINYSPARSE_SET_9(target)(target)[9] = s9;
#endif

#if TINYSPARSE_STRAIGHT_ASSEMBLY && TINYSPARSE_ASSEMBLY
// The value is in r25, the size of its weight in r24, the product in r0 and r1; r23 is 0 or the product's highest byte.
#define TINYSPARSE_PRODUCTS(count, input, ...)                                                                         \
    {                                                                                                                  \
        const int8_t* at = input;                                                                                      \
        __asm__ volatile(" clr r23\n" __VA_ARGS__ " clr r1\n"                                                          \
                         : TINYSPARSE_SUMS_##count, "+z"(at)                                                           \
                         :                                                                                             \
                         : "r0", "r23", "r24", "r25", "memory");                                                       \
    }
#define TINYSPARSE_WIDE(count, input, ...) TINYSPARSE_PRODUCTS(count, input, __VA_ARGS__)
#define TINYSPARSE_MOVE(distance) " subi r30, lo8(-(" #distance "))\n sbci r31, hi8(-(" #distance "))\n"
#define TINYSPARSE_VALUE(place) " ldd r25, Z + " #place "\n"
#define TINYSPARSE_ADD(sum) " add %A" #sum ", r25\n adc %B" #sum ", r23\n"
#define TINYSPARSE_SUBTRACT(sum) " sub %A" #sum ", r25\n sbc %B" #sum ", r23\n"
#define TINYSPARSE_TIMES(size) " ldi r24, " #size "\n muls r24, r25\n"
#define TINYSPARSE_ADD_PRODUCT(sum) " add %A" #sum ", r0\n adc %B" #sum ", r1\n"
#define TINYSPARSE_SUBTRACT_PRODUCT(sum) " sub %A" #sum ", r0\n sbc %B" #sum ", r1\n"
#define TINYSPARSE_WIDE_TIMES(size) TINYSPARSE_TIMES(size) " sbc r23, r23\n" // muls leaves the sign in the carry
#define TINYSPARSE_WIDE_ADD(sum) TINYSPARSE_ADD_PRODUCT(sum) " adc %C" #sum ", r23\n"
#define TINYSPARSE_WIDE_SUBTRACT(sum) TINYSPARSE_SUBTRACT_PRODUCT(sum) " sbc %C" #sum ", r23\n"
#else
#define TINYSPARSE_PRODUCTS(count, input, ...)                                                                         \
    {                                                                                                                  \
        const int8_t* at = input;                                                                                      \
        int8_t value = 0;                                                                                              \
        int16_t product = 0;                                                                                           \
        __VA_ARGS__                                                                                                    \
        (void)product;                                                                                                 \
    }
#define TINYSPARSE_WIDE(count, input, ...) TINYSPARSE_PRODUCTS(count, input, __VA_ARGS__)
#define TINYSPARSE_MOVE(distance) at += distance;
#define TINYSPARSE_VALUE(place) value = at[place];
#define TINYSPARSE_ADD(sum) s##sum = int16_t(s##sum + uint8_t(value));
#define TINYSPARSE_SUBTRACT(sum) s##sum = int16_t(s##sum - uint8_t(value));
#define TINYSPARSE_TIMES(size) product = int16_t(int16_t(value) * int16_t(size));
#define TINYSPARSE_ADD_PRODUCT(sum) s##sum = int16_t(s##sum + product);
#define TINYSPARSE_SUBTRACT_PRODUCT(sum) s##sum = int16_t(s##sum - product);
#define TINYSPARSE_WIDE_TIMES(size) TINYSPARSE_TIMES(size)
#define TINYSPARSE_WIDE_ADD(sum) s##sum = decltype(s##sum)(s##sum + product);
#define TINYSPARSE_WIDE_SUBTRACT(sum) s##sum = decltype(s##sum)(s##sum - product);
#endif
// clang-format on

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// A layer that gathers: its own code adds a row to the sums, or sets them if there is only one row.
struct StraightRows {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry&, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        Geometry::row(input, row, sums);
    }
};

/// The input values under the kernel at one position.
struct StraightPlace {
    const int8_t* const* rows; ///< The kernel's rows at position 0; null if there is no input.
    uintptr_t offset;          ///< Offset of this position.
    uint8_t columns;           ///< Bit k: column k of the kernel meets the row.

    /// True if this kernel row lies inside the input.
    TINYSPARSE_INLINE bool meets_row(uint8_t row) const { return rows[row] != nullptr; }
    /// True if this kernel column lies inside the input.
    TINYSPARSE_INLINE bool meets_column(uint8_t column) const { return (columns & uint8_t(1 << column)) != 0; }
    /// First value under this kernel row.
    TINYSPARSE_INLINE const int8_t* row(uint8_t row) const {
        return reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(rows[row]) + offset);
    }
};

/// Finds the columns of the kernel that meet the row at a position.
template <class Geometry>
TINYSPARSE_INLINE uint8_t columns_inside(const Geometry& g, typename Geometry::Count position) {
    typedef typename Wider<typename Geometry::Count>::Type Column;
    if (g.pad_left + g.pad_right == 0) return 255;
    const Column first = Column(Column(position) * g.stride), end = Column(Column(g.in_width) + g.pad_left);
    if (first >= g.pad_left && Column(first + g.kernel_width) <= end) return 255;
    uint8_t columns = 0;
    for (uint8_t column = g.kernel_width; column != 0;) {
        --column;
        columns = uint8_t(columns << 1);
        const Column place = Column(first + column);
        if (place >= g.pad_left && place < end) columns |= 1;
    }
    return columns;
}

/// The place of the outputs of one position. first: of its pool.
template <class Geometry> struct PositionTarget {
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
    const int8_t* residual;
    bool first;
};

/// From a sum to a value; with a residual this is long enough for a function.
template <class Geometry, bool has_residual> struct PositionValue {
    /// residual: value to add, if the layer has a residual.
    static TINYSPARSE_INLINE int8_t of(typename Geometry::Sum sum, const int8_t*) {
        return requantise(sum, Geometry::shift, Geometry::lowest);
    }
};
template <class Geometry> struct PositionValue<Geometry, true> {
    static TINYSPARSE_NOINLINE int8_t of(typename Geometry::Sum sum, const int8_t* residual) {
        const Geometry g = Geometry();
        return residual_sum(g, requantise(sum, g.shift, g.lowest), *residual);
    }
};

/// Whether averages of several positions are computed; the average of a single position is the value itself.
template <class Geometry> struct MakesAverages {
    static constexpr bool value =
        Geometry::pooling == average_pooling && Geometry::pool_height * Geometry::pool_width > 1;
};

/// All work after the sum of one output at a position; `target` moves on to the next output. An average accumulates:
/// its sums are 0 when a pool begins, and become means when it is complete.
template <class Geometry>
TINYSPARSE_INLINE void finish_position(const Geometry& g, typename Geometry::Sum sum,
                                       PositionTarget<Geometry>& target) {
    typedef typename Geometry::PoolSum PoolSum;
    const int8_t value = PositionValue<Geometry, Geometry::has_residual>::of(sum, target.residual);
    if (MakesAverages<Geometry>::value) {
        *target.pool_sums = PoolSum(*target.pool_sums + value);
        ++target.pool_sums;
    } else {
        if (g.pooling != maximum_pooling || target.first || value > *target.output) *target.output = value;
        ++target.output;
    }
    if (g.has_residual) ++target.residual;
}

/// Sets the sums of the averages of all outputs at one place to 0.
template <class Geometry>
TINYSPARSE_INLINE void begin_averages(const Geometry& g, const PositionTarget<Geometry>& target) {
    typename Geometry::PoolSum* sum = target.pool_sums;
    for (typename Geometry::Count left = g.outputs; left != 0; --left) *sum++ = 0;
}
/// Turns these sums into means.
template <class Geometry>
TINYSPARSE_INLINE void end_averages(const Geometry& g, const PositionTarget<Geometry>& target) {
    const typename Geometry::PoolSum* sum = target.pool_sums;
    int8_t* output = target.output;
    for (typename Geometry::Count left = g.outputs; left != 0; --left)
        *output++ = averaged(*sum++, g.pool_multiplier, g.pool_shift);
}

/// One row of all outputs, position after position. above: kernel rows that meet no input there.
template <class Geometry>
TINYSPARSE_NOINLINE void straight_window_row(const Geometry& g, const int8_t* const* rows, uint8_t count, uint8_t above,
                                             const RowTarget<Geometry>& row_target) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    const int8_t* kernel_rows[Geometry::kernel_height];
    for (uint8_t row = 0; row < g.kernel_height; ++row) {
        const uint8_t own = uint8_t(row - above); // wraps around above
        kernel_rows[row] = own < count ? rows[own] : nullptr;
    }
    StraightPlace place = {kernel_rows, uintptr_t(0) - uintptr_t(Size(g.pad_left) * g.in_channels), 255};
    PositionTarget<Geometry> target = {row_target.output, row_target.pool_sums, row_target.residual, true};
    const bool first_row = row_target.phase == 0, last_row = Count(row_target.phase + 1) == g.pool_height;
    Count column = 0; // of the pool
    for (Count x = 0; x != g.width; ++x) {
        place.columns = columns_inside(g, x);
        target.first = first_row && column == 0;
        if (MakesAverages<Geometry>::value && target.first) begin_averages(g, target);
        Geometry::position(place, target);
        place.offset += uintptr_t(Size(g.stride) * g.in_channels);
        if (g.has_residual) target.residual += Size(g.outputs);
        if (++column != g.pool_width) continue;
        column = 0;
        if (MakesAverages<Geometry>::value && last_row) end_averages(g, target);
        target.output += Size(g.outputs);
        if (MakesAverages<Geometry>::value) target.pool_sums += Size(g.outputs);
    }
}

/// For layers whose kernel moves.
struct StraightRow : RowMaker {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex above, typename Geometry::Size,
                                      const RowTarget<Geometry>& target, uint8_t) {
        straight_window_row(g, rows, count, uint8_t(above), target);
    }
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
