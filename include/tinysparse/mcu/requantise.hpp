// SPDX-License-Identifier: Apache-2.0
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
