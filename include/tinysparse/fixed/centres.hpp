// SPDX-License-Identifier: Apache-2.0
// How a device brings the raw values of a series to int8 in 16 bits (mcu/input.hpp): the centre of each channel, its
// offset less the rounding half, and the shifts that occur, which become constants of the exported header.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tinysparse/fixed/network.hpp"
#include "tinysparse/mcu/input.hpp"

namespace tinysparse::fixed {

struct Centres {
    std::vector<std::int16_t> centre; ///< One for each channel.
    std::vector<std::int8_t> shifts;  ///< Those that occur, the most frequent one first.
    std::vector<std::uint8_t> table;  ///< In program memory: the centres, low byte first, each with its shift if several
                                      ///< occur.
};

/// Shifts that an exported header tells apart: each compiles the arithmetic once more, in some 60 bytes.
inline constexpr std::size_t most_shifts = 6;

/// Nothing for pictures, if a centre does not fit 16 bits, or if too many shifts occur. Then shifts stay in a table and
/// values have 32 bits.
inline std::optional<Centres> centres(const Input& input) {
    if (!input.series) return std::nullopt;
    Centres result;
    for (std::size_t c = 0; c < input.offset.size(); ++c) {
        const std::int32_t centre = mcu::series_centre(input.offset[c], input.shift[c]);
        if (centre < INT16_MIN) return std::nullopt;
        result.centre.push_back(std::int16_t(centre));
        if (std::find(result.shifts.begin(), result.shifts.end(), input.shift[c]) == result.shifts.end())
            result.shifts.push_back(input.shift[c]);
    }
    if (result.shifts.size() > most_shifts) return std::nullopt;
    const auto channels = [&](std::int8_t shift) { return std::count(input.shift.begin(), input.shift.end(), shift); };
    std::stable_sort(result.shifts.begin(), result.shifts.end(),
                     [&](std::int8_t one, std::int8_t other) { return channels(one) > channels(other); });
    for (std::size_t c = 0; c < input.offset.size(); ++c) {
        for (int byte = 0; byte < 2; ++byte) result.table.push_back(std::uint8_t(result.centre[c] >> (8 * byte)));
        if (result.shifts.size() > 1) result.table.push_back(std::uint8_t(input.shift[c]));
    }
    return result;
}

} // namespace tinysparse::fixed
