// SPDX-License-Identifier: Apache-2.0
// The rounding average over an area as the device computes it: (s * multiplier + 2^(shift-1)) >> shift.
// Powers of two have multiplier 1: 2x2 is (s + 2) >> 2. Other areas get the best 8-bit multiplier.
#pragma once
#include <cstdint>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::net {

/// Factor and shift that replace the division by the area.
struct Averaging {
    std::int32_t multiplier = 1; ///< 1..255
    int shift = 0;               ///< 0 only for an area of 1
    bool operator==(const Averaging&) const = default;
};

/// Multiplier and shift for the mean of `area` values, each in -128..127. The largest shift with multiplier <= 255 is
/// taken. The multiplier is lowered if rounding it up could give 128, or if s * multiplier could reach 2^24 (so that
/// training in float stays exact). Throws Error if the area is too large for that.
inline Averaging averaging(int area) {
    if ((area & (area - 1)) == 0) {
        Averaging power{1, 0};
        while ((1 << power.shift) < area) ++power.shift;
        if (area > (1 << 15)) throw Error(text("an average over ", area, " positions is too large; pool in two steps"));
        return power;
    }
    const auto multiplier_for = [&](int shift) { return ((std::int64_t{1} << (shift + 1)) / area + 1) / 2; };
    int shift = 1;
    while (multiplier_for(shift + 1) <= 255) ++shift;
    std::int64_t multiplier = multiplier_for(shift);
    const std::int64_t half = std::int64_t{1} << (shift - 1);
    if (127 * area * multiplier + half >= (std::int64_t{128} << shift)) --multiplier;
    if (128 * area * multiplier + half >= (std::int64_t{1} << 24))
        throw Error(text("an average over ", area, " positions is too large; pool in two steps"));
    return {std::int32_t(multiplier), shift};
}

} // namespace tinysparse::net
