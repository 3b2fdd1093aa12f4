// SPDX-License-Identifier: Apache-2.0
// Text of generated C++: lines with indentation, and tables of bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::deploy {

/// Text of a generated source file, line by line.
class Writer {
  public:
    /// One line, indented by four spaces per level. Without pieces an empty line.
    template <class... Pieces> void line(int level, const Pieces&... pieces) {
        text_.append(std::size_t(4 * level), ' ');
        text_ += tinysparse::text(pieces...);
        text_ += '\n';
    }
    /// An empty line.
    void line() { text_ += '\n'; }

    /// Values between braces, as many per line as fit 116 columns.
    template <class Number> void values(int level, std::span<const Number> numbers) {
        std::string row;
        const auto flush = [&] {
            if (!row.empty()) line(level, row);
            row.clear();
        };
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const std::string word = tinysparse::text(int(numbers[i]), i + 1 < numbers.size() ? "," : "");
            if (std::size_t(4 * level) + row.size() + word.size() + 1 > 116) flush();
            if (!row.empty()) row += ' ';
            row += word;
        }
        flush();
    }

    /// All lines so far.
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

/// A float literal that C++ reads back exactly.
inline std::string float_literal(float value) {
    const std::string digits = tinysparse::text(value);
    return digits + (digits.find_first_of(".e") == digits.npos ? ".0f" : "f");
}

/// Floats as a device reads them: four bytes each, low byte first.
inline std::vector<std::uint8_t> float_bytes(const std::vector<float>& values) {
    std::vector<std::uint8_t> bytes;
    for (const float value : values)
        for (int byte = 0; byte < 4; ++byte)
            bytes.push_back(std::uint8_t(std::bit_cast<std::uint32_t>(value) >> (8 * byte)));
    return bytes;
}

/// The text for the end of a // comment: printable, and without a backslash or its trigraph ?\?/ in the last place,
/// which would continue the comment in the next line.
inline std::string comment_text(std::string_view raw) {
    std::string out = printable(raw);
    const std::size_t last = out.find_last_not_of(' ');
    if (last == out.npos) return out;
    const bool trigraph = std::string_view(out).substr(0, last + 1).ends_with("?\?/");
    if (out[last] == '\\' || trigraph) out.replace(last, 1, trigraph ? "\\x2f" : "\\x5c");
    return out;
}

/// The text for Markdown, shown unchanged on one line: ASCII marks get backslashes.
inline std::string markdown_text(std::string_view raw) {
    std::string out;
    for (const char c : printable(raw)) {
        if (std::string_view("\\`*_{}[]()<>#+-.!|~&\"").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

/// The text for the inside of a string literal, in ASCII; other bytes become octal escapes.
inline std::string literal_text(std::string_view raw) {
    std::string out;
    for (const char c : raw) {
        const unsigned byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\' || c == '?') {
            out += '\\';
            out += c;
        } else if (byte < 32 || byte > 126) {
            out += '\\';
            for (const unsigned shift : {6u, 3u, 0u}) out += char('0' + ((byte >> shift) & 7u));
        } else {
            out += c;
        }
    }
    return out;
}

} // namespace tinysparse::deploy
