// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648, section 4): bytes as letters, for JSON and for pictures inside a page. Three bytes are four
// letters; a last group of fewer bytes is filled up with '='.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tinysparse {

namespace detail {
inline constexpr std::string_view base64_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

/// The bytes as letters of RFC 4648, padded with =, without line breaks.
inline std::string to_base64(std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < group.size() ? std::uint8_t(group[i]) : 0u);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= group.size() ? detail::base64_letters[bits >> (18 - 6 * i) & 63] : '=';
    }
    return out;
}

/// The bytes that to_base64() wrote; no value for any other text.
inline std::optional<std::string> from_base64(std::string_view word) {
    if (word.size() % 4 != 0) return std::nullopt;
    std::string out;
    for (std::size_t at = 0; at < word.size(); at += 4) {
        const std::string_view group = word.substr(at, 4);
        const std::size_t letters = at + 4 == word.size() ? group.find_last_not_of('=') + 1 : 4;
        if (letters < 2) return std::nullopt;
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const std::size_t value = i < letters ? detail::base64_letters.find(group[i]) : 0;
            if (value == std::string_view::npos) return std::nullopt;
            bits = bits << 6 | std::uint32_t(value);
        }
        for (std::size_t i = 0; i + 1 < letters; ++i) out += char(bits >> (16 - 8 * i) & 0xff);
    }
    if (to_base64(out) != word) return std::nullopt; // bits behind the last byte that are not 0
    return out;
}

} // namespace tinysparse
