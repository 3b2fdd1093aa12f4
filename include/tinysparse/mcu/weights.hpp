// SPDX-License-Identifier: Apache-2.0
// Weights as they lie in program memory, read one after another in the order in which a kernel uses them.
//   8 bits: an int8 each.   4 bits: two in a byte, the first in the low half, as w + 8.   2 bits: four in a byte, as w
//   + 1.
// Nothing is padded: a layer of n weights takes ceil(n * bits / 8) bytes.
#ifndef TINYSPARSE_1_0_MCU_WEIGHTS_HPP
#define TINYSPARSE_1_0_MCU_WEIGHTS_HPP
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// Reads weights of 4 or 2 bits.
template <uint8_t bits> class WeightReader {
  public:
    /// Begins at the weight of the given index.
    template <class Size>
    WeightReader(const uint8_t* weights, Size index) : next_(weights + index / in_a_byte), held_(0), left_(0) {
        const uint8_t skipped = uint8_t(index % in_a_byte);
        if (skipped != 0) {
            held_ = uint8_t(read_flash_step(next_) >> (skipped * bits));
            left_ = uint8_t(in_a_byte - skipped);
        }
    }
    TINYSPARSE_INLINE int8_t next() {
        if (left_ == 0) {
            held_ = read_flash_step(next_);
            left_ = in_a_byte;
        }
        const int8_t weight = int8_t(uint8_t(held_ & mask) - bias);
        held_ = uint8_t(held_ >> bits);
        --left_;
        return weight;
    }

  private:
    static constexpr uint8_t in_a_byte = 8 / bits, mask = (1 << bits) - 1, bias = bits == 4 ? 8 : 1;
    const uint8_t* next_;
    uint8_t held_, left_;
};

/// Reads weights of 8 bits.
template <> class WeightReader<8> {
  public:
    template <class Size> WeightReader(const uint8_t* weights, Size index) : next_(weights + index) {}
    TINYSPARSE_INLINE int8_t next() { return int8_t(read_flash_step(next_)); }

  private:
    const uint8_t* next_;
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
