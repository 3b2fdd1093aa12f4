// SPDX-License-Identifier: Apache-2.0
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
