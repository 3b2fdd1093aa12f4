// SPDX-License-Identifier: Apache-2.0
// Pictures of the PNM family (netpbm): a header of numbers as text, then samples of 0..maxval.
//   P1 P4  PBM, bits, 1 is black       P2 P5  PGM, gray       P3 P6  PPM, RGB       P7  PAM, any number of channels
// P1 to P3 hold their samples as text, the others as bits, bytes or, if maxval is above 255, two bytes, high one first.
// Samples become round(255 * sample / maxval), those with maxval 65535 their upper byte, as in a PNG of 16 bits.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tinysparse/base/text.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/picture_check.hpp"

namespace tinysparse::data {

namespace detail {

struct PnmHeader {
    char kind = '5';                                            ///< '1'..'7'
    std::uint64_t width = 0, height = 0, maxval = 1, depth = 1; ///< depth: samples per pixel; 2 and 4 include alpha.
    std::size_t body = 0;                                       ///< Where the samples begin.
    bool is_text() const { return kind <= '3'; }
    bool is_bits() const { return kind == '1' || kind == '4'; }
    int colours() const { return depth <= 2 ? 1 : 3; }
};

/// Characters of a PNM file. A comment, from # to the end of its line, counts as the end of the line.
class PnmText {
  public:
    PnmText(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}
    std::size_t at() const { return at_; }

    /// The next character; '\n' at the end of the file.
    char next() {
        if (at_ < bytes_.size() && bytes_[at_] == '#') at_ = std::min(bytes_.find_first_of("\r\n", at_), bytes_.size());
        return at_ < bytes_.size() ? bytes_[at_++] : '\n';
    }
    /// The next word after any white space, with the one character after it; "" at the end of the file.
    std::string word() {
        std::string out;
        while (at_ < bytes_.size()) {
            const char letter = next();
            const bool space = letter == ' ' || (letter >= '\t' && letter <= '\r');
            if (!space && out.size() < 40) out += letter;
            if (space && !out.empty()) break;
        }
        return out;
    }
    std::string_view line() {
        const std::size_t end = std::min(bytes_.find('\n', at_), bytes_.size()), begin = at_;
        at_ = std::min(end + 1, bytes_.size());
        return bytes_.substr(begin, end - begin);
    }

  private:
    std::string_view bytes_;
    std::size_t at_;
};

/// Reads the lines of a P7 header, each a name and its value, up to ENDHDR; false if that is missing.
inline bool read_pam_header(PnmText& in, PnmHeader& header, std::size_t size) {
    header.maxval = header.depth = 0;
    while (in.at() < size) {
        std::string_view line = in.line();
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with("ENDHDR")) return true;
        const std::size_t space = std::min(line.find_first_of(" \t"), line.size());
        const std::string_view name = line.substr(0, space);
        line.remove_prefix(std::min(line.find_first_not_of(" \t", space), line.size()));
        while (line.ends_with(' ')) line.remove_suffix(1);
        const std::uint64_t number = parse_number<std::uint64_t>(line).value_or(0);
        if (name == "WIDTH") header.width = number;
        if (name == "HEIGHT") header.height = number;
        if (name == "DEPTH") header.depth = number;
        if (name == "MAXVAL") header.maxval = number;
    }
    return false;
}

/// The header; no value, with the reason, if it is damaged or announces more than the file holds.
inline std::optional<PnmHeader> pnm_header(std::string_view bytes, std::string& reason) {
    PnmHeader header;
    header.kind = bytes[1];
    PnmText in(bytes, 2);
    if (header.kind == '7') {
        in.line();
        if (!read_pam_header(in, header, bytes.size())) {
            reason = "the PAM header has no line ENDHDR";
            return std::nullopt;
        }
    } else {
        header.depth = header.kind == '3' || header.kind == '6' ? 3 : 1;
        for (std::uint64_t* number : {&header.width, &header.height, &header.maxval})
            if (number != &header.maxval || !header.is_bits())
                *number = parse_number<std::uint64_t>(in.word()).value_or(0);
    }
    header.body = in.at();
    constexpr std::uint64_t longest = 65535;
    if (header.width == 0 || header.height == 0 || header.width > longest || header.height > longest)
        reason =
            text("the PNM header says ", header.width, " x ", header.height, " pixels; expected 1 to 65535 a side");
    else if (header.maxval == 0 || header.maxval > 65535)
        reason = text("the PNM header says maxval ", header.maxval, "; expected 1 to 65535");
    else if (header.depth == 0 || header.depth > 4)
        reason = text("it is a PAM picture of ", header.depth, " channels; 1 to 4 are read");
    if (!reason.empty()) return std::nullopt;
    const std::uint64_t row = header.width * header.depth;
    const std::uint64_t row_bytes = header.kind == '4' ? (row + 7) / 8
                                    : header.is_text() ? (header.is_bits() ? row : 2 * row)
                                                       : row * (header.maxval > 255 ? 2 : 1);
    // Least size as text: a digit per sample, and white space after all but the last.
    const std::uint64_t needed = header.body + header.height * row_bytes - (header.kind == '2' || header.kind == '3');
    if (needed > bytes.size()) {
        reason = text("the file is cut short: its samples need ", needed, " bytes, it has ", bytes.size());
        return std::nullopt;
    }
    return header;
}

/// Reads the samples of the body one by one, as whole numbers of 0..maxval.
class PnmSamples {
  public:
    PnmSamples(std::string_view bytes, const PnmHeader& header)
        : bytes_(bytes), header_(header), text_(bytes, header.body), at_(header.body) {}

    /// The next sample; no value if the text holds no such number.
    std::optional<std::uint32_t> next() {
        if (header_.kind == '1') {
            char letter = ' ';
            while (letter != '0' && letter != '1') {
                if (text_.at() >= bytes_.size()) return std::nullopt;
                letter = text_.next();
                if (letter > '1' || (letter > ' ' && letter < '0')) return std::nullopt;
            }
            return letter == '0'; // 0 is white
        }
        if (header_.is_text()) {
            const auto number = parse_number<std::uint32_t>(text_.word());
            return number && *number <= header_.maxval ? number : std::nullopt;
        }
        std::uint32_t sample = std::uint8_t(bytes_[at_]);
        if (header_.kind == '4') {
            sample = ~sample >> (7 - bit_) & 1;
            const bool row_ends = ++column_ == header_.width;
            bit_ = row_ends ? 0 : (bit_ + 1) & 7;
            if (row_ends) column_ = 0;
            at_ += bit_ == 0;
            return sample;
        }
        if (header_.maxval > 255) sample = sample << 8 | std::uint8_t(bytes_[++at_]);
        ++at_;
        return std::min(sample, std::uint32_t(header_.maxval));
    }

  private:
    std::string_view bytes_;
    const PnmHeader& header_;
    PnmText text_;
    std::size_t at_;
    unsigned bit_ = 0;
    std::uint64_t column_ = 0;
};
} // namespace detail

/// Reads channels and size of a file that begins with P1 to P7; false with the reason.
inline bool inspect_pnm(std::string_view bytes, Picture& picture, std::string& reason) {
    const auto header = detail::pnm_header(bytes, reason);
    if (!header) return false;
    picture.width = int(header->width);
    picture.height = int(header->height);
    picture.channels = header->colours();
    reason = detail::size_refusal(picture, bytes.size());
    return reason.empty();
}

/// Reads the whole picture. `bits` as in ImageSupport::decode; it matters only for maxval 65535.
inline bool decode_pnm(std::string_view bytes, int bits, Picture& picture, std::string& reason) {
    const auto header = detail::pnm_header(bytes, reason);
    if (!header || !inspect_pnm(bytes, picture, reason)) return false;
    const std::uint32_t maxval = std::uint32_t(header->maxval);
    const std::size_t colours = std::size_t(picture.channels), depth = std::size_t(header->depth);
    const std::size_t pixels = std::size_t(header->width * header->height);
    picture.pixels.resize(pixels * colours);
    detail::PnmSamples samples(bytes, *header);
    for (std::size_t i = 0; i < pixels; ++i) {
        std::uint8_t pixel[4]{};
        for (std::size_t c = 0; c < depth; ++c) {
            const std::optional<std::uint32_t> sample = samples.next();
            if (!sample) {
                reason = text("sample ", i * depth + c + 1, " is no number of 0 to ", maxval);
                return false;
            }
            const bool is_colour = c < colours;
            if (maxval < 65535) {
                pixel[c] = std::uint8_t((*sample * 255 + maxval / 2) / maxval);
            } else {
                pixel[c] = detail::upper_bits(std::uint16_t(*sample), is_colour ? bits : all_sample_bits);
                if (is_colour) picture.peak = std::max(picture.peak, std::uint16_t(*sample));
            }
        }
        for (std::size_t c = 0; c < colours; ++c)
            picture.pixels[i * colours + c] = depth > colours ? detail::over_white(pixel[c], pixel[colours]) : pixel[c];
    }
    return true;
}

} // namespace tinysparse::data
