// SPDX-License-Identifier: Apache-2.0
// Functions that reading pictures needs beyond the standard library, as a table. Readers take the table;
// data/images.hpp fills one with stb's functions. Without it, a picture is an Error that says what to do.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tinysparse::data {

/// A decoded picture: [height][width][channels], 1 (gray) or 3 (RGB) channels, alpha already blended over white,
/// rotated by its EXIF orientation.
struct Picture {
    int channels = 0, height = 0, width = 0;
    std::vector<std::uint8_t> pixels;
    int orientation = 1;    ///< Orientation that was applied (data/exif.hpp).
    std::uint16_t peak = 0; ///< Largest value, if the file has 16-bit samples whose white is 65535; else 0.
};

/// Bits of a 16-bit sample that hold its value, unless the SPEC has bits=.
inline constexpr int all_sample_bits = 16;

/// Readers of picture files. Without them, which is the default, sets of pictures cannot be read.
struct ImageSupport {
    /// Reads channels, height and width of a PNG, JPEG, BMP or PNM without its pixels; false with the reason.
    bool (*inspect)(std::string_view bytes, Picture& picture, std::string& reason) = nullptr;
    /// Reads the whole picture; false with the reason. `bits` 8..16: with samples of 16 bits, 2^bits - 1 is white.
    bool (*decode)(std::string_view bytes, int bits, Picture& picture, std::string& reason) = nullptr;
};

namespace detail {
/// A sample of 16 bits as 8 bits: the upper 8 of those that hold its value.
constexpr std::uint8_t upper_bits(std::uint16_t sample, int bits) {
    const int value = sample >> (bits - 8);
    return std::uint8_t(value < 255 ? value : 255);
}
/// A colour over white by its alpha, rounded.
constexpr std::uint8_t over_white(unsigned colour, unsigned alpha) {
    return std::uint8_t((colour * alpha + 255 * (255 - alpha) + 127) / 255);
}
} // namespace detail

} // namespace tinysparse::data
