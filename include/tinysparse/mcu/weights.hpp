// SPDX-License-Identifier: Apache-2.0
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
