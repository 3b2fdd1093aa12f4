// SPDX-License-Identifier: Apache-2.0
// BMP pictures of Windows and OS/2: palettes of 1, 2, 4 and 8 bits, plain or as run lengths (RLE4, RLE8), 16 and 32
// bits with masks for each colour, 24 bits; rows from the bottom up or from the top down.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/text.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/picture_check.hpp"
#include "tinysparse/data/picture_kind.hpp"

namespace tinysparse::data {

namespace detail {

/// The content of the headers. Colours are 0xRRGGBB.
struct BmpHeader {
    std::size_t width = 0, height = 0, bits = 0, pixels = 0; ///< pixels: byte at which they begin.
    bool top_down = false, runs = false;
    std::array<std::uint32_t, 4> masks{}; ///< Red, green, blue, alpha; 0: none.
    std::array<std::uint32_t, 256> palette{};
    std::size_t row_bytes() const { return (width * bits + 31) / 32 * 4; }
};

/// How the pixels are packed, as Windows numbers it.
enum class BmpPacking : std::uint32_t { none, rle8, rle4, masks, jpeg, png, masks_and_alpha };

/// The reason why pixels of that number of bits, in that packing, are not read, or "".
inline std::string bmp_refusal(BmpPacking packing, std::size_t bits, bool is_os2) {
    const std::string cure = ", which is not read; save it without compression, or as PNG";
    if (is_os2 && packing == BmpPacking::masks && bits == 1) return "it is a Huffman-coded BMP of OS/2" + cure;
    if (is_os2 && packing == BmpPacking::jpeg && bits == 24) return "it is a BMP of 24-bit run lengths of OS/2" + cure;
    if (packing == BmpPacking::jpeg) return "it is a BMP around a JPEG" + cure;
    if (packing == BmpPacking::png) return "it is a BMP around a PNG" + cure;
    if (bits == 64) return "it is a BMP of 64 bits a pixel" + cure;
    const bool is_palette = bits == 1 || bits == 2 || bits == 4 || bits == 8;
    const bool is_good = packing == BmpPacking::none   ? is_palette || bits == 16 || bits == 24 || bits == 32
                         : packing == BmpPacking::rle8 ? bits == 8
                         : packing == BmpPacking::rle4 ? bits == 4
                                                       : bits == 16 || bits == 32;
    const bool is_known = packing <= BmpPacking::masks_and_alpha;
    return is_good && is_known
               ? ""
               : text("a BMP of ", bits, " bits a pixel, packing ", std::uint32_t(packing), ", is not known");
}

/// Reads the masks of 16 and 32 bits, or the palette of fewer; false if they lie beyond the end of the file.
inline bool read_bmp_colours(std::string_view bytes, std::size_t length, BmpPacking packing, BmpHeader& header) {
    std::size_t at = 14 + length;
    if (header.bits == 16) header.masks = {0x7c00, 0x03e0, 0x001f, 0};
    if (header.bits == 32) header.masks = {0xff0000, 0x00ff00, 0x0000ff, 0};
    if (packing == BmpPacking::masks || packing == BmpPacking::masks_and_alpha) {
        const bool inside = length >= 52; // later headers hold the masks; with the first Windows header they follow it
        const std::size_t count = packing == BmpPacking::masks_and_alpha || length >= 56 ? 4 : 3;
        if (54 + 4 * count > bytes.size()) return false;
        for (std::size_t c = 0; c < count; ++c) header.masks[c] = picture_number(bytes, 54 + 4 * c, 4, false);
        if (!inside) at += 4 * count;
        if (!header.masks[0] && !header.masks[1] && !header.masks[2]) return false;
    }
    if (header.bits > 8) return true;
    const std::size_t size = length == 12 ? 3 : 4, announced = length >= 36 ? picture_number(bytes, 46, 4, false) : 0;
    std::size_t count = std::size_t{1} << header.bits;
    if (announced > 0) count = std::min(count, announced);
    if (header.pixels > at) count = std::min(count, (header.pixels - at) / size); // some end at the first pixel
    if (header.pixels <= at || count == 0) return false;
    for (std::size_t i = 0; i < count; ++i) header.palette[i] = picture_number(bytes, at + size * i, 3, false);
    return true;
}

/// The header; no value, with the reason, if it is damaged, not supported, or announces more than the file holds.
inline std::optional<BmpHeader> bmp_header(std::string_view bytes, std::string& reason) {
    BmpHeader header;
    const auto number = [&](std::size_t at, std::size_t count) { return picture_number(bytes, at, count, false); };
    const std::size_t length = bytes.size() >= 26 ? number(14, 4) : 0;
    if (bytes.size() < 26 || (length < 1000 && bytes.size() < 14 + length)) {
        reason = text("the file is cut short: byte ", bytes.size(), " is inside the header");
        return std::nullopt;
    }
    if (length != 12 && (length < 16 || length > 124)) {
        reason = text("the BMP header is damaged: it announces ", length, " bytes for itself");
        return std::nullopt;
    }
    const bool core = length == 12; // the first header version, of OS/2
    const std::int64_t width = core ? number(18, 2) : std::int64_t{std::int32_t(number(18, 4))};
    const std::int64_t height = core ? number(20, 2) : std::int64_t{std::int32_t(number(22, 4))};
    header.bits = number(core ? 24 : 28, 2);
    header.pixels = number(10, 4);
    const BmpPacking packing = length >= 20 ? BmpPacking(number(30, 4)) : BmpPacking::none;
    reason = bmp_refusal(packing, header.bits, length < 40 || length == 64);
    if (!reason.empty()) return std::nullopt;
    constexpr std::int64_t longest = 65535;
    if (width <= 0 || width > longest || height == 0 || height > longest || height < -longest) {
        reason = text("the BMP header says ", width, " x ", height, " pixels; expected 1 to 65535 a side");
        return std::nullopt;
    }
    header.width = std::size_t(width);
    header.height = std::size_t(height < 0 ? -height : height);
    header.top_down = height < 0;
    header.runs = packing == BmpPacking::rle8 || packing == BmpPacking::rle4;
    const std::size_t needed = header.pixels + (header.runs ? 2 : header.row_bytes() * header.height);
    if (needed > bytes.size())
        reason = text("the file is cut short: its rows need ", needed, " bytes, it has ", bytes.size());
    else if (header.pixels < 14 + length || !read_bmp_colours(bytes, length, packing, header))
        reason = "the BMP header is damaged: its colours do not lie between it and the pixels";
    if (!reason.empty()) return std::nullopt;
    return header;
}

/// Run lengths as palette indices, [height][width] from the bottom up; no value if the data end before the picture.
inline std::optional<std::vector<std::uint8_t>> bmp_runs(std::string_view bytes, const BmpHeader& header) {
    std::vector<std::uint8_t> indices(header.width * header.height);
    std::size_t x = 0, y = 0;
    const auto put = [&](unsigned index) { // values beyond the end of a row are dropped
        if (x < header.width && y < header.height) indices[y * header.width + x++] = std::uint8_t(index);
    };
    const bool nibbles = header.bits == 4;
    for (std::size_t at = header.pixels; y < header.height; at += 2) {
        if (at + 2 > bytes.size()) return std::nullopt;
        const unsigned count = std::uint8_t(bytes[at]), value = std::uint8_t(bytes[at + 1]);
        if (count > 0) { // a run; with nibbles, two values alternate
            for (unsigned i = 0; i < count; ++i) put(!nibbles ? value : i % 2 ? value & 15 : value >> 4);
        } else if (value == 0) { // end of the row
            x = 0;
            ++y;
        } else if (value == 1) { // end of the picture
            break;
        } else if (value == 2) { // a move of the position
            if (at + 4 > bytes.size()) return std::nullopt;
            x += std::uint8_t(bytes[at + 2]);
            y += std::uint8_t(bytes[at + 3]);
            at += 2;
        } else { // single values, padded to whole words
            const std::size_t length = nibbles ? (value + 1) / 2 : value;
            if (at + 2 + length > bytes.size()) return std::nullopt;
            for (unsigned i = 0; i < value; ++i) {
                const unsigned byte = std::uint8_t(bytes[at + 2 + (nibbles ? i / 2 : i)]);
                put(!nibbles ? byte : i % 2 ? byte & 15 : byte >> 4);
            }
            at += (length + 1) / 2 * 2;
        }
    }
    return indices;
}

/// The value under a mask, 0..255, rounded; `otherwise` if the mask is empty.
inline std::uint8_t masked(std::uint32_t pixel, std::uint32_t mask, std::uint8_t otherwise) {
    if (mask == 0) return otherwise;
    const int shift = std::countr_zero(mask);
    const std::uint64_t value = (pixel & mask) >> shift, most = mask >> shift;
    return std::uint8_t((value * 255 + most / 2) / most);
}

/// A row of plain pixels as RGB; with an alpha mask as RGBA.
inline void read_bmp_row(std::string_view row, const BmpHeader& header, std::uint8_t* out) {
    for (std::size_t x = 0; x < header.width; ++x) {
        if (header.bits >= 16) {
            const std::size_t size = header.bits / 8;
            const std::uint32_t pixel = picture_number(row, x * size, size, false);
            if (header.bits == 24) {
                for (int shift : {16, 8, 0}) *out++ = std::uint8_t(pixel >> shift);
                continue;
            }
            for (std::size_t c = 0; c < 3; ++c) *out++ = masked(pixel, header.masks[c], 0);
            if (header.masks[3]) *out++ = masked(pixel, header.masks[3], 255);
            continue;
        }
        const std::size_t bit = x * header.bits;
        const unsigned byte = std::uint8_t(row[bit / 8]);
        const std::uint32_t colour = header.palette[byte >> (8 - header.bits - bit % 8) & ((1u << header.bits) - 1)];
        for (int shift : {16, 8, 0}) *out++ = std::uint8_t(colour >> shift);
    }
}

/// Blends alpha over white; if alpha is 0 everywhere in a file, it is ignored.
inline void drop_bmp_alpha(std::vector<std::uint8_t>& pixels) {
    std::uint8_t any = 0;
    for (std::size_t i = 3; i < pixels.size(); i += 4) any |= pixels[i];
    for (std::size_t i = 0; i < pixels.size() / 4; ++i)
        for (std::size_t c = 0; c < 3; ++c)
            pixels[3 * i + c] = over_white(pixels[4 * i + c], any ? pixels[4 * i + 3] : 255);
    pixels.resize(pixels.size() / 4 * 3);
}
} // namespace detail

/// Reads the size of a file that begins with BM, always of 3 channels; false with the reason.
inline bool inspect_bmp(std::string_view bytes, Picture& picture, std::string& reason) {
    const auto header = detail::bmp_header(bytes, reason);
    if (!header) return false;
    picture.width = int(header->width);
    picture.height = int(header->height);
    picture.channels = 3;
    reason = detail::size_refusal(picture, bytes.size());
    return reason.empty();
}

/// Reads the whole picture.
inline bool decode_bmp(std::string_view bytes, Picture& picture, std::string& reason) {
    const auto header = detail::bmp_header(bytes, reason);
    if (!header || !inspect_bmp(bytes, picture, reason)) return false;
    std::optional<std::vector<std::uint8_t>> indices;
    if (header->runs && !(indices = detail::bmp_runs(bytes, *header))) {
        reason = text("the file is cut short: its run lengths end before the picture, at byte ", bytes.size());
        return false;
    }
    const std::size_t samples = header->masks[3] ? 4 : 3, row = samples * header->width;
    picture.pixels.resize(row * header->height);
    for (std::size_t y = 0; y < header->height; ++y) {
        std::uint8_t* out = picture.pixels.data() + (header->top_down ? y : header->height - 1 - y) * row;
        if (!indices) {
            const std::size_t begin = header->pixels + y * header->row_bytes();
            detail::read_bmp_row(bytes.substr(begin, header->row_bytes()), *header, out);
            continue;
        }
        for (std::size_t x = 0; x < header->width; ++x)
            for (int shift : {16, 8, 0})
                *out++ = std::uint8_t(header->palette[(*indices)[y * header->width + x]] >> shift);
    }
    if (samples == 4) detail::drop_bmp_alpha(picture.pixels);
    return true;
}

} // namespace tinysparse::data
