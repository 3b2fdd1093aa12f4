// SPDX-License-Identifier: Apache-2.0
// Quantities as people type them: durations (90s, 15m, 1h30m), sizes (485, 2.77KB; KB = 1024 B) and shares (98.5%).
#pragma once
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "arguments.hpp"

namespace tinysparse::cli {

namespace detail {

/// Splits "2.77KB" into 2.77 and "KB"; nothing where no finite number >= 0 begins the word.
inline std::optional<double> leading_number(std::string_view word, std::string_view& unit) {
    std::size_t end = 0;
    while (end < word.size() && ((word[end] >= '0' && word[end] <= '9') || word[end] == '.')) ++end;
    unit = word.substr(end);
    return parse_number<double>(word.substr(0, end));
}

} // namespace detail

/// Seconds. A plain number is seconds; units s, m and h may follow each other: 1h30m.
inline double parse_duration(std::string_view what, std::string_view word) {
    double seconds = 0;
    std::string_view rest = word;
    bool good = !word.empty();
    while (good && !rest.empty()) {
        std::string_view after;
        const std::optional<double> number = detail::leading_number(rest, after);
        const char unit = after.empty() ? (rest == word ? 's' : '?') : after[0];
        const double factor = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
        good = number && factor > 0;
        if (good) seconds += *number * factor;
        rest = after.empty() ? after : after.substr(1);
    }
    if (!good || !(seconds > 0) || seconds > 1e9)
        throw UsageError(text(what, " ", word, ": expected a duration such as 90s, 15m or 1h30m"));
    return seconds;
}

/// Bytes: 485, 485B, 2.77KB (1024 B) or 1MB.
inline double parse_bytes(std::string_view what, std::string_view word) {
    std::string_view unit;
    const std::optional<double> number = detail::leading_number(word, unit);
    const double factor = unit.empty() || unit == "B"                                  ? 1
                          : unit == "KB" || unit == "kB" || unit == "K" || unit == "k" ? 1024
                          : unit == "MB" || unit == "M"                                ? 1024 * 1024
                                                                                       : 0;
    if (!number || factor == 0)
        throw UsageError(text(what, " ", word, ": expected bytes such as 485, 1536B or 2.77KB"));
    return *number * factor;
}

/// A share 0..1: 98.5% or 0.985.
inline double parse_share(std::string_view what, std::string_view word) {
    std::string_view unit;
    const std::optional<double> number = detail::leading_number(word, unit);
    const double share = number.value_or(-1) / (unit == "%" ? 100 : 1);
    if (!number || !(unit.empty() || unit == "%") || share > 1)
        throw UsageError(text(what, " ", word, ": expected a share such as 98.5% or 0.985"));
    return share;
}

} // namespace tinysparse::cli
