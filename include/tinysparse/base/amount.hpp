// SPDX-License-Identifier: Apache-2.0
// Sizes, times and shares as people type them: 2.77KB, 1h30m, 98.5%. One table holds the units of all of them.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse {

/// What an option counts.
enum class Dimension : std::uint8_t { size, time, share, count };

/// Words for messages about amounts of one dimension.
struct DimensionInfo {
    Dimension dimension;
    std::string_view name, examples; ///< For messages.
};
inline constexpr DimensionInfo dimensions[] = {{Dimension::size, "size", "485, 1536B or 2.77KB"},
                                               {Dimension::time, "time", "10ms, 90s, 15m or 1h30m"},
                                               {Dimension::share, "share", "5% or 0.05"}};
static_assert(has_every_row<&DimensionInfo::dimension>(dimensions),
              "a dimension has no row, or the rows are in another order than Dimension");

/// A unit that people may write behind a number.
struct Unit {
    Dimension dimension;
    std::string_view name;       ///< In small letters; capitals mean the same.
    double factor;               ///< Bytes, seconds, or parts of a whole.
    std::string_view shown = ""; ///< As messages name it; empty if they leave it out.
};
inline constexpr Unit amount_units[] = {
    {Dimension::size, "b", 1, "B"},
    {Dimension::size, "kb", 1024, "KB (1024 B)"},
    {Dimension::size, "mb", 1024 * 1024, "MB"},
    {Dimension::size, "k", 1024},
    {Dimension::size, "kib", 1024},
    {Dimension::size, "m", 1024 * 1024},
    {Dimension::size, "mib", 1024 * 1024},
    {Dimension::time, "us", 1e-6, "us"},
    {Dimension::time, "ms", 1e-3, "ms"},
    {Dimension::time, "s", 1, "s"},
    {Dimension::time, "m", 60, "m"},
    {Dimension::time, "h", 3600, "h"},
    {Dimension::time, "min", 60},
    {Dimension::share, "%", 0.01, "%"},
};
/// Units of numbers that are typed without one: of sizes and times ...
inline constexpr Unit bytes_unit{Dimension::size, "B", 1}, seconds_unit{Dimension::time, "s", 1};
/// ... and of shorter times and shares.
inline constexpr Unit milliseconds_unit{Dimension::time, "ms", 1e-3}, parts_unit{Dimension::share, "", 1};

/// "a size in B, KB (1024 B) or MB, such as 485, 1536B or 2.77KB": for messages that refuse a word.
inline std::string expected_amount(Dimension dimension) {
    const DimensionInfo& info = dimensions[std::size_t(dimension)];
    std::vector<std::string> names;
    for (const Unit& unit : amount_units)
        if (unit.dimension == dimension && !unit.shown.empty()) names.emplace_back(unit.shown);
    const std::string last = names.back();
    names.pop_back();
    return text("a ", info.name, " in ", join(names, ", "), names.empty() ? "" : " or ", last, ", such as ",
                info.examples);
}

namespace detail {

/// Splits "2.77KB and more" into 2.77, the unit of KB, and " and more". Nothing if the word begins otherwise.
inline std::optional<double> take_amount(std::string_view& word, Dimension dimension) {
    const auto digit = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
    std::size_t end = 0, stop = 0;
    while (end < word.size() && digit(word[end])) ++end;
    for (stop = end; stop < word.size() && !digit(word[stop]);) ++stop;
    const std::string name = lower_case(word.substr(end, stop - end));
    const std::optional<double> number = parse_number<double>(word.substr(0, end));
    word.remove_prefix(stop);
    for (const Unit& unit : amount_units)
        if (number && unit.dimension == dimension && unit.name == name) return *number * unit.factor;
    return std::nullopt;
}

} // namespace detail

/// The amount that the word says, in `unit`: a number in this unit, or with a unit of the same dimension. Times may
/// have several parts: 1h30m. Nothing if the word is something else, negative, or not finite, or if its unit was
/// probably forgotten: 1.96 bytes where 1.96KB is meant.
///   parse_amount("2KB", bytes_unit) is 2048, parse_amount("1.5s", milliseconds_unit) is 1500
inline std::optional<double> parse_amount(std::string_view word, const Unit& unit) {
    if (const auto plain = parse_number<double>(word)) {
        const bool is_part = unit.dimension == Dimension::size && *plain < 1024 && *plain != std::floor(*plain);
        return std::isfinite(*plain) && *plain >= 0 && !is_part ? plain : std::nullopt;
    }
    double sum = 0;
    do {
        const std::optional<double> part = detail::take_amount(word, unit.dimension);
        if (!part) return std::nullopt;
        sum += *part;
    } while (!word.empty() && unit.dimension == Dimension::time);
    if (!word.empty()) return std::nullopt;
    return sum / unit.factor;
}

} // namespace tinysparse
