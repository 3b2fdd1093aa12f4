// Written by cmake/DeviceHeaders.cmake from the headers themselves.
#include "device_headers.hpp"

std::vector<tinysparse::deploy::DeviceHeader> tinysparse::tools::device_headers() {
    return {
        {"tinysparse/mcu.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// All that a device needs: C++11 without a library, no heap, no virtual functions. Exported networks include this.
#ifndef TINYSPARSE_1_0_MCU_HPP
#define TINYSPARSE_1_0_MCU_HPP
#include "mcu/assembly.hpp"
#include "mcu/finish.hpp"
#include "mcu/gather.hpp"
#include "mcu/geometry.hpp"
#include "mcu/input.hpp"
#include "mcu/layer.hpp"
#include "mcu/line.hpp"
#include "mcu/port.hpp"
#include "mcu/requantise.hpp"
#include "mcu/sparse.hpp"
#include "mcu/sparse_assembly.hpp"
#include "mcu/straight.hpp"
#include "mcu/sums.hpp"
#include "mcu/weights.hpp"
#include "mcu/window.hpp"
#endif
)~~~"},
        {"tinysparse/mcu/assembly.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// The innermost loops in AVR assembly, for sums of 16 bits. Each has a twin in C++ beside the kernel that uses it, with
// the same results; TINYSPARSE_NO_ASM chooses the twins everywhere, and chips without `muls` have nothing else.
//
// avr-gcc clears r1 after every product and walks pointers that have no offsets, so a product costs it 6 to 9 cycles;
// here it is muls, add, adc: 4. The text of each loop is written once: the assembler repeats it for kernel width,
// stride and block (.rept, .if), constants of the geometry being operands. Registers are written as expressions where
// they depend on those. Sums are operands in r2 ... r15, so that the compiler keeps them in registers.
#ifndef TINYSPARSE_1_0_MCU_ASSEMBLY_HPP
#define TINYSPARSE_1_0_MCU_ASSEMBLY_HPP
#include "port.hpp"
#include "sums.hpp"
#include "weights.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// A reader's state as operands: one of 8 bits holds nothing back.
template <class Reader> struct ReaderState {
    static TINYSPARSE_INLINE uint8_t& held(Reader& reader, uint8_t&) { return reader.held; }
    static TINYSPARSE_INLINE uint8_t& left(Reader& reader, uint8_t&) { return reader.left; }
};
template <> struct ReaderState<WeightReader<8>> {
    static TINYSPARSE_INLINE uint8_t& held(WeightReader<8>&, uint8_t& none) { return none; }
    static TINYSPARSE_INLINE uint8_t& left(WeightReader<8>&, uint8_t& none) { return none; }
};
/// Sum i of a group, or something nobody reads where the group has fewer.
template <uint8_t i, class Group> TINYSPARSE_INLINE int16_t& sum_or(Group& sums, int16_t& none) {
    return i < Group::size ? sums.value[i < Group::size ? i : 0] : none;
}

#if TINYSPARSE_ASSEMBLY
// It would lay out strings of assembly as if they were sums.
// clang-format off

// gcc takes an assembly text to be as long as its lines are many; these are for what .rept adds.
#define TINYSPARSE_ASM_20_LINES "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
#define TINYSPARSE_ASM_LONG                                                                                            \
    TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES
// The next weight into a register, as WeightReader::next does it.
#define TINYSPARSE_ASM_WEIGHT(target)                                                                                  \
    " .if %[bits] == 8\n lpm " target ", Z+\n .else\n"                                                                 \
    " dec %[left]\n brpl 8f\n lpm %[held], Z+\n clr %[left]\n"                                                         \
    " .rept 8 / %[bits] - 1\n inc %[left]\n .endr\n"                                                                   \
    "8: mov " target ", %[held]\n"                                                                                     \
    " .if %[bits] == 4\n swap %[held]\n andi " target ", 15\n subi " target ", 8\n"                                    \
    " .else\n lsr %[held]\n lsr %[held]\n andi " target ", 3\n dec " target "\n .endif\n .endif\n"
// Two weights of 4 bits that share a byte.
#define TINYSPARSE_ASM_TWO_WEIGHTS(low, high)                                                                          \
    " lpm " low ", Z+\n mov " high ", " low "\n swap " high "\n andi " low ", 15\n andi " high ", 15\n"                \
    " subi " low ", 8\n subi " high ", 8\n"
#define TINYSPARSE_ASM_ADD(sum, one, other)                                                                            \
    " muls " one ", " other "\n add %A[" sum "], r0\n adc %B[" sum "], r1\n"
// Y goes on to where `distance` from its base is within reach of ldd.
#define TINYSPARSE_ASM_REACH(distance)                                                                                 \
    " .if (" distance ") - tsp_base > 63\n"                                                                            \
    "  subi r28, lo8(tsp_base - (" distance "))\n sbci r29, hi8(tsp_base - (" distance "))\n"                          \
    "  .set tsp_base, " distance "\n .endif\n"
// The product of input value tsp_tap for one position, where the kernel over that position reads this value.
#define TINYSPARSE_ASM_PRODUCT(position)                                                                               \
    " .if tsp_tap >= " #position " * %[stride] && tsp_tap < " #position " * %[stride] + %[width] && " #position        \
    " < %[block]\n" TINYSPARSE_ASM_ADD("s" #position, "16 + tsp_tap - " #position " * %[stride]", "16 + %[width]")     \
    " .endif\n"
// Kernel row after kernel row, in each channel after channel. Weights stand in r16 ..., then the value and a counter.
// Values that may lie outside the row are skipped where their bit in `flags` is 0, those on the left first.
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

/// All products of one output at a block of positions: `count` rows of the input from `rows` on, each to be read
/// `offset` bytes further on. depth at most 255.
template <class Geometry, bool large = (Geometry::kernel_width > 3)> struct WindowAssembly;
// The two differ in the registers that they ask for.
#define TINYSPARSE_ASM_WINDOW_KERNEL(is_large, ...)                                                                    \
    template <class Geometry> struct WindowAssembly<Geometry, is_large> {                                              \
        static TINYSPARSE_INLINE void run(const int8_t* const* rows, uint8_t count, uint16_t offset, uint8_t flags,    \
                                          typename Geometry::Reader& reader,                                           \
                                          Sums<int16_t, Geometry::block>& sums) {                                      \
            typedef ReaderState<typename Geometry::Reader> State;                                                      \
            int16_t none = 0;                                                                                          \
            uint8_t no_state = 0;                                                                                      \
            __asm__ volatile(TINYSPARSE_ASM_WINDOW                                                                     \
                             : [s0] "+l"(sum_or<0>(sums, none)), [s1] "+l"(sum_or<1>(sums, none)),                     \
                               [s2] "+l"(sum_or<2>(sums, none)), [s3] "+l"(sum_or<3>(sums, none)),                     \
                               [held] "+l"(State::held(reader, no_state)), [left] "+l"(State::left(reader, no_state)), \
                               [rows] "+l"(count), "+z"(reader.at), "+x"(rows)                                         \
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
        : [s0] "+l"(sum_or<0>(one, none)), [s1] "+l"(sum_or<1>(one, none)), [s2] "+l"(sum_or<2>(one, none)),
          [s3] "+l"(sum_or<3>(one, none)), [t0] "+l"(sum_or<0>(other, none)), [t1] "+l"(sum_or<1>(other, none)),
          [t2] "+l"(sum_or<2>(other, none)), [t3] "+a"(sum_or<3>(other, none)),
          [held] "+a"(State::held(reader, no_state)), [left] "+a"(State::left(reader, no_state)), "+z"(reader.at),
          "+x"(input)
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

/// `block` outputs of a dense layer over count * unroll inputs, at least one; a count of 8 bits is a cycle faster than
/// one of 16. paired: weights of 4 bits, a byte of them always for two outputs of the block.
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
        : [s0] "+l"(sum_or<0>(sums, none)), [s1] "+l"(sum_or<1>(sums, none)), [s2] "+l"(sum_or<2>(sums, none)),
          [s3] "+l"(sum_or<3>(sums, none)), [s4] "+l"(sum_or<4>(sums, none)), [s5] "+l"(sum_or<5>(sums, none)),
          [held] "+l"(State::held(reader, no_state)), [left] "+l"(State::left(reader, no_state)), [count] "+a"(count),
          "+z"(reader.at), "+x"(input)
        : [bits] "n"(Reader::bits), [block] "n"(block), [paired] "n"(paired), [unroll] "n"(unroll), [wide] "n"(sizeof(Count) > 1)
        : "r0", "r23", "r24", "r25", "memory");
}
// From a sum to its value in the sum's high byte, as requantise(): shift and lowest are constants. A shift by less than
// 8 goes to the left by the rest of 8; where that overflows, carry is the sum's sign.
#define TINYSPARSE_ASM_REQUANTISE(low, high)                                                                           \
    " .if %[shift] >= 8\n .rept %[shift] - 8\n asr " high "\n .endr\n .else\n"                                         \
    " .rept 7 - %[shift]\n lsl " low "\n rol " high "\n brvs 4f\n .endr\n lsl " low "\n rol " high "\n brvc 5f\n"      \
    "4: ldi r25, 127\n brcc 6f\n .if %[lowest] == 0\n clr r25\n .else\n inc r25\n .endif\n"                            \
    "6: mov " high ", r25\n5:\n .endif\n"                                                                              \
    " .if %[lowest] == 0\n sbrc " high ", 7\n clr " high "\n .endif\n"
// Stores a value `step` bytes behind the one before it; Z is what it began as, or further on as tsp_base tells.
#define TINYSPARSE_ASM_STORE(position, low, high)                                                                      \
    " .if " #position " < %[block]\n" TINYSPARSE_ASM_REQUANTISE(low, high)                                             \
    " .if " #position " * %[step] - tsp_base > 63\n"                                                                   \
    "  subi r30, lo8(tsp_base - " #position " * %[step])\n sbci r31, hi8(tsp_base - " #position " * %[step])\n"        \
    "  .set tsp_base, " #position " * %[step]\n .endif\n"                                                              \
    " std Z + " #position " * %[step] - tsp_base, " high "\n .endif\n"

// What kernels of blocks larger than four have as operands, and what others have in their place.
#define TINYSPARSE_ASM_TWO_SUMS [s4] "+l"(sum_or<4>(used, none)), [s5] "+l"(sum_or<5>(used, none)),
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
                             : [s0] "+l"(sum_or<0>(used, none)), [s1] "+l"(sum_or<1>(used, none)),                     \
                               [s2] "+l"(sum_or<2>(used, none)), [s3] "+l"(sum_or<3>(used, none)),                     \
                               more_sums "+z"(target)                                                                  \
                             : inputs [block] "n"(Geometry::block), [step] "n"(Geometry::outputs),                     \
                               [shift] "n"(Geometry::shift), [lowest] "n"(Geometry::lowest)                            \
                             : "r25", "memory");                                                                       \
        }                                                                                                              \
    };
TINYSPARSE_ASM_STORE_KERNEL(false, TINYSPARSE_ASM_NO_OPERANDS, TINYSPARSE_ASM_NO_SUMS)
TINYSPARSE_ASM_STORE_KERNEL(true, TINYSPARSE_ASM_TWO_SUMS, TINYSPARSE_ASM_NO_OPERANDS)

// Input values of one kernel row, whose pointer is in two registers, times its weights, which wait in r16 ... Over one
// channel the pointer walks: what lies left of the row is read as well, and not used.
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

/// What an output of a 3x3 kernel over one channel needs: the reader's state, and where its line lies.
struct LineState {
    const uint8_t* weights;
    uint8_t held, left;
    uint8_t absent; ///< Bit 0: the first kernel row meets no input, bit 1: the last.
    const int8_t* rows[3];
    int16_t start;
    int8_t* target;
};

/// One output of a 3x3 kernel over one channel at all positions of a row, requantised and stored `outputs` bytes apart.
/// All nine weights stay in registers, and so does everything else but the count of blocks, which waits on the stack.
/// Bit 7 of the last row pointer says that a block is the first, bit 6 that it is the last, for no memory is up there:
/// only those blocks have values outside the row, at most one on each side.
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
        : "+x"(pointer)
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

/// What two outputs of a pointwise layer need at all positions of a row.
struct PairState {
    const uint8_t* weights;
    const int8_t* input;
    int8_t* target;
    int16_t start, other_start;
};

/// Two outputs of a pointwise layer at all positions of a row, requantised and stored `outputs` bytes apart. Weights of
/// 8 or 4 bits. The sums stand in r2 ... r17, the count of blocks on the stack.
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
        : "+x"(pointer)
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
)~~~"},
        {"tinysparse/mcu/finish.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// What follows the sums of an operation, for one output channel at a block of positions:
//   requantisation  y = clamp((s + 2^(shift-1)) >> shift)
//   residual sum    y = limited(round(y * 2^-own_shift) + round(r * 2^-residual_shift), lowest)
//   pooling         the maximum, or (sum * multiplier + 2^(shift-1)) >> shift over pool_height x pool_width
// and the store into the output's ring of rows. A maximum so far waits in the output itself, sums of an unfinished
// average in memory of their own. Leftover rows and columns of a pooling never get here.
//
// `cells` of a geometry: whole pools in a block, where blocks and pools keep step; then pools are made in registers,
// and of a maximum only the largest sum is requantised, since that keeps the order. 0: they do not keep step.
#ifndef TINYSPARSE_1_0_MCU_FINISH_HPP
#define TINYSPARSE_1_0_MCU_FINISH_HPP
#include "assembly.hpp"
#include "line.hpp"
#include "port.hpp"
#include "requantise.hpp"
#include "sums.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// Where a row of results goes. phase: its number within the pools.
template <class Geometry> struct RowTarget {
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
    const int8_t* residual;
    typename Geometry::Count phase;
};

/// Block after block of a row. The last one overlaps the one before it where the width is no multiple.
template <class Geometry> struct BlockWalk {
    typedef typename Geometry::Count Count;
    Count x;      ///< The block's first position.
    uint8_t done; ///< So many of its positions were in the block before it.

    /// False where there is no further block.
    TINYSPARSE_INLINE bool next(const Geometry& g) {
        if (Count(x + Geometry::block) >= g.width) return false;
        x = Count(x + Geometry::block);
        if (x > g.width - Geometry::block) {
            done = uint8_t(x - Count(g.width - Geometry::block));
            x = Count(g.width - Geometry::block);
        }
        return true;
    }
};

/// Where a block of the current output channel goes, from position x on.
/// done: so many of its positions were there before.
template <class Geometry> struct BlockTarget {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
    const int8_t* residual;
    Count column; ///< Of the first new position within its pool, where pools and blocks are out of step.
    uint8_t done;
    bool first_row, last_row; ///< Of the pools.

    TINYSPARSE_INLINE BlockTarget(const Geometry& g, const RowTarget<Geometry>& row, Count x, uint8_t positions_done)
        : output(row.output), pool_sums(row.pool_sums), residual(row.residual), column(0), done(positions_done),
          first_row(row.phase == 0), last_row(Count(row.phase + 1) == g.pool_height) {
        if (g.has_residual) residual += Size(Size(x) * g.outputs);
        Count cell = x;
        if (g.pooling != no_pooling) {
            if (Geometry::cells == 0) x = Count(x + done);
            cell = g.out_width == 1 ? Count(0) : Count(x / g.pool_width);
            column = Count(x - Count(cell * g.pool_width));
        }
        output += Size(Size(cell) * g.outputs);
        if (g.pooling == average_pooling) pool_sums += Size(Size(cell) * g.outputs);
    }
    TINYSPARSE_INLINE void next_output(const Geometry& g) {
        ++output;
        if (g.has_residual) ++residual;
        if (g.pooling == average_pooling) ++pool_sums;
    }
};

/// From sums to values, the residual added.
template <class Geometry> struct Values {
    typedef Sums<typename Geometry::Sum, Geometry::block> SumsOfBlock;
    const Geometry& geometry;
    const SumsOfBlock& sums;
    const int8_t* residual;

    template <uint8_t i> TINYSPARSE_INLINE int8_t value() const {
        const int8_t own = requantise(sums.value[i], geometry.shift, geometry.lowest);
        if (!geometry.has_residual) return own;
        return residual_sum(geometry, own, residual[typename Geometry::Size(i * geometry.outputs)]);
    }
};

/// Without pooling.
template <class Geometry> struct StoreBlock {
    Values<Geometry> values;
    int8_t* output;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        int8_t value = values.template value<i>();
        keep_byte(value); // or avr-gcc stores it twice
        *output = value;
        output += typename Geometry::Size(values.geometry.outputs);
    }
};

/// Pools in step with blocks.
template <class Geometry, bool in_step> struct PoolBlock {
    static constexpr uint8_t pool_width = Geometry::block / Geometry::cells;
    Values<Geometry> values;
    BlockTarget<Geometry> target;

    struct LargestSum {
        const Values<Geometry>& values;
        typename Geometry::Sum largest;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            if (values.sums.value[i] > largest) largest = values.sums.value[i];
        }
    };
    struct LargestValue {
        const Values<Geometry>& values;
        int8_t largest;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            const int8_t value = values.template value<i>();
            if (value > largest) largest = value;
        }
    };
    struct Total {
        const Values<Geometry>& values;
        typename Geometry::PoolSum sum;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            sum = typename Geometry::PoolSum(sum + values.template value<i>());
        }
    };
    template <uint8_t cell> TINYSPARSE_INLINE int8_t largest() const {
        static constexpr uint8_t begin = uint8_t(cell * pool_width), end = uint8_t(begin + pool_width);
        if (values.geometry.has_residual) {
            LargestValue body = {values, values.template value<begin>()};
            Unrolled<uint8_t(begin + 1), end>::run(body);
            return body.largest;
        }
        LargestSum body = {values, values.sums.value[begin]};
        Unrolled<uint8_t(begin + 1), end>::run(body);
        return requantise(body.largest, values.geometry.shift, values.geometry.lowest);
    }
    template <uint8_t cell> TINYSPARSE_INLINE void average() const {
        static constexpr uint8_t begin = uint8_t(cell * pool_width), end = uint8_t(begin + pool_width);
        Total body = {values, target.first_row ? typename Geometry::PoolSum(0) : *target.pool_sums};
        Unrolled<begin, end>::run(body);
        if (target.last_row)
            *target.output = averaged(body.sum, values.geometry.pool_multiplier, values.geometry.pool_shift);
        else
            *target.pool_sums = body.sum;
    }
    template <uint8_t cell> TINYSPARSE_INLINE void at() {
        if (values.geometry.pooling == maximum_pooling) {
            const int8_t found = largest<cell>();
            if (target.first_row || found > *target.output) *target.output = found;
        } else {
            if (cell * pool_width >= target.done) average<cell>();
            target.pool_sums += typename Geometry::Size(values.geometry.outputs);
        }
        target.output += typename Geometry::Size(values.geometry.outputs);
    }
    TINYSPARSE_INLINE void run() { Unrolled<0, Geometry::cells>::run(*this); }
};

/// Any pool, position by position.
template <class Geometry> struct PoolBlock<Geometry, false> {
    Values<Geometry> values;
    BlockTarget<Geometry> target;

    struct Collect {
        const Values<Geometry>& values;
        int8_t* out;
        template <uint8_t i> TINYSPARSE_INLINE void at() { out[i] = values.template value<i>(); }
    };
    TINYSPARSE_INLINE void run() {
        const Geometry& g = values.geometry;
        int8_t found[Geometry::block];
        Collect collect = {values, found};
        Unrolled<0, Geometry::block>::run(collect);
        for (uint8_t i = target.done; i < Geometry::block; ++i) {
            const bool first = target.first_row && target.column == 0;
            const bool ends = typename Geometry::Count(target.column + 1) == g.pool_width;
            if (g.pooling == maximum_pooling) {
                if (first || found[i] > *target.output) *target.output = found[i];
            } else {
                const typename Geometry::PoolSum sum =
                    typename Geometry::PoolSum((first ? typename Geometry::PoolSum(0) : *target.pool_sums) + found[i]);
                if (target.last_row && ends)
                    *target.output = averaged(sum, g.pool_multiplier, g.pool_shift);
                else
                    *target.pool_sums = sum;
            }
            ++target.column;
            if (!ends) continue;
            target.column = 0;
            target.output += typename Geometry::Size(g.outputs);
            if (g.pooling == average_pooling) target.pool_sums += typename Geometry::Size(g.outputs);
        }
    }
};

#if TINYSPARSE_ASSEMBLY
template <class Geometry, bool narrow> struct StoreFast {
    static TINYSPARSE_INLINE bool run(const Sums<typename Geometry::Sum, Geometry::block>&, int8_t*) { return false; }
};
template <class Geometry> struct StoreFast<Geometry, true> {
    static TINYSPARSE_INLINE bool run(const Sums<int16_t, Geometry::block>& sums, int8_t* output) {
        StoreAssembly<Geometry>::run(sums, output);
        return true;
    }
};
#endif

/// All that follows the sums of a block.
template <class Geometry>
TINYSPARSE_INLINE void finish_block(const Geometry& g, const Sums<typename Geometry::Sum, Geometry::block>& sums,
                                    const BlockTarget<Geometry>& target) {
    if (g.pooling == no_pooling) {
#if TINYSPARSE_ASSEMBLY
        if (!g.has_residual && StoreFast<Geometry, sizeof(typename Geometry::Sum) == 2>::run(sums, target.output))
            return;
#endif
        StoreBlock<Geometry> store = {{g, sums, target.residual}, target.output};
        Unrolled<0, Geometry::block>::run(store);
    } else {
        PoolBlock<Geometry, (Geometry::cells > 0)> pool = {{g, sums, target.residual}, target};
        pool.run();
    }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)~~~"},
        {"tinysparse/mcu/gather.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// Layers that see their whole input at once, dense ones and depthwise kernels as large as the picture, gather it row by
// row: what a row contributes is added to the sums of all outputs, then the row can be forgotten.
//   dense      sum[o] += sum over x, c of w[row][x][c][o] * in[x][c]
//   depthwise  sum[c] += sum over x of    w[row][c][x]    * in[x][c]
// The sums are int32. Products are added in 16 bits over `run` inputs first, for which the exporter has proven that
// 127 * sum|w| <= 32767 (128 after a linear layer; two inputs always fit).
// Dense weights stand in blocks: [row][outputs / block][inputs of a row][block], then the outputs % block left over.
//
// A layer `sets` its sums where it has a single row, nobody else adds to them, and they fit 16 bits with their biases:
// then nothing begins them, the row is one run, and the row's sums, which begin with the biases, are stored.
#ifndef TINYSPARSE_1_0_MCU_GATHER_HPP
#define TINYSPARSE_1_0_MCU_GATHER_HPP
#include "assembly.hpp"
#include "port.hpp"
#include "requantise.hpp"
#include "sums.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// sums[i] += weight[i] * value for all outputs of a block.
template <class Reader, uint8_t block> struct Products {
    Reader& reader;
    Sums<int16_t, block>& sums;
    int8_t value;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        add_weighted<Reader::bits>(sums.value[i], reader.next(), value);
    }
};

/// `count` inputs, at least one, times the weights of a block of outputs; `input` moves on.
template <class Geometry, uint8_t block>
TINYSPARSE_INLINE void dense_products(const Geometry&, const int8_t*& input, typename Geometry::Size count,
                                      typename Geometry::Reader& reader, Sums<int16_t, block>& sums) {
#if TINYSPARSE_ASSEMBLY
    typedef typename Geometry::Reader Reader;
    static constexpr bool paired = Reader::bits == 4 && block % 2 == 0 && Geometry::outputs % 2 == 0;
    static constexpr uint8_t unroll = Geometry::row_size % 2 == 0 && Geometry::run % 2 == 0 ? 2 : 1;
    if (Geometry::row_size <= 255 * unroll)
        dense_assembly<Reader, block, paired, unroll>(input, uint8_t(count / unroll), reader, sums);
    else
        dense_assembly<Reader, block, paired, unroll>(input, uint16_t(count / unroll), reader, sums);
#else
    for (const int8_t* const end = input + count; input != end; ++input) {
        Products<typename Geometry::Reader, block> body = {reader, sums, *input};
        Unrolled<0, block>::run(body);
    }
#endif
}

/// What one row contributes to `block` outputs from `output` on.
template <uint8_t block, class Geometry>
TINYSPARSE_INLINE void dense_block(const Geometry& g, const int8_t* input, typename Geometry::Reader& reader,
                                   typename Geometry::Count output, int32_t* sums) {
    typedef typename Geometry::Size Size;
    if (g.sets) {
        Sums<int16_t, block> row;
        FirstSums<Geometry, int16_t, block> begin = {g, output, row};
        Unrolled<0, block>::run(begin);
        dense_products<Geometry, block>(g, input, g.row_size, reader, row);
        SetTo<int16_t, block> set = {row, sums};
        Unrolled<0, block>::run(set);
        return;
    }
    for (Size left = g.row_size; left != 0;) {
        const Size run = left < g.run ? left : Size(g.run);
        left = Size(left - run);
        Sums<int16_t, block> narrow;
        narrow.fill(0);
        dense_products<Geometry, block>(g, input, run, reader, narrow);
        AddTo<int16_t, block> add = {narrow, sums};
        Unrolled<0, block>::run(add);
    }
}

/// Where a layer's outputs are no multiple of the block, the rest is a smaller block.
template <uint8_t rest> struct DenseRest {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* input, typename Geometry::Reader& reader,
                                      int32_t* sums) {
        dense_block<rest>(g, input, reader, typename Geometry::Count(g.outputs - rest), sums);
    }
};
template <> struct DenseRest<0> {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry&, const int8_t*, typename Geometry::Reader&, int32_t*) {}
};

/// Adds one input row to the sums of all outputs.
template <class Geometry>
TINYSPARSE_NOINLINE void dense_row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                   int32_t* sums) {
    typedef typename Geometry::WeightIndex WeightIndex;
    typename Geometry::Reader reader(
        g.weights(), g.in_height == 1 ? WeightIndex(0) : WeightIndex(WeightIndex(row) * g.row_size * g.outputs));
    for (typename Geometry::Size left = g.outputs; left >= Geometry::block;
         left -= Geometry::block, sums += Geometry::block)
        dense_block<Geometry::block>(g, input, reader, typename Geometry::Count(g.outputs - left), sums);
    DenseRest<Geometry::rest>::run(g, input, reader, sums);
}

/// Adds one input row to the sums of all channels.
template <class Geometry>
TINYSPARSE_NOINLINE void depthwise_row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                       int32_t* sums) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::WeightIndex WeightIndex;
    typename Geometry::Reader reader(g.weights(), WeightIndex(WeightIndex(row) * g.row_size));
    for (Count channel = 0; channel < g.outputs; ++channel) {
        const int8_t* value = input + channel;
        for (Count left = g.in_width; left != 0;) {
            Count run = left < g.run ? left : Count(g.run);
            left = Count(left - run);
            int16_t narrow = g.sets ? first_sum<int16_t>(g, channel) : int16_t(0);
            for (; run != 0; --run, value += g.outputs)
                add_weighted<Geometry::Reader::bits>(narrow, reader.next(), *value);
            sums[channel] = g.sets ? int32_t(narrow) : sums[channel] + narrow;
        }
    }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)~~~"},
        {"tinysparse/mcu/geometry.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// What the generated description of a layer need not say: the values that most layers have.
#ifndef TINYSPARSE_1_0_MCU_GEOMETRY_HPP
#define TINYSPARSE_1_0_MCU_GEOMETRY_HPP
#include "line.hpp"
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// CountType: for loops and row numbers; holds every side and channel count of the network.
template <class CountType> struct AnyLayer {
    typedef CountType Count;
    typedef uint16_t Size;        ///< Bytes of memory.
    typedef uint16_t WeightIndex; ///< Of a weight within its layer.
    typedef int16_t PoolSum;
    static constexpr uint8_t bias_shift = 0;
    static constexpr Count run = 0;
    static constexpr bool has_residual = false;
    static constexpr uint8_t own_shift = 0, residual_shift = 0;
    static constexpr int8_t residual_lowest = 0;
    static constexpr Count residual_ring = 1, residual_height = 1, residual_width = 1;
    static int16_t bias(Count) { return 0; }
};

/// A layer whose kernel moves: convolution, depthwise, pointwise.
template <class CountType> struct WindowLayer : AnyLayer<CountType> {
    static constexpr uint8_t stride = 1, pad_top = 0, pad_left = 0, pad_right = 0;
    static constexpr bool depthwise = false, paired = false, sparse = false;
    static constexpr uint8_t cells = 0;
    static constexpr Pooling pooling = no_pooling;
    static constexpr CountType pool_height = 1, pool_width = 1;
    static constexpr uint8_t pool_multiplier = 1, pool_shift = 0;
};

/// A layer that sees its whole input.
template <class CountType> struct GatherLayer : AnyLayer<CountType> {
    static constexpr bool head = false, adds = false, sets = false;
    static constexpr uint8_t shift = 0;
    static constexpr int8_t lowest = 0;
};

/// The input: pictures, not averaged down.
template <class CountType> struct InputLayer {
    typedef CountType Count;
    typedef uint16_t Size;
    typedef int16_t PoolSum;
    static constexpr CountType pool_height = 1, pool_width = 1;
    static constexpr uint8_t pool_multiplier = 1, pool_shift = 0;
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
)~~~"},
        {"tinysparse/mcu/input.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// Raw rows become int8 and, where the network asks for it, are averaged down.
//   pictures   x = p >> 1                                                            p: uint8, channels interleaved
//   series     x = clamp((v - offset[c] + 2^(shift[c]-1)) >> shift[c], -128, 127)    v: int16
#ifndef TINYSPARSE_1_0_MCU_INPUT_HPP
#define TINYSPARSE_1_0_MCU_INPUT_HPP
#include "line.hpp"
#include "port.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

TINYSPARSE_INLINE int8_t picture_value(uint8_t raw) { return int8_t(raw >> 1); }

TINYSPARSE_INLINE int8_t series_value(int16_t raw, int16_t offset, uint8_t shift) {
    const int32_t value = (int32_t(raw) - offset + (int32_t(1) << (shift - 1))) >> shift;
    return value < -128 ? int8_t(-128) : value > 127 ? int8_t(127) : int8_t(value);
}

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
    for (Count x = g.out_width; x != 0; --x, raw += Size(g.pool_width - 1) * g.channels)
        for (Count channel = 0; channel < g.channels; ++channel, ++raw, ++output) {
            if (g.pool_width == 1 && g.pool_height == 1) {
                *output = g.value(*raw, channel);
                continue;
            }
            Sum sum = phase == 0 ? Sum(0) : *sums;
            const typename Geometry::Raw* next = raw;
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
)~~~"},
        {"tinysparse/mcu/layer.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// One step of one layer: make the next row if everything that it reads is there. A network runs by letting the deepest
// layer that can make a row make it, until none can; then the next row of the picture comes. So each ring holds only
// the rows that a kernel still needs, and the picture is never in memory.
#ifndef TINYSPARSE_1_0_MCU_LAYER_HPP
#define TINYSPARSE_1_0_MCU_LAYER_HPP
#include "gather.hpp"
#include "line.hpp"
#include "port.hpp"
#include "requantise.hpp"
#include "sparse.hpp"
#include "window.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// What a layer reads and writes: rings of rows, and how many rows they have received so far.
template <class Geometry> struct Streams {
    const int8_t* input;
    typename Geometry::Count input_rows;
    const int8_t* residual; ///< May be null, as all below, where the layer has no use for it.
    typename Geometry::Count residual_rows;
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
};

/// Convolution, depthwise, pointwise. made: rows of the operation so far. Returns whether it made one.
/// MakeRow: makes one row; another than OwnRow where one geometry serves several kernels, as on the host.
template <class MakeRow, class Geometry>
TINYSPARSE_INLINE bool window_step(const Geometry& g, typename Geometry::Count& made,
                                   const Streams<Geometry>& streams) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    typedef typename Geometry::WeightIndex WeightIndex;
    typedef typename Wider<Count>::Type Row;
    // 1: is there a row to make, and all that it reads? Rows count from the padding above the picture.
    if (made == g.rows) return false;
    const Row top = Row(Row(made) * g.stride), bottom = Row(top + g.kernel_height),
              end = Row(Row(g.in_height) + g.pad_top);
    if (Row(Row(streams.input_rows) + g.pad_top) < (bottom < end ? bottom : end)) return false;
    if (g.has_residual && streams.residual_rows <= made) return false;
    // 2: the rows under the kernel; those of the padding are left out
    const int8_t* rows[Geometry::kernel_height_limit];
    const Row first = top < g.pad_top ? Row(g.pad_top) : top, last = bottom < end ? bottom : end;
    const uint8_t count = uint8_t(last - first);
    const Size row_bytes = Size(Size(g.in_width) * g.in_channels);
    const int8_t* const ring_end = streams.input + Size(Size(g.in_ring) * row_bytes);
    rows[0] =
        streams.input + ring_offset<Size>(Count(first - g.pad_top), Count(g.in_ring), Count(g.in_height), row_bytes);
    for (uint8_t i = 1; Geometry::kernel_height_limit > 1 && i < count; ++i) {
        rows[i] = rows[i - 1] + row_bytes;
        if (rows[i] == ring_end) rows[i] = streams.input;
    }
    // 3: where the results go
    const Count out = Count(made / g.pool_height);
    RowTarget<Geometry> target = {streams.output + ring_offset<Size>(out, Count(g.out_ring), Count(g.out_height),
                                                                     Size(Size(g.out_width) * g.outputs)),
                                  streams.pool_sums, streams.residual, Count(made - Count(out * g.pool_height))};
    if (g.has_residual)
        target.residual += ring_offset<Size>(made, Count(g.residual_ring), Count(g.residual_height),
                                             Size(Size(g.residual_width) * g.outputs));
    // 4: one block of positions after the other
    const Size row_weights = g.sparse ? Size(1) : Size(Size(g.depth) * g.kernel_width); // lists are found one by one
    MakeRow::run(g, rows, count, WeightIndex(WeightIndex(first - top) * row_weights),
                 Size(Size(g.kernel_height - count) * row_weights), target);
    ++made;
    return true;
}

/// The row of a geometry that has a kernel of its own, as every layer of an exported network has.
template <bool sparse> struct KernelRow {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex index, typename Geometry::Size skipped,
                                      const RowTarget<Geometry>& target) {
        window_row(g, rows, count, index, skipped, target);
    }
};
template <> struct KernelRow<true> {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex above, typename Geometry::Size absent,
                                      const RowTarget<Geometry>& target) {
        sparse_window_row(g, rows, count, uint8_t(above), uint8_t(absent), target);
    }
};
struct OwnRow {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex index, typename Geometry::Size skipped,
                                      const RowTarget<Geometry>& target) {
        KernelRow<Geometry::sparse>::run(g, rows, count, index, skipped, target);
    }
};

/// What the sums of a dense layer (or of a depthwise kernel as large as its input) begin with. Several heads share one
/// set of sums; all but the first add to it.
template <class Geometry> void gather_begin(const Geometry& g, int32_t* sums) {
    typedef typename Geometry::Count Count;
    for (Count output = 0; output < g.outputs; ++output)
        sums[output] = (g.adds ? sums[output] : 0) + first_sum<int32_t>(g, output);
}

/// Takes in one input row; after the last, the outputs follow. made: input rows so far.
template <class Geometry>
TINYSPARSE_INLINE bool gather_step(const Geometry& g, typename Geometry::Count& made, int32_t* sums,
                                   const Streams<Geometry>& streams) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    if (made == g.in_height || streams.input_rows <= made) return false;
    if (g.has_residual && streams.residual_rows == 0) return false;
    const int8_t* input =
        streams.input + ring_offset<Size>(made, Count(g.in_ring), Count(g.in_height), Size(g.row_size));
    Geometry::Operation::row(g, input, made, sums);
    ++made;
    if (g.head || made != g.in_height) return true;
    for (Count output = 0; output < g.outputs; ++output)
        streams.output[output] = requantise(sums[output], g.shift, g.lowest);
    if (g.has_residual) add_residual(g, streams.output, Count(g.outputs), streams.residual);
    return true;
}

struct Dense {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        dense_row(g, input, row, sums);
    }
};
struct WholeDepthwise {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        depthwise_row(g, input, row, sums);
    }
};

/// Of dense layers and of depthwise ones whose lists hold the nonzero weights.
struct SparseLists {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        sparse_row(g, input, row, sums);
    }
};

/// The class with the largest logit, the lowest one on a tie.
inline uint8_t largest(const int32_t* logits, uint8_t classes) {
    uint8_t best = 0;
    for (uint8_t i = 1; i < classes; ++i)
        if (logits[i] > logits[best]) best = i;
    return best;
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)~~~"},
        {"tinysparse/mcu/line.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// Where rows lie in their rings, and what means and residual sums are made of.
#ifndef TINYSPARSE_1_0_MCU_LINE_HPP
#define TINYSPARSE_1_0_MCU_LINE_HPP
#include "port.hpp"
#include "requantise.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

enum Pooling : uint8_t { no_pooling, maximum_pooling, average_pooling };

/// row % ring in a few subtractions: chips without a division take a hundred cycles and more for one.
template <class Count> TINYSPARSE_INLINE Count ring_slot(Count row, Count ring) {
    typedef typename Wider<Count>::Type Wide;
    if ((ring & (ring - 1)) == 0) return Count(row & (ring - 1));
    while (row >= Wide(Wide(ring) * 16)) row = Count(row - ring * 16);
    while (row >= Wide(Wide(ring) * 4)) row = Count(row - ring * 4);
    while (row >= ring) row = Count(row - ring);
    return row;
}

/// Where row `row` lies in a ring of `ring` rows.
template <class Size, class Count>
TINYSPARSE_INLINE Size ring_offset(Count row, Count ring, Count height, Size row_bytes) {
    return ring >= height ? Size(Size(row) * row_bytes)
           : ring == 1    ? Size(0)
                          : Size(Size(ring_slot(row, ring)) * row_bytes);
}

/// The mean of an area from its sum. Powers of two have multiplier 1; an area of one shift 0.
template <class Sum> TINYSPARSE_INLINE int8_t averaged(Sum sum, uint8_t multiplier, uint8_t shift) {
    if (shift == 0) return int8_t(sum);
    if (multiplier == 1 && sizeof(Sum) == 2) return int8_t(int16_t(sum + (int16_t(1) << (shift - 1))) >> shift);
    return int8_t((int32_t(sum) * multiplier + (int32_t(1) << (shift - 1))) >> shift);
}

/// Adds a residual to values in a row, for layers that gather.
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
)~~~"},
        {"tinysparse/mcu/port.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// What differs between compilers and machines, all of it: program memory, inlining, and the sums of 24 bits.
// Everything else in this folder is plain C++11 that needs stdint.h alone and gives the same result everywhere.
#ifndef TINYSPARSE_1_0_MCU_PORT_HPP // a guard with the version: two exported models, each with its copy, one sketch
#define TINYSPARSE_1_0_MCU_PORT_HPP
#include <stddef.h>
#include <stdint.h>

// For declarations of constants in program memory. clang for AVR takes no notice of progmem and would put them into RAM
// without a word, while gcc takes none of a section on members of templates.
#if defined(__AVR__) && defined(__clang__)
#define TINYSPARSE_FLASH __attribute__((section(".progmem.data")))
#elif defined(__AVR__)
#define TINYSPARSE_FLASH __attribute__((__progmem__))
#else
#define TINYSPARSE_FLASH
#endif
#define TINYSPARSE_INLINE inline __attribute__((always_inline))
#define TINYSPARSE_NOINLINE __attribute__((noinline))

// avr-gcc at -Os turns constant shifts into loops and spills what would fit into registers: kernels are compiled for
// speed whatever the sketch asks for.
#if defined(__AVR__) && defined(__GNUC__) && !defined(__clang__)
#define TINYSPARSE_FAST_BEGIN _Pragma("GCC push_options") _Pragma("GCC optimize(\"O2\")")
#define TINYSPARSE_FAST_END _Pragma("GCC pop_options")
#else
#define TINYSPARSE_FAST_BEGIN
#define TINYSPARSE_FAST_END
#endif

// 1: innermost loops are those of assembly.hpp. Their twins in C++ give the same results;
// TINYSPARSE_NO_ASM chooses them.
#if defined(__AVR_HAVE_MUL__) && defined(__GNUC__) && !defined(__clang__) && !defined(TINYSPARSE_NO_ASM)
#define TINYSPARSE_ASSEMBLY 1
#else
#define TINYSPARSE_ASSEMBLY 0
#endif

// 0: an AVR without `mul`, where a product is a call that takes 40 cycles and more.
#if defined(__AVR__) && !defined(__AVR_HAVE_MUL__)
#define TINYSPARSE_MULTIPLIES 0
#else
#define TINYSPARSE_MULTIPLIES 1
#endif

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

#if defined(__AVR__) && !defined(__clang__)
__extension__ typedef __int24 Int24; // three registers instead of four
#else
typedef int32_t Int24;
#endif

/// One value from program memory; a plain load where there is no such thing.
#if defined(__AVR__)
TINYSPARSE_INLINE uint8_t read_flash(const uint8_t* address) {
    uint8_t value;
    __asm__("lpm %0, Z" : "=r"(value) : "z"(address));
    return value;
}
/// Reads and steps on: one instruction.
TINYSPARSE_INLINE uint8_t read_flash_step(const uint8_t*& address) {
    uint8_t value;
    __asm__("lpm %0, Z+" : "=r"(value), "+z"(address));
    return value;
}
#else
TINYSPARSE_INLINE uint8_t read_flash(const uint8_t* address) { return *address; }
TINYSPARSE_INLINE uint8_t read_flash_step(const uint8_t*& address) { return *address++; }
#endif
TINYSPARSE_INLINE int8_t read_flash(const int8_t* address) {
    return int8_t(read_flash(reinterpret_cast<const uint8_t*>(address)));
}
/// Two bytes, the low one first, as generated headers store every constant of 16 bits.
TINYSPARSE_INLINE int16_t read_flash_16(const uint8_t* address) {
    return int16_t(uint16_t(read_flash(address)) | uint16_t(uint16_t(read_flash(address + 1)) << 8));
}

// avr-gcc widens a byte that takes part in several products once, and then multiplies 16 bits by 8 with two
// instructions more; and it turns a pointer that walks in steps into offsets from where it began, which only two of
// three pointer registers have; and it puts sums into the upper registers, the only ones that can be multiplied. These
// keep a byte a byte, in an upper register, a sum in a lower one, a walking pointer walking, one that reads program
// memory in Z, and a loop counting down rather than comparing pointers; they are no instructions.
#if defined(__AVR__)
TINYSPARSE_INLINE void keep_byte(int8_t& value) { __asm__("" : "+d"(value)); }
TINYSPARSE_INLINE void keep_low(int16_t& sum) { __asm__("" : "+l"(sum)); }
TINYSPARSE_INLINE void keep_pointer(const int8_t*& pointer) { __asm__("" : "+e"(pointer)); }
TINYSPARSE_INLINE void keep_walking(const int8_t*& pointer) { __asm__("" : "+x"(pointer)); }
TINYSPARSE_INLINE void keep_reading(const uint8_t*& pointer) { __asm__("" : "+z"(pointer)); }
template <class Count> TINYSPARSE_INLINE void keep_counting(Count& count) { __asm__("" : "+d"(count)); }
#else
TINYSPARSE_INLINE void keep_byte(int8_t&) {}
TINYSPARSE_INLINE void keep_low(int16_t&) {}
TINYSPARSE_INLINE void keep_pointer(const int8_t*&) {}
TINYSPARSE_INLINE void keep_walking(const int8_t*&) {}
TINYSPARSE_INLINE void keep_reading(const uint8_t*&) {}
template <class Count> TINYSPARSE_INLINE void keep_counting(Count&) {}
#endif

/// Loads and steps on: one instruction, of which avr-gcc makes three.
#if defined(__AVR__)
TINYSPARSE_INLINE int8_t load_step(const int8_t*& pointer) {
    int8_t value;
    __asm__ volatile("ld %0, X+" : "=d"(value), "+x"(pointer) : : "memory");
    return value;
}
#else
TINYSPARSE_INLINE int8_t load_step(const int8_t*& pointer) { return *pointer++; }
#endif

/// An unsigned type in which twice a row index and a kernel fit.
template <class Count> struct Wider;
template <> struct Wider<uint8_t> { typedef uint16_t Type; };
template <> struct Wider<uint16_t> { typedef uint32_t Type; };
template <> struct Wider<uint32_t> { typedef uint32_t Type; };

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
)~~~"},
        {"tinysparse/mcu/requantise.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// From sums back to int8, with power-of-two scales (Jacob et al. 2018, section 2.2):
//   y = clamp(floor((s + 2^(shift-1)) / 2^shift), lowest, 127)        lowest: 0 with a ReLU, -128 without
// The rounding half is already in s: kernels begin their sums with it. No function here has a loop.
#ifndef TINYSPARSE_1_0_MCU_REQUANTISE_HPP
#define TINYSPARSE_1_0_MCU_REQUANTISE_HPP
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// From 16 bits. shift: 1..14. From shift 8 on nothing can leave -128..127; below it the answer, once clamped, is the
/// high byte of sum * 2^(8 - shift), and the sum's own high byte tells whether it is clamped.
TINYSPARSE_INLINE int8_t requantise(int16_t sum, uint8_t shift, int8_t lowest) {
    const int8_t high = int8_t(sum >> 8);
    if (shift >= 8) return lowest == 0 && high < 0 ? int8_t(0) : int8_t(high >> (shift - 8));
    const uint8_t limit = uint8_t((1 << shift) / 2);
    if (lowest == 0 ? uint8_t(high) >= limit : uint8_t(uint8_t(high) + limit) >= uint8_t(2 * limit))
        return high < 0 ? lowest : int8_t(127);
    return int8_t(uint16_t(uint16_t(sum) << (8 - shift)) >> 8);
}

/// From 24 or 32 bits. Clamped first, the rest is a shift of 16 bits.
template <class Sum> TINYSPARSE_INLINE int8_t requantise(Sum sum, uint8_t shift, int8_t lowest) {
    const Sum limit = Sum(Sum(128) << shift);
    if (sum < (lowest == 0 ? Sum(0) : Sum(-limit))) return lowest;
    if (sum >= limit) return 127;
    if (shift >= 8) return int8_t(int16_t(sum >> 8) >> (shift - 8));
    return int8_t(uint16_t(uint16_t(sum) << (8 - shift)) >> 8);
}

/// v * 2^-shift rounded half up, for the two sides of a residual sum. shift: 0..14.
TINYSPARSE_INLINE int16_t rounding_shift(int16_t value, uint8_t shift) {
    return shift == 0 ? value : int16_t((value + int16_t(int16_t(1) << (shift == 0 ? 0 : shift - 1))) >> shift);
}

/// A value of 16 bits limited to lowest..127.
TINYSPARSE_INLINE int8_t limited(int16_t value, int8_t lowest) {
    return value < lowest ? lowest : value > 127 ? int8_t(127) : int8_t(value);
}

/// A layer's own value and its residual added.
template <class Geometry> TINYSPARSE_INLINE int8_t residual_sum(const Geometry& g, int8_t own, int8_t residual) {
    return limited(int16_t(rounding_shift(own, g.own_shift) + rounding_shift(residual, g.residual_shift)),
                   g.residual_lowest);
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
)~~~"},
        {"tinysparse/mcu/sparse.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// Layers most of whose weights are zero: only the others are stored, each with its distance from the one before it.
//
// A list holds the nonzero weights of one output that meet one row of the input, in the order in which the row lies in
// memory. It begins with a byte that counts entries, at most 127; bit 7 of it says that another such byte with more
// entries of the same list follows, which is so where more of them might leave 16 bits or where there are more. Entries
// of a list go on from the input value after that of the entry before:
//   PairEntries     two bytes: values to skip, 0..255; the weight
//   NibbleEntries   one byte: values to skip, 0..15, in the low half; the weight + 8 in the high half
//   TernaryEntries  one byte: twice the values to skip, 0..127; + 1 where the weight is -1
// Where more is to be skipped, entries of weight 0 stand between; ternary lists have no such weight and do without.
//
// Kernels that move have the lists of an output for all kernel rows, then those of the next output. Layers that gather
// have the lists of all outputs (a depthwise one: of all channels) for each input row; where there are several rows,
// the place of each row's first list stands first, two bytes a row, low byte first.
#ifndef TINYSPARSE_1_0_MCU_SPARSE_HPP
#define TINYSPARSE_1_0_MCU_SPARSE_HPP
#include "finish.hpp"
#include "port.hpp"
#include "sparse_assembly.hpp"
#include "sums.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

struct PairEntries {
    static constexpr uint8_t kind = 0;  ///< For the assembly.
    static constexpr uint8_t bytes = 2; ///< Of an entry.
    const uint8_t* at;

    /// Begins the next entry: how many input values to skip.
    TINYSPARSE_INLINE uint8_t skipped() { return read_flash_step(at); }
    /// Ends it: the sums of `body` take in the product.
    template <class Body> TINYSPARSE_INLINE void product(Body& body) { body.multiply(int8_t(read_flash_step(at))); }
};

struct NibbleEntries {
    static constexpr uint8_t kind = 1, bytes = 1;
    const uint8_t* at;
    uint8_t entry;

    TINYSPARSE_INLINE uint8_t skipped() {
        entry = read_flash_step(at);
        return uint8_t(entry & 15);
    }
    template <class Body> TINYSPARSE_INLINE void product(Body& body) { body.multiply(int8_t(uint8_t(entry >> 4) - 8)); }
};

/// Adds and subtracts, so that chips without a multiplier need none.
struct TernaryEntries {
    static constexpr uint8_t kind = 2, bytes = 1;
    const uint8_t* at;
    uint8_t entry;

    TINYSPARSE_INLINE uint8_t skipped() {
        entry = read_flash_step(at);
        return uint8_t(entry >> 1);
    }
    template <class Body> TINYSPARSE_INLINE void product(Body& body) {
        if ((entry & 1) != 0)
            body.subtract();
        else
            body.add();
    }
};

/// Entries from an address on.
template <class Entries> TINYSPARSE_INLINE Entries entries_at(const uint8_t* lists) {
    Entries entries = Entries();
    entries.at = lists;
    return entries;
}

/// Passes over a list.
template <class Entries> TINYSPARSE_INLINE void skip_list(Entries& entries) {
    for (;;) {
        const uint8_t header = read_flash_step(entries.at);
        entries.at += uint16_t(uint8_t(header & 127) * uint16_t(Entries::bytes));
        if (header < 128) return;
    }
}

/// Takes one product into one sum.
struct OneProduct {
    int16_t& sum;
    int8_t value;
    TINYSPARSE_INLINE void multiply(int8_t weight) { add_product(sum, weight, value); }
    TINYSPARSE_INLINE void add() { sum = int16_t(sum + value); }
    TINYSPARSE_INLINE void subtract() { sum = int16_t(sum - value); }
};

template <class Entries> TINYSPARSE_INLINE void add_entry(const int8_t*& input, Entries& entries, int16_t& sum) {
    input += entries.skipped();
    OneProduct body = {sum, load_step(input)};
    entries.product(body);
}

/// One count of entries. Returns whether another follows.
template <class Entries> TINYSPARSE_INLINE bool add_count(const int8_t*& input, Entries& entries, int16_t& sum) {
    const uint8_t header = read_flash_step(entries.at);
    if ((header & 1) != 0) add_entry(input, entries, sum);
    if ((header & 2) != 0) {
        add_entry(input, entries, sum);
        add_entry(input, entries, sum);
    }
    for (uint8_t fours = uint8_t(uint8_t(header & 127) >> 2); fours != 0; --fours) {
        add_entry(input, entries, sum);
        add_entry(input, entries, sum);
        add_entry(input, entries, sum);
        add_entry(input, entries, sum);
    }
    return header >= 128;
}

/// Adds what one input row contributes to one output, or to one channel of a depthwise layer.
template <class Entries> TINYSPARSE_INLINE void add_list(const int8_t* input, Entries& entries, int32_t& sum) {
    for (bool more = true; more;) {
        int16_t narrow = 0;
        more = add_count(input, entries, narrow);
        sum += narrow;
    }
}
/// The same where 16 bits hold the sum.
template <class Entries> TINYSPARSE_INLINE void add_list(const int8_t* input, Entries& entries, int16_t& sum) {
#if TINYSPARSE_ASSEMBLY
    sparse_list_assembly(input, entries, sum);
#else
    while (add_count(input, entries, sum)) {
    }
#endif
}

/// Adds one input row to the sums of all outputs, or sets them.
template <class Geometry>
TINYSPARSE_NOINLINE void sparse_row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                    int32_t* sums) {
    typedef typename Geometry::Entries Entries;
    const uint8_t* lists = g.weights();
    if (g.in_height > 1) lists += uint16_t(read_flash_16(lists + 2 * uint16_t(row)));
    Entries entries = entries_at<Entries>(lists);
    if (g.sets) {
        for (typename Geometry::Count output = 0; output < g.outputs; ++output, ++sums) {
            keep_counting(output);
            int16_t sum = first_sum<int16_t>(g, output);
            add_list(input, entries, sum);
            *sums = sum;
        }
        return;
    }
#if TINYSPARSE_ASSEMBLY
    for (typename Geometry::Count left = g.outputs; left != 0;) {
        const uint8_t outputs = left < 255 ? uint8_t(left) : uint8_t(255);
        sparse_row_assembly(input, outputs, entries, sums);
        left = typename Geometry::Count(left - outputs);
        sums += outputs;
    }
#else
    for (typename Geometry::Count left = g.outputs; left != 0; --left, ++sums) add_list(input, entries, *sums);
#endif
}

/// The values of one row that an entry meets at the positions of a block, one after the other. checked: some of them
/// may lie outside the row and count as zeros.
template <class Geometry, bool checked> struct BlockValues {
    const Geometry& geometry;
    const int8_t* at;

    TINYSPARSE_INLINE BlockValues(const Geometry& g, const int8_t* row, uintptr_t offset)
        : geometry(g), at(reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(row) + offset)) {}
    TINYSPARSE_INLINE void skip(uint8_t count) { at += count; }
    /// Of position i. After the last one comes the first one again.
    template <uint8_t i> TINYSPARSE_INLINE int8_t next() {
        typedef typename Geometry::Size Size;
        const int8_t value = load_step(at);
        if (i + 1 < Geometry::block)
            at += Size(Size(geometry.in_channels) * geometry.stride - 1);
        else
            at -= Size(Size((Geometry::block - 1) * geometry.in_channels) * geometry.stride + 1);
        return value;
    }
};
template <class Geometry> struct BlockValues<Geometry, true> {
    const Geometry& geometry;
    const int8_t* row;
    uintptr_t offset; ///< Wraps around where the first value lies left of the row.

    TINYSPARSE_INLINE BlockValues(const Geometry& g, const int8_t* first, uintptr_t from)
        : geometry(g), row(first), offset(from) {}
    TINYSPARSE_INLINE void skip(uint8_t count) { offset += count; }
    template <uint8_t i> TINYSPARSE_INLINE int8_t next() const {
        typedef typename Geometry::Size Size;
        const uintptr_t own = offset + uintptr_t(Size(Size(i * geometry.in_channels) * geometry.stride));
        return own < uintptr_t(Size(Size(geometry.in_width) * geometry.in_channels)) ? row[own] : int8_t(0);
    }
};

/// Takes the products of an entry into the sums of a block.
template <class Values, class Sum, uint8_t block> struct BlockProduct {
    Values& values;
    Sums<Sum, block>& sums;

    struct Multiply {
        Values& values;
        Sums<Sum, block>& sums;
        int8_t weight;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            add_product(sums.value[i], weight, values.template next<i>());
        }
    };
    struct Add {
        Values& values;
        Sums<Sum, block>& sums;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            sums.value[i] = Sum(sums.value[i] + values.template next<i>());
        }
    };
    struct Subtract {
        Values& values;
        Sums<Sum, block>& sums;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            sums.value[i] = Sum(sums.value[i] - values.template next<i>());
        }
    };
    TINYSPARSE_INLINE void multiply(int8_t weight) {
        Multiply body = {values, sums, weight};
        Unrolled<0, block>::run(body);
    }
    TINYSPARSE_INLINE void add() {
        Add body = {values, sums};
        Unrolled<0, block>::run(body);
    }
    TINYSPARSE_INLINE void subtract() {
        Subtract body = {values, sums};
        Unrolled<0, block>::run(body);
    }
};

/// The products of `count` entries at a block of positions, in 16 bits.
template <class Entries, class Values, uint8_t block>
TINYSPARSE_INLINE void add_entries(uint8_t count, Values& values, Entries& entries, Sums<int16_t, block>& sums) {
    if (count == 0) return;
    keep_counting(count); // or the loop would begin with the question that it ends with
    do {
        values.skip(entries.skipped());
        BlockProduct<Values, int16_t, block> body = {values, sums};
        entries.product(body);
        values.skip(1);
    } while (--count != 0);
}

/// A list at a block of positions: into sums of 16 bits, or through such sums into wide ones.
template <class Sum> struct BlockList {
    template <class Entries, class Values, uint8_t block>
    static TINYSPARSE_INLINE void add(Values values, Entries& entries, Sums<Sum, block>& sums) {
        for (;;) {
            const uint8_t header = read_flash_step(entries.at);
            Sums<int16_t, block> narrow;
            narrow.fill(0);
            add_entries(uint8_t(header & 127), values, entries, narrow);
            sums.add(narrow);
            if (header < 128) return;
        }
    }
};
template <> struct BlockList<int16_t> {
    template <class Entries, class Values, uint8_t block>
    static TINYSPARSE_INLINE void add(Values values, Entries& entries, Sums<int16_t, block>& sums) {
        for (;;) {
            const uint8_t header = read_flash_step(entries.at);
            add_entries(uint8_t(header & 127), values, entries, sums);
            if (header < 128) return;
        }
    }
};

/// The rows of the input under the kernel, and how many kernel rows above and below meet none.
struct KernelRows {
    const int8_t* const* rows;
    uint8_t count, above, below;
};

/// The lists of one output over all rows at a block of positions.
template <class Geometry, bool assembly> struct SparseProducts {
    template <bool checked>
    static TINYSPARSE_INLINE void add(const Geometry& g, const KernelRows& under, uintptr_t offset,
                                      typename Geometry::Entries& entries,
                                      Sums<typename Geometry::Sum, Geometry::block>& sums) {
        const int8_t* const* const end = under.rows + under.count;
        for (const int8_t* const* row = under.rows; row != end; ++row)
            BlockList<typename Geometry::Sum>::add(BlockValues<Geometry, checked>(g, *row, offset), entries, sums);
    }
};
#if TINYSPARSE_ASSEMBLY
template <class Geometry> struct SparseProducts<Geometry, true> {
    template <bool>
    static TINYSPARSE_INLINE void add(const Geometry&, const KernelRows& under, uintptr_t offset,
                                      typename Geometry::Entries& entries, Sums<int16_t, Geometry::block>& sums) {
        SparseBlockAssembly<Geometry>::run(under.rows, under.count, offset, entries, sums);
    }
};
#endif

/// All outputs at a block of positions.
template <class Geometry, bool checked> struct SparseOutputs {
    static TINYSPARSE_INLINE void run(const Geometry& g, const KernelRows& under, uintptr_t offset,
                                      BlockTarget<Geometry> target) {
        typedef typename Geometry::Count Count;
        typedef typename Geometry::Entries Entries;
        typedef typename Geometry::Sum Sum;
        Entries entries = entries_at<Entries>(g.weights());
        for (Count output = 0; output < g.outputs; ++output) {
            Sums<Sum, Geometry::block> sums;
            sums.fill(first_sum<Sum>(g, output));
            for (uint8_t i = under.above; i != 0; --i) skip_list(entries);
            SparseProducts<Geometry, (TINYSPARSE_ASSEMBLY && !checked && sizeof(Sum) == 2)>::template add<checked>(
                g, under, offset, entries, sums);
            for (uint8_t i = under.below; i != 0; --i) skip_list(entries);
            finish_block(g, sums, target);
            target.next_output(g);
            if (g.depthwise) ++offset;
        }
    }
};

/// One row of all outputs. above, absent: kernel rows that meet no input above, and in all.
template <class Geometry>
TINYSPARSE_INLINE void sparse_window_row(const Geometry& g, const int8_t* const* rows, uint8_t count, uint8_t above,
                                         uint8_t absent, const RowTarget<Geometry>& target) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    typedef typename Wider<Count>::Type Column;
    const KernelRows under = {rows, count, above, uint8_t(absent - above)};
    BlockWalk<Geometry> walk = {0, 0};
    do {
        // Columns count from the left padding.
        const Column column = Column(Column(walk.x) * g.stride);
        const uintptr_t offset =
            uintptr_t(Size(column) * Size(g.in_channels)) - uintptr_t(Size(g.pad_left) * g.in_channels);
        const BlockTarget<Geometry> block(g, target, walk.x, walk.done);
        const bool inside = column >= g.pad_left && Column(column + (Geometry::block - 1) * g.stride +
                                                           g.kernel_width) <= Column(g.in_width + g.pad_left);
        if (g.pad_left + g.pad_right == 0 || inside)
            SparseOutputs<Geometry, false>::run(g, under, offset, block);
        else
            SparseOutputs<Geometry, true>::run(g, under, offset, block);
    } while (walk.next(g));
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)~~~"},
        {"tinysparse/mcu/sparse_assembly.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// The innermost loops over lists of nonzero weights in AVR assembly, as assembly.hpp has those over all weights. Their
// twins in C++ stand in sparse.hpp.
//
// An entry costs 14 to 16.5 cycles at one position, 9 to 10 for each of four, and 7.5 to 8.5 for each of six. Loops go
// over two entries at a time, beginning with the second where the number is odd.
#ifndef TINYSPARSE_1_0_MCU_SPARSE_ASSEMBLY_HPP
#define TINYSPARSE_1_0_MCU_SPARSE_ASSEMBLY_HPP
#include "assembly.hpp"
#include "port.hpp"
#include "sums.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

#if TINYSPARSE_ASSEMBLY
// It would lay out strings of assembly as if they were sums.
// clang-format off

#define TINYSPARSE_ASM_20_LINES "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
#define TINYSPARSE_ASM_LONG TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES TINYSPARSE_ASM_20_LINES
// How many values an entry skips, added to a pointer; r23 keeps the entry of one byte.
#define TINYSPARSE_ASM_SKIP(low, high)                                                                                 \
    " lpm r23, Z+\n .if %[kind] == 0\n add " low ", r23\n .else\n mov r24, r23\n"                                      \
    " .if %[kind] == 1\n andi r24, 15\n .else\n lsr r24\n .endif\n add " low ", r24\n .endif\n"                        \
    " adc " high ", %[zero]\n"
// Its weight in r24.
#define TINYSPARSE_ASM_ENTRY_WEIGHT                                                                                    \
    " .if %[kind] == 0\n lpm r24, Z+\n .elseif %[kind] == 1\n swap r23\n andi r23, 15\n mov r24, r23\n subi r24, 8\n"  \
    " .else\n ldi r24, 1\n sbrc r23, 0\n ldi r24, 255\n .endif\n"
// The count of entries into r22, bit 7 of it into T; to 5 where it is odd, to 6,
// which no branch may reach, where there is none.
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
        : "+z"(entries.at), "+x"(input), [sum] "+r"(sum)
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
        : "+z"(entries.at), "+x"(sums), [outputs] "+l"(outputs)
        : [input] "l"(input), [zero] "l"(uint8_t(0)), [kind] "n"(Entries::kind)
        : "r0", "r20", "r21", "r22", "r23", "r24", "r25", "memory");
}

// Positions lie `step` bytes apart; the pointer is one past the first value already.
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
// The two differ in where the count of rows and a zero are: sums of six positions and the offset take r2 ... r15.
#define TINYSPARSE_ASM_TWO_SUMS [s4] "+l"(sum_or<4>(sums, none)), [s5] "+l"(sum_or<5>(sums, none)),
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
                : [s0] "+l"(sum_or<0>(sums, none)), [s1] "+l"(sum_or<1>(sums, none)),                                  \
                  [s2] "+l"(sum_or<2>(sums, none)), [s3] "+l"(sum_or<3>(sums, none)),                                  \
                  outputs [rows] "+" place(count), "+z"(entries.at), "+x"(rows)                                        \
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
)~~~"},
        {"tinysparse/mcu/straight.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// The words in which straight-line code is written: layers without loops and tables,
// each nonzero weight an operand of an instruction.
//   TINYSPARSE_PRODUCTS(2, x,                       sums s0 and s1 of 16 bits, input values from x on
//       TINYSPARSE_VALUE(3) TINYSPARSE_ADD(0)       s0 += x[3]
//       TINYSPARSE_TIMES(5) TINYSPARSE_ADD_PRODUCT(0) TINYSPARSE_SUBTRACT_PRODUCT(1))
//                                                   s0 += 5 * x[3]; s1 -= 5 * x[3]
// On an AVR all of it is one piece of assembly: 2 cycles for a value, 3 for a product, 2 for each sum that takes it in.
// There are three such languages, since their registers differ:
//   SIGNS      weights of 1 and -1 only: PLAIN, PLUS, MINUS; needs no multiplier
//   PRODUCTS   a value is added by itself only where no input value is negative
//   WIDE       sums of 24 bits
// Elsewhere, and under TINYSPARSE_NO_ASM, the same text is C++ with the same results. No sum can overflow on the way:
// the exporter has proven it of the sum of all |weight * value|.
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

// Strings of assembly are no sums.
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
// What sums begin with is put into their registers here, once for all ways that follow.
#define TINYSPARSE_HOLD(count) __asm__("" : TINYSPARSE_SUMS_##count);
// Sums become those of 32 bits that `target` begins with.
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
// The value in r25, its size of weight in r24, the product in r0 and r1; r23 is 0 or the product's highest byte.
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

/// A layer that gathers: its own code adds a row to the sums, or sets them where there is but one.
struct StraightRows {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry&, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        Geometry::row(input, row, sums);
    }
};

/// What the kernel meets at one position.
struct StraightPlace {
    const int8_t* const* rows; ///< The kernel's rows at position 0; null where there is no input.
    uintptr_t offset;          ///< Of this position.
    uint8_t columns;           ///< Bit k: column k of the kernel meets the row.

    TINYSPARSE_INLINE bool meets_row(uint8_t row) const { return rows[row] != nullptr; }
    TINYSPARSE_INLINE bool meets_column(uint8_t column) const { return (columns & uint8_t(1 << column)) != 0; }
    TINYSPARSE_INLINE const int8_t* row(uint8_t row) const {
        return reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(rows[row]) + offset);
    }
};

/// Which columns of the kernel meet the row at a position.
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

/// Where the outputs of one position go. first: of its pool.
template <class Geometry> struct PositionTarget {
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
    const int8_t* residual;
    bool first;
};

/// From a sum to a value; with a residual that is long enough to be a function.
template <class Geometry, bool has_residual> struct PositionValue {
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

/// Whether averages of several positions are made; one of a single position is the value itself.
template <class Geometry> struct MakesAverages {
    static constexpr bool value =
        Geometry::pooling == average_pooling && Geometry::pool_height * Geometry::pool_width > 1;
};

/// All that follows the sum of one output at a position; `target` goes on to the next output. An average adds up: its
/// sums are 0 when a pool begins, and become means when it is complete.
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

/// The sums of the averages of all outputs at one place, 0.
template <class Geometry>
TINYSPARSE_INLINE void begin_averages(const Geometry& g, const PositionTarget<Geometry>& target) {
    typename Geometry::PoolSum* sum = target.pool_sums;
    for (typename Geometry::Count left = g.outputs; left != 0; --left) *sum++ = 0;
}
/// The means.
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

/// Of layers whose kernel moves.
struct StraightRow {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex above, typename Geometry::Size,
                                      const RowTarget<Geometry>& target) {
        straight_window_row(g, rows, count, uint8_t(above), target);
    }
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)~~~"},
        {"tinysparse/mcu/sums.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// Small groups of sums that live in registers, and loops written out by the compiler so that they can.
#ifndef TINYSPARSE_1_0_MCU_SUMS_HPP
#define TINYSPARSE_1_0_MCU_SUMS_HPP
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// body.at<begin>() ... body.at<end - 1>(), written out: avr-gcc keeps only arrays with constant indices in registers.
template <uint8_t begin, uint8_t end> struct Unrolled {
    template <class Body> static TINYSPARSE_INLINE void run(Body& body) {
        body.template at<begin>();
        Unrolled<uint8_t(begin + 1), end>::run(body);
    }
};
template <uint8_t end> struct Unrolled<end, end> {
    template <class Body> static TINYSPARSE_INLINE void run(Body&) {}
};

/// Sums of neighbouring positions or outputs.
template <class Sum, uint8_t count> struct Sums {
    static constexpr uint8_t size = count;
    Sum value[count];

    struct Fill {
        Sums& sums;
        Sum start;
        template <uint8_t i> TINYSPARSE_INLINE void at() { sums.value[i] = start; }
    };
    template <class Narrow> struct Add {
        Sums& sums;
        const Sums<Narrow, count>& other;
        template <uint8_t i> TINYSPARSE_INLINE void at() { sums.value[i] = Sum(sums.value[i] + Sum(other.value[i])); }
    };
    TINYSPARSE_INLINE void fill(Sum start) {
        Fill body = {*this, start};
        Unrolled<0, count>::run(body);
    }
    template <class Narrow> TINYSPARSE_INLINE void add(const Sums<Narrow, count>& other) {
        Add<Narrow> body = {*this, other};
        Unrolled<0, count>::run(body);
    }
};

/// Bias and rounding half: what the sum of an output begins with.
template <class Sum, class Geometry>
TINYSPARSE_INLINE Sum first_sum(const Geometry& g, typename Geometry::Count output) {
    return Sum(Sum(Sum(g.bias(output)) * Sum(Sum(1) << g.bias_shift)) +
               (g.shift == 0 ? Sum(0) : Sum(Sum(1) << (g.shift - 1))));
}

/// sum += weight * value. The product of two int8 fits 16 bits.
template <class Sum> TINYSPARSE_INLINE void add_product(Sum& sum, int8_t weight, int8_t value) {
    keep_byte(weight);
    keep_byte(value);
    sum = Sum(sum + int16_t(int16_t(weight) * int16_t(value)));
}
TINYSPARSE_INLINE void add_product(int16_t& sum, int8_t weight, int8_t value) {
    keep_byte(weight);
    keep_byte(value);
    sum = int16_t(sum + int16_t(int16_t(weight) * int16_t(value)));
    keep_low(sum);
}

/// The same of a weight of so many bits: those of 2 are 1, 0 and -1, for which chips that cannot multiply need not.
template <uint8_t bits, class Sum> TINYSPARSE_INLINE void add_weighted(Sum& sum, int8_t weight, int8_t value) {
    if (bits != 2 || TINYSPARSE_MULTIPLIES)
        add_product(sum, weight, value);
    else if (weight > 0)
        sum = Sum(sum + value);
    else if (weight < 0)
        sum = Sum(sum - value);
}

/// Adds sums in registers to sums in memory.
template <class Narrow, uint8_t count> struct AddTo {
    const Sums<Narrow, count>& sums;
    int32_t* target;
    template <uint8_t i> TINYSPARSE_INLINE void at() { target[i] += sums.value[i]; }
};
/// Puts them there.
template <class Narrow, uint8_t count> struct SetTo {
    const Sums<Narrow, count>& sums;
    int32_t* target;
    template <uint8_t i> TINYSPARSE_INLINE void at() { target[i] = sums.value[i]; }
};
/// What the sums of neighbouring outputs begin with.
template <class Geometry, class Sum, uint8_t count> struct FirstSums {
    const Geometry& geometry;
    typename Geometry::Count output; ///< The first of them.
    Sums<Sum, count>& sums;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        sums.value[i] = first_sum<Sum>(geometry, typename Geometry::Count(output + i));
    }
};

/// The next `count` weights into registers.
template <class Reader, uint8_t count> struct ReadWeights {
    Reader& reader;
    int8_t (&weights)[count];
    template <uint8_t i> TINYSPARSE_INLINE void at() { weights[i] = reader.next(); }
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
)~~~"},
        {"tinysparse/mcu/weights.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// Weights as they lie in program memory, read one after another in the order in which a kernel uses them.
//   8 bits: an int8 each.   4 bits: two in a byte, the first in the low half, as w + 8.
//   2 bits: four in a byte, as w + 1.
// Nothing is padded: a layer of n weights takes ceil(n * bits / 8) bytes.
//
// The members are open to assembly.hpp, which reads on from where C++ left off and leaves off as C++ would.
#ifndef TINYSPARSE_1_0_MCU_WEIGHTS_HPP
#define TINYSPARSE_1_0_MCU_WEIGHTS_HPP
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// Reads weights of 4 or 2 bits.
template <uint8_t weight_bits> struct WeightReader {
    static constexpr uint8_t bits = weight_bits;
    static constexpr uint8_t in_a_byte = 8 / bits, mask = (1 << bits) - 1, bias = bits == 4 ? 8 : 1;

    const uint8_t* at;
    uint8_t held; ///< The weights of the last byte that are not read yet, the next one lowest ...
    uint8_t left; ///< ... and how many they are.

    /// Begins at the weight of the given index.
    template <class Size>
    WeightReader(const uint8_t* weights, Size index) : at(weights + index / in_a_byte), held(0), left(0) {
        const uint8_t skipped = uint8_t(index % in_a_byte);
        if (skipped != 0) {
            held = uint8_t(read_flash_step(at) >> (skipped * bits));
            left = uint8_t(in_a_byte - skipped);
        }
    }
    TINYSPARSE_INLINE int8_t next() {
        if (left == 0) {
            held = read_flash_step(at);
            left = in_a_byte;
        }
        const int8_t weight = int8_t(uint8_t(held & mask) - bias);
        held = uint8_t(held >> bits);
        --left;
        return weight;
    }
    /// Whole bytes at once; what is then held is the same part of a later byte.
    template <class Size> TINYSPARSE_INLINE void skip(Size count) {
        for (uint8_t i = uint8_t(count % in_a_byte); i != 0; --i) next();
        at += count / in_a_byte;
        if (left == 0 || count < in_a_byte) return;
        held = uint8_t(read_flash(at - 1) >> (8 - bits));
        if (bits == 2 && left > 1) held = uint8_t(read_flash(at - 1) >> (left == 2 ? 4 : 2));
    }
};

/// Reads weights of 8 bits.
template <> struct WeightReader<8> {
    static constexpr uint8_t bits = 8;
    const uint8_t* at;

    template <class Size> WeightReader(const uint8_t* weights, Size index) : at(weights + index) {}
    TINYSPARSE_INLINE int8_t next() { return int8_t(read_flash_step(at)); }
    template <class Size> TINYSPARSE_INLINE void skip(Size count) { at += count; }
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
)~~~"},
        {"tinysparse/mcu/window.hpp", R"~~~(// SPDX-License-Identifier: Apache-2.0
// Convolution, depthwise and pointwise layers: one row of the operation, block after block of neighbouring positions,
// and for each block one output channel after the other.
//   y[x] = requantise(b + sum over ky, c, kx of w[ky][c][kx] * in[ky][x * stride + kx - pad][c])
// A depthwise layer sums over one channel only, its own. Rows of the input hold their channels side by side:
// [width][channels] of int8. Weights stand in the order of use: [output][kernel_height][depth][kernel_width].
//
// `block` neighbouring positions are computed at once, so that one weight is fetched for all of them and each input
// value is fetched once for the kernel_width products it takes part in. The last block overlaps the one before it where
// the width is no multiple. Pointwise layers may have `paired` outputs: two of them are computed at once, so that an
// input value is fetched once for both, and their weights alternate: [output / 2][depth][2], an odd last output alone.
//
// Sums: int16_t where the exporter has proven that 127 * sum|w| + |b| + 2^(shift-1) <= 32767 for every output (128
// after a linear layer). Elsewhere `Sum` has 24 or 32 bits, and products are added up in 16 bits over `run` channels
// first, the longest run for which that is proven; run 0: not even one channel's,
// each product goes to the wide sum at once.
#ifndef TINYSPARSE_1_0_MCU_WINDOW_HPP
#define TINYSPARSE_1_0_MCU_WINDOW_HPP
#include "assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "sums.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// One kernel row of one input channel for a block of positions. This is the innermost loop, written out;
/// the place for assembly.
template <class Geometry, class Sum> struct Taps {
    static constexpr uint8_t kernel_width = Geometry::kernel_width, stride = Geometry::stride, block = Geometry::block;
    static constexpr uint8_t count = uint8_t((block - 1) * stride + kernel_width); ///< Input values touched.

    const Geometry& geometry;
    const int8_t*& input;       ///< The next value; at first it may lie left of the row.
    uint8_t inside, inside_end; ///< Which of the values lie inside the row.
    int8_t weights[kernel_width];
    Sums<Sum, block>& sums;

    template <uint8_t tap, uint8_t position, bool used> struct Product {
        static TINYSPARSE_INLINE void add(Taps& taps, int8_t value) {
            add_weighted<Geometry::Reader::bits>(taps.sums.value[position], taps.weights[tap - position * stride],
                                                 value);
        }
    };
    template <uint8_t tap, uint8_t position> struct Product<tap, position, false> {
        static TINYSPARSE_INLINE void add(Taps&, int8_t) {}
    };
    /// All products of input value `tap`, from position `position` on.
    template <uint8_t tap, uint8_t position, class Unused = void> struct Products {
        static TINYSPARSE_INLINE void add(Taps& taps, int8_t value) {
            Product<tap, position, (tap >= position * stride && tap < position * stride + kernel_width)>::add(taps,
                                                                                                              value);
            Products<tap, uint8_t(position + 1)>::add(taps, value);
        }
    };
    template <uint8_t tap, class Unused> struct Products<tap, block, Unused> {
        static TINYSPARSE_INLINE void add(Taps&, int8_t) {}
    };

    template <uint8_t tap> TINYSPARSE_INLINE void at() {
        // Only the first pad_left values can lie left of a row and only the last pad_right values right of it.
        const bool outside =
            (tap < geometry.pad_left && tap < inside) || (tap >= count - geometry.pad_right && tap >= inside_end);
        if (!outside) Products<tap, 0>::add(*this, *input);
        input += geometry.in_channels;
        keep_pointer(input);
    }
    /// Leaves `input` at the next channel.
    template <class Reader> TINYSPARSE_INLINE void run(Reader& reader) {
        ReadWeights<Reader, kernel_width> read = {reader, weights};
        Unrolled<0, kernel_width>::run(read);
        Unrolled<0, count>::run(*this);
        input -= typename Geometry::Size(count * geometry.in_channels - 1);
    }
};

/// How products become sums: in 16 bits all the way ...
template <class Geometry, class Sum> struct Accumulate {
    template <class Reader>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, uint8_t inside, uint8_t inside_end,
                                      Reader& reader, Sums<Sum, Geometry::block>& sums) {
        typedef typename Geometry::Count Count;
        if (g.run != 0) { // ... or in 16 bits over a run of channels, then into the wide sum ...
            for (Count from = 0; from < g.depth;) {
                Count left = Count(g.depth - from) < g.run ? Count(g.depth - from) : Count(g.run);
                from = Count(from + left);
                Sums<int16_t, Geometry::block> narrow;
                narrow.fill(0);
                for (; left != 0; --left) {
                    Taps<Geometry, int16_t> taps = {g, input, inside, inside_end, {}, narrow};
                    taps.run(reader);
                }
                sums.add(narrow);
            }
        } else { // ... or into the wide sum at once.
            direct(g, input, inside, inside_end, reader, sums);
        }
    }
    template <class Reader>
    static TINYSPARSE_INLINE void direct(const Geometry& g, const int8_t* input, uint8_t inside, uint8_t inside_end,
                                         Reader& reader, Sums<Sum, Geometry::block>& sums) {
        for (typename Geometry::Count left = g.depth; left != 0; --left) {
            Taps<Geometry, Sum> taps = {g, input, inside, inside_end, {}, sums};
            taps.run(reader);
        }
    }
};
template <class Geometry> struct Accumulate<Geometry, int16_t> {
    template <class Reader>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, uint8_t inside, uint8_t inside_end,
                                      Reader& reader, Sums<int16_t, Geometry::block>& sums) {
        for (typename Geometry::Count left = g.depth; left != 0; --left) {
            Taps<Geometry, int16_t> taps = {g, input, inside, inside_end, {}, sums};
            taps.run(reader);
        }
    }
};

/// Where a block lies: how far into each row its first value is, and which of its values lie inside the row. Columns
/// count from the left padding.
template <class Geometry> struct BlockPlace {
    static constexpr uint8_t touched = Taps<Geometry, typename Geometry::Sum>::count;
    uint8_t inside, inside_end;
    uintptr_t offset;

    TINYSPARSE_INLINE BlockPlace(const Geometry& g, typename Geometry::Count x) {
        typedef typename Wider<typename Geometry::Count>::Type Column;
        typedef typename Geometry::Size Size;
        const Column column = Column(Column(x) * g.stride);
        const Column left = Column(g.in_width + g.pad_left - column);
        inside = column < g.pad_left ? uint8_t(g.pad_left - column) : uint8_t(0);
        inside_end = left < touched ? uint8_t(left) : touched;
        offset = uintptr_t(Size(column) * Size(g.in_channels)) - uintptr_t(Size(g.pad_left) * g.in_channels);
    }
    /// A bit for each value that may lie outside, 1 where it lies inside, those on the left first.
    TINYSPARSE_INLINE uint8_t flags(const Geometry& g) const {
        uint8_t bits = 0;
        for (uint8_t tap = 0; tap < g.pad_left; ++tap)
            if (tap >= inside && tap < inside_end) bits = uint8_t(bits | (1 << tap));
        for (uint8_t i = 0; i < g.pad_right; ++i) {
            const uint8_t tap = uint8_t(touched - g.pad_right + i);
            if (tap >= inside && tap < inside_end) bits = uint8_t(bits | (1 << (g.pad_left + i)));
        }
        return bits;
    }
};

/// The products of one output at a block of positions, in C++.
template <class Geometry, bool assembly> struct BlockProducts {
    const Geometry& geometry;
    const int8_t* const* rows;
    uint8_t count;
    const BlockPlace<Geometry>& place;

    TINYSPARSE_INLINE void add(uintptr_t offset, typename Geometry::Reader& reader,
                               Sums<typename Geometry::Sum, Geometry::block>& sums) const {
        const int8_t* const* const end = rows + count;
        for (const int8_t* const* row = rows; row != end; ++row)
            Accumulate<Geometry, typename Geometry::Sum>::row(
                geometry, reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(*row) + offset), place.inside,
                place.inside_end, reader, sums);
    }
};
#if TINYSPARSE_ASSEMBLY
template <class Geometry> struct BlockProducts<Geometry, true> {
    const int8_t* const* rows;
    uint8_t count, flags;

    TINYSPARSE_INLINE BlockProducts(const Geometry& g, const int8_t* const* first, uint8_t rows_count,
                                    const BlockPlace<Geometry>& place)
        : rows(first), count(rows_count), flags(place.flags(g)) {}
    TINYSPARSE_INLINE void add(uintptr_t offset, typename Geometry::Reader& reader,
                               Sums<int16_t, Geometry::block>& sums) const {
        WindowAssembly<Geometry>::run(rows, count, offset, flags, reader, sums);
    }
};
/// A geometry that sums over part of the channels.
template <class Geometry, uint8_t channels> struct PartOfDepth : Geometry {
    static constexpr uint8_t depth = channels;
};

/// Wide sums: sums of 16 bits over runs of channels in assembly, added up in C++.
template <class Geometry> struct RunProducts {
    static constexpr uint8_t run =
        Geometry::run > 0 && Geometry::run < Geometry::depth ? Geometry::run : Geometry::depth;
    static constexpr uint8_t rest = Geometry::depth % run;
    const int8_t* const* rows;
    uint8_t count, flags;

    TINYSPARSE_INLINE RunProducts(const Geometry& g, const int8_t* const* first, uint8_t rows_count,
                                  const BlockPlace<Geometry>& place)
        : rows(first), count(rows_count), flags(place.flags(g)) {}
    template <uint8_t channels>
    TINYSPARSE_INLINE void add_run(const int8_t*& input, typename Geometry::Reader& reader,
                                   Sums<typename Geometry::Sum, Geometry::block>& sums) const {
        Sums<int16_t, Geometry::block> narrow;
        narrow.fill(0);
        WindowAssembly<PartOfDepth<Geometry, channels>>::run(&input, 1, 0, flags, reader, narrow);
        sums.add(narrow);
        input += channels;
    }
    TINYSPARSE_INLINE void add(uintptr_t offset, typename Geometry::Reader& reader,
                               Sums<typename Geometry::Sum, Geometry::block>& sums) const {
        const int8_t* const* const end = rows + count;
        for (const int8_t* const* row = rows; row != end; ++row) {
            const int8_t* input = reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(*row) + offset);
            for (uint8_t left = uint8_t(Geometry::depth / run); left != 0; --left) add_run<run>(input, reader, sums);
            if (rest > 0) add_run<(rest > 0 ? rest : run)>(input, reader, sums);
        }
    }
};

/// Sums of 16 bits and a depth that fits the assembly's counter.
template <class Geometry> struct UsesAssembly {
    static constexpr bool value = sizeof(typename Geometry::Sum) == 2 && Geometry::depth <= 255;
};
template <class Geometry,
          bool runs = (sizeof(typename Geometry::Sum) > 2 && Geometry::run > 0 && Geometry::depth <= 255)>
struct ProductsOf {
    typedef BlockProducts<Geometry, UsesAssembly<Geometry>::value> Type;
};
template <class Geometry> struct ProductsOf<Geometry, true> { typedef RunProducts<Geometry> Type; };
#else
template <class Geometry> struct UsesAssembly { static constexpr bool value = false; };
template <class Geometry> struct ProductsOf { typedef BlockProducts<Geometry, false> Type; };
#endif

/// One output at a block of positions.
template <class Geometry, class Products>
TINYSPARSE_INLINE void window_output(const Geometry& g, const Products& products, uintptr_t offset,
                                     typename Geometry::Count output, typename Geometry::Reader& reader,
                                     const BlockTarget<Geometry>& target) {
    typedef typename Geometry::Sum Sum;
    Sums<Sum, Geometry::block> sums;
    sums.fill(first_sum<Sum>(g, output));
    products.add(g.depthwise ? uintptr_t(offset + output) : offset, reader, sums);
    finish_block(g, sums, target);
}

/// All outputs from `output` on at a block of positions.
template <class Geometry, bool paired> struct BlockOutputs {
    template <class Products>
    static TINYSPARSE_INLINE void run(const Geometry& g, const Products& products, uintptr_t offset,
                                      typename Geometry::Reader& reader, typename Geometry::Size skipped,
                                      BlockTarget<Geometry> target, typename Geometry::Count output) {
        for (; output < g.outputs; ++output) {
            window_output(g, products, offset, output, reader, target);
            if (g.kernel_height > 1 && skipped != 0) reader.skip(skipped);
            target.next_output(g);
        }
    }
};

/// The products of two outputs of a pointwise layer, two positions at a time:
/// sums and values of more would not stay in registers.
template <class Geometry> struct PairProducts {
    typedef Sums<typename Geometry::Sum, Geometry::block> BlockSums;
    const Geometry& geometry;
    const int8_t* input; ///< First channel of the block's first position.
    const typename Geometry::Reader& begin;
    typename Geometry::Reader& reader;
    BlockSums &one, &other;

    /// Positions `from` ... `from + count - 1`.
    template <uint8_t from, uint8_t count> TINYSPARSE_INLINE void positions() {
        typedef typename Geometry::Sum Sum;
        static constexpr uint8_t bits = Geometry::Reader::bits;
        const Sum start = one.value[from], other_start = other.value[from];
        Sum a = start, b = start, c = other_start, d = other_start;
        const typename Geometry::Size step = typename Geometry::Size(geometry.in_channels * geometry.stride);
        const int8_t* value = input + from * step;
        reader = begin;
        for (typename Geometry::Count left = geometry.depth; left != 0; --left) {
            // A weight of 8 bits is read when its turn comes, which leaves registers to the values; a smaller one
            // together with the one whose byte it shares.
            const int8_t weight = reader.next(), early = bits == 8 ? int8_t(0) : reader.next();
            const int8_t first = load_step(value);
            add_weighted<bits>(a, weight, first);
            int8_t second = 0;
            if (count > 1) {
                value += step - 1;
                second = load_step(value);
                value -= step;
                add_weighted<bits>(b, weight, second);
            }
            const int8_t other_weight = bits == 8 ? reader.next() : early;
            if (count > 1) add_weighted<bits>(d, other_weight, second);
            add_weighted<bits>(c, other_weight, first);
            keep_walking(value);
            if (bits == 8) keep_reading(reader.at);
        }
        one.value[from] = a;
        other.value[from] = c;
        if (count == 1) return;
        one.value[count > 1 ? from + 1 : from] = b;
        other.value[count > 1 ? from + 1 : from] = d;
    }
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        if (i % 2 == 0) positions<i, (i + 1 < Geometry::block ? 2 : 1)>();
    }
};

template <class Geometry, bool assembly> struct TwoOutputs {
    static TINYSPARSE_INLINE void add(const Geometry& g, const int8_t* input, typename Geometry::Reader& reader,
                                      typename PairProducts<Geometry>::BlockSums& one,
                                      typename PairProducts<Geometry>::BlockSums& other) {
        const typename Geometry::Reader begin = reader;
        PairProducts<Geometry> body = {g, input, begin, reader, one, other};
        Unrolled<0, Geometry::block>::run(body);
    }
};
#if TINYSPARSE_ASSEMBLY
template <class Geometry> struct TwoOutputs<Geometry, true> {
    static TINYSPARSE_INLINE void add(const Geometry&, const int8_t* input, typename Geometry::Reader& reader,
                                      Sums<int16_t, Geometry::block>& one, Sums<int16_t, Geometry::block>& other) {
        pointwise_assembly<Geometry>(input, reader, one, other);
    }
};
#endif

template <class Geometry> struct BlockOutputs<Geometry, true> {
    template <class Products>
    static TINYSPARSE_INLINE void run(const Geometry& g, const Products& products, uintptr_t offset,
                                      typename Geometry::Reader& reader, typename Geometry::Size,
                                      BlockTarget<Geometry> target, typename Geometry::Count output) {
        typedef typename Geometry::Sum Sum;
        for (; output + 1 < g.outputs; output = typename Geometry::Count(output + 2)) {
            Sums<Sum, Geometry::block> one, other;
            one.fill(first_sum<Sum>(g, output));
            other.fill(first_sum<Sum>(g, typename Geometry::Count(output + 1)));
            TwoOutputs<Geometry, UsesAssembly<Geometry>::value>::add(g, *products.rows + offset, reader, one, other);
            finish_block(g, one, target);
            target.next_output(g);
            finish_block(g, other, target);
            target.next_output(g);
        }
        if (g.outputs % 2 != 0) window_output(g, products, offset, output, reader, target);
    }
};

#if TINYSPARSE_ASSEMBLY
/// Whether lines of 3x3 kernels over one channel have the assembly that makes them whole.
template <class Geometry> struct UsesLines {
    static constexpr bool value = UsesAssembly<Geometry>::value && Geometry::kernel_height == 3 &&
                                  Geometry::kernel_width == 3 && Geometry::depth == 1 &&
                                  Geometry::pooling == no_pooling && !Geometry::has_residual;
};
/// Whether pairs of outputs of a pointwise layer do.
template <class Geometry> struct UsesPairs {
    static constexpr bool value = UsesAssembly<Geometry>::value && Geometry::paired && Geometry::Reader::bits != 2 &&
                                  Geometry::pooling == no_pooling && !Geometry::has_residual;
};
template <class Geometry, bool lines = UsesLines<Geometry>::value, bool pairs = UsesPairs<Geometry>::value>
struct AssemblyRow { // makes whole rows of outputs and tells of how many
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry&, const int8_t* const*, uint8_t,
                                                          typename Geometry::WeightIndex, const RowTarget<Geometry>&) {
        return 0;
    }
};
template <class Geometry> struct AssemblyRow<Geometry, false, true> {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry& g, const int8_t* const* rows, uint8_t,
                                                          typename Geometry::WeightIndex,
                                                          const RowTarget<Geometry>& target) {
        typedef typename Geometry::Count Count;
        PairState state;
        state.weights = g.weights();
        state.input = rows[0];
        state.target = target.output;
        for (Count output = 0; output + 1 < g.outputs; output = Count(output + 2)) {
            state.start = first_sum<int16_t>(g, output);
            state.other_start = first_sum<int16_t>(g, Count(output + 1));
            pair_assembly<Geometry>(state);
            state.weights += Geometry::depth * Geometry::Reader::bits / 4;
            state.target += 2;
        }
        return Count(g.outputs - g.outputs % 2);
    }
};
template <class Geometry> struct AssemblyRow<Geometry, true, false> {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                                          typename Geometry::WeightIndex index,
                                                          const RowTarget<Geometry>& target) {
        // The middle row is always there; rows that are not have weights of 0 over any row.
        const uint8_t above = index != 0 ? 1 : 0, below = uint8_t(3 - above - count);
        const uintptr_t pad = uintptr_t(Geometry::pad_left) * Geometry::in_channels;
        const int8_t* const middle = rows[1 - above] - pad;
        LineState state;
        state.weights = g.weights();
        state.held = state.left = 0;
        state.absent = uint8_t(above | (below << 1));
        state.rows[0] = above ? middle : rows[0] - pad;
        state.rows[1] = middle;
        state.rows[2] = below ? middle : rows[2 - above] - pad;
        state.target = target.output;
        for (typename Geometry::Count output = 0; output < g.outputs; ++output) {
            state.start = first_sum<int16_t>(g, output);
            line_assembly<Geometry>(state);
            ++state.target;
            if (!g.depthwise) continue;
            ++state.rows[0];
            ++state.rows[1];
            ++state.rows[2];
        }
        return g.outputs;
    }
};
#else
template <class Geometry> struct AssemblyRow {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry&, const int8_t* const*, uint8_t,
                                                          typename Geometry::WeightIndex, const RowTarget<Geometry>&) {
        return 0;
    }
};
#endif

/// One row of all outputs. rows: `count` rows of the input under the kernel. index: the weight of the first output that
/// meets the first of them; each output has `skipped` weights that meet no row.
template <class Geometry>
TINYSPARSE_INLINE void window_row(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                  typename Geometry::WeightIndex index, typename Geometry::Size skipped,
                                  RowTarget<Geometry> target) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::WeightIndex WeightIndex;
    const Count from = AssemblyRow<Geometry>::run(g, rows, count, index, target);
    if (from == g.outputs) return;
    index = WeightIndex(index + WeightIndex(from) * g.kernel_height * g.depth * g.kernel_width);
    target.output += from;
    BlockWalk<Geometry> walk = {0, 0};
    do {
        const BlockPlace<Geometry> place(g, walk.x);
        const typename ProductsOf<Geometry>::Type products = {g, rows, count, place};
        typename Geometry::Reader reader(g.weights(), index);
        BlockOutputs<Geometry, Geometry::paired>::run(g, products, place.offset, reader, skipped,
                                                      BlockTarget<Geometry>(g, target, walk.x, walk.done), from);
    } while (walk.next(g));
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)~~~"},
    };
}
