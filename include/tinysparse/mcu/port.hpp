// SPDX-License-Identifier: Apache-2.0
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
