// SPDX-License-Identifier: Apache-2.0
// What reading compressed files and pictures needs beyond the standard library, as a table of functions. Readers take
// the table; data/images.hpp fills one with stb's; without it a .gz or a picture is an Error that says what to do.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tinysparse::data {

/// A decoded picture: [height][width][channels], 1 (gray) or 3 (RGB) channels, alpha already laid over white.
struct Picture {
    int channels = 0, height = 0, width = 0;
    std::vector<std::uint8_t> pixels;
};

struct ImageSupport {
    /// Inflates raw deflate data (RFC 1951) into `out`. Returns the bytes written, or -1 with the reason.
    std::ptrdiff_t (*inflate)(std::string_view deflated, std::span<char> out, std::string& reason) = nullptr;
    /// Channels, height and width of a PNG, JPEG, BMP or PNM without its pixels; false with the reason.
    bool (*inspect)(std::string_view bytes, Picture& picture, std::string& reason) = nullptr;
    /// The whole picture; false with the reason.
    bool (*decode)(std::string_view bytes, Picture& picture, std::string& reason) = nullptr;
};

} // namespace tinysparse::data
