// SPDX-License-Identifier: Apache-2.0
// From a logit to the number that it means: the same operations on floats of 32 bits on every machine, so that a chip
// answers with the numbers that were judged on the host.
#ifndef TINYSPARSE_1_0_MCU_ANSWER_HPP
#define TINYSPARSE_1_0_MCU_ANSWER_HPP
#include <stdint.h>

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// origin + scale * logit. scale is a power of two, so that only the sum is rounded (and a logit beyond 2^24).
inline float number_of_logit(int32_t logit, float origin, float scale) { return origin + scale * float(logit); }

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
