// SPDX-License-Identifier: Apache-2.0
// The rotation that a picture needs before it is shown, from the EXIF data of a JPEG or PNG file (CIPA DC-008, tag
// 0112). Phones store pictures as the sensor was held and state here which side is up.
//   1 as stored      2 mirrored                3 rotated by 180 degrees    4 mirrored, then rotated by 180 degrees
//   6 rotated by 90 degrees clockwise         8 rotated by 90 degrees anticlockwise
//   5 rows and columns swapped                7 the same about the other diagonal
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/picture_kind.hpp"

namespace tinysparse::data {

namespace detail {
/// The orientation in TIFF data; 1 if it is missing or the data are damaged.
inline int tiff_orientation(std::string_view tiff) {
    constexpr std::string_view little("II*\0", 4), big("MM\0*", 4);
    const bool is_big = tiff.starts_with(big);
    if (tiff.size() < 8 || (!is_big && !tiff.starts_with(little))) return 1;
    const std::size_t directory = picture_number(tiff, 4, 4, is_big);
    if (directory > tiff.size() - 2) return 1;
    const std::size_t entries = picture_number(tiff, directory, 2, is_big);
    for (std::size_t i = 0; i < entries; ++i) {
        const std::size_t at = directory + 2 + 12 * i; // tag, type, count, value
        if (at + 12 > tiff.size()) return 1;
        if (picture_number(tiff, at, 2, is_big) != 0x0112) continue;
        const std::uint32_t type = picture_number(tiff, at + 2, 2, is_big); // 1, 3, 4: one, two, four bytes
        if (type != 1 && type != 3 && type != 4) return 1;
        const std::uint32_t value = picture_number(tiff, at + 8, type == 1 ? 1 : type == 3 ? 2 : 4, is_big);
        return value >= 1 && value <= 8 ? int(value) : 1;
    }
    return 1;
}

/// The content of the first APP1 segment with EXIF data of a JPEG, or of the chunk eXIf of a PNG; else empty.
inline std::string_view exif_data(std::string_view bytes) {
    constexpr std::string_view prefix("Exif\0\0", 6);
    if (is_png(bytes)) {
        for (std::size_t at = 8; bytes.size() - at >= 12;) {
            const std::size_t length = picture_number(bytes, at, 4, true);
            if (length > bytes.size() - at - 12) break;
            const std::string_view content = bytes.substr(at + 8, length);
            if (bytes.substr(at + 4, 4) == "eXIf") return content.substr(content.starts_with(prefix) ? 6 : 0);
            at += 12 + length;
        }
        return {};
    }
    for (std::size_t at = 2; is_jpeg(bytes) && at + 4 <= bytes.size();) {
        const unsigned marker = std::uint8_t(bytes[at + 1]);
        if (bytes[at] != '\xff' || marker == 0xda || marker == 0xd9) break;
        if (marker == 0xff) {
            ++at; // any number of FF may precede a marker
            continue;
        }
        const std::size_t length = picture_number(bytes, at + 2, 2, true);
        if (length < 2 || length > bytes.size() - at - 2) break;
        const std::string_view content = bytes.substr(at + 4, length - 2);
        if (marker == 0xe1 && content.starts_with(prefix)) return content.substr(6);
        at += 2 + length;
    }
    return {};
}
} // namespace detail

/// Orientation 1..8 as above; 1 for files of other kinds and for damaged EXIF data.
inline int picture_orientation(std::string_view bytes) { return detail::tiff_orientation(detail::exif_data(bytes)); }

/// Rotates the picture and sets its height and width; a picture without pixels gets only these.
inline void turn_picture(Picture& picture, int orientation) {
    if (orientation == 1) return;
    const std::size_t height = std::size_t(picture.height), width = std::size_t(picture.width);
    const std::size_t channels = std::size_t(picture.channels);
    const bool swaps = orientation >= 5;
    const bool flips_rows = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const bool flips_columns = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    picture.orientation = orientation;
    if (swaps) std::swap(picture.height, picture.width);
    std::vector<std::uint8_t> out(picture.pixels.size());
    for (std::size_t y = 0, at = 0; at < out.size(); ++y)
        for (std::size_t x = 0; x < std::size_t(picture.width); ++x, at += channels) {
            const std::size_t row = swaps ? x : y, column = swaps ? y : x; // as stored, except for the flips
            const std::size_t from =
                (flips_rows ? height - 1 - row : row) * width + (flips_columns ? width - 1 - column : column);
            std::copy_n(picture.pixels.begin() + std::ptrdiff_t(from * channels), channels,
                        out.begin() + std::ptrdiff_t(at));
        }
    picture.pixels = std::move(out);
}

} // namespace tinysparse::data
