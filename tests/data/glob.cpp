// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/glob.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("a pattern gives the text in its parenthesis") {
    CHECK(Glob("*_user(*).csv").group("exp01_user07.csv") == "07");
    CHECK(Glob("*_user(*).csv").group("walk/exp01_user07.csv") == "07"); // without / it is held against the name
    CHECK(Glob("(*)-*.csv").group("anna-1-2.csv") == "anna");            // stars are as short as possible
    CHECK(Glob("(*)*").group("abc") == "");
    CHECK(Glob("(u*)_*").group("u12_a") == "u12");
    CHECK(Glob("(*)/*.csv").group("anna/1.csv") == "anna");
    CHECK_FALSE(Glob("(*)/*.csv").group("x/anna/1.csv")); // a star holds no /
    CHECK_FALSE(Glob("*_user(*).csv").group("exp01.csv"));
    CHECK_FALSE(Glob("a(*)").group("ba"));
}

TEST_CASE("a pattern of many stars that does not match ends soon") {
    const std::string stars = "*a*a*a*a*a*a*a*a*a*a(*)b";
    CHECK_FALSE(Glob(stars).group(std::string(2000, 'a')));
}

TEST_CASE("a pattern has one parenthesis") {
    for (const char* pattern : {"*", "(*", "*)", "(*)(*)", ")*("})
        CHECK(error_of([&] { Glob{pattern}; }).find("expected one parenthesis") != std::string::npos);
}
