// SPDX-License-Identifier: Apache-2.0
// Writes PNG (ISO/IEC 15948): 8 bits, gray, RGB or numbers of a palette, or 1 bit per pixel; no filter, stored blocks
// of deflate (RFC 1951, 3.2.4). Files are not small, but this needs no package, and every viewer reads them.
#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tinysparse/base/hash.hpp"

namespace tinysparse {

namespace detail {
inline void append_big_endian(std::string& out, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) out += char(number >> shift & 0xff);
}

inline void append_png_chunk(std::string& out, std::string_view type, std::string_view content) {
    append_big_endian(out, std::uint32_t(content.size()));
    const std::size_t begin = out.size();
    out += type;
    out += content;
    append_big_endian(out, crc32(std::string_view(out).substr(begin)));
}

/// zlib's frame (RFC 1950) around stored blocks of at most 65535 bytes.
inline std::string zlib_stored(std::string_view bytes) {
    std::string out = "\x78\x01";
    std::uint32_t a = 1, b = 0; // Adler-32
    for (const char byte : bytes) {
        a = (a + std::uint8_t(byte)) % 65521;
        b = (b + a) % 65521;
    }
    do {
        const std::string_view block = bytes.substr(0, 65535);
        bytes.remove_prefix(block.size());
        const std::uint32_t length = std::uint32_t(block.size());
        out += char(bytes.empty()); // marks the last block
        for (const std::uint32_t number : {length, ~length}) {
            out += char(number & 0xff);
            out += char(number >> 8 & 0xff);
        }
        out += block;
    } while (!bytes.empty());
    append_big_endian(out, b << 16 | a);
    return out;
}
} // namespace detail

namespace detail {

/// The colour types of PNG that are written here.
enum class PngColour : char { gray = 0, rgb = 2, palette = 3 };

/// A PNG file. `lines`: rows of the picture, each of the same number of bytes. `palette`: 3 bytes for each colour.
inline std::string png_file(std::uint32_t width, std::uint32_t height, char bits, PngColour colour,
                            std::string_view palette, std::string_view rows) {
    std::string header;
    append_big_endian(header, width);
    append_big_endian(header, height);
    header += {bits, char(colour), 0, 0, 0}; // then deflate, filter method, not interlaced
    std::string lines;
    const std::size_t row = rows.size() / height;
    for (std::size_t y = 0; y < height; ++y) {
        lines += '\0'; // no filter on this line
        lines += rows.substr(y * row, row);
    }
    std::string out = "\x89PNG\r\n\x1a\n";
    append_png_chunk(out, "IHDR", header);
    if (!palette.empty()) append_png_chunk(out, "PLTE", palette);
    append_png_chunk(out, "IDAT", zlib_stored(lines));
    append_png_chunk(out, "IEND", "");
    return out;
}

inline std::string_view as_characters(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace detail

/// A PNG file of `pixels`, [height][width][channels]; channels is 1 (gray) or 3 (RGB), width and height at least 1.
inline std::string encode_png(std::uint32_t width, std::uint32_t height, std::uint32_t channels,
                              std::span<const std::uint8_t> pixels) {
    assert((channels == 1 || channels == 3) && width > 0 && height > 0 &&
           pixels.size() == std::size_t{width} * channels * height);
    const detail::PngColour colour = channels == 1 ? detail::PngColour::gray : detail::PngColour::rgb;
    return detail::png_file(width, height, 8, colour, "", detail::as_characters(pixels));
}

/// A PNG file of numbers of colours, [height][width]. `palette`: red, green and blue of 1 to 256 colours; every number
/// is below their count.
inline std::string encode_png_of_palette(std::uint32_t width, std::uint32_t height,
                                         std::span<const std::uint8_t> palette, std::span<const std::uint8_t> numbers) {
    assert(width > 0 && height > 0 && numbers.size() == std::size_t{width} * height && !palette.empty() &&
           palette.size() % 3 == 0 && palette.size() <= 768);
    return detail::png_file(width, height, 8, detail::PngColour::palette, detail::as_characters(palette),
                            detail::as_characters(numbers));
}

/// A PNG file of one bit per pixel, [height][width]: black where `set` is not 0, white elsewhere.
inline std::string encode_png_of_bits(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> set) {
    assert(width > 0 && height > 0 && set.size() == std::size_t{width} * height);
    std::string rows;
    for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; x += 8) {
            unsigned byte = 0; // the leftmost pixel is the highest bit; 1 is white
            for (std::size_t bit = 0; bit < 8; ++bit)
                byte = byte << 1 | unsigned(x + bit >= width || set[y * width + x + bit] == 0);
            rows += char(byte);
        }
    return detail::png_file(width, height, 1, detail::PngColour::gray, "", rows);
}

} // namespace tinysparse
