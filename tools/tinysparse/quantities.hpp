// SPDX-License-Identifier: Apache-2.0
// Values of options that are amounts: times (90s, 15m, 1h30m), sizes (485, 2.77KB) and shares (98.5%). base/amount.hpp
// has the table of units.
#pragma once
#include <string_view>

#include "arguments.hpp"
#include "tinysparse/base/amount.hpp"

namespace tinysparse::cli {

namespace detail {

/// The amount in `unit`. `what`: the option, for the UsageError that is thrown unless it is from low to high.
inline double amount_of(std::string_view what, std::string_view word, const Unit& unit, double low, double high) {
    const auto amount = parse_amount(word, unit);
    if (!amount) throw UsageError(text(what, " ", word, ": expected ", expected_amount(unit.dimension)));
    if (!(*amount >= low && *amount <= high))
        throw UsageError(text(what, " ", word, ": expected a ", dimensions[std::size_t(unit.dimension)].name, " from ",
                              plain_number(low), " to ", plain_number(high), unit.name.empty() ? "" : " ", unit.name,
                              ", such as ", dimensions[std::size_t(unit.dimension)].examples));
    return *amount;
}

} // namespace detail

/// Seconds, from low to high. A plain number is seconds.
inline double parse_duration(std::string_view what, std::string_view word, double low = 0.001, double high = 1e9) {
    return detail::amount_of(what, word, seconds_unit, low, high);
}

/// Milliseconds. A plain number is milliseconds.
inline double parse_milliseconds(std::string_view what, std::string_view word) {
    return detail::amount_of(what, word, milliseconds_unit, 0, 1e12);
}

/// Bytes: 485, 485B, 2.77KB (1024 B) or 1MB.
inline double parse_bytes(std::string_view what, std::string_view word) {
    return detail::amount_of(what, word, bytes_unit, 0, 1e15);
}

/// A share from low to high: 98.5% or 0.985.
inline double parse_share(std::string_view what, std::string_view word, double low = 0, double high = 1) {
    return detail::amount_of(what, word, parts_unit, low, high);
}

} // namespace tinysparse::cli
