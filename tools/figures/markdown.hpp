// SPDX-License-Identifier: Apache-2.0
// Markdown tables and their cells.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/judge/paired.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::figures {

/// A table of rows, the first with the titles. A column whose other cells are all empty or "-" is left out.
inline std::string markdown_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::string> lines(rows.size(), "|");
    std::string below_titles = "|";
    for (std::size_t column = 0; column < rows[0].size(); ++column) {
        const auto says_nothing = [&](const auto& row) { return row[column].empty() || row[column] == "-"; };
        if (std::all_of(rows.begin() + 1, rows.end(), says_nothing)) continue;
        for (std::size_t i = 0; i < rows.size(); ++i) lines[i] += text(" ", rows[i][column], " |");
        below_titles += "---|";
    }
    lines.insert(lines.begin() + 1, below_titles);
    return join(lines, "\n") + "\n";
}

/// Bytes as "2,836".
inline std::string bytes_cell(double bytes) {
    return replaced(report::grouped(std::uint64_t(std::llround(bytes))), " ", ",");
}

/// "98.71 ± 0.20", with the deviation if there is one; "-" without values.
inline std::string spread_cell(const judge::Mean& mean, double scale, int decimals) {
    if (mean.count == 0) return "-";
    return text(fixed_decimals(scale * mean.mean, decimals),
                mean.deviation ? " ± " + fixed_decimals(scale * *mean.deviation, decimals) : "");
}

/// "90.15 to 102.85"
inline std::string interval_cell(const std::optional<judge::Interval>& interval, double scale, int decimals) {
    return interval ? text(fixed_decimals(scale * interval->low, decimals), " to ",
                           fixed_decimals(scale * interval->high, decimals))
                    : "-";
}

} // namespace tinysparse::figures
