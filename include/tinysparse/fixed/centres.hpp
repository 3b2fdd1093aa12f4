// SPDX-License-Identifier: Apache-2.0
// Conversion of a series' raw values to int8 with 16-bit arithmetic on a device (mcu/input.hpp): the centre of each
// channel (its offset minus the rounding half), and runs of channels with equal shifts, which become constants of the
// exported header.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tinysparse/fixed/geometry.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/mcu/input.hpp"

namespace tinysparse::fixed {

/// How the raw values of a series become int8: a centre per channel, and shifts.
struct Centres {
    /// Neighbouring channels that share a shift, which the device converts in one loop.
    struct Run {
        int channels;      ///< Number of neighbouring channels.
        std::int8_t shift; ///< Input::shift of all of them.
    };
    std::vector<std::int16_t> centre; ///< One for each channel.
    std::vector<Run> runs;            ///< Neighbouring channels with equal shifts.
};

/// Largest number of runs in an exported header: each compiles the arithmetic once more, in about 80 bytes.
inline constexpr std::size_t most_runs = 6;

/// The centres, or no value for pictures and if shifts must stay in a table and values need 32 bits: if a centre does
/// not fit 16 bits, if shifts change too often, if several columns are averaged, or if sums of averages have more than
/// 16 bits.
inline std::optional<Centres> centres(const Layout& layout, const Input& input) {
    const InputGeometry geometry = layout.input();
    if (!input.series || geometry.pool_width > 1 || layout.plan().picture.pool_sum_bytes > 2) return std::nullopt;
    Centres result;
    for (std::size_t c = 0; c < input.offset.size(); ++c) {
        const std::int32_t centre = mcu::series_centre(input.offset[c], input.shift[c]);
        if (centre < INT16_MIN) return std::nullopt;
        result.centre.push_back(std::int16_t(centre));
        if (c == 0 || input.shift[c] != input.shift[c - 1] || result.runs.back().channels == 255)
            result.runs.push_back({0, input.shift[c]});
        ++result.runs.back().channels;
    }
    if (result.runs.size() > most_runs) return std::nullopt;
    return result;
}

} // namespace tinysparse::fixed
