// SPDX-License-Identifier: Apache-2.0
// Floating-point numbers from text where std::from_chars reads none, as in libc++ before version 20: the same grammar,
// the same values, and the same independence of the locale, by strtod in the "C" locale. POSIX.
#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <locale.h>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <version>
#if __has_include(<xlocale.h>)
#include <xlocale.h>
#endif

namespace tinysparse::detail {

/// True if std::from_chars reads the type.
template <class Number>
inline constexpr bool has_from_chars =
#if defined(__cpp_lib_to_chars)
    true;
#else
    !std::is_floating_point_v<Number>;
#endif

inline bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// True if the word is inf, infinity, nan or nan(letters, digits and underscores), in any case of letters.
inline bool names_float(std::string_view word) {
    std::string lower(word);
    for (char& byte : lower)
        if (byte >= 'A' && byte <= 'Z') byte = char(byte - 'A' + 'a');
    if (!lower.starts_with("nan(")) return lower == "inf" || lower == "infinity" || lower == "nan";
    const auto is_part = [](char byte) { return is_digit(byte) || (byte >= 'a' && byte <= 'z') || byte == '_'; };
    return lower.ends_with(')') && std::all_of(lower.begin() + 4, lower.end() - 1, is_part);
}

/// True if the word is digits with at most one point, and perhaps an exponent.
inline bool is_decimal(std::string_view word) {
    const auto skip_digits = [&] {
        const std::size_t count = std::size_t(std::find_if_not(word.begin(), word.end(), is_digit) - word.begin());
        word.remove_prefix(count);
        return count;
    };
    std::size_t digits = skip_digits();
    if (word.starts_with('.')) {
        word.remove_prefix(1);
        digits += skip_digits();
    }
    if (digits == 0 || word.empty()) return digits > 0;
    if (word[0] != 'e' && word[0] != 'E') return false;
    word.remove_prefix(1);
    if (word.starts_with('+') || word.starts_with('-')) word.remove_prefix(1);
    return skip_digits() > 0 && word.empty();
}

/// The whole word as a float or double, or nothing. Numbers too large, or too small for the least denormal number, are
/// nothing.
template <class Number> std::optional<Number> parse_decimal(std::string_view word) {
    static_assert(std::is_same_v<Number, float> || std::is_same_v<Number, double>);
    const std::string_view unsigned_word = word.substr(word.starts_with('-') ? 1 : 0);
    const bool named = names_float(unsigned_word);
    if (!named && !is_decimal(unsigned_word)) return std::nullopt;
    static const locale_t c_locale = ::newlocale(LC_ALL_MASK, "C", locale_t{});
    const std::string terminated(word);
    Number value;
    if constexpr (std::is_same_v<Number, float>)
        value = ::strtof_l(terminated.c_str(), nullptr, c_locale);
    else
        value = ::strtod_l(terminated.c_str(), nullptr, c_locale);
    if (named) return value;
    const std::string_view mantissa = unsigned_word.substr(0, unsigned_word.find_first_of("eE"));
    const bool is_zero = mantissa.find_first_of("123456789") == std::string_view::npos;
    if (std::isinf(value) || (value == 0 && !is_zero)) return std::nullopt;
    return value;
}

} // namespace tinysparse::detail
