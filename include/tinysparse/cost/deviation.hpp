// SPDX-License-Identifier: Apache-2.0
// Errors of predictions on networks that the calibration had not seen, which tools/calibrate measures.
#pragma once
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include "tinysparse/base/text.hpp"

namespace tinysparse::cost {

/// How far measurements are from their predictions, as shares of the prediction or in bytes: in the mean, for 95 of 100
/// networks at most, and for the worst of them.
struct Deviation {
    double mean = 0, most = 0, worst = 0; ///< most: of 95 of 100 networks.
};

/// The deviations of all networks of a kind.
struct Deviations {
    std::size_t networks = 0; ///< Number of networks that were measured.
    Deviation flash, flash_bytes, ram, ram_bytes, cycles;
};

/// Three rows of the table in docs/measures.md, as tools/calibrate prints them: chip, kind of networks, measure, mean
/// error, error of 95 of 100 networks at most, error of the worst.
inline std::string deviation_rows(std::string_view chip, std::string_view kind, const Deviations& own) {
    std::string out;
    const auto row = [&](std::string_view measure, const Deviation& shares, const Deviation* bytes) {
        out += text("| ", chip, " | ", own.networks, " ", kind, " | ", measure, " |");
        for (double Deviation::*column : {&Deviation::mean, &Deviation::most, &Deviation::worst}) {
            out += text(" ", fixed_decimals(100 * (shares.*column), 1), " %");
            if (bytes != nullptr) out += text(", ", std::llround(bytes->*column), " B");
            out += " |";
        }
        out += "\n";
    };
    row("flash", own.flash, &own.flash_bytes);
    row("RAM", own.ram, &own.ram_bytes);
    row("cycles", own.cycles, nullptr);
    return out;
}

} // namespace tinysparse::cost
