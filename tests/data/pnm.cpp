// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/pnm.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

namespace {
using Bytes = std::vector<std::uint8_t>;

Picture decoded_pnm(std::string_view bytes, int bits = 16) {
    Picture picture, seen;
    std::string reason;
    CHECK_MESSAGE(decode_pnm(bytes, bits, picture, reason), reason);
    CHECK(inspect_pnm(bytes, seen, reason));
    CHECK(seen.channels == picture.channels);
    CHECK(seen.height == picture.height);
    CHECK(seen.width == picture.width);
    return picture;
}
Bytes pnm_pixels(std::string_view bytes) { return decoded_pnm(bytes).pixels; }
std::string pnm_refusal(std::string_view bytes) {
    Picture picture;
    std::string reason;
    CHECK_FALSE(decode_pnm(bytes, 16, picture, reason));
    return reason;
}
std::string words(std::initializer_list<int> samples) { // two bytes each, high one first
    std::string out;
    for (const int sample : samples) out += {char(sample >> 8), char(sample & 255)};
    return out;
}
} // namespace

TEST_CASE("the six plain kinds, after the manuals of netpbm") {
    CHECK(pnm_pixels("P1\n3 2\n1 0 1\n0 1 1\n") == Bytes{0, 255, 0, 255, 0, 0});
    CHECK(pnm_pixels("P1 3 2 101011") == Bytes{0, 255, 0, 255, 0, 0}); // no white space is needed between bits
    CHECK(pnm_pixels("P2\n3 1\n9\n0 4 9") == Bytes{0, 113, 255});
    CHECK(pnm_pixels("P3 2 1 255\n1 2 3  4\n5\t6\n") == Bytes{1, 2, 3, 4, 5, 6});
    CHECK(pnm_pixels("P4\n10 2\n" + std::string("\xa0\x40\x01\x80", 4)) ==
          Bytes{0, 255, 0, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 0, 0, 255});
    CHECK(pnm_pixels("P5\n2 2\n255\n" + counting(4)) == Bytes{0, 1, 2, 3});
    CHECK(pnm_pixels("P6 1 2 255\n" + counting(6)) == Bytes{0, 1, 2, 3, 4, 5});
    CHECK(decoded_pnm("P6 1 2 255\n" + counting(6)).height == 2);
}

TEST_CASE("comments stand anywhere in the header, and among samples that are text") {
    CHECK(pnm_pixels("P5 # gray\n# 9 9\n2 1 # two\n255\n" + counting(2)) == Bytes{0, 1});
    CHECK(pnm_pixels("P5 2 1 255#\n" + std::string("#\n")) ==
          Bytes{35, 10}); // the comment's end is the one white space
    CHECK(pnm_pixels("P2 2 1 255\n# first\n7 # 8\n9") == Bytes{7, 9});
    CHECK(pnm_pixels("P1 2 1 # 1\r1 # 0\n0") == Bytes{0, 255});
}

TEST_CASE("samples are scaled by maxval") {
    CHECK(pnm_pixels("P5 2 1 1\n" + std::string("\0\1", 2)) == Bytes{0, 255});
    CHECK(pnm_pixels("P2 4 1 15 0 5 10 15") == Bytes{0, 85, 170, 255});
    CHECK(pnm_pixels("P6 1 1 100\n" + std::string("\0\x32\x64", 3)) == Bytes{0, 128, 255});
    CHECK(pnm_pixels("P5 3 1 1023\n" + words({0, 512, 1023})) == Bytes{0, 128, 255});
    CHECK(pnm_pixels("P5 3 1 4095\n" + words({16, 2048, 5000})) == Bytes{1, 128, 255}); // above maxval: as Pillow
    CHECK(decoded_pnm("P5 1 1 4095\n" + words({16})).peak == 0);
}

TEST_CASE("samples of two bytes, high one first; maxval 65535 as in a PNG of 16 bits") {
    const std::string four = "P5 4 1 65535\n" + words({0, 5000, 10000, 15000});
    CHECK(pnm_pixels(four) == Bytes{0, 19, 39, 58});
    CHECK(decoded_pnm(four).peak == 15000);
    CHECK(pnm_pixels("P2 4 1 65535 0 5000 10000 65535") == Bytes{0, 19, 39, 255});
    CHECK(decoded_pnm("P5 3 1 65535\n" + words({16, 2048, 4095}), 12).pixels == Bytes{1, 128, 255});
    CHECK(decoded_pnm("P6 1 1 65535\n" + words({256, 257, 5000}), 12).pixels == Bytes{16, 16, 255});
}

TEST_CASE("PAM of one to four channels; alpha over white") {
    const auto pam = [](int depth, int maxval, const std::string& body) {
        return "P7\n# a comment\nWIDTH 1\nHEIGHT 1\nDEPTH " + std::to_string(depth) + "\nMAXVAL " +
               std::to_string(maxval) + "\nTUPLTYPE ANY\nENDHDR\n" + body;
    };
    CHECK(pnm_pixels(pam(1, 1, "\1")) == Bytes{255}); // 1 is white here
    CHECK(pnm_pixels(pam(3, 255, "\1\2\3")) == Bytes{1, 2, 3});
    CHECK(pnm_pixels(pam(2, 255, "\x64\x80")) == Bytes{177});
    CHECK(pnm_pixels(pam(4, 255, "\x64\x32\xff\x80")) == Bytes{177, 152, 255});
    CHECK(pnm_pixels(pam(4, 65535, words({25600, 12800, 65535, 32768}))) == Bytes{177, 152, 255});
    CHECK(pnm_refusal(pam(5, 255, "\1\2\3\4\5")) == "it is a PAM picture of 5 channels; 1 to 4 are read");
    CHECK(pnm_refusal("P7\nWIDTH 1\nHEIGHT 1\n") == "the PAM header has no line ENDHDR");
    CHECK(pnm_refusal("P7\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nENDHDR\n1").find("the PNM header says 0 x 1 pixels") == 0);
}

TEST_CASE("damaged files say what is wrong") {
    for (const char* header : {"P5\n2 3\n255\n", "P5 2 # two\n3\t255\n", "P5\n# 9 9\n2\n3\n7\n"})
        CHECK(pnm_refusal(std::string(header) + "12345").find("the file is cut short: its samples need") == 0);
    CHECK(pnm_refusal("P6 1 1 255\n12") == "the file is cut short: its samples need 14 bytes, it has 13");
    CHECK(pnm_refusal("P5 1 1 256\n1") != "");
    CHECK(pnm_refusal("P5") == "the PNM header says 0 x 0 pixels; expected 1 to 65535 a side");
    CHECK(pnm_refusal("P5 # 9\r1 99999999999 255\n") ==
          "the PNM header says 1 x 99999999999 pixels; expected 1 to 65535 a side");
    CHECK(pnm_refusal("P5 -1 3 255\n123").find("the PNM header says 0 x 3") == 0);
    CHECK(pnm_refusal("P5 1 1 0\n1") == "the PNM header says maxval 0; expected 1 to 65535");
    CHECK(pnm_refusal("P5 1 1 70000\n1234") == "the PNM header says maxval 70000; expected 1 to 65535");
    CHECK(pnm_refusal("P2 3 1 9\n1 2 10") == "sample 3 is no number of 0 to 9");
    CHECK(pnm_refusal("P3 1 1 9\n1 x 3") == "sample 2 is no number of 0 to 9");
    CHECK(pnm_refusal("P2 2 1 9\n1     ") == "sample 2 is no number of 0 to 9");
    CHECK(pnm_refusal("P1 2 1\n1 2") == "sample 2 is no number of 0 to 1");
    CHECK(pnm_refusal("P1 2 1\n1 #0") == "sample 2 is no number of 0 to 1");
    CHECK(pnm_refusal("P5 65535 65535 255\n1").find("the file is cut short") == 0);
}
