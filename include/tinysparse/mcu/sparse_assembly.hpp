// SPDX-License-Identifier: Apache-2.0
// The innermost loops over lists of nonzero weights in AVR assembly; assembly.hpp has those over all weights. Their
// twins in C++ are in sparse.hpp.
//
// An entry costs 14 to 16.5 cycles at one position, 9 to 10 for each of four, and 7.5 to 8.5 for each of six. Loops
// process two entries per turn and begin with the second if the number is odd.
#ifndef TINYSPARSE_1_0_MCU_SPARSE_ASSEMBLY_HPP
#define TINYSPARSE_1_0_MCU_SPARSE_ASSEMBLY_HPP
#include "assembly.hpp"
#include "port.hpp"
#include "sums.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

#if TINYSPARSE_ASSEMBLY
// clang-format would lay out strings of assembly as if they were sums.
// clang-format off

#define TINYSPARSE_ASM_20_LINES "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
#define TINYSPARSE_ASM_LONG TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES
// The number of values that an entry skips, added to a pointer; r23 keeps the entry of one byte.
#define TINYSPARSE_ASM_SKIP(low, high)                                                                                 \
    " lpm r23, Z+\n .if %[kind] == 0\n add " low ", r23\n .else\n mov r24, r23\n"                                      \
    " .if %[kind] == 1\n andi r24, 15\n .else\n lsr r24\n .endif\n add " low ", r24\n .endif\n"                        \
    " adc " high ", %[zero]\n"
// Its weight in r24.
#define TINYSPARSE_ASM_ENTRY_WEIGHT                                                                                    \
    " .if %[kind] == 0\n lpm r24, Z+\n .elseif %[kind] == 1\n swap r23\n andi r23, 15\n mov r24, r23\n subi r24, 8\n"  \
    " .else\n ldi r24, 1\n sbrc r23, 0\n ldi r24, 255\n .endif\n"
// The count of entries into r22, bit 7 of it into T. Jumps to 5 if the count is odd, and to 6, which no branch can
// reach, if it is 0.
#define TINYSPARSE_ASM_HEADER                                                                                          \
    " lpm r22, Z+\n bst r22, 7\n andi r22, 127\n lsr r22\n brcc 3f\n inc r22\n rjmp 5f\n9: rjmp 6f\n3: breq 9b\n"
#define TINYSPARSE_ASM_ONE_ENTRY(low, high)                                                                            \
    TINYSPARSE_ASM_SKIP("r26", "r27") " ld r25, X+\n" TINYSPARSE_ASM_ENTRY_WEIGHT                                      \
    " muls r24, r25\n add " low ", r0\n adc " high ", r1\n"

/// The list of one output over one input row, into a sum of 16 bits.
template <class Entries>
TINYSPARSE_INLINE void sparse_list_assembly(const int8_t* input, Entries& entries, int16_t& sum) {
    __asm__ volatile(
        "2: lpm r22, Z+\n bst r22, 7\n andi r22, 127\n mov r23, r22\n subi r22, -3\n lsr r22\n lsr r22\n"
        " sbrc r23, 1\n rjmp 3f\n sbrc r23, 0\n rjmp 8f\n brne 5f\n rjmp 9f\n3: sbrs r23, 0\n rjmp 7f\n rjmp 6f\n"
        "5:\n" TINYSPARSE_ASM_ONE_ENTRY("%A[sum]", "%B[sum]")
        "6:\n" TINYSPARSE_ASM_ONE_ENTRY("%A[sum]", "%B[sum]")
        "7:\n" TINYSPARSE_ASM_ONE_ENTRY("%A[sum]", "%B[sum]")
        "8:\n" TINYSPARSE_ASM_ONE_ENTRY("%A[sum]", "%B[sum]") " dec r22\n brne 5b\n"
        "9: .if %[kind] == 0\n brts 2b\n .else\n brtc 4f\n rjmp 2b\n .endif\n4: clr r1\n" TINYSPARSE_ASM_LONG
        : "+z"(entries.at), "+x"(input), [sum] "+&r"(sum)
        : [zero] "l"(uint8_t(0)), [kind] "n"(Entries::kind)
        : "r0", "r22", "r23", "r24", "r25", "memory");
}

/// One input row times the lists of `outputs` outputs, at least one.
template <class Entries>
TINYSPARSE_INLINE void sparse_row_assembly(const int8_t* input, uint8_t outputs, Entries& entries, int32_t* sums) {
    __asm__ volatile(
        " push r28\n push r29\n movw r28, r26\n"
        "1: movw r26, %[input]\n clr r20\n clr r21\n"
        "2:\n" TINYSPARSE_ASM_HEADER
        "4:\n" TINYSPARSE_ASM_ONE_ENTRY("r20", "r21")
        "5:\n" TINYSPARSE_ASM_ONE_ENTRY("r20", "r21") " dec r22\n brne 4b\n"
        "6: mov r23, r21\n lsl r23\n sbc r23, r23\n"
        " ld r24, Y\n add r24, r20\n st Y+, r24\n ld r24, Y\n adc r24, r21\n st Y+, r24\n"
        " ld r24, Y\n adc r24, r23\n st Y+, r24\n ld r24, Y\n adc r24, r23\n st Y+, r24\n"
        " brtc 7f\n sbiw r28, 4\n clr r20\n clr r21\n rjmp 2b\n"
        "7: dec %[outputs]\n breq 8f\n rjmp 1b\n8: pop r29\n pop r28\n clr r1\n" TINYSPARSE_ASM_LONG
        : "+z"(entries.at), "+x"(sums), [outputs] "+&l"(outputs)
        : [input] "l"(input), [zero] "l"(uint8_t(0)), [kind] "n"(Entries::kind)
        : "r0", "r20", "r21", "r22", "r23", "r24", "r25", "memory");
}

// Positions are `step` bytes apart; the pointer is already one past the first value.
#define TINYSPARSE_ASM_SPARSE_POSITION(position)                                                                       \
    " .if " #position " < %[block]\n .if " #position " * %[step] - 1 - tsp_base > 63\n"                                \
    "  subi r28, lo8(tsp_base - (" #position " * %[step] - 1))\n"                                                      \
    "  sbci r29, hi8(tsp_base - (" #position " * %[step] - 1))\n"                                                      \
    "  .set tsp_base, " #position " * %[step] - 1\n .endif\n"                                                          \
    " ldd r25, Y + " #position " * %[step] - 1 - tsp_base\n"                                                           \
    " muls r24, r25\n add %A[s" #position "], r0\n adc %B[s" #position "], r1\n .endif\n"
#define TINYSPARSE_ASM_BLOCK_ENTRY                                                                                     \
    TINYSPARSE_ASM_SKIP("r28", "r29") TINYSPARSE_ASM_ENTRY_WEIGHT                                                      \
    " .set tsp_base, 0\n ld r25, Y+\n muls r24, r25\n add %A[s0], r0\n adc %B[s0], r1\n"                               \
    TINYSPARSE_ASM_SPARSE_POSITION(1) TINYSPARSE_ASM_SPARSE_POSITION(2) TINYSPARSE_ASM_SPARSE_POSITION(3)              \
    TINYSPARSE_ASM_SPARSE_POSITION(4) TINYSPARSE_ASM_SPARSE_POSITION(5)                                                \
    " .if tsp_base != 0\n subi r28, lo8(tsp_base)\n sbci r29, hi8(tsp_base)\n .endif\n"

/// The lists of one output over `count` rows, at least one, at a block of positions:
/// each row is read `offset` bytes further on.
template <class Geometry, bool large = (Geometry::block > 4)> struct SparseBlockAssembly;
// The two versions differ in the registers for the count of rows and a zero: sums of six positions and the offset take
// r2 ... r15.
#define TINYSPARSE_ASM_TWO_SUMS [s4] "+&l"(sum_or<4>(sums, none)), [s5] "+&l"(sum_or<5>(sums, none)),
#define TINYSPARSE_ASM_NO_SUMS [s4] "n"(0), [s5] "n"(0),
#define TINYSPARSE_ASM_NO_OPERANDS
#define TINYSPARSE_ASM_SPARSE_BLOCK_KERNEL(is_large, place, outputs, inputs)                                           \
    template <class Geometry> struct SparseBlockAssembly<Geometry, is_large> {                                         \
        static TINYSPARSE_INLINE void run(const int8_t* const* rows, uint8_t count, uint16_t offset,                   \
                                          typename Geometry::Entries& entries,                                         \
                                          Sums<int16_t, Geometry::block>& sums) {                                      \
            int16_t none = 0;                                                                                          \
            __asm__ volatile(                                                                                          \
                " push r28\n push r29\n"                                                                               \
                "1: ld r28, X+\n ld r29, X+\n add r28, %A[offset]\n adc r29, %B[offset]\n"                             \
                "2:\n" TINYSPARSE_ASM_HEADER                                                                           \
                "4:\n" TINYSPARSE_ASM_BLOCK_ENTRY "5:\n" TINYSPARSE_ASM_BLOCK_ENTRY                                     \
                " dec r22\n breq 6f\n rjmp 4b\n6: brtc 8f\n rjmp 2b\n"                                                 \
                "8: dec %[rows]\n breq 7f\n rjmp 1b\n7: pop r29\n pop r28\n clr r1\n"                                 \
                TINYSPARSE_ASM_LONG                                                                                    \
                : [s0] "+&l"(sum_or<0>(sums, none)), [s1] "+&l"(sum_or<1>(sums, none)),                                  \
                  [s2] "+&l"(sum_or<2>(sums, none)), [s3] "+&l"(sum_or<3>(sums, none)),                                  \
                  outputs [rows] "+&" place(count), "+z"(entries.at), "+x"(rows)                                        \
                : inputs [offset] "l"(offset), [zero] place(uint8_t(0)), [kind] "n"(Geometry::Entries::kind),          \
                  [block] "n"(Geometry::block), [step] "n"(Geometry::in_channels * Geometry::stride)                   \
                : "r0", "r22", "r23", "r24", "r25", "memory");                                                         \
        }                                                                                                              \
    };
TINYSPARSE_ASM_SPARSE_BLOCK_KERNEL(false, "l", TINYSPARSE_ASM_NO_OPERANDS, TINYSPARSE_ASM_NO_SUMS)
TINYSPARSE_ASM_SPARSE_BLOCK_KERNEL(true, "d", TINYSPARSE_ASM_TWO_SUMS, TINYSPARSE_ASM_NO_OPERANDS)

// clang-format on
#undef TINYSPARSE_ASM_20_LINES
#undef TINYSPARSE_ASM_LONG
#undef TINYSPARSE_ASM_SKIP
#undef TINYSPARSE_ASM_ENTRY_WEIGHT
#undef TINYSPARSE_ASM_HEADER
#undef TINYSPARSE_ASM_ONE_ENTRY
#undef TINYSPARSE_ASM_SPARSE_POSITION
#undef TINYSPARSE_ASM_BLOCK_ENTRY
#undef TINYSPARSE_ASM_TWO_SUMS
#undef TINYSPARSE_ASM_NO_SUMS
#undef TINYSPARSE_ASM_NO_OPERANDS
#undef TINYSPARSE_ASM_SPARSE_BLOCK_KERNEL
#endif

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
