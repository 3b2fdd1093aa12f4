// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/picture_check.hpp"
#include "helpers.hpp"
#include "tinysparse/base/png.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("a PNG cut anywhere or with any byte changed behind its mark is damaged") {
    const std::vector<std::uint8_t> pixels(12, 99);
    const std::string png = tinysparse::encode_png(4, 3, 1, pixels);
    CHECK(picture_damage(png) == "");
    for (std::size_t length = 8; length < png.size(); ++length) CHECK(picture_damage(png.substr(0, length)) != "");
    for (std::size_t at = 8; at < png.size(); ++at) {
        std::string changed = png;
        changed[at] ^= 4;
        CHECK(picture_damage(changed) != "");
    }
}

namespace {
const std::string jpeg_start = "\xff\xd8", jpeg_end = "\xff\xd9";
/// A segment of a JPEG with its length.
const std::string quantisers = jpeg_segment('\xdb', std::string(65, '\0'));
/// One table of Huffman codes: class (0 DC, 1 AC) and number, counts by length, symbols.
std::string huffman(char table, std::string counts, const std::string& symbols) {
    counts.resize(16);
    return jpeg_segment('\xc4', std::string(1, table) + counts + symbols);
}
const std::string tables = huffman('\0', "\1", "a") + huffman('\x10', "\1", "b");
/// A frame of one channel for each byte of sampling factors (across * 16 + down).
std::string frame(const std::string& sampling, char marker = '\xc0') {
    std::string content = std::string("\x08\0\x08\0\x08", 5) + char(sampling.size());
    for (std::size_t c = 0; c < sampling.size(); ++c) content += {char(c + 1), sampling[c], '\0'};
    return jpeg_segment(marker, content);
}
/// A scan of the channels whose numbers are named, with tables 0, and its data.
std::string scan(const std::string& channels, const std::string& range = std::string("\0\x3f\0", 3)) {
    std::string content(1, char(channels.size()));
    for (const char channel : channels) content += {channel, '\0'};
    return jpeg_segment('\xda', content + range) + std::string("ab\xff\0c\xff\xd3", 7) + "d";
}
const std::string opening = quantisers + tables + frame("\x11");
} // namespace

TEST_CASE("JPEG is walked to its end mark, past a thumbnail that has one of its own") {
    const std::string thumbnail = jpeg_segment('\xe1', jpeg_start + jpeg_end), body = opening + scan("\1");
    CHECK(picture_damage(jpeg_start + thumbnail + body + "\xff" + jpeg_end + "trailing") == "");
    const std::string cut = jpeg_start + thumbnail + body;
    CHECK(picture_damage(cut) == "the file is cut short: no end mark up to byte " + std::to_string(cut.size()));
    CHECK(picture_damage(jpeg_start + "\xff\1x" + jpeg_end) == "byte 4: expected a JPEG marker");
    CHECK(picture_damage(jpeg_start) != "");
    CHECK(picture_damage(jpeg_start + jpeg_end) == "the JPEG holds no picture");
    CHECK(picture_damage(jpeg_start + std::string("\xff\xe1\0\x01", 4) + jpeg_end) !=
          ""); // a length below its own two bytes
}

TEST_CASE("tables of a JPEG must be whole, and there before they are used") {
    CHECK(picture_damage(jpeg_start + quantisers + huffman('\0', "\2\1", "abc") + huffman('\x10', "\1", "b") +
                         frame("\x11") + scan("\1") + jpeg_end) == "");
    for (const auto& [counts, symbols] : {std::pair("\2\1", "ab"), {"\2\1", "abcd"}, {"\xff\xff", "abcd"}})
        CHECK(picture_damage(jpeg_start + huffman('\0', counts, symbols) + jpeg_end) ==
              "byte 4: the Huffman tables are damaged");
    CHECK(picture_damage(jpeg_start + huffman('\4', "\1", "a") + jpeg_end) == "byte 4: the Huffman tables are damaged");
    CHECK(picture_damage(jpeg_start + jpeg_segment('\xdb', std::string(64, '\0')) + jpeg_end) ==
          "byte 4: the quantisers are damaged");
    const std::string late = jpeg_start + quantisers + frame("\x11") + scan("\1") + tables + jpeg_end;
    CHECK(picture_damage(late).find("the scan uses Huffman tables that the file does not hold") != std::string::npos);
    CHECK(picture_damage(jpeg_start + tables + frame("\x11") + scan("\1") + jpeg_end) ==
          "the file holds no quantisers of channel 1");
}

TEST_CASE("every channel of a JPEG needs a scan that begins it") {
    const std::string three = quantisers + tables + frame("\x22\x11\x11");
    CHECK(picture_damage(jpeg_start + three + scan("\1\2\3") + jpeg_end) == "");
    CHECK(picture_damage(jpeg_start + three + scan("\1") + scan("\3\2") + jpeg_end) == "");
    CHECK(picture_damage(jpeg_start + three + scan("\1\2") + jpeg_end) == "the file holds no scan of channel 3");
    CHECK(picture_damage(jpeg_start + three + scan("\1\4") + jpeg_end).find(": the scan is damaged") !=
          std::string::npos);
    CHECK(picture_damage(jpeg_start + opening + jpeg_end) == "the file holds no scan of channel 1");
    // Progressive: DC first; AC scans need AC tables alone.
    const std::string dc("\0\0\0", 3), ac("\1\x3f\0", 3);
    const std::string progressive = quantisers + huffman('\0', "\1", "a") + frame("\x11", '\xc2');
    CHECK(picture_damage(jpeg_start + progressive + scan("\1", dc) + jpeg_end) == "");
    CHECK(picture_damage(jpeg_start + progressive + scan("\1", ac) + jpeg_end).find("Huffman tables that") !=
          std::string::npos);
    CHECK(picture_damage(jpeg_start + progressive + huffman('\x10', "\1", "b") + scan("\1", ac) + jpeg_end) ==
          "the file holds no scan of channel 1");
}

TEST_CASE("channels of a JPEG have whole shares of the largest one's pixels") {
    const auto damage = [](const std::string& sampling) {
        return picture_damage(jpeg_start + quantisers + tables + frame(sampling) + scan("\1\2\3") + jpeg_end);
    };
    CHECK(damage("\x41\x11\x21") == "");
    CHECK(damage("\x31\x21\x11").find("sizes that are no whole shares") != std::string::npos);
    CHECK(damage("\x51\x11\x11").find("the frame is damaged") != std::string::npos);
    CHECK(damage(std::string("\x11\x01\x11", 3)).find("the frame is damaged") != std::string::npos);
}

TEST_CASE("a JPEG has a hundred scans at most") {
    std::string many = jpeg_start + opening;
    for (int i = 0; i < 100; ++i) many += scan("\1");
    CHECK(picture_damage(many + jpeg_end) == "");
    CHECK(picture_damage(many + scan("\1") + jpeg_end).find(": more than 100 scans") != std::string::npos);
}

TEST_CASE("only what begins as a PNG or JPEG goes to the decoder") {
    const std::string jpeg = jpeg_start + opening + scan("\1") + jpeg_end,
                      reason = "it begins neither as a PNG nor as a JPEG";
    const std::vector<std::uint8_t> pixels(12, 99);
    const std::string png = tinysparse::encode_png(4, 3, 1, pixels);
    CHECK(picture_damage(jpeg) == "");
    for (const std::string& file : {jpeg, png}) {
        for (const std::string prefix : {"\xff", "\xff\xff\xff\xff\xff\xff\xff", "\n", " ", "\xef\xbb\xbf"})
            CHECK(picture_damage(prefix + file) == reason);
        CHECK(picture_damage(std::string(1, '\0') + file) == reason);
        CHECK(picture_damage(file.substr(1)) == reason);
    }
    CHECK(picture_damage(jpeg_start + jpeg) != ""); // a second start mark
    for (const char* other : {"", "\xff", "\xff\xd8", "GIF89a", "8BPS", "#?RADIANCE", "P6 1 1 255 abc", "BM"})
        CHECK(picture_damage(other) == reason);
}
