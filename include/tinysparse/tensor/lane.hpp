// SPDX-License-Identifier: Apache-2.0
// Lane: the same element of 16 samples side by side. All arithmetic of training is done on Lanes, so a kernel reads
// like scalar code for one sample and runs at the width of the machine's vectors, at any number of channels.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace tinysparse::tensor {

inline constexpr std::size_t lane_samples = 16; ///< Samples of a group, side by side in a Lane.

#if !defined(__GNUC__) && !defined(__clang__)
#error "tinysparse needs the vector types of GCC or Clang"
#endif
// Processors with registers of 64 bytes return a Lane in one, others through memory. Compilers warn of the difference,
// which matters only between sources of one program that are compiled for different processors. The warning is off to
// the end of the source, since callers get it too. What g++ has not inlined early is warned about without a place in
// the source, so that no pragma is obeyed: all but the shortest functions that return a Lane are always inlined.
#pragma GCC diagnostic ignored "-Wpsabi"
typedef float Lane __attribute__((vector_size(64)));
typedef std::int32_t LaneMask __attribute__((vector_size(64))); ///< -1 where a comparison holds, else 0

/// True if a Lane is one of 32 registers: then blocks of many sums stay in registers. Otherwise a Lane takes two or
/// four of 16 or 32 registers; four sums fill them all, and larger blocks lose to memory what they gain.
#if defined(__AVX512F__)
inline constexpr bool lane_is_register = true;
#else
inline constexpr bool lane_is_register = false;
#endif

/// A Lane as a parameter: by value in a register, or by reference if it needs more than one. (g++ notes that it passes
/// larger values otherwise than its version 4.5 did, and only the command line can silence that.)
typedef std::conditional_t<lane_is_register, Lane, const Lane&> LaneArgument;
/// A LaneMask as a parameter, in the same way.
typedef std::conditional_t<lane_is_register, LaneMask, const LaneMask&> LaneMaskArgument;

/// True if a Lane is at most two registers: kernels that use few of them are then worth a longer compilation.
#if defined(__AVX__)
inline constexpr bool lane_is_few_registers = true;
#else
inline constexpr bool lane_is_few_registers = false;
#endif

/// The same value for all samples. (x - 0 is x for every x, -0 too, so compilers leave the subtraction out.)
inline Lane broadcast(float value) { return value - Lane{}; }

/// x itself, loaded once. Without this, g++ reads a value that four multiply-adds use from memory four times, and loads
/// of 64 bytes, not multiply-adds, then limit the speed. The empty statement hides from it where the value came from.
inline Lane in_register(LaneArgument value) {
    Lane x = value;
#if defined(__AVX512F__) && !defined(__clang__)
    asm("" : "+v"(x));
#endif
    return x;
}

/// `yes` in the lanes where the mask is set, `no` in the others.
inline Lane select(LaneMaskArgument mask, LaneArgument yes, LaneArgument no) { return mask ? yes : no; }

/// The larger value of each sample; b if one is NaN.
inline Lane maximum(LaneArgument a, LaneArgument b) { return select(a > b, a, b); }
/// The smaller value of each sample; b if one is NaN.
inline Lane minimum(LaneArgument a, LaneArgument b) { return select(a < b, a, b); }

/// The sum of the 16 samples, as a tree: (x0+x8) + (x4+x12) ..., the same on every machine.
inline float sum(LaneArgument x) {
    typedef float Half __attribute__((vector_size(32)));
    typedef float Quarter __attribute__((vector_size(16)));
    const Half half = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                      __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
    const Quarter quarter =
        __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

namespace detail {

/// Swaps the elements of a whose number has this bit set with those of b whose number has it clear.
template <int Bit, class Vector, int... Index>
inline void exchange(Vector& a, Vector& b, std::integer_sequence<int, Index...>) {
    const Vector first = __builtin_shufflevector(a, b, (Index & Bit ? 16 + Index - Bit : Index)...);
    const Vector second = __builtin_shufflevector(a, b, (Index & Bit ? 16 + Index : Index + Bit)...);
    a = first;
    b = second;
}

} // namespace detail

/// Turns 16 vectors of 16 elements, such as 16 values of 16 samples, into the 16 of one sample each, and back, in four
/// rounds of swapping halves.
template <class Vector> void transpose(Vector (&block)[lane_samples]) {
    const auto round = [&]<int Bit>(std::integral_constant<int, Bit>) {
#pragma GCC unroll 16
        for (int i = 0; i < 16; ++i)
            if (!(i & Bit)) detail::exchange<Bit>(block[i], block[i + Bit], std::make_integer_sequence<int, 16>{});
    };
    round(std::integral_constant<int, 8>{});
    round(std::integral_constant<int, 4>{});
    round(std::integral_constant<int, 2>{});
    round(std::integral_constant<int, 1>{});
}

/// The largest integer not above x, for |x| < 2^31.
inline Lane floor(LaneArgument x) {
    const Lane truncated = __builtin_convertvector(__builtin_convertvector(x, LaneMask), Lane);
    return truncated - select(truncated > x, Lane{} + 1.0f, Lane{});
}

/// f of each sample, for functions that have no vector form here.
template <class Function> [[gnu::always_inline]] inline Lane map(LaneArgument x, Function f) {
    Lane y{};
    for (std::size_t s = 0; s < lane_samples; ++s) y[s] = f(x[s]);
    return y;
}

} // namespace tinysparse::tensor
