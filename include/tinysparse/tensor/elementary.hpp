// SPDX-License-Identifier: Apache-2.0
// Elementary functions of Lanes, in plain vector arithmetic: some 15 operations for 16 samples; the standard library
// takes as many for one. Series around 0 after the usual reductions. Relative errors are below 1e-6 (tests compare with
// the standard library).
//   exp  x = n log 2 + r, |r| <= log(2) / 2:       e^x = 2^n e^r
//   log  x = 2^e m, m in sqrt(1/2)..sqrt(2):       log x = e log 2 + 2 atanh((m - 1) / (m + 1))
//   1/sqrt(x) by Newton steps y (3 - x y^2) / 2 from the halved exponent
#pragma once
#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "tinysparse/tensor/lane.hpp"

namespace tinysparse::tensor {

/// e^x for x in -87..88; x is clamped to that range.
[[gnu::always_inline]] inline Lane exponential(LaneArgument power) {
    const Lane x = minimum(maximum(power, broadcast(-87.0f)), broadcast(88.0f));
    const Lane n = floor(x * 1.44269504f + 0.5f);
    const Lane r = (x - n * 0.693359375f) + n * 2.12194440e-4f; // log 2 in two parts, the first exact in few bits
    Lane series = r * (1.0f / 5040) + 1.0f / 720;
    for (const float coefficient : {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
        series = series * r + coefficient;
    const LaneMask scale = (__builtin_convertvector(n, LaneMask) + 127) << (LaneMask{} + 23);
    return series * std::bit_cast<Lane>(scale);
}

/// Natural logarithm of a normal x > 0.
[[gnu::always_inline]] inline Lane logarithm(LaneArgument x) {
    const LaneMask shifted = std::bit_cast<LaneMask>(x) - 0x3f3504f3; // the bits of sqrt(1/2)
    const LaneMask exponent = shifted >> (LaneMask{} + 23);
    const Lane m = std::bit_cast<Lane>((shifted & 0x007fffff) + 0x3f3504f3);
    const Lane s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
    Lane series = s2 * (2.0f / 9) + 2.0f / 7;
    for (const float coefficient : {2.0f / 5, 2.0f / 3, 2.0f}) series = series * s2 + coefficient;
    return series * s + __builtin_convertvector(exponent, Lane) * 0.693147181f;
}

/// 1 / sqrt(x) for a normal x > 0.
[[gnu::always_inline]] inline Lane inverse_root(LaneArgument x) {
    Lane y = std::bit_cast<Lane>(0x5f3759df - (std::bit_cast<LaneMask>(x) >> (LaneMask{} + 1)));
    for (int step = 0; step < 3; ++step) y = y * (1.5f - 0.5f * x * y * y);
    return y;
}

/// Sine and cosine of 2 pi u, for u in 0..1.
inline void sine_cosine_of_turns(LaneArgument u, Lane& sine, Lane& cosine) {
    const Lane quarter = floor(u * 4.0f + 0.5f);
    const Lane t = (u - quarter * 0.25f) * 6.28318531f, t2 = t * t; // |t| <= pi / 4
    const Lane s = t * (1.0f + t2 * (-1.0f / 6 + t2 * (1.0f / 120 + t2 * (-1.0f / 5040))));
    const Lane c = 1.0f + t2 * (-0.5f + t2 * (1.0f / 24 + t2 * (-1.0f / 720 + t2 * (1.0f / 40320))));
    const LaneMask turn = __builtin_convertvector(quarter, LaneMask);
    const LaneMask odd = (turn & 1) != 0, minus_sine = (turn & 2) != 0, minus_cosine = ((turn + 1) & 2) != 0;
    const Lane a = select(odd, c, s), b = select(odd, s, c);
    sine = select(minus_sine, -a, a);
    cosine = select(minus_cosine, -b, b);
}

/// The first `count` of 16 neighbours in memory, such as parameters, which lie side by side; the others are set to 1.
[[gnu::always_inline]] inline Lane load(const float* from, std::size_t count) {
    Lane values = broadcast(1.0f);
    if (count >= lane_samples) // one load, not a call
        std::memcpy(&values, from, sizeof(Lane));
    else
        std::memcpy(&values, from, count * sizeof(float));
    return values;
}
/// Stores the first `count` elements, at most 16.
inline void store(LaneArgument values, float* to, std::size_t count) {
    if (count >= lane_samples)
        std::memcpy(to, &values, sizeof(Lane));
    else
        std::memcpy(to, &values, count * sizeof(float));
}

/// out = body(in), 16 neighbours at a time.
template <class Body> void transform_lanes(std::span<const float> in, std::span<float> out, Body body) {
    for (std::size_t first = 0; first < in.size(); first += lane_samples)
        store(body(load(in.data() + first, in.size() - first)), out.data() + first, in.size() - first);
}

} // namespace tinysparse::tensor
