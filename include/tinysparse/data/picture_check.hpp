// SPDX-License-Identifier: Apache-2.0
// Whether a picture file is whole, before a decoder sees it: decoders fill what is cut off with gray, silently.
//   PNG   every chunk's length and CRC-32, up to IEND       JPEG  segments up to the end mark, Huffman tables
//   BMP   all rows lie within the file                      PNM   the same
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::data {

namespace detail {
/// A number of `count` bytes; the highest byte first if `big`.
inline std::uint32_t picture_number(std::string_view bytes, std::size_t at, std::size_t count, bool big) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < count; ++i) number = number << 8 | std::uint8_t(bytes[at + (big ? i : count - 1 - i)]);
    return number;
}

inline std::string png_damage(std::string_view bytes) {
    for (std::size_t at = 8;;) {
        const std::size_t left = bytes.size() - at;
        const std::size_t length = left >= 12 ? picture_number(bytes, at, 4, true) : 0;
        if (left < 12 || length > left - 12)
            return text("the file is cut short: byte ", bytes.size(), " is inside a chunk");
        const std::string_view checked = bytes.substr(at + 4, length + 4);
        if (crc32(checked) != picture_number(bytes, at + 8 + length, 4, true))
            return text("the chunk at byte ", at, " is damaged: its checksum is wrong");
        if (checked.starts_with("IEND")) return "";
        at += 12 + length;
    }
}

/// A segment of Huffman tables: a byte, 16 counts and as many symbols for each table, at most 256.
inline bool is_good_huffman_segment(std::string_view content) {
    while (content.size() >= 17) {
        std::size_t symbols = 0;
        for (std::size_t i = 1; i <= 16; ++i) symbols += std::uint8_t(content[i]);
        if (symbols > 256 || symbols > content.size() - 17) return false; // stb 2.27 writes past its table here
        content.remove_prefix(17 + symbols);
    }
    return content.empty();
}

/// Walks the segments (ITU-T T.81, B.1): FF, a marker and, but for a few markers, a length with the content.
inline std::string jpeg_damage(std::string_view bytes) {
    for (std::size_t at = 2; at + 1 < bytes.size();) {
        const unsigned first = std::uint8_t(bytes[at]), marker = std::uint8_t(bytes[at + 1]);
        if (first != 0xff) return text("byte ", at, ": expected a JPEG marker");
        at += marker == 0xff ? 1 : 2; // any number of FF may stand before a marker
        if (marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
        if (marker == 0xd9) return "";
        const std::size_t length = at + 2 <= bytes.size() ? picture_number(bytes, at, 2, true) : 0;
        if (length < 2 || length > bytes.size() - at) break;
        if (marker == 0xc4 && !is_good_huffman_segment(bytes.substr(at + 2, length - 2)))
            return text("byte ", at, ": the Huffman tables are damaged");
        at += length;
        if (marker == 0xda) // the data of a scan: to the next marker that is no restart and no stuffed FF
            while (at + 1 < bytes.size() &&
                   !(bytes[at] == '\xff' && bytes[at + 1] != 0 && (std::uint8_t(bytes[at + 1]) & 0xf8) != 0xd0))
                ++at;
    }
    return text("the file is cut short: no end mark up to byte ", bytes.size());
}

inline std::string rows_damage(std::uint64_t needed, std::size_t size) {
    return needed <= size ? "" : text("the file is cut short: its rows need ", needed, " bytes, it has ", size);
}

inline std::string bmp_damage(std::string_view bytes) {
    if (bytes.size() < 30) return text("the file is cut short: byte ", bytes.size(), " is inside the header");
    const bool small = picture_number(bytes, 14, 4, false) == 12; // OS/2's header
    const std::int64_t width =
        small ? picture_number(bytes, 18, 2, false) : std::int64_t{std::int32_t(picture_number(bytes, 18, 4, false))};
    const std::int64_t height =
        small ? picture_number(bytes, 20, 2, false) : std::int64_t{std::int32_t(picture_number(bytes, 22, 4, false))};
    const std::int64_t bits = picture_number(bytes, small ? 24 : 28, 2, false);
    constexpr std::int64_t most = 1 << 24;
    if (width <= 0 || width > most || height == 0 || std::abs(height) > most || bits > 32)
        return "the header is damaged";
    const std::int64_t row = (width * bits + 31) / 32 * 4;
    return rows_damage(picture_number(bytes, 10, 4, false) + std::uint64_t(row * std::abs(height)), bytes.size());
}

inline std::string pnm_damage(std::string_view bytes) {
    std::uint64_t numbers[3]{};
    std::size_t at = 2;
    const auto is_digit = [&](std::size_t i) { return i < bytes.size() && bytes[i] >= '0' && bytes[i] <= '9'; };
    for (std::uint64_t& number : numbers) { // width, height, largest value, with white space and comments before each
        for (bool comment = false; at < bytes.size() && !(is_digit(at) && !comment); ++at)
            comment = bytes[at] == '#' || (comment && bytes[at] != '\n' && bytes[at] != '\r');
        for (; is_digit(at); ++at) {
            number = number * 10 + std::uint64_t(bytes[at] - '0');
            if (number > 65535) return text("byte ", at, ": a number in the header is above 65535");
        }
    }
    const std::uint64_t width = numbers[2] > 255 ? 2 : 1, channels = bytes[1] == '6' ? 3 : 1;
    return rows_damage(at + 1 + numbers[0] * numbers[1] * channels * width, bytes.size());
}
} // namespace detail

/// What is wrong with the file, or "": the kind is told by the first bytes, other kinds are left to the decoder.
inline std::string picture_damage(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return detail::png_damage(bytes);
    if (bytes.starts_with("\xff\xd8")) return detail::jpeg_damage(bytes);
    if (bytes.starts_with("BM")) return detail::bmp_damage(bytes);
    if (bytes.starts_with("P5") || bytes.starts_with("P6")) return detail::pnm_damage(bytes);
    return "";
}

} // namespace tinysparse::data
