// SPDX-License-Identifier: Apache-2.0
// Characters of UTF-8 text (RFC 3629), those that a terminal obeys instead of showing, and text without them: a name
// that comes from a file must not move the cursor, hide a line, or turn the direction of the text after it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tinysparse {

/// One character of a text. A byte that begins no character stands for itself and is not `valid`.
struct Character {
    std::uint32_t code = 0; ///< Unicode code point; of an invalid byte, its value.
    std::size_t bytes = 1;  ///< Bytes of its UTF-8 form, 1..4.
    bool valid = true;

    /// C0, DEL and C1: characters that move cursors, change colours and end lines.
    bool is_control() const { return valid && (code < 0x20 || (code >= 0x7f && code < 0xa0)); }
    /// An invisible mark that changes the direction in which text runs (Unicode's bidirectional formatting characters).
    bool is_direction_mark() const {
        return valid && (code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
                         (code >= 0x2066 && code <= 0x2069));
    }
    /// Whether it can be shown as it is: not a control character, direction mark, line or paragraph separator or stray
    /// byte.
    bool is_shown() const { return valid && !is_control() && !is_direction_mark() && code != 0x2028 && code != 0x2029; }
};

/// The length of the UTF-8 sequence that begins at text[at] (no overlong forms, no surrogates), or 0.
inline std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? std::uint8_t(text[i]) : std::uint8_t{0}; };
    const std::uint8_t first = byte(at), second = byte(at + 1);
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return continues(at + 1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
        return continues(at + 1) && continues(at + 2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
        return continues(at + 1) && continues(at + 2) && continues(at + 3) ? 4 : 0;
    }
    return 0;
}

/// Appends a character, whose code is below 0x110000.
inline void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += char(code);
        return;
    }
    const int following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    const std::uint32_t mark = following == 1 ? 0xc0 : following == 2 ? 0xe0 : 0xf0;
    out += char(mark | (code >> (6 * following)));
    for (int i = following - 1; i >= 0; --i) out += char(0x80 | ((code >> (6 * i)) & 0x3f));
}

/// The character at a byte of the text. at < text.size().
inline Character character_at(std::string_view text, std::size_t at) {
    const auto first = std::uint8_t(text[at]);
    const std::size_t bytes = utf8_length(text, at);
    if (bytes == 0) return {first, 1, false};
    std::uint32_t code = bytes == 1 ? first : first & (0x7fu >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) code = code << 6 | (std::uint8_t(text[at + i]) & 0x3fu);
    return {code, bytes, true};
}

/// The character in ASCII: \x1b for a byte and a control character, \u{202e} for others.
inline std::string escape_of(const Character& character) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string number;
    for (std::uint32_t rest = character.code; rest > 0 || number.size() < 2; rest /= 16)
        number.insert(number.begin(), digits[rest % 16]);
    return character.code < 0x100 ? "\\x" + number : "\\u{" + number + "}";
}

/// The text as a terminal can show it: control characters, direction marks and bytes that are not UTF-8 become escapes.
/// If `lines` is set, line ends remain, and each begins a new line of the same text.
inline std::string printable(std::string_view text, bool lines = false) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const Character character = character_at(text, at);
        if (character.is_shown() || (lines && character.code == '\n'))
            out += text.substr(at, character.bytes);
        else
            out += escape_of(character);
        at += character.bytes;
    }
    return out;
}

/// The first control character of a text, as an escape; no value if it has none.
inline std::optional<std::string> control_character(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Character character = character_at(text, at);
        if (character.is_control()) return escape_of(character);
        at += character.bytes;
    }
    return std::nullopt;
}

} // namespace tinysparse
