// SPDX-License-Identifier: Apache-2.0
// 64-bit numbers as 16 hexadecimal digits, for seeds and digests in JSON, whose own numbers are exact only up to 2^53.
#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tinysparse {

/// Sixteen lower-case digits with leading zeros.
inline std::string hexadecimal(std::uint64_t number) {
    std::string out(16, '0');
    for (std::size_t i = 0; i < 16; ++i) out[15 - i] = "0123456789abcdef"[(number >> (4 * i)) & 15];
    return out;
}

/// The number, if the whole word is 1 to 16 hexadecimal digits; else no value.
inline std::optional<std::uint64_t> parse_hexadecimal(std::string_view word) {
    std::uint64_t number = 0;
    const auto result = std::from_chars(word.data(), word.data() + word.size(), number, 16);
    if (word.empty() || word.size() > 16 || word[0] == '-' || result.ec != std::errc{} ||
        result.ptr != word.data() + word.size())
        return std::nullopt;
    return number;
}

} // namespace tinysparse
