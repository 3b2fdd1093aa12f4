// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/hexadecimal.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("64-bit numbers go to 16 hexadecimal digits and back") {
    CHECK(hexadecimal(0) == "0000000000000000");
    CHECK(hexadecimal(0x0123456789abcdefull) == "0123456789abcdef");
    CHECK(hexadecimal(~std::uint64_t{0}) == "ffffffffffffffff");
    for (std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1} << 63, ~std::uint64_t{0}, std::uint64_t{12345}})
        CHECK(parse_hexadecimal(hexadecimal(number)) == number);
    CHECK(parse_hexadecimal("Ff") == 255u);
    for (const char* word : {"", "-1", "0x1", "g", "1 ", "00000000000000000"}) {
        CAPTURE(word);
        CHECK(!parse_hexadecimal(word));
    }
}
