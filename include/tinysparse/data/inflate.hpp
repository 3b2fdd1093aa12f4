// SPDX-License-Identifier: Apache-2.0
// Unpacks deflate data (RFC 1951), as gzip files hold them: blocks that are stored, or coded by two Huffman codes, one
// for bytes and lengths of repeats, one for distances.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::data {

namespace detail {

/// The bits of a text, lowest bit of each byte first.
class BitReader {
  public:
    explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

    /// The next bits, at most 32, which remain unread; 0 beyond the end.
    std::uint32_t peek(int count) {
        for (; held_ <= 56 && at_ < bytes_.size(); held_ += 8)
            buffer_ |= std::uint64_t{std::uint8_t(bytes_[at_++])} << held_;
        return std::uint32_t(buffer_ & ((std::uint64_t{1} << count) - 1));
    }
    void skip(int count) {
        if (count > held_) throw Error("the packed data end within a code");
        buffer_ >>= count;
        held_ -= count;
    }
    std::uint32_t take(int count) {
        const std::uint32_t bits = peek(count);
        skip(count);
        return bits;
    }
    /// Reads whole bytes from the next byte on.
    std::string_view take_bytes(std::size_t count) {
        const std::size_t from = consumed();
        if (count > bytes_.size() - from) throw Error("the packed data end within a stored block");
        at_ = from + count;
        buffer_ = 0;
        held_ = 0;
        return bytes_.substr(from, count);
    }
    /// Number of bytes of which at least one bit was read.
    std::size_t consumed() const { return at_ - std::size_t(held_ / 8); }

  private:
    std::string_view bytes_;
    std::size_t at_ = 0;
    std::uint64_t buffer_ = 0;
    int held_ = 0;
};

/// A canonical Huffman code of at most 15 bits (RFC 1951, 3.2.2).
class HuffmanCode {
  public:
    /// lengths[s]: bits of the code of symbol s, 0 if it has none. Throws Error if they do not form a prefix code.
    explicit HuffmanCode(std::span<const std::uint8_t> lengths) {
        for (const std::uint8_t length : lengths) ++counts_[length];
        counts_[0] = 0;
        std::array<std::uint16_t, 17> first{}, code{};
        int left = 1;
        for (std::size_t length = 1; length <= 15; ++length) {
            left = 2 * left - counts_[length];
            if (left < 0) throw Error("the packed data have a wrong Huffman code");
            first[length + 1] = std::uint16_t(first[length] + counts_[length]);
            code[length + 1] = std::uint16_t((code[length] + counts_[length]) << 1);
        }
        for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
            if (const std::size_t length = lengths[symbol]; length > 0) {
                symbols_[first[length]++] = std::uint16_t(symbol);
                const std::uint32_t mirrored = reversed(code[length]++, length);
                for (std::size_t at = mirrored; length <= short_bits && at < short_.size(); at += 1u << length)
                    short_[at] = std::uint16_t(symbol << 4 | length);
            }
    }

    std::uint32_t decode(BitReader& bits) const {
        const std::uint32_t ahead = bits.peek(15);
        if (const std::uint32_t entry = short_[ahead & (short_.size() - 1)]) {
            bits.skip(int(entry & 15));
            return entry >> 4;
        }
        int code = 0, first = 0, index = 0; // code and first: for codes of this length
        for (std::size_t length = 1; length <= 15; ++length) {
            code |= int(ahead >> (length - 1) & 1);
            if (code - first < counts_[length]) {
                bits.skip(int(length));
                return symbols_[std::size_t(index + code - first)];
            }
            index += counts_[length];
            first = (first + counts_[length]) << 1;
            code <<= 1;
        }
        throw Error("the packed data hold a code that means nothing");
    }

  private:
    static constexpr std::size_t short_bits = 10;

    static std::uint32_t reversed(std::uint32_t code, std::size_t length) {
        std::uint32_t out = 0;
        for (std::size_t i = 0; i < length; ++i) out |= (code >> i & 1) << (length - 1 - i);
        return out;
    }

    std::array<std::uint16_t, 16> counts_{};              ///< Codes of each length.
    std::array<std::uint16_t, 288> symbols_{};            ///< In the order of their codes.
    std::array<std::uint16_t, 1u << short_bits> short_{}; ///< symbol << 4 | length by the bits ahead; 0: a longer code.
};

/// The two codes of a block with codes of its own (RFC 1951, 3.2.7).
inline std::pair<HuffmanCode, HuffmanCode> read_codes(BitReader& bits) {
    const std::size_t literals = bits.take(5) + 257, distances = bits.take(5) + 1, count = bits.take(4) + 4;
    if (literals > 286 || distances > 30) throw Error("the packed data announce too many codes");
    constexpr std::uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    std::array<std::uint8_t, 19> code_lengths{};
    for (std::size_t i = 0; i < count; ++i) code_lengths[order[i]] = std::uint8_t(bits.take(3));
    const HuffmanCode code(code_lengths);
    std::array<std::uint8_t, 286 + 30> lengths{};
    for (std::size_t at = 0; at < literals + distances;) {
        const std::uint32_t symbol = code.decode(bits);
        if (symbol < 16) {
            lengths[at++] = std::uint8_t(symbol);
            continue;
        }
        if (symbol == 16 && at == 0) throw Error("the packed data repeat a code before the first");
        const std::uint8_t repeated = symbol == 16 ? lengths[at - 1] : std::uint8_t{0};
        const std::size_t times = symbol == 16 ? 3 + bits.take(2) : symbol == 17 ? 3 + bits.take(3) : 11 + bits.take(7);
        if (times > literals + distances - at) throw Error("the packed data announce too many codes");
        std::fill_n(lengths.begin() + std::ptrdiff_t(at), times, repeated);
        at += times;
    }
    const std::span<const std::uint8_t> all(lengths);
    return {HuffmanCode(all.first(literals)), HuffmanCode(all.subspan(literals, distances))};
}

/// The two codes of a block with the codes of the standard (RFC 1951, 3.2.6).
inline std::pair<HuffmanCode, HuffmanCode> standard_codes() {
    std::array<std::uint8_t, 288> lengths{};
    for (std::size_t i = 0; i < lengths.size(); ++i)
        lengths[i] = i < 144   ? std::uint8_t{8}
                     : i < 256 ? std::uint8_t{9}
                     : i < 280 ? std::uint8_t{7}
                               : std::uint8_t{8};
    std::array<std::uint8_t, 30> distances{};
    distances.fill(5);
    return {HuffmanCode(lengths), HuffmanCode(distances)};
}

/// A block of coded bytes and repeats. `begin`: position in `out` at which the data begin; no repeat reaches before it.
inline void inflate_block(BitReader& bits, const HuffmanCode& literals, const HuffmanCode& distances, std::size_t begin,
                          std::uint64_t most, std::string& out) {
    constexpr std::uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                               31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    constexpr std::uint16_t distance_base[30] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                                 33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                                 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    for (;;) {
        const std::uint32_t symbol = literals.decode(bits);
        if (symbol == 256) return;
        if (out.size() >= most) throw Error(text("more than ", most, " bytes are packed"));
        if (symbol < 256) {
            out.push_back(char(symbol));
            continue;
        }
        const std::uint32_t length_code = symbol - 257;
        if (length_code > 28) throw Error("the packed data hold a code that means nothing");
        const int length_bits = length_code < 8 || length_code == 28 ? 0 : int(length_code - 4) / 4;
        std::size_t length = length_base[length_code] + bits.take(length_bits);
        const std::uint32_t distance_code = distances.decode(bits);
        if (distance_code > 29) throw Error("the packed data hold a code that means nothing");
        const int distance_bits = distance_code < 4 ? 0 : int(distance_code - 2) / 2;
        const std::size_t distance = distance_base[distance_code] + bits.take(distance_bits);
        if (distance > out.size() - begin) throw Error("the packed data repeat bytes before their first");
        for (std::size_t from = out.size() - distance; length > 0; --length) out.push_back(out[from++]);
    }
}
} // namespace detail

/// Unpacks deflate data and appends them to `out`, which may grow to `most` bytes. Returns the number of bytes that
/// were read; later bytes are not looked at. Throws Error, without a name, if the data are damaged or cut short.
inline std::size_t inflate(std::string_view deflated, std::uint64_t most, std::string& out) {
    detail::BitReader bits(deflated);
    const std::size_t begin = out.size();
    for (bool last = false; !last;) {
        last = bits.take(1) != 0;
        const std::uint32_t kind = bits.take(2);
        if (kind == 3) throw Error("the packed data have a block of no known kind");
        if (kind == 0) {
            bits.take_bytes(0); // to the next whole byte
            const std::uint32_t length = bits.take(16), inverse = bits.take(16);
            if ((length ^ inverse) != 0xffff) throw Error("the packed data have a damaged stored block");
            if (length > most - std::min<std::uint64_t>(most, out.size()))
                throw Error(text("more than ", most, " bytes are packed"));
            out += bits.take_bytes(length);
        } else {
            const auto [literals, distances] = kind == 1 ? detail::standard_codes() : detail::read_codes(bits);
            detail::inflate_block(bits, literals, distances, begin, most, out);
        }
    }
    return bits.consumed();
}

} // namespace tinysparse::data
