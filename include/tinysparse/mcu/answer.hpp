// SPDX-License-Identifier: Apache-2.0
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
