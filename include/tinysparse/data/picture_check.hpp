// SPDX-License-Identifier: Apache-2.0
// Checks that a PNG or JPEG file is complete, and of a kind that stb decodes, before stb reads it: stb silently fills
// missing parts with gray or with arbitrary memory, and stb 2.27 writes past its tables if a JPEG announces too much.
//   PNG   every chunk's length and CRC-32, up to IEND; a palette
//   JPEG  segments up to the end mark; kind, size and sampling of the frame; tables before the scans that use them
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/picture_kind.hpp"

namespace tinysparse::data {

/// Largest number of pixels, 64 million; more are an attack or a mistake here.
inline constexpr std::int64_t max_picture_pixels = std::int64_t{1} << 26;

namespace detail {
/// The reason why a picture of this size is not decoded from a file of N bytes, or "". A byte holds at most `most`
/// pixels, 8 * 1032 in a flat PNG of 1 bit per pixel; a file that announces more is cut short or malicious.
inline std::string size_refusal(const Picture& picture, std::uint64_t file_bytes, std::uint64_t most = 8256) {
    const std::int64_t pixels = std::int64_t{picture.width} * picture.height;
    if (pixels > max_picture_pixels)
        return text("it has ", picture.width, " x ", picture.height, " pixels, more than 64 million");
    if (std::uint64_t(pixels) > most * file_bytes) return "it announces more pixels than its bytes can hold";
    return "";
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

/// The segments of a JPEG (ITU-T T.81, B.1), and the tables that its scans need.
class JpegCheck {
  public:
    explicit JpegCheck(std::string_view bytes) : bytes_(bytes) {}

    /// The fault, or "". A segment is FF, a marker and, except for a few markers, a length with the content.
    std::string damage() {
        for (std::size_t at = 2; at + 1 < bytes_.size();) {
            const unsigned first = std::uint8_t(bytes_[at]), marker = std::uint8_t(bytes_[at + 1]);
            if (first != 0xff) return text("byte ", at, ": expected a JPEG marker");
            at += marker == 0xff ? 1 : 2; // any number of FF may precede a marker
            if (marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
            if (marker == 0xd9) return components_ == 0 ? "the JPEG holds no picture" : scans_damage();
            const std::size_t length = at + 2 <= bytes_.size() ? picture_number(bytes_, at, 2, true) : 0;
            if (length < 2 || length > bytes_.size() - at) break;
            const std::string found = segment_damage(marker, bytes_.substr(at + 2, length - 2));
            if (!found.empty()) return found.starts_with("it is") ? found : text("byte ", at, ": ", found);
            at += length;
            if (marker == 0xda) // the data of a scan end at the next marker that is not a restart or a stuffed FF
                while (at + 1 < bytes_.size() &&
                       !(bytes_[at] == '\xff' && bytes_[at + 1] != 0 && (std::uint8_t(bytes_[at + 1]) & 0xf8) != 0xd0))
                    ++at;
        }
        return text("the file is cut short: no end mark up to byte ", bytes_.size());
    }

  private:
    struct Component {
        unsigned id = 0, quantiser = 0;
        bool has_scan = false;
    };

    std::string segment_damage(unsigned marker, std::string_view content) {
        if (marker == 0xc4) return read_huffman_tables(content) ? "" : "the Huffman tables are damaged";
        if (marker == 0xdb) return read_quantisers(content) ? "" : "the quantisers are damaged";
        if (marker == 0xee && content.starts_with("Adobe")) adobe_ = true;
        if (marker == 0xda)
            return ++scans_ > most_scans ? text("more than ", most_scans, " scans") : scan_damage(content);
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc) return frame_damage(marker, content);
        return marker == 0xf7 ? text("it is a JPEG-LS picture", cure) : "";
    }

    std::string frame_damage(unsigned marker, std::string_view content) {
        const char* kind = marker >= 0xc9                     ? "an arithmetic-coded JPEG"
                           : marker == 0xc3                   ? "a lossless JPEG"
                           : marker >= 0xc5 && marker <= 0xc7 ? "a hierarchical JPEG"
                                                              : nullptr;
        if (kind) return text("it is ", kind, cure);
        if (content.size() < 6 || components_ > 0) return "the frame is damaged";
        if (content[0] != 8) return text("it is a JPEG of ", std::uint8_t(content[0]), " bits a sample", cure);
        if (picture_number(content, 1, 2, true) == 0) return text("it is a JPEG that says its height at its end", cure);
        progressive_ = marker == 0xc2;
        components_ = std::uint8_t(content[5]);
        if (components_ != 1 && components_ != 3 && components_ != 4)
            return text("it is a JPEG of ", components_, " channels", cure);
        if (components_ == 4 && !adobe_)
            return text("it is a JPEG of four channels whose colours it does not state", cure);
        if (content.size() != 6 + 3 * components_) return "the frame is damaged";
        unsigned most_across = 1, most_down = 1;
        const auto across = [&](std::size_t c) { return std::uint8_t(content[7 + 3 * c]) >> 4; };
        const auto down = [&](std::size_t c) { return content[7 + 3 * c] & 15; };
        for (std::size_t c = 0; c < components_; ++c) {
            component_[c] = {std::uint8_t(content[6 + 3 * c]), std::uint8_t(content[8 + 3 * c]), false};
            most_across = std::max(most_across, unsigned(across(c)));
            most_down = std::max(most_down, unsigned(down(c)));
        }
        for (std::size_t c = 0; c < components_; ++c) { // stb 2.27 reads beyond its rows if one is not a whole share
            if (across(c) < 1 || across(c) > 4 || down(c) < 1 || down(c) > 4 || component_[c].quantiser > 3)
                return "the frame is damaged";
            if (most_across % unsigned(across(c)) != 0 || most_down % unsigned(down(c)) != 0)
                return text("it is a JPEG whose channels have sizes that are no whole shares of each other", cure);
        }
        return "";
    }

    /// Each table is one byte, 16 counts and the counted symbols, at most 256.
    bool read_huffman_tables(std::string_view content) {
        while (content.size() >= 17) {
            std::size_t symbols = 0;
            for (std::size_t i = 1; i <= 16; ++i) symbols += std::uint8_t(content[i]);
            const unsigned table = std::uint8_t(content[0]);
            if (symbols > 256 || symbols > content.size() - 17) return false; // stb 2.27 writes past its table here
            if (table >= 32 || table % 16 > 3) return false;
            huffman_[table / 16 * 4 + table % 16] = true;
            content.remove_prefix(17 + symbols);
        }
        return content.empty();
    }

    bool read_quantisers(std::string_view content) {
        while (!content.empty()) {
            const unsigned table = std::uint8_t(content[0]), size = table >= 16 ? 129 : 65;
            if (table >= 32 || table % 16 > 3 || content.size() < size) return false;
            quantiser_[table % 16] = true;
            content.remove_prefix(size);
        }
        return true;
    }

    std::string scan_damage(std::string_view content) {
        const std::size_t count = content.empty() ? 0 : std::uint8_t(content[0]);
        if (components_ == 0 || count < 1 || count > 4 || content.size() != 4 + 2 * count) return "the scan is damaged";
        const unsigned first = std::uint8_t(content[1 + 2 * count]), last = std::uint8_t(content[2 + 2 * count]);
        const bool refines = std::uint8_t(content[3 + 2 * count]) >= 16;
        const bool needs_dc = !progressive_ || (first == 0 && !refines), needs_ac = !progressive_ || last > 0;
        for (std::size_t i = 0; i < count; ++i) {
            const unsigned id = std::uint8_t(content[1 + 2 * i]), tables = std::uint8_t(content[2 + 2 * i]);
            const auto component = std::find_if(component_.begin(), component_.begin() + std::ptrdiff_t(components_),
                                                [&](const Component& one) { return one.id == id; });
            if (component == component_.begin() + std::ptrdiff_t(components_) || (tables >> 4) > 3 || tables % 16 > 3)
                return "the scan is damaged";
            if ((needs_dc && !huffman_[tables >> 4]) || (needs_ac && !huffman_[4 + tables % 16]))
                return "the scan uses Huffman tables that the file does not hold, as frames of a video do";
            component->has_scan |= first == 0 && !refines;
        }
        return "";
    }

    std::string scans_damage() const {
        for (std::size_t c = 0; c < components_; ++c) {
            if (!component_[c].has_scan) return text("the file holds no scan of channel ", c + 1);
            if (!quantiser_[component_[c].quantiser]) return text("the file holds no quantisers of channel ", c + 1);
        }
        return "";
    }

    /// Progressive files have about ten scans. Each covers all pixels, so a small file could take hours.
    static constexpr std::size_t most_scans = 100;
    static constexpr std::string_view cure =
        ", which is not read; save it as a baseline or progressive JPEG, or as PNG";
    std::string_view bytes_;
    std::size_t components_ = 0, scans_ = 0;
    std::array<Component, 4> component_{};
    std::array<bool, 8> huffman_{}; ///< Tables of DC and of AC coefficients, four each.
    std::array<bool, 4> quantiser_{};
    bool progressive_ = false, adobe_ = false;
};
} // namespace detail

/// The reason why stb must not read a file, or "" for a complete PNG or JPEG. The very first bytes decide the kind: stb
/// also skips FF before FF D8, where nothing would have been checked.
inline std::string picture_damage(std::string_view bytes) {
    if (detail::is_png(bytes)) return detail::png_damage(bytes);
    if (detail::is_jpeg(bytes)) return detail::JpegCheck(bytes).damage();
    return "it begins neither as a PNG nor as a JPEG";
}

} // namespace tinysparse::data
