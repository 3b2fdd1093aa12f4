// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/picture_kind.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;

TEST_CASE("kinds that are read, by their first bytes") {
    for (const char* bytes : {"\x89PNG\r\n\x1a\n..", "\xff\xd8\xff\xe0", "BM......", "P1 ", "P4\n", "P6\n", "P7\n"})
        CHECK(is_read_picture(bytes));
    for (const char* bytes :
         {"", "P", "P8", "P0", "GIF89a", "\x89PNG\n", "\xff", "\xff\xd8", "\xff\xd8\xd8\xff", "\xff\xff\xd8\xff"})
        CHECK_FALSE(is_read_picture(bytes));
}

TEST_CASE("kinds that are not read are named, with what to do") {
    const auto reason = [](const std::string& bytes) { return unread_picture_reason(bytes); };
    const std::string end = ", which is not read; convert it to PNG or JPEG";
    CHECK(reason("GIF89a") == "it is a GIF picture" + end);
    CHECK(reason("RIFF1234WEBPVP8 ") == "it is a WebP picture" + end);
    CHECK(reason(std::string("\0\0\0\x18"
                             "ftypheic",
                             12)) == "it is a HEIC picture" + end);
    CHECK(reason(std::string("\0\0\0\x18"
                             "ftypmif1",
                             12)) == "it is a HEIF picture" + end);
    CHECK(reason(std::string("\0\0\0\x1c"
                             "ftypavif",
                             12)) == "it is an AVIF picture" + end);
    CHECK(reason(std::string("II*\0", 4)) == "it is a TIFF picture or a camera's raw picture" + end);
    CHECK(reason(std::string("MM\0*", 4)) == "it is a TIFF picture or a camera's raw picture" + end);
    CHECK(reason("\xff\x0a") == "it is a JPEG XL picture" + end);
    CHECK(reason(std::string("\0\0\0\x14"
                             "ftypqt  ",
                             12)) == "it is a video");
    CHECK(reason("<!DOCTYPE html>") == "it is a web page");
    CHECK(reason("") == "the file is empty");
    CHECK(reason("hello") == "no picture of a known kind; PNG, JPEG, BMP and PNM (PBM, PGM, PPM, PAM) are read");
}
