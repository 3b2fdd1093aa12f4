// SPDX-License-Identifier: Apache-2.0
// The innermost loops in AVR assembly, for sums of 16 bits. Each has a twin in C++ beside the kernel that uses it, with
// the same results. TINYSPARSE_NO_ASM chooses the twins everywhere; chips without `muls` have only the twins.
//
// avr-gcc clears r1 after every product and walks pointers that have no offsets, so a product costs it 6 to 9 cycles;
// here it is muls, add, adc: 4. The text of each loop is written once. The assembler repeats it for kernel width,
// stride and block (.rept, .if), with constants of the geometry as operands. Registers that depend on those are written
// as expressions. Sums are operands in r2 ... r15, so that the compiler keeps them in registers.
#ifndef TINYSPARSE_1_0_MCU_ASSEMBLY_HPP
#define TINYSPARSE_1_0_MCU_ASSEMBLY_HPP
#include "port.hpp"
#include "sums.hpp"
#include "weights.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// A reader's state as operands; a reader of 8 bits holds nothing back.
template <class Reader> struct ReaderState {
    /// Unread weights of the last byte.
    static TINYSPARSE_INLINE uint8_t& held(Reader& reader, uint8_t&) { return reader.held; }
    /// Number of unread weights.
    static TINYSPARSE_INLINE uint8_t& left(Reader& reader, uint8_t&) { return reader.left; }
};
template <> struct ReaderState<WeightReader<8>> {
    static TINYSPARSE_INLINE uint8_t& held(WeightReader<8>&, uint8_t& none) { return none; }
    static TINYSPARSE_INLINE uint8_t& left(WeightReader<8>&, uint8_t& none) { return none; }
};
/// Sum i of a group, or an unused value if the group has fewer sums.
template <uint8_t i, class Sum, uint8_t count> TINYSPARSE_INLINE Sum& sum_or(Sums<Sum, count>& sums, Sum& none) {
    return i < count ? sums.value[i < count ? i : 0] : none;
}

#if TINYSPARSE_ASSEMBLY
// clang-format would lay out strings of assembly as if they were sums.
// clang-format off

// gcc estimates the length of assembly from its number of lines; these lines stand for the text that .rept adds.
#define TINYSPARSE_ASM_20_LINES "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
#define TINYSPARSE_ASM_LONG                                                                                            \
    TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES
// The next weight into a register, as in WeightReader::next.
#define TINYSPARSE_ASM_WEIGHT(target)                                                                                  \
    " .if %[bits] == 8\n lpm " target ", Z+\n .else\n"                                                                 \
    " dec %[left]\n brpl 8f\n lpm %[held], Z+\n clr %[left]\n"                                                         \
    " .rept 8 / %[bits] - 1\n inc %[left]\n .endr\n"                                                                   \
    "8: mov " target ", %[held]\n"                                                                                     \
    " .if %[bits] == 4\n swap %[held]\n andi " target ", 15\n subi " target ", 8\n"                                    \
    " .else\n lsr %[held]\n lsr %[held]\n andi " target ", 3\n dec " target "\n .endif\n .endif\n"
// Two weights of 4 bits in the same byte.
#define TINYSPARSE_ASM_TWO_WEIGHTS(low, high)                                                                          \
    " lpm " low ", Z+\n mov " high ", " low "\n swap " high "\n andi " low ", 15\n andi " high ", 15\n"                \
    " subi " low ", 8\n subi " high ", 8\n"
#define TINYSPARSE_ASM_ADD(sum, one, other)                                                                            \
    " muls " one ", " other "\n add %A[" sum "], r0\n adc %B[" sum "], r1\n"
// Moves Y so that `distance` from its base is within reach of ldd.
#define TINYSPARSE_ASM_REACH(distance)                                                                                 \
    " .if (" distance ") - tsp_base > 63\n"                                                                            \
    "  subi r28, lo8(tsp_base - (" distance "))\n sbci r29, hi8(tsp_base - (" distance "))\n"                          \
    "  .set tsp_base, " distance "\n .endif\n"
// The product of input value tsp_tap for one position, if the kernel over that position reads this value.
#define TINYSPARSE_ASM_PRODUCT(position)                                                                               \
    " .if tsp_tap >= " #position " * %[stride] && tsp_tap < " #position " * %[stride] + %[width] && " #position        \
    " < %[block]\n" TINYSPARSE_ASM_ADD("s" #position, "16 + tsp_tap - " #position " * %[stride]", "16 + %[width]")     \
    " .endif\n"
// Kernel row after kernel row, and in each one channel after the other. Weights are in r16 ..., followed by the value
// and a counter. Values that may lie outside the row are skipped if their bit in `flags` is 0, those on the left first.
#define TINYSPARSE_ASM_WINDOW                                                                                          \
    " push r28\n push r29\n"                                                                                           \
    "1: ld r28, X+\n ld r29, X+\n add r28, %A[offset]\n adc r29, %B[offset]\n"                                         \
    " .if %[depth] > 1\n ldi 17 + %[width], %[depth]\n .endif\n"                                                       \
    "2:\n .set tsp_tap, 0\n .rept %[width]\n" TINYSPARSE_ASM_WEIGHT("16 + tsp_tap")                                    \
    " .set tsp_tap, tsp_tap + 1\n .endr\n .set tsp_tap, 0\n .set tsp_base, 0\n .rept %[taps]\n"                        \
    TINYSPARSE_ASM_REACH("tsp_tap * %[channels]")                                                                      \
    " .if tsp_tap < %[before]\n sbrs %[flags], tsp_tap\n rjmp 7f\n"                                                    \
    " .elseif tsp_tap >= %[taps] - %[after]\n sbrs %[flags], %[before] + %[after] - %[taps] + tsp_tap\n rjmp 7f\n"     \
    " .endif\n ldd 16 + %[width], Y + tsp_tap * %[channels] - tsp_base\n"                                              \
    TINYSPARSE_ASM_PRODUCT(0) TINYSPARSE_ASM_PRODUCT(1) TINYSPARSE_ASM_PRODUCT(2) TINYSPARSE_ASM_PRODUCT(3)            \
    "7: .set tsp_tap, tsp_tap + 1\n .endr\n"                                                                           \
    " .if %[depth] > 1\n subi r28, lo8(tsp_base - 1)\n sbci r29, hi8(tsp_base - 1)\n"                                  \
    " dec 17 + %[width]\n breq 3f\n rjmp 2b\n3:\n .endif\n"                                                            \
    " dec %[rows]\n breq 4f\n rjmp 1b\n4: pop r29\n pop r28\n clr r1\n" TINYSPARSE_ASM_LONG

// In all of these, written operands are marked as early (&). Otherwise gcc would put an operand that is only read in
// the same register if both begin with the same value, such as a flag and the state of a reader of weights.

/// All products of one output at a block of positions: `count` rows of the input from `rows` on, each read `offset`
/// bytes further on. depth at most 255.
template <class Geometry, bool large = (Geometry::kernel_width > 3)> struct WindowAssembly;
// The two versions differ in the registers that they need.
#define TINYSPARSE_ASM_WINDOW_KERNEL(is_large, ...)                                                                    \
    template <class Geometry> struct WindowAssembly<Geometry, is_large> {                                              \
        static TINYSPARSE_INLINE void run(const int8_t* const* rows, uint8_t count, uint16_t offset, uint8_t flags,    \
                                          typename Geometry::Reader& reader,                                           \
                                          Sums<int16_t, Geometry::block>& sums) {                                      \
            typedef ReaderState<typename Geometry::Reader> State;                                                      \
            int16_t none = 0;                                                                                          \
            uint8_t no_state = 0;                                                                                      \
            __asm__ volatile(TINYSPARSE_ASM_WINDOW                                                                     \
                             : [s0] "+&l"(sum_or<0>(sums, none)), [s1] "+&l"(sum_or<1>(sums, none)),                     \
                               [s2] "+&l"(sum_or<2>(sums, none)), [s3] "+&l"(sum_or<3>(sums, none)),                     \
                               [held] "+&l"(State::held(reader, no_state)), [left] "+&l"(State::left(reader, no_state)), \
                               [rows] "+&l"(count), "+&z"(reader.at), "+x"(rows)                                         \
                             : [offset] "l"(offset), [flags] "l"(flags), [bits] "n"(Geometry::Reader::bits),           \
                               [stride] "n"(Geometry::stride), [width] "n"(Geometry::kernel_width),                    \
                               [block] "n"(Geometry::block), [depth] "n"(Geometry::depth),                             \
                               [channels] "n"(Geometry::in_channels), [before] "n"(Geometry::pad_left),                \
                               [after] "n"(Geometry::pad_right),                                                       \
                               [taps] "n"((Geometry::block - 1) * Geometry::stride + Geometry::kernel_width)           \
                             : "r0", __VA_ARGS__, "memory");                                                           \
        }                                                                                                              \
    };
TINYSPARSE_ASM_WINDOW_KERNEL(false, "r16", "r17", "r18", "r19", "r20")
TINYSPARSE_ASM_WINDOW_KERNEL(true, "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24")

#define TINYSPARSE_ASM_TWO_PRODUCTS(position)                                                                          \
    " .if tsp_tap == " #position "\n" TINYSPARSE_ASM_ADD("s" #position, "r24", "r22")                                  \
    TINYSPARSE_ASM_ADD("t" #position, "r25", "r22") " .endif\n"

/// A pointwise layer, two outputs at once: `input` is the first channel of the block's first position.
template <class Geometry>
TINYSPARSE_INLINE void pointwise_assembly(const int8_t* input, typename Geometry::Reader& reader,
                                          Sums<int16_t, Geometry::block>& one, Sums<int16_t, Geometry::block>& other) {
    typedef ReaderState<typename Geometry::Reader> State;
    int16_t none = 0;
    uint8_t no_state = 0;
    __asm__ volatile(
        " push r28\n push r29\n movw r28, r26\n ldi r23, %[depth]\n"
        "2:\n .if %[bits] == 4\n" TINYSPARSE_ASM_TWO_WEIGHTS("r24", "r25")
        " .else\n" TINYSPARSE_ASM_WEIGHT("r24") TINYSPARSE_ASM_WEIGHT("r25") " .endif\n"
        " .set tsp_tap, 0\n .set tsp_base, 0\n .rept %[block]\n"
        TINYSPARSE_ASM_REACH("tsp_tap * %[channels] * %[stride]")
        " ldd r22, Y + tsp_tap * %[channels] * %[stride] - tsp_base\n"
        TINYSPARSE_ASM_TWO_PRODUCTS(0) TINYSPARSE_ASM_TWO_PRODUCTS(1) TINYSPARSE_ASM_TWO_PRODUCTS(2)
        TINYSPARSE_ASM_TWO_PRODUCTS(3)
        " .set tsp_tap, tsp_tap + 1\n .endr\n subi r28, lo8(tsp_base - 1)\n sbci r29, hi8(tsp_base - 1)\n"
        " dec r23\n breq 3f\n rjmp 2b\n3: pop r29\n pop r28\n clr r1\n" TINYSPARSE_ASM_LONG
        : [s0] "+&l"(sum_or<0>(one, none)), [s1] "+&l"(sum_or<1>(one, none)), [s2] "+&l"(sum_or<2>(one, none)),
          [s3] "+&l"(sum_or<3>(one, none)), [t0] "+&l"(sum_or<0>(other, none)), [t1] "+&l"(sum_or<1>(other, none)),
          [t2] "+&l"(sum_or<2>(other, none)), [t3] "+&a"(sum_or<3>(other, none)),
          [held] "+&a"(State::held(reader, no_state)), [left] "+&a"(State::left(reader, no_state)), "+&z"(reader.at),
          "+&x"(input)
        : [bits] "n"(Geometry::Reader::bits), [stride] "n"(Geometry::stride), [block] "n"(Geometry::block),
          [depth] "n"(Geometry::depth), [channels] "n"(Geometry::in_channels)
        : "r0", "r22", "r23", "r24", "r25", "memory");
}

#define TINYSPARSE_ASM_OUTPUT(output)                                                                                  \
    " .if " #output " < %[block]\n" TINYSPARSE_ASM_WEIGHT("r25")                                                       \
    TINYSPARSE_ASM_ADD("s" #output, "r25", "r24") " .endif\n"
#define TINYSPARSE_ASM_TWO_OUTPUTS(output, next)                                                                       \
    " .if " #output " < %[block]\n" TINYSPARSE_ASM_TWO_WEIGHTS("r25", "r23")                                           \
    TINYSPARSE_ASM_ADD("s" #output, "r25", "r24") TINYSPARSE_ASM_ADD("s" #next, "r23", "r24") " .endif\n"

/// `block` outputs of a dense layer over count * unroll inputs, at least one. A count of 8 bits is one cycle faster
/// than one of 16. paired: weights of 4 bits, where each byte belongs to two outputs of the block.
template <class Reader, uint8_t block, bool paired, uint8_t unroll, class Count>
TINYSPARSE_INLINE void dense_assembly(const int8_t*& input, Count count, Reader& reader,
                                      Sums<int16_t, block>& sums) {
    typedef ReaderState<Reader> State;
    int16_t none = 0;
    uint8_t no_state = 0;
    __asm__ volatile(
        "1:\n .rept %[unroll]\n ld r24, X+\n .if %[paired]\n"
        TINYSPARSE_ASM_TWO_OUTPUTS(0, 1) TINYSPARSE_ASM_TWO_OUTPUTS(2, 3) TINYSPARSE_ASM_TWO_OUTPUTS(4, 5)
        " .else\n"
        TINYSPARSE_ASM_OUTPUT(0) TINYSPARSE_ASM_OUTPUT(1) TINYSPARSE_ASM_OUTPUT(2) TINYSPARSE_ASM_OUTPUT(3)
        TINYSPARSE_ASM_OUTPUT(4) TINYSPARSE_ASM_OUTPUT(5) " .endif\n .endr\n"
        " .if %[wide]\n subi %A[count], 1\n sbci %B[count], 0\n .else\n dec %A[count]\n .endif\n"
        " .if %[bits] == 8\n brne 1b\n .else\n breq 3f\n rjmp 1b\n3:\n .endif\n clr r1\n" TINYSPARSE_ASM_LONG
        : [s0] "+&l"(sum_or<0>(sums, none)), [s1] "+&l"(sum_or<1>(sums, none)), [s2] "+&l"(sum_or<2>(sums, none)),
          [s3] "+&l"(sum_or<3>(sums, none)), [s4] "+&l"(sum_or<4>(sums, none)), [s5] "+&l"(sum_or<5>(sums, none)),
          [held] "+&l"(State::held(reader, no_state)), [left] "+&l"(State::left(reader, no_state)), [count] "+&a"(count),
          "+&z"(reader.at), "+&x"(input)
        : [bits] "n"(Reader::bits), [block] "n"(block), [paired] "n"(paired), [unroll] "n"(unroll), [wide] "n"(sizeof(Count) > 1)
        : "r0", "r23", "r24", "r25", "memory");
}
// From a sum to its value in the sum's high byte, as in requantise(): shift and lowest are constants. A shift by less
// than 8 becomes a left shift by the rest of 8; if that overflows, carry is the sum's sign.
#define TINYSPARSE_ASM_REQUANTISE(low, high)                                                                           \
    " .if %[shift] >= 8\n .rept %[shift] - 8\n asr " high "\n .endr\n .else\n"                                         \
    " .rept 7 - %[shift]\n lsl " low "\n rol " high "\n brvs 4f\n .endr\n lsl " low "\n rol " high "\n brvc 5f\n"      \
    "4: ldi r25, 127\n brcc 6f\n .if %[lowest] == 0\n clr r25\n .else\n inc r25\n .endif\n"                            \
    "6: mov " high ", r25\n5:\n .endif\n"                                                                              \
    " .if %[lowest] == 0\n sbrc " high ", 7\n clr " high "\n .endif\n"
// Stores a value `step` bytes after the one before it. Z is tsp_base bytes past its first value.
#define TINYSPARSE_ASM_STORE(position, low, high)                                                                      \
    " .if " #position " < %[block]\n" TINYSPARSE_ASM_REQUANTISE(low, high)                                             \
    " .if " #position " * %[step] - tsp_base > 63\n"                                                                   \
    "  subi r30, lo8(tsp_base - " #position " * %[step])\n sbci r31, hi8(tsp_base - " #position " * %[step])\n"        \
    "  .set tsp_base, " #position " * %[step]\n .endif\n"                                                              \
    " std Z + " #position " * %[step] - tsp_base, " high "\n .endif\n"

// Operands of kernels with blocks larger than four, and their replacements in other kernels.
#define TINYSPARSE_ASM_TWO_SUMS [s4] "+&l"(sum_or<4>(used, none)), [s5] "+&l"(sum_or<5>(used, none)),
#define TINYSPARSE_ASM_NO_SUMS [s4] "n"(0), [s5] "n"(0),
#define TINYSPARSE_ASM_NO_OPERANDS

/// Requantises the sums of a block and stores them `outputs` bytes apart.
template <class Geometry, bool large = (Geometry::block > 4)> struct StoreAssembly;
#define TINYSPARSE_ASM_STORE_KERNEL(is_large, more_sums, inputs)                                                       \
    template <class Geometry> struct StoreAssembly<Geometry, is_large> {                                               \
        static TINYSPARSE_INLINE void run(const Sums<int16_t, Geometry::block>& sums, int8_t* target) {                \
            Sums<int16_t, Geometry::block> used = sums;                                                                \
            int16_t none = 0;                                                                                          \
            __asm__ volatile(" .set tsp_base, 0\n"                                                                     \
                             TINYSPARSE_ASM_STORE(0, "%A[s0]", "%B[s0]") TINYSPARSE_ASM_STORE(1, "%A[s1]", "%B[s1]")   \
                             TINYSPARSE_ASM_STORE(2, "%A[s2]", "%B[s2]") TINYSPARSE_ASM_STORE(3, "%A[s3]", "%B[s3]")   \
                             TINYSPARSE_ASM_STORE(4, "%A[s4]", "%B[s4]") TINYSPARSE_ASM_STORE(5, "%A[s5]", "%B[s5]")   \
                             : [s0] "+&l"(sum_or<0>(used, none)), [s1] "+&l"(sum_or<1>(used, none)),                     \
                               [s2] "+&l"(sum_or<2>(used, none)), [s3] "+&l"(sum_or<3>(used, none)),                     \
                               more_sums "+&z"(target)                                                                  \
                             : inputs [block] "n"(Geometry::block), [step] "n"(Geometry::outputs),                     \
                               [shift] "n"(Geometry::shift), [lowest] "n"(Geometry::lowest)                            \
                             : "r25", "memory");                                                                       \
        }                                                                                                              \
    };
TINYSPARSE_ASM_STORE_KERNEL(false, TINYSPARSE_ASM_NO_OPERANDS, TINYSPARSE_ASM_NO_SUMS)
TINYSPARSE_ASM_STORE_KERNEL(true, TINYSPARSE_ASM_TWO_SUMS, TINYSPARSE_ASM_NO_OPERANDS)

// Input values of one kernel row, whose pointer is in two registers, times its weights, which wait in r16 ... Over one
// channel the pointer walks: values left of the row are read as well, and not used.
#define TINYSPARSE_ASM_LINE_PRODUCT(row, position, sum)                                                                \
    " .if tsp_tap >= " #position " * %[stride] && tsp_tap < " #position " * %[stride] + 3 && " #position               \
    " < %[block]\n muls 16 + 3 * " #row " + tsp_tap - " #position " * %[stride], r25\n"                                \
    " add " #sum ", r0\n adc " #sum " + 1, r1\n .endif\n"
#define TINYSPARSE_ASM_LINE_ROW(row, pointer, mask)                                                                    \
    " movw r28, " pointer "\n" mask " .set tsp_tap, 0\n .set tsp_base, 0\n .rept %[taps]\n"                            \
    " .if %[channels] == 1 && tsp_tap < %[block] * %[stride]\n ld r25, Y+\n .set tsp_base, tsp_tap + 1\n .endif\n"     \
    " .if tsp_tap < %[before]\n sbrc r15, 7\n rjmp 7f\n"                                                               \
    " .elseif tsp_tap >= %[taps] - %[after]\n sbrc r15, 6\n rjmp 7f\n .endif\n"                                        \
    " .if tsp_base <= tsp_tap * %[channels]\n" TINYSPARSE_ASM_REACH("tsp_tap * %[channels]")                           \
    " ldd r25, Y + tsp_tap * %[channels] - tsp_base\n .endif\n"                                                        \
    TINYSPARSE_ASM_LINE_PRODUCT(row, 0, 2) TINYSPARSE_ASM_LINE_PRODUCT(row, 1, 4)                                      \
    TINYSPARSE_ASM_LINE_PRODUCT(row, 2, 6) TINYSPARSE_ASM_LINE_PRODUCT(row, 3, 8)                                      \
    "7: .set tsp_tap, tsp_tap + 1\n .endr\n"                                                                           \
    " .if tsp_base != %[block] * %[stride] * %[channels]\n"                                                            \
    " subi r28, lo8(tsp_base - %[block] * %[stride] * %[channels])\n"                                                  \
    " sbci r29, hi8(tsp_base - %[block] * %[stride] * %[channels])\n .endif\n movw " pointer ", r28\n"
#define TINYSPARSE_ASM_LINE_BACK(pointer)                                                                              \
    " movw r28, " pointer "\n subi r28, lo8(%[overlap] * %[stride] * %[channels])\n"                                   \
    " sbci r29, hi8(%[overlap] * %[stride] * %[channels])\n movw " pointer ", r28\n"

/// Data of one output of a 3x3 kernel over one channel: the reader's state, and the place of its line.
struct LineState {
    const uint8_t* weights;
    uint8_t held, left;
    uint8_t absent; ///< Bit 0: the first kernel row meets no input, bit 1: the last.
    const int8_t* rows[3];
    int16_t start;
    int8_t* target;
};

/// One output of a 3x3 kernel over one channel at all positions of a row, requantised and stored `outputs` bytes apart.
/// All nine weights stay in registers, and so does everything else except the count of blocks, which is on the stack.
/// Bit 7 of the last row pointer marks the first block, bit 6 the last one; the chip has no memory at such addresses.
/// Only those blocks have values outside the row, at most one on each side.
template <class Geometry> TINYSPARSE_INLINE void line_assembly(LineState& state) {
    typedef typename Geometry::Reader Reader;
    static constexpr uint8_t blocks = uint8_t((Geometry::width + Geometry::block - 1) / Geometry::block);
    LineState* pointer = &state;
    __asm__ volatile(
        " push r28\n push r29\n ld r30, X+\n ld r31, X+\n"
        " .if %[bits] < 8\n ld r2, X+\n ld r3, X\n sbiw r26, 1\n .endif\n"
        " .set tsp_weight, 0\n .rept 9\n" TINYSPARSE_ASM_WEIGHT("16 + tsp_weight")
        " .set tsp_weight, tsp_weight + 1\n .endr\n"
        " .if %[bits] < 8\n st X+, r2\n st X, r3\n sbiw r26, 1\n .endif\n st -X, r31\n st -X, r30\n"
        " .if %[clipped]\n adiw r26, 4\n ld r25, X+\n sbrs r25, 0\n rjmp 1f\n clr r16\n clr r17\n clr r18\n"
        "1: sbrs r25, 1\n rjmp 1f\n clr r22\n clr r23\n clr r24\n1:\n .else\n adiw r26, 5\n .endif\n"
        " ld r10, X+\n ld r11, X+\n ld r12, X+\n ld r13, X+\n ld r14, X+\n ld r15, X+\n ld r0, X+\n ld r1, X+\n"
        " ld r30, X+\n ld r31, X+\n movw r26, r0\n"
        " .if %[before] > 0\n ldi r25, 0x80\n or r15, r25\n .endif\n"
        " .if %[after] > 0 && %[blocks] == 1\n ldi r25, 0x40\n or r15, r25\n .endif\n ldi r25, %[blocks]\n"
        "1: push r25\n movw r2, r26\n movw r4, r26\n movw r6, r26\n movw r8, r26\n"
        TINYSPARSE_ASM_LINE_ROW(0, "r10", "") TINYSPARSE_ASM_LINE_ROW(1, "r12", "")
        TINYSPARSE_ASM_LINE_ROW(2, "r14", " .if %[before] + %[after] > 0\n andi r29, 0x3f\n .endif\n")
        " .set tsp_base, 0\n" TINYSPARSE_ASM_STORE(0, "r2", "r3") TINYSPARSE_ASM_STORE(1, "r4", "r5")
        TINYSPARSE_ASM_STORE(2, "r6", "r7") TINYSPARSE_ASM_STORE(3, "r8", "r9")
        " subi r30, lo8(tsp_base - %[block] * %[step])\n sbci r31, hi8(tsp_base - %[block] * %[step])\n"
        " pop r25\n dec r25\n breq 3f\n"
        " .if %[overlap] + %[after] > 0\n cpi r25, 1\n brne 2f\n .endif\n"
        " .if %[overlap] > 0\n"
        TINYSPARSE_ASM_LINE_BACK("r10") TINYSPARSE_ASM_LINE_BACK("r12") TINYSPARSE_ASM_LINE_BACK("r14")
        " subi r30, lo8(%[overlap] * %[step])\n sbci r31, hi8(%[overlap] * %[step])\n .endif\n"
        " .if %[after] > 0\n set\n bld r15, 6\n .endif\n"
        "2: rjmp 1b\n3: pop r29\n pop r28\n clr r1\n" TINYSPARSE_ASM_LONG TINYSPARSE_ASM_LONG
        : "+&x"(pointer)
        : [bits] "n"(Reader::bits), [held] "n"(2), [left] "n"(3), [stride] "n"(Geometry::stride),
          [block] "n"(Geometry::block), [channels] "n"(Geometry::in_channels), [before] "n"(Geometry::pad_left),
          [after] "n"(Geometry::pad_right), [taps] "n"((Geometry::block - 1) * Geometry::stride + 3),
          [blocks] "n"(blocks), [overlap] "n"(blocks * Geometry::block - Geometry::width),
          [step] "n"(Geometry::outputs), [shift] "n"(Geometry::shift), [lowest] "n"(Geometry::lowest),
          [clipped] "n"(Geometry::pad_top > 0 || (Geometry::rows - 1) * Geometry::stride + 3 > Geometry::in_height)
        : "r0", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17",
          "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r30", "r31", "memory");
}

#define TINYSPARSE_ASM_PAIR_PRODUCTS(position, sum, other)                                                              \
    " .if " #position " < %[block]\n"                                                                                  \
    TINYSPARSE_ASM_REACH(#position " * %[channels] * %[stride]")                                                       \
    " ldd r22, Y + " #position " * %[channels] * %[stride] + tsp_channel - tsp_base\n"                                 \
    " muls r24, r22\n add " #sum ", r0\n adc " #sum " + 1, r1\n"                                                       \
    " muls r25, r22\n add " #other ", r0\n adc " #other " + 1, r1\n .endif\n"

/// Data of two outputs of a pointwise layer for all positions of a row.
struct PairState {
    const uint8_t* weights;
    const int8_t* input;
    int8_t* target;
    int16_t start, other_start;
};

/// Two outputs of a pointwise layer at all positions of a row, requantised and stored `outputs` bytes apart. Weights of
/// 8 or 4 bits. The sums are in r2 ... r17, the count of blocks is on the stack.
template <class Geometry> TINYSPARSE_INLINE void pair_assembly(PairState& state) {
    static constexpr uint8_t blocks = uint8_t((Geometry::width + Geometry::block - 1) / Geometry::block);
    static constexpr uint8_t unroll =
        Geometry::depth % 2 == 0 && (Geometry::block - 1) * Geometry::in_channels * Geometry::stride < 63 ? 2 : 1;
    PairState* pointer = &state;
    __asm__ volatile(
        " push r28\n push r29\n ld r30, X+\n ld r31, X+\n ld r28, X+\n ld r29, X+\n ld r0, X+\n ld r1, X+\n"
        " ld r18, X+\n ld r19, X+\n ld r20, X+\n ld r21, X+\n movw r26, r0\n ldi r25, %[blocks]\n"
        "1: push r25\n movw r2, r18\n movw r4, r18\n movw r6, r18\n movw r8, r18\n"
        " movw r10, r20\n movw r12, r20\n movw r14, r20\n movw r16, r20\n ldi r23, %[depth] / %[unroll]\n"
        "2:\n .set tsp_channel, 0\n .set tsp_base, 0\n .rept %[unroll]\n"
        " .if %[bits] == 4\n" TINYSPARSE_ASM_TWO_WEIGHTS("r24", "r25")
        " .else\n lpm r24, Z+\n lpm r25, Z+\n .endif\n"
        TINYSPARSE_ASM_PAIR_PRODUCTS(0, 2, 10) TINYSPARSE_ASM_PAIR_PRODUCTS(1, 4, 12)
        TINYSPARSE_ASM_PAIR_PRODUCTS(2, 6, 14) TINYSPARSE_ASM_PAIR_PRODUCTS(3, 8, 16)
        " .set tsp_channel, tsp_channel + 1\n .endr\n"
        " .if %[bits] == 8 && tsp_base == 0\n adiw r28, %[unroll]\n dec r23\n brne 2b\n .else\n"
        " subi r28, lo8(tsp_base - %[unroll])\n sbci r29, hi8(tsp_base - %[unroll])\n dec r23\n breq 3f\n rjmp 2b\n"
        " .endif\n"
        "3: movw r0, r30\n movw r30, r26\n .set tsp_base, 0\n"
        TINYSPARSE_ASM_STORE(0, "r2", "r3") TINYSPARSE_ASM_STORE(1, "r4", "r5")
        TINYSPARSE_ASM_STORE(2, "r6", "r7") TINYSPARSE_ASM_STORE(3, "r8", "r9")
        " subi r30, lo8(tsp_base - 1)\n sbci r31, hi8(tsp_base - 1)\n .set tsp_base, 0\n"
        TINYSPARSE_ASM_STORE(0, "r10", "r11") TINYSPARSE_ASM_STORE(1, "r12", "r13")
        TINYSPARSE_ASM_STORE(2, "r14", "r15") TINYSPARSE_ASM_STORE(3, "r16", "r17")
        " subi r30, lo8(tsp_base + 1 - %[block] * %[step])\n sbci r31, hi8(tsp_base + 1 - %[block] * %[step])\n"
        " movw r26, r30\n movw r30, r0\n"
        " subi r30, lo8(%[depth] * %[bits] / 4)\n sbci r31, hi8(%[depth] * %[bits] / 4)\n"
        " subi r28, lo8(%[depth] - %[block] * %[stride] * %[channels])\n"
        " sbci r29, hi8(%[depth] - %[block] * %[stride] * %[channels])\n"
        " pop r25\n dec r25\n breq 3f\n"
        " .if %[overlap] > 0\n cpi r25, 1\n brne 2f\n"
        " subi r28, lo8(%[overlap] * %[stride] * %[channels])\n sbci r29, hi8(%[overlap] * %[stride] * %[channels])\n"
        " subi r26, lo8(%[overlap] * %[step])\n sbci r27, hi8(%[overlap] * %[step])\n .endif\n"
        "2: rjmp 1b\n3: pop r29\n pop r28\n clr r1\n" TINYSPARSE_ASM_LONG TINYSPARSE_ASM_LONG
        : "+&x"(pointer)
        : [bits] "n"(Geometry::Reader::bits), [stride] "n"(Geometry::stride), [block] "n"(Geometry::block),
          [channels] "n"(Geometry::in_channels), [depth] "n"(Geometry::depth), [unroll] "n"(unroll),
          [blocks] "n"(blocks), [overlap] "n"(blocks * Geometry::block - Geometry::width),
          [step] "n"(Geometry::outputs), [shift] "n"(Geometry::shift), [lowest] "n"(Geometry::lowest)
        : "r0", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17",
          "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r30", "r31", "memory");
}

// clang-format on
#undef TINYSPARSE_ASM_20_LINES
#undef TINYSPARSE_ASM_LONG
#undef TINYSPARSE_ASM_WEIGHT
#undef TINYSPARSE_ASM_TWO_WEIGHTS
#undef TINYSPARSE_ASM_ADD
#undef TINYSPARSE_ASM_REACH
#undef TINYSPARSE_ASM_PRODUCT
#undef TINYSPARSE_ASM_WINDOW
#undef TINYSPARSE_ASM_WINDOW_KERNEL
#undef TINYSPARSE_ASM_TWO_PRODUCTS
#undef TINYSPARSE_ASM_OUTPUT
#undef TINYSPARSE_ASM_TWO_OUTPUTS
#undef TINYSPARSE_ASM_REQUANTISE
#undef TINYSPARSE_ASM_STORE
#undef TINYSPARSE_ASM_TWO_SUMS
#undef TINYSPARSE_ASM_NO_SUMS
#undef TINYSPARSE_ASM_NO_OPERANDS
#undef TINYSPARSE_ASM_STORE_KERNEL
#undef TINYSPARSE_ASM_LINE_PRODUCT
#undef TINYSPARSE_ASM_LINE_ROW
#undef TINYSPARSE_ASM_LINE_BACK
#undef TINYSPARSE_ASM_PAIR_PRODUCTS
#endif

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
