// SPDX-License-Identifier: Apache-2.0
// The loops in AVR assembly that make several adjacent outputs from values in a row: a position of a column, and dense
// layers with sums of 24 bits. Their twins in C++ are in column.hpp and gather.hpp.
//
// A value is loaded once for a group of up to eight outputs. A product then costs 7 cycles with weights of 8 bits (lpm
// 3, muls 2, add, adc), 6.5 or 8.5 with those of 4, and 9 in sums of 24 bits (see wide_assembly.hpp). If two weights of
// one output form a pair, their products are added in 16 bits first, which hold any two: 17 cycles for both.
//
// Two weights of 4 bits share a byte: 16 u1 + u0, u = w + 8. If all pairs belong to two outputs, the whole byte and its
// halves swapped are multiplied, without masks. With U the sum of u x, the sums modulo 2^16 are then
//   P = 16 U1 + U0    Q = 16 U0 + U1        so U0 = 257 (P - 16 Q), since 257 * 255 = 2^16 - 1, and U1 = Q - 16 U0
// and the sum of w x is U - 8 times the sum of x, which is collected in the same loop.
#ifndef TINYSPARSE_1_0_MCU_COLUMN_ASSEMBLY_HPP
#define TINYSPARSE_1_0_MCU_COLUMN_ASSEMBLY_HPP
#include "line.hpp"
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

#if TINYSPARSE_ASSEMBLY
// clang-format would lay out strings of assembly as if they were sums.
// clang-format off

#define TINYSPARSE_ASM_20_LINES "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
#define TINYSPARSE_ASM_LONG                                                                                            \
    TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES
// A piece for each output that a group may have.
#define TINYSPARSE_ASM_GROUP_ALL(piece) piece(0) piece(1) piece(2) piece(3) piece(4) piece(5) piece(6) piece(7)
// Registers: the sum of output o in 2 + 2 o and 3 + 2 o, its top byte in 14 + o; a value in r20, one for all outputs or
// one for each; with pairs of weights, the next value in r21 and the first product in r12 and r13; a weight in r22, or
// in r23, which holds a byte of several weights; what is left of the rows in r18, and of the values of a row in
// tsp_count, if they are counted apart. For sums of 24 bits, tsp_flip is 128 and tsp_zero is 0. If halves of bytes are
// swapped, r21 is 8 and the sum of 8 x is in r24 and r25.
//
// The next weight into register tsp_weight. tsp_number counts the weights of a loop's body, which fill whole bytes.
#define TINYSPARSE_ASM_GROUP_WEIGHT                                                                                    \
    " .set tsp_weight, 22\n .if %[bits] == 8\n lpm r22, Z+\n"                                                          \
    " .elseif %[swaps]\n .if tsp_number & 1\n swap r22\n .else\n lpm r22, Z+\n .endif\n"                               \
    " .elseif %[bits] == 4\n .if tsp_number & 1\n swap r23\n andi r23, 15\n subi r23, 8\n .set tsp_weight, 23\n"       \
    " .else\n lpm r23, Z+\n mov r22, r23\n andi r22, 15\n subi r22, 8\n .endif\n"                                      \
    " .else\n .if tsp_number & 3\n lsr r23\n lsr r23\n .else\n lpm r23, Z+\n .endif\n mov r22, r23\n andi r22, 3\n"    \
    " dec r22\n .endif\n .set tsp_number, tsp_number + 1\n"
#define TINYSPARSE_ASM_GROUP_PRODUCT(output)                                                                           \
    " .if " #output " < %[group]\n .if %[each]\n ld r20, X+\n .endif\n .if %[pairs]\n lpm r22, Z+\n muls r22, r20\n movw r12, r0\n lpm r22, Z+\n"          \
    " muls r22, r21\n add r0, r12\n adc r1, r13\n .else\n" TINYSPARSE_ASM_GROUP_WEIGHT                                  \
    " .if %[swaps]\n mulsu r20, r22\n .else\n muls tsp_weight, r20\n .endif\n"                                        \
    " .endif\n .if %[wide]\n eor r1, tsp_flip\n .endif\n add 2 + 2 * " #output ", r0\n adc 3 + 2 * " #output ", r1\n"  \
    " .if %[wide]\n adc 14 + " #output ", tsp_zero\n .endif\n .endif\n"
// The body of a loop over values, written out `unroll` times.
#define TINYSPARSE_ASM_GROUP_PRODUCTS                                                                                  \
    " .set tsp_number, 0\n .rept %[unroll]\n .if %[each] == 0\n ld r20, X+\n .endif\n .if %[pairs]\n ld r21, X+\n .endif\n" \
    " .if %[swaps]\n mulsu r20, r21\n add r24, r0\n adc r25, r1\n .endif\n"                                           \
    TINYSPARSE_ASM_GROUP_ALL(TINYSPARSE_ASM_GROUP_PRODUCT) " .endr\n"
// First value of an output's sum: its bias, in %[bias_bytes] bytes at Z, times 2^bias_shift, and r22, r23, r24.
#define TINYSPARSE_ASM_GROUP_BEGIN(output)                                                                             \
    " .if " #output " < %[group]\n .if %[bias_bytes] == 0\n movw 2 + 2 * " #output ", r22\n"                           \
    " .if %[wide]\n mov 14 + " #output ", r24\n .endif\n .else\n lpm 2 + 2 * " #output ", Z+\n"                        \
    " .if %[bias_bytes] == 2\n lpm 3 + 2 * " #output ", Z+\n mov r20, 3 + 2 * " #output "\n .else\n"                   \
    " mov r20, 2 + 2 * " #output "\n .endif\n"                                                                         \
    " .if %[bias_bytes] == 1 || %[wide]\n lsl r20\n sbc r20, r20\n .endif\n"                                           \
    " .if %[bias_bytes] == 1\n mov 3 + 2 * " #output ", r20\n .endif\n"                                                \
    " .if %[wide]\n mov 14 + " #output ", r20\n .endif\n"                                                              \
    " .rept %[bias_shift]\n lsl 2 + 2 * " #output "\n rol 3 + 2 * " #output "\n"                                       \
    " .if %[wide]\n rol 14 + " #output "\n .endif\n .endr\n"                                                           \
    " add 2 + 2 * " #output ", r22\n adc 3 + 2 * " #output ", r23\n .if %[wide]\n adc 14 + " #output ", r24\n .endif\n"\
    " .endif\n .endif\n"
// From what whole bytes of weights gave to the sums of outputs `low` and `high`, biases included. r20 is 16; r22 and
// r23 are added as well.
#define TINYSPARSE_ASM_GROUP_SOLVE(low, high)                                                                          \
    " .if " #low " < %[group]\n mul 2 + 2 * " #high ", r20\n sub 2 + 2 * " #low ", r0\n sbc 3 + 2 * " #low ", r1\n"    \
    " mul 3 + 2 * " #high ", r20\n sub 3 + 2 * " #low ", r0\n add 3 + 2 * " #low ", 2 + 2 * " #low "\n"                \
    " mul 2 + 2 * " #low ", r20\n sub 2 + 2 * " #high ", r0\n sbc 3 + 2 * " #high ", r1\n"                             \
    " mul 3 + 2 * " #low ", r20\n sub 3 + 2 * " #high ", r0\n"                                                         \
    TINYSPARSE_ASM_GROUP_BIAS(low) TINYSPARSE_ASM_GROUP_BIAS(high) " .endif\n"
#define TINYSPARSE_ASM_GROUP_BIAS(output)                                                                              \
    " .if %[bias_bytes]\n lpm r24, Z+\n .if %[bias_bytes] == 2\n lpm r25, Z+\n .else\n mov r25, r24\n lsl r25\n"       \
    " sbc r25, r25\n .endif\n .rept %[bias_shift]\n lsl r24\n rol r25\n .endr\n add 2 + 2 * " #output ", r24\n"       \
    " adc 3 + 2 * " #output ", r25\n .endif\n add 2 + 2 * " #output ", r22\n adc 3 + 2 * " #output ", r23\n"
#define TINYSPARSE_ASM_GROUP_SOLVE_ALL                                                                                 \
    " .if %[swaps]\n ldd r22, Y+6\n ldd r23, Y+7\n sub r22, r24\n sbc r23, r25\n ldi r20, 16\n"                        \
    " .if %[bias_bytes]\n ldd r30, Y+0\n ldd r31, Y+1\n .endif\n"                                                     \
    TINYSPARSE_ASM_GROUP_SOLVE(0, 1) TINYSPARSE_ASM_GROUP_SOLVE(2, 3) TINYSPARSE_ASM_GROUP_SOLVE(4, 5)                 \
    TINYSPARSE_ASM_GROUP_SOLVE(6, 7)                                                                                   \
    " .if %[bias_bytes]\n std Y+0, r30\n std Y+1, r31\n .endif\n .endif\n"
// From a sum to its value in the sum's second byte, as in TINYSPARSE_ASM_REQUANTISE and TINYSPARSE_ASM_WIDE_REQUANTISE,
// and then to the place that X points to. T is 0 if a pool has a maximum already.
#define TINYSPARSE_ASM_GROUP_STORE(output)                                                                             \
    " .if " #output " < %[group]\n .if %[wide]\n"                                                                      \
    "  .if %[shift] > 8\n .rept %[shift] - 8\n asr 14 + " #output "\n ror 3 + 2 * " #output "\n .endr\n .endif\n"      \
    "  mov r20, 3 + 2 * " #output "\n lsl r20\n adc 14 + " #output ", tsp_zero\n breq 3f\n sec\n brlt 4f\n clc\n"      \
    " .elseif %[shift] > 8\n .rept %[shift] - 8\n asr 3 + 2 * " #output "\n .endr\n .endif\n"               \
    " .if %[shift] < 8\n .if %[wide] == 0\n rjmp 3f\n .endif\n .endif\n"                                               \
    " .if %[wide] || %[shift] < 8\n4: ldi r20, 127\n brcc 6f\n .if %[lowest] == 0\n clr r20\n .else\n inc r20\n .endif\n" \
    "6: mov 3 + 2 * " #output ", r20\n rjmp 5f\n3:\n .endif\n"                                                         \
    " .if %[shift] < 8\n .rept 7 - %[shift]\n lsl 2 + 2 * " #output "\n rol 3 + 2 * " #output "\n brvs 4b\n .endr\n"   \
    "  lsl 2 + 2 * " #output "\n rol 3 + 2 * " #output "\n brvs 4b\n .endif\n"                                         \
    " .if %[lowest] == 0\n sbrc 3 + 2 * " #output ", 7\n clr 3 + 2 * " #output "\n .endif\n5:\n"                       \
    " .if %[pooled]\n brts 7f\n ld r20, X\n cp r20, 3 + 2 * " #output "\n brlt 7f\n mov 3 + 2 * " #output ", r20\n"    \
    "7:\n .endif\n st X+, 3 + 2 * " #output "\n .endif\n"

/// Data of groups of outputs at a position of a column. Pointers move on from group to group.
struct ColumnState {
    const uint8_t* biases;
    const uint8_t* weights; ///< Weights that meet the first of the rows.
    int8_t* target;
    uint8_t start[3];        ///< Added to the biases; low byte first.
    uint8_t first;           ///< 1: first position of a pool.
    const int8_t* input;     ///< The first of the rows under the kernel.
    uint16_t absent;         ///< Bytes of a group's weights that meet no row.
    uint8_t together, other; ///< Rows from `input` on, and those at the beginning of the ring; times column_steps() if
                             ///< they are not counted one by one.
    uint8_t groups;
};

/// Rounds of the loop over a kernel row's values.
template <class Geometry> constexpr uint8_t column_steps() {
    return Geometry::depth / (Geometry::unroll * (Geometry::pairs ? 2 : 1));
}
/// Whether rows are counted one by one, since a byte cannot hold the rounds of all.
template <class Geometry> constexpr bool column_by_rows() {
    return Geometry::kernel_height * column_steps<Geometry>() > 255;
}

/// Whether the two weights of a byte belong to two outputs that share a value.
template <class Geometry, uint8_t group> constexpr bool column_swaps() {
    return Geometry::Reader::bits == 4 && group % 2 == 0 && !Geometry::depthwise;
}
/// Words of one round of the loop over a kernel row's values, or more: branches reach 63.
template <class Geometry, uint8_t group, bool wide> constexpr uint16_t column_words() {
    return uint16_t(Geometry::unroll * (Geometry::pairs                   ? 2 + group * (wide ? 11 : 9)
                                        : column_swaps<Geometry, group>() ? 4 + group * 4
                                        : Geometry::Reader::bits < 8      ? 255
                                                                          : 3 + group * ((wide ? 6 : 4) + Geometry::depthwise)));
}

/// Groups of `group` outputs at one position, requantised; a maximum pool keeps the larger of the new and the stored
/// value. `several`: there may be more than one.
template <class Geometry, uint8_t group, bool several> TINYSPARSE_INLINE void column_assembly(ColumnState& state) {
    static constexpr bool wide = sizeof(typename Geometry::Sum) == 3, by_rows = column_by_rows<Geometry>();
    static constexpr uint8_t steps = column_steps<Geometry>();
    static constexpr bool swaps = column_swaps<Geometry, group>();
    static constexpr uint16_t words = column_words<Geometry, group, wide>();
    ColumnState* pointer = &state;
    __asm__ volatile(
        " push r28\n push r29\n movw r28, r26\n .set tsp_flip, 19\n .set tsp_zero, 25\n .set tsp_other, 23\n"
        " .set tsp_count, 24\n .if %[swaps]\n .set tsp_count, 19\n .elseif %[bits] < 8\n .set tsp_other, 25\n .endif\n"
        " .if %[wide]\n ldi r19, 128\n clr r25\n .endif\n .if %[pooled]\n ldd r20, Y+9\n bst r20, 0\n .endif\n9:\n"
        " .if %[swaps]\n ldi r21, 8\n clr r24\n clr r25\n .set tsp_number, 0\n .rept %[group]\n"
        " movw 2 + 2 * tsp_number, r24\n .set tsp_number, tsp_number + 1\n .endr\n .else\n"
        " ldd r22, Y+6\n ldd r23, Y+7\n .if %[wide]\n ldd r24, Y+8\n .endif\n"
        " .if %[bias_bytes]\n ldd r30, Y+0\n ldd r31, Y+1\n .endif\n"
        TINYSPARSE_ASM_GROUP_ALL(TINYSPARSE_ASM_GROUP_BEGIN)
        " .if %[bias_bytes]\n std Y+0, r30\n std Y+1, r31\n .endif\n .endif\n"
        " ldd r30, Y+2\n ldd r31, Y+3\n ldd r26, Y+10\n ldd r27, Y+11\n ldd r18, Y+14\n"
        " .if %[ring]\n ldd tsp_other, Y+15\n .endif\n"
        "1:\n .if %[by_rows]\n ldi tsp_count, %[steps]\n .else\n .set tsp_count, 18\n .endif\n2:\n"
        TINYSPARSE_ASM_GROUP_PRODUCTS
        " .if %[each]\n subi r26, lo8(%[group] - %[channels])\n sbci r27, hi8(%[group] - %[channels])\n .endif\n"
        " dec tsp_count\n .if %[words] < 62\n brne 2b\n .else\n breq 3f\n rjmp 2b\n3:\n .endif\n"
        " .if %[by_rows]\n dec r18\n breq 3f\n rjmp 1b\n3:\n .endif\n"
        " .if %[ring]\n subi r26, lo8(%[ring])\n sbci r27, hi8(%[ring])\n mov r18, tsp_other\n clr tsp_other\n tst r18\n"
        " breq 4f\n rjmp 1b\n4:\n .endif\n"
        " .if %[several]\n ldd r20, Y+12\n ldd r21, Y+13\n add r30, r20\n adc r31, r21\n std Y+2, r30\n std Y+3, r31\n .endif\n"
        " .if %[each]\n ldd r20, Y+10\n ldd r21, Y+11\n subi r20, lo8(0 - %[group])\n sbci r21, hi8(0 - %[group])\n"
        " std Y+10, r20\n std Y+11, r21\n .endif\n"
        TINYSPARSE_ASM_GROUP_SOLVE_ALL
        " ldd r26, Y+4\n ldd r27, Y+5\n"
        TINYSPARSE_ASM_GROUP_ALL(TINYSPARSE_ASM_GROUP_STORE)
        " std Y+4, r26\n std Y+5, r27\n"
        " .if %[several]\n ldd r20, Y+16\n dec r20\n breq 8f\n std Y+16, r20\n rjmp 9b\n8:\n .endif\n"
        " pop r29\n pop r28\n clr r1\n" TINYSPARSE_ASM_LONG TINYSPARSE_ASM_LONG
        : "+&x"(pointer)
        : [bits] "n"(Geometry::Reader::bits), [wide] "n"(wide), [pairs] "n"(Geometry::pairs), [group] "n"(group),
          [each] "n"(Geometry::depthwise), [swaps] "n"(swaps), [several] "n"(several),
          [by_rows] "n"(by_rows), [unroll] "n"(Geometry::unroll),
          [steps] "n"(steps), [words] "n"(words), [channels] "n"(Geometry::in_channels),
          [ring] "n"(Geometry::in_ring < Geometry::in_height ? Geometry::in_ring * Geometry::in_channels : 0),
          [bias_bytes] "n"(Geometry::bias_bytes), [bias_shift] "n"(Geometry::bias_shift),
          [pooled] "n"(Geometry::pooling == maximum_pooling && !Geometry::has_residual),
          [shift] "n"(Geometry::shift), [lowest] "n"(Geometry::lowest)
        : "r0", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17",
          "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r30", "r31", "memory");
}

// A sum of three bytes added to one of four in memory, to which Y points.
#define TINYSPARSE_ASM_GROUP_INTO(output)                                                                              \
    " .if " #output " < %[group]\n mov r20, 14 + " #output "\n lsl r20\n sbc r20, r20\n ld r22, Y\n"                   \
    " add r22, 2 + 2 * " #output "\n st Y+, r22\n ld r22, Y\n adc r22, 3 + 2 * " #output "\n st Y+, r22\n ld r22, Y\n" \
    " adc r22, 14 + " #output "\n st Y+, r22\n ld r22, Y\n adc r22, r20\n st Y+, r22\n .endif\n"

/// Data of a block of outputs of a dense layer. Weights and sums move on.
struct DenseState {
    const int8_t* input;
    const uint8_t* weights;
    int32_t* sums;
};

/// The contribution of one row of the input to `group` outputs of a dense layer, in sums of 24 bits.
template <class Geometry, uint8_t group> TINYSPARSE_INLINE void wide_dense_assembly(DenseState& state) {
    static constexpr uint8_t unroll = Geometry::row_size % 2 == 0 ? 2 : 1;
    static constexpr uint16_t count = Geometry::row_size / unroll;
    DenseState* pointer = &state;
    __asm__ volatile(
        " push r28\n push r29\n movw r28, r26\n .set tsp_flip, 23\n .set tsp_zero, 21\n clr r21\n ldi r23, 128\n"
        " ldd r26, Y+0\n ldd r27, Y+1\n ldd r30, Y+2\n ldd r31, Y+3\n clr r2\n ldi r20, lo8(%[excess])\n mov r3, r20\n"
        " ldi r20, hi8(%[excess])\n mov r14, r20\n .set tsp_number, 1\n .rept %[group] - 1\n"
        " movw 2 + 2 * tsp_number, r2\n mov 14 + tsp_number, r14\n .set tsp_number, tsp_number + 1\n .endr\n"
        " ldi r24, lo8(%[count])\n ldi r25, hi8(%[count])\n2:\n" TINYSPARSE_ASM_GROUP_PRODUCTS
        " sbiw r24, 1\n .if %[unroll] * (1 + 6 * %[group]) < 62\n brne 2b\n .else\n breq 3f\n rjmp 2b\n3:\n .endif\n"
        " std Y+2, r30\n std Y+3, r31\n push r28\n push r29\n ldd r20, Y+4\n ldd r29, Y+5\n mov r28, r20\n"
        TINYSPARSE_ASM_GROUP_INTO(0) TINYSPARSE_ASM_GROUP_INTO(1) TINYSPARSE_ASM_GROUP_INTO(2)
        TINYSPARSE_ASM_GROUP_INTO(3) TINYSPARSE_ASM_GROUP_INTO(4) TINYSPARSE_ASM_GROUP_INTO(5)
        " movw r26, r28\n pop r29\n pop r28\n std Y+4, r26\n std Y+5, r27\n pop r29\n pop r28\n clr r1\n"
        TINYSPARSE_ASM_LONG
        : "+&x"(pointer)
        : [bits] "n"(8), [wide] "n"(1), [pairs] "n"(0), [each] "n"(0), [swaps] "n"(0), [group] "n"(group), [unroll] "n"(unroll), [count] "n"(count),
          // Bits 8 ... 23 of the sums' first value: 32768 less for each product.
          [excess] "n"(uint16_t(0 - uint32_t(Geometry::row_size) * 128))
        : "r0", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17",
          "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r30", "r31", "memory");
}

// clang-format on
#undef TINYSPARSE_ASM_20_LINES
#undef TINYSPARSE_ASM_LONG
#undef TINYSPARSE_ASM_GROUP_ALL
#undef TINYSPARSE_ASM_GROUP_WEIGHT
#undef TINYSPARSE_ASM_GROUP_PRODUCT
#undef TINYSPARSE_ASM_GROUP_PRODUCTS
#undef TINYSPARSE_ASM_GROUP_BEGIN
#undef TINYSPARSE_ASM_GROUP_SOLVE
#undef TINYSPARSE_ASM_GROUP_SOLVE_ALL
#undef TINYSPARSE_ASM_GROUP_BIAS
#undef TINYSPARSE_ASM_GROUP_STORE
#undef TINYSPARSE_ASM_GROUP_INTO
#endif

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
