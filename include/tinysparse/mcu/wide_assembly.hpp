// SPDX-License-Identifier: Apache-2.0
// The innermost loops in AVR assembly for sums that need 24 bits; assembly.hpp has those for sums of 16. Weights have 8
// bits; smaller ones have long runs of sums of 16 bits.
//
// A product is signed, and widening it to the third byte of a sum would take three cycles. Flipping its top bit takes
// one; then it is never negative, and 32768 too large: muls, eor, add, adc, adc with zero make 6 cycles. The excess of
// all products of a sum is known beforehand, so the sum begins with that much less. A value outside the row is 0 here
// and not skipped, so that the number of products does not depend on the position.
#ifndef TINYSPARSE_1_0_MCU_WIDE_ASSEMBLY_HPP
#define TINYSPARSE_1_0_MCU_WIDE_ASSEMBLY_HPP
#include "assembly.hpp"
#include "line.hpp"
#include "port.hpp"
#include "sums.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

#if TINYSPARSE_ASSEMBLY
// clang-format would lay out strings of assembly as if they were sums.
// clang-format off

#define TINYSPARSE_ASM_20_LINES "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
#define TINYSPARSE_ASM_LONG                                                                                            \
    TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES
// sum += one * other + 32768, in three bytes.
#define TINYSPARSE_ASM_WIDE_ADD(low, high, top, one, other, flip, zero)                                                \
    " muls " one ", " other "\n eor r1, " flip "\n add " low ", r0\n adc " high ", r1\n adc " top ", " zero "\n"
// From a sum of three bytes to its value in the middle one, as in requantise(): shift and lowest are constants. Right
// shifts need no low byte. Then the value is in range if top byte and sign of the middle one make 0. If they do not,
// the carry is set to the sum's sign; a left shift that overflows leaves it there as well.
#define TINYSPARSE_ASM_WIDE_REQUANTISE(low, high, top, zero, free)                                                     \
    " .if %[shift] > 8\n .rept %[shift] - 8\n asr " top "\n ror " high "\n .endr\n .endif\n"                           \
    " mov " free ", " high "\n lsl " free "\n adc " top ", " zero "\n breq 3f\n sec\n brlt 4f\n clc\n"                 \
    "4: ldi " free ", 127\n brcc 6f\n .if %[lowest] == 0\n clr " free "\n .else\n inc " free "\n .endif\n"            \
    "6: mov " high ", " free "\n rjmp 5f\n"                                                                            \
    "3:\n .if %[shift] < 8\n .rept 7 - %[shift]\n lsl " low "\n rol " high "\n brvs 4b\n .endr\n"                        \
    " lsl " low "\n rol " high "\n brvs 4b\n .endif\n"                                                                 \
    " .if %[lowest] == 0\n sbrc " high ", 7\n clr " high "\n .endif\n5:\n"
// Moves Y so that `distance` from its base is within reach of ldd.
#define TINYSPARSE_ASM_REACH(distance)                                                                                 \
    " .if (" distance ") - tsp_base > 63\n"                                                                            \
    "  subi r28, lo8(tsp_base - (" distance "))\n sbci r29, hi8(tsp_base - (" distance "))\n"                          \
    "  .set tsp_base, " distance "\n .endif\n"
// The product of input value tsp_tap for one position, if the kernel over that position reads this value. The sum of
// position p is in registers 2 + 2 p, 3 + 2 p and 15 - p, the weights are from 16 on, followed by the value.
#define TINYSPARSE_ASM_WIDE_PRODUCT(position, flip, zero)                                                                    \
    " .if tsp_tap >= " #position " * %[stride] && tsp_tap < " #position " * %[stride] + %[width] && " #position        \
    " < %[block]\n"                                                                                                    \
    TINYSPARSE_ASM_WIDE_ADD("2 + 2 * " #position, "3 + 2 * " #position, "15 - " #position,                             \
                            "16 + tsp_tap - " #position " * %[stride]", "16 + %[width]", flip, zero)         \
    " .endif\n"
#define TINYSPARSE_ASM_WIDE_VALUE(position)                                                                            \
    " .if " #position " < %[block]\n"                                                                                  \
    TINYSPARSE_ASM_WIDE_REQUANTISE("2 + 2 * " #position, "3 + 2 * " #position, "15 - " #position, "%[zero]",           \
                                   "16 + %[width]")                                                                    \
    " .endif\n"
// A value that may lie outside the row is loaded if its bit in `flags` is 1, and is 0 otherwise.
#define TINYSPARSE_ASM_WIDE_INSIDE(bit) " clr 16 + %[width]\n sbrc %[flags], " bit "\n"
// Kernel row after kernel row, and in each one channel after the other, as in TINYSPARSE_ASM_WINDOW. At the start,
// `left` holds the top byte of the sums' first value.
#define TINYSPARSE_ASM_WIDE_WINDOW                                                                                     \
    " push r28\n push r29\n .set tsp_taps, (%[block] - 1) * %[stride] + %[width]\n .set tsp_tap, 0\n"                  \
    " .rept %[block]\n movw 2 + 2 * tsp_tap, %[start]\n mov 15 - tsp_tap, %[left]\n"                                   \
    " .set tsp_tap, tsp_tap + 1\n .endr\n1: ld r28, X+\n ld r29, X+\n"                                                \
    " .if %[depth] > 1\n ldi 16, %[depth]\n mov %[left], 16\n .endif\n"                                               \
    "2:\n .set tsp_tap, 0\n .rept %[width]\n lpm 16 + tsp_tap, Z+\n .set tsp_tap, tsp_tap + 1\n .endr\n"               \
    " .set tsp_tap, 0\n .set tsp_base, 0\n .rept tsp_taps\n" TINYSPARSE_ASM_REACH("tsp_tap * %[channels]")             \
    " .if tsp_tap < %[before]\n" TINYSPARSE_ASM_WIDE_INSIDE("tsp_tap")                                                 \
    " .elseif tsp_tap >= tsp_taps - %[after]\n"                                                                        \
    TINYSPARSE_ASM_WIDE_INSIDE("%[before] + %[after] - tsp_taps + tsp_tap") " .endif\n"                                \
    " ldd 16 + %[width], Y + tsp_tap * %[channels] - tsp_base\n"                                                       \
    TINYSPARSE_ASM_WIDE_PRODUCT(0, "%[flip]", "%[zero]") TINYSPARSE_ASM_WIDE_PRODUCT(1, "%[flip]", "%[zero]") TINYSPARSE_ASM_WIDE_PRODUCT(2, "%[flip]", "%[zero]")                       \
    TINYSPARSE_ASM_WIDE_PRODUCT(3, "%[flip]", "%[zero]") " .set tsp_tap, tsp_tap + 1\n .endr\n"                                             \
    " .if %[depth] > 1\n subi r28, lo8(tsp_base - 1)\n sbci r29, hi8(tsp_base - 1)\n"                                  \
    " dec %[left]\n breq 3f\n rjmp 2b\n3:\n .endif\n"                                                                  \
    " dec %[rows]\n breq 4f\n rjmp 1b\n4: pop r29\n pop r28\n"                                                        \
    TINYSPARSE_ASM_WIDE_VALUE(0) TINYSPARSE_ASM_WIDE_VALUE(1) TINYSPARSE_ASM_WIDE_VALUE(2)                             \
    TINYSPARSE_ASM_WIDE_VALUE(3)                                                                                       \
    " clr r1\n mov %[v0], r3\n mov %[v1], r5\n mov %[v2], r7\n .if %[block] > 3\n mov %[v3], r9\n .endif\n"            \
    TINYSPARSE_ASM_LONG

/// One output at a block of positions, requantised: `count` rows of the input from `rows` on, each given by its first
/// value under the kernel. start: first value of the sums. depth at most 255. A block has up to four positions, three
/// if the kernel is wider than three.
template <class Geometry, bool large = (Geometry::kernel_width > 3)> struct WideWindowAssembly;
// The two versions differ in the registers that they need.
#define TINYSPARSE_ASM_WIDE_WINDOW_KERNEL(is_large, ...)                                                               \
    template <class Geometry> struct WideWindowAssembly<Geometry, is_large> {                                          \
        static TINYSPARSE_INLINE void run(const int8_t* const* rows, uint8_t count, uint8_t flags,                     \
                                          WeightReader<8>& reader, Int24 start,                                        \
                                          Sums<int8_t, Geometry::block>& values) {                                     \
            int8_t none;                                                                                               \
            uint8_t left = uint8_t(start >> 16);                                                                       \
            __asm__ volatile(TINYSPARSE_ASM_WIDE_WINDOW                                                                \
                             : [v0] "=r"(sum_or<0>(values, none)), [v1] "=r"(sum_or<1>(values, none)),             \
                               [v2] "=r"(sum_or<2>(values, none)), [v3] "=r"(sum_or<3>(values, none)),             \
                               [rows] "+&r"(count), [left] "+&r"(left), "+z"(reader.at), "+x"(rows)                      \
                             : [start] "r"(int16_t(start)), [flags] "r"(flags), [flip] "r"(uint8_t(128)),              \
                               [zero] "r"(uint8_t(0)), [stride] "n"(Geometry::stride),                                 \
                               [width] "n"(Geometry::kernel_width), [block] "n"(Geometry::block),                      \
                               [depth] "n"(Geometry::depth), [channels] "n"(Geometry::in_channels),                    \
                               [before] "n"(Geometry::pad_left), [after] "n"(Geometry::pad_right),                     \
                               [shift] "n"(Geometry::shift), [lowest] "n"(Geometry::lowest)                            \
                             : "r0", "r2", "r3", "r4", "r5", "r6", "r7", "r13", "r14", "r15", "r16", "r17", "r18",     \
                               "r19", __VA_ARGS__, "memory");                                                          \
        }                                                                                                              \
    };
TINYSPARSE_ASM_WIDE_WINDOW_KERNEL(false, "r8", "r9", "r12")
TINYSPARSE_ASM_WIDE_WINDOW_KERNEL(true, "r20", "r21", "r22", "r23")

// The larger of two sums into the first.
#define TINYSPARSE_ASM_WIDE_LARGER(first, other)                                                                       \
    " cp 2 + 2 * (" first "), 2 + 2 * (" other ")\n cpc 3 + 2 * (" first "), 3 + 2 * (" other ")\n"                    \
    " cpc 15 - (" first "), 15 - (" other ")\n brge 7f\n movw 2 + 2 * (" first "), 2 + 2 * (" other ")\n"              \
    " mov 15 - (" first "), 15 - (" other ")\n7:\n"
// Stores the value of pool `cell`, or of that position, `step` bytes after the one before it; T is 0 if a pool has a
// maximum already.
#define TINYSPARSE_ASM_WIDE_STORE(cell)                                                                                \
    " .if " #cell " * %[pool] < %[block]\n .set tsp_tap, 1\n .rept %[pool] - 1\n"                                      \
    TINYSPARSE_ASM_WIDE_LARGER(#cell " * %[pool]", #cell " * %[pool] + tsp_tap")                                       \
    " .set tsp_tap, tsp_tap + 1\n .endr\n"                                                                             \
    TINYSPARSE_ASM_WIDE_REQUANTISE("2 + 2 * " #cell " * %[pool]", "3 + 2 * " #cell " * %[pool]",                       \
                                   "15 - " #cell " * %[pool]", "r11", "16 + %[width]")                                 \
    " .if " #cell " * %[step] - tsp_base > 63\n"                                                                       \
    "  subi r30, lo8(tsp_base - " #cell " * %[step])\n sbci r31, hi8(tsp_base - " #cell " * %[step])\n"                \
    "  .set tsp_base, " #cell " * %[step]\n .endif\n"                                                                  \
    " .if %[pooled]\n brts 7f\n ldd 16 + %[width], Z + " #cell " * %[step] - tsp_base\n"                               \
    " cp 16 + %[width], 3 + 2 * " #cell " * %[pool]\n brge 8f\n7:\n .endif\n"                                          \
    " std Z + " #cell " * %[step] - tsp_base, 3 + 2 * " #cell " * %[pool]\n8:\n .endif\n"

/// Data of an output of a window for all positions of a row.
template <uint8_t kernel_height> struct WideLineState {
    uint8_t first; ///< 1: first row of its pools.
    int8_t* target;
    const uint8_t* weights; ///< Weights that meet the first of the rows.
    uint8_t count;          ///< Rows of the input under the kernel.
    uint8_t start[3];       ///< First value of the sums, low byte first.
    const int8_t* rows[kernel_height];
};

/// One output at all positions of a row, requantised and stored `outputs` bytes apart; for maximum pools, the largest
/// value of each. Values that may lie outside the row are only on the left of the first block or on the right of the
/// last one. Bit 7 of the flags marks the first block, bit 6 the last. Sums, weights and value are in the registers of
/// TINYSPARSE_ASM_WIDE_PRODUCT; r10 flips, r11 is zero, and r24 and r25 point to the state's weights.
template <class Geometry>
TINYSPARSE_INLINE void wide_line_assembly(WideLineState<Geometry::kernel_height>& state) {
    static constexpr uint8_t blocks = uint8_t((Geometry::width + Geometry::block - 1) / Geometry::block);
    // Two channels at once save 3 of 93 cycles for each, if Y reaches both.
    static constexpr uint8_t unroll =
        Geometry::depth % 2 == 0 && ((Geometry::block - 1) * Geometry::stride + Geometry::kernel_width - 1) *
                                               Geometry::in_channels < 63 ? 2 : 1;
    WideLineState<Geometry::kernel_height>* pointer = &state;
    __asm__ volatile(
        " push r28\n push r29\n .set tsp_taps, (%[block] - 1) * %[stride] + %[width]\n"
        " .if %[width] <= 3\n .set tsp_left, 20\n .set tsp_rows, 21\n .set tsp_blocks, 22\n .set tsp_flags, 23\n"
        " .else\n .set tsp_left, 22\n .set tsp_rows, 23\n .set tsp_blocks, 8\n .set tsp_flags, 9\n .endif\n"
        " ld r16, X+\n bst r16, 0\n adiw r26, 2\n movw r24, r26\n ldi r16, 128\n mov r10, r16\n clr r11\n"
        " ldi r16, %[blocks]\n mov tsp_blocks, r16\n .if %[before] + %[after] > 0\n ldi r16, 0x80\n"
        " .if %[blocks] == 1\n ori r16, 0x40\n .endif\n mov tsp_flags, r16\n .endif\n"
        "1: ld r30, X+\n ld r31, X+\n ld tsp_rows, X+\n ld r2, X+\n ld r3, X+\n ld r15, X+\n"
        " .set tsp_tap, 1\n .rept %[block] - 1\n movw 2 + 2 * tsp_tap, r2\n mov 15 - tsp_tap, r15\n"
        " .set tsp_tap, tsp_tap + 1\n .endr\n"
        "2: ld r28, X+\n ld r29, X+\n .if %[depth] > 1\n ldi r16, %[depth] / %[unroll]\n mov tsp_left, r16\n .endif\n"
        "3:\n .set tsp_channel, 0\n .rept %[unroll]\n"
        " .set tsp_tap, 0\n .rept %[width]\n lpm 16 + tsp_tap, Z+\n .set tsp_tap, tsp_tap + 1\n .endr\n"
        " .set tsp_tap, 0\n .set tsp_base, 0\n .rept tsp_taps\n" TINYSPARSE_ASM_REACH("tsp_tap * %[channels]")
        " .if tsp_tap < %[before]\n clr 16 + %[width]\n sbrs tsp_flags, 7\n"
        " .elseif tsp_tap >= tsp_taps - %[after]\n clr 16 + %[width]\n sbrs tsp_flags, 6\n .endif\n"
        " ldd 16 + %[width], Y + tsp_tap * %[channels] + tsp_channel - tsp_base\n"
        TINYSPARSE_ASM_WIDE_PRODUCT(0, "r10", "r11") TINYSPARSE_ASM_WIDE_PRODUCT(1, "r10", "r11") TINYSPARSE_ASM_WIDE_PRODUCT(2, "r10", "r11")
        TINYSPARSE_ASM_WIDE_PRODUCT(3, "r10", "r11") " .set tsp_tap, tsp_tap + 1\n .endr\n"
        " .set tsp_channel, tsp_channel + 1\n .endr\n"
        " .if %[depth] > 1\n subi r28, lo8(tsp_base - %[unroll])\n sbci r29, hi8(tsp_base - %[unroll])\n"
        " dec tsp_left\n breq 4f\n rjmp 3b\n4:\n .set tsp_base, %[depth]\n .endif\n"
        " subi r28, lo8(tsp_base - %[block] * %[stride] * %[channels])\n"
        " sbci r29, hi8(tsp_base - %[block] * %[stride] * %[channels])\n"
        " st -X, r29\n st -X, r28\n adiw r26, 2\n dec tsp_rows\n breq 4f\n rjmp 2b\n"
        "4: movw r26, r24\n ld r31, -X\n ld r30, -X\n .set tsp_base, 0\n"
        TINYSPARSE_ASM_WIDE_STORE(0) TINYSPARSE_ASM_WIDE_STORE(1) TINYSPARSE_ASM_WIDE_STORE(2)
        TINYSPARSE_ASM_WIDE_STORE(3)
        " subi r30, lo8(tsp_base - %[block] / %[pool] * %[step])\n"
        " sbci r31, hi8(tsp_base - %[block] / %[pool] * %[step])\n dec tsp_blocks\n brne 5f\n rjmp 9f\n5:\n"
        " .if %[before] + %[after] > 0\n clr tsp_flags\n .endif\n"
        " .if %[overlap] + %[after] > 0\n mov r16, tsp_blocks\n cpi r16, 1\n brne 6f\n .endif\n"
        " .if %[after] > 0\n ldi r16, 0x40\n mov tsp_flags, r16\n .endif\n"
        " .if %[overlap] > 0\n subi r30, lo8(%[overlap] / %[pool] * %[step])\n"
        " sbci r31, hi8(%[overlap] / %[pool] * %[step])\n adiw r26, 8\n .rept %[height]\n ld r28, X+\n ld r29, X\n"
        " subi r28, lo8(%[overlap] * %[stride] * %[channels])\n sbci r29, hi8(%[overlap] * %[stride] * %[channels])\n"
        " st X, r29\n st -X, r28\n adiw r26, 2\n .endr\n movw r26, r24\n sbiw r26, 2\n .endif\n"
        "6: st X+, r30\n st X+, r31\n rjmp 1b\n9: pop r29\n pop r28\n clr r1\n" TINYSPARSE_ASM_LONG
        TINYSPARSE_ASM_LONG
        : "+&x"(pointer)
        : [stride] "n"(Geometry::stride), [width] "n"(Geometry::kernel_width), [height] "n"(Geometry::kernel_height),
          [block] "n"(Geometry::block), [depth] "n"(Geometry::depth), [unroll] "n"(unroll), [channels] "n"(Geometry::in_channels),
          [before] "n"(Geometry::pad_left), [after] "n"(Geometry::pad_right), [blocks] "n"(blocks),
          [overlap] "n"(blocks * Geometry::block - Geometry::width), [step] "n"(Geometry::outputs),
          [pool] "n"(Geometry::pool_width), [pooled] "n"(Geometry::pooling == maximum_pooling),
          [shift] "n"(Geometry::shift), [lowest] "n"(Geometry::lowest)
        : "r0", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17",
          "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r30", "r31", "memory");
}

// One row of a 3x3 kernel over one channel: its pointer is at Z + `pointer`, its weights are in registers from `weight`
// on, and the value is in r25. Values outside the row are 0, by the flags at Z + 10 as in wide_line_assembly().
#define TINYSPARSE_ASM_PLANE_PRODUCT(position, weight)                                                                 \
    " .if tsp_tap >= " #position " * %[stride] && tsp_tap < " #position " * %[stride] + 3 && " #position               \
    " < %[block]\n"                                                                                                    \
    TINYSPARSE_ASM_WIDE_ADD("2 + 2 * " #position, "3 + 2 * " #position, "15 - " #position,                             \
                            weight " + tsp_tap - " #position " * %[stride]", "r25", "r10", "r11") " .endif\n"
#define TINYSPARSE_ASM_PLANE_OUTSIDE(bit) " ldd r0, Z+10\n clr r25\n sbrs r0, " bit "\n"
#define TINYSPARSE_ASM_PLANE_ROW(pointer, weight)                                                                      \
    " ldd r28, Z+" pointer "\n ldd r29, Z+" pointer "+1\n .set tsp_tap, 0\n .set tsp_base, 0\n .rept tsp_taps\n"         \
    TINYSPARSE_ASM_REACH("tsp_tap * %[channels]")                                                                      \
    " .if tsp_tap < %[before]\n" TINYSPARSE_ASM_PLANE_OUTSIDE("7")                                                     \
    " .elseif tsp_tap >= tsp_taps - %[after]\n" TINYSPARSE_ASM_PLANE_OUTSIDE("6") " .endif\n"                          \
    " ldd r25, Y + tsp_tap * %[channels] - tsp_base\n"                                                                 \
    TINYSPARSE_ASM_PLANE_PRODUCT(0, weight) TINYSPARSE_ASM_PLANE_PRODUCT(1, weight)                                    \
    TINYSPARSE_ASM_PLANE_PRODUCT(2, weight) TINYSPARSE_ASM_PLANE_PRODUCT(3, weight)                                    \
    " .set tsp_tap, tsp_tap + 1\n .endr\n subi r28, lo8(tsp_base - %[block] * %[stride] * %[channels])\n"              \
    " sbci r29, hi8(tsp_base - %[block] * %[stride] * %[channels])\n std Z+" pointer ", r28\n"                         \
    " std Z+" pointer "+1, r29\n"
#define TINYSPARSE_ASM_PLANE_STORE(cell)                                                                               \
    " .if " #cell " * %[pool] < %[block]\n .set tsp_tap, 1\n .rept %[pool] - 1\n"                                      \
    TINYSPARSE_ASM_WIDE_LARGER(#cell " * %[pool]", #cell " * %[pool] + tsp_tap")                                       \
    " .set tsp_tap, tsp_tap + 1\n .endr\n"                                                                             \
    TINYSPARSE_ASM_WIDE_REQUANTISE("2 + 2 * " #cell " * %[pool]", "3 + 2 * " #cell " * %[pool]",                       \
                                   "15 - " #cell " * %[pool]", "r11", "r25")                                           \
    " .if %[pooled]\n brts 7f\n ld r25, X\n cp r25, 3 + 2 * " #cell " * %[pool]\n brge 8f\n7:\n .endif\n"              \
    " st X, 3 + 2 * " #cell " * %[pool]\n8:\n subi r26, lo8(0 - %[step])\n sbci r27, hi8(0 - %[step])\n .endif\n"

/// Data of an output of a 3x3 kernel over one channel for all positions of a row.
struct WidePlaneState {
    uint8_t start[3]; ///< First value of the sums, low byte first; counts products of absent rows as well.
    const int8_t* rows[3];
    uint8_t left, flags; ///< State of the walk over blocks; assembly's own.
    uint8_t first;       ///< 1: first row of its pools.
    uint8_t absent;      ///< Bit 0: the first kernel row meets no input, bit 1: the last.
    int8_t* target;
    const uint8_t* weights;
};

/// wide_line_assembly() for a 3x3 kernel over one channel, whose nine weights stay in r16 ... r24: 9.6 cycles per MAC
/// in all. Z points to the state, X to the place of the next value.
template <class Geometry> TINYSPARSE_INLINE void wide_plane_assembly(WidePlaneState& state) {
    static constexpr uint8_t blocks = uint8_t((Geometry::width + Geometry::block - 1) / Geometry::block);
    WidePlaneState* pointer = &state;
    __asm__ volatile(
        " push r28\n push r29\n movw r28, r26\n .set tsp_taps, (%[block] - 1) * %[stride] + 3\n"
        " ldd r30, Y+15\n ldd r31, Y+16\n .set tsp_tap, 0\n .rept 9\n lpm 16 + tsp_tap, Z+\n"
        " .set tsp_tap, tsp_tap + 1\n .endr\n ldd r25, Y+11\n bst r25, 0\n"
        " .if %[clipped]\n ldd r25, Y+12\n sbrs r25, 0\n rjmp 1f\n clr r16\n clr r17\n clr r18\n"
        "1: sbrs r25, 1\n rjmp 1f\n clr r22\n clr r23\n clr r24\n1:\n .endif\n"
        " ldd r26, Y+13\n ldd r27, Y+14\n movw r30, r28\n ldi r25, %[blocks]\n std Z+9, r25\n"
        " .if %[before] + %[after] > 0\n ldi r25, 0x80\n .if %[blocks] == 1\n ori r25, 0x40\n .endif\n"
        " std Z+10, r25\n .endif\n ldi r25, 128\n mov r10, r25\n clr r11\n"
        "1: ld r2, Z\n ldd r3, Z+1\n ldd r15, Z+2\n"
        " .set tsp_tap, 1\n .rept %[block] - 1\n movw 2 + 2 * tsp_tap, r2\n mov 15 - tsp_tap, r15\n"
        " .set tsp_tap, tsp_tap + 1\n .endr\n"
        TINYSPARSE_ASM_PLANE_ROW("3", "16") TINYSPARSE_ASM_PLANE_ROW("5", "19") TINYSPARSE_ASM_PLANE_ROW("7", "22")
        TINYSPARSE_ASM_PLANE_STORE(0) TINYSPARSE_ASM_PLANE_STORE(1) TINYSPARSE_ASM_PLANE_STORE(2)
        TINYSPARSE_ASM_PLANE_STORE(3)
        " ldd r25, Z+9\n dec r25\n brne 5f\n rjmp 9f\n5: std Z+9, r25\n"
        " .if %[before] + %[after] > 0\n std Z+10, r11\n .endif\n"
        " .if %[overlap] + %[after] > 0\n cpi r25, 1\n brne 6f\n .endif\n"
        " .if %[after] > 0\n ldi r25, 0x40\n std Z+10, r25\n .endif\n"
        " .if %[overlap] > 0\n subi r26, lo8(%[overlap] / %[pool] * %[step])\n"
        " sbci r27, hi8(%[overlap] / %[pool] * %[step])\n .set tsp_tap, 3\n .rept 3\n"
        " ldd r28, Z + tsp_tap\n ldd r29, Z + tsp_tap + 1\n subi r28, lo8(%[overlap] * %[stride] * %[channels])\n"
        " sbci r29, hi8(%[overlap] * %[stride] * %[channels])\n std Z + tsp_tap, r28\n std Z + tsp_tap + 1, r29\n"
        " .set tsp_tap, tsp_tap + 2\n .endr\n .endif\n"
        "6: rjmp 1b\n9: pop r29\n pop r28\n clr r1\n" TINYSPARSE_ASM_LONG TINYSPARSE_ASM_LONG TINYSPARSE_ASM_LONG
        : "+&x"(pointer)
        : [stride] "n"(Geometry::stride), [block] "n"(Geometry::block), [channels] "n"(Geometry::in_channels),
          [before] "n"(Geometry::pad_left), [after] "n"(Geometry::pad_right), [blocks] "n"(blocks),
          [overlap] "n"(blocks * Geometry::block - Geometry::width), [step] "n"(Geometry::outputs),
          [pool] "n"(Geometry::pool_width), [pooled] "n"(Geometry::pooling == maximum_pooling),
          [shift] "n"(Geometry::shift), [lowest] "n"(Geometry::lowest),
          [clipped] "n"(Geometry::pad_top > 0 || (Geometry::rows - 1) * Geometry::stride + 3 > Geometry::in_height)
        : "r0", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17",
          "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r30", "r31", "memory");
}

// clang-format on
#undef TINYSPARSE_ASM_20_LINES
#undef TINYSPARSE_ASM_LONG
#undef TINYSPARSE_ASM_WIDE_ADD
#undef TINYSPARSE_ASM_WIDE_REQUANTISE
#undef TINYSPARSE_ASM_REACH
#undef TINYSPARSE_ASM_WIDE_PRODUCT
#undef TINYSPARSE_ASM_WIDE_VALUE
#undef TINYSPARSE_ASM_WIDE_INSIDE
#undef TINYSPARSE_ASM_WIDE_WINDOW
#undef TINYSPARSE_ASM_WIDE_WINDOW_KERNEL
#undef TINYSPARSE_ASM_WIDE_LARGER
#undef TINYSPARSE_ASM_WIDE_STORE
#undef TINYSPARSE_ASM_PLANE_PRODUCT
#undef TINYSPARSE_ASM_PLANE_OUTSIDE
#undef TINYSPARSE_ASM_PLANE_ROW
#undef TINYSPARSE_ASM_PLANE_STORE
#endif

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
