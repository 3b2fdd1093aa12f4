// SPDX-License-Identifier: Apache-2.0
// Writes PNG (ISO/IEC 15948): 8 bits, gray or RGB, no filter, stored blocks of deflate (RFC 1951, 3.2.4). Files are not
// small, but this needs 60 lines and no package, and every viewer reads them.
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

/// A PNG file of `pixels`, [height][width][channels]; channels is 1 (gray) or 3 (RGB), width and height at least 1.
inline std::string encode_png(std::uint32_t width, std::uint32_t height, std::uint32_t channels,
                              std::span<const std::uint8_t> pixels) {
    const std::size_t row = std::size_t{width} * channels;
    assert((channels == 1 || channels == 3) && width > 0 && height > 0 && pixels.size() == row * height);
    std::string header;
    detail::append_big_endian(header, width);
    detail::append_big_endian(header, height);
    header += {8, char(channels == 1 ? 0 : 2), 0, 0, 0}; // bits, colour type, deflate, filter method, not interlaced
    std::string lines;
    for (std::size_t y = 0; y < height; ++y) {
        lines += '\0'; // no filter on this line
        lines.append(reinterpret_cast<const char*>(pixels.data() + y * row), row);
    }
    std::string out = "\x89PNG\r\n\x1a\n";
    detail::append_png_chunk(out, "IHDR", header);
    detail::append_png_chunk(out, "IDAT", detail::zlib_stored(lines));
    detail::append_png_chunk(out, "IEND", "");
    return out;
}

} // namespace tinysparse
