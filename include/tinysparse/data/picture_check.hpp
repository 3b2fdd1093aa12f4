// SPDX-License-Identifier: Apache-2.0
// Whether a picture file is whole, before a decoder sees it: decoders fill what is cut off with gray, silently.
//   PNG   every chunk's length and CRC-32, up to IEND       JPEG  an end mark (FF D9) behind the last scan
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

inline std::string jpeg_damage(std::string_view bytes) {
    const std::size_t scan = bytes.rfind("\xff\xda"), end = bytes.rfind("\xff\xd9");
    if (end == std::string_view::npos || (scan != std::string_view::npos && end < scan))
        return text("the file is cut short: no end mark up to byte ", bytes.size());
    return "";
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
    if (width <= 0 || height == 0 || bits > 32) return "the header is damaged";
    const std::int64_t row = (width * bits + 31) / 32 * 4;
    return rows_damage(picture_number(bytes, 10, 4, false) + std::uint64_t(row * std::abs(height)), bytes.size());
}

inline std::string pnm_damage(std::string_view bytes) {
    std::uint64_t numbers[3]{};
    std::size_t at = 2;
    for (std::uint64_t& number : numbers) { // width, height, largest value, with white space and comments before each
        for (bool comment = false; at < bytes.size() && !(bytes[at] >= '0' && bytes[at] <= '9' && !comment); ++at)
            comment = bytes[at] == '#' || (comment && bytes[at] != '\n');
        for (; at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9' && number < 1000000; ++at)
            number = number * 10 + std::uint64_t(bytes[at] - '0');
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
