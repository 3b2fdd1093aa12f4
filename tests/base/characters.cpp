// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/characters.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("characters are read with their lengths, and bytes that are none stand alone") {
    // Unicode's table 3-7 of well-formed sequences: first and last of each row, and what lies just outside.
    struct Row {
        const char* bytes;
        std::uint32_t code; // 0: not well-formed
    };
    for (const Row& row :
         {Row{"A", 'A'}, Row{"\xc2\x80", 0x80}, Row{"\xdf\xbf", 0x7ff}, Row{"\xe0\xa0\x80", 0x800},
          Row{"\xed\x9f\xbf", 0xd7ff}, Row{"\xee\x80\x80", 0xe000}, Row{"\xef\xbf\xbf", 0xffff},
          Row{"\xf0\x90\x80\x80", 0x10000}, Row{"\xf4\x8f\xbf\xbf", 0x10ffff}, Row{"\xc1\xbf", 0},
          Row{"\xe0\x9f\xbf", 0}, Row{"\xed\xa0\x80", 0}, Row{"\xf0\x8f\xbf\xbf", 0}, Row{"\xf4\x90\x80\x80", 0},
          Row{"\xf5\x80\x80\x80", 0}, Row{"\x80", 0}, Row{"\xe2\x82", 0}}) {
        CAPTURE(row.code);
        const Character character = character_at(row.bytes, 0);
        CHECK(character.valid == (row.code != 0));
        CHECK(character.bytes == (row.code ? std::string(row.bytes).size() : 1));
        if (row.code == 0) continue;
        CHECK(character.code == row.code);
        std::string again;
        append_utf8(again, row.code);
        CHECK(again == row.bytes);
    }
}

TEST_CASE("what a terminal obeys is written out, all else stays") {
    CHECK(printable("plain 1 < 2, Größe, \xe6\xbc\xa2, \xf0\x9f\x98\x80 \\x1b") ==
          "plain 1 < 2, Größe, \xe6\xbc\xa2, \xf0\x9f\x98\x80 \\x1b");
    CHECK(printable("\x1b[2J\x1b]0;title\x07") == "\\x1b[2J\\x1b]0;title\\x07");
    CHECK(printable(std::string_view("a\0b", 3)) == "a\\x00b");
    CHECK(printable("a\tb\rc\x7f") == "a\\x09b\\x0dc\\x7f");
    CHECK(printable("\xc2\x9b"
                    "31m") == "\\x9b31m"); // CSI of C1
    CHECK(printable("one\ntwo") == "one\\x0atwo");
    CHECK(printable("one\ntwo\x1b", true) == "one\ntwo\\x1b");
    CHECK(printable("\xfc"
                    "ber \xff") == "\\xfcber \\xff"); // Latin-1
    CHECK(printable("\xe2\x80\xae"
                    "gpj.exe") == "\\u{202e}gpj.exe");
    for (const char* mark : {"\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6",
                             "\xe2\x81\xa9", "\xe2\x80\xa8", "\xe2\x80\xa9"})
        CHECK(printable(mark).starts_with("\\u{"));
    CHECK(printable("\xe2\x80\xaf\xe2\x80\x8b") == "\xe2\x80\xaf\xe2\x80\x8b"); // a narrow space and one of no width
}

TEST_CASE("control characters are found, marks and other bytes are none") {
    CHECK(control_character("a\x1b") == "\\x1b");
    CHECK(control_character(std::string_view("\0", 1)) == "\\x00");
    CHECK(control_character("\xc2\x85") == "\\x85");
    CHECK(control_character("a\tb") == "\\x09");
    CHECK(control_character("\x7f") == "\\x7f");
    for (const char* fine : {"", "walking fast", "Größe", "\xfc", "\xe2\x80\xae", "\xc2\xa0"})
        CHECK_FALSE(control_character(fine));
}
