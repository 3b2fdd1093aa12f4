// SPDX-License-Identifier: Apache-2.0
// What the pieces counted in features.hpp cost on an ATmega328P, in cycles and bytes of code. Written by
// tools/calibrate from 400 random networks through avr-gcc and the simulator; do not edit, run it again.
#pragma once
#include <array>
#include <cstddef>

#include "tinysparse/cost/features.hpp"

namespace tinysparse::cost {

/// Stack below begin, push_row and finish: seen from 23 to 83 bytes.
inline constexpr std::size_t avr_stack = 53;

// Cycles of each count of Work.
// clang-format off
inline constexpr std::array<double, Work::count> avr_work = {
    1887.717, 16.533, 16.178, 5.035, 43.150, 173.827, 296.106, 93.181,
    4.012, 9.251, -0.179, 5.557, 24.965, 159.423, 56.995, 6.891,
    25.643, 95.052, -80.573, 24.213, 15.663, 79.397, 23.199, 16.192,
    29.151, -3.719, 24.190, 3.756, -0.845, 1.592, 9.971, 9.999,
    14.154, 8.482, 9.338, 13.714, 2.065, 8.206, 11.397, 0.776,
    2.591, -1.425, 0.000, -595.143, -47.946, 56.406, -17.687, 17.705,
    19.074, 22.668, -488.362, 159.707, -79.700, 12.814, 19.558, 17.917,
};

// Bytes of each count of Code.
inline constexpr std::array<double, Code::count> avr_code = {
    454.741, 33.702, 121.047, 79.087, 2.482, 0.000, 129.904, 56.600,
    9.114, 133.207, 55.033, 143.706, 214.087, 196.134, -10.155, -43.881,
    -34.795, 2.870, 8.285, 21.098, 35.684, 62.715, 102.850, -2.250,
    61.331, 38.734, 5.295, 0.000, 20.366, 35.124, -56.242, -86.183,
    26.036, 0.000, 66.507, 117.623, -54.522, -15.040, 108.091, 41.325,
    36.322, -36.499, 295.909, 102.131, 66.449, 86.850, -0.018, 196.094,
    0.033, -14.101, 0.000,
};
// clang-format on

} // namespace tinysparse::cost
