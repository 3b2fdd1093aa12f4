// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/inflate.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {
/// Raw deflate data of Python's zlib at level 9: one block with codes of its own.
const char* const deflated_table =
    "5d923b0ac3400c05fb9c620f90c22bedf7380e3810304993fb13c23e15e376909f356f75bede47dad2e799f6f4dd1fe7714fdbedfcc30c98"
    "1734c0b2a003ce050b3f6f8b5650ab8b3650d76ce7bf943b409b5698a043db668ab928cd4c11f9e2d68569d74d987e41e9e7b107055b4cd3"
    "70aa8d4c458fb5e9d8f54c46c7ac6ca36455885172aa6aa364512546c9194740cb12d9b49c1142cb1a7bd3728852b2a912a7a4e96d9c9243"
    "214ec91a674a4953534ec9a13b734a36b9fbe55663414ae698be48aa6ebf58b6db0f";

std::string inflated(std::string_view deflated) {
    std::string out;
    CHECK(inflate(deflated, 1 << 20, out) == deflated.size());
    return out;
}
std::string reason(std::string_view deflated) {
    std::string out;
    return error_of([&] { inflate(deflated, 1000, out); });
}
} // namespace

TEST_CASE("blocks of the three kinds") {
    std::string lines;
    for (int i = 0; i < 40; ++i)
        lines += "line " + std::to_string(i) + " of a table, " + std::to_string(i * i % 97) + "\n";
    CHECK(inflated(from_hex(deflated_table)) == lines);
    CHECK(crc32(inflated(from_hex(deflated_table))) == 2050681079u); // of Python's zlib
    CHECK(inflated(from_hex("4b0400")) == "a");                      // the codes of the standard
    CHECK(inflated(from_hex("010300fcff616263")) == "abc");          // stored
    CHECK(inflated(from_hex("000100feff61"
                            "010200fdff6263")) == "abc"); // two stored blocks
    CHECK(inflated(from_hex("4b4c040300")) == "aaaaaaa"); // a repeat that overlaps itself
    CHECK(inflated(from_hex("0300")) == "");
}

TEST_CASE("bytes behind the data are neither used nor needed") {
    std::string out = "before ";
    CHECK(inflate(from_hex("4b040061626364656667"), 100, out) == 3);
    CHECK(out == "before a");
}

TEST_CASE("damaged data say what is wrong") {
    CHECK(reason("") == "the packed data end within a code");
    CHECK(reason("\x07") == "the packed data have a block of no known kind");
    CHECK(reason(from_hex("010300fcfe616263")) == "the packed data have a damaged stored block");
    CHECK(reason(from_hex("010300fcff6162")) == "the packed data end within a stored block");
    CHECK(reason(from_hex("4b0402")) != "no error");                                      // cut
    CHECK(reason(from_hex("0302")) == "the packed data repeat bytes before their first"); // 3 back by 1 at the start
    CHECK(reason(from_hex("fdff")) != "no error");
    const std::string whole = from_hex(deflated_table);
    for (std::size_t length = 0; length < whole.size(); ++length) CHECK(reason(whole.substr(0, length)) != "no error");
    std::string out;
    CHECK(error_of([&] { inflate(whole, 902, out); }) == "more than 902 bytes are packed");
}
