// SPDX-License-Identifier: Apache-2.0
// The headers of mcu/ as texts, so that a program writes exports wherever it runs, without the folder of the library.
// Generated: change the headers themselves, then run tools/mcu_text.
#pragma once
#include <vector>

#include "tinysparse/base/zip.hpp"

namespace tinysparse::deploy {

namespace detail {
// clang-format off
/// Copies of the texts. No lambda, nor a list of std::string: g++ would compute those while it compiles, for seconds.
inline std::vector<NamedFile> mcu_files() {
    static const char* const texts[][2] = {
{"tinysparse/mcu.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Everything that a device needs: C++11 without a library, no heap, no virtual functions. Exported networks include
// this.
#ifndef TINYSPARSE_1_0_MCU_HPP
#define TINYSPARSE_1_0_MCU_HPP
#include "mcu/answer.hpp"
#include "mcu/assembly.hpp"
#include "mcu/camera.hpp"
#include "mcu/column.hpp"
#include "mcu/column_assembly.hpp"
#include "mcu/finish.hpp"
#include "mcu/gather.hpp"
#include "mcu/geometry.hpp"
#include "mcu/input.hpp"
#include "mcu/layer.hpp"
#include "mcu/line.hpp"
#include "mcu/lines.hpp"
#include "mcu/pointwise.hpp"
#include "mcu/port.hpp"
#include "mcu/reading.hpp"
#include "mcu/requantise.hpp"
#include "mcu/sparse.hpp"
#include "mcu/sparse_assembly.hpp"
#include "mcu/straight.hpp"
#include "mcu/sums.hpp"
#include "mcu/taps.hpp"
#include "mcu/tree.hpp"
#include "mcu/weights.hpp"
#include "mcu/wide_assembly.hpp"
#include "mcu/window.hpp"
#endif
)mcu"},
{"tinysparse/mcu/answer.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Meaning of logits. For numbers: the same operations on 32-bit floats on every machine, so that a chip predicts the
// numbers that were judged on the host. For classes: the lead of the first over the second, and the softmax,
//   p_i = 2^-x_i / sum_j 2^-x_j        x_i = (largest logit - logit_i) * log2(e) / temperature
// in 256ths, from a table of powers of two.
#ifndef TINYSPARSE_1_0_MCU_ANSWER_HPP
#define TINYSPARSE_1_0_MCU_ANSWER_HPP
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// origin + scale * logit. scale is a power of two, so that only the sum is rounded (and a logit beyond 2^24).
inline float number_of_logit(int32_t logit, float origin, float scale) { return origin + scale * float(logit); }

/// Largest logit minus the second largest. At least two classes.
inline int32_t margin(const int32_t* logits, uint8_t classes) {
    int32_t first = logits[0] > logits[1] ? logits[0] : logits[1];
    int32_t second = logits[0] > logits[1] ? logits[1] : logits[0];
    for (uint8_t i = 2; i < classes; ++i) {
        if (logits[i] > first) {
            second = first;
            first = logits[i];
        } else if (logits[i] > second) {
            second = logits[i];
        }
    }
    return uint32_t(first) - uint32_t(second) > 0x7fffffffu ? int32_t(0x7fffffff) : int32_t(first - second);
}

/// powers[i] = round(256 * 2^(-i / 64)) - 1.
template <class Unused> struct PowerTable { static const uint8_t powers[64] TINYSPARSE_FLASH; };
template <class Unused>
const uint8_t PowerTable<Unused>::powers[64] = {
    255, 252, 250, 247, 244, 242, 239, 236, 234, 231, 229, 226, 224, 221, 219, 217, 214, 212, 210, 207, 205, 203,
    201, 199, 196, 194, 192, 190, 188, 186, 184, 182, 180, 178, 176, 174, 172, 170, 169, 167, 165, 163, 161, 160,
    158, 156, 155, 153, 151, 150, 148, 146, 145, 143, 142, 140, 139, 137, 136, 134, 133, 131, 130, 128,
};

/// 65536 * 2^(-x / 64). x: 0..1023.
inline uint32_t power_of_half(uint16_t x) {
    return (uint32_t(read_flash(PowerTable<void>::powers + (x & 63u))) + 1) << 8 >> (x >> 6);
}

/// The use of a temperature in the softmax: x = ((difference * multiplier + 2^(shift-1)) >> shift) / 64. Beyond
/// `reach`, 2^-x rounds to 0.
struct SoftmaxSteps {
    uint16_t multiplier;
    uint8_t shift;  ///< 1..22
    uint32_t reach; ///< reach * multiplier + 2^(shift-1) < 1024 * 2^shift
};

/// The share of a class in the softmax, in 256ths: 0..256.
inline uint16_t probability(const int32_t* logits, uint8_t classes, uint8_t index, SoftmaxSteps steps) {
    int32_t top = logits[0];
    for (uint8_t i = 1; i < classes; ++i)
        if (logits[i] > top) top = logits[i];
    uint32_t own = 0, sum = 0;
    for (uint8_t i = 0; i < classes; ++i) {
        const uint32_t below = uint32_t(top) - uint32_t(logits[i]);
        if (below > steps.reach) continue;
        const uint32_t half = uint32_t(1) << (steps.shift - 1);
        const uint32_t power = power_of_half(uint16_t((below * steps.multiplier + half) >> steps.shift));
        sum += power;
        if (i == index) own = power;
    }
    return uint16_t((own * 256 + sum / 2) / sum);
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
)mcu"},
{"tinysparse/mcu/assembly.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
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
)mcu"},
{"tinysparse/mcu/camera.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Rows of a camera's picture, in pieces of any length, become the smaller rows that a network reads:
//   RGB565   red, green and blue of 5, 6 and 5 bits, widened to 8 by repeating their upper bits
//   luma     (299 R + 587 G + 114 B + 500) / 1000, rounded down (ITU-R BT.601)
//   mean     of a block of pixels, (sum + area / 2) / area, rounded down
// The host prepares the pictures of a data set with these functions, a device those of its camera.
#ifndef TINYSPARSE_1_0_MCU_CAMERA_HPP
#define TINYSPARSE_1_0_MCU_CAMERA_HPP
#include "port.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// Form of the pixels for push_pixels: one value of 8 bits, three of them, or one of 16 bits.
enum PixelFormat : uint8_t { gray_pixels, rgb_pixels, rgb565_pixels };

/// Luma of 8-bit colours, without a division, which costs an AVR hundreds of cycles. An eighth of the sum fits 16 bits,
/// and 125 = 128 - 3 divides it in two steps.
TINYSPARSE_INLINE uint8_t luma(uint8_t red, uint8_t green, uint8_t blue) {
    const uint16_t low = uint16_t(uint16_t(43) * red + uint16_t(75) * green + uint16_t(114) * blue + 500);
    uint16_t rest = uint16_t(uint16_t(32) * red + uint16_t(64) * green + (low >> 3)); // at most 31937
    uint8_t first = uint8_t(rest >> 7), last = uint8_t(rest & 127);
    keep_byte(first);
    keep_byte(last);
    rest = uint16_t(uint16_t(3) * first + last); // at most 874
    uint8_t second = uint8_t(rest >> 7);
    last = uint8_t(rest & 127);
    keep_byte(second);
    keep_byte(last);
    last = uint8_t(last + 3 * second); // at most 145
    return uint8_t(first + second + (last >= 125));
}

/// A colour of 5, 6 and 5 bits, its high byte first: red, green and blue of 8 bits.
TINYSPARSE_INLINE uint8_t red_of_565(uint8_t high, uint8_t) { return uint8_t((high & 0xf8) | (high >> 5)); }
/// Green of 8 bits.
TINYSPARSE_INLINE uint8_t green_of_565(uint8_t high, uint8_t low) {
    uint8_t value = uint8_t(uint8_t(high << 5) | uint8_t(uint8_t(low >> 3) & 0x1c));
    keep_byte(value);
    return uint8_t(value | (value >> 6));
}
/// Blue of 8 bits.
TINYSPARSE_INLINE uint8_t blue_of_565(uint8_t, uint8_t low) {
    return uint8_t(uint8_t(low << 3) | (uint8_t(low >> 2) & 7));
}
/// A pixel of 16 bits; lower bits of the colours are dropped.
TINYSPARSE_INLINE uint16_t rgb565(uint8_t red, uint8_t green, uint8_t blue) {
    return uint16_t(uint16_t(red >> 3) << 11 | uint16_t(green >> 2) << 5 | uint16_t(blue >> 3));
}

/// The mean of `area` pixels from their sum, rounded half up.
template <class Sum> TINYSPARSE_INLINE uint8_t camera_mean(Sum sum, uint32_t area) {
    return area == 1 ? uint8_t(sum) : uint8_t((sum + Sum(area / 2)) / Sum(area));
}

/// Defaults for generated code: pixels that are not averaged.
struct CameraStage {
    typedef uint8_t Count;
    static constexpr PixelFormat format = gray_pixels;
    static constexpr uint16_t block_height = 1, block_width = 1;
    static constexpr uint8_t channels = 1;
};

/// Adds `count` neighbours of one block to its sums, one for each channel, and moves past them. count: at least 1.
template <class Camera>
TINYSPARSE_INLINE void camera_add(const Camera& g, const typename Camera::Raw*& pixels, typename Camera::Count count,
                                  typename Camera::Sum* sums) {
    typedef typename Camera::Run Run;
    if (g.channels == 1) {
        Run sum = 0;
        do {
            uint8_t low = uint8_t(*pixels);
            if (g.format == rgb565_pixels) {
                uint8_t high = uint8_t(uint16_t(*pixels) >> 8);
                keep_byte(high);
                keep_byte(low);
                low = luma(red_of_565(high, low), green_of_565(high, low), blue_of_565(high, low));
            }
            sum = Run(sum + low);
            ++pixels;
        } while (--count != 0);
        sums[0] = typename Camera::Sum(sums[0] + sum);
        return;
    }
    Run red = 0, green = 0, blue = 0;
    do {
        if (g.format == rgb565_pixels) {
            uint8_t high = uint8_t(uint16_t(*pixels) >> 8), low = uint8_t(*pixels);
            keep_byte(high);
            keep_byte(low);
            red = Run(red + red_of_565(high, low));
            green = Run(green + green_of_565(high, low));
            blue = Run(blue + blue_of_565(high, low));
            ++pixels;
        } else {
            red = Run(red + uint8_t(pixels[0]));
            green = Run(green + uint8_t(pixels[1]));
            blue = Run(blue + uint8_t(pixels[2]));
            pixels += 3;
        }
    } while (--count != 0);
    sums[0] = typename Camera::Sum(sums[0] + red);
    sums[1] = typename Camera::Sum(sums[1] + green);
    sums[2] = typename Camera::Sum(sums[2] + blue);
}

/// The place of the next pixel: its block in a row of blocks, the number of pixels of the picture's row that remain in
/// that block, and the row of the block. The pixels beyond the last whole block of a row form one more block, which is
/// dropped.
struct CameraPlace {
    uint16_t block, left, row;
};
/// The place of the first pixel of a picture.
template <class Camera> TINYSPARSE_INLINE CameraPlace camera_begin(const Camera& g) {
    const CameraPlace place = {0, g.block_width, 0};
    return place;
}

/// Takes pixels until a row of blocks is complete, or until no pixels are left. In the first case it returns true, and
/// the row is at the start of `sums`, one byte for each channel of each block. pixels and count move past the pixels
/// that were taken. Camera: width and out_width (blocks per row), the members of CameraStage, and the types Raw of a
/// value, Sum of a block, Run of one row of a block, and Count of that row's pixels.
template <class Camera>
TINYSPARSE_NOINLINE bool camera_row(const Camera& g, const typename Camera::Raw*& pixels, uint16_t& count,
                                    CameraPlace& place, typename Camera::Sum* sums) {
    const uint16_t values = uint16_t(g.out_width * g.channels), rest = uint16_t(g.width - g.out_width * g.block_width);
    const typename Camera::Raw* next = pixels; // copies that stay in registers
    uint16_t left = count;
    CameraPlace at = place;
    bool complete = false;
    while (left != 0 && !complete) {
        if (at.block == 0 && at.row == 0 && at.left == g.block_width)
            for (uint16_t i = 0; i < values; ++i) sums[i] = 0;
        const uint16_t taken = at.left < left ? at.left : left;
        left = uint16_t(left - taken);
        at.left = uint16_t(at.left - taken);
        if (at.block < g.out_width)
            camera_add(g, next, typename Camera::Count(taken), sums + uint16_t(at.block * g.channels));
        else
            next += taken * (g.format == rgb_pixels ? 3 : 1);
        if (at.left != 0) break;
        ++at.block;
        at.left = at.block == g.out_width && rest != 0 ? rest : g.block_width;
        if (at.block < g.out_width || (at.block == g.out_width && rest != 0)) continue;
        at.block = 0;
        complete = ++at.row == g.block_height;
    }
    if (complete) {
        at.row = 0;
        uint8_t* bytes = reinterpret_cast<uint8_t*>(sums); // no byte overwrites a sum that is still to be read
        for (uint16_t i = 0; i < values; ++i) bytes[i] = camera_mean(sums[i], uint32_t(g.block_height) * g.block_width);
    }
    pixels = next;
    count = left;
    place = at;
    return complete;
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)mcu"},
{"tinysparse/mcu/column.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Convolutions over a column, which series have: rows hold the channels of a single position, so there are no
// neighbours that share a weight. Instead, a value is loaded once for a group of outputs, as in a dense layer. A
// depthwise layer makes several outputs from the same number of adjacent values.
//   y[o] = requantise(b[o] + sum over ky, c of w[o][ky][c] * in[ky][c])
// Weights are stored in groups: [output / group][kernel_height][depth][group], then the outputs % group that remain;
// or, if sums are wide, in `pairs`, [output / group][kernel_height][depth / 2][group][2], since 16 bits hold any two
// products. `unroll`: number of values, or pairs of values, after which a group's weights end on a byte boundary.
#ifndef TINYSPARSE_1_0_MCU_COLUMN_HPP
#define TINYSPARSE_1_0_MCU_COLUMN_HPP
#include "column_assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "sums.hpp"
#include "taps.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// The products of two values with a pair of weights for each output of a group.
template <class Reader, class Sum, uint8_t group> struct PairsOfProducts {
    Reader& reader;
    Sums<Sum, group>& sums;
    int8_t value, next;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        int16_t both = 0;
        add_weighted<Reader::bits>(both, reader.next(), value);
        add_weighted<Reader::bits>(both, reader.next(), next);
        sums.value[i] = Sum(sums.value[i] + both);
    }
};

/// The product of each output of a depthwise layer with its own value.
template <class Reader, class Sum, uint8_t group> struct EachProduct {
    Reader& reader;
    Sums<Sum, group>& sums;
    const int8_t* values;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        add_weighted<Reader::bits>(sums.value[i], reader.next(), values[i]);
    }
};

/// `group` outputs from `output` on, whose weights begin at `index`.
template <class Geometry, uint8_t group> struct ColumnSums {
    typedef typename Geometry::Sum Sum;
    Sums<Sum, group> sums;

    /// One kernel row if a product is a function call: written out for each output it would fill the flash of a small
    /// chip.
    TINYSPARSE_INLINE void compact(const Geometry& g, const int8_t* input, typename Geometry::Count output,
                                   typename Geometry::Reader& reader) {
        static constexpr uint8_t step = Geometry::pairs ? 2 : 1;
        for (typename Geometry::Count left = g.depth; left != 0; left = typename Geometry::Count(left - step)) {
            for (uint8_t i = 0; i < group; ++i)
                for (uint8_t k = 0; k < step; ++k)
                    add_weighted<Geometry::Reader::bits>(sums.value[i], reader.next(),
                                                         input[Geometry::depthwise ? output + i : k]);
            input += step;
        }
    }
    /// Begins with the biases and adds all products. rows: `count` input rows under the kernel.
    TINYSPARSE_INLINE ColumnSums(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                 typename Geometry::Count output, typename Geometry::WeightIndex index) {
        typedef typename Geometry::Reader Reader;
        typedef typename Geometry::Count Count;
        FirstSums<Geometry, Sum, group> begin = {g, output, sums};
        Unrolled<0, group>::run(begin);
        Reader reader(g.weights(), index);
        for (const int8_t* const* const end = rows + count; rows != end; ++rows) {
            const int8_t* input = *rows;
            if (!TINYSPARSE_MULTIPLIES) {
                compact(g, input, output, reader);
            } else if (Geometry::depthwise) {
                EachProduct<Reader, Sum, group> body = {reader, sums, input + output};
                Unrolled<0, group>::run(body);
            } else if (Geometry::pairs) {
                for (Count left = g.depth; left != 0; left = Count(left - 2), input += 2) {
                    PairsOfProducts<Reader, Sum, group> body = {reader, sums, input[0], input[1]};
                    Unrolled<0, group>::run(body);
                }
            } else {
                for (Count left = g.depth; left != 0; --left, ++input) {
                    Products<Reader, Sum, group> body = {reader, sums, *input};
                    Unrolled<0, group>::run(body);
                }
            }
        }
    }
};

/// The work after the sums, or the values, of a group.
template <class Geometry, class Sum> struct FinishColumn {
    const Geometry& geometry;
    const Sum* sums;
    BlockTarget<Geometry>& target;
    /// Requantises, pools and stores output i of the group.
    TINYSPARSE_INLINE void output(uint8_t i) {
        const Sums<Sum, 1> one = {{sums[i]}};
        finish_block(geometry, one, target);
        target.next_output(geometry);
    }
    template <uint8_t i> TINYSPARSE_INLINE void at() { output(i); }
};

/// Groups in C++.
template <class Geometry> struct PlainColumn {
    const Geometry& geometry;
    const int8_t* const* rows;
    uint8_t count;
    typename Geometry::WeightIndex above; ///< Weights of an output that meet rows above the input.
    BlockTarget<Geometry> target;

    template <uint8_t group>
    TINYSPARSE_INLINE void run(typename Geometry::Count output, typename Geometry::Count groups) {
        typedef typename Geometry::WeightIndex WeightIndex;
        typedef typename Geometry::Sum Sum;
        for (; groups != 0; --groups, output = typename Geometry::Count(output + group)) {
            const WeightIndex begin = WeightIndex(WeightIndex(output) * Geometry::kernel_height * Geometry::depth);
            const ColumnSums<Geometry, group> found(geometry, rows, count, output, WeightIndex(begin + above * group));
            FinishColumn<Geometry, Sum> finish = {geometry, found.sums.value, target};
            if (TINYSPARSE_MULTIPLIES)
                Unrolled<0, group>::run(finish);
            else
                for (uint8_t i = 0; i < group; ++i) finish.output(i);
        }
    }
};

#if TINYSPARSE_ASSEMBLY
/// The rows under a kernel: `together` of them one after the other from the first on, the others from the beginning of
/// the ring on.
struct ColumnRows {
    const int8_t* first;
    uint8_t count, together;
};

/// The state before a column's first group.
template <class Geometry>
TINYSPARSE_INLINE void begin_column(ColumnState& state, const ColumnRows& rows, const BlockTarget<Geometry>& target) {
    static constexpr uint16_t row_products = Geometry::depth / (Geometry::pairs ? 2 : 1);
    static constexpr uint8_t factor = column_by_rows<Geometry>() ? 1 : column_steps<Geometry>();
    __extension__ typedef __uint24 Bits; // sums are modulo 2^24
    static constexpr uint32_t half = Geometry::shift == 0 ? 0 : uint32_t(1) << (Geometry::shift - 1),
                              excess = uint32_t(row_products) << 15; // a product is 32768 too large
    Bits start = Bits(half);
    if (sizeof(typename Geometry::Sum) == 3) {
        start = Bits(half - Geometry::kernel_height * excess);
        for (uint8_t absent = uint8_t(Geometry::kernel_height - rows.count); absent != 0; --absent) {
            keep_counting(absent);
            start = Bits(start + Bits(excess));
        }
    }
    __builtin_memcpy(state.start, &start, 3);
    state.biases = Geometry::biases();
    state.target = target.output;
    state.first = target.first_row;
    state.input = rows.first;
    state.together = uint8_t(rows.together * factor);
    state.other = uint8_t((rows.count - rows.together) * factor);
}

/// Groups in assembly; averages and residual sums are done in C++.
template <class Geometry> struct FastColumn {
    typedef typename Geometry::WeightIndex WeightIndex;
    typedef typename Geometry::Count Count;
    static constexpr bool stores = Geometry::pooling != average_pooling && !Geometry::has_residual;
    static constexpr uint8_t bits = Geometry::Reader::bits;
    const Geometry& geometry;
    uint8_t above, absent; ///< Kernel rows above the input, and those that meet no row.
    BlockTarget<Geometry> target;
    ColumnState& state;

    /// Bytes of a group's weights over a number of kernel rows, which is mostly 0: shifts would take longer.
    template <uint8_t group> static TINYSPARSE_INLINE uint16_t bytes(uint8_t kernel_rows) {
        uint16_t sum = 0;
        for (; kernel_rows != 0; --kernel_rows) {
            keep_counting(kernel_rows);
            sum = uint16_t(sum + uint32_t(Geometry::depth) * group * bits / 8);
        }
        return sum;
    }
    template <uint8_t group> TINYSPARSE_INLINE void run(Count output, Count groups) {
        const WeightIndex begin = WeightIndex(WeightIndex(output) * Geometry::kernel_height * Geometry::depth);
        state.weights = geometry.weights() + (begin / (8 / bits) + bytes<group>(above));
        state.absent = bytes<group>(absent);
        if (stores) {
            static constexpr bool several = group == Geometry::group && Geometry::outputs >= 2 * group;
            state.groups = uint8_t(groups);
            column_assembly<Geometry, group, several>(state);
            return;
        }
        state.groups = 1;
        for (; groups != 0; --groups) {
            int8_t values[group];
            state.target = values;
            column_assembly<Geometry, group, true>(state);
            FinishColumn<Geometry, int8_t> finish = {geometry, values, target};
            Unrolled<0, group>::run(finish);
        }
    }
};
#endif

/// The remaining outputs, if there are any.
template <uint8_t rest> struct ColumnRest {
    template <class Column> static TINYSPARSE_INLINE void run(Column& column, uint16_t output) {
        column.template run<rest>(output, 1);
    }
};
template <> struct ColumnRest<0> {
    template <class Column> static TINYSPARSE_INLINE void run(Column&, uint16_t) {}
};

/// One row of all outputs. rows: `count` input rows under the kernel, `together` of them one after the other; above,
/// absent: kernel rows above the input, and all that meet no row.
template <class Geometry>
TINYSPARSE_INLINE void column_row(const Geometry& g, const int8_t* const* rows, uint8_t count, uint8_t together,
                                  uint8_t above, uint8_t absent, const RowTarget<Geometry>& row) {
    static constexpr uint16_t whole = Geometry::outputs - Geometry::group_rest; // outputs in groups of full size
    const BlockTarget<Geometry> target(g, row, 0, 0);
#if TINYSPARSE_ASSEMBLY
    ColumnState state; // alone in memory: what assembly does not read stays in registers
    begin_column<Geometry>(state, {rows[0], count, together}, target);
    FastColumn<Geometry> column = {g, above, absent, target, state};
#else
    (void)together;
    (void)absent;
    PlainColumn<Geometry> column = {g, rows, count, typename Geometry::WeightIndex(above * Geometry::depth), target};
#endif
    column.template run<Geometry::group>(0, whole / Geometry::group);
    ColumnRest<Geometry::group_rest>::run(column, whole);
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)mcu"},
{"tinysparse/mcu/column_assembly.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
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
)mcu"},
{"tinysparse/mcu/finish.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// The work after the sums of an operation, for one output channel at a block of positions:
//   requantisation  y = clamp((s + 2^(shift-1)) >> shift)
//   residual sum    y = limited(round(y * 2^-own_shift) + round(r * 2^-residual_shift), lowest)
//   pooling         the maximum, or (sum * multiplier + 2^(shift-1)) >> shift over pool_height x pool_width
// and the store into the output's ring of rows. An unfinished maximum is kept in the output itself; sums of an
// unfinished average have memory of their own. Rows and columns that a pooling drops never get here.
//
// `cells` of a geometry: whole pools in a block, if blocks and pools keep step. Then pools are made in registers, and
// for a maximum only the largest sum is requantised, since that keeps the order. 0: they do not keep step.
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

/// The place of a row of results. phase: its number within the pools.
template <class Geometry> struct RowTarget {
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
    const int8_t* residual;
    typename Geometry::Count phase;
};

/// What a maker of rows is given. by_rows: numbers of kernel rows that meet no input, not of weights; walks: the place
/// of the first input row alone, since it finds the others itself.
struct RowMaker {
    static constexpr bool by_rows = false, walks = false;
};

/// The blocks of a row, one after the other. The last one overlaps the one before if the width is not a multiple.
template <class Geometry> struct BlockWalk {
    typedef typename Geometry::Count Count;
    Count x;      ///< The block's first position.
    uint8_t done; ///< Number of its positions that the block before contained.

    /// False if there is no further block.
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

/// The place of a block of the current output channel, from position x on. done: number of its positions that are
/// already stored.
template <class Geometry> struct BlockTarget {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
    const int8_t* residual;
    Count column; ///< Column of the first new position within its pool, if pools and blocks are out of step.
    uint8_t done;
    bool first_row, last_row; ///< First and last row of the pools.

    /// The block at positions x ... of a row.
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
    /// Moves on to the next output channel at the same positions.
    TINYSPARSE_INLINE void next_output(const Geometry& g) {
        ++output;
        if (g.has_residual) ++residual;
        if (g.pooling == average_pooling) ++pool_sums;
    }
};

/// From sums to values, with the residual added. Sum: int8_t if assembly has requantised them.
template <class Geometry, class Sum> struct Values {
    const Geometry& geometry;
    const Sums<Sum, Geometry::block>& sums;
    const int8_t* residual;

    /// Value of position i, -128..127.
    template <uint8_t i> TINYSPARSE_INLINE int8_t value() const {
        const int8_t own = requantise(sums.value[i], geometry.shift, geometry.lowest);
        if (!geometry.has_residual) return own;
        return residual_sum(geometry, own, residual[typename Geometry::Size(i * geometry.outputs)]);
    }
};

/// Without pooling.
template <class Geometry, class Sum> struct StoreBlock {
    Values<Geometry, Sum> values;
    int8_t* output;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        int8_t value = values.template value<i>();
        keep_byte(value); // otherwise avr-gcc stores it twice
        *output = value;
        output += typename Geometry::Size(values.geometry.outputs);
    }
};

/// Pools in step with blocks.
template <class Geometry, class Sum, bool in_step> struct PoolBlock {
    static constexpr uint8_t pool_width = Geometry::block / Geometry::cells;
    Values<Geometry, Sum> values;
    BlockTarget<Geometry> target;

    /// Maximum before requantisation, which keeps the order.
    struct LargestSum {
        const Values<Geometry, Sum>& values;
        Sum largest;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            if (values.sums.value[i] > largest) largest = values.sums.value[i];
        }
    };
    /// Maximum after the residual was added.
    struct LargestValue {
        const Values<Geometry, Sum>& values;
        int8_t largest;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            const int8_t value = values.template value<i>();
            if (value > largest) largest = value;
        }
    };
    /// Sum of a pool's values.
    struct Total {
        const Values<Geometry, Sum>& values;
        typename Geometry::PoolSum sum;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            sum = typename Geometry::PoolSum(sum + values.template value<i>());
        }
    };
    /// Maximum of a pool's columns in this row.
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
    /// Adds a pool's columns in this row; stores the average after its last row.
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
    /// Pools the block.
    TINYSPARSE_INLINE void run() { Unrolled<0, Geometry::cells>::run(*this); }
};

/// Any pool, position by position.
template <class Geometry, class Sum> struct PoolBlock<Geometry, Sum, false> {
    Values<Geometry, Sum> values;
    BlockTarget<Geometry> target;

    struct Collect {
        const Values<Geometry, Sum>& values;
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
template <class Geometry, class Sum> struct StoreFast {
    static TINYSPARSE_INLINE bool run(const Sums<Sum, Geometry::block>&, int8_t*) { return false; }
};
template <class Geometry> struct StoreFast<Geometry, int16_t> {
    static TINYSPARSE_INLINE bool run(const Sums<int16_t, Geometry::block>& sums, int8_t* output) {
        StoreAssembly<Geometry>::run(sums, output);
        return true;
    }
};
#endif

/// All work after the sums of a block.
template <class Geometry, class Sum>
TINYSPARSE_INLINE void finish_block(const Geometry& g, const Sums<Sum, Geometry::block>& sums,
                                    const BlockTarget<Geometry>& target) {
    if (g.pooling == no_pooling) {
#if TINYSPARSE_ASSEMBLY
        if (!g.has_residual && StoreFast<Geometry, Sum>::run(sums, target.output)) return;
#endif
        StoreBlock<Geometry, Sum> store = {{g, sums, target.residual}, target.output};
        Unrolled<0, Geometry::block>::run(store);
    } else {
        PoolBlock<Geometry, Sum, (Geometry::cells > 0)> pool = {{g, sums, target.residual}, target};
        pool.run();
    }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)mcu"},
{"tinysparse/mcu/gather.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Layers that see their whole input at once (dense ones, and depthwise kernels as large as the picture) gather it row
// by row: the contribution of a row is added to the sums of all outputs, and then the row can be forgotten.
//   dense      sum[o] += sum over x, c of w[row][x][c][o] * in[x][c]
//   depthwise  sum[c] += sum over x of    w[row][c][x]    * in[x][c]
// The sums are int32. Products are first added in 16 bits over `run` inputs. The exporter has proven for them that
// 127 * sum|w| <= 32767 (128 after a linear layer; two inputs always fit).
// A dense layer is `direct` if assembly adds products to sums of 24 bits; each row gives one such sum per output. Dense
// weights are stored in blocks: [row][outputs / block][inputs of a row][block], then the outputs % block that remain.
//
// A layer `sets` its sums if it has a single row, no other layer adds to them, and they fit 16 bits with their biases.
// Then the sums need no first value: the row is one run, and the row's sums, which begin with the biases, are stored.
#ifndef TINYSPARSE_1_0_MCU_GATHER_HPP
#define TINYSPARSE_1_0_MCU_GATHER_HPP
#include "assembly.hpp"
#include "column_assembly.hpp"
#include "port.hpp"
#include "requantise.hpp"
#include "sums.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

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
        Products<typename Geometry::Reader, int16_t, block> body = {reader, sums, *input};
        Unrolled<0, block>::run(body);
    }
#endif
}

/// Contribution of one row to `block` outputs from `output` on.
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

/// If the number of outputs is not a multiple of the block, the rest is a smaller block.
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

#if TINYSPARSE_ASSEMBLY
/// Dense layers whose row sums need 24 bits, and fit them.
template <uint8_t rest> struct WideDenseRest {
    template <class Geometry> static TINYSPARSE_INLINE void run(const Geometry&, DenseState& state) {
        wide_dense_assembly<Geometry, rest>(state);
    }
};
template <> struct WideDenseRest<0> {
    template <class Geometry> static TINYSPARSE_INLINE void run(const Geometry&, DenseState&) {}
};
#endif
/// One input row of a dense layer. direct: sums of 24 bits, in assembly.
template <bool direct> struct DenseRow {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* input, typename Geometry::WeightIndex index,
                                      int32_t* sums) {
        typename Geometry::Reader reader(g.weights(), index);
        for (typename Geometry::Size left = g.outputs; left >= Geometry::block;
             left -= Geometry::block, sums += Geometry::block)
            dense_block<Geometry::block>(g, input, reader, typename Geometry::Count(g.outputs - left), sums);
        DenseRest<Geometry::rest>::run(g, input, reader, sums);
    }
};
#if TINYSPARSE_ASSEMBLY
template <> struct DenseRow<true> {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* input, typename Geometry::WeightIndex index,
                                      int32_t* sums) {
        DenseState state = {input, g.weights() + index, sums};
        for (typename Geometry::Size left = g.outputs; left >= Geometry::block; left -= Geometry::block)
            wide_dense_assembly<Geometry, Geometry::block>(state);
        WideDenseRest<Geometry::rest>::run(g, state);
    }
};
#endif

/// Adds one input row to the sums of all outputs.
template <class Geometry>
TINYSPARSE_NOINLINE void dense_row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                   int32_t* sums) {
    typedef typename Geometry::WeightIndex WeightIndex;
    DenseRow<TINYSPARSE_ASSEMBLY && Geometry::direct>::run(
        g, input, g.in_height == 1 ? WeightIndex(0) : WeightIndex(WeightIndex(row) * g.row_size * g.outputs), sums);
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
)mcu"},
{"tinysparse/mcu/geometry.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Defaults for the generated description of a layer: the values that most layers have.
#ifndef TINYSPARSE_1_0_MCU_GEOMETRY_HPP
#define TINYSPARSE_1_0_MCU_GEOMETRY_HPP
#include "line.hpp"
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// CountType: for loops and row numbers; must hold every side and channel count of the network.
template <class CountType> struct AnyLayer {
    /// A row number or a number of channels.
    typedef CountType Count;
    typedef uint16_t Size;        ///< Bytes of memory.
    typedef uint16_t WeightIndex; ///< Index of a weight within its layer.
    /// Sum of the values of a pool.
    typedef int16_t PoolSum;
    static constexpr uint8_t bias_shift = 0;
    static constexpr Count run = 0;
    static constexpr bool has_residual = false;
    static constexpr uint8_t own_shift = 0, residual_shift = 0;
    static constexpr int8_t residual_lowest = 0;
    static constexpr Count residual_ring = 1, residual_height = 1, residual_width = 1;
    /// Layers without biases.
    static int16_t bias(Count) { return 0; }
    /// The same for assembly.
    static const uint8_t* biases() { return nullptr; }
};

/// A layer whose kernel moves: convolution, depthwise, pointwise.
template <class CountType> struct WindowLayer : AnyLayer<CountType> {
    static constexpr uint8_t stride = 1, pad_top = 0, pad_left = 0, pad_right = 0;
    static constexpr bool depthwise = false, paired = false, sparse = false, direct = false, pairs = false;
    static constexpr uint8_t cells = 0, bias_bytes = 0;
    static constexpr Pooling pooling = no_pooling;
    static constexpr CountType pool_height = 1, pool_width = 1;
    static constexpr uint8_t pool_multiplier = 1, pool_shift = 0;
};

/// A layer that sees its whole input.
template <class CountType> struct GatherLayer : AnyLayer<CountType> {
    static constexpr bool head = false, adds = false, sets = false, direct = false;
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
    static constexpr bool centred = false; ///< A series whose shifts are constants, see InputRow.
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
)mcu"},
{"tinysparse/mcu/input.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
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
)mcu"},
{"tinysparse/mcu/layer.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// One step of one layer: make the next row if all of its input is ready. A network runs as follows: the deepest layer
// that can make a row does so, until none can; then the next row of the picture comes. So each ring holds only the rows
// that a kernel still needs, and the picture is never in memory.
#ifndef TINYSPARSE_1_0_MCU_LAYER_HPP
#define TINYSPARSE_1_0_MCU_LAYER_HPP
#include "column.hpp"
#include "gather.hpp"
#include "line.hpp"
#include "port.hpp"
#include "requantise.hpp"
#include "sparse.hpp"
#include "tree.hpp"
#include "window.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// The input and output of a layer: rings of rows, and the number of rows that they have received so far.
template <class Geometry> struct Streams {
    const int8_t* input;
    typename Geometry::Count input_rows;
    const int8_t* residual; ///< This and the members below may be null if the layer does not use them.
    typename Geometry::Count residual_rows;
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
};

/// The kernel over the next row to be made, counted from the padding above the picture.
template <class Geometry> struct RowPlace {
    typedef typename Wider<typename Geometry::Count>::Type Row;
    Row top, bottom, end; ///< Its first row, the one after its last, and the one after the last of the picture.
    /// made: rows made so far.
    TINYSPARSE_INLINE RowPlace(const Geometry& g, typename Geometry::Count made)
        : top(Row(Row(made) * g.stride)), bottom(Row(top + g.kernel_height)), end(Row(Row(g.in_height) + g.pad_top)) {}
};

/// Whether a convolution, depthwise or pointwise layer has a row to make, and all input for it. made: rows of the
/// operation so far. The answer is mostly no, so a network asks before it calls the code that needs all registers.
template <class Geometry>
TINYSPARSE_INLINE bool window_ready(const Geometry& g, typename Geometry::Count made,
                                    typename Geometry::Count input_rows, typename Geometry::Count residual_rows) {
    typedef typename RowPlace<Geometry>::Row Row;
    if (made == g.rows) return false;
    const RowPlace<Geometry> place(g, made);
    if (Row(Row(input_rows) + g.pad_top) < (place.bottom < place.end ? place.bottom : place.end)) return false;
    return !(g.has_residual && residual_rows <= made);
}

/// Makes the next row of a layer that is ready.
/// MakeRow makes one row: WindowRow, ColumnRow, ListRow, StraightRow, or a choice among kernels, as on the host. It is
/// told last how many of the rows under the kernel lie one after the other before the ring turns.
template <class MakeRow, class Geometry>
TINYSPARSE_INLINE void window_make(const Geometry& g, typename Geometry::Count& made,
                                   const Streams<Geometry>& streams) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    typedef typename Geometry::WeightIndex WeightIndex;
    typedef typename RowPlace<Geometry>::Row Row;
    const RowPlace<Geometry> place(g, made);
    const Row top = place.top, bottom = place.bottom, end = place.end;
    // 1: the rows under the kernel, without those of the padding
    const int8_t* rows[Geometry::kernel_height_limit];
    const Row first = top < g.pad_top ? Row(g.pad_top) : top, last = bottom < end ? bottom : end;
    const uint8_t count = uint8_t(last - first);
    const Size row_bytes = Size(Size(g.in_width) * g.in_channels);
    const int8_t* const ring_end = streams.input + Size(Size(g.in_ring) * row_bytes);
    const Count slot = ring_place(Count(first - g.pad_top), Count(g.in_ring), Count(g.in_height));
    rows[0] = streams.input + Size(Size(slot) * row_bytes);
    const bool turns = g.in_ring < g.in_height && Count(g.in_ring - slot) < count;
    for (uint8_t i = 1; Geometry::kernel_height_limit > 1 && !MakeRow::walks && i < count; ++i) {
        rows[i] = rows[i - 1] + row_bytes;
        if (rows[i] == ring_end) rows[i] = streams.input;
    }
    // 2: the place of the results
    const Count out = Count(made / g.pool_height);
    RowTarget<Geometry> target = {streams.output + ring_offset<Size>(out, Count(g.out_ring), Count(g.out_height),
                                                                     Size(Size(g.out_width) * g.outputs)),
                                  streams.pool_sums, streams.residual, Count(made - Count(out * g.pool_height))};
    if (g.has_residual)
        target.residual += ring_offset<Size>(made, Count(g.residual_ring), Count(g.residual_height),
                                             Size(Size(g.residual_width) * g.outputs));
    // 3: one block of positions after the other
    // lists are found one by one, and the groups of a column differ in size
    const Size row_weights = g.sparse || MakeRow::by_rows ? Size(1) : Size(Size(g.depth) * g.kernel_width);
    MakeRow::run(g, rows, count, WeightIndex(WeightIndex(first - top) * row_weights),
                 Size(Size(g.kernel_height - count) * row_weights), target, turns ? uint8_t(g.in_ring - slot) : count);
    ++made;
}

/// Makes the next row if the layer is ready. Returns whether it was.
template <class MakeRow, class Geometry>
TINYSPARSE_INLINE bool window_step(const Geometry& g, typename Geometry::Count& made,
                                   const Streams<Geometry>& streams) {
    if (!window_ready(g, made, streams.input_rows, streams.residual_rows)) return false;
    window_make<MakeRow>(g, made, streams);
    return true;
}

/// The row of a layer that stores every weight.
struct WindowRow : RowMaker {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex index, typename Geometry::Size skipped,
                                      const RowTarget<Geometry>& target, uint8_t) {
        window_row(g, rows, count, index, skipped, target);
    }
};
/// The row of such a layer over a column, whose outputs are computed in groups.
struct ColumnRow : RowMaker {
    static constexpr bool by_rows = true, walks = TINYSPARSE_ASSEMBLY;
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex above, typename Geometry::Size absent,
                                      const RowTarget<Geometry>& target, uint8_t together) {
        column_row(g, rows, count, together, uint8_t(above), uint8_t(absent), target);
    }
};
/// The row of a layer that stores lists of its nonzero weights.
struct ListRow : RowMaker {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex above, typename Geometry::Size absent,
                                      const RowTarget<Geometry>& target, uint8_t) {
        sparse_window_row(g, rows, count, uint8_t(above), uint8_t(absent), target);
    }
};

/// Sets the first values of the sums of a dense layer (or of a depthwise kernel as large as its input). Several heads
/// share one set of sums; all heads after the first add to it.
template <class Geometry> void gather_begin(const Geometry& g, int32_t* sums) {
    typedef typename Geometry::Count Count;
    for (Count output = 0; output < g.outputs; ++output)
        sums[output] = (g.adds ? sums[output] : 0) + first_sum<int32_t>(g, output);
}

/// Takes in one input row; after the last, computes the outputs. made: input rows so far.
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

/// A dense layer that stores every weight.
struct Dense {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        dense_row(g, input, row, sums);
    }
};
/// A depthwise layer over its whole input that stores every weight.
struct WholeDepthwise {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        depthwise_row(g, input, row, sums);
    }
};

/// For dense layers, and depthwise ones, whose lists hold the nonzero weights.
struct SparseLists {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        sparse_row(g, input, row, sums);
    }
};

/// A tree head, whose rows are ListRows or DenseRows.
template <template <class> class Rows> struct Tree {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count, int32_t* sums) {
        tree<Rows<Geometry>>(g, input, sums);
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
)mcu"},
{"tinysparse/mcu/line.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
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
)mcu"},
{"tinysparse/mcu/lines.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Layers for which assembly makes whole rows of an output, if the chip has it: 3x3 kernels over one channel and windows
// whose sums need 24 bits, output by output, and pointwise layers, two outputs at a time.
#ifndef TINYSPARSE_1_0_MCU_LINES_HPP
#define TINYSPARSE_1_0_MCU_LINES_HPP
#include "assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "taps.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

#if TINYSPARSE_ASSEMBLY
/// Whether assembly makes whole lines of 3x3 kernels over one channel.
template <class Geometry> struct UsesLines {
    static constexpr bool value = UsesAssembly<Geometry>::value && Geometry::kernel_height == 3 &&
                                  Geometry::kernel_width == 3 && Geometry::depth == 1 &&
                                  Geometry::pooling == no_pooling && !Geometry::has_residual;
};
/// Whether it makes lines for pairs of outputs of a pointwise layer.
template <class Geometry> struct UsesPairs {
    static constexpr bool value = UsesAssembly<Geometry>::value && Geometry::paired && Geometry::Reader::bits != 2 &&
                                  Geometry::pooling == no_pooling && !Geometry::has_residual;
};
/// Whether it makes lines of windows with sums of 24 bits. It does if only the first and the last block have values
/// outside the row, pools are maxima in step with blocks, and registers hold the weights of a kernel row.
template <class Geometry> struct UsesWideLines {
    static constexpr int blocks = (Geometry::width + Geometry::block - 1) / Geometry::block,
                         last = int(Geometry::width) - int(Geometry::block); // position of the last block
    static constexpr bool inside =
        blocks == 1 || (Geometry::block * Geometry::stride >= Geometry::pad_left &&
                        (last - (blocks - 2) * Geometry::block) * Geometry::stride >= Geometry::pad_right);
    static constexpr bool value =
        Geometry::direct && inside && Geometry::kernel_width <= 5 && blocks <= 255 && !Geometry::has_residual &&
        (Geometry::pooling == no_pooling || (Geometry::pooling == maximum_pooling && Geometry::cells > 0));
};
template <class Geometry, bool lines = UsesLines<Geometry>::value, bool pairs = UsesPairs<Geometry>::value,
          bool wide = UsesWideLines<Geometry>::value>
struct AssemblyRow { // makes whole rows of outputs; returns their number
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry&, const int8_t* const*, uint8_t,
                                                          typename Geometry::WeightIndex, const RowTarget<Geometry>&) {
        return 0;
    }
};
template <class Geometry> struct AssemblyRow<Geometry, false, true, false> {
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
template <class Geometry> struct AssemblyRow<Geometry, true, false, false> {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                                          typename Geometry::WeightIndex index,
                                                          const RowTarget<Geometry>& target) {
        // The middle row is always present; missing rows have weights of 0 over any row.
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
/// One line of a window with sums of 24 bits, all outputs.
template <class Geometry,
          bool plane = (Geometry::kernel_height == 3 && Geometry::kernel_width == 3 && Geometry::in_channels == 1)>
struct WideLine {
    static constexpr bool keeps_weights = false; ///< Weights of all rows under the kernel, present or not.
    WideLineState<Geometry::kernel_height> state;
    const int8_t* const* rows;
    Int24 excess;

    TINYSPARSE_INLINE WideLine(const int8_t* const* rows_of_input, uint8_t count, bool)
        : rows(rows_of_input), excess(wide_excess<Geometry::depth * Geometry::kernel_width>(count)) {
        state.count = count;
    }
    TINYSPARSE_INLINE void run(uintptr_t offset) {
        for (uint8_t i = 0; i < Geometry::kernel_height && i < state.count; ++i) state.rows[i] = rows[i] + offset;
        wide_line_assembly<Geometry>(state);
    }
};
template <class Geometry> struct WideLine<Geometry, true> {
    static constexpr bool keeps_weights = true;
    WidePlaneState state;
    const int8_t* rows[3];
    Int24 excess;

    /// The middle row is always present; missing rows have weights of 0 over it.
    TINYSPARSE_INLINE WideLine(const int8_t* const* rows_of_input, uint8_t count, bool above)
        : excess(wide_excess<3>(3)) {
        const bool below = count + above < 3;
        rows[1] = rows_of_input[above ? 0 : 1];
        rows[0] = above ? rows[1] : rows_of_input[0];
        rows[2] = below ? rows[1] : rows_of_input[above ? 1 : 2];
        state.absent = uint8_t(above | (below << 1));
    }
    TINYSPARSE_INLINE void run(uintptr_t offset) {
        for (uint8_t i = 0; i < 3; ++i) state.rows[i] = rows[i] + offset;
        wide_plane_assembly<Geometry>(state);
    }
};
template <class Geometry> struct AssemblyRow<Geometry, false, false, true> {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                                          typename Geometry::WeightIndex index,
                                                          const RowTarget<Geometry>& target) {
        typedef WideLine<Geometry> Line;
        Line line(rows, count, index != 0);
        line.state.weights = g.weights() + (Line::keeps_weights ? 0 : index);
        line.state.first = target.phase == 0;
        for (typename Geometry::Count output = 0; output < g.outputs; ++output) {
            const Int24 start = Int24(first_sum<Int24>(g, output) - line.excess);
            __builtin_memcpy(line.state.start, &start, 3);
            line.state.target = target.output + output;
            line.run((g.depthwise ? output : 0) - uintptr_t(Geometry::pad_left) * Geometry::in_channels);
            line.state.weights += Geometry::kernel_height * Geometry::depth * Geometry::kernel_width;
        }
        return g.outputs;
    }
};
#else
/// Without assembly: makes none of the outputs.
template <class Geometry> struct AssemblyRow {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry&, const int8_t* const*, uint8_t,
                                                          typename Geometry::WeightIndex, const RowTarget<Geometry>&) {
        return 0;
    }
};
#endif

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)mcu"},
{"tinysparse/mcu/pointwise.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Pointwise layers, two outputs at once, so that an input value is fetched once for both. The weights of two outputs
// alternate: [output / 2][depth][2]; an odd last output is alone.
#ifndef TINYSPARSE_1_0_MCU_POINTWISE_HPP
#define TINYSPARSE_1_0_MCU_POINTWISE_HPP
#include "assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "sums.hpp"
#include "taps.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// The products of two outputs of a pointwise layer, two positions at a time: sums and values of more positions would
/// not stay in registers.
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
            // A weight of 8 bits is read when it is needed, which leaves registers to the values. A smaller one is read
            // together with the one in the same byte.
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

/// Adds the products of two outputs at a block of positions.
template <class Geometry, bool assembly> struct TwoOutputs {
    /// one, other: sums of the two outputs, whose weights `reader` reads next.
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

/// All remaining outputs at a block of positions, two at a time; an odd last one alone.
template <class Geometry> struct PairedOutputs {
    template <class Products>
    static TINYSPARSE_INLINE void run(const Geometry& g, const Products& products, uintptr_t offset,
                                      typename Geometry::Reader& reader, const OutputsLeft<Geometry>& left,
                                      BlockTarget<Geometry> target) {
        typedef typename Geometry::Sum Sum;
        typedef typename Geometry::Count Count;
        Count output = left.first;
        for (; output + 1 < g.outputs; output = Count(output + 2)) {
            Sums<Sum, Geometry::block> one, other;
            one.fill(first_sum<Sum>(g, output));
            other.fill(first_sum<Sum>(g, Count(output + 1)));
            TwoOutputs<Geometry, UsesAssembly<Geometry>::value>::add(g, *products.rows + offset, reader, one, other);
            finish_block(g, one, target);
            target.next_output(g);
            finish_block(g, other, target);
            target.next_output(g);
        }
        if (g.outputs % 2 != 0) window_output(g, products, offset, output, reader, target);
    }
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)mcu"},
{"tinysparse/mcu/port.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// All differences between compilers and machines: program memory, inlining, and the sums of 24 bits. Everything else in
// this folder is plain C++11 that needs only stdint.h and gives the same result everywhere.
#ifndef TINYSPARSE_1_0_MCU_PORT_HPP // a guard with the version: two exported models, each with its copy, one sketch
#define TINYSPARSE_1_0_MCU_PORT_HPP
#include <stddef.h>
#include <stdint.h>

// For declarations of constants in program memory. clang for AVR silently ignores progmem and would put them into RAM,
// while gcc ignores a section attribute on members of templates.
#if defined(__AVR__) && defined(__clang__)
#define TINYSPARSE_FLASH __attribute__((section(".progmem.data")))
#elif defined(__AVR__)
#define TINYSPARSE_FLASH __attribute__((__progmem__))
#else
#define TINYSPARSE_FLASH
#endif
#define TINYSPARSE_INLINE inline __attribute__((always_inline))
#define TINYSPARSE_NOINLINE __attribute__((noinline))

// avr-gcc at -Os turns constant shifts into loops and spills values that would fit into registers. So kernels are
// compiled for speed, whatever the sketch asks for.
#if defined(__AVR__) && defined(__GNUC__) && !defined(__clang__)
#define TINYSPARSE_FAST_BEGIN _Pragma("GCC push_options") _Pragma("GCC optimize(\"O2\")")
#define TINYSPARSE_FAST_END _Pragma("GCC pop_options")
#else
#define TINYSPARSE_FAST_BEGIN
#define TINYSPARSE_FAST_END
#endif

// 1: innermost loops are those of assembly.hpp. Their twins in C++ give the same results; TINYSPARSE_NO_ASM chooses
// them.
#if defined(__AVR_HAVE_MUL__) && defined(__GNUC__) && !defined(__clang__) && !defined(TINYSPARSE_NO_ASM)
#define TINYSPARSE_ASSEMBLY 1
#else
#define TINYSPARSE_ASSEMBLY 0
#endif

// 1: raw values of series are converted to int8 in assembly, on chips without `muls` as well.
#if defined(__AVR__) && defined(__GNUC__) && !defined(__clang__) && !defined(TINYSPARSE_NO_ASM)
#define TINYSPARSE_SERIES_ASSEMBLY 1
#else
#define TINYSPARSE_SERIES_ASSEMBLY 0
#endif

// 0: an AVR without `mul`, where a product is a function call that takes 40 cycles and more.
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
/// A sum of 24 bits, or of 32 where the compiler has no such type.
typedef int32_t Int24;
#endif

/// One value from program memory; a plain load if the machine has none.
#if defined(__AVR__)
TINYSPARSE_INLINE uint8_t read_flash(const uint8_t* address) {
    uint8_t value;
    __asm__("lpm %0, Z" : "=r"(value) : "z"(address));
    return value;
}
/// Reads a value and moves on: one instruction.
TINYSPARSE_INLINE uint8_t read_flash_step(const uint8_t*& address) {
    uint8_t value;
    __asm__("lpm %0, Z+" : "=r"(value), "+z"(address));
    return value;
}
#else
TINYSPARSE_INLINE uint8_t read_flash(const uint8_t* address) { return *address; }
/// Reads a value and moves on.
TINYSPARSE_INLINE uint8_t read_flash_step(const uint8_t*& address) { return *address++; }
#endif
/// A signed value from program memory.
TINYSPARSE_INLINE int8_t read_flash(const int8_t* address) {
    return int8_t(read_flash(reinterpret_cast<const uint8_t*>(address)));
}
/// Two bytes, the low one first; generated headers store every constant of 16 bits like this.
TINYSPARSE_INLINE int16_t read_flash_16(const uint8_t* address) {
    return int16_t(uint16_t(read_flash(address)) | uint16_t(uint16_t(read_flash(address + 1)) << 8));
}

/// A float, four bytes, the low one first.
inline float read_flash_float(const uint8_t* address) {
    static_assert(sizeof(float) == 4, "floats are IEEE 754 binary32");
    const uint32_t bits = uint32_t(uint16_t(read_flash_16(address))) | uint32_t(uint16_t(read_flash_16(address + 2)))
                                                                           << 16;
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

// avr-gcc has three habits that cost cycles. It widens a byte that takes part in several products once, and then
// multiplies 16 bits by 8 with two instructions more. It turns a pointer that walks in steps into offsets from its
// start, which only two of three pointer registers have. It puts sums into the upper registers, the only ones that can
// be multiplied. The functions below keep a byte in an upper register, a sum in a lower one, a walking pointer walking,
// a pointer to program memory in Z, and a loop counting down instead of comparing pointers. They add no instructions.
#if defined(__AVR__)
TINYSPARSE_INLINE void keep_byte(int8_t& value) { __asm__("" : "+d"(value)); }
TINYSPARSE_INLINE void keep_byte(uint8_t& value) { __asm__("" : "+d"(value)); }
TINYSPARSE_INLINE void keep_low(int16_t& sum) { __asm__("" : "+l"(sum)); }
TINYSPARSE_INLINE void keep_pointer(const int8_t*& pointer) { __asm__("" : "+e"(pointer)); }
TINYSPARSE_INLINE void keep_walking(const int8_t*& pointer) { __asm__("" : "+x"(pointer)); }
TINYSPARSE_INLINE void keep_reading(const uint8_t*& pointer) { __asm__("" : "+z"(pointer)); }
template <class Count> TINYSPARSE_INLINE void keep_counting(Count& count) { __asm__("" : "+d"(count)); }
#else
TINYSPARSE_INLINE void keep_byte(int8_t&) {}
TINYSPARSE_INLINE void keep_byte(uint8_t&) {}
TINYSPARSE_INLINE void keep_low(int16_t&) {}
TINYSPARSE_INLINE void keep_pointer(const int8_t*&) {}
TINYSPARSE_INLINE void keep_walking(const int8_t*&) {}
TINYSPARSE_INLINE void keep_reading(const uint8_t*&) {}
template <class Count> TINYSPARSE_INLINE void keep_counting(Count&) {}
#endif

/// Loads a value and moves on: one instruction, for which avr-gcc needs three.
#if defined(__AVR__)
TINYSPARSE_INLINE int8_t load_step(const int8_t*& pointer) {
    int8_t value;
    __asm__ volatile("ld %0, X+" : "=d"(value), "+x"(pointer) : : "memory");
    return value;
}
#else
TINYSPARSE_INLINE int8_t load_step(const int8_t*& pointer) { return *pointer++; }
#endif

/// An unsigned type that holds twice a row index plus a kernel.
template <class Count> struct Wider;
template <> struct Wider<uint8_t> { typedef uint16_t Type; };
template <> struct Wider<uint16_t> { typedef uint32_t Type; };
template <> struct Wider<uint32_t> { typedef uint32_t Type; };

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
)mcu"},
{"tinysparse/mcu/reading.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// From a sensor's reading to the raw element that a network takes. The operations on 32-bit floats are the same on
// every machine, so that the numbers of a CSV file give the same elements on a chip as in training.
#ifndef TINYSPARSE_1_0_MCU_READING_HPP
#define TINYSPARSE_1_0_MCU_READING_HPP
#include <stdint.h>

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// clamp(floor((reading - origin) * scale + 0.5), -32768..32767); scale is a power of two. A reading that is not a
/// number gives -32768.
inline int16_t raw_value(float reading, float origin, float scale) {
    const float steps = (reading - origin) * scale;
    if (!(steps > -32768.0f)) return int16_t(-32767 - 1);
    if (steps >= 32767.0f) return 32767;
    const int32_t whole = int32_t(steps);
    const float rest = steps - float(whole); // exact; steps + 0.5 would not be
    return int16_t(whole + (rest >= 0.5f ? 1 : rest < -0.5f ? -1 : 0));
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
)mcu"},
{"tinysparse/mcu/requantise.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// From sums back to int8, with power-of-two scales (Jacob et al. 2018, section 2.2):
//   y = clamp(floor((s + 2^(shift-1)) / 2^shift), lowest, 127)        lowest: 0 with a ReLU, -128 without
// The rounding half is already in s: kernels begin their sums with it. No function here has a loop.
#ifndef TINYSPARSE_1_0_MCU_REQUANTISE_HPP
#define TINYSPARSE_1_0_MCU_REQUANTISE_HPP
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// From 16 bits. shift: 1..14. From shift 8 on no value can be outside -128..127. Below it the result, once clamped, is
/// the high byte of sum * 2^(8 - shift), and the sum's own high byte tells whether it is clamped.
TINYSPARSE_INLINE int8_t requantise(int16_t sum, uint8_t shift, int8_t lowest) {
    const int8_t high = int8_t(sum >> 8);
    if (shift >= 8) return lowest == 0 && high < 0 ? int8_t(0) : int8_t(high >> (shift - 8));
    const uint8_t limit = uint8_t((1 << shift) / 2);
    if (lowest == 0 ? uint8_t(high) >= limit : uint8_t(uint8_t(high) + limit) >= uint8_t(2 * limit))
        return high < 0 ? lowest : int8_t(127);
    return int8_t(uint16_t(uint16_t(sum) << (8 - shift)) >> 8);
}

/// From 24 or 32 bits. After clamping, the rest is a shift of 16 bits.
template <class Sum> TINYSPARSE_INLINE int8_t requantise(Sum sum, uint8_t shift, int8_t lowest) {
    const Sum limit = Sum(Sum(128) << shift);
    if (sum < (lowest == 0 ? Sum(0) : Sum(-limit))) return lowest;
    if (sum >= limit) return 127;
    if (shift >= 8) return int8_t(int16_t(sum >> 8) >> (shift - 8));
    return int8_t(uint16_t(uint16_t(sum) << (8 - shift)) >> 8);
}

/// From a value that assembly has requantised.
TINYSPARSE_INLINE int8_t requantise(int8_t value, uint8_t, int8_t) { return value; }

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
)mcu"},
{"tinysparse/mcu/sparse.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Layers whose weights are mostly zero: only the others are stored, each with its distance from the one before.
//
// A list holds the nonzero weights of one output that meet one row of the input, in the order of the row in memory. It
// begins with a byte that counts entries, at most 127. Bit 7 of it says that another such byte with more entries of the
// same list follows; this happens if the sum of more entries might not fit 16 bits, or if there are more than 127. Each
// entry counts from the input value after that of the entry before:
//   PairEntries     two bytes: values to skip, 0..255; the weight
//   NibbleEntries   one byte: values to skip, 0..15, in the low half; the weight + 8 in the high half
//   TernaryEntries  one byte: twice the values to skip, 0..127; + 1 if the weight is -1
// Longer skips need entries of weight 0 in between; ternary lists have no such weight, so they cannot skip more.
//
// Moving kernels store the lists of an output for all kernel rows, then those of the next output. Layers that gather
// store the lists of all outputs (a depthwise one: of all channels) for each input row. If there are several rows, the
// offset of each row's first list comes first, two bytes per row, low byte first.
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

/// Reads entries of two bytes: values to skip, weight.
struct PairEntries {
    static constexpr uint8_t kind = 0;  ///< Used by the assembly.
    static constexpr uint8_t bytes = 2; ///< Bytes per entry.
    const uint8_t* at;

    /// Begins the next entry and returns the number of input values to skip.
    TINYSPARSE_INLINE uint8_t skipped() { return read_flash_step(at); }
    /// Ends the entry: adds the product to the sums of `body`.
    template <class Body> TINYSPARSE_INLINE void product(Body& body) { body.multiply(int8_t(read_flash_step(at))); }
};

/// Reads entries of one byte: four bits to skip, four of weight.
struct NibbleEntries {
    static constexpr uint8_t kind = 1, bytes = 1;
    const uint8_t* at;
    uint8_t entry;

    /// As PairEntries::skipped().
    TINYSPARSE_INLINE uint8_t skipped() {
        entry = read_flash_step(at);
        return uint8_t(entry & 15);
    }
    /// As PairEntries::product().
    template <class Body> TINYSPARSE_INLINE void product(Body& body) { body.multiply(int8_t(uint8_t(entry >> 4) - 8)); }
};

/// Adds and subtracts only, so that chips without a multiplier need none.
struct TernaryEntries {
    static constexpr uint8_t kind = 2, bytes = 1;
    const uint8_t* at;
    uint8_t entry;

    /// As PairEntries::skipped().
    TINYSPARSE_INLINE uint8_t skipped() {
        entry = read_flash_step(at);
        return uint8_t(entry >> 1);
    }
    /// As PairEntries::product().
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

/// Skips a list.
template <class Entries> TINYSPARSE_INLINE void skip_list(Entries& entries) {
    for (;;) {
        const uint8_t header = read_flash_step(entries.at);
        entries.at += uint16_t(uint8_t(header & 127) * uint16_t(Entries::bytes));
        if (header < 128) return;
    }
}

/// Adds one product to one sum.
struct OneProduct {
    int16_t& sum;
    int8_t value;
    /// For a weight of any value.
    TINYSPARSE_INLINE void multiply(int8_t weight) { add_product(sum, weight, value); }
    /// For a weight of 1.
    TINYSPARSE_INLINE void add() { sum = int16_t(sum + value); }
    /// For a weight of -1.
    TINYSPARSE_INLINE void subtract() { sum = int16_t(sum - value); }
};

/// Adds the product of the next entry; `input` points behind its value then.
template <class Entries> TINYSPARSE_INLINE void add_entry(const int8_t*& input, Entries& entries, int16_t& sum) {
    input += entries.skipped();
    OneProduct body = {sum, load_step(input)};
    entries.product(body);
}

/// Reads the entries of one count. Returns whether another count follows.
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
/// The same if 16 bits hold the sum.
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

    /// offset: of the value at the block's first position.
    TINYSPARSE_INLINE BlockValues(const Geometry& g, const int8_t* row, uintptr_t offset)
        : geometry(g), at(reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(row) + offset)) {}
    /// Moves on by this number of values, at all positions.
    TINYSPARSE_INLINE void skip(uint8_t count) { at += count; }
    /// The value of position i. After the last one comes the first one again.
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
    uintptr_t offset; ///< Wraps around if the first value lies left of the row.

    TINYSPARSE_INLINE BlockValues(const Geometry& g, const int8_t* first, uintptr_t from)
        : geometry(g), row(first), offset(from) {}
    TINYSPARSE_INLINE void skip(uint8_t count) { offset += count; }
    template <uint8_t i> TINYSPARSE_INLINE int8_t next() const {
        typedef typename Geometry::Size Size;
        const uintptr_t own = offset + uintptr_t(Size(Size(i * geometry.in_channels) * geometry.stride));
        return own < uintptr_t(Size(Size(geometry.in_width) * geometry.in_channels)) ? row[own] : int8_t(0);
    }
};

/// Adds the products of an entry to the sums of a block.
template <class Values, class Sum, uint8_t block> struct BlockProduct {
    Values& values;
    Sums<Sum, block>& sums;

    /// One step of multiply().
    struct Multiply {
        Values& values;
        Sums<Sum, block>& sums;
        int8_t weight;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            add_product(sums.value[i], weight, values.template next<i>());
        }
    };
    /// One step of add().
    struct Add {
        Values& values;
        Sums<Sum, block>& sums;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            sums.value[i] = Sum(sums.value[i] + values.template next<i>());
        }
    };
    /// One step of subtract().
    struct Subtract {
        Values& values;
        Sums<Sum, block>& sums;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            sums.value[i] = Sum(sums.value[i] - values.template next<i>());
        }
    };
    /// For a weight of any value.
    TINYSPARSE_INLINE void multiply(int8_t weight) {
        Multiply body = {values, sums, weight};
        Unrolled<0, block>::run(body);
    }
    /// For a weight of 1.
    TINYSPARSE_INLINE void add() {
        Add body = {values, sums};
        Unrolled<0, block>::run(body);
    }
    /// For a weight of -1.
    TINYSPARSE_INLINE void subtract() {
        Subtract body = {values, sums};
        Unrolled<0, block>::run(body);
    }
};

/// The products of `count` entries at a block of positions, in 16 bits.
template <class Entries, class Values, uint8_t block>
TINYSPARSE_INLINE void add_entries(uint8_t count, Values& values, Entries& entries, Sums<int16_t, block>& sums) {
    if (count == 0) return;
    keep_counting(count); // otherwise the loop would begin with the test that it ends with
    do {
        values.skip(entries.skipped());
        BlockProduct<Values, int16_t, block> body = {values, sums};
        entries.product(body);
        values.skip(1);
    } while (--count != 0);
}

/// A list at a block of positions: into sums of 16 bits, or through such sums into wide ones.
template <class Sum> struct BlockList {
    /// Adds all entries of a list. values: of the row that it meets.
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

/// The rows of the input under the kernel, and the number of kernel rows above and below that meet none.
struct KernelRows {
    const int8_t* const* rows;
    uint8_t count, above, below;
};

/// The lists of one output over all rows at a block of positions.
template <class Geometry, bool assembly> struct SparseProducts {
    /// Adds the lists of all rows under the kernel.
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

/// One row of all outputs. above, absent: number of kernel rows that meet no input above, and in all.
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
)mcu"},
{"tinysparse/mcu/sparse_assembly.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
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
)mcu"},
{"tinysparse/mcu/straight.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
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
)mcu"},
{"tinysparse/mcu/sums.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Small groups of sums that are kept in registers, and loops that the compiler unrolls to make that possible.
#ifndef TINYSPARSE_1_0_MCU_SUMS_HPP
#define TINYSPARSE_1_0_MCU_SUMS_HPP
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// Runs body.at<begin>() ... body.at<end - 1>(), unrolled: avr-gcc keeps only arrays with constant indices in
/// registers.
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

    /// One step of fill().
    struct Fill {
        Sums& sums;
        Sum start;
        template <uint8_t i> TINYSPARSE_INLINE void at() { sums.value[i] = start; }
    };
    /// One step of add().
    template <class Narrow> struct Add {
        Sums& sums;
        const Sums<Narrow, count>& other;
        template <uint8_t i> TINYSPARSE_INLINE void at() { sums.value[i] = Sum(sums.value[i] + Sum(other.value[i])); }
    };
    /// Sets all sums.
    TINYSPARSE_INLINE void fill(Sum start) {
        Fill body = {*this, start};
        Unrolled<0, count>::run(body);
    }
    /// Adds sums of the same positions or outputs.
    template <class Narrow> TINYSPARSE_INLINE void add(const Sums<Narrow, count>& other) {
        Add<Narrow> body = {*this, other};
        Unrolled<0, count>::run(body);
    }
};

/// First value of an output's sum: bias and rounding half.
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
/// The same for sums of 16 bits, kept in lower registers.
TINYSPARSE_INLINE void add_product(int16_t& sum, int8_t weight, int8_t value) {
    keep_byte(weight);
    keep_byte(value);
    sum = int16_t(sum + int16_t(int16_t(weight) * int16_t(value)));
    keep_low(sum);
}

/// The same for a weight of `bits` bits. Weights of 2 bits are 1, 0 and -1, for which chips need no multiplication.
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
/// Stores sums from registers in memory.
template <class Narrow, uint8_t count> struct SetTo {
    const Sums<Narrow, count>& sums;
    int32_t* target;
    template <uint8_t i> TINYSPARSE_INLINE void at() { target[i] = sums.value[i]; }
};
/// First values of the sums of neighbouring outputs.
template <class Geometry, class Sum, uint8_t count> struct FirstSums {
    const Geometry& geometry;
    typename Geometry::Count output; ///< The first of them.
    Sums<Sum, count>& sums;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        sums.value[i] = first_sum<Sum>(geometry, typename Geometry::Count(output + i));
    }
};

/// sums[i] += weight[i] * value for all outputs of a group.
template <class Reader, class Sum, uint8_t count> struct Products {
    Reader& reader;
    Sums<Sum, count>& sums;
    int8_t value;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        add_weighted<Reader::bits>(sums.value[i], reader.next(), value);
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
)mcu"},
{"tinysparse/mcu/taps.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// The products of one output of a window at a block of neighbouring positions, row after row under the kernel.
//   y[x] += w[ky][c][kx] * in[ky][x * stride + kx - pad][c]
//
// Sums are int16_t if the exporter has proven that 127 * sum|w| + |b| + 2^(shift-1) <= 32767 for every output (128
// after a linear layer). Otherwise `Sum` has 24 or 32 bits, and products are first added up in 16 bits over `run`
// channels, the longest run with such a proof. With run 0, not even one channel has it, and each product is added to
// the wide sum at once. A geometry is `direct` if assembly does so, with sums of 24 bits.
#ifndef TINYSPARSE_1_0_MCU_TAPS_HPP
#define TINYSPARSE_1_0_MCU_TAPS_HPP
#include "assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "sums.hpp"
#include "weights.hpp"
#include "wide_assembly.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// One kernel row of one input channel for a block of positions. This is the innermost loop, unrolled; the place for
/// assembly.
template <class Geometry, class Sum> struct Taps {
    static constexpr uint8_t kernel_width = Geometry::kernel_width, stride = Geometry::stride, block = Geometry::block;
    static constexpr uint8_t count = uint8_t((block - 1) * stride + kernel_width); ///< Number of input values read.

    const Geometry& geometry;
    const int8_t*& input;       ///< The next value; at first it may lie left of the row.
    uint8_t inside, inside_end; ///< The range of values that lie inside the row.
    int8_t weights[kernel_width];
    Sums<Sum, block>& sums;

    /// Product of input value `tap` with the weight that meets it at `position`, if any does.
    template <uint8_t tap, uint8_t position, bool used> struct Product {
        /// Adds the product to the sum of the position.
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
        /// Adds them to the sums of their positions.
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
    /// Moves `input` to the next channel.
    template <class Reader> TINYSPARSE_INLINE void run(Reader& reader) {
        ReadWeights<Reader, kernel_width> read = {reader, weights};
        Unrolled<0, kernel_width>::run(read);
        Unrolled<0, count>::run(*this);
        input -= typename Geometry::Size(count * geometry.in_channels - 1);
    }
};

/// The ways in which products are summed: in 16 bits all the way ...
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
    /// Into wide sums at once.
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

/// The place of a block: the offset of its first value in each row, and the values that lie inside the row. Columns
/// count from the left padding.
template <class Geometry> struct BlockPlace {
    static constexpr uint8_t touched = Taps<Geometry, typename Geometry::Sum>::count;
    uint8_t inside, inside_end;
    uintptr_t offset;

    /// The block at positions x ... of a row.
    TINYSPARSE_INLINE BlockPlace(const Geometry& g, typename Geometry::Count x) {
        typedef typename Wider<typename Geometry::Count>::Type Column;
        typedef typename Geometry::Size Size;
        const Column column = Column(Column(x) * g.stride);
        const Column left = Column(g.in_width + g.pad_left - column);
        inside = column < g.pad_left ? uint8_t(g.pad_left - column) : uint8_t(0);
        inside_end = left < touched ? uint8_t(left) : touched;
        offset = uintptr_t(Size(column) * Size(g.in_channels)) - uintptr_t(Size(g.pad_left) * g.in_channels);
    }
    /// One bit for each value that may lie outside, 1 if it lies inside, those on the left first.
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

    /// Adds the products of all rows; offset: of the block's first value.
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

/// The amount by which flipping top bits changes a sum, for a number of products in a row. It is a loop, since avr-gcc
/// 5 sometimes shifts 24 bits by 16 from the wrong register.
template <uint16_t products> TINYSPARSE_INLINE Int24 wide_excess(uint8_t rows) {
    Int24 excess = 0;
    for (; rows != 0; --rows) {
        keep_counting(rows); // otherwise avr-gcc multiplies 24 bits
        excess = Int24(excess + (Int24(products) << 15));
    }
    return excess;
}

/// Sums of 24 bits all the way, in assembly that requantises them as well.
template <class Geometry> struct WideProducts {
    uint8_t count, flags;
    Int24 excess;
    const int8_t* rows[Geometry::kernel_height];

    TINYSPARSE_INLINE WideProducts(const Geometry& g, const int8_t* const* first, uint8_t rows_count,
                                   const BlockPlace<Geometry>& place)
        : count(rows_count), flags(place.flags(g)),
          excess(wide_excess<Geometry::depth * Geometry::kernel_width>(rows_count)) {
        // values() copies all rows of a depthwise layer, so those that are absent have a value as well.
        for (uint8_t i = 0; i < Geometry::kernel_height && (Geometry::depthwise || i < count); ++i)
            rows[i] =
                reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(first[i < count ? i : 0]) + place.offset);
    }
    TINYSPARSE_INLINE void values(typename Geometry::Count output, typename Geometry::Reader& reader, Int24 start,
                                  Sums<int8_t, Geometry::block>& found) const {
        const int8_t* own[Geometry::kernel_height];
        for (uint8_t i = 0; Geometry::depthwise && i < Geometry::kernel_height; ++i) own[i] = rows[i] + output;
        WideWindowAssembly<Geometry>::run(Geometry::depthwise ? own : rows, count, flags, reader, Int24(start - excess),
                                          found);
    }
};

/// Sums of 16 bits, with a depth that fits the assembly's counter.
template <class Geometry> struct UsesAssembly {
    static constexpr bool value = sizeof(typename Geometry::Sum) == 2 && Geometry::depth <= 255;
};
template <class Geometry,
          bool runs = (sizeof(typename Geometry::Sum) > 2 && Geometry::run > 0 && Geometry::depth <= 255),
          bool direct = Geometry::direct>
struct ProductsOf {
    typedef BlockProducts<Geometry, UsesAssembly<Geometry>::value> Type;
};
template <class Geometry> struct ProductsOf<Geometry, true, false> { typedef RunProducts<Geometry> Type; };
template <class Geometry, bool runs> struct ProductsOf<Geometry, runs, true> { typedef WideProducts<Geometry> Type; };
#else
/// True if products of 16 bits are computed in assembly.
template <class Geometry> struct UsesAssembly { static constexpr bool value = false; };
/// The products that suit a geometry.
template <class Geometry> struct ProductsOf { typedef BlockProducts<Geometry, false> Type; };
#endif

/// The outputs that a row makes block by block: all from `first` on. For each, `skipped` weights meet no row of the
/// input.
template <class Geometry> struct OutputsLeft {
    typename Geometry::Count first;
    typename Geometry::Size skipped;
};

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
#if TINYSPARSE_ASSEMBLY
template <class Geometry>
TINYSPARSE_INLINE void window_output(const Geometry& g, const WideProducts<Geometry>& products, uintptr_t,
                                     typename Geometry::Count output, typename Geometry::Reader& reader,
                                     const BlockTarget<Geometry>& target) {
    Sums<int8_t, Geometry::block> values;
    products.values(output, reader, first_sum<Int24>(g, output), values);
    finish_block(g, values, target);
}
#endif

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)mcu"},
{"tinysparse/mcu/tree.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Tree head: a shallow tree over a vector z of int8. All nodes of a path give scores (Kumar, Goyal, Varma 2017).
//   logits[c] = sum over the nodes k of the path of  q(W[k][c] . z) * t(V[k][c] . z)
//   q(s) = clamp((s + 2^(b-1)) >> b, -4096, 4095)                          b = score_shift, 1..14
//   t(s) = 127 tanh(u / 32) by a table, u = clamp((s + 2^(a-1)) >> a, -127, 127)    a = tanh_shift, 1..14
// From node k the path goes to node 2k + 2 if theta[k] . z > 0, else to 2k + 1; it ends at `depth`. Rows of a node:
// theta (unless it is a leaf), W of all classes, V of all classes. Only nodes on the path are read.
// Sums of rows are below 2^24 (proven), a logit is at most 7 * 4096 * 127 < 2^22.
#ifndef TINYSPARSE_1_0_MCU_TREE_HPP
#define TINYSPARSE_1_0_MCU_TREE_HPP
#include "gather.hpp"
#include "port.hpp"
#include "sparse.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// gates[i] = round(127 tanh(i / 32)).
template <class Unused> struct TreeTable { static const uint8_t gates[128] TINYSPARSE_FLASH; };
template <class Unused>
const uint8_t TreeTable<Unused>::gates[128] = {
    0,   4,   8,   12,  16,  20,  24,  27,  31,  35,  38,  42,  46,  49,  52,  56,  59,  62,  65,  68,  70,  73,
    76,  78,  81,  83,  85,  87,  89,  91,  93,  95,  97,  98,  100, 101, 103, 104, 105, 107, 108, 109, 110, 111,
    112, 113, 113, 114, 115, 116, 116, 117, 118, 118, 119, 119, 120, 120, 120, 121, 121, 122, 122, 122, 122, 123,
    123, 123, 123, 124, 124, 124, 124, 124, 125, 125, 125, 125, 125, 125, 125, 125, 125, 126, 126, 126, 126, 126,
    126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
};

/// (sum + 2^(shift-1)) >> shift, limited to lowest..highest.
TINYSPARSE_INLINE int16_t tree_value(int32_t sum, uint8_t shift, int16_t lowest, int16_t highest) {
    const int32_t value = (sum + (int32_t(1) << (shift - 1))) >> shift;
    return value < lowest ? lowest : value > highest ? highest : int16_t(value);
}
/// 127 tanh(u / 32). u: -127..127.
TINYSPARSE_INLINE int8_t tree_gate(int8_t u) {
    const int8_t size = int8_t(read_flash(TreeTable<void>::gates + uint8_t(u < 0 ? -u : u)));
    return u < 0 ? int8_t(-size) : size;
}

/// The rows of a tree as lists of nonzero weights. Two bytes per node, before the lists, hold the offset of the node's
/// first list, unless there is only one node.
template <class Geometry> struct ListRows {
    typename Geometry::Entries entries;

    /// Begins at the first row of a node.
    TINYSPARSE_INLINE ListRows(const Geometry& g, uint8_t node)
        : entries(entries_at<typename Geometry::Entries>(
              g.weights() + (g.depth == 0 ? uint16_t(0) : uint16_t(read_flash_16(g.weights() + 2 * node))))) {}
    /// Skips rows.
    TINYSPARSE_INLINE void skip(const Geometry&, typename Geometry::Count rows) {
        for (; rows != 0; --rows) skip_list(entries);
    }
    /// Sum of the next row, -2^23..2^23-1.
    TINYSPARSE_INLINE int32_t sum(const Geometry& g, const int8_t* input) {
        if (g.narrow) {
            int16_t narrow = 0;
            add_list(input, entries, narrow);
            return narrow;
        }
        int32_t sum = 0;
#if TINYSPARSE_ASSEMBLY
        sparse_row_assembly(input, 1, entries, &sum);
#else
        add_list(input, entries, sum);
#endif
        return sum;
    }
};

/// The rows of a tree whose weights are all stored.
template <class Geometry> struct DenseRows {
    typedef typename Geometry::Size Size;
    typedef typename Geometry::WeightIndex Index;
    typename Geometry::Reader reader;

    /// Begins at the first row of a node.
    TINYSPARSE_INLINE DenseRows(const Geometry& g, uint8_t node)
        : reader(g.weights(),
                 Index(Index(Index(node) * Index(2 * g.outputs + 1) - leaves_before(g, node)) * Index(g.row_size))) {}
    /// Skips rows.
    TINYSPARSE_INLINE void skip(const Geometry& g, typename Geometry::Count rows) {
        reader.skip(Size(Size(rows) * g.row_size));
    }
    /// Sum of the next row, -2^23..2^23-1.
    TINYSPARSE_INLINE int32_t sum(const Geometry& g, const int8_t* input) {
        int32_t sum = 0;
        dense_block<1>(g, input, reader, 0, &sum);
        return sum;
    }

  private:
    /// Leaves have no theta.
    static TINYSPARSE_INLINE uint8_t leaves_before(const Geometry& g, uint8_t node) {
        const uint8_t inner = uint8_t((1 << g.depth) - 1);
        return node > inner ? uint8_t(node - inner) : uint8_t(0);
    }
};

/// The sum of the next row; it is a function, since it is called in three places.
template <class Rows, class Geometry>
TINYSPARSE_NOINLINE int32_t tree_sum(const Geometry& g, const int8_t* input, Rows& rows) {
    return rows.sum(g, input);
}

/// Adds the scores of all nodes on the path to the logits.
template <class Rows, class Geometry>
TINYSPARSE_NOINLINE void tree(const Geometry& g, const int8_t* input, int32_t* logits) {
    typedef typename Geometry::Count Count;
    uint8_t node = 0;
    for (uint8_t level = 0;; ++level) {
        Rows scores(g, node);
        node = uint8_t(2 * node + 1);
        if (level != g.depth && tree_sum(g, input, scores) > 0) ++node;
        Rows gates = scores;
        gates.skip(g, Count(g.outputs));
        for (Count output = 0; output < g.outputs; ++output) {
            const int16_t score = tree_value(tree_sum(g, input, scores), g.score_shift, -4096, 4095);
            const int8_t gate = tree_gate(int8_t(tree_value(tree_sum(g, input, gates), g.tanh_shift, -127, 127)));
            logits[output] += int32_t(score) * gate;
        }
        if (level == g.depth) return;
    }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)mcu"},
{"tinysparse/mcu/weights.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Weights in program memory, read one after another in the order in which a kernel uses them.
//   8 bits: an int8 each.   4 bits: two per byte, the first in the low half, as w + 8.
//   2 bits: four per byte, as w + 1.
// Nothing is padded: a layer of n weights takes ceil(n * bits / 8) bytes.
//
// The members are public for assembly.hpp, which continues reading where C++ stopped, and the other way round.
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
    uint8_t held; ///< Unread weights of the last byte, the next one lowest.
    uint8_t left; ///< Number of unread weights.

    /// Begins at the weight of the given index.
    template <class Size>
    WeightReader(const uint8_t* weights, Size index) : at(weights + index / in_a_byte), held(0), left(0) {
        const uint8_t skipped = uint8_t(index % in_a_byte);
        if (skipped != 0) {
            held = uint8_t(read_flash_step(at) >> (skipped * bits));
            left = uint8_t(in_a_byte - skipped);
        }
    }
    /// The next weight.
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
    /// Moves on by whole bytes; the held weights are then the same part of a later byte.
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
)mcu"},
{"tinysparse/mcu/wide_assembly.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
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
)mcu"},
{"tinysparse/mcu/window.hpp", R"mcu(// SPDX-License-Identifier: Apache-2.0
// Convolution, depthwise and pointwise layers: one row of the operation, block after block of neighbouring positions,
// and for each block one output channel after the other.
//   y[x] = requantise(b + sum over ky, c, kx of w[ky][c][kx] * in[ky][x * stride + kx - pad][c])
// A depthwise layer sums over one channel only, its own. Rows of the input interleave their channels: [width][channels]
// of int8. Weights are in the order of use: [output][kernel_height][depth][kernel_width].
//
// `block` neighbouring positions are computed at once, so that one weight is fetched for all of them, and each input
// value is fetched once for its kernel_width products. The last block overlaps the one before if the width is not a
// multiple.
//
//   window_row         one row of all outputs
//     AssemblyRow      as many outputs as assembly makes in whole lines (lines.hpp)
//     BlockOutputs     the others at one block; PairedOutputs two at a time (pointwise.hpp)
//       BlockProducts  the products of one output, RunProducts in runs of 16 bits (taps.hpp)
//         Taps         one kernel row of one channel, the innermost loop (taps.hpp)
#ifndef TINYSPARSE_1_0_MCU_WINDOW_HPP
#define TINYSPARSE_1_0_MCU_WINDOW_HPP
#include "finish.hpp"
#include "lines.hpp"
#include "pointwise.hpp"
#include "port.hpp"
#include "taps.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// All remaining outputs at a block of positions, one by one.
template <class Geometry, bool paired> struct BlockOutputs {
    template <class Products>
    static TINYSPARSE_INLINE void run(const Geometry& g, const Products& products, uintptr_t offset,
                                      typename Geometry::Reader& reader, const OutputsLeft<Geometry>& left,
                                      BlockTarget<Geometry> target) {
        for (typename Geometry::Count output = left.first; output < g.outputs; ++output) {
            window_output(g, products, offset, output, reader, target);
            if (g.kernel_height > 1 && left.skipped != 0) reader.skip(left.skipped);
            target.next_output(g);
        }
    }
};
template <class Geometry> struct BlockOutputs<Geometry, true> : PairedOutputs<Geometry> {};

/// One row of all outputs. rows: `count` rows of the input under the kernel. index: the weight of the first output that
/// meets the first of them; for each output, `skipped` weights meet no row.
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
    const OutputsLeft<Geometry> left = {from, skipped};
    BlockWalk<Geometry> walk = {0, 0};
    do {
        const BlockPlace<Geometry> place(g, walk.x);
        const typename ProductsOf<Geometry>::Type products = {g, rows, count, place};
        typename Geometry::Reader reader(g.weights(), index);
        BlockOutputs<Geometry, Geometry::paired>::run(g, products, place.offset, reader, left,
                                                      BlockTarget<Geometry>(g, target, walk.x, walk.done));
    } while (walk.next(g));
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
)mcu"},
    };
    std::vector<NamedFile> files;
    for (const auto& file : texts) files.push_back({file[0], file[1]});
    return files;
}
// clang-format on
} // namespace detail

/// mcu.hpp and the headers of mcu/, which an export copies, with their paths as in an #include: tinysparse/mcu.hpp,
/// tinysparse/mcu/answer.hpp ... in alphabetical order. They are made at the first call.
inline const std::vector<NamedFile>& mcu_headers() {
    static const std::vector<NamedFile> headers = detail::mcu_files();
    return headers;
}

} // namespace tinysparse::deploy
