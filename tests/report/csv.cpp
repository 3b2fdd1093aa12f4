// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/csv.hpp"
#include <doctest/doctest.h>

using tinysparse::report::csv_cell;

TEST_CASE("cells are quoted where RFC 4180 asks for it") {
    CHECK(csv_cell("walking") == "walking");
    CHECK(csv_cell("") == "");
    CHECK(csv_cell("a,b") == "\"a,b\"");
    CHECK(csv_cell("a \"b\"") == "\"a \"\"b\"\"\"");
    CHECK(csv_cell("a\nb") == "\"a\nb\"");
    CHECK(csv_cell("a\rb") == "\"a\rb\"");
    CHECK(csv_cell("walking", true) == "\"walking\"");
    CHECK(csv_cell("Größe; 1") == "Größe; 1");
}

TEST_CASE("a text that a spreadsheet would take for a formula begins with an apostrophe, a number does not") {
    CHECK(csv_cell("=1+1") == "'=1+1");
    CHECK(csv_cell("=HYPERLINK(\"http://x\",\"y\")") == "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    CHECK(csv_cell("@SUM(A1)") == "'@SUM(A1)");
    CHECK(csv_cell("+cmd|' /C calc'!A0") == "'+cmd|' /C calc'!A0");
    CHECK(csv_cell("-2+3") == "'-2+3");
    CHECK(csv_cell("\tx") == "'\tx");
    CHECK(csv_cell("\rx") == "\"'\rx\"");
    CHECK(csv_cell("=x", true) == "\"'=x\"");
    for (const char* word : {"-1", "+1", "-1.5e-3", "0", "a=b", "'=x", "x-1"}) CHECK(csv_cell(word) == word);
    for (const char* word : {"-nan", "-inf", "-", "+-1", "-1x", "--1"})
        CHECK(csv_cell(word) == std::string("'") + word);
}
